//! A centre and the counting of it on a time of their own: records through the real client into a real store, and each hour
//! held against the totals of the same centre.

use smartassist_exporter::api::{CallDetailsRequest, Offsets};
use smartassist_exporter::client::{Client, Effort, FirstPage, Limits, Unobserved};
use smartassist_exporter::config::{self, Account, Flags};
use smartassist_exporter::fact::Context;
use smartassist_exporter::ledger::{Ledger, Policy, Target, Targets};
use smartassist_exporter::live::Channels;
use smartassist_exporter::poller::ingest::Rows;
use smartassist_exporter::reconcile::{Asked, Comparison, Way};
use smartassist_exporter::simulator::http::Reading;
use smartassist_exporter::simulator::{Contract, Faults, Plan, Simulator, serve};
use smartassist_exporter::store::{AccountKey, Kept, Store, Wanted};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

const QUARTER_S: i64 = 900;
const HOUR_S: i64 = 3_600;
/// Windows of so many seconds fit into what the vendor lets anyone read of one.
const WINDOW_S: i64 = 1_800;

/// A time that a test sets, which a clock of the client's kind can read.
static NOW_MS: AtomicI64 = AtomicI64::new(0);

fn now_ms() -> i64 {
    NOW_MS.load(Ordering::Relaxed)
}

/// Both, for as long as a test lasts. One at a time in a process, since they share a clock: a second one waits.
pub struct Watched {
    pub simulator: Arc<Simulator>,
    pub now_s: i64,
    runtime: Runtime,
    client: Client,
    asked: Asked,
    store: Store,
    key: AccountKey,
    ledger: Ledger,
    account: Account,
    stop: CancellationToken,
    _alone: MutexGuard<'static, ()>,
    _folder: tempfile::TempDir,
    /// Read up to here, hour by hour.
    looked_back_s: i64,
    /// How often what began lately is read.
    pub every_s: i64,
}

impl Watched {
    /// From the plan's start on.
    pub fn open(plan: Plan, reading: Reading) -> Watched {
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let start_s = plan.start_ms / 1_000;
        NOW_MS.store(plan.start_ms, Ordering::Relaxed);
        let contract = Contract {
            requests_per_minute: 100_000_000,
            reading,
            ..Contract::default()
        };
        let simulator = Simulator::new(plan, contract, Faults::NONE, Box::new(now_ms));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        runtime.spawn(serve(listener, Arc::clone(&simulator), stop.clone()));
        let account = account(&url, simulator.contract());
        let client =
            Client::new(&account, Limits::default(), now_ms, Arc::new(Unobserved)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (id, stream) = (&account.account_id, &account.stream_id);
        let loaded = store.load(id, stream, policy(), |_| i64::MAX, || [3; 16]);
        let loaded = loaded.unwrap();
        Watched {
            simulator,
            now_s: start_s,
            runtime,
            client,
            asked: Asked::new(Way::Own, None),
            store,
            key: loaded.key,
            ledger: loaded.ledger,
            account,
            stop,
            _alone: alone,
            _folder: folder,
            looked_back_s: start_s,
            every_s: QUARTER_S,
        }
    }

    /// Lets time pass, and reads what an exporter would have read by then: what began lately over and over, and the last day
    /// every few hours.
    pub fn pass(&mut self, seconds: i64) {
        let until_s = self.now_s + seconds;
        while self.now_s < until_s {
            self.now_s = (self.now_s + self.every_s).min(until_s);
            NOW_MS.store(self.now_s * 1_000, Ordering::Relaxed);
            self.read(self.now_s - 2 * HOUR_S, self.now_s);
            if self.now_s - self.looked_back_s >= 6 * HOUR_S {
                self.read(self.now_s - 26 * HOUR_S, self.now_s - 2 * HOUR_S);
                self.looked_back_s = self.now_s;
            }
        }
    }

    fn read(&mut self, from_s: i64, to_s: i64) {
        let mut at_s = from_s;
        while at_s < to_s {
            let end_s = (at_s + WINDOW_S).min(to_s);
            let request = CallDetailsRequest::between(at_s, end_s, true);
            for number in 0..11 {
                let asked =
                    self.client
                        .call_details(&request, number, FirstPage::ShowsRows, Effort::Full);
                let page = self.runtime.block_on(asked).unwrap();
                assert!(number < 10 || page.is_empty(), "a window too full");
                if page.is_empty() {
                    break;
                }
                let rows = Rows::read(page.rows(), &self.ledger);
                let context = Context {
                    now_s: self.now_s,
                    settle_s: 30,
                    offset_s: rows
                        .offset_s(self.now_s, None, &mut Offsets::default())
                        .unwrap_or(0),
                    offsets: None,
                    zone: None,
                };
                let batch = rows.batch(&context);
                let ids = batch.records.iter().map(|record| record.ids);
                let known = self.store.known(self.key, ids).unwrap();
                let floor_s = self.now_s - 7 * 86_400;
                let commit = self.ledger.apply(batch, known, floor_s);
                let kept = Kept::progress(b"{}");
                let written = self.store.commit(self.key, &self.ledger, &commit, kept);
                self.ledger.absorb(commit, written.unwrap());
            }
            at_s = end_s;
        }
    }

    /// Compares what began in a stretch of time.
    pub fn compare(&self, from_s: i64, to_s: i64) -> Comparison {
        let range = from_s..to_s;
        let asked = self.asked.totals(&self.client, &range, self.now_s);
        let told = self.runtime.block_on(asked).unwrap();
        let wanted = Wanted {
            account_id: &self.account.account_id,
            stream_id: &self.account.stream_id,
            from_s,
            to_s,
        };
        let counted = self.store.recounted(wanted).unwrap().unwrap();
        let channels = Channels::new(&BTreeMap::<String, String>::new());
        let parts = [(range.clone(), told)];
        Comparison::read(range, &parts, &counted, &channels).unwrap()
    }

    /// The hour that ended an hour ago, as it is compared once an hour.
    pub fn compare_hour(&self) -> Comparison {
        let to_s = self.now_s - self.now_s.rem_euclid(QUARTER_S) - HOUR_S;
        self.compare(to_s - HOUR_S, to_s)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn account(url: &str, contract: &Contract) -> Account {
    let environment = |name: &str| {
        let value = match name {
            "SMARTASSIST_URL" => url,
            "SMARTASSIST_ACCOUNT_ID" => &contract.account_id,
            "SMARTASSIST_STREAM_ID" => &contract.stream_id,
            "SMARTASSIST_CLIENT_ID" => &contract.client_id,
            "SMARTASSIST_CLIENT_SECRET" => &contract.client_secret,
            _ => return None,
        };
        Some(value.into())
    };
    let (config, _) = config::load(&Flags::default(), environment).unwrap();
    let mut account = config.accounts.into_iter().next().unwrap();
    account.requests_per_minute = 100_000_000;
    account
}

fn policy() -> Policy {
    let target = Target {
        abandonment_ratio: 0.05,
        service_level_millis: 20_000,
        service_level_ratio: 0.8,
        speed_of_answer_millis: 30_000,
        longest_wait_millis: 180_000,
    };
    Policy {
        targets: Targets::new(target, [], []),
        max_series_per_metric: 1_000,
        per_agent: false,
    }
}
