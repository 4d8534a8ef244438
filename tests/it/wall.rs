//! The page for the wall in a real Chromium: what people see of it, fresh and grown old.
//!
//! The browser's clock is virtual, so that a minute without answers takes none.

use bytes::Bytes;
use smartassist_exporter::clock;
use smartassist_exporter::metrics::{Encoding, Scrape};
use smartassist_exporter::poller::Status;
use smartassist_exporter::web::{
    self, AccountStatus, Figure, Source, Wall, WallAccount, WallNumbers, WallQueue, WallWindow,
};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

const MARKUP: &str = "<img src=x onerror=alert(1)><script>alert(2)</script>";

/// Tells the same wall as often as it may, and then breaks.
struct Told {
    queues: Vec<WallQueue>,
    left: AtomicUsize,
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "numbers may be unknown; these are not"
)]
fn figure<T>(value: T) -> Option<Figure<T>> {
    let now_s = clock::now_s();
    Some(Figure {
        value,
        read_s: now_s - 3,
        until_s: now_s + 30,
    })
}

fn spike() -> WallNumbers {
    WallNumbers {
        waiting: figure(34),
        longest_wait_s: figure(754),
        longest_wait_target_s: Some(120),
        agents_available: figure(3),
        with_agent: figure(46),
        service_level: figure(0.796),
        service_level_target: Some(0.8),
        abandonment: figure(0.041),
        abandonment_target: Some(0.05),
        offered: figure(1204),
    }
}

fn queue(name: &str, numbers: &WallNumbers) -> WallQueue {
    WallQueue {
        queue: name.into(),
        channel: "voice".into(),
        numbers: *numbers,
    }
}

impl Source for Told {
    fn metrics(&self, _: Encoding) -> Scrape {
        Bytes::new().into()
    }

    fn accounts(&self) -> Vec<AccountStatus> {
        Vec::new()
    }

    fn wall(&self) -> Wall {
        let left = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            });
        left.expect("it is broken from now on");
        let account = WallAccount {
            name: MARKUP.into(),
            status: Status {
                published: true,
                last_success_s: Some(clock::now_s()),
                ..Status::default()
            },
            window: Some(WallWindow {
                label: "15m".into(),
                to_s: clock::now_s() - 40,
            }),
            numbers: spike(),
            queues: self.queues.clone(),
        };
        Wall {
            now_s: clock::now_s(),
            accounts: vec![account],
        }
    }

    fn healthy(&self) -> bool {
        true
    }
}

/// The page as it stands after so long, and what the browser had to say of it.
fn seen(queues: Vec<WallQueue>, answers: usize, after_ms: u32, size: &str) -> (String, String) {
    let runtime = Runtime::new().unwrap();
    let address = "127.0.0.1:0".parse().unwrap();
    let listener = runtime.block_on(web::bind(address)).unwrap();
    let url = format!("http://{}/wall?theme=light", listener.local_addr().unwrap());
    let source = Arc::new(Told {
        queues,
        left: AtomicUsize::new(answers),
    });
    let stop = CancellationToken::new();
    runtime.spawn(web::serve(listener, web::router(source), stop.clone()));
    let profile = tempfile::tempdir().unwrap();
    // The page is our own; where tests run as root there is no sandbox to be had.
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .args(["--disable-dev-shm-usage", "--enable-logging=stderr"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--window-size={size}"))
        .arg(format!("--virtual-time-budget={after_ms}"))
        .arg(url)
        .output()
        .expect("chromium is needed: .ci/install-tools");
    stop.cancel();
    let page = String::from_utf8(output.stdout).unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    let said = log.lines().filter(|line| line.contains("CONSOLE"));
    let said: Vec<&str> = said.collect();
    assert!(page.contains("id=\"accounts\""), "no page:\n{page}\n{log}");
    (page, said.join("\n"))
}

/// The page's text, tags taken away.
fn text(page: &str) -> String {
    let pieces = page.split('<').map(|piece| {
        let (_, text) = piece.split_once('>').unwrap_or(("", piece));
        text.trim_matches('\n')
    });
    let text: Vec<&str> = pieces.filter(|text| !text.is_empty()).collect();
    text.join("|")
        .replace('\u{202f}', " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
}

#[test]
fn six_numbers_stand_beside_their_targets_and_markup_in_names_is_text() {
    let calm = WallNumbers {
        longest_wait_s: figure(12),
        waiting: None,
        ..spike()
    };
    let queues = vec![queue("Calm", &calm), queue(MARKUP, &spike())];
    let (page, said) = seen(queues, usize::MAX, 3_000, "1920,1080");
    assert_eq!(said, "", "the console has something to say");
    let text = text(&page);
    for shown in [
        "|Waiting|34|now|",
        "|Longest wait|12:34| min|▲ above target 2:00 min|",
        "|Agents available|3|46 in conversation|",
        "|Service level|79.6| %|▲ below target 80 %|",
        "|Abandoned|4.1| %|✓ within target 5 %|",
        "|Offered|1204|in 15 min, to ",
        "up to date",
        "queue now: ",
        "last 15 min: to ",
    ] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    // Twice as text, in the title and the head of the page as well; nowhere as an element.
    assert!(text.matches(MARKUP).count() >= 3, "{text}");
    assert!(
        !page.contains("<img") && page.matches("<script").count() == 1,
        "{page}"
    );
    let rows = text.split("Worst first").nth(1).unwrap();
    assert!(
        rows.find(MARKUP).unwrap() < rows.find("Calm").unwrap(),
        "{rows}"
    );
    assert!(rows.contains("|Calm|–|12 s|"), "unknown is a dash: {rows}");
    assert!(!page.contains("class=\"silent\""), "{page}");
}

#[test]
fn queues_that_have_no_room_are_counted() {
    let queues = (0..40).map(|n| queue(&format!("Queue {n}"), &spike()));
    let (page, said) = seen(queues.collect(), usize::MAX, 3_000, "1366,768");
    assert_eq!(said, "", "the console has something to say");
    let drawn = page.matches("<tr").count() - 1 - page.matches("hidden=\"\"><th").count();
    // Rows that have no room stay in the page, hidden.
    assert!((6..20).contains(&drawn), "{drawn} rows are shown");
    let rest = format!("and {} more", 40 - drawn);
    assert!(page.contains(&rest), "{rest}: {page}");
}

#[test]
fn without_answers_it_says_since_when_and_shows_nothing_that_is_too_old() {
    let (page, _) = seen(vec![queue("Billing", &spike())], 1, 60_000, "1920,1080");
    let text = text(&page);
    assert!(page.contains("<body class=\"silent\">"), "{page}");
    assert!(text.contains("▲ No answer since "), "{text}");
    assert!(text.contains("|Waiting|–|too old: was 34 at "), "{text}");
    assert!(text.contains("|Billing|–|–|–|–|–|–"), "{text}");
    assert!(page.contains("<title>▲ No answer since "), "{page}");
}

#[test]
fn where_nobody_ever_answered_it_says_that() {
    let (page, _) = seen(Vec::new(), 0, 20_000, "390,844");
    assert!(text(&page).contains("▲ No answer yet"), "{page}");
}
