//! What a search has learnt so far, and what that amounts to. Several who may be the one are told as several, never as a
//! guess; what the site did not answer is never told as nobody.

use jiff::Timestamp;

use super::score::{PLAUSIBLE, SURE, Score};
use super::spelling::Matcher;
use super::{Answer, Facts, Person};
use crate::locator::{Failure, Found, Known, Row};
use crate::observe::Outcome;

/// Most people of one answer.
const MOST: usize = 20;

/// The course of a search.
#[derive(Default)]
pub struct Course {
    seen: Vec<Row>,
    people: Vec<(Person, Matcher)>,
    as_of: Option<Timestamp>,
    failed: Option<Failure>,
    facts: Facts,
}

impl Course {
    /// Takes what the site said. `score` is `None` for somebody whom it cannot have meant: then the page is not what it seems.
    pub fn learn(
        &mut self,
        known: &Known,
        remembered: bool,
        matcher: Matcher,
        score: impl Fn(&Row) -> Option<Score>,
    ) {
        self.facts.lookups += 1;
        self.facts.remembered += u32::from(remembered);
        let before = self.as_of.unwrap_or(known.as_of);
        self.as_of = Some(before.min(known.as_of));
        for row in &known.rows {
            if self.seen.contains(row) {
                continue;
            }
            match score(row) {
                Some(score) => self.people.push((Person::new(row, score), matcher)),
                None => self.failed = Some(Failure::PageChanged),
            }
            self.seen.push(row.clone());
        }
    }

    /// Takes what the answer took, and that it is not whole, when it is not.
    pub fn note(&mut self, found: &Found) {
        self.failed = found.missing.or(self.failed);
        self.facts.pages += found.effort.pages;
        self.facts.retries += found.effort.retries;
        self.facts.strategy = found.effort.strategy.or(self.facts.strategy);
    }

    /// Takes that the site gave no answer.
    pub fn fail(&mut self, failure: Failure) {
        self.facts.lookups += 1;
        self.failed = Some(failure);
    }

    /// Whether there is no use in asking on.
    pub fn is_over(&self) -> bool {
        self.failed.is_some() || self.people.iter().any(|(person, _)| person.score() >= SURE)
    }

    /// What it all amounts to.
    pub fn answer(mut self) -> Answer {
        // Stable: of equals, whom the likelier spelling found comes first.
        self.people
            .sort_by(|(one, _), (other, _)| other.score().total_cmp(&one.score()));
        let best = self
            .people
            .first()
            .map_or(0.0, |(person, _)| person.score());
        let rivals = self
            .people
            .iter()
            .filter(|(person, _)| person.score() >= PLAUSIBLE)
            .count();
        let outcome = match self.failed {
            Some(failure) if self.people.is_empty() => failure.into(),
            Some(_) => Outcome::Partial,
            None if self.people.is_empty() => Outcome::NotFound,
            None if best >= SURE && rivals == 1 => Outcome::Found,
            None => Outcome::Several,
        };
        let shown = match outcome {
            Outcome::Found => 1,
            _ => MOST,
        };
        self.facts.matcher = self.people.first().map(|(_, matcher)| matcher.as_str());
        let retry_after = self.failed.and_then(Failure::retry_after);
        Answer {
            outcome,
            people: self
                .people
                .into_iter()
                .take(shown)
                .map(|(person, _)| person)
                .collect(),
            as_of: self.as_of.unwrap_or_else(Timestamp::now),
            retry_after,
            facts: self.facts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locator::Status;
    use crate::search::score::Reason;

    fn row(number: u8) -> Row {
        Row {
            last: "Ejemplo".to_owned(),
            first: "Ana".to_owned(),
            alien_number: Some(format!("90000000{number}")),
            country: None,
            date_of_birth: None,
            status: Some(Status::InCustody),
            facility: None,
            facility_phone: None,
            facility_link: None,
        }
    }

    fn known(rows: Vec<Row>, as_of: &str) -> Known {
        let as_of = as_of.parse().unwrap();
        Known { rows, as_of }
    }

    const EARLY: &str = "2026-11-23T09:00:00Z";
    const LATE: &str = "2026-11-23T10:00:00Z";

    fn score(value: f64) -> impl Fn(&Row) -> Option<Score> {
        move |_| {
            let reasons = vec![Reason::SameName];
            Some(Score { value, reasons })
        }
    }

    fn learnt(scores: &[f64]) -> Course {
        let mut course = Course::default();
        for (number, value) in (0..).zip(scores) {
            let known = known(vec![row(number)], LATE);
            course.learn(&known, false, Matcher::Exact, score(*value));
        }
        course
    }

    #[test]
    fn one_sure_match_is_found_and_two_are_several() {
        assert_eq!(learnt(&[1.0]).answer().outcome, Outcome::Found);
        assert_eq!(learnt(&[1.0, 0.98]).answer().outcome, Outcome::Several);
        assert_eq!(learnt(&[1.0, PLAUSIBLE]).answer().outcome, Outcome::Several);
    }

    #[test]
    fn one_who_is_not_sure_is_told_as_such() {
        let answer = learnt(&[0.6]).answer();
        assert!(answer.outcome == Outcome::Several && answer.people.len() == 1);
    }

    #[test]
    fn somebody_implausible_beside_a_sure_match_is_left_out() {
        let answer = learnt(&[0.3, 1.0]).answer();
        assert!(answer.outcome == Outcome::Found && answer.people.len() == 1);
        assert!(answer.people[0].score() >= SURE);
    }

    #[test]
    fn best_comes_first() {
        let scores: Vec<f64> = learnt(&[0.5, 0.7, 0.6])
            .answer()
            .people
            .iter()
            .map(Person::score)
            .collect();
        assert!(scores.is_sorted_by(|a, b| a > b));
    }

    #[test]
    fn a_lookup_without_an_answer_is_never_nobody() {
        let mut course = Course::default();
        course.learn(&known(Vec::new(), LATE), false, Matcher::Exact, score(1.0));
        assert!(!course.is_over());
        course.fail(Failure::Challenged);
        assert!(course.is_over());
        assert_eq!(course.answer().outcome, Outcome::Challenged);
    }

    #[test]
    fn what_was_learnt_before_a_failure_is_kept_as_a_part() {
        let mut course = learnt(&[0.6]);
        course.fail(Failure::Timeout);
        let answer = course.answer();
        assert!(answer.outcome == Outcome::Partial && answer.people.len() == 1);
    }

    #[test]
    fn nobody_is_nobody_only_when_every_lookup_said_so() {
        let mut course = Course::default();
        for _ in 0..3 {
            course.learn(&known(Vec::new(), LATE), false, Matcher::Exact, score(1.0));
        }
        let answer = course.answer();
        assert!(answer.outcome == Outcome::NotFound && answer.facts.lookups == 3);
    }

    #[test]
    fn somebody_whom_the_site_cannot_have_meant_makes_the_page_unknown() {
        let mut course = Course::default();
        let page = known(vec![row(1)], LATE);
        course.learn(&page, false, Matcher::AlienNumber, |_| None);
        assert_eq!(course.answer().outcome, Outcome::PageChanged);
    }

    #[test]
    fn an_answer_is_as_old_as_its_oldest_part_and_names_nobody_twice() {
        let mut course = Course::default();
        course.learn(
            &known(vec![row(1)], LATE),
            false,
            Matcher::Exact,
            score(0.6),
        );
        let early = known(vec![row(1)], EARLY);
        course.learn(&early, true, Matcher::Swapped, score(0.6));
        let answer = course.answer();
        assert!(answer.as_of == EARLY.parse().unwrap() && answer.people.len() == 1);
        assert_eq!(answer.facts.remembered, 1);
        assert_eq!(answer.facts.matcher, Some("exact"));
    }
}
