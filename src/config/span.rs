//! Durations as people write them into the configuration.

use std::time::Duration;

/// `90s`, `24h`, `7d`, `1h 30m`: hours up to two days, only longer stretches are told in days.
pub fn as_written(span: Duration) -> String {
    let millis = span.as_millis();
    let whole = |unit: u128| millis.is_multiple_of(unit).then_some(millis / unit);
    match (whole(86_400_000), whole(3_600_000)) {
        (Some(days), _) if days > 2 => format!("{days}d"),
        (_, Some(hours)) if hours > 0 => format!("{hours}h"),
        _ => humantime::format_duration(span).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_as_they_are_configured() {
        for written in [
            "24h", "48h", "60h", "7d", "30d", "400d", "2h", "1h 30m", "30s", "5ms", "0s",
        ] {
            let span = humantime::parse_duration(written).unwrap();
            assert_eq!(as_written(span), written);
        }
    }
}
