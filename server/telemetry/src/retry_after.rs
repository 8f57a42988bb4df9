//! `Retry-After`: for how long a server asks to be left alone.

use std::time::Duration;

use http::{HeaderMap, header::RETRY_AFTER};
use jiff::{Timestamp, fmt::rfc2822};

/// The wait that `headers` ask for, in seconds or by a date; none where they ask for nothing that can be read.
/// The caller sets a limit: nothing can be added to an `Instant` that is as long as somebody may ask.
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let then = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Duration::try_from(now.duration_until(then)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_asked_for_in_seconds_or_by_a_date() {
        let now = "2026-11-23T10:00:00Z".parse().unwrap();
        let asked = |value| {
            let headers = [(RETRY_AFTER, http::HeaderValue::from_static(value))];
            retry_after(&headers.into_iter().collect(), now)
        };
        assert_eq!(asked(" 7 "), Some(Duration::from_secs(7)));
        let date = "Mon, 23 Nov 2026 10:02:00 GMT";
        assert_eq!(asked(date), Some(Duration::from_mins(2)));
        let past = "Mon, 23 Nov 2026 09:00:00 GMT";
        assert_eq!(asked(past), Some(Duration::ZERO));
        let most = Some(Duration::from_secs(u64::MAX));
        assert_eq!(asked("18446744073709551615"), most);
        assert_eq!(asked("99999999999999999999999"), most);
        for unreadable in ["soon", "", "-1", "7 s", "+7"] {
            assert_eq!(asked(unreadable), None, "{unreadable:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
