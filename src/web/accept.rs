//! `Accept-Encoding`: whether the client takes gzip.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_ENCODING;

/// Weights in thousandths, as the field has at most three digits after the point.
const WHOLE: u16 = 1000;

/// True when gzip is named, or covered by `*`, with a weight above 0 and not below that of `identity`.
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let mut gzip = None;
    let mut any = None;
    let mut identity = None;
    for line in headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|line| line.to_str().ok())
    {
        for item in line.split(',') {
            let (coding, weight) = split(item);
            match coding.to_ascii_lowercase().as_str() {
                "gzip" | "x-gzip" => gzip = Some(weight),
                "*" => any = Some(weight),
                "identity" => identity = Some(weight),
                _ => {}
            }
        }
    }
    let gzip = gzip.or(any).unwrap_or(0);
    gzip > 0 && gzip >= identity.unwrap_or(0)
}

fn split(item: &str) -> (&str, u16) {
    let mut parts = item.split(';').map(str::trim);
    let coding = parts.next().unwrap_or_default();
    let weight = parts.find_map(|parameter| {
        parameter
            .strip_prefix("q=")
            .or_else(|| parameter.strip_prefix("Q="))
    });
    (coding, weight.map_or(WHOLE, thousandths))
}

/// An unreadable weight counts as 0: the plain text is always right.
fn thousandths(weight: &str) -> u16 {
    match weight.trim().parse::<f32>() {
        Ok(weight) if (0.0..=1.0).contains(&weight) => (weight * f32::from(WHOLE)) as u16,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(lines: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT_ENCODING, line.parse().unwrap());
        }
        takes_gzip(&headers)
    }

    #[test]
    fn gzip_is_taken_where_it_is_named() {
        assert!(takes(&["gzip"]));
        assert!(takes(&["deflate, GZIP;q=0.5, br"]));
        assert!(takes(&["br", "x-gzip"]));
        assert!(takes(&["*"]));
        assert!(takes(&["gzip; q=0.001"]));
    }

    #[test]
    fn gzip_is_not_taken_where_it_is_refused_or_unnamed() {
        assert!(!takes(&[]));
        assert!(!takes(&[""]));
        assert!(!takes(&["gzip;q=0"]));
        assert!(!takes(&["gzip;q=0.000, *"]));
        assert!(!takes(&["*;q=0"]));
        assert!(!takes(&["br, deflate"]));
        assert!(!takes(&["gzip;q=much"]));
        assert!(!takes(&["identity, gzip;q=0.5"]));
    }
}
