//! What a tool answers: the same twice, structured for programs and as text for models and people.

use std::fmt::Write as _;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::advice;
use super::arguments::Wrong;
use super::texts::{self, words};
use crate::language::Language;
use crate::observe::Outcome;
use crate::search::{Answer, Person};
use crate::texts::Answers;

/// The answer of a search.
#[derive(Serialize, JsonSchema)]
pub struct SearchAnswer {
    /// How the search ended. Only `found`, `not_found`, `several` and `partial` are answers of the locator; with any other it is
    /// not known whether somebody matches. `invalid` is also told of a child, whom the locator never lists: nothing was asked.
    outcome: Outcome,
    /// The language of the texts.
    language: Language,
    /// What the outcome means.
    summary: String,
    /// When the locator was asked (RFC 3339).
    #[schemars(with = "String")]
    as_of: Timestamp,
    /// Who matches, best first.
    people: Vec<Person>,
    /// How many more may match than are in `people`. The date of birth or the A-number tells who is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    more_people: Option<usize>,
    /// With outcome `rate_limited` or `unavailable`: after how many seconds it makes sense to ask again, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<u64>,
    /// What to do next.
    next_steps: Vec<String>,
    /// What to do when the person is no longer there.
    #[serde(skip_serializing_if = "Option::is_none")]
    if_moved: Option<String>,
    /// Whom the locator never shows.
    limits: Vec<&'static str>,
    /// With outcome `invalid`: which argument, and what it must be.
    #[serde(skip_serializing_if = "Option::is_none")]
    invalid: Option<Invalid>,
    /// Where to turn to.
    help: Vec<HelpLine>,
}

/// An argument that was missing or could not be used.
#[derive(Serialize, JsonSchema)]
struct Invalid {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    /// Whether it was not there at all.
    missing: bool,
    /// What it must be.
    expected: &'static str,
    /// What may have been meant. Ask before searching with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestion: Option<&'static str>,
}

/// Somewhere to turn to.
#[derive(Serialize, JsonSchema)]
pub struct HelpLine {
    title: String,
    url: String,
}

impl HelpLine {
    /// Where to turn to, whatever the outcome.
    pub fn all(told: &Answers, language: Language) -> Vec<Self> {
        told.links()
            .map(|link| Self {
                title: link.title.of(language).to_owned(),
                url: link.url.clone(),
            })
            .collect()
    }

    /// As a line of text.
    pub fn text(&self) -> String {
        format!("- {}: {}", self.title, self.url)
    }
}

impl SearchAnswer {
    /// From what a search brought.
    pub fn new(answer: Answer, told: &Answers, language: Language) -> Self {
        let mut this = Self::bare(answer.outcome, answer.as_of, told, language);
        let wait = answer.retry_after;
        let wait = wait.map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
        advice::summary(&answer, told)
            .of(language)
            .clone_into(&mut this.summary);
        this.next_steps = advice::next_steps(&answer, told)
            .into_iter()
            .map(|step| advice::step(step, wait, language))
            .collect();
        let mut people = answer.people.iter();
        this.if_moved = people
            .any(|person| advice::can_be_called(person.status(), person.has_facility()))
            .then(|| told.if_moved.of(language).to_owned());
        this.more_people = Some(answer.more_people).filter(|more| *more > 0);
        this.people = answer.people;
        this.retry_after_seconds = wait;
        this
    }

    /// For a search that could not be made.
    pub fn invalid(wrong: Wrong, told: &Answers, language: Language) -> Self {
        let (field, missing, suggestion) = match wrong {
            Wrong::Missing(field) => (Some(field), true, None),
            Wrong::Malformed(field) | Wrong::Child(field) => (Some(field), false, None),
            Wrong::Misspelt(field, meant) => (Some(field), false, Some(meant)),
            Wrong::Unknown => (None, false, None),
        };
        let mut this = Self::bare(Outcome::Invalid, Timestamp::now(), told, language);
        let is_child = matches!(wrong, Wrong::Child(_));
        if is_child {
            told.summaries
                .child
                .of(language)
                .clone_into(&mut this.summary);
            let steps = told.next_steps.child.iter();
            this.next_steps = steps.map(|step| step.of(language).to_owned()).collect();
        }
        let expected = if is_child {
            texts::ADULT
        } else {
            texts::expected(field.unwrap_or_default())
        };
        this.invalid = Some(Invalid {
            field,
            missing,
            expected: language.of(expected),
            suggestion,
        });
        this
    }

    fn bare(outcome: Outcome, as_of: Timestamp, told: &Answers, language: Language) -> Self {
        let shows_nobody = matches!(outcome, Outcome::NotFound | Outcome::Partial);
        Self {
            outcome,
            language,
            summary: told.summaries.of(outcome).of(language).to_owned(),
            as_of,
            people: Vec::new(),
            more_people: None,
            retry_after_seconds: None,
            next_steps: told
                .next_steps
                .of(outcome)
                .iter()
                .map(|step| advice::step(step, None, language))
                .collect(),
            if_moved: None,
            limits: if shows_nobody {
                texts::LIMITS.map(|limit| language.of(limit)).to_vec()
            } else {
                Vec::new()
            },
            invalid: None,
            help: HelpLine::all(told, language),
        }
    }

    /// Without what is the same for every search, to be one of many.
    #[must_use]
    pub fn brief(mut self) -> Self {
        self.limits.clear();
        self.help.clear();
        self
    }

    /// How the search ended.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The language of its texts.
    pub fn language(&self) -> Language {
        self.language
    }

    /// How many people it names.
    pub fn people(&self) -> usize {
        self.people.len()
    }

    /// As a text for models and people.
    pub fn text(&self) -> String {
        let language = self.language;
        let mut text = format!("{}\n", self.summary);
        if let Some(invalid) = &self.invalid {
            let field = invalid.field.map(|field| match texts::field(field) {
                Some(words) => format!("{} ({field}): ", language.of(words)),
                None => format!("{field}: "),
            });
            let _ = writeln!(
                text,
                "{}: {}{}",
                language.of(words::INVALID),
                field.unwrap_or_default(),
                invalid.expected
            );
            if let Some(meant) = invalid.suggestion {
                let _ = writeln!(text, "{}: {meant}", language.of(words::PERHAPS));
            }
        } else {
            let _ = writeln!(
                text,
                "{} {}",
                language.of(words::AS_OF),
                texts::time(self.as_of)
            );
        }
        for person in &self.people {
            let _ = write!(text, "\n{}", person.describe(language));
        }
        if let Some(more) = self.more_people {
            let _ = writeln!(text, "\n{}: {more}", language.of(words::MORE));
        }
        section(&mut text, language.of(words::NEXT), &self.next_steps);
        if let Some(if_moved) = &self.if_moved {
            section(&mut text, language.of(words::IF_MOVED), &[if_moved]);
        }
        section(&mut text, language.of(words::LIMITS), &self.limits);
        let help: Vec<_> = self
            .help
            .iter()
            .map(|help| format!("{}: {}", help.title, help.url))
            .collect();
        section(&mut text, language.of(words::HELP), &help);
        text
    }
}

/// A title and what stands under it, where there is anything.
pub fn section(text: &mut String, title: &str, lines: &[impl AsRef<str>]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{title}:");
    for line in lines {
        let _ = writeln!(text, "- {}", line.as_ref());
    }
}
