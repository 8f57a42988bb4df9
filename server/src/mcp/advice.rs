//! Which of the texts fit an answer: what it means, and what to do next.

use crate::observe::Outcome;
use crate::search::{Answer, Person};
use crate::texts::{Answers, Said};

/// What an answer means.
pub fn summary<'a>(answer: &Answer, told: &'a Answers) -> &'a Said {
    let all = &told.summaries;
    match (answer.outcome, &answer.people[..]) {
        (Outcome::Several, [_]) if date_differs(answer) => &all.one_date_differs,
        (Outcome::Several, [_]) => &all.one_uncertain,
        (Outcome::Several, _) if date_differs(answer) => &all.date_differs,
        (outcome, _) => all.of(outcome),
    }
}

/// What to do next.
pub fn next_steps<'a>(answer: &Answer, told: &'a Answers) -> Vec<&'a Said> {
    let all = &told.next_steps;
    let mut steps = Vec::new();
    if date_differs(answer) {
        steps.extend(&all.date_differs);
    }
    steps.extend(all.of(answer.outcome));
    steps
}

/// Whether the likeliest was born on another day than the one asked for.
fn date_differs(answer: &Answer) -> bool {
    let best = answer.people.first();
    best.is_some_and(Person::contradicts_birth_date)
}
