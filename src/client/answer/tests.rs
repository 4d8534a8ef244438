use super::*;

fn page_of(text: &str, show: bool) -> Result<Page, Failure> {
    let text = text.to_owned();
    page(Body { text, sent_s: None }, show)
}

#[test]
fn every_status_has_one_result() {
    for (statuses, result) in [
        (&[429][..], RequestResult::RateLimited),
        (&[401, 403], RequestResult::Unauthorized),
        (&[404, 410], RequestResult::NotFound),
        (&[408], RequestResult::Timeout),
        (&[301, 302, 304, 307, 308], RequestResult::Redirect),
        (&[500, 502, 503, 504, 599], RequestResult::ServerError),
        (&[400, 405, 412, 413, 422], RequestResult::Invalid),
    ] {
        for status in statuses {
            assert_eq!(
                of_status(StatusCode::from_u16(*status).unwrap()),
                result,
                "{status}"
            );
        }
    }
}

#[test]
fn the_rate_limit_text_is_found_in_any_clothes() {
    assert!(says_rate_limited(
        "You've exceeded the per-minute rate limit. Please wait for sometime before retrying."
    ));
    assert!(says_rate_limited(
        r#"{"errors":[{"msg":"You\u2019ve EXCEEDED the Per-Minute rate limit."}]}"#
    ));
    assert!(says_rate_limited(
        "<html>You&#39;ve exceeded the per-minute rate limit</html>"
    ));
    assert!(!says_rate_limited("exceeded the rate limit"));
    assert!(!says_rate_limited(""));
}

#[test]
fn what_is_wrong_with_a_body_is_said_without_showing_it() {
    for body in [
        "",
        "hello John",
        r#"{"data":"John"}"#,
        r#"{"data":[{"name":"John"#,
        "<html>John",
        r#"{"a":"John"}"#,
    ] {
        let wrong = page_of(body, true).unwrap_err();
        assert_eq!(wrong.result, RequestResult::BadBody);
        assert!(!wrong.detail.contains("John"), "{}", wrong.detail);
    }
    let page = page_of(
        r#"{"numResults":1,"data":[{"sessionId":"x"}, 7, null]}"#,
        true,
    );
    assert_eq!(page.unwrap().rows().len(), 3);
}

#[test]
fn a_page_without_data_is_an_empty_one_unless_it_must_show_what_it_tells_of() {
    let (told, nothing) = (r#"{"numResults":50}"#, r#"{"numResults":0,"data":null}"#);
    assert!(page_of(told, false).unwrap().is_empty());
    assert!(page_of(nothing, true).unwrap().is_empty());
    let wrong = page_of(told, true).unwrap_err();
    assert_eq!(wrong.result, RequestResult::BadBody);
}
