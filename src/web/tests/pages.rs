//! The pages for people: their links lead somewhere, and an alert's to what it is about.

use super::*;

/// What the links of a page lead to.
fn links(page: &str) -> Vec<&str> {
    page.split("<a href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect()
}

#[tokio::test]
async fn every_link_of_a_page_is_relative_and_leads_somewhere() {
    for path in ["/", "/runbooks"] {
        let page = get(serving(&[published("acme")]), path).await.body;
        let links = links(&page);
        assert!(links.len() > 10, "{links:?}");
        for link in links {
            assert!(!link.starts_with('/') && !link.contains(':'), "{link}");
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            if file.is_empty() {
                let section = format!("id=\"{anchor}\"");
                assert!(page.contains(&section), "{path} has no {section}");
                continue;
            }
            let answer = get(serving(&[published("acme")]), &format!("/{file}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{link}");
            assert!(!answer.body.is_empty(), "{link}");
        }
    }
}

#[tokio::test]
async fn every_alert_that_ships_has_a_runbook_at_its_own_name() {
    let answer = get(serving(&[]), "/runbooks").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header(CONTENT_TYPE), "text/html; charset=utf-8");
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    let mut alerts = 0;
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/alerts")).unwrap() {
        let path = file.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let rules = std::fs::read_to_string(path).unwrap();
        let mut name = "";
        for line in rules.lines().map(str::trim) {
            name = line.strip_prefix("- alert: ").unwrap_or(name);
            let Some(link) = line.strip_prefix("runbook_url: ") else {
                continue;
            };
            alerts += 1;
            let path = link.split("}}").last().unwrap().trim_end_matches('\'');
            assert_eq!(path, format!("/runbooks#{name}"));
            let heading = format!("<h2 id=\"{name}\">");
            let section = answer.body.split(heading.as_str()).nth(1).unwrap();
            let section = section.split("<h2").next().unwrap();
            assert!(section.contains("What to do."), "{name}: {section}");
        }
    }
    assert!(alerts > 20, "{alerts}");
}
