//! Asking the vendor for his totals: all pages of a range, from the first source that grants them.

use super::Source;
use super::request::totals_request;
use crate::api::{CallDetailsRequest, LiveRows, organisation};
use crate::client::{Answer, Aside, Client, Effort, FirstPage, Inquiry};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::OnceCell;

/// Answers of which one reading is made at most: more rows are no contact centre's.
const MOST_PAGES: u32 = 40;

/// While no request is to be had for what is still lacking.
const AGAIN: Duration = Duration::from_secs(1);
/// So long one is waited for: a budget of one a minute spares one in four minutes.
const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// As much of the past is looked at to learn the organisation.
const ORGANISATION_S: i64 = 3 * 3_600;

/// Whose requests are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// What the poll leaves: the first one is given up where none is to spare. Once one was sent, further ones wait for
    /// their turn, or what that one brought would be asked for again and again, and nothing else ever.
    Spare,
    /// A budget of one's own.
    Own,
}

/// What the vendor told of a range.
#[derive(Debug)]
pub struct Told {
    pub source: Source,
    pub pages: Vec<String>,
    /// Why those before it did not tell.
    pub refused: Vec<(Source, String)>,
}

/// Asks for an account's totals.
#[derive(Debug)]
pub struct Asked {
    way: Way,
    configured: Option<String>,
    learnt: OnceCell<String>,
}

impl Asked {
    pub fn new(way: Way, org_id: Option<String>) -> Asked {
        Asked {
            way,
            configured: org_id,
            learnt: OnceCell::new(),
        }
    }

    /// The totals of each range, all from one source. `now_s` is UTC seconds.
    ///
    /// # Errors
    /// All sources refused; or one failed that may answer next time: the others are not asked then.
    pub async fn totals(
        &self,
        client: &Client,
        range: &Range<i64>,
        now_s: i64,
    ) -> Result<Told, Aside> {
        let mut refused = Vec::new();
        let attempt = Attempt::new(client, self.way);
        for source in Source::ALL {
            match self.of_source(&attempt, source, range, now_s).await {
                Ok(pages) => {
                    return Ok(Told {
                        source,
                        pages,
                        refused,
                    });
                }
                Err(Aside::Refused(said)) => refused.push((source, said)),
                Err(other) => return Err(other),
            }
        }
        let said = refused.iter().map(|(source, said)| {
            let (name, scope) = source.in_words();
            format!("{name} (scope {scope}): {said}")
        });
        Err(Aside::Refused(said.collect::<Vec<_>>().join("; ")))
    }

    /// Those of one source.
    ///
    /// # Errors
    /// It refused, failed, or there is no request to spare.
    async fn of_source(
        &self,
        attempt: &Attempt<'_>,
        source: Source,
        range: &Range<i64>,
        now_s: i64,
    ) -> Result<Vec<String>, Aside> {
        let org_id = match source {
            Source::QueuePerformance => "",
            Source::ContactVolume => self.org_id(attempt, now_s).await?,
        };
        let (mut pages, mut seen) = (Vec::new(), 0);
        let mut total = None;
        while pages.len() < MOST_PAGES as usize {
            let inquiry = totals_request(source, range, seen, org_id);
            let read = |answer: &Answer<'_>| {
                let rows = LiveRows::read(answer.text)?;
                let here = rows.len() as u64;
                Ok((answer.text.to_owned(), here, rows.has_more, rows.total))
            };
            let (text, here, more, told) = attempt.ask(&inquiry, read).await?;
            total = told.or(total);
            pages.push(text);
            seen += here;
            if !more || here == 0 {
                return whole(pages, seen, total, more);
            }
        }
        Err(failed(format!("more follow {seen} rows")))
    }

    /// The organisation: configured, or learnt from a record once.
    async fn org_id(&self, attempt: &Attempt<'_>, now_s: i64) -> Result<&str, Aside> {
        if let Some(org_id) = &self.configured {
            return Ok(org_id);
        }
        let learnt = self.learnt.get_or_try_init(|| async {
            attempt.one_to_spare().await?;
            let request = CallDetailsRequest::between(now_s - ORGANISATION_S, now_s, false);
            let page = attempt
                .client
                .call_details(&request, 0, FirstPage::ShowsRows, Effort::Once)
                .await;
            let page = page.map_err(|error| failed(error.to_string()))?;
            let told = page.rows().find_map(organisation);
            told.ok_or_else(|| {
                Aside::Refused(
                    "no record tells the organisation; hint: `accounts[].org_id` names it"
                        .to_owned(),
                )
            })
        });
        learnt.await.map(String::as_str)
    }
}

/// The requests of one reading of totals.
struct Attempt<'c> {
    client: &'c Client,
    way: Way,
    /// Whether one was sent.
    began: AtomicBool,
}

impl<'c> Attempt<'c> {
    fn new(client: &'c Client, way: Way) -> Attempt<'c> {
        Attempt {
            client,
            way,
            began: AtomicBool::new(false),
        }
    }

    async fn ask<T>(
        &self,
        inquiry: &Inquiry,
        read: impl Fn(&Answer<'_>) -> Result<T, String>,
    ) -> Result<T, Aside> {
        match self.way {
            Way::Own => self.client.ask(inquiry, read).await,
            Way::Spare => {
                self.one_to_spare().await?;
                self.client.ask_spared(inquiry, read).await
            }
        }
    }

    /// Beside the poll, a request that it can spare.
    async fn one_to_spare(&self) -> Result<(), Aside> {
        if self.way == Way::Own {
            return Ok(());
        }
        let mut waited = Duration::ZERO;
        while !self.client.may_spare() {
            if !self.began.load(Ordering::Relaxed) {
                return Err(Aside::NoneToSpare);
            }
            if waited >= LONGEST_WAIT {
                return Err(failed(
                    "the poll left no request for what is still lacking".to_owned(),
                ));
            }
            tokio::time::sleep(AGAIN).await;
            waited += AGAIN;
        }
        self.began.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// A row that is lacking, or slipped from one page to the one before, would look like a queue that nobody came to.
fn whole(
    pages: Vec<String>,
    seen: u64,
    total: Option<u64>,
    more: bool,
) -> Result<Vec<String>, Aside> {
    match total {
        Some(total) if seen < total && pages.len() > 1 => {
            Err(failed("the pages shifted while they were read".to_owned()))
        }
        Some(total) if seen < total => Err(failed(format!(
            "{seen} rows came of {total} that there are"
        ))),
        None if more => Err(failed("more rows are told of than came".to_owned())),
        _ => Ok(pages),
    }
}

fn failed(detail: String) -> Aside {
    Aside::Failed {
        detail,
        pause: None,
    }
}
