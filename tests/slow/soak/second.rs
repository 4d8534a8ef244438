//! Others on the same state: refused with words, and the first goes on.

use super::life::ends;
use super::step::{Shows, Step};

pub fn steps() -> Vec<Step> {
    let one = |name: &str, flags: &'static [&'static str]| {
        Step::new(
            name,
            Shows::Is("smartassist_exporter_up", 1.0),
            &["in use by another process", "hint: "],
            move |life| {
                let process = life.exporter().id();
                let mut second = life.another(flags);
                ends(&mut second);
                assert_eq!(second.code(), Some(1), "{}", life.said());
                life.is_told();
                assert_eq!(life.exporter().id(), process);
                life.polls(2.0);
            },
        )
    };
    vec![
        one("a second process on the same state", &[]),
        one("a second one that is to rebuild it", &["--storage.rebuild"]),
    ]
}
