//! `/abandoned`: which conversations were abandoned lately, for whoever was just paged and wants to call back or to listen.
//! A page for people, JSON for programs; ids, queue, wait and event, and nothing of any person.

mod asked;
mod page;
#[cfg(test)]
mod tests;

use super::Source;
use super::router::{JSON, document, reply, text};
use crate::clock;
use crate::events::{Book, Call, Line};
use asked::{Asked, Refusal};
use axum::extract::{RawQuery, State};
use axum::http::header::{ACCEPT, CACHE_CONTROL, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use std::sync::Arc;

/// Listed at once; the rest is told by its number.
const MOST_LISTED: usize = 1_000;

const OFF: &str = "not listed: `events.abandoned` is not set; hint: `events: {abandoned: stdout}` in the configuration writes a line of each abandoned conversation, and lists them here\n";

/// An account by its label, with its abandoned conversations where they are asked for.
pub type Listed = (Arc<str>, Option<Arc<Book>>);

/// What is answered to programs: told in `docs/events.md`.
#[derive(Serialize)]
struct Document<'c> {
    since_seconds: u64,
    abandoned: Vec<Line<'c>>,
    /// How many more there are.
    left_out: usize,
}

/// One that is listed: its account, its commit, and what is told of it.
type Found = (Arc<str>, i64, Call);

pub(super) async fn answer(
    State(source): State<Arc<dyn Source>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let mut response = match list(&*source, query.as_deref().unwrap_or_default()) {
        Ok((asked, found, left_out)) => {
            if asked.as_page.unwrap_or_else(|| wants_page(&headers)) {
                document(page::page(&asked, &found, left_out))
            } else {
                let calls = found.iter();
                let abandoned = calls.map(|(account, commit, call)| call.told(account, *commit));
                let document = Document {
                    since_seconds: asked.since.as_secs(),
                    abandoned: abandoned.collect(),
                    left_out,
                };
                reply(
                    StatusCode::OK,
                    JSON,
                    serde_json::to_string(&document).unwrap_or_default(),
                )
            }
        }
        Err(Refusal { status, why }) => text(status, why),
    };
    let no_store = (CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().extend([no_store]);
    response
}

fn list(source: &dyn Source, query: &str) -> Result<(Asked, Vec<Found>, usize), Refusal> {
    let accounts = source.abandoned();
    let longest_s = accounts
        .iter()
        .filter_map(|(_, book)| Some(book.as_ref()?.longest_s()));
    let Some(longest_s) = longest_s.max() else {
        let any_elsewhere = accounts.is_empty() && !source.elsewhere().is_empty();
        let why = if any_elsewhere { asked::ELSEWHERE } else { OFF };
        return Err(Refusal::not_found(why));
    };
    let asked = Asked::read(query, longest_s)?;
    if let Some(name) = &asked.account {
        asked::is_here(name, source, &accounts)?;
    }
    let from_s = clock::now_s() - i64::try_from(asked.since.as_secs()).unwrap_or(i64::MAX);
    let mut found: Vec<Found> = Vec::new();
    for (account, book) in &accounts {
        let wanted = asked
            .account
            .as_ref()
            .is_none_or(|name| **name == **account);
        let Some(book) = book.as_ref().filter(|_| wanted) else {
            continue;
        };
        let calls = book.since(from_s, |call| asked.fits(call)).into_iter();
        found.extend(calls.map(|(commit, call)| (Arc::clone(account), commit, call)));
    }
    found.sort_by_key(|(_, _, call)| std::cmp::Reverse(call.ended_s));
    let left_out = found.len().saturating_sub(MOST_LISTED);
    found.truncate(MOST_LISTED);
    Ok((asked, found, left_out))
}

/// A browser says that it takes HTML; programs mostly take anything.
fn wants_page(headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(ACCEPT).iter();
    let mut accepts = accepts.filter_map(|line| line.to_str().ok());
    accepts.any(|line| line.to_ascii_lowercase().contains("text/html"))
}
