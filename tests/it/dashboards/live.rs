//! Every query of every panel and variable, asked of a real Prometheus that scrapes the real exporter with the configuration and the
//! rules that ship; behind it a simulated contact centre, busy enough that everything happens within a minute.

use super::board::{self, Board, asked, text};
use crate::support::process::{self, Process};
use crate::support::{account, free_address};
use serde_json::Value;
use smartassist_exporter::simulator::Contract;
use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Queries that may find nothing while all is well: nothing is stale, no alert fires, no value is refused, no limit is met,
/// a queue has other channels than those set apart, and what is compared with the vendor's numbers must have ended an hour ago.
const MAY_BE_EMPTY: [&str; 36] = [
    "bots-channels: `Consults, by queue, per 10 minutes` A",
    "bots-channels: `Lost in the bot` S",
    "bots-channels: `Voicemails, by outcome, per 10 minutes` A",
    "exporter: `Beside the vendor's numbers` A",
    "exporter: `Beside the vendor's numbers` B",
    "exporter: `Beside the vendor's numbers` C",
    "exporter: `Beside the vendor's numbers` D",
    "exporter: `Difference from the vendor's numbers` A",
    "exporter: `Who told` A",
    "exporter: `Who told` B",
    "exporter: `Limits met, in 10 minutes` A",
    "exporter: `Limits met, in 10 minutes` B",
    "exporter: `Limits met, in 10 minutes` C",
    "exporter: `Limits met, in 10 minutes` D",
    "exporter: `Limits met, in 10 minutes` E",
    "exporter: `Outcomes that the vendor sums up otherwise` A",
    "operations: `Abandonment` S",
    "operations: `Agents available` S",
    "operations: `Alerts` A",
    "operations: `Alerts` B",
    "operations: `Alerts` C",
    "operations: `Longest wait` S",
    "operations: `Service level` S",
    "operations: `Speed of answer` S",
    "operations: `Waiting` S",
    "queue: `Abandonment` B",
    "queue: `Abandonment` S",
    "queue: `Agents available` S",
    "queue: `Longest wait` B",
    "queue: `Longest wait` S",
    "queue: `Service level` B",
    "queue: `Service level` S",
    "queue: `Speed of answer` B",
    "queue: `Speed of answer` S",
    "queue: `Waiting` B",
    "queue: `Waiting` S",
];

/// From the start of the processes to the last answer: half a minute on an idle machine.
const PATIENCE: Duration = Duration::from_mins(3);

#[tokio::test(flavor = "multi_thread")]
async fn every_query_of_every_panel_finds_data_or_is_known_to_find_none() {
    let folder = TempDir::new().unwrap();
    let [centre, exporter] = [(); 2].map(|()| free_address());
    let _centre = start_centre(centre);
    let _exporter = start_exporter(folder.path(), centre, exporter);
    let (_prometheus, prometheus) = start_prometheus(folder.path(), exporter);

    let boards = board::all();
    let mut unanswered: Vec<(String, String)> = boards.iter().flat_map(filled_queries).collect();
    let deadline = Instant::now() + PATIENCE;
    let known: BTreeSet<String> = MAY_BE_EMPTY.map(str::to_owned).into();
    let asking = reqwest::Client::new();
    loop {
        let mut still = Vec::new();
        for (place, expr) in unanswered {
            if !finds_data(&asking, prometheus, &place, &expr).await {
                still.push((place, expr));
            }
        }
        unanswered = still;
        let empty: BTreeSet<String> = unanswered.iter().map(|(place, _)| place.clone()).collect();
        if empty.is_subset(&known) {
            break;
        }
        assert!(
            Instant::now() < deadline,
            "found no data for {:#?}",
            empty.difference(&known).collect::<Vec<_>>()
        );
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

/// What a board asks, for panels and for variables, with the variables as they stand when the board is opened.
fn filled_queries(board: &Board) -> Vec<(String, String)> {
    let fill = |expr: &str| {
        let mut expr = expr
            .replace("$__rate_interval", "1m")
            // A step of minutes would see a minute of data now and then.
            .replace("$__range:5m", "1m:1s")
            .replace("$__range:1m", "1m:1s")
            .replace("$__range", "1m")
            // There is no yesterday yet.
            .replace("$baseline", "1s");
        // A minute has not enough to judge by; that boards want enough is another test's.
        for least in [3, 10, 20, 30, 100] {
            expr = expr
                .replace(&format!(">= {least}\n"), ">= 1\n")
                .replace(&format!(">= {least} "), ">= 1 ")
                .replace(&format!(">= {least})"), ">= 1)");
            if let Some(start) = expr.strip_suffix(&format!(">= {least}")) {
                expr = format!("{start}>= 1");
            }
        }
        for variable in board.variables() {
            let current = &variable["current"]["value"];
            let value = if current.is_string() {
                current
            } else {
                &variable["allValue"]
            };
            expr = expr.replace(&format!("${}", text(&variable["name"])), text(value));
        }
        expr
    };
    let panels = board.data_panels().flat_map(|panel| {
        let place = |target: &Value| {
            format!(
                "{}: `{}` {}",
                board.name,
                text(&panel["title"]),
                text(&target["refId"])
            )
        };
        let targets = board::list(&panel["targets"]);
        if text(&panel["fieldConfig"]["defaults"]["noValue"]) == "no answers" {
            // Good, fair, poor or too few: one of them has the score.
            let all: Vec<String> = targets
                .iter()
                .map(|target| format!("({})", fill(text(&target["expr"]))))
                .collect();
            return vec![(place(&targets[0]), all.join(" or "))];
        }
        targets
            .iter()
            .map(|target| (place(target), fill(text(&target["expr"]))))
            .collect()
    });
    let variables = board.query_variables().map(|variable| {
        let place = format!("{}: variable `{}`", board.name, text(&variable["name"]));
        (place, fill(asked(variable).unwrap()))
    });
    panels.chain(variables).collect()
}

/// At least one number; an error of Prometheus fails the test at once, once it is up.
async fn finds_data(
    asking: &reqwest::Client,
    prometheus: SocketAddr,
    place: &str,
    expr: &str,
) -> bool {
    let url = url::Url::parse_with_params(
        &format!("http://{prometheus}/api/v1/query"),
        [("query", expr)],
    )
    .unwrap();
    let Ok(answer) = asking.get(url).send().await else {
        return false;
    };
    let Ok(answer) = serde_json::from_slice::<Value>(&answer.bytes().await.unwrap()) else {
        return false;
    };
    assert_ne!(
        answer["status"], "error",
        "{place}: {} in {expr}",
        answer["error"]
    );
    let series = board::list(&answer["data"]["result"]);
    series.iter().any(|series| {
        text(&series["value"][1])
            .parse::<f64>()
            .is_ok_and(|value| !value.is_nan())
    })
}

fn start_centre(address: SocketAddr) -> Process {
    // Callbacks are asked for where waits are long, and made once agents are back.
    let spike = [
        "--scenario=abandonment-spike",
        "--scenario-queue=Billing",
        "--scenario-start=-40m",
        "--scenario-duration=36m",
    ];
    let busy = [
        "--rate=20000",
        "--history=70m",
        "--requests-per-minute=100000",
    ];
    Process::start(
        exporter_binary()
            .arg("simulate")
            .args(busy)
            .args(spike)
            .arg(format!("--web.listen-address={address}")),
    )
}

fn start_exporter(folder: &Path, centre: SocketAddr, address: SocketAddr) -> Process {
    let url = format!("http://{centre}");
    let keys = "requests_per_minute: 6000, ";
    let config = format!(
        "{}poll: {{interval: 1s, settle: 0s, initial_lookback: 66m}}
metrics: {{zero_first: 1s, per_agent: true}}
storage: {{path: {}}}
web: {{listen_address: \"{address}\"}}
",
        account("demo", &url, &Contract::default(), keys),
        folder.join("store").display()
    );
    let path = folder.join("exporter.yml");
    fs::write(&path, config).unwrap();
    Process::start(
        exporter_binary()
            .arg("serve")
            .arg("--config.file")
            .arg(path),
    )
}

fn start_prometheus(folder: &Path, exporter: SocketAddr) -> (Process, SocketAddr) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = fs::read_to_string(root.join("deploy/prometheus/prometheus.yml"))
        .unwrap()
        .replace("../../alerts", root.join("alerts").to_str().unwrap())
        .replace("exporter:10720", &exporter.to_string())
        .replace("interval: 15s", "interval: 1s");
    process::prometheus(folder, &config)
}

fn exporter_binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_smartassist-exporter"));
    command.stderr(Stdio::null());
    command
}
