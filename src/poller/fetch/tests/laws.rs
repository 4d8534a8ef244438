//! However a server reads the vendor's page.

use super::*;
use proptest::prelude::*;

fn servers() -> impl Strategy<Value = Server> {
    let total = prop_oneof![
        Just(Total::Missing),
        Just(Total::OfWindow),
        Just(Total::OfPage),
        Just(Total::Nonsense)
    ];
    let paging = prop_oneof![
        2 => Just(Paging::Plain),
        2 => (11usize..=100).prop_map(Paging::Capped),
        2 => (11usize..=100).prop_map(Paging::Cut),
        1 => (2usize..100).prop_map(Paging::Filtered),
        1 => Just(Paging::TwoStores),
        1 => Just(Paging::FromOne),
    ];
    let sessions = prop::collection::vec(0i64..900, 0..1_500);
    let beyond = prop_oneof![
        2 => Just(Beyond::Empty),
        1 => Just(Beyond::Refused),
        1 => Just(Beyond::Fails),
    ];
    let bools = any::<[bool; 5]>();
    (
        sessions,
        bools,
        total,
        (paging, beyond),
        0usize..20,
        -56i32..=56,
    )
        .prop_map(
            |(sessions, bools, total, (paging, beyond), extra, quarters)| {
                let [by_rows, newest_first, ignores_offset, shuffles, no_data] = bools;
                let plain = paging == Paging::Plain && !by_rows && !ignores_offset;
                Server {
                    // Nothing but the total would tell of the rows that others hide.
                    shuffles: shuffles && plain && total == Total::OfWindow,
                    beyond,
                    by_rows: by_rows && paging == Paging::Plain,
                    newest_first,
                    ignores_offset: ignores_offset && paging == Paging::Plain,
                    total: match paging {
                        // Nothing else would tell of the rows behind an empty page, or of those that one page lacks.
                        Paging::FromOne | Paging::Cut(_) => Total::OfWindow,
                        _ => total,
                    },
                    // Beside a number that is no truth it would be no page.
                    no_data: no_data && matches!(total, Total::OfWindow | Total::OfPage),
                    paging,
                    extra,
                    zone_s: quarters * 900,
                    ..Server::of(sessions.into_iter().map(|at| START + at))
                }
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// However the server reads the vendor's page: an account that is read for the first time gets all, or is told
    /// which part is not all. Any page sizes and seams give one result.
    #[test]
    fn nothing_is_silently_cut_off(server in servers()) {
        let fresh = Start { manners: Manners::default(), ..start(window(900)) };
        let parts = match server.try_fetch(fresh, &mut Splits::default()) {
            Ok(parts) => parts,
            // Told as well: the poll fails.
            Err(Failed) => {
                prop_assert_eq!(server.beyond, Beyond::Fails);
                return Ok(());
            }
        };
        let had = ids(&parts);
        for (at, number) in server.inside(window(900)) {
            let id = format!("{at:08x}{number:016x}");
            let told = |part: &Had| {
                part.shortfall.is_some() && (part.window.from_s..=part.window.to_s).contains(&at)
            };
            prop_assert!(had.contains(&id) || parts.iter().any(told), "{at} is missing");
        }
        let mut covered: Vec<_> = parts.iter().map(|it| (it.window.from_s, it.window.to_s)).collect();
        covered.sort_unstable();
        prop_assert!(covered.windows(2).all(|pair| pair[0].1 == pair[1].0));
        prop_assert_eq!((covered[0].0, covered[covered.len() - 1].1), (START, START + 900));
    }
}
