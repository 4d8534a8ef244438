//! The requests of an examination, and what is noted of their answers: the client, the parser and the reading of windows
//! are those of production.

use super::experiments::{FIRST_S, wider_s};
use super::network;
use super::records::note;
use super::second::is_missing_v2;
use super::seen::{Beside, PageSeen, Reached, Seen};
use crate::api::{CallDetailsRequest, Page, organisation};
use crate::chain::chain;
use crate::client::{
    CallError, Client, Complaint, Effort, FirstPage, Limits, Observer, RequestResult,
};
use crate::clock::WallClock;
use crate::config::{Account, Auth, Choice, Config, is_loopback, proxies_passed_over};
use crate::ledger::{Key, Ledger};
use crate::poller;
use crate::poller::coverage::{Why, Window};
use crate::poller::fetch::{Denial, Fetch, Manners, Splits, Start, Step, Texts, identities};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Of one account. A third of what the vendor allows in a minute, to everybody.
pub(super) const MOST_REQUESTS: u32 = 20;
/// A call may send so many: a refused token and a full rate are tried once more.
pub(super) const ATTEMPTS: u32 = 2;
/// What began so long ago is listed, if it is to be.
const SETTLED_S: i64 = 120;
/// Left for the last look when a window is read page by page.
const KEPT: u32 = 2 * ATTEMPTS;

/// What the client tells beside its answers.
#[derive(Default)]
struct Heard {
    clock: Option<WallClock>,
    requests: u32,
    took: Vec<Duration>,
    answered: bool,
    ahead_s: Vec<i64>,
    complaint: Option<Complaint>,
}

pub(super) struct Ear(Mutex<Heard>);

impl Ear {
    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Ear {
    fn attempt(&self, _: RequestResult, took: Duration) {
        let mut heard = self.heard();
        heard.requests += 1;
        heard.took.push(took);
    }
    fn aside(&self, _: RequestResult) {
        self.heard().requests += 1;
    }
    fn throttled(&self, _: Duration) {}
    fn budget(&self, _: f64) {}
    fn head(&self, _: u16, date_s: Option<i64>) {
        let mut heard = self.heard();
        heard.answered = true;
        if let (Some(clock), Some(date_s)) = (heard.clock, date_s) {
            heard.ahead_s.push(clock().div_euclid(1000) - date_s);
        }
    }
    fn complaint(&self, complaint: Complaint) {
        self.heard().complaint.get_or_insert(complaint);
    }
}

/// Why no further page is asked for.
enum Ended {
    /// The requests of an examination are used up.
    Enough,
    Call(CallError),
}

impl From<CallError> for Ended {
    fn from(error: CallError) -> Ended {
        Ended::Call(error)
    }
}

pub(super) struct Examination<'a> {
    pub(super) account: &'a Account,
    pub(super) client: Client,
    pub(super) limits: Limits,
    pub(super) ear: Arc<Ear>,
    ledger: Ledger,
    pub(super) clock: WallClock,
    seen: Mutex<Seen>,
}

/// Examines one account.
pub(super) async fn examine(
    config: &Config,
    account: &Account,
    limits: &Limits,
    clock: WallClock,
) -> Result<Seen, String> {
    let limits = Limits {
        attempts: ATTEMPTS,
        // Whoever is told to come back in a minute is told so, and not kept waiting.
        patience: limits.patience.min(Duration::from_secs(5)),
        ..limits.clone()
    };
    let ear = Arc::new(Ear(Mutex::new(Heard {
        clock: Some(clock),
        ..Heard::default()
    })));
    let client = Client::new(
        account,
        limits.clone(),
        clock,
        Arc::clone(&ear) as Arc<dyn Observer>,
    );
    let client = client.map_err(|error| chain(&error))?;
    let examination = Examination {
        account,
        client,
        limits,
        ear,
        ledger: Ledger::new(Key([0; 16]), poller::policy(account, &config.metrics)),
        clock,
        seen: Mutex::new(unseen(config, account, clock)),
    };
    examination.run().await;
    let ear = examination.ear;
    let mut seen = examination
        .seen
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let heard = ear.heard();
    seen.requests = heard.requests;
    seen.took.clone_from(&heard.took);
    seen.answered = heard.answered;
    seen.ahead_s.clone_from(&heard.ahead_s);
    seen.complaint = heard.complaint;
    Ok(seen)
}

fn unseen(config: &Config, account: &Account, clock: WallClock) -> Seen {
    let (host, port) = network::place(&account.url);
    let now_s = clock().div_euclid(1000);
    let offset_s = |zone: &jiff::tz::TimeZone| {
        let now = jiff::Timestamp::from_second(now_s).unwrap_or_default();
        zone.to_offset(now).seconds()
    };
    let choice = |choice| match choice {
        Choice::Off => Beside::Off,
        _ => Beside::NotAsked,
    };
    let reconciles = config.reconcile.interval.is_some();
    Seen {
        host: format!("{host}:{port}"),
        tls: account.url.scheme() == "https",
        loopback: is_loopback(&account.url),
        proxy: network::proxy(&account.url).map(|(host, port)| format!("{host}:{port}")),
        proxies_passed_over: proxies_passed_over(account.url.scheme(), |name| {
            std::env::var_os(name)
        }),
        name: Reached::NotTried,
        connection: Reached::NotTried,
        token: None,
        token_file: matches!(account.auth, Auth::TokenFile(_)),
        now_s,
        ahead_s: Vec::new(),
        answered: false,
        complaint: None,
        page: None,
        version: account.call_details,
        first_version: false,
        queue_performance: if reconciles {
            Beside::NotAsked
        } else {
            choice(config.live.queue_performance)
        },
        queue_performance_choice: config.live.queue_performance,
        reconciles,
        contact_volume: if reconciles {
            Beside::NotAsked
        } else {
            Beside::Off
        },
        org_id: account.org_id.clone(),
        conversations: choice(config.live.conversations),
        conversations_choice: config.live.conversations,
        pages: Vec::new(),
        records: BTreeMap::new(),
        youngest_s: None,
        strangers: 0,
        refused: BTreeMap::new(),
        offset_s: None,
        configured_offset_s: account.time_zone.as_ref().map(offset_s),
        manners: Manners::default(),
        counts_from_one: false,
        ended: None,
        spent: false,
        took: Vec::new(),
        requests: 0,
    }
}

impl Examination<'_> {
    async fn run(&self) {
        let url = &self.account.url;
        let place = network::proxy(url).unwrap_or_else(|| network::place(url));
        let (name, connection) = network::reach(&place).await;
        let there = matches!(connection, Reached::Yes(_));
        {
            let mut seen = self.seen();
            (seen.name, seen.connection) = (name, connection);
        }
        if !there {
            return;
        }
        let token = self.client.token_ends_s().await;
        let has_token = token.is_ok();
        self.seen().token = Some(token);
        if !has_token {
            return;
        }
        let window = self.last(FIRST_S);
        let first = self.page(window, 0, false).await;
        let (rows, told) = match first {
            Ok(page) => (page.rows().len(), Ok(())),
            Err(error) => (0, Err(error)),
        };
        let refused = matches!(
            told,
            Err(CallError::Unauthorized { .. } | CallError::Refused { .. })
        );
        if is_missing_v2(&told) {
            self.seen().first_version = self.first_version(window).await;
        }
        let read = told.is_ok();
        self.seen().page = Some(told);
        if read || refused {
            self.beside().await;
        }
        if read {
            match self.experiment(rows).await {
                Err(Ended::Call(error)) => self.seen().ended = Some(chain(&error)),
                Err(Ended::Enough) => self.seen().spent = true,
                Ok(()) => {}
            }
            self.contact_volume().await;
            // What has ended meanwhile shows how late records appear.
            if self.has_left(0) {
                let again = Window {
                    to_s: self.now_s(),
                    ..window
                };
                self.page(again, 0, true).await.ok();
            }
        }
    }

    /// Finds a window that several pages are read of, and reads it as the poller does.
    async fn experiment(&self, first_rows: usize) -> Result<(), Ended> {
        let (mut span_s, mut rows, mut before) = (FIRST_S, first_rows, None);
        while let Some(wider) = wider_s(span_s, rows, before) {
            before = Some(rows);
            span_s = wider;
            rows = self.ask(self.settled(span_s), 0, KEPT).await?.rows().len();
        }
        let start = Start {
            window: self.settled(span_s),
            manners: Manners::default(),
            control: None,
            unreadable: false,
            ends_unreadable: false,
        };
        let mut splits = Splits::default();
        let mut fetch = Fetch::new(start, &mut splits);
        let read = self.fetch(&mut fetch).await;
        self.seen().manners = fetch.manners().clone();
        read?;
        // Pages may be counted from 1: then the first is always empty.
        if rows == 0 && !self.has_records() {
            let page = self.ask(self.settled(span_s), 1, KEPT).await?;
            if !page.is_empty() {
                self.seen().counts_from_one = true;
            }
        }
        Ok(())
    }

    async fn fetch(&self, fetch: &mut Fetch<'_>) -> Result<(), Ended> {
        loop {
            let texts = Texts::default();
            let ask = async |window: Window, page, _: Effort| {
                self.ask(window, page, KEPT)
                    .await
                    .map_err(|ended| match ended {
                        Ended::Enough => Denial::OfAll(ended),
                        Ended::Call(error) => Denial::of(error, Ended::Call),
                    })
            };
            if let Step::Done = fetch.step(&texts, &self.ledger, ask, self.clock).await? {
                return Ok(());
            }
        }
    }

    /// A page, as long as so many requests are left behind it.
    async fn ask(&self, window: Window, page: u32, left: u32) -> Result<Page, Ended> {
        if !self.has_left(left) {
            return Err(Ended::Enough);
        }
        self.page(window, page, false).await.map_err(Ended::Call)
    }

    pub(super) fn has_left(&self, left: u32) -> bool {
        self.ear.heard().requests + ATTEMPTS + left <= MOST_REQUESTS
    }

    async fn page(&self, window: Window, number: u32, again: bool) -> Result<Page, CallError> {
        let request = CallDetailsRequest::between(window.from_s, window.to_s, false);
        let page = self
            .client
            .call_details(&request, number, FirstPage::MayBeEmpty, Effort::Once)
            .await?;
        let rows = identities(&page, &self.ledger);
        let ahead_s = self.ear.heard().ahead_s.last().copied().unwrap_or(0);
        let mut seen = self.seen();
        if seen.org_id.is_none() {
            seen.org_id = page.rows().find_map(organisation);
        }
        note(
            &mut seen,
            &page,
            &rows,
            self.now_s() - ahead_s,
            self.account.time_zone.as_ref(),
            again,
        );
        seen.pages.push(PageSeen {
            window: (window.from_s, window.to_s),
            number,
            num_results: page.num_results,
            rows,
        });
        Ok(page)
    }

    fn has_records(&self) -> bool {
        !self.seen().records.is_empty()
    }

    /// A window that no longer fills while its pages are read: what moves meanwhile would look like a habit.
    fn settled(&self, span_s: i64) -> Window {
        let window = self.last(span_s - SETTLED_S);
        Window {
            from_s: window.from_s - SETTLED_S,
            to_s: window.to_s - SETTLED_S,
            ..window
        }
    }

    fn last(&self, span_s: i64) -> Window {
        let to_s = self.now_s();
        Window {
            from_s: to_s - span_s,
            to_s,
            why: Why::LiveEdge,
        }
    }

    pub(super) fn now_s(&self) -> i64 {
        (self.clock)().div_euclid(1000)
    }

    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
