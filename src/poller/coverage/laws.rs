//! What holds for any load, any stop and any clock.

use super::*;
use proptest::prelude::*;

const START: i64 = 1_790_000_000;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// An account in virtual time: records at a steady rate, answers at once, a bucket of requests.
struct Account {
    coverage: Coverage,
    rule: Rule,
    now_s: i64,
    per_hour: u32,
    per_minute: f64,
    tokens: f64,
}

impl Account {
    fn new(rule: Rule, per_hour: u32, per_minute: f64) -> Account {
        Account {
            coverage: Coverage::new(START, DAY),
            rule,
            now_s: START,
            per_hour,
            per_minute,
            tokens: 1.0,
        }
    }

    /// Reads what is due and affordable; returns the windows read.
    fn poll(&mut self) -> Vec<Window> {
        let mut windows = Vec::new();
        while self.tokens >= 1.0 {
            let Some(window) = self
                .coverage
                .plan(&Aside::default(), self.now_s, &self.rule, false)
            else {
                break;
            };
            let records = ((window.to_s - window.from_s) * i64::from(self.per_hour) / HOUR) as u32;
            self.tokens -= f64::from(records / 100 + 1);
            self.coverage.read(window, window.to_s, self.now_s, records);
            self.coverage
                .advance_floor(self.now_s, Some(self.now_s), self.rule.max_lookback_s);
            windows.push(window);
        }
        windows
    }

    fn sleep(&mut self, seconds: i64) {
        self.now_s += seconds;
        self.tokens = (self.tokens + self.per_minute / 60.0 * seconds.max(0) as f64)
            .min(self.per_minute / 6.0);
    }

    /// Lets `seconds` pass, polling whenever something is due.
    fn run(&mut self, seconds: i64) -> Vec<Window> {
        let (end, mut windows) = (self.now_s + seconds, Vec::new());
        while self.now_s < end {
            windows.extend(self.poll());
            let due_in = self.coverage.due_at_s(self.now_s, &self.rule, false) - self.now_s;
            self.sleep(due_in.clamp(1, end - self.now_s));
        }
        windows
    }
}

fn rules() -> impl Strategy<Value = Rule> {
    (1i64..600, 0.05f64..=0.9, 1i64..=14).prop_map(|(interval_s, revisit, days)| Rule {
        interval_s,
        revisit,
        max_lookback_s: days * DAY,
        window_rows: 1_100,
    })
}

fn sound(coverage: &Coverage) {
    let mut end = coverage.floor_s();
    for stretch in coverage.stretches() {
        assert!(
            end <= stretch.from_s && stretch.from_s < stretch.to_s,
            "{stretch:?}"
        );
        end = stretch.to_s;
    }
    assert!(coverage.stretches().len() <= MOST_STRETCHES);
}

fn allowed(window: &Window, coverage: &Coverage, now_s: i64) {
    assert!(
        window.from_s < window.to_s && window.to_s <= now_s,
        "{window:?}"
    );
    assert!(window.to_s - window.from_s <= 7 * DAY, "{window:?}");
    assert!(window.from_s >= coverage.floor_s(), "{window:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn nothing_stays_overdue_when_the_budget_allows(rule in rules(), per_hour in 0u32..2_000) {
        let mut account = Account::new(rule, per_hour, 6_000.0);
        account.run(120);
        for _ in 0..12 {
            account.run(397);
            account.poll();
            prop_assert_eq!(account.coverage.overdue_s(account.now_s, &rule), 0);
            prop_assert!(account.coverage.fully_read(0, account.now_s - rule.interval_s));
            sound(&account.coverage);
        }
    }

    /// Whatever is read, however late, whenever the clock stands: the map is sound, windows are allowed, the floor
    /// never falls, and planning comes to an end.
    #[test]
    fn no_clock_and_no_reading_breaks_the_map(
        rule in rules(),
        by_rows: bool,
        steps in prop::collection::vec((-3 * DAY..3 * DAY, 0i64..100, 0u32..3_000, 0usize..6, any::<bool>()), 1..60),
    ) {
        let rule = Rule { window_rows: if by_rows { 100 } else { rule.window_rows }, ..rule };
        let mut coverage = Coverage::new(START, DAY.min(rule.max_lookback_s));
        let mut now_s = START;
        for (jump, late, records, windows, spare) in steps {
            now_s += if jump % 3 == 0 { jump } else { jump.rem_euclid(40) };
            for _ in 0..windows {
                let Some(window) = coverage.plan(&Aside::default(), now_s, &rule, spare) else { break };
                allowed(&window, &coverage, now_s);
                coverage.read(window, window.to_s - late, now_s, records);
                sound(&coverage);
            }
            let floor_s = coverage.floor_s();
            coverage.advance_floor(now_s, Some(now_s - i64::from(records)), rule.max_lookback_s);
            prop_assert!(coverage.floor_s() >= floor_s);
            prop_assert!(coverage.due_at_s(now_s, &rule, spare) > now_s);
            sound(&coverage);
        }
        let mut readings = 0;
        while let Some(window) = coverage.plan(&Aside::default(), now_s, &rule, true) {
            coverage.read(window, window.to_s, now_s, 0);
            readings += 1;
            prop_assert!(readings < 10_000);
        }
        prop_assert!(coverage.fully_read(i64::MIN, now_s - rule.interval_s));
    }

    /// Sleeping until it says so misses nothing.
    #[test]
    fn nothing_is_due_before_it_is_said_to_be(rule in rules(), ran in 60i64..5_000, spare: bool) {
        let mut account = Account::new(rule, 500, 6_000.0);
        account.run(ran);
        let mut readings = 0;
        while let Some(window) = account.coverage.plan(&Aside::default(), account.now_s, &rule, spare) {
            account.coverage.read(window, window.to_s, account.now_s, 9);
            readings += 1;
            prop_assert!(readings < 10_000);
        }
        let due_at_s = account.coverage.due_at_s(account.now_s, &rule, spare);
        prop_assert_eq!(account.coverage.plan(&Aside::default(), due_at_s - 1, &rule, spare), None);
        prop_assert!(account.coverage.plan(&Aside::default(), due_at_s, &rule, spare).is_some());
    }

    /// A stored map plans as the one that was stored.
    #[test]
    fn a_restart_reads_again_only_what_is_due(rule in rules(), ran in 0i64..5_000, stopped in 0i64..DAY) {
        let mut account = Account::new(rule, 300, 600.0);
        account.run(ran);
        let stored = serde_json::to_string(&account.coverage).unwrap();
        let restored: Coverage = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(&restored, &account.coverage);
        let now_s = account.now_s + stopped;
        prop_assert_eq!(restored.plan(&Aside::default(), now_s, &rule, true), account.coverage.plan(&Aside::default(), now_s, &rule, true));
    }
}

#[test]
fn a_stop_of_two_days_is_caught_up_whole_while_the_live_edge_stays_fresh() {
    let rule = Rule {
        interval_s: 30,
        revisit: 0.25,
        max_lookback_s: 7 * DAY,
        window_rows: 1_100,
    };
    let mut account = Account::new(rule, 1_000, 30.0);
    account.run(4 * HOUR);
    let (stopped_s, back_s) = (account.now_s, account.now_s + 2 * DAY);
    account.sleep(2 * DAY);
    let mut unread_for = 0;
    while !account.coverage.fully_read(stopped_s - HOUR, back_s) {
        for window in account.run(10) {
            allowed(&window, &account.coverage, account.now_s);
        }
        let newest = account.coverage.newest_read_s().unwrap();
        assert!(
            account.now_s - newest <= 90,
            "the live edge is {} s old",
            account.now_s - newest
        );
        unread_for += 10;
        // 48,000 records are 480 full pages: 16 minutes of the whole budget.
        assert!(unread_for <= 30 * 60, "not caught up");
    }
}

#[test]
fn a_week_of_many_conversations_is_a_small_map() {
    let rule = Rule {
        interval_s: 30,
        revisit: 0.25,
        max_lookback_s: 7 * DAY,
        window_rows: 1_100,
    };
    let mut account = Account::new(rule, 1_000, 60.0);
    account.run(6 * HOUR);
    for _ in 0..7 * 4 {
        account.sleep(5 * HOUR);
        account.run(HOUR);
    }
    let stored = serde_json::to_string(&account.coverage).unwrap();
    assert!(
        stored.len() < 8_192,
        "{} bytes, {} stretches",
        stored.len(),
        account.coverage.stretches().len()
    );
}
