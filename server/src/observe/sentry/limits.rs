//! What Sentry has asked us not to send for a while, by category.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use icelocator_delivery::{HeaderMap, StatusCode, Verdict};

/// Longest time that is believed.
const LONGEST: Duration = Duration::from_hours(24);
/// How long to wait where nothing is said.
const UNSAID: Duration = Duration::from_mins(1);
const RATE_LIMITS: &str = "x-sentry-rate-limits";

/// What is limited on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// Errors.
    Error,
    /// Performance.
    Transaction,
    /// Profiles.
    Profile,
    /// Release health.
    Session,
}

impl Category {
    const ALL: [Self; 4] = [Self::Error, Self::Transaction, Self::Profile, Self::Session];

    /// Its name in Sentry's header.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Transaction => "transaction",
            Self::Profile => "profile",
            Self::Session => "session",
        }
    }
}

/// Until when nothing of a category is to be sent.
#[derive(Default)]
pub struct Limits(Mutex<[Option<Instant>; Category::ALL.len()]>);

impl Limits {
    /// Whether something of this category may be sent.
    pub fn allow(&self, category: Category) -> bool {
        let until = self.0.lock().unwrap_or_else(PoisonError::into_inner)[category as usize];
        until.is_none_or(|until| until <= Instant::now())
    }

    /// What an answer means, its limits taken to heart.
    pub fn judge(&self, status: StatusCode, headers: &HeaderMap) -> Verdict {
        let mut said = false;
        for header in headers.get_all(RATE_LIMITS) {
            let limits = header.to_str().unwrap_or_default().split(',');
            for limit in limits.filter_map(Limit::parse) {
                said = true;
                self.set(&limit);
            }
        }
        match Verdict::of(status, headers) {
            // What is limited is not wanted later either. Anything that may be sent still is.
            Verdict::Retry(_) if status == StatusCode::TOO_MANY_REQUESTS && said => {
                Verdict::Refused
            }
            Verdict::Retry(None) if status == StatusCode::TOO_MANY_REQUESTS => {
                Verdict::Retry(Some(UNSAID))
            }
            verdict => verdict,
        }
    }

    fn set(&self, limit: &Limit<'_>) {
        let until = Instant::now() + limit.time;
        let mut limits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for category in Category::ALL {
            if limit.categories.is_empty() || limit.categories.contains(&category.as_str()) {
                let slot = &mut limits[category as usize];
                *slot = Some(slot.map_or(until, |before| before.max(until)));
            }
        }
    }
}

/// One limit: `seconds:category;category:scope:reason`, and no category means all.
#[derive(Debug, PartialEq)]
struct Limit<'a> {
    time: Duration,
    categories: Vec<&'a str>,
}

impl<'a> Limit<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.trim().split(':');
        let seconds: f64 = parts.next()?.trim().parse().ok()?;
        let time = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(LONGEST);
        let categories = parts.next()?.split(';').map(str::trim);
        Some(Self {
            time: time.min(LONGEST),
            categories: categories.filter(|category| !category.is_empty()).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(limits: &[&'static str]) -> HeaderMap {
        limits
            .iter()
            .map(|limit| (RATE_LIMITS.parse().unwrap(), limit.parse().unwrap()))
            .collect()
    }

    fn allowed(limits: &Limits) -> Vec<Category> {
        let mut all = Category::ALL.to_vec();
        all.retain(|category| limits.allow(*category));
        all
    }

    #[test]
    fn what_is_limited_is_not_sent_and_all_else_is() {
        use Category::{Error, Profile, Session, Transaction};
        let all = || vec![Error, Transaction, Profile, Session];
        for (header, left) in [
            (
                &["60:transaction;profile:organization:quota"][..],
                vec![Error, Session],
            ),
            (
                &["60:error:key, 2700:session;default:project:x"],
                vec![Transaction, Profile],
            ),
            (
                &["60:error:key", "1:session:key"],
                vec![Transaction, Profile],
            ),
            (&["60::organization"], vec![]),
            (&["60.5:error"], vec![Transaction, Profile, Session]),
            (&["1e300:error:key"], vec![Transaction, Profile, Session]),
            (&["0:error:key"], all()),
            (&["-5:error:key"], all()),
            (&["60:metric_bucket:organization"], all()),
            (&["60"], all()),
            (&["soon:error:key"], all()),
            (
                &["NaN:error:key"],
                vec![Error, Transaction, Profile, Session],
            ),
            (&[""], all()),
            (&[], all()),
        ] {
            let limits = Limits::default();
            assert_eq!(
                limits.judge(StatusCode::OK, &answer(header)),
                Verdict::Delivered
            );
            assert_eq!(allowed(&limits), left, "{header:?}");
        }
    }

    #[test]
    fn a_limit_that_is_said_again_does_not_shorten_it() {
        let limits = Limits::default();
        limits.judge(StatusCode::OK, &answer(&["600:error:key", "0:error:key"]));
        assert!(!limits.allow(Category::Error));
    }

    #[test]
    fn an_answer_that_limits_a_category_drops_it_and_any_other_makes_all_wait() {
        let status = StatusCode::TOO_MANY_REQUESTS;
        let judge = |headers: &HeaderMap| Limits::default().judge(status, headers);
        assert_eq!(judge(&answer(&["60:error:key"])), Verdict::Refused);
        assert_eq!(judge(&HeaderMap::new()), Verdict::Retry(Some(UNSAID)));
        let later = [(http::header::RETRY_AFTER, "7".parse().unwrap())];
        let verdict = judge(&later.into_iter().collect());
        assert_eq!(verdict, Verdict::Retry(Some(Duration::from_secs(7))));
    }
}
