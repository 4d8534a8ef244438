//! Every fault and every oddity, by what is said of it.

use super::super::form::{self, State};
use super::{assert_says, faults, found, line, reading};
use crate::simulator::{Fault, Odd, Oddity};
use std::time::Duration;

#[tokio::test]
async fn every_fault_is_told_by_the_check_that_it_hurts() {
    for fault in Fault::ALL {
        let mut case = faults(&[fault.name()], 1.0);
        if *fault == Fault::Timeout {
            case.patience = Duration::from_millis(100);
        }
        let diagnosis = case.diagnose().await;
        let says = |id, state, words| assert_says(&diagnosis, id, state, words);
        let page_fails = |words| assert_says(&diagnosis, "page", State::Failed, words);
        match fault {
            Fault::TooMany | Fault::TooManyRetryAfter | Fault::RateText => {
                page_fails("the rate limit is reached");
            }
            Fault::Unauthorized => {
                says("token", State::Failed, "a wrong `client_id`");
                says("scope_analytics", State::Skipped, "the token is refused");
                says("stream", State::Skipped, "the token is refused");
            }
            Fault::NotFound => says("stream", State::Failed, "check `stream_id`"),
            Fault::Invalid => says("stream", State::Failed, "check `account_id`"),
            Fault::Internal | Fault::Unavailable => page_fails("`server_error`"),
            Fault::UnavailableRetryAfter => page_fails("Retry-After"),
            Fault::Html => page_fails("`502`"),
            Fault::HtmlOk => page_fails("HTML where JSON is due"),
            Fault::Redirect => page_fails("redirects are not followed"),
            Fault::Timeout => page_fails("`timeout`"),
            Fault::Reset | Fault::CutOff => page_fails("`connection`"),
            Fault::Oversized => page_fails("larger than"),
            Fault::Slow | Fault::Shifted => says("page", State::Ok, "pages read"),
            Fault::Repeated => says("offset", State::Warning, "repeats the one before"),
            Fault::Garbage => says("records", State::Warning, "refused: "),
        }
        let well = matches!(fault, Fault::Slow | Fault::Shifted);
        let told = form::text(&diagnosis);
        assert_eq!(diagnosis.state == State::Ok, well, "{fault}\n{told}");
        says("connection", State::Ok, "takes connections");
        says("requests", State::Ok, "of at most 20");
    }
}

#[tokio::test]
async fn faults_that_strike_now_and_then_make_nothing_up() {
    for fault in [
        Fault::TooMany,
        Fault::Unauthorized,
        Fault::Unavailable,
        Fault::CutOff,
        Fault::Shifted,
        Fault::Repeated,
        Fault::Garbage,
    ] {
        let diagnosis = faults(&[fault.name()], 0.2).diagnose().await;
        for (id, truth) in [("zone", "0"), ("running", "listed"), ("clock", "0")] {
            let told = line(&diagnosis, id).found.as_deref();
            let text = form::text(&diagnosis);
            assert!(told.is_none_or(|told| told == truth), "{fault}\n{text}");
        }
    }
}

#[tokio::test]
async fn every_oddity_is_survived() {
    for oddity in Oddity::ALL {
        let case = reading(|it| it.oddity = vec![Odd::all(*oddity)]);
        let diagnosis = case.diagnose().await;
        let says = |id, state, words| assert_says(&diagnosis, id, state, words);
        says("page", State::Ok, "pages read");
        assert_eq!(found(&diagnosis, "offset"), "pages", "{oddity}");
        match oddity {
            Oddity::OpaqueIds => says("zone", State::Warning, "session ids tell no time"),
            Oddity::ScoresRefused => says("records", State::Warning, "`csatScore`"),
            Oddity::DestinationsNoList => says("records", State::Warning, "`destinations`"),
            Oddity::EndsIn2099 => says("records", State::Warning, "`sessionEndTime`"),
            _ => {}
        }
    }
}
