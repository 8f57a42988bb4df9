//! Searches: from what a caller said to what the site was asked, and from its answers to one answer. "We do not know" is
//! never "not found".

mod country;
mod name;
mod number;
mod person;

use icelocator_config::Locator as Settings;
use jiff::Timestamp;
use opentelemetry::metrics::Meter;
use tracing::Instrument as _;
use tracing::field::Empty;

pub use self::name::NameQuery;
pub use self::number::AlienNumberQuery;
pub use self::person::{Facility, Person};
pub use crate::locator::Error;
use crate::locator::{Failure, Locator, Question};
use crate::observe::Outcome;

/// An argument that is missing or cannot be used. Says which, never what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidInput {
    /// Its name.
    pub field: &'static str,
    /// Whether it was not there at all.
    pub missing: bool,
}

impl InvalidInput {
    fn malformed(field: &'static str) -> Self {
        Self {
            field,
            missing: false,
        }
    }
}

/// How a search ended.
pub struct Answer {
    /// In a word.
    pub outcome: Outcome,
    /// Who matches, best first.
    pub people: Vec<Person>,
    /// When the site was asked.
    pub as_of: Timestamp,
    /// What may be counted of it.
    pub facts: Facts,
}

/// What may be counted of a search.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts {
    /// Questions to the site or its cache.
    pub lookups: u32,
}

/// Searches one site.
pub struct Search {
    locator: Locator,
}

impl Search {
    /// Searches with these settings.
    pub fn new(settings: &Settings, meter: &Meter) -> Result<Self, Error> {
        Locator::new(settings, meter).map(|locator| Self { locator })
    }

    /// Who has this name, in the spellings that the site may know it in.
    pub async fn by_name(&self, query: NameQuery) -> Result<Answer, InvalidInput> {
        let country = self.country(query.country())?;
        let plan = query.spellings().into_iter().map(|spelling| {
            let question = Question::Name {
                first: spelling.first.clone(),
                last: spelling.last.clone(),
                country: country.clone(),
                date_of_birth: query.date_of_birth().to_owned(),
            };
            (question, spelling.score, spelling.reason)
        });
        let span = tracing::info_span!(
            "icelocator.search",
            icelocator.lookups = Empty,
            icelocator.outcome = Empty
        );
        Ok(self.follow(plan).instrument(span).await)
    }

    /// Who has this A-number.
    pub async fn by_alien_number(&self, query: AlienNumberQuery) -> Result<Answer, InvalidInput> {
        let country = self.country(query.country())?;
        let question = Question::Number {
            number: query.digits().to_owned(),
            country,
        };
        let span = tracing::info_span!(
            "icelocator.search",
            icelocator.lookups = Empty,
            icelocator.outcome = Empty
        );
        let plan = std::iter::once((question, 1.0, "the A-number is the same"));
        Ok(self.follow(plan).instrument(span).await)
    }

    fn country(&self, given: Option<&str>) -> Result<String, InvalidInput> {
        match given {
            None if self.locator.requires_country() => Err(InvalidInput {
                field: "country_of_birth",
                missing: true,
            }),
            given => Ok(given.unwrap_or_default().to_owned()),
        }
    }

    /// Asks one question after another, until somebody is found or the site gives no answer.
    async fn follow(&self, plan: impl Iterator<Item = (Question, f64, &'static str)>) -> Answer {
        let as_of = Timestamp::now();
        let mut lookups = 0;
        let mut failed: Option<Failure> = None;
        let mut people = Vec::new();
        for (question, score, reason) in plan {
            lookups += 1;
            match self.locator.look_up(&question).await {
                Ok(rows) => people.extend(rows.iter().map(|row| Person::new(row, score, reason))),
                Err(failure) => failed = Some(failure),
            }
            if failed.is_some() || !people.is_empty() {
                break;
            }
        }
        let outcome = match (people.len(), failed) {
            (0, Some(failure)) => failure.into(),
            (0, None) => Outcome::NotFound,
            (1, _) => Outcome::Found,
            _ => Outcome::Several,
        };
        let span = tracing::Span::current();
        span.record("icelocator.lookups", lookups);
        span.record("icelocator.outcome", outcome.as_str());
        Answer {
            outcome,
            people,
            as_of,
            facts: Facts { lookups },
        }
    }
}
