//! *Call Details* v2: the same conversations as v1's, and what its page has beside.

use super::*;
use crate::simulator::http::SecondVersion;

impl Bench {
    fn ask_second(&self, place: &str, query: &str, body: &Value) -> reqwest::RequestBuilder {
        let account_id = &self.simulator.contract().account_id;
        let path =
            format!("/agentassist/api/public/analytics/account/{account_id}/v2/{place}{query}");
        self.post(&path)
            .header("content-type", "application/json;charset=UTF-8")
            .body(body.to_string())
    }

    async fn all_of_second(&self, body: &Value) -> Vec<Value> {
        let mut rows = Vec::new();
        for offset in 0..11 {
            let query = format!("?limit=100&offset={offset}");
            let page = good(self.ask_second("calldetails", &query, body)).await;
            let data = page["data"].as_array().cloned().unwrap_or_default();
            if data.is_empty() {
                break;
            }
            rows.extend(data);
        }
        rows
    }
}

/// Takes away what v1 does not have.
fn as_first(mut row: Value) -> Value {
    let fields = row.as_object_mut().expect("a record");
    for name in [
        "isVoicemail",
        "Direction",
        "smartStatus",
        "reason",
        "errorDetails",
        "automationBotIDs",
    ] {
        fields.remove(name);
    }
    if let Some(Value::Object(config)) = row.pointer_mut("/metaInfo/agentTransferConfig") {
        config.remove("lastIntentuserInput");
    }
    for destination in row
        .get_mut("destinations")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        let flat = destination.get("respondingAgent").is_none();
        let agent = if flat {
            destination
        } else {
            &mut destination["respondingAgent"]
        };
        for name in ["ConsultingAgents", "JoinedUsers", "agentChoseTranslate"] {
            agent.as_object_mut().expect("an agent").remove(name);
        }
    }
    row
}

#[tokio::test]
async fn it_tells_of_the_same_conversations_and_the_same_of_them() {
    let bench = bench(roomy()).await;
    let mut body = window("10:00:00", "12:00:00");
    body["selectedFields"] = json!(["customerinfo", "campaigninfo", "snoozeinfo"]);
    let (first, second) = (
        bench.all_pages(&body).await,
        bench.all_of_second(&body).await,
    );
    assert_eq!(ids(&first), ids(&second));
    let (mut ended, mut words) = (0, BTreeMap::<String, usize>::new());
    for (mut first, second) in first.into_iter().zip(second) {
        let told = second.get("Direction").cloned();
        let inside = first["customerinfo"]
            .as_object_mut()
            .and_then(|it| it.remove("Direction"));
        let handed_over = first.get("conversationId").is_some();
        // Bots' own sessions have no direction here.
        assert_eq!(told, inside.filter(|_| handed_over));
        assert_eq!(second.get("isVoicemail").is_some(), handed_over);
        let summary = second["smartStatus"]
            .as_str()
            .expect("a summary")
            .to_owned();
        if first.get("sessionEndTime").is_some() {
            ended += 1;
            *words.entry(summary).or_default() += 1;
        } else {
            assert_eq!(
                (&second["finalStatus"], &first["finalStatus"]),
                (&json!(""), &json!(summary))
            );
            first["finalStatus"] = json!("");
        }
        assert_eq!(as_first(second), first);
    }
    assert!(ended > 400, "{ended}");
    let known = [
        "CLOSED AT BOT",
        "CLOSED",
        "TERMINATED",
        "ABANDONED IN QUEUE",
        "ABANDONED WITH AGENT",
    ];
    assert!(
        known[..2].iter().all(|word| words.contains_key(*word)),
        "{words:?}"
    );
    assert!(
        words.keys().all(|word| known.contains(&word.as_str())),
        "{words:?}"
    );
    assert!(bench.simulator.answers()["page:v2"] > 4);
}

#[tokio::test]
async fn a_direction_may_be_asked_for_and_names_stand_where_the_vendor_has_them() {
    let bench = bench(roomy()).await;
    let mut body = window("09:00:00", "11:00:00");
    let all = bench.all_of_second(&body).await.len();
    let mut parts = 0;
    for word in ["Inbound", "Outbound"] {
        body["direction"] = json!(word);
        let rows = bench.all_of_second(&body).await;
        assert!(
            rows.iter()
                .all(|row| row.get("Direction").is_none_or(|it| it == word))
        );
        parts += rows.len();
    }
    assert_eq!(parts, all);
    body["direction"] = json!("Both");
    let rows = bench.all_of_second(&body).await;
    assert_eq!(rows.len(), all);
    body["direction"] = json!("sideways");
    assert_eq!(
        refused(bench.ask_second("calldetails", "", &body)).await.0,
        412
    );
    // v1 knows no such word.
    assert_eq!(bench.all_pages(&body).await.len(), all);

    let voicemails = rows
        .iter()
        .filter(|row| row["isVoicemail"] == "YES")
        .count();
    assert!(voicemails > 0 && voicemails < all / 20, "{voicemails}");
    let consulted = |row: &Value| {
        row.pointer("/destinations/0/respondingAgent/ConsultingAgents/0/name")
            .cloned()
    };
    let names: Vec<Value> = rows.iter().filter_map(consulted).collect();
    let reasons = rows.iter().filter_map(|row| row["reason"].as_str());
    let named = reasons
        .filter(|reason| reason.contains(':'))
        .map(|it| json!(it));
    let named: Vec<Value> = named.chain(names.iter().cloned()).collect();
    assert!(!names.is_empty() && named.len() > names.len());
    for name in named {
        assert!(
            name.as_str().is_some_and(|it| it.contains(PERSONAL)),
            "{name}"
        );
    }
}

#[tokio::test]
async fn it_has_three_addresses_and_may_lack_or_lie_beyond_the_scope() {
    let bench = bench(roomy()).await;
    let body = window("10:00:00", "10:10:00");
    let mut pages = Vec::new();
    for place in ["calldetails", "callDetails", "interactionDetails"] {
        pages.push(good(bench.ask_second(place, "?limit=100", &body)).await);
    }
    assert!(
        pages.windows(2).all(|pair| pair[0] == pair[1])
            && pages[0]["numResults"].as_u64() > Some(9)
    );
    for (version, status, code) in [
        (SecondVersion::Missing, 404, 4000),
        (SecondVersion::Unscoped, 401, 4002),
    ] {
        bench
            .simulator
            .change(|reading| reading.call_details_v2 = version);
        let found = refused(bench.ask_second("calldetails", "", &body)).await;
        assert_eq!(found, (status, json!(code)));
        assert!(
            !bench.all_pages(&body).await.is_empty(),
            "v1 is not touched"
        );
    }
}
