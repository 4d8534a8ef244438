//! Series of agents beside those without one.

use super::*;

fn handled(id: &'static str, agent: Option<&'static str>) -> Derived<'static> {
    let of_agent = |kind, text, millis| Fact {
        queue: Some(BILLING),
        agent,
        millis,
        ..fact(kind, text)
    };
    with(
        answered(Some(id), None),
        [
            of_agent(Kind::AgentPickup, "", 3_000),
            of_agent(Kind::FirstResponse, "", 4_000),
            of_agent(Kind::Interaction, "", 60_000),
            of_agent(Kind::AfterCallWork, "", 9_000),
            of_agent(Kind::NonResponse, "Ignored", 0),
        ],
    )
}

fn bench(per_agent: bool) -> Bench {
    Bench::with(Policy {
        targets: targets(),
        max_series_per_metric: 100,
        per_agent,
    })
}

fn by_agent(bench: &Bench) -> Vec<String> {
    let sums = bench.sums().into_iter();
    sums.filter(|line| line.starts_with("ByAgent")).collect()
}

#[test]
fn agents_have_series_beside_those_without_one() {
    let (mut with, mut without) = (bench(true), bench(false));
    for bench in [&mut with, &mut without] {
        bench.read(&[
            handled("c-1", Some("a-1")),
            handled("c-2", Some("a-2")),
            handled("c-3", None),
        ]);
    }
    assert_eq!(by_agent(&without), [""; 0]);
    let mut plain = with.sums();
    plain.retain(|line| !line.starts_with("ByAgent"));
    assert_eq!(plain, without.sums());
    assert_eq!(
        by_agent(&with),
        [
            "ByAgentAfterCallWork{Voice,Billing,a-1} 1 in 9000 ms",
            "ByAgentAfterCallWork{Voice,Billing,a-2} 1 in 9000 ms",
            "ByAgentFirstResponse{Voice,Billing,a-1} 1 in 4000 ms",
            "ByAgentFirstResponse{Voice,Billing,a-2} 1 in 4000 ms",
            "ByAgentInteraction{Voice,Billing,a-1} 1 in 60000 ms",
            "ByAgentInteraction{Voice,Billing,a-2} 1 in 60000 ms",
            "ByAgentNonresponses{Voice,Billing,a-1} 1",
            "ByAgentNonresponses{Voice,Billing,a-2} 1",
            "ByAgentPickup{Voice,Billing,a-1} 1 in 3000 ms",
            "ByAgentPickup{Voice,Billing,a-2} 1 in 3000 ms",
        ]
    );
}

#[test]
fn switching_agents_off_and_on_changes_no_series_without_one_and_lets_none_fall() {
    let mut bench = bench(true);
    let mut always_off = self::bench(false);
    for (id, per_agent) in [("c-1", true), ("c-2", false), ("c-3", true)] {
        bench.ledger.policy.per_agent = per_agent;
        bench.read(&[handled(id, Some("a-1"))]);
        always_off.read(&[handled(id, Some("a-1"))]);
        let mut plain = bench.sums();
        plain.retain(|line| !line.starts_with("ByAgent"));
        assert_eq!(plain, always_off.sums());
    }
    let pickup = bench.sum("ByAgentPickup{Voice,Billing,a-1}");
    assert_eq!(
        pickup.as_deref(),
        Some("2 in 6000 ms"),
        "what was counted while on"
    );
}

#[test]
fn what_overflows_of_agents_is_told_only_while_they_are_shown() {
    let mut bench = bench(true);
    bench.ledger.policy.max_series_per_metric = 1;
    bench.read(&[handled("c-1", Some("a-1")), handled("c-2", Some("a-2"))]);
    let line = "ByAgentNonresponses{__overflow__,__overflow__,__overflow__}";
    assert_eq!(bench.sum(line).as_deref(), Some("1"));
    let told = |bench: &Bench| {
        let showing = Showing {
            account: "acme".into(),
            sums: true,
            windows: Vec::new(),
        };
        bench
            .ledger
            .view(&showing)
            .overflowed
            .iter()
            .any(|(measure, _)| measure.shape().agent)
    };
    assert!(told(&bench));
    bench.ledger.policy.per_agent = false;
    assert!(!told(&bench));
}

#[test]
fn a_sum_of_the_first_version_goes_to_its_measure_and_to_its_agent() {
    let [channel, id, name, direction, agent] = [2, 3, 4, 5, 6].map(Sym);
    let queue = QueueSym { id, name };
    let stored = |agent| [channel, id, name, direction, Sym::ABSENT, agent];
    let keys = |measure, stored| SeriesKey::of_first_version(measure, stored).collect::<Vec<_>>();
    let plain = SeriesKey {
        measure: Measure::Interaction,
        channel,
        queue,
        own: Own::directed(direction, Sym::ABSENT),
    };
    let by_agent = SeriesKey {
        measure: Measure::ByAgentInteraction,
        own: Own::agent(agent),
        ..plain
    };
    assert_eq!(keys(Measure::Interaction, stored(agent)), [plain, by_agent]);
    assert_eq!(keys(Measure::Interaction, stored(Sym::ABSENT)), [plain]);
    let overflow = [
        Sym::OVERFLOW,
        Sym::ABSENT,
        Sym::OVERFLOW,
        Sym::OVERFLOW,
        Sym::OVERFLOW,
        Sym::ABSENT,
    ];
    for measure in Measure::ALL
        .iter()
        .filter(|measure| measure.is_sum() && !measure.shape().agent && measure.shape().channel)
    {
        assert_eq!(keys(*measure, overflow), [SeriesKey::overflow(*measure)]);
    }
}

#[test]
fn a_series_is_stored_and_read_back_as_itself() {
    for measure in Measure::ALL
        .iter()
        .copied()
        .filter(|measure| measure.is_sum())
    {
        let shape = measure.shape();
        let sym = |has: bool, number| if has { Sym(number) } else { Sym::ABSENT };
        let key = SeriesKey {
            measure,
            channel: sym(shape.channel, 2),
            queue: QueueSym {
                id: sym(shape.queue, 3),
                name: sym(shape.queue, 4),
            },
            own: Own {
                direction: sym(shape.direction, 5),
                word: sym(shape.word, 6),
                agent: sym(shape.agent, 7),
                from: sym(shape.change, 8),
                to: sym(shape.change, 9),
            },
        };
        assert_eq!(SeriesKey::from_syms(measure, key.syms()), key);
    }
}

#[test]
fn stored_measures_keep_their_numbers() {
    let mut stored: Vec<u8> = Measure::ALL
        .iter()
        .filter(|measure| measure.is_sum())
        .map(|measure| *measure as u8)
        .collect();
    stored.sort_unstable();
    assert_eq!(stored, (0..32).collect::<Vec<u8>>());
    let first = [
        Measure::Conversations,
        Measure::LikeDislike,
        Measure::ByAgentPickup,
    ];
    assert_eq!(first.map(|measure| measure as u8), [0, 19, 20]);
    assert_eq!(Measure::from_u8(64), None, "gauges are never stored");
}
