//! Every offset that some zone has or had since 2015.

use super::RESIDUAL_S;

/// Local − UTC in minutes, in order. A test holds it equal to the time zone database.
pub(super) const OFFSETS_MIN: [i32; 43] = [
    -720, -660, -600, -570, -540, -480, -420, -360, -300, -270, -240, -210, -180, -150, -120, -60,
    0, 60, 120, 180, 210, 240, 270, 300, 330, 345, 360, 390, 420, 480, 510, 525, 540, 570, 600,
    630, 660, 690, 720, 765, 780, 825, 840,
];

/// Every offset is a multiple of it.
const QUARTER_S: i64 = 15 * 60;

/// Which quarters of an hour are offsets, from the first on.
const QUARTERS: [bool; 105] = {
    let mut quarters = [false; 105];
    let mut at = 0;
    while at < OFFSETS_MIN.len() {
        quarters[((OFFSETS_MIN[at] - OFFSETS_MIN[0]) / 15) as usize] = true;
        at += 1;
    }
    quarters
};

/// The offset in seconds that a difference is, give or take [`RESIDUAL_S`].
pub(super) fn nearest(difference_s: i64) -> Option<i32> {
    let quarters = (difference_s + QUARTER_S / 2).div_euclid(QUARTER_S);
    let offset_s = quarters * QUARTER_S;
    let from_first = quarters - i64::from(OFFSETS_MIN[0]) / 15;
    let known = *QUARTERS.get(usize::try_from(from_first).ok()?)?;
    let near = (difference_s - offset_s).abs() <= RESIDUAL_S;
    (known && near).then_some(offset_s as i32)
}
