//! The upstream site: one question at a time, through a cache in memory. What cannot be known is a [`Failure`], never an
//! empty answer.

mod page;
mod profile;
mod site;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use icelocator_config::Locator as Settings;
use moka::Expiry;
use moka::future::Cache;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Gauge, Meter};
use sha2::{Digest as _, Sha256};
use tracing::Instrument as _;
use tracing::field::Empty;

pub use self::page::Row;
use self::profile::Profile;
use self::site::Site;
use crate::observe::{Outcome, catalogue};

/// What the site is asked. Identifies somebody: it cannot be printed.
pub enum Question {
    /// Who has this A-number.
    Number {
        /// Nine digits.
        number: String,
        /// Country of birth, as the site calls it.
        country: String,
    },
    /// Who has exactly this name.
    Name {
        /// Given names.
        first: String,
        /// Surnames.
        last: String,
        /// Country of birth, as the site calls it; empty when not known.
        country: String,
        /// YYYY-MM-DD; empty when not known.
        date_of_birth: String,
    },
}

/// Why the site gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It wants to see a person.
    #[error("challenged")]
    Challenged,
    /// It wants us to slow down.
    #[error("rate limited")]
    RateLimited,
    /// It cannot be reached, or says that it is down.
    #[error("unavailable")]
    Unavailable,
    /// It did not answer in time.
    #[error("timed out")]
    Timeout,
    /// It answered with a page that does not look as expected.
    #[error("page changed")]
    PageChanged,
}

impl Failure {
    /// As metrics and spans call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Challenged => "challenged",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::PageChanged => "page_changed",
        }
    }
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Challenged => Self::Challenged,
            Failure::RateLimited => Self::RateLimited,
            Failure::Unavailable | Failure::Timeout => Self::Unavailable,
            Failure::PageChanged => Self::PageChanged,
        }
    }
}

/// Why there is no locator.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody said where the site is.
    #[error("baseUrl: the address of the site is missing")]
    NoSite,
    /// The profile that ships inside is broken.
    #[error("the profile cannot be read: {0}")]
    Profile(#[from] serde_saphyr::Error),
    /// No HTTP client can be made.
    #[error("no HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

type Key = [u8; 32];
type People = Arc<[Row]>;

/// The site behind its cache.
pub struct Locator {
    site: Site,
    cache: Cache<Key, People>,
    salt: Key,
    timeout: Duration,
    lookups: Counter<u64>,
    entries: Gauge<u64>,
}

/// How long answers are kept: those that found nobody are soon out of date.
struct Kept {
    found: Duration,
    not_found: Duration,
}

impl Expiry<Key, People> for Kept {
    fn expire_after_create(&self, _: &Key, people: &People, _: Instant) -> Option<Duration> {
        Some(if people.is_empty() {
            self.not_found
        } else {
            self.found
        })
    }
}

impl Locator {
    /// The locator that these settings describe.
    pub fn new(settings: &Settings, meter: &Meter) -> Result<Self, Error> {
        let base = settings.base_url.clone().ok_or(Error::NoSite)?;
        let kept = Kept {
            found: settings.cache.ttl.into(),
            not_found: settings.cache.not_found_ttl.into(),
        };
        Ok(Self {
            site: Site::new(base, Profile::shipped()?, meter)?,
            cache: Cache::builder()
                .max_capacity(settings.cache.max_entries.into())
                .expire_after(kept)
                .build(),
            salt: rand::random(),
            timeout: settings.timeout.into(),
            lookups: catalogue::CACHE_LOOKUPS.counter(meter),
            entries: catalogue::CACHE_ENTRIES.gauge(meter),
        })
    }

    /// Whether a question must say the country of birth.
    pub fn requires_country(&self) -> bool {
        self.site.requires_country()
    }

    /// Who answers to this question. Equal questions at the same time are one request; failures are not kept.
    pub async fn look_up(&self, question: &Question) -> Result<People, Failure> {
        let span = tracing::info_span!("icelocator.cache", icelocator.cache.result = Empty);
        let asked = AtomicBool::new(false);
        let ask = async {
            asked.store(true, Ordering::Relaxed);
            self.site
                .ask(question, self.timeout)
                .await
                .map(People::from)
        };
        let answer = self
            .cache
            .try_get_with(self.key(question), ask)
            .instrument(span.clone())
            .await
            .map_err(|failure| *failure);
        let result = if asked.into_inner() { "miss" } else { "hit" };
        span.record("icelocator.cache.result", result);
        self.lookups.add(1, &[KeyValue::new("result", result)]);
        self.entries.record(self.cache.entry_count(), &[]);
        answer
    }

    /// A key that no name can be read from, not even by trying names: the salt is this process's own.
    fn key(&self, question: &Question) -> Key {
        let parts: [&str; 5] = match question {
            Question::Number { number, country } => ["number", number, country, "", ""],
            Question::Name {
                first,
                last,
                country,
                date_of_birth,
            } => ["name", first, last, country, date_of_birth],
        };
        let mut hash = Sha256::new_with_prefix(self.salt);
        for part in parts {
            hash.update(part.len().to_be_bytes());
            hash.update(part.to_lowercase());
        }
        hash.finalize().into()
    }
}
