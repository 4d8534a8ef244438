//! The bounds of histograms, written a second time: a change of them needs a migration.

const WAITS_S: [u64; 17] = [
    1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200, 1800, 3600,
];
const TALKS_S: [u64; 14] = [
    5, 10, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 5400, 7200, 14400,
];

/// Upper bounds of a histogram's buckets, in seconds and inclusive.
pub fn bounds_s(metric: &str) -> &'static [u64] {
    match metric {
        "smartassist_session_duration_seconds"
        | "smartassist_interaction_duration_seconds"
        | "smartassist_after_call_work_duration_seconds" => &TALKS_S,
        _ => &WAITS_S,
    }
}
