//! Values that cannot be; surveys and dispositions.

use super::*;

fn scores(more: Value) -> Vec<(Kind, String)> {
    derived(ended(more))
        .facts
        .into_iter()
        .filter(|fact| matches!(fact.kind, Kind::Csat | Kind::Nps | Kind::LikeDislike))
        .map(|fact| (fact.kind, fact.text.to_owned()))
        .collect()
}

#[test]
fn whole_scores_within_their_scale_count_whatever_the_survey_is_called() {
    let all = json!({"csatScore": 4, "npsScore": 10.0, "likeDislikeScore": 0, "surveyType": "nps"});
    let expected = [
        (Kind::Csat, "4"),
        (Kind::Nps, "10"),
        (Kind::LikeDislike, "dislike"),
    ];
    assert_eq!(
        scores(all),
        expected.map(|(kind, text)| (kind, text.to_owned()))
    );
    assert_eq!(
        scores(json!({"likeDislikeScore": 1})),
        [(Kind::LikeDislike, "like".to_owned())]
    );
    assert_eq!(
        scores(json!({"npsScore": 0})),
        [(Kind::Nps, "0".to_owned())]
    );
}

#[test]
fn scores_that_cannot_be_are_refused() {
    let cases = [
        (json!({"csatScore": 0}), "csatScore", Reason::OutOfRange),
        (json!({"csatScore": 6}), "csatScore", Reason::OutOfRange),
        (json!({"csatScore": 4.5}), "csatScore", Reason::NotWhole),
        (
            json!({"csatScore": "four"}),
            "csatScore",
            Reason::Unreadable,
        ),
        (json!({"csatScore": "inf"}), "csatScore", Reason::Unreadable),
        (json!({"csatScore": [4]}), "csatScore", Reason::WrongType),
        (json!({"csatScore": true}), "csatScore", Reason::WrongType),
        (json!({"npsScore": 11}), "npsScore", Reason::OutOfRange),
        (json!({"npsScore": -1}), "npsScore", Reason::OutOfRange),
        (json!({"npsScore": 1e300}), "npsScore", Reason::OutOfRange),
        (
            json!({"likeDislikeScore": 2}),
            "likeDislikeScore",
            Reason::OutOfRange,
        ),
    ];
    for (more, field, reason) in cases {
        assert_eq!(scores(more.clone()), [], "{more}");
        assert_eq!(rejects(&derived(ended(more))), [(field, reason)]);
    }
    assert_eq!(rejects(&derived(ended(json!({"csatScore": ""})))), []);
}

#[test]
fn a_number_past_all_numbers_costs_its_own_value_only() {
    let text = r#"{"sessionId":"s","csatScore":1e999,"npsScore":3,"x":1e999,"metaInfo":{"\ud800":"\ud800"},
        "sessionEndTime":"2026-09-01T10:05:00","finalStatus":"\ud800","channel":"Voi\u0063e"}"#;
    let raw = RawValue::from_string(text.to_owned()).unwrap();
    let record = Record::read(&*raw).unwrap();
    let derived = derive(&record, &CONTEXT).unwrap();
    assert_eq!(rejects(&derived), [("csatScore", Reason::OutOfRange)]);
    assert_eq!(facts(&derived, Kind::Nps).len(), 1);
    assert_eq!(facts(&derived, Kind::FinalStatus), [(0, "", "\u{fffd}", 0)]);
    assert_eq!(derived.conversation.unwrap().channel, "Voice");
}

#[test]
fn durations_that_cannot_be_are_refused() {
    let agent = |seconds: Value| {
        let agent = json!({"firstResponseDuration": seconds});
        derived(ended(
            json!({"destinations": [entry(json!({"respondingAgent": agent}))]}),
        ))
    };
    for (seconds, reason) in [
        (json!(-1), Reason::Negative),
        (json!(-0.5), Reason::Negative),
        (json!(1e300), Reason::OutOfRange),
        (json!("-20"), Reason::Negative),
        (json!("20 s"), Reason::Unreadable),
        (json!({"s": 20}), Reason::WrongType),
    ] {
        let derived = agent(seconds);
        assert_eq!(facts(&derived, Kind::FirstResponse), []);
        assert_eq!(rejects(&derived), [("firstResponseDuration", reason)]);
    }
    assert_eq!(
        facts(&agent(json!(0.0004)), Kind::FirstResponse),
        [(0, "Billing", "", 0)]
    );
    assert_eq!(
        facts(&agent(json!(1.9996)), Kind::FirstResponse),
        [(0, "Billing", "", 2_000)]
    );
}

#[test]
fn a_duration_of_ten_years_is_the_longest_there_is() {
    const TEN_YEARS_S: u64 = 10 * 366 * 86_400;
    let response = |seconds: f64| {
        let agent = json!({"firstResponseDuration": seconds});
        derived(ended(
            json!({"destinations": [entry(json!({"respondingAgent": agent}))]}),
        ))
    };
    let longest = response(TEN_YEARS_S as f64);
    assert_eq!(rejects(&longest), []);
    assert_eq!(
        facts(&longest, Kind::FirstResponse),
        [(0, "Billing", "", TEN_YEARS_S * 1000)]
    );
    let longer = response(TEN_YEARS_S as f64 + 0.001);
    assert_eq!(facts(&longer, Kind::FirstResponse), []);
    assert_eq!(
        rejects(&longer),
        [("firstResponseDuration", Reason::OutOfRange)]
    );
}

#[test]
fn a_session_that_ends_before_it_starts_has_no_duration() {
    let derived = derived(ended(json!({"sessionStartTime": "2026-09-01T10:05:01"})));
    assert_eq!(facts(&derived, Kind::SessionDuration), []);
    assert_eq!(rejects(&derived), [("sessionEndTime", Reason::Negative)]);
}

#[test]
fn a_disposition_counts_once_compared_without_case_and_shown_as_it_stands() {
    let list = json!(["Resolved", "RESOLVED", "", null, "Später", "SPÄTER"]);
    let derived = derived(ended(json!({"dispositions": list})));
    let texts: Vec<&str> = facts(&derived, Kind::Disposition)
        .iter()
        .map(|fact| fact.2)
        .collect();
    assert_eq!(texts, ["Resolved", "Später"]);
    assert_eq!(rejects(&derived), []);
}

#[test]
fn values_are_refused_one_by_one_and_the_rest_of_the_list_counts() {
    let derived = derived(ended(
        json!({"dispositions": [1, "Resolved", {"a": []}, "Later"]}),
    ));
    assert_eq!(facts(&derived, Kind::Disposition).len(), 2);
    let reject = Reject {
        field: Field::Dispositions,
        reason: Reason::WrongType,
        values: 2,
    };
    assert_eq!(derived.rejects, [reject]);
}

#[test]
fn empty_strings_are_absent_everywhere() {
    let derived = derived(ended(json!({
        "channel": "", "disconnectingEvent": "", "dispositions": "", "destinations": "",
        "customerinfo": "", "metaInfo": "", "csatScore": "", "npsScore": "", "likeDislikeScore": "",
    })));
    let conversation = derived.conversation.unwrap();
    assert_eq!(
        (conversation.channel, &*conversation.direction),
        ("unknown", "inbound")
    );
    assert_eq!(derived.rejects, []);
    assert_eq!(derived.facts.len(), 4);
}
