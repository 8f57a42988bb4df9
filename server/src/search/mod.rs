//! Searches: from what a caller said to what the site was asked, and from its answers to one answer. "We do not know" is
//! never "not found".

mod alike;
pub mod country;
mod course;
mod lexicon;
mod matcher;
mod name;
mod nickname;
mod number;
mod person;
pub mod plain;
mod plan;
mod score;
mod script;
mod shown;
mod sound;
mod spelling;
mod text;
mod variant;
mod words;

use std::sync::Arc;
use std::time::{Duration, Instant};

use icelocator_config::Locator as Settings;
use icelocator_redaction::Kind;
use jiff::Timestamp;
use opentelemetry::metrics::Meter;
use tracing::Instrument as _;
use tracing::field::Empty;

use self::course::Course;
use self::matcher::Matcher;
pub use self::name::NameQuery;
pub use self::number::AlienNumberQuery;
pub use self::person::{Facility, Person, RELEASED};
use self::plan::{Plan, Step};
pub use self::score::Reason;
use self::score::Score;
use self::spelling::Spelling;
pub use self::text::folded;
pub use crate::locator::{Error, Surroundings};
use crate::locator::{Locator, Question, Row, Tally};
pub use crate::locator::{Stage, Stages};
use crate::observe::Outcome;
use crate::privacy::Shown;

/// An argument that is missing or cannot be used. Says which, never what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidInput {
    /// Its name.
    pub field: &'static str,
    /// Whether it was not there at all.
    pub missing: bool,
    /// What may have been meant: a word of our own list, never the caller's.
    pub suggestion: Option<&'static str>,
    /// Whether it says that a child is looked for, whom the site never shows.
    pub child: bool,
}

impl InvalidInput {
    fn malformed(field: &'static str) -> Self {
        Self {
            field,
            missing: false,
            suggestion: None,
            child: false,
        }
    }

    /// The birth date of somebody whom the site never shows.
    fn child() -> Self {
        Self {
            child: true,
            ..Self::malformed("date_of_birth")
        }
    }
}

/// How a search ended.
pub struct Answer {
    /// In a word.
    pub outcome: Outcome,
    /// Who may match, best first.
    pub people: Vec<Person>,
    /// How many more may match than are among them.
    pub more_people: usize,
    /// Whether the site was asked for a number, not for a name.
    pub by_number: bool,
    /// When the site said so; of several answers, the oldest.
    pub as_of: Timestamp,
    /// How long to wait before the site is asked again, where that is known.
    pub retry_after: Option<Duration>,
    /// What may be counted of it.
    pub facts: Facts,
    /// All whom the site showed, be they told or not.
    pub rows: Vec<Row>,
}

impl Answer {
    /// Keeps whom the site showed.
    pub fn show(&self, shown: &Shown) {
        if !shown.is_kept() {
            return;
        }
        for row in &self.rows {
            shown.add(Kind::Name, &format!("{} {}", row.first, row.last));
            if let Some(number) = &row.alien_number {
                shown.add(Kind::AlienNumber, number);
            }
            if let Some(date) = row.date_of_birth {
                shown.add(Kind::Date, &date.to_string());
            }
        }
    }
}

/// What may be counted of a search.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Questions to the site or its cache.
    pub lookups: u32,
    /// How many of them the cache answered.
    pub remembered: u32,
    /// Pages of results that the site was asked for.
    pub pages: u32,
    /// Requests to it that were made again.
    pub retries: u32,
    /// The way that led to it at last.
    pub strategy: Option<&'static str>,
    /// The egress proxy on that way.
    pub proxy: Option<Arc<str>>,
    /// What found the best match.
    pub matcher: Option<&'static str>,
    /// The how-manieth question that was.
    pub rank: Option<u32>,
    /// How long each part of it took.
    pub stages: Stages,
}

impl Facts {
    /// Takes what another search of the same call took. What found somebody is said of one search only.
    pub fn add(&mut self, other: &Self) {
        self.lookups += other.lookups;
        self.remembered += other.remembered;
        self.pages += other.pages;
        self.retries += other.retries;
        self.strategy = other.strategy.or(self.strategy);
        self.proxy = other.proxy.clone().or(self.proxy.take());
        self.stages.add_all(&other.stages);
    }

    /// Takes what was counted while the search went on.
    fn take(&mut self, tally: &Tally) {
        self.pages = tally.pages();
        self.retries = tally.retries();
        self.stages.add_all(&tally.stages());
        if let Some(route) = tally.route() {
            self.strategy = Some(route.strategy);
            self.proxy = route.proxy;
        }
    }
}

/// Searches one site, for one asker.
#[derive(Clone)]
pub struct Search {
    locator: Arc<Locator>,
    /// When a search stops asking.
    deadline: Duration,
    /// For whom answers are remembered; empty where nobody is known from another.
    asker: Arc<str>,
}

impl Search {
    /// Searches with these settings.
    pub fn new(
        settings: &Settings,
        meter: &Meter,
        surroundings: Surroundings,
    ) -> Result<Self, Error> {
        Ok(Self {
            locator: Arc::new(Locator::new(settings, meter, surroundings)?),
            deadline: settings.search_deadline(),
            asker: Arc::default(),
        })
    }

    /// The same for this caller, who is told nothing that another one's search brought.
    #[must_use]
    pub fn asked_by(&self, caller: &str) -> Self {
        Self {
            asker: caller.into(),
            ..self.clone()
        }
    }

    /// Who has this name, in the spellings that the site may know it in.
    pub async fn by_name(&self, query: NameQuery) -> Result<Answer, InvalidInput> {
        let countries = self.countries(&query.countries)?;
        let requires = self.locator.requires();
        if requires.adults_only && query.is_child() {
            return Err(InvalidInput::child());
        }
        let steps = |spellings: Vec<Spelling>| {
            let asked = |spelling: &Spelling| requires.exact_names || !spelling.matcher.is_near();
            let each = |spelling: Spelling| {
                let promise = query.promise(&spelling);
                countries.iter().map(move |country| Step {
                    question: Question::Name {
                        first: spelling.first.clone(),
                        last: spelling.last.clone(),
                        country: (*country).to_owned(),
                        date_of_birth: String::new(),
                    },
                    matcher: spelling.matcher,
                    promise,
                })
            };
            spellings.into_iter().filter(asked).flat_map(each).collect()
        };
        let first = steps(spelling::first(&query).into_iter().collect());
        let whole = || steps(spelling::plan(&query));
        let plan = Plan::new(first, whole);
        let birth = query.date_of_birth.map(|date| date.to_string());
        let search = self.follow(plan, birth.as_deref(), |question, row| {
            Some(Score::of_name(&query, row, question.is_dated()))
        });
        Ok(search.instrument(span(query.fuzzy)).await)
    }

    /// Who has this A-number.
    pub async fn by_alien_number(&self, query: AlienNumberQuery) -> Result<Answer, InvalidInput> {
        let countries = self.countries(query.countries())?;
        let number = query.digits();
        let steps = countries.into_iter().map(|country| Step {
            question: Question::Number {
                number: number.to_owned(),
                country: country.to_owned(),
            },
            matcher: Matcher::AlienNumber,
            promise: 1.0,
        });
        let score = |_: &Question, row: &Row| {
            let asked_for = row
                .alien_number
                .as_deref()
                .is_none_or(|shown| shown == number);
            asked_for.then(|| Score::of_number(row, query.countries()))
        };
        let plan = Plan::of(steps.collect());
        let search = self.follow(plan, None, score);
        Ok(search.instrument(span(false)).await)
    }

    /// Whether the site does not search without a country of birth.
    pub fn requires_country(&self) -> bool {
        self.locator.requires().country
    }

    /// The countries to ask about; where none was given and the site wants none, that.
    fn countries<'a>(&self, given: &[&'a str]) -> Result<Vec<&'a str>, InvalidInput> {
        match given {
            [] if self.requires_country() => Err(InvalidInput {
                field: "country_of_birth",
                missing: true,
                ..InvalidInput::malformed("country_of_birth")
            }),
            [] => Ok(vec![""]),
            given => Ok(given.to_vec()),
        }
    }

    /// Asks one question after another, until nothing better can be found, or the site gives no answer, or time is up.
    /// Where the site shows no birth dates and `birth` is known, it is asked again with it. `score` is `None` for somebody
    /// whom the site cannot have meant.
    async fn follow(
        &self,
        mut plan: Plan<impl FnOnce() -> Vec<Step>>,
        birth: Option<&str>,
        score: impl Fn(&Question, &Row) -> Option<Score>,
    ) -> Answer {
        let until = Instant::now() + self.deadline;
        let tally = Tally::default();
        let mut course = Course::default();
        let mut budget = spelling::MOST;
        while budget > 0
            && let Some(step) = tally.during(Stage::Understanding, || plan.next())
        {
            let known = course.known();
            self.ask(&mut course, &step, until, &score, &tally).await;
            budget -= 1;
            if let Some(birth) = birth
                && budget > 0
                && course.known() > known
                && course.lacks_birth_dates()
                && let Some(dated) = step.dated(birth)
            {
                self.ask(&mut course, &dated, until, &score, &tally).await;
                budget -= 1;
            }
            // First against the best that there can be: often that is enough, and the rest need not be thought of.
            if course.is_over(1.0)
                || course.is_over(tally.during(Stage::Understanding, || plan.promise(budget)))
            {
                break;
            }
        }
        let mut answer = tally.during(Stage::Ranking, || course.answer());
        answer.facts.take(&tally);
        let span = tracing::Span::current();
        span.record("icelocator.lookups", answer.facts.lookups);
        span.record("icelocator.matches", answer.people.len());
        span.record("icelocator.matcher", answer.facts.matcher);
        span.record("icelocator.outcome", answer.outcome.as_str());
        answer
    }

    /// Asks one question, for as long as there is time.
    async fn ask(
        &self,
        course: &mut Course,
        step: &Step,
        until: Instant,
        score: impl Fn(&Question, &Row) -> Option<Score>,
        tally: &Tally,
    ) {
        let answer = self.locator.look_up(&step.question, &self.asker, tally);
        match tokio::time::timeout_at(until.into(), answer).await {
            Ok(Ok(found)) => {
                tally.during(Stage::Ranking, || {
                    course.learn(&found.known, found.remembered, step.matcher, |row| {
                        score(&step.question, row)
                    });
                });
                course.note(&found);
            }
            Ok(Err(failure)) => course.fail(failure),
            Err(_) => course.run_out(),
        }
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
