//! The answer of several searches: each one's own, and how they went altogether.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::super::answer::{HelpLine, SearchAnswer};
use super::super::report;
use super::super::texts;
use super::words::{self, Refusal};
use crate::language::Language;
use crate::observe::Outcome;
use crate::search::Facts;
use crate::texts::Answers;

/// The answer of several searches.
#[derive(Serialize, JsonSchema)]
pub struct BulkAnswer {
    /// How it went altogether: `found`, `several` or `not_found` when every search was answered (the first of these that any
    /// search ended with), `partial` when some were answered and others not, else why none was.
    outcome: Outcome,
    /// The language of the texts.
    language: Language,
    /// What the outcome means.
    summary: String,
    /// With outcome `invalid` or `rate_limited` and no results: why nothing was searched for.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The argument that is to blame for it, by its path.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The argument that may have been meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestion: Option<&'static str>,
    /// With outcome `rate_limited`: how many seconds to wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<u64>,
    /// How many searches ended with each outcome.
    counts: BTreeMap<&'static str, usize>,
    /// How many were not made: after a failure, when it was asked to stop at one, or because time was up.
    not_searched: usize,
    /// One for each request, in the same order.
    results: Vec<BulkResult>,
    /// What to do next.
    next_steps: Vec<&'static str>,
    /// Whom the locator never shows.
    limits: Vec<&'static str>,
    /// Where to turn to.
    help: Vec<HelpLine>,
}

/// What became of one request.
#[derive(Serialize, JsonSchema)]
pub struct BulkResult {
    /// Its number in the list of requests, from 1.
    pub request: usize,
    /// What became of it.
    pub status: Status,
    /// The number of an equal request before it, which has the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_as: Option<usize>,
    /// The answer of its search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<SearchAnswer>,
}

/// What became of a request.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Status {
    /// It was searched for.
    Searched,
    /// It could not be searched for: its answer says which detail is missing or cannot be used.
    Invalid,
    /// An equal one before it was searched for.
    Repeated,
    /// It was not searched for.
    NotSearched,
}

/// What came of them.
pub struct Results {
    /// One for each request.
    pub all: Vec<BulkResult>,
    /// What may be counted of them.
    pub facts: Facts,
}

impl Results {
    /// How it went altogether.
    pub fn outcome(&self) -> Outcome {
        overall(&self.outcomes(), self.not_searched())
    }

    /// How many people the answers name.
    pub fn people(&self) -> usize {
        self.answers().map(SearchAnswer::people).sum()
    }

    /// What may be counted.
    pub fn facts(&self) -> Facts {
        self.facts.clone()
    }

    /// The answers.
    pub fn answers(&self) -> impl Iterator<Item = &SearchAnswer> {
        self.all.iter().filter_map(|result| result.answer.as_ref())
    }

    fn outcomes(&self) -> Vec<Outcome> {
        self.answers().map(SearchAnswer::outcome).collect()
    }

    /// How many requests were not searched for.
    pub fn not_searched(&self) -> usize {
        let open = |result: &&BulkResult| result.status == Status::NotSearched;
        self.all.iter().filter(open).count()
    }
}

fn overall(outcomes: &[Outcome], not_searched: usize) -> Outcome {
    let answered = outcomes
        .iter()
        .filter(|outcome| outcome.is_answer())
        .count();
    if answered == 0 {
        let failed = outcomes.first().copied();
        return failed.unwrap_or(Outcome::Unavailable);
    }
    if answered < outcomes.len() || not_searched > 0 || outcomes.contains(&Outcome::Partial) {
        return Outcome::Partial;
    }
    [Outcome::Found, Outcome::Several]
        .into_iter()
        .find(|outcome| outcomes.contains(outcome))
        .unwrap_or(Outcome::NotFound)
}

impl BulkAnswer {
    /// From what came of the searches.
    pub fn new(results: Results, told: &Answers, language: Language) -> Self {
        let mut this = Self::bare(results.outcome(), told, language);
        for outcome in results.outcomes() {
            *this.counts.entry(outcome.as_str()).or_default() += 1;
        }
        this.not_searched = results.not_searched();
        this.results = results.all;
        this
    }

    /// For searches that were not made.
    pub fn refused(refusal: Refusal, told: &Answers, language: Language) -> Self {
        let mut this = Self::bare(refusal.outcome, told, language);
        this.reason = Some(refusal.reason(language));
        this.suggestion = refusal.suggestion();
        this.retry_after_seconds = refusal.retry_after.map(|wait| wait.as_secs().max(1));
        this.next_steps = vec![language.of(refusal.next_step())];
        this.field = refusal.field;
        this
    }

    fn bare(outcome: Outcome, told: &Answers, language: Language) -> Self {
        Self {
            outcome,
            language,
            summary: words::summary(outcome, told, language),
            reason: None,
            field: None,
            suggestion: None,
            retry_after_seconds: None,
            counts: BTreeMap::new(),
            not_searched: 0,
            results: Vec::new(),
            next_steps: vec![language.of(words::EACH)],
            limits: texts::LIMITS.map(|limit| language.of(limit)).to_vec(),
            help: HelpLine::all(told, language),
        }
    }

    /// How it went altogether.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// As a text for models and people.
    pub fn text(&self) -> String {
        let language = self.language;
        let mut lines = vec![self.summary.clone()];
        lines.extend(self.reason.clone());
        for outcome in Outcome::ALL {
            if let Some(count) = self.counts.get(outcome.as_str()) {
                lines.push(format!(
                    "- {}: {count}",
                    language.of(report::outcome(outcome))
                ));
            }
        }
        if self.not_searched > 0 {
            let not_searched = language.of(words::NOT_SEARCHED);
            lines.push(format!("- {not_searched}: {}", self.not_searched));
        }
        for result in &self.results {
            let request = language.of(words::REQUEST);
            let title = format!("\n## {request} {}", result.request);
            lines.push(title);
            match (&result.answer, result.same_as) {
                (Some(answer), _) => lines.push(answer.text()),
                (None, Some(before)) => {
                    lines.push(format!("{} {before}", language.of(words::SAME_AS)));
                }
                (None, None) => lines.push(language.of(words::NOT_SEARCHED_WHY).to_owned()),
            }
        }
        lines.push(String::new());
        lines.extend(self.next_steps.iter().map(|step| format!("- {step}")));
        lines.extend(self.limits.iter().map(|limit| format!("- {limit}")));
        lines.extend(self.help.iter().map(HelpLine::text));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn altogether_it_is_as_known_as_its_least_known_part() {
        use Outcome::{Challenged, Found, Invalid, NotFound, Partial, Several, Unavailable};
        for (outcomes, not_searched, expected) in [
            (vec![Found, NotFound], 0, Found),
            (vec![NotFound, Several], 0, Several),
            (vec![NotFound, NotFound], 0, NotFound),
            (vec![Found, Challenged], 0, Partial),
            (vec![NotFound, Invalid], 0, Partial),
            (vec![NotFound, Partial], 0, Partial),
            (vec![NotFound], 1, Partial),
            (vec![Challenged, Invalid], 0, Challenged),
            (vec![], 3, Unavailable),
        ] {
            assert_eq!(overall(&outcomes, not_searched), expected, "{outcomes:?}");
        }
    }
}
