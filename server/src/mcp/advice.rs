//! Which of the texts fit an answer: what it means, and what to do next.

use super::texts;
use crate::language::Language;
use crate::observe::Outcome;
use crate::search::{Answer, Person, RELEASED};
use crate::texts::{Answers, NextSteps, Said};

/// What an answer means.
pub fn summary<'a>(answer: &Answer, told: &'a Answers) -> &'a Said {
    let all = &told.summaries;
    match (answer.outcome, &answer.people[..]) {
        (Outcome::Found, [person]) if person.is_known_by_name_only() => &all.name_only,
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
    if answer.more_people > 0 {
        steps.extend(&all.more_people);
    }
    if date_differs(answer) {
        steps.extend(&all.date_differs);
    }
    match (answer.outcome, &answer.people[..]) {
        (Outcome::Found, [person]) => {
            if person.is_known_by_name_only() {
                steps.extend(&all.name_only);
            }
            steps.extend(by_custody(all, person.status(), person.has_facility()));
            steps.extend(&all.found);
        }
        (Outcome::NotFound, _) if answer.by_number => steps.extend(&all.number_not_found),
        (outcome, _) => steps.extend(all.of(outcome)),
    }
    steps
}

/// What to do by what the site says of somebody's custody.
pub fn by_custody<'a>(all: &'a NextSteps, status: Option<&str>, has_facility: bool) -> &'a [Said] {
    match status {
        Some(RELEASED) => &all.released,
        _ if has_facility => &all.held,
        _ => &all.no_facility,
    }
}

/// Whether there is a place where somebody may be asked for.
pub fn can_be_called(status: Option<&str>, has_facility: bool) -> bool {
    has_facility && status != Some(RELEASED)
}

/// A step in words, with how many seconds to wait, where that is known.
pub fn step(said: &Said, wait: Option<u64>, language: Language) -> String {
    said.of(language)
        .replace("{wait}", &texts::wait(wait, language))
}

/// Whether the likeliest was born on another day than the one asked for.
fn date_differs(answer: &Answer) -> bool {
    let best = answer.people.first();
    best.is_some_and(Person::contradicts_birth_date)
}
