//! Every key there is: one line and its doc comment each, from which reading, the hints for unknown keys,
//! `docs/configuration.md` and the example file follow.
//!
//! The text that stands as a default is read like a file's. What must hold between keys is in `rules`.

use super::auth::{self, Algorithm, Auth};
use super::authority::{self, Authorities};
use super::database_url::{self, DatabaseUrl};
use super::field::Field;
use super::interface::{self, CallDetails};
use super::kind::{id, number, path, ratio, span, switch, whole, word};
use super::live::Choice;
use super::output::{self, Output};
use super::secret::Secret;
use super::storage::Storage;
use super::table::{Held, Key, Row, Table, keys, list, made_of, named, section};
use super::windows::RecentWindow;
use super::{base_url, listen, live, reconcile, secret, token, windows, zone};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

const ZERO: Duration = Duration::ZERO;
const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

keys! {
    /// All of a configuration.
    #[derive(PartialEq)]
    pub struct Config, held {
        /// Who is asked, as whom, how often. Without it the environment describes one account.
        accounts: Vec<Account> = list("accounts, each beginning with `- name: …`");
        /// How often and how far back is read.
        poll: Poll = section();
        /// Whether the queue is read as it is now, and how often.
        live: Live = section();
        /// Whether the counts are held against the vendor's own, and how often.
        reconcile: Reconcile = section();
        /// What is shown, and how.
        metrics: Metrics = section();
        /// How readily the exporter pages.
        alerts: Alerts = section();
        /// What is told of single conversations.
        events: Events = section();
        /// Where the state is kept: a folder, or a database that several exporters share. A change needs a restart.
        storage: Storage = made_of::<StorageKeys, Storage>();
        /// Where the exporter is asked.
        web: Web = section();
    }

    /// One stream (bot) of a SmartAssist account.
    #[derive(PartialEq)]
    pub struct Account, held {
        /// The label `account`; only a label: renaming it loses no count.
        name: String = word().at_most_chars(128).required("acme");
        /// The environment; `http` draws a warning unless it is loopback.
        url: Url = base_url::kind().required("https://platform.kore.ai");
        /// Sent as `accountId`. With `stream_id`, what the state is kept under: another one begins anew.
        account_id: String = id().required("67654be356840f366e790000");
        /// Sent as `iId`.
        stream_id: String = id().required("st-00000000-0000-0000-0000-000000000000");
        /// A file with certificates in PEM of authorities to trust beside the system's, as for a proxy that reads TLS. Read
        /// again when it changes.
        ca_file: Option<Authorities> = authority::kind().optional("/etc/ssl/acme-proxy.pem");
        /// How tokens come about: exactly one of `client_secret`, `client_secret_file`, `token_file`.
        auth: Auth = made_of::<AuthKeys, Auth>();
        /// The exporter's share of the 60 that the vendor allows an account; a warning above 60.
        requests_per_minute: u32 = whole(1).or("30");
        /// Which *Call Details* is read. `v2` tells the direction without `customerinfo`, voicemails and consults, and its
        /// outcomes can be held against ours; older releases lack it (status 404). Either may follow the other at any time:
        /// nothing counts twice.
        call_details: CallDetails = interface::call_details().or("v1");
        /// What the account wants to reach.
        targets: AccountTargets = section();
        /// Targets by channel, in the vendor's words; case plays no part. What is not said is the account's, but for
        /// `System Mail`: it has 4h to answer, and 8h for the longest wait.
        channels: BTreeMap<String, TargetsOverride> = named("a channel's name", "{Voice: {speed_of_answer: 20s}}");
        /// Targets by queue, by name or id; case plays no part in names. What is not said is the channel's.
        queues: BTreeMap<String, TargetsOverride> = named("a queue's name or id", "{Billing: {service_level: {within: 30s}}}");
        /// Where times without an offset are local. Without it their offset is measured from session ids, which
        /// suffices but for the hours around a change to or from summer time.
        time_zone: Option<TimeZone> = zone::kind().optional("Europe/Berlin");
        /// The organisation, for *Contact Volume*. Without it, it is learnt from a record of *Call Details*.
        org_id: Option<String> = id().optional("o-00000000-0000-0000-0000-000000000000");
    }

    /// `auth` as written.
    pub(super) struct AuthKeys {
        /// The app's client id, case-exact. Not with `token_file`.
        client_id: Option<String> = id().usual("cs-00000000-0000-0000-0000-000000000000");
        /// A file with the client secret, or with the private key in PEM for RS256 and RS512. Read again before each new
        /// token: who changes it need not reload.
        client_secret_file: Option<Secret> = secret::file().usual("/run/secrets/acme");
        /// The secret itself; a file is better. Blanks and line ends around a secret are no part of it, wherever it is.
        client_secret: Option<Secret> = secret::inline().optional("…");
        /// A file with a token that is minted elsewhere, read anew for each request; the last one while it cannot be read.
        token_file: Option<PathBuf> = token::file().optional("/run/secrets/acme-token");
        /// How tokens are signed.
        algorithm: Algorithm = auth::algorithm().or("HS256");
        /// `true` for an app that enforces JTI.
        jti: bool = auth::jti().or("false");
    }

    /// How often and how far back is read.
    #[derive(PartialEq)]
    pub struct Poll, held {
        /// How often the last conversations are asked for.
        interval: Duration = span(SECOND).or("15s");
        /// A conversation that no agent answered counts once it ended so long ago: until then it may still change.
        settle: Duration = span(ZERO).or("30s");
        /// A change of a conversation of age a is seen within this times a.
        revisit: f64 = number(0.0, 0.9).or("0.25");
        /// How far back the first start counts; at most `max_lookback`.
        initial_lookback: Duration = span(ZERO).or("24h");
        /// How long changes are followed and conversations remembered; may exceed `7d`.
        max_lookback: Duration = span(SECOND).or("7d");
    }

    /// Whether the queue is read as it is now, and how often. Each source is tried by itself, and none touches a count.
    /// Readings take at most a quarter of an account's requests, and none while it is rate limited or catching up.
    #[derive(PartialEq)]
    pub struct Live {
        /// How often each source is read.
        interval: Duration = span(SECOND).or("15s");
        /// *Queue Performance*, which needs the scope *Configuration*: who waits, who talks, agents by state. `auto` tries
        /// it and, where it is refused, again every hour; `on` takes a refusal for a failure.
        queue_performance: Choice = live::choice().or("auto");
        /// *List of Conversations*: who waits, and the longest wait.
        conversations: Choice = live::choice().or("auto");
        /// Running conversations among the records that are read anyway.
        call_details: Choice = live::choice().or("auto");
        /// What *Call Details* calls the channel of a source id, beside those that are known: `rtm`, the telephone
        /// gateways and mail.
        channels: BTreeMap<String, String> = live::channels("{fbMessenger: Facebook Messenger}");
    }

    /// Whether the counts are held against the vendor's own totals, and how often. It takes about one request an interval,
    /// given up first where requests are short. Needs the scope *Configuration*, else *WFM Integration*; where both are
    /// refused it is said once, and tried again every hour.
    #[derive(PartialEq)]
    pub struct Reconcile {
        /// How often what began since the last time is compared, once it ended an hour ago; `off`: never.
        interval: Option<Duration> = reconcile::interval().or("1h");
    }

    /// What is shown, and how.
    #[derive(PartialEq)]
    pub struct Metrics {
        /// Lengths of the recent gauges.
        windows: Vec<RecentWindow> = windows::row("[15m, 1h, 24h]");
        /// How long a new series stands at 0, so that `rate()` sees its first increase.
        zero_first: Duration = span(ZERO).or("2m");
        /// Label sets of a metric; what comes beyond counts under `__overflow__`.
        max_series_per_metric: usize = whole(1).or("2000");
        /// Adds metrics by agent, with the agent's id.
        per_agent: bool = switch().or("false");
        /// `false`: do not ask for `customerinfo`, which brings the direction, and customers' names with it. It is never asked
        /// for with `call_details: v2`, which tells the direction without.
        direction: bool = switch().or("true");
    }

    /// What is told of single conversations.
    #[derive(PartialEq)]
    pub struct Events {
        /// Where a line of JSON is written of each abandoned conversation as it is counted; with it, `/abandoned` lists
        /// those of the recent windows. Ids, queue, wait and event, and nothing of any person. `off`: there is neither.
        abandoned: Option<Output> = output::kind().or("off");
    }

    /// How readily the exporter pages.
    #[derive(PartialEq)]
    pub struct Alerts {
        /// Pages on abandonment in 30 days that may be false, of a whole account: fewer take longer to come.
        false_pages_per_month: f64 = number(0.0, 100.0).or("1");
    }

    /// `storage` as written.
    pub(super) struct StorageKeys {
        /// A folder, created if missing; one process at a time.
        path: PathBuf = path().or("./data");
        /// Instead of `path`, a database of PostgreSQL 15 or later. `sslmode` is `verify-full` or `disable`; without it
        /// `verify-full`, but `disable` where every host is loopback or a Unix socket (`?host=/var/run/postgresql`).
        url: Option<DatabaseUrl> = database_url::kind().optional("postgres://smartassist@db.example/smartassist");
        /// A file with the password of the database's user. Read again before each new connection.
        password_file: Option<Secret> = secret::password_file().optional("/run/secrets/database");
        /// The password itself; a file is better.
        password: Option<Secret> = secret::password().optional("…");
        /// A file with certificates in PEM of authorities to trust beside the system's when the database shows its own.
        ca_file: Option<Authorities> = authority::kind().optional("/etc/ssl/acme-database.pem");
    }

    /// Where the exporter is asked.
    #[derive(PartialEq)]
    pub struct Web {
        /// Address and port to serve on; `:10720` is all of IPv4. A change needs a restart.
        listen_address: SocketAddr = listen::kind().or("127.0.0.1:10720");
        /// `true`: answer `/-/healthy` and `/-/ready` to everybody, without password, client certificate or rate limit,
        /// whatever the file of `--web.config.file` says; for probes that can show neither.
        open_health: bool = switch().or("false");
    }
}

/// A target is one line: the account's has a default, a channel's and a queue's is what is written.
macro_rules! targets {
    ($( $(#[doc = $doc:literal])* $field:ident at $path:literal: $type:ty = $kind:expr, $default:literal; )*) => {
        keys! {
            /// An account's targets, all set.
            #[derive(Copy, PartialEq)]
            pub struct AccountTargets {
                $( $(#[doc = $doc])* $field at $path: $type = $kind.or($default); )*
            }

            /// Targets of a channel or a queue: only those that are written, so that a queue beats its channel and a
            /// channel the account one by one.
            #[derive(Copy, Default, PartialEq)]
            pub struct TargetsOverride {
                $( $(#[doc = $doc])* $field at $path: Option<$type> = $kind.optional($default); )*
            }
        }
    };
}

targets! {
    /// Abandoned ÷ offered, not to be exceeded.
    abandonment_ratio at "abandonment_ratio": f64 = ratio(), "0.05";
    /// The wait within which a conversation is to be answered.
    service_level_within at "service_level.within": Duration = span(MILLISECOND), "20s";
    /// Answered within that ÷ offered, to be reached.
    service_level_ratio at "service_level.ratio": f64 = ratio(), "0.8";
    /// Mean wait of the answered, not to be exceeded.
    speed_of_answer at "speed_of_answer": Duration = span(MILLISECOND), "30s";
    /// How long nobody is to wait for an agent, at any instant.
    longest_wait at "longest_wait": Duration = span(MILLISECOND), "3m";
}
