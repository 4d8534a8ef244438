//! Whether a number keeps its target, in a word that stands beside it.

use super::{Figure, WallNumbers};
use serde::Serialize;

/// Fewer offered than this are shown and not judged, as on the boards: one call of three is no 33 %.
pub(super) const FEW: u64 = 20;

/// Whatever is further beyond its target than this is equally bad.
const MOST_TIMES: f64 = 1000.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    Ok,
    Beyond,
    Unjudged,
}

/// What there is to say of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Judged {
    pub verdict: Verdict,
    pub words: &'static str,
    /// How many times what its target allows it has used up; 0 unless beyond.
    pub times: f64,
}

/// All numbers of an account or a queue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Judgement {
    pub waiting: Judged,
    pub longest_wait: Judged,
    pub agents_available: Judged,
    pub with_agent: Judged,
    pub service_level: Judged,
    pub abandonment: Judged,
    pub offered: Judged,
}

impl Judgement {
    pub(super) fn of(numbers: &WallNumbers, now_s: i64) -> Judgement {
        let offered = numbers.offered.and_then(|figure| figure.at(now_s));
        let few = offered.is_some_and(|offered| offered < FEW);
        Judgement {
            waiting: said(numbers.waiting, now_s),
            longest_wait: longest_wait(numbers, now_s),
            agents_available: agents_available(numbers, now_s),
            with_agent: said(numbers.with_agent, now_s),
            service_level: service_level(numbers, few, now_s),
            abandonment: abandonment(numbers, few, now_s),
            offered: said(numbers.offered, now_s),
        }
    }

    /// The number that is furthest beyond its target, with what it is called (nothing, where the words say all).
    /// Waiting where nobody answers comes first.
    pub(super) fn worst(&self) -> Option<(&'static str, Judged)> {
        let named = [
            ("", self.agents_available),
            ("longest wait", self.longest_wait),
            ("abandonment", self.abandonment),
            ("service level", self.service_level),
        ];
        let beyond = named
            .into_iter()
            .filter(|(_, judged)| judged.verdict == Verdict::Beyond);
        // Of equals the first is kept.
        beyond.reduce(|worst, next| {
            if next.1.times > worst.1.times {
                next
            } else {
                worst
            }
        })
    }
}

impl Judged {
    fn unjudged(words: &'static str) -> Judged {
        Judged {
            verdict: Verdict::Unjudged,
            words,
            times: 0.0,
        }
    }

    /// `used` is what there is of `allowed`; the words are those of a target that is kept, and of one that is not.
    fn against(beyond: bool, used: f64, allowed: f64, words: [&'static str; 2]) -> Judged {
        let times = if allowed > 0.0 {
            used / allowed
        } else {
            MOST_TIMES
        };
        let [kept, broken] = words;
        if beyond {
            Judged {
                verdict: Verdict::Beyond,
                words: broken,
                times: times.clamp(1.0, MOST_TIMES),
            }
        } else {
            Judged {
                verdict: Verdict::Ok,
                words: kept,
                times: 0.0,
            }
        }
    }
}

/// A number that has no target.
fn said<T: Copy>(figure: Option<Figure<T>>, now_s: i64) -> Judged {
    known(figure, now_s).map_or_else(|missing| missing, |_| Judged::unjudged(""))
}

/// # Errors
/// What is said instead.
fn known<T: Copy>(figure: Option<Figure<T>>, now_s: i64) -> Result<T, Judged> {
    let figure = figure.ok_or(Judged::unjudged("not known"))?;
    figure.at(now_s).ok_or(Judged::unjudged("too old"))
}

fn longest_wait(numbers: &WallNumbers, now_s: i64) -> Judged {
    let wait_s = match known(numbers.longest_wait_s, now_s) {
        Ok(wait_s) => wait_s,
        Err(missing) => return missing,
    };
    let Some(target_s) = numbers.longest_wait_target_s else {
        return Judged::unjudged("no target");
    };
    let words = ["within target", "above target"];
    Judged::against(wait_s > target_s, wait_s as f64, target_s as f64, words)
}

/// Some wait, nobody is free and nobody is in a conversation: nobody is there. Where all are busy, the wait is judged.
fn agents_available(numbers: &WallNumbers, now_s: i64) -> Judged {
    let available = match known(numbers.agents_available, now_s) {
        Ok(available) => available,
        Err(missing) => return missing,
    };
    let count =
        |figure: Option<Figure<u64>>, value| known(figure, now_s).is_ok_and(|it| (it > 0) == value);
    if available == 0 && count(numbers.waiting, true) && count(numbers.with_agent, false) {
        return Judged::against(true, 1.0, 0.0, ["", "nobody answers"]);
    }
    Judged::unjudged(if available == 0 { "none free" } else { "" })
}

fn service_level(numbers: &WallNumbers, few: bool, now_s: i64) -> Judged {
    let (figure, target) = (numbers.service_level, numbers.service_level_target);
    ratio(figure, target, few, now_s, |level, target| {
        let words = ["meets target", "below target"];
        Judged::against(level < target, 1.0 - level, 1.0 - target, words)
    })
}

fn abandonment(numbers: &WallNumbers, few: bool, now_s: i64) -> Judged {
    let (figure, target) = (numbers.abandonment, numbers.abandonment_target);
    ratio(figure, target, few, now_s, |ratio, target| {
        let words = ["within target", "above target"];
        Judged::against(ratio > target, ratio, target, words)
    })
}

fn ratio(
    figure: Option<Figure<f64>>,
    target: Option<f64>,
    few: bool,
    now_s: i64,
    judge: fn(f64, f64) -> Judged,
) -> Judged {
    match (known(figure, now_s), target) {
        (Err(missing), _) => missing,
        (Ok(_), _) if few => Judged::unjudged("too few to judge"),
        (Ok(_), None) => Judged::unjudged("no target"),
        (Ok(value), Some(target)) => judge(value, target),
    }
}
