//! What scrapes are handed: pieces of one moment, in both encodings.

use super::*;

/// The pieces of the text, as they lie in memory.
fn pieces(publisher: &Publisher, now: Instant) -> Vec<*const u8> {
    let page = publisher.page(Encoding::Plain, now);
    page.map(|piece| piece.as_ptr()).collect()
}

#[test]
fn a_small_page_is_put_together_once_until_something_changes() {
    let start = Instant::now();
    let publisher = publisher(ZERO_FIRST);
    publisher.publish(view("acme", vec![offered("Billing", 7)]), start);
    let first = pieces(&publisher, start);
    let again = pieces(
        &publisher,
        (start + OWN_AGE)
            .checked_sub(Duration::from_millis(1))
            .unwrap(),
    );
    assert_eq!(first, again);
    let kept = publisher.page(Encoding::Plain, start);
    assert_ne!(pieces(&publisher, start + OWN_AGE), first);
    drop(kept);
}

#[test]
fn an_accounts_publication_touches_no_other_accounts_part_and_no_family_that_reads_the_same() {
    let start = Instant::now();
    let publisher = publisher(Duration::ZERO);
    let acme = |more| {
        view(
            "acme",
            vec![offered("Billing", more), callback_wait("Billing")],
        )
    };
    publisher.publish(view("other", vec![offered("Billing", 5)]), start);
    publisher.publish(acme(7), start);
    let parts = |account: &str, measure| {
        let accounts = publisher.accounts.read().unwrap();
        let page = accounts[account].page.load_full();
        page.family(table::place(measure)).unwrap().text.as_ptr()
    };
    let before = [
        parts("other", Measure::Offered),
        parts("acme", Measure::CallbackWait),
    ];
    let changed = parts("acme", Measure::Offered);
    publisher.publish(acme(8), start);
    let after = [
        parts("other", Measure::Offered),
        parts("acme", Measure::CallbackWait),
    ];
    assert_eq!(before, after);
    assert_ne!(changed, parts("acme", Measure::Offered));
}

#[test]
fn a_page_of_many_accounts_comes_in_pieces_and_each_account_whole() {
    let start = Instant::now();
    let publisher = publisher(Duration::ZERO);
    let publish = |account: usize, count| {
        let queues = (0..300).map(|queue| offered(&format!("Queue {queue}"), count));
        let waits = (0..20).map(|queue| callback_wait(&format!("Queue {queue}")));
        publisher.publish(
            view(&format!("a-{account}"), queues.chain(waits).collect()),
            start,
        );
    };
    (0..30).for_each(|account| publish(account, 1));
    let scrape = publisher.page(Encoding::Plain, start);
    let unread = scrape.length();
    // Published while the scrape is under way: not on its page.
    (0..30).for_each(|account| publish(account, 2));
    let pieces: Vec<Bytes> = scrape.collect();
    assert!(pieces.len() > 10, "{} pieces", pieces.len());
    assert_eq!(
        pieces.iter().map(|piece| piece.len() as u64).sum::<u64>(),
        unread
    );
    let page = parse(std::str::from_utf8(&pieces.concat()).unwrap());
    let counts = |page: &Parsed| -> Vec<f64> {
        let family = page
            .families
            .iter()
            .find(|it| it.name == "smartassist_offered_total");
        family
            .unwrap()
            .samples
            .iter()
            .map(|line| line.value)
            .collect()
    };
    assert_eq!(counts(&page), vec![1.0; 9_000]);
    let next = text(&publisher, start);
    assert_eq!(counts(&parse(&next)), vec![2.0; 9_000]);
    assert_eq!(unzipped(&publisher, start), next);
}

#[test]
fn what_was_published_before_is_kept_by_nobody_but_scrapes_under_way() {
    let start = Instant::now();
    let publisher = publisher(Duration::ZERO);
    publisher.publish(view("acme", vec![offered("Billing", 1)]), start);
    let scrape = publisher.page(Encoding::Plain, start);
    let held = {
        let accounts = publisher.accounts.read().unwrap();
        Arc::downgrade(&accounts["acme"].page.load_full())
    };
    publisher.publish(view("acme", vec![offered("Billing", 2)]), start);
    drop(scrape);
    assert_eq!(held.strong_count(), 0);
}

#[test]
fn the_gzipped_page_is_the_page_in_one_member() {
    let start = Instant::now();
    let publisher = publisher(ZERO_FIRST);
    let sums = vec![offered("Billing", 7), callback_wait("Billing")];
    publisher.publish(view("acme", sums), start);
    let page = text(&publisher, start);
    assert_eq!(unzipped(&publisher, start), page);
    assert!(
        page.contains("smartassist_exporter_build_info{version=\"1.2.3\",revision=\"abc\"} 1\n")
    );
}
