//! What the vendor's page leaves open, and how real servers page: the counts must not depend on any of it.

use crate::support::Page;
use crate::support::scene::{HISTORY_S, Scene, Setting};
use smartassist_exporter::clock;
use smartassist_exporter::simulator::http::{
    NoData, NumResults, OffsetCounts, Reading, SelectsOn, Span, Zone,
};
use std::time::Duration;

/// One reading, from the first counts to the truth. Gives the last page.
fn reading(rate_per_hour: f64, change: impl FnOnce(&mut Reading)) -> Page {
    Scene::new(Setting::reading(rate_per_hour, change)).lives_and_ends_with_the_truth()
}

#[test]
fn offset_may_count_rows() {
    reading(1_200.0, |reading| reading.offset = OffsetCounts::Rows);
}

#[test]
fn num_results_may_be_the_size_of_the_page() {
    reading(3_000.0, |reading| reading.num_results = NumResults::Page);
}

#[test]
fn num_results_may_be_missing() {
    reading(3_000.0, |reading| reading.num_results = NumResults::Missing);
}

#[test]
fn num_results_may_be_wrong_in_both_directions() {
    for says in [NumResults::TooMany, NumResults::TooFew] {
        reading(3_000.0, |reading| reading.num_results = says);
    }
}

#[test]
fn times_may_be_shown_in_the_accounts_zone() {
    let page = reading(1_200.0, |reading| reading.zone = Zone::Fixed(330));
    assert_eq!(
        page.sum("smartassist_exporter_response_utc_offset_seconds", &[]),
        19_800.0
    );
}

#[test]
fn windows_may_select_on_the_end() {
    reading(1_200.0, |reading| reading.select = SelectsOn::End);
}

#[test]
fn live_conversations_may_be_hidden() {
    reading(1_200.0, |reading| reading.hide_live = true);
}

#[test]
fn the_time_of_day_may_be_ignored() {
    reading(900.0, |reading| reading.ignore_time_of_day = true);
}

#[test]
fn more_than_a_window_yields_is_split() {
    // The first windows are planned for 15 minutes, the density being unknown: several hundred records too many.
    let page = reading(8_000.0, |_| {});
    assert!(page.sum("smartassist_exporter_windows_split_total", &[]) > 0.0);
    assert_eq!(
        page.sum("smartassist_exporter_windows_truncated_total", &[]),
        0.0
    );
}

#[test]
fn pages_may_be_merged_from_two_stores() {
    reading(3_000.0, |reading| reading.page_overfull = true);
}

#[test]
fn pages_may_be_filtered_after_paging() {
    for says in [NumResults::Total, NumResults::Missing] {
        reading(3_000.0, |reading| {
            reading.filter_after_paging = 0.01;
            reading.num_results = says;
        });
    }
}

#[test]
fn pages_may_be_capped_below_the_limit() {
    for says in [NumResults::Total, NumResults::Page, NumResults::Missing] {
        let page = reading(3_000.0, |reading| {
            reading.page_cap = Some(50);
            reading.num_results = says;
        });
        let truncated = page.sum("smartassist_exporter_windows_truncated_total", &[]);
        assert_eq!(truncated, 0.0, "{says:?}");
    }
}

/// What is cut off each page stands on no other: only shorter windows have it.
#[test]
fn pages_may_be_cut_off_and_counted_as_whole_ones() {
    for cut in [40, 90] {
        let page = reading(1_500.0, |reading| reading.page_cut = Some(cut));
        assert_eq!(
            page.sum("smartassist_exporter_windows_truncated_total", &[]),
            0.0
        );
    }
}

#[test]
fn each_store_may_be_paged_by_itself() {
    for says in [NumResults::Total, NumResults::Page, NumResults::Missing] {
        reading(1_500.0, |reading| {
            reading.two_stores = true;
            reading.num_results = says;
        });
    }
}

#[test]
fn the_first_page_may_be_empty_beside_a_total() {
    reading(1_500.0, |reading| {
        reading.empty_first_page = true;
        reading.no_data = NoData::Null;
    });
}

/// Found only on the sixteenth window: what seemed empty until then is read again.
#[test]
fn the_first_page_may_be_empty_with_nothing_that_tells_of_the_others() {
    reading(1_500.0, |reading| {
        reading.empty_first_page = true;
        reading.num_results = NumResults::Page;
    });
}

#[test]
fn pages_may_overlap_and_be_filtered() {
    reading(1_500.0, |reading| {
        reading.offset = OffsetCounts::Rows;
        reading.filter_after_paging = 0.2;
    });
}

/// What short pages mean is learned; what was learned may cease to be true.
#[test]
fn a_server_may_begin_to_cap_its_pages_while_it_is_read() {
    let scene = Scene::new(Setting::reading(1_500.0, |reading| {
        reading.num_results = NumResults::Missing;
    }));
    let exporter = scene.serve();
    let polls = |page: &Page| page.sum("smartassist_exporter_polls_total", &[("result", "ok")]);
    exporter.wait_for("enough to believe in short pages", 90, |page| {
        polls(page) > 15.0
    });
    scene.change(|reading| reading.page_cap = Some(40));
    let before = polls(&exporter.page());
    exporter.wait_for("life with short pages", 90, |page| {
        polls(page) > before + 10.0
    });
    scene.ends_with_the_truth(&exporter, 120);
}

#[test]
fn no_record_may_be_told_in_any_way_and_behind_a_byte_order_mark() {
    for no_data in [NoData::Null, NoData::Missing] {
        let page = reading(600.0, |reading| {
            reading.no_data = no_data;
            reading.byte_order_mark = true;
        });
        let bad = [("result", "bad_body")];
        let bad = page.value("smartassist_exporter_requests_total", &bad);
        assert_eq!(bad, Some(0.0), "{no_data:?}");
    }
}

#[test]
fn records_may_come_late_and_answers_slowly() {
    let scene = Scene::new(Setting::reading(900.0, |reading| {
        reading.lag = Duration::from_secs(6);
        reading.latency = Duration::from_millis(200);
    }));
    let exporter = scene.serve();
    let polls = |page: &Page| page.sum("smartassist_exporter_polls_total", &[("result", "ok")]);
    exporter.wait_for("life with a lag", 120, |page| polls(page) > 6.0);
    scene.ends_with_the_truth(&exporter, 60);
}

/// A second, five in a row, and two stretches that meet: each is lost by itself, and for as long as it is bad.
#[test]
fn seconds_that_cannot_be_read_hide_nothing_else() {
    let now_s = clock::now_ms() / 1_000;
    let bad = |after_s: i64, length_s: i64| {
        let from_s = now_s - HISTORY_S + after_s;
        Span {
            from_s,
            to_s: from_s + length_s - 1,
        }
    };
    let scene = Scene::new(Setting::reading(3_000.0, |reading| {
        reading.unreadable = vec![bad(300, 1), bad(600, 5), bad(1_200, 1), bad(1_201, 1)];
    }));
    let exporter = scene.serve();
    exporter.wait_for("the first counts", 90, |page| {
        page.sum("smartassist_conversations_total", &[]) > 0.0
    });
    scene.centre.simulator.freeze();
    scene.comes_to_the_truth(&exporter, 60);
    let page = exporter.page();
    assert!(page.sum("smartassist_exporter_windows_truncated_total", &[]) > 0.0);
    let with_them = || scene.centre.simulator.truth(&scene.witness).counted;
    let without = with_them();
    scene.change(|reading| reading.unreadable.clear());
    assert!(with_them() > without + 3, "the bad seconds are no test");
    scene.comes_to_the_truth(&exporter, 90);
}
