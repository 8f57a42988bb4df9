//! Searches: from what a caller said to what the site was asked, and from its answers to one answer. "We do not know" is
//! never "not found".

pub mod country;
mod course;
mod name;
mod number;
mod person;
mod score;
mod spelling;
mod text;

use std::time::Duration;

use icelocator_config::Locator as Settings;
use jiff::Timestamp;
use opentelemetry::metrics::Meter;
use tracing::Instrument as _;
use tracing::field::Empty;

use self::course::Course;
pub use self::name::NameQuery;
pub use self::number::AlienNumberQuery;
pub use self::person::{Facility, Person};
pub use self::score::Reason;
use self::score::Score;
use self::spelling::Matcher;
pub use self::text::folded;
pub use crate::locator::{Error, Surroundings};
use crate::locator::{Locator, Question, Row};
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
    /// Who may match, best first.
    pub people: Vec<Person>,
    /// When the site said so; of several answers, the oldest.
    pub as_of: Timestamp,
    /// How long the site asks to wait, when it asks to be asked more slowly.
    pub retry_after: Option<Duration>,
    /// What may be counted of it.
    pub facts: Facts,
}

/// What may be counted of a search.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts {
    /// Questions to the site or its cache.
    pub lookups: u32,
    /// How many of them the cache answered.
    pub remembered: u32,
    /// What found the best match.
    pub matcher: Option<&'static str>,
}

/// Searches one site.
pub struct Search {
    locator: Locator,
}

impl Search {
    /// Searches with these settings.
    pub fn new(
        settings: &Settings,
        meter: &Meter,
        surroundings: Surroundings,
    ) -> Result<Self, Error> {
        Locator::new(settings, meter, surroundings).map(|locator| Self { locator })
    }

    /// Who has this name, in the spellings that the site may know it in.
    pub async fn by_name(&self, query: NameQuery) -> Result<Answer, InvalidInput> {
        let country = self.country(query.country)?;
        let birth = query.date_of_birth.map(|date| date.to_string());
        let plan = spelling::plan(&query).into_iter().map(|spelling| {
            let question = Question::Name {
                first: spelling.first,
                last: spelling.last,
                country: country.to_owned(),
                date_of_birth: birth.clone().filter(|_| spelling.dated).unwrap_or_default(),
            };
            (question, spelling.matcher)
        });
        let search = self.follow(plan, |question, row| {
            Some(Score::of_name(&query, row, question.is_dated()))
        });
        Ok(search.instrument(span(query.fuzzy)).await)
    }

    /// Who has this A-number.
    pub async fn by_alien_number(&self, query: AlienNumberQuery) -> Result<Answer, InvalidInput> {
        let country = self.country(query.country())?;
        let number = query.digits();
        let question = Question::Number {
            number: number.to_owned(),
            country: country.to_owned(),
        };
        let score = |_: &Question, row: &Row| {
            let asked_for = row
                .alien_number
                .as_deref()
                .is_none_or(|shown| shown == number);
            asked_for.then(|| Score::of_number(row, query.country()))
        };
        let plan = std::iter::once((question, Matcher::AlienNumber));
        Ok(self.follow(plan, score).instrument(span(false)).await)
    }

    fn country<'a>(&self, given: Option<&'a str>) -> Result<&'a str, InvalidInput> {
        match given {
            None if self.locator.requires_country() => Err(InvalidInput {
                field: "country_of_birth",
                missing: true,
            }),
            given => Ok(given.unwrap_or_default()),
        }
    }

    /// Asks one question after another, until somebody surely is the one, or the site gives no answer. `score` is `None` for
    /// somebody whom the site cannot have meant.
    async fn follow(
        &self,
        plan: impl Iterator<Item = (Question, Matcher)>,
        score: impl Fn(&Question, &Row) -> Option<Score>,
    ) -> Answer {
        let mut course = Course::default();
        for (question, matcher) in plan {
            match self.locator.look_up(&question).await {
                Ok(found) => course.learn(&found.known, found.remembered, matcher, |row| {
                    score(&question, row)
                }),
                Err(failure) => course.fail(failure),
            }
            if course.is_over() {
                break;
            }
        }
        let answer = course.answer();
        let span = tracing::Span::current();
        span.record("icelocator.lookups", answer.facts.lookups);
        span.record("icelocator.matches", answer.people.len());
        span.record("icelocator.matcher", answer.facts.matcher);
        span.record("icelocator.outcome", answer.outcome.as_str());
        answer
    }
}

fn span(fuzzy: bool) -> tracing::Span {
    tracing::info_span!(
        "icelocator.search",
        icelocator.fuzzy = fuzzy,
        icelocator.lookups = Empty,
        icelocator.matches = Empty,
        icelocator.matcher = Empty,
        icelocator.outcome = Empty,
    )
}
