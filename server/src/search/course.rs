//! What a search has learnt so far, and what that amounts to. Several who may be the one are told as several, never as a
//! guess, and so is one whose birth date is another; what the site did not answer is never told as nobody.

use jiff::Timestamp;

use super::matcher::Matcher;
use super::score::{PLAUSIBLE, SURE, Score};
use super::{Answer, Facts, Person};
use crate::locator::{Failure, Found, Known, Row};
use crate::observe::Outcome;

/// Most people of one answer.
const MOST: usize = 20;

/// How much better another match would have to be to be worth another request.
const HARDLY: f64 = 0.15;
/// What a name that is the same comes to where no birth date is shown.
const NOT_SHOWN: f64 = 0.7;

/// The course of a search.
#[derive(Default)]
pub struct Course {
    seen: Vec<Row>,
    people: Vec<Match>,
    as_of: Option<Timestamp>,
    failed: Option<Failure>,
    out_of_time: bool,
    facts: Facts,
    by_number: bool,
}

/// Somebody, and which of the lookups found them.
struct Match {
    person: Person,
    matcher: Matcher,
    rank: u32,
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
        self.by_number |= matcher == Matcher::AlienNumber;
        self.facts.lookups += 1;
        self.facts.remembered += u32::from(remembered);
        let before = self.as_of.unwrap_or(known.as_of);
        self.as_of = Some(before.min(known.as_of));
        let rank = self.facts.lookups;
        for row in &known.rows {
            let Some(score) = score(row) else {
                self.failed = Some(Failure::PageChanged);
                continue;
            };
            let found = |score| Match {
                person: Person::new(row, score),
                matcher,
                rank,
            };
            match self.seen.iter().position(|seen| seen == row) {
                // Once more, for the birth date: what the site answers to that says more.
                Some(at) if self.people[at].person.score() < score.value => {
                    self.people[at].person = Person::new(row, score);
                }
                Some(_) => {}
                None => {
                    self.people.push(found(score));
                    self.seen.push(row.clone());
                }
            }
        }
    }

    /// Takes that the answer is not whole, when it is not.
    pub fn note(&mut self, found: &Found) {
        self.failed = found.missing.or(self.failed);
    }

    /// Takes that the site gave no answer.
    pub fn fail(&mut self, failure: Failure) {
        self.facts.lookups += 1;
        self.failed = Some(failure);
    }

    /// Takes that there was no time to ask for more.
    pub fn run_out(&mut self) {
        self.out_of_time = true;
    }

    /// Whether there is no use in asking on, as what is left to ask for would match at most as well as `left`: hardly better.
    pub fn is_over(&self, left: f64) -> bool {
        self.failed.is_some()
            || self.out_of_time
            || self.best_undisputed() >= SURE.max(left - HARDLY)
    }

    /// How many people were found.
    pub fn known(&self) -> usize {
        self.people.len()
    }

    /// How well the best match does.
    fn best(&self) -> f64 {
        let scores = self.people.iter().map(|found| found.person.score());
        scores.fold(0.0, f64::max)
    }

    /// The same among those whose birth date is not another one: beside somebody of another, the one who is meant may still
    /// be found.
    fn best_undisputed(&self) -> f64 {
        let people = self.people.iter().map(|found| &found.person);
        let undisputed = people.filter(|person| !person.contradicts_birth_date());
        undisputed.map(Person::score).fold(0.0, f64::max)
    }

    /// Whether a birth date may tell apart those who were found: the site shows none.
    pub fn lacks_birth_dates(&self) -> bool {
        let plausible = |found: &Match| found.person.score() >= PLAUSIBLE * NOT_SHOWN;
        !self.is_over(SURE)
            && self
                .people
                .iter()
                .any(|found| plausible(found) && found.person.lacks_birth_date())
    }

    /// What it all amounts to.
    pub fn answer(mut self) -> Answer {
        let best = self.best();
        // Stable: of equals, whom the likelier spelling found comes first.
        self.people
            .sort_by(|one, other| other.person.score().total_cmp(&one.person.score()));
        let rivals = self
            .people
            .iter()
            .filter(|found| found.person.score() >= PLAUSIBLE)
            .count();
        let first = self.people.first();
        let is_sure = best >= SURE
            && rivals == 1
            && first.is_some_and(|found| !found.person.contradicts_birth_date());
        let answered = self.as_of.is_some();
        let outcome = match self.failed {
            Some(failure) if self.people.is_empty() => failure.into(),
            Some(_) => Outcome::Partial,
            None if self.out_of_time && answered => Outcome::Partial,
            None if self.out_of_time => Outcome::Unavailable,
            None if self.people.is_empty() => Outcome::NotFound,
            None if is_sure => Outcome::Found,
            None => Outcome::Several,
        };
        // Beside somebody who is found nobody else comes into question.
        let (shown, more_people) = match outcome {
            Outcome::Found => (1, 0),
            _ => (MOST, self.people.len().saturating_sub(MOST)),
        };
        self.facts.matcher = first.map(|found| found.matcher.as_str());
        self.facts.rank = first.map(|found| found.rank);
        let retry_after = self.failed.and_then(Failure::retry_after);
        Answer {
            outcome,
            people: self
                .people
                .into_iter()
                .take(shown)
                .map(|found| found.person)
                .collect(),
            more_people,
            by_number: self.by_number,
            as_of: self.as_of.unwrap_or_else(Timestamp::now),
            retry_after,
            facts: self.facts,
            rows: self.seen,
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
    fn one_whose_birth_date_is_another_is_never_found_and_does_not_end_the_search() {
        for reason in [Reason::BirthDateSwapped, Reason::BirthDateClose] {
            let mut course = Course::default();
            course.learn(&known(vec![row(0)], LATE), false, Matcher::Exact, |_| {
                let reasons = vec![Reason::SameName, reason];
                Some(Score {
                    value: 0.85,
                    reasons,
                })
            });
            assert!(!course.is_over(SURE));
            let answer = course.answer();
            assert!(answer.outcome == Outcome::Several && answer.people.len() == 1);
        }
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
        assert!(!course.is_over(SURE));
        course.fail(Failure::Challenged);
        assert!(course.is_over(SURE));
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
    fn what_there_was_no_time_for_is_never_nobody() {
        let mut course = Course::default();
        course.run_out();
        assert!(course.is_over(SURE));
        assert_eq!(course.answer().outcome, Outcome::Unavailable);
        let mut course = Course::default();
        course.learn(&known(Vec::new(), LATE), false, Matcher::Exact, score(1.0));
        course.run_out();
        let answer = course.answer();
        assert!(answer.outcome == Outcome::Partial && answer.people.is_empty());
    }

    #[test]
    fn a_search_goes_on_while_something_better_may_be_found() {
        let course = learnt(&[0.8]);
        assert!(course.is_over(0.9) && !course.is_over(0.98));
    }

    #[test]
    fn somebody_seen_again_keeps_the_better_score() {
        let mut course = learnt(&[0.6]);
        let again = known(vec![row(0)], LATE);
        course.learn(&again, false, Matcher::BirthDate, score(0.9));
        let answer = course.answer();
        assert!(answer.outcome == Outcome::Found && answer.people.len() == 1);
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
        assert_eq!(
            (answer.facts.matcher, answer.facts.rank),
            (Some("exact"), Some(1))
        );
    }
}
