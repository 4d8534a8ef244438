//! The text of a page.

use super::{NoData, NumResults, Reading};

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'r, R> {
    #[serde(skip_serializing_if = "Option::is_none")]
    num_results: Option<usize>,
    /// `Some(None)` is `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Option<&'r [R]>>,
}

/// A total that is too great is so by this much and a tenth.
const TOO_MANY: usize = 7;
const BYTE_ORDER_MARK: &str = "\u{feff}";

pub(super) fn written<R: serde::Serialize>(
    reading: &Reading,
    total: usize,
    rows: &[R],
) -> serde_json::Result<String> {
    let body = serde_json::to_string(&Body {
        num_results: match reading.num_results {
            NumResults::Total => Some(total),
            NumResults::Page => Some(rows.len()),
            NumResults::Missing => None,
            NumResults::TooMany => Some(total + total / 10 + TOO_MANY),
            NumResults::TooFew => Some(total / 2),
        },
        data: match reading.no_data {
            NoData::Null if rows.is_empty() => Some(None),
            NoData::Missing if rows.is_empty() => None,
            _ => Some(Some(rows)),
        },
    })?;
    Ok(if reading.byte_order_mark {
        [BYTE_ORDER_MARK, &body].concat()
    } else {
        body
    })
}
