//! Every offset that some zone has or had since 2015.

use super::RESIDUAL_S;

/// Local − UTC in minutes, in order. A test holds it equal to the time zone database.
pub(super) const OFFSETS_MIN: [i32; 43] = [
    -720, -660, -600, -570, -540, -480, -420, -360, -300, -270, -240, -210, -180, -150, -120, -60,
    0, 60, 120, 180, 210, 240, 270, 300, 330, 345, 360, 390, 420, 480, 510, 525, 540, 570, 600,
    630, 660, 690, 720, 765, 780, 825, 840,
];

/// The offset in seconds that a difference is, give or take [`RESIDUAL_S`].
pub(super) fn nearest(difference_s: i64) -> Option<i32> {
    OFFSETS_MIN
        .iter()
        .map(|minutes| minutes * 60)
        .find(|offset_s| (difference_s - i64::from(*offset_s)).abs() <= RESIDUAL_S)
}
