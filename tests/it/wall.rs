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
use std::ops::Range;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// No request fails.
const NEVER: Range<usize> = usize::MAX..usize::MAX;

const MARKUP: &str = "<img src=x onerror=alert(1)><script>alert(2)</script>";

/// Beside the page's own script one that says which words do not fit into where they stand: it is served without the policy
/// that keeps other scripts out.
const MEASURE: &str = "<p id=cut hidden></p><script>
setInterval(() => {
  const words = document.querySelectorAll('h1, .age, .state, .tile dt, .value, .note, .queues th, .queues td, .rest, .nothing');
  const screen = { right: innerWidth, bottom: innerHeight };
  const scrolled = getComputedStyle(document.body).getPropertyValue('--scrolled').trim() === 'yes';
  const cut = [...words].filter((it) => {
    const own = it.getBoundingClientRect();
    if (!own.width || !it.textContent) return false;
    const box = (it.closest('.tile') ?? it.closest('.list') ?? document.body).getBoundingClientRect();
    const low = scrolled ? Infinity : Math.min(box.bottom, screen.bottom);
    return own.bottom > low + 1 || own.right > Math.min(box.right, screen.right) + 1 || it.scrollWidth > it.clientWidth;
  });
  document.getElementById('cut').textContent = cut.map((it) => `${it.tagName}.${it.className}: ${it.textContent}`).join('; ');
}, 500);
</script></body>";

/// Tells the same wall again and again, and breaks for some of the requests.
struct Told {
    /// Each with its queues.
    accounts: Vec<(String, Vec<WallQueue>)>,
    asked: AtomicUsize,
    breaks: Range<usize>,
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
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        assert!(!self.breaks.contains(&asked), "it is broken now");
        let account = |(name, queues): &(String, Vec<WallQueue>)| WallAccount {
            name: name.as_str().into(),
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
            queues: queues.clone(),
        };
        Wall {
            now_s: clock::now_s(),
            accounts: self.accounts.iter().map(account).collect(),
        }
    }

    fn healthy(&self) -> bool {
        true
    }
}

/// One account's page, whose source answers so often and then breaks.
fn seen(queues: Vec<WallQueue>, answers: usize, after_ms: u32, size: &str) -> (String, String) {
    let accounts = vec![(MARKUP.to_owned(), queues)];
    seen_of(accounts, answers..usize::MAX, after_ms, size)
}

/// The page as it is served.
fn seen_of(
    accounts: Vec<(String, Vec<WallQueue>)>,
    breaks: Range<usize>,
    after_ms: u32,
    size: &str,
) -> (String, String) {
    seen_at("wall", accounts, breaks, after_ms, size)
}

/// The page at a path as it stands after so long, and what the browser had to say of it.
fn seen_at(
    path: &str,
    accounts: Vec<(String, Vec<WallQueue>)>,
    breaks: Range<usize>,
    after_ms: u32,
    size: &str,
) -> (String, String) {
    let runtime = Runtime::new().unwrap();
    let address = "127.0.0.1:0".parse().unwrap();
    let listener = runtime.block_on(web::bind(address)).unwrap();
    let address = listener.local_addr().unwrap();
    let url = format!("http://{address}/{path}?theme=light");
    let source = Arc::new(Told {
        accounts,
        asked: AtomicUsize::new(0),
        breaks,
    });
    let stop = CancellationToken::new();
    let page = include_str!("../../src/web/wall/wall.html").replace("</body>", MEASURE);
    let measured = axum::routing::get(async move || axum::response::Html(page));
    let router = web::router(source).route("/measured", measured);
    runtime.spawn(web::serve(
        listener,
        router,
        web::Gate::open(),
        stop.clone(),
    ));
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

/// So many accounts with so many queues each.
fn accounts(accounts: usize, queues: usize) -> Vec<(String, Vec<WallQueue>)> {
    let queues = |_| (0..queues).map(|n| queue(&format!("Queue {n}"), &spike()));
    let names = (0..accounts).map(|n| (format!("Account {n:02}"), queues(n).collect()));
    names.collect()
}

/// Words of the page that do not fit into where they stand.
fn cut(page: &str) -> &str {
    let after = page.split("id=\"cut\"").nth(1).unwrap();
    let words = after.split_once('>').unwrap().1;
    words.split('<').next().unwrap()
}

#[test]
fn every_account_is_seen_and_nothing_is_cut_off_on_any_screen() {
    for (many, queues, size) in [
        (1, 6, "1920,1080"),
        (2, 6, "1366,768"),
        (3, 6, "1920,1080"),
        (3, 40, "1366,768"),
        (4, 6, "1920,1080"),
        (4, 6, "3840,2160"),
        (4, 6, "390,844"),
        (5, 6, "1920,1080"),
        (12, 6, "1366,768"),
        (20, 6, "1920,1080"),
        (1, 6, "390,844"),
        (20, 6, "390,844"),
    ] {
        let shown = accounts(many, queues);
        let (page, said) = seen_at("measured", shown.clone(), NEVER, 3_000, size);
        let what = format!("{many} accounts at {size}");
        assert_eq!(said, "", "{what}: the console has something to say");
        assert_eq!(cut(&page), "", "{what}");
        let text = text(&page);
        for (name, _) in &shown {
            assert!(
                text.contains(&format!("|{name}|up to date|")),
                "{what}: {name}"
            );
        }
        let phone = size.starts_with("390");
        let lines = many > 4 && !phone;
        let levels = if lines {
            "|▲|79.6 %|"
        } else {
            "|▲ below target 80 %|"
        };
        assert!(text.matches(levels).count() >= many, "{what}: {text}");
        assert_eq!(text.contains("|Queue 0|"), !lines, "{what}");
        // Each has room for two of its queues at least.
        let hidden = page.matches("hidden=\"\"><th").count();
        assert!(
            lines || many * queues - hidden >= 2 * many,
            "{what}: {hidden}"
        );
    }
}

#[test]
fn with_the_next_answer_it_is_itself_again() {
    // Asked every five seconds, and by some browsers once more where a connection ends without an answer.
    let breaks = 1..9;
    let page = |after_ms| seen_of(accounts(1, 2), breaks.clone(), after_ms, "1366,768").0;
    let stale = page(22_000);
    assert!(stale.contains("<body class=\"silent\">"), "{stale}");
    assert!(text(&stale).contains("▲ No answer since "), "{stale}");
    let fresh = page(90_000);
    let words = text(&fresh);
    assert!(fresh.contains("<body class=\"\">"), "{fresh}");
    assert!(words.contains("|Waiting|34|now|"), "{words}");
    assert!(words.contains("|▲|12:34|, above target|"), "{words}");
    assert!(!words.contains("too old"), "{words}");
    assert!(!fresh.contains("<title>▲ No answer since "), "{fresh}");
}
