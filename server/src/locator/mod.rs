//! The upstream site: one question at a time, through a cache in memory. What cannot be known is a [`Failure`], never an
//! empty answer.

mod access;
mod bound;
mod cache;
mod charset;
mod fetch;
mod page;
pub mod profile;
mod row;
mod session;
mod site;
mod tally;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use icelocator_config::{Locator as Settings, Mounts, Reloadable};
use jiff::Timestamp;
use opentelemetry::metrics::Meter;
use tokio::sync::watch;

use self::access::InvalidProxies;
use self::cache::{Cache, Remembered};
use self::profile::Profile;
pub use self::profile::Requires;
pub use self::row::{Row, Status};
use self::site::{Seen, Site};
pub use self::tally::{Route, Stage, Stages, Tally};
use crate::observe::Outcome;

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

impl Question {
    /// Whether it says a date of birth.
    pub fn is_dated(&self) -> bool {
        matches!(self, Self::Name { date_of_birth, .. } if !date_of_birth.is_empty())
    }
}

/// Why the site gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It wants to see a person.
    #[error("challenged")]
    Challenged,
    /// It wants us to slow down, or our own pace and budget do.
    #[error("rate limited")]
    RateLimited {
        /// For how long, where that is known.
        retry_after: Option<Duration>,
    },
    /// It cannot be reached, says that it is down, or failed too often of late to be asked.
    #[error("unavailable")]
    Unavailable {
        /// For how long, where that is known.
        retry_after: Option<Duration>,
    },
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
            Self::RateLimited { .. } => "rate_limited",
            Self::Unavailable { .. } => "unavailable",
            Self::Timeout => "timeout",
            Self::PageChanged => "page_changed",
        }
    }

    /// How long to wait before asking again, where that is known.
    pub fn retry_after(self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } | Self::Unavailable { retry_after } => retry_after,
            Self::Challenged | Self::Timeout | Self::PageChanged => None,
        }
    }
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Challenged => Self::Challenged,
            Failure::RateLimited { .. } => Self::RateLimited,
            Failure::Unavailable { .. } | Failure::Timeout => Self::Unavailable,
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
    /// There can be no site at that address.
    #[error("baseUrl: not the address of a site: write http:// or https:// and a host")]
    Address,
    /// The profile is wrong.
    #[error("profile: {0}")]
    Profile(#[from] profile::Error),
    /// The list of egress proxies could not be read.
    #[error("access.egressProxies: cannot read {path}: {source}")]
    ProxiesFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The list of egress proxies is wrong.
    #[error("access.egressProxies: {0}")]
    Proxies(#[from] InvalidProxies),
    /// No HTTP client can be made.
    #[error("no HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

/// What the site said, and when.
pub struct Known {
    /// Who matches; nobody, when there are none.
    pub rows: Vec<Row>,
    /// When it said so.
    pub as_of: Timestamp,
}

/// An answer.
pub struct Found {
    /// What the site said.
    pub known: Arc<Known>,
    /// Why others are missing from it, when some of its pages could not be read. Such an answer is not remembered.
    pub missing: Option<Failure>,
    /// Whether it was remembered rather than asked for.
    pub remembered: bool,
}

/// What a locator finds around it.
pub struct Surroundings {
    /// Where references are found.
    pub mounts: Mounts,
    /// What may change while it works.
    pub reloadable: watch::Receiver<Reloadable>,
}

impl Default for Surroundings {
    /// Of a server by itself whose settings do not change.
    fn default() -> Self {
        let (_, reloadable) = watch::channel(Reloadable::default());
        Self {
            mounts: Mounts::default(),
            reloadable,
        }
    }
}

/// The site behind its cache.
pub struct Locator {
    site: Site,
    cache: Cache,
    timeout: Duration,
}

impl Locator {
    /// The locator that these settings describe.
    pub fn new(
        settings: &Settings,
        meter: &Meter,
        surroundings: Surroundings,
    ) -> Result<Self, Error> {
        let base = settings.base_url.as_ref().ok_or(Error::NoSite)?;
        let profile = match &settings.profile {
            None => Profile::shipped()?,
            Some(own) => Profile::load(&surroundings.mounts.config_map_key(&own.config_map_ref))?,
        };
        let access = settings.access.as_ref();
        Ok(Self {
            site: Site::new(base, profile, access, surroundings, meter)?,
            cache: Cache::new(&settings.cache, meter),
            timeout: settings.timeout.into(),
        })
    }

    /// What the site allows and wants of a question.
    pub fn requires(&self) -> Requires {
        self.site.requires()
    }

    /// Who answers to this question. Equal questions of one asker at the same time are one request; failures are not kept.
    pub async fn look_up(
        &self,
        question: &Question,
        asker: &str,
        tally: &Tally,
    ) -> Result<Found, Failure> {
        let began = Instant::now();
        let mut asking = Duration::ZERO;
        let ask = async {
            let began = Instant::now();
            let seen = self.site.ask(question, self.timeout, tally).await;
            asking = began.elapsed();
            let Seen { rows, missing } = seen?;
            let as_of = Timestamp::now();
            Ok(Remembered {
                known: Arc::new(Known { rows, as_of }),
                missing,
            })
        };
        // Boxed: it is large, and every call would carry it from the start.
        let found = Box::pin(self.cache.get_or_ask(question, asker, ask)).await;
        tally.add(Stage::Cache, began.elapsed().saturating_sub(asking));
        found
    }
}
