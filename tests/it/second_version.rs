//! *Call Details* v1 and v2 tell of the same conversations: whichever is read, and however often one takes the other's place,
//! every conversation counts once and nothing of it is revised.

use super::counting::Exporter as Counting;
use super::exactly_once::{Story, VERSIONS, stories};
use crate::support::compare::all_differences;
use crate::support::scene::{Scene, Setting, contract, plan_since};
use crate::support::{Centre, Exporter, Home, Page, account, free_address};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use smartassist_exporter::ledger::{Measure, Sample};
use smartassist_exporter::simulator::http::SecondVersion;
use smartassist_exporter::simulator::{Contract, Odd, Oddity, PERSONAL, Witness};
use std::time::{Duration, Instant};

const OF_V2: [Measure; 3] = [
    Measure::Voicemails,
    Measure::Consults,
    Measure::OutcomeDisagreements,
];

/// A story's record as one of the two has it. What a campaign called is told by v1 alone to be outbound.
fn record(story: &Story, version: usize, second: bool) -> Json {
    let mut record = story.version(version);
    let campaign = story.kind == 0 && story.number % 2 == 1;
    let direction = if campaign { "Outbound" } else { "Inbound" };
    if campaign {
        record["channel"] = json!("campaign");
    }
    if !second {
        record["customerinfo"] = json!({"Direction": direction, "CustomerFirstName": "Jane"});
        return record;
    }
    let live = version == 0;
    if live {
        record["finalStatus"] = json!("");
    }
    if story.kind > 0 {
        record["Direction"] = json!(direction);
        record["isVoicemail"] = json!(if is_voicemail(story) && !live {
            "YES"
        } else {
            "NO"
        });
    }
    record["smartStatus"] = json!(match story.kind {
        _ if live => "WithAgent",
        0 => "CLOSED AT BOT",
        1 if disagrees(story) => "TERMINATED",
        1 => "ABANDONED IN QUEUE",
        _ => "CLOSED",
    });
    if let Some(agent) = record.pointer_mut("/destinations/0/respondingAgent") {
        let asked = if version >= 2 { consults(story) } else { 0 };
        let asked = (0..asked)
            .map(|at| json!({"name": "Jane", "assignedAt": format!("2026-09-20T10:00:0{at}")}));
        agent["ConsultingAgents"] = asked.collect();
    }
    record
}

fn is_voicemail(story: &Story) -> bool {
    story.kind == 1 && story.queue == 0
}

fn disagrees(story: &Story) -> bool {
    story.kind == 1 && story.queue == 1
}

fn consults(story: &Story) -> u64 {
    if story.kind == 2 {
        story.queue as u64
    } else {
        0
    }
}

fn both_tell(exporter: &Counting) -> Vec<Sample> {
    let told = |sample: &Sample| !OF_V2.contains(&sample.measure);
    exporter.view().sums.into_iter().filter(told).collect()
}

/// How far the records have come, by which of the two they are read, and whether the process dies of it.
type Step = (usize, bool, bool);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..VERSIONS, any::<bool>(), proptest::bool::weighted(0.2));
    proptest::collection::vec(step, 1..8).prop_map(|mut steps| {
        let mut versions: Vec<usize> = steps.iter().map(|step| step.0).collect();
        versions.sort_unstable();
        for (step, version) in steps.iter_mut().zip(versions) {
            step.0 = version;
        }
        steps
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn whichever_is_read_when_the_sums_are_those_of_one_and_nothing_is_revised(
        stories in stories(), mut steps in steps(), last: bool,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut exporter = Counting::open(folder.path());
        steps.push((VERSIONS - 1, last, false));
        let mut first_by_v2 = None;
        let mut sees_consults = false;
        for (version, second, dies) in steps {
            let records: Vec<Json> = stories.iter().map(|story| record(story, version, second)).collect();
            if dies {
                exporter.read_and_die(&records);
                exporter = exporter.restart(folder.path());
                continue;
            }
            let tally = exporter.read(&records);
            prop_assert!(tally.revised.is_empty() && tally.refused.is_empty(), "{tally:?}");
            if version > 0 {
                first_by_v2.get_or_insert(second);
            }
            sees_consults |= second && version >= 2;
        }
        let other = tempfile::tempdir().unwrap();
        let mut once = Counting::open(other.path());
        let finished: Vec<Json> = stories.iter().map(|story| record(story, VERSIONS - 1, false)).collect();
        once.read(&finished);
        prop_assert_eq!(both_tell(&exporter), both_tell(&once));
        prop_assert_eq!(once.count(Measure::Conversations), stories.len() as u64);

        // What v2 alone tells is told of the conversations that were first counted from it.
        let by_v2 = first_by_v2 == Some(true);
        let sum = |of: &dyn Fn(&Story) -> u64, holds: bool| if holds { stories.iter().map(of).sum() } else { 0 };
        let expected = [
            sum(&|story| is_voicemail(story).into(), by_v2),
            sum(&consults, by_v2 && sees_consults),
            sum(&|story| disagrees(story).into(), by_v2),
        ];
        prop_assert_eq!(OF_V2.map(|measure| exporter.count(measure)), expected);
    }
}

/// What the page counts of revisions and corrections: nothing, if all is well.
fn revisions(page: &Page) -> f64 {
    page.sum("smartassist_exporter_revised_facts_total", &[])
        + page.sum("smartassist_corrections_total", &[])
}

fn pages(centre: &Centre, sort: &str) -> u64 {
    centre
        .simulator
        .answers()
        .get(sort)
        .copied()
        .unwrap_or_default()
}

fn configure(home: &Home, centre: &Centre, version: &str) {
    let keys = format!("requests_per_minute: 60000, call_details: {version}, ");
    let account = account("acme", &centre.url, centre.simulator.contract(), &keys);
    home.configure(&format!(
        "{account}poll: {{interval: 1s, settle: 1s, revisit: 0.005, initial_lookback: 2h, max_lookback: 1d}}\n\
         metrics: {{zero_first: 0s}}\n"
    ));
}

#[test]
fn switched_by_signal_and_by_kill_in_either_direction_it_counts_every_conversation_once() {
    let centre = Centre::open(plan_since(30 * 60, 2_500.0), contract());
    let home = Home::new("");
    configure(&home, &centre, "v1");
    let serve = || {
        let exporter = home.serve();
        exporter.wait_for("an answer", 20, |page| !page.samples.is_empty());
        exporter
    };
    let mut exporter = serve();
    let mut delay_ms = 40_u64;
    for round in 0..6 {
        let second = round % 2 == 0;
        configure(&home, &centre, if second { "v2" } else { "v1" });
        delay_ms = (delay_ms * 7 + 131) % 900;
        if round % 3 == 1 {
            exporter.kill();
            exporter = serve();
        } else {
            exporter.send("HUP");
        }
        let of_v2 = || pages(&centre, "page:v2");
        let of_v1 = || pages(&centre, "page") - of_v2();
        let before = if second { of_v2() } else { of_v1() };
        let deadline = Instant::now() + Duration::from_secs(20);
        while before == if second { of_v2() } else { of_v1() } {
            assert!(Instant::now() < deadline, "{}", home.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        // In the middle of what comes next.
        std::thread::sleep(Duration::from_millis(delay_ms));
    }
    centre.simulator.freeze();
    // What only v2 tells is told of some alone.
    let witness = Witness::default();
    assert!(centre.simulator.truth(&witness).counted > 800);
    let left = |page: &Page| -> Vec<String> {
        let all = all_differences(page, &centre.simulator, &witness);
        let of_v2 = |it: &String| {
            OF_V2
                .iter()
                .any(|measure| it.starts_with(measure.metric().name))
        };
        all.into_iter().filter(|it| !of_v2(it)).collect()
    };
    for version in ["v2", "v1"] {
        configure(&home, &centre, version);
        exporter.send("HUP");
        let page = exporter.comes_to(60, left);
        assert_eq!(revisions(&page), 0.0, "{}", page.own());
    }
    // Read on: nothing is counted twice.
    let polls = |page: &Page| page.sum("smartassist_exporter_polls_total", &[("result", "ok")]);
    let before = polls(&exporter.page());
    let page = exporter.wait_for("two more polls", 30, |page| polls(page) >= before + 2.0);
    assert_eq!(left(&page), [""; 0]);
    assert_eq!(revisions(&page), 0.0);
}

fn second(change: impl FnOnce(&mut Setting)) -> Scene {
    let mut setting = Setting::of(1_500.0);
    setting.account.push_str("call_details: v2, ");
    change(&mut setting);
    let mut scene = Scene::new(setting);
    scene.witness.second = true;
    scene
}

#[test]
fn read_alone_it_comes_to_the_truth_with_voicemails_consults_and_disagreements() {
    let scene = second(|setting| {
        setting.reading.oddity = vec![Odd {
            oddity: Oddity::SmartStatusWrong,
            part: 0.1,
        }];
    });
    let exporter = scene.serve();
    exporter.wait_for("the first counts", 60, |page| {
        page.sum("smartassist_conversations_total", &[]) > 0.0
    });
    // Running conversations are seen in it, too.
    let live = [("source", "call_details")];
    exporter.wait_for("the queue now", 20, |page| {
        page.value("smartassist_exporter_live_up", &live) == Some(1.0)
    });
    exporter.kill();
    let exporter = scene.serve();
    scene.ends_with_the_truth(&exporter, 60);
    let page = exporter.page();
    for measure in OF_V2 {
        assert!(page.sum(measure.metric().name, &[]) > 0.0, "{measure:?}");
    }
    assert_eq!(revisions(&page), 0.0);
    assert_eq!(
        page.sum("smartassist_exporter_rejected_values_total", &[]),
        0.0
    );
    assert_eq!(
        pages(&scene.centre, "page"),
        pages(&scene.centre, "page:v2")
    );
    // Names stand in all of it: beside the intent, among the consulted, as a reason. None is kept or said.
    let said = [exporter.get("/metrics").unwrap().1, scene.home.log()];
    let data = std::fs::read_dir(scene.home.folder.path().join("data")).unwrap();
    let kept = data.map(|file| std::fs::read(file.unwrap().path()).unwrap());
    let all: Vec<Vec<u8>> = said
        .into_iter()
        .map(String::into_bytes)
        .chain(kept)
        .collect();
    assert!(all.iter().map(Vec::len).sum::<usize>() > 100_000);
    let personal = |bytes: &[u8]| {
        bytes
            .windows(PERSONAL.len())
            .any(|it| it == PERSONAL.as_bytes())
    };
    assert!(!all.iter().any(|bytes| personal(bytes)));
    // Agreement is the rule: what disagrees is what was made to.
    let disagreements = page.sum("smartassist_exporter_outcome_disagreements_total", &[]);
    let counted = page.sum("smartassist_conversations_total", &[]);
    assert!(
        (0.05..0.15).contains(&(disagreements / counted)),
        "{disagreements} of {counted}"
    );
}

#[test]
fn where_there_is_none_the_error_says_to_set_v1_and_v1_goes_on_where_it_stood() {
    let contract = Contract {
        reading: smartassist_exporter::simulator::http::Reading {
            call_details_v2: SecondVersion::Missing,
            ..Default::default()
        },
        ..contract()
    };
    let centre = Centre::open(plan_since(20 * 60, 1_200.0), contract);
    let home = Home::new("");
    configure(&home, &centre, "v1");
    let exporter: Exporter = home.serve_as(free_address(), &[], &["--web.enable-lifecycle"]);
    let counted = |page: &Page| page.sum("smartassist_conversations_total", &[]);
    let page = exporter.wait_for("the first counts", 20, |page| counted(page) > 0.0);
    let before = counted(&page);
    configure(&home, &centre, "v2");
    assert_eq!(exporter.reload().0, 200);
    let failed =
        |page: &Page| page.sum("smartassist_exporter_polls_total", &[("result", "failed")]);
    let page = exporter.wait_for("a failure", 20, |page| failed(page) > 0.0);
    assert!(counted(&page) >= before, "what was counted stays on show");
    assert_eq!(page.sum("smartassist_exporter_up", &[]), 0.0);
    let log = home.log();
    assert!(
        log.contains("set the account's `call_details: v1`"),
        "{log}"
    );

    configure(&home, &centre, "v1");
    assert_eq!(exporter.reload().0, 200);
    centre.simulator.freeze();
    let witness = Witness::default();
    let up = |page: &Page| page.sum("smartassist_exporter_up", &[]);
    exporter.wait_for("it is up again", 30, |page| up(page) == 1.0);
    exporter.comes_to(30, |page| {
        all_differences(page, &centre.simulator, &witness)
    });
}
