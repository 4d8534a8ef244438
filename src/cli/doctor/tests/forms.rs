//! The forms in which the lines are written, as docs/troubleshooting.md has them.

use super::super::form::{self, Diagnosis, Line, State};

#[test]
fn the_forms_are_as_documented() {
    let lines = vec![
        Line::new("name", State::Ok, "resolves"),
        Line::new("offset", State::Ok, "counts pages").found("pages"),
        Line::new("scope_configuration", State::Skipped, "not granted"),
    ];
    let diagnosis = Diagnosis::new("acme", 14, lines);
    let web = Line::new("web", State::Ok, "this machine alone is answered").found("loopback");
    let own = "this exporter\n  ok       web                  this machine alone is answered";
    assert_eq!(form::own_text(std::slice::from_ref(&web)), own);
    let text = "account acme\n  \
         ok       name                 resolves\n  \
         ok       offset               counts pages\n  \
         skipped  scope_configuration  not granted";
    assert_eq!(form::text(&diagnosis), text);
    let json: serde_json::Value = serde_json::from_str(&form::json(&[web], &[diagnosis])).unwrap();
    let checks = serde_json::json!([
        {"id": "name", "state": "ok", "text": "resolves"},
        {"id": "offset", "state": "ok", "found": "pages", "text": "counts pages"},
        {"id": "scope_configuration", "state": "skipped", "text": "not granted"},
    ]);
    let account = serde_json::json!(
        {"account": "acme", "state": "ok", "requests": 14, "checks": checks}
    );
    assert_eq!(
        json,
        serde_json::json!({
            "state": "ok",
            "exporter": [{"id": "web", "state": "ok", "found": "loopback", "text": "this machine alone is answered"}],
            "accounts": [account],
        })
    );
    let of = |state| Diagnosis::new("acme", 0, vec![Line::new("tls", state, "")]).state;
    assert_eq!(
        [State::Warning, State::Failed].map(of),
        [State::Warning, State::Failed]
    );
}
