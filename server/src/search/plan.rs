//! The questions of a search, likeliest first. Most are never asked, and those are not even thought of.

use std::vec::IntoIter;

use super::matcher::Matcher;
use crate::locator::Question;

/// One question to the site, and what is known of it before it is asked. Identifies somebody: it cannot be printed.
pub struct Step {
    pub question: Question,
    pub matcher: Matcher,
    /// How well somebody would match whom it finds.
    pub promise: f64,
}

impl Step {
    /// The same question with the birth date; a number needs none.
    pub fn dated(mut self, birth: &str) -> Option<Self> {
        let Question::Name { date_of_birth, .. } = &mut self.question else {
            return None;
        };
        birth.clone_into(date_of_birth);
        self.matcher = Matcher::BirthDate;
        Some(self)
    }
}

/// What is left to ask.
pub struct Plan<W> {
    steps: IntoIter<Step>,
    /// How many of the whole plan are behind or in `steps` already.
    made: usize,
    whole: Option<W>,
}

impl Plan<fn() -> Vec<Step>> {
    /// A plan of these and no more.
    pub fn of(steps: Vec<Step>) -> Self {
        Self {
            made: steps.len(),
            steps: steps.into_iter(),
            whole: None,
        }
    }
}

impl<W: FnOnce() -> Vec<Step>> Iterator for Plan<W> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        self.steps.next().or_else(|| {
            self.make();
            self.steps.next()
        })
    }
}

impl<W: FnOnce() -> Vec<Step>> Plan<W> {
    /// A plan that begins with `first`, as does the `whole`, which is made only when that was not enough.
    pub fn new(first: Vec<Step>, whole: W) -> Self {
        Self {
            made: first.len(),
            steps: first.into_iter(),
            whole: Some(whole),
        }
    }

    /// How well somebody may match whom one of the next `most` questions finds.
    pub fn promise(&mut self, most: usize) -> f64 {
        if self.steps.len() < most {
            self.make();
        }
        let left = self.steps.as_slice().iter().take(most);
        left.map(|step| step.promise).fold(0.0, f64::max)
    }

    fn make(&mut self) {
        if let Some(whole) = self.whole.take() {
            let asked = self.made - self.steps.len();
            self.steps = whole().into_iter();
            self.steps.by_ref().take(asked).for_each(drop);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn steps(promises: &[f64]) -> Vec<Step> {
        let step = |(number, promise): (usize, &f64)| Step {
            question: Question::Number {
                number: number.to_string(),
                country: String::new(),
            },
            matcher: Matcher::Exact,
            promise: *promise,
        };
        promises.iter().enumerate().map(step).collect()
    }

    fn asked(plan: impl Iterator<Item = Step>) -> Vec<String> {
        let number = |step: Step| match step.question {
            Question::Number { number, .. } => number,
            Question::Name { .. } => String::new(),
        };
        plan.map(number).collect()
    }

    #[test]
    fn the_rest_is_made_only_when_it_is_wanted_and_nothing_is_asked_twice() {
        let made = Cell::new(false);
        let whole = || {
            made.set(true);
            steps(&[1.0, 0.9, 0.8])
        };
        let mut plan = Plan::new(steps(&[1.0]), whole);
        assert!(plan.next().is_some() && !made.get());
        assert_eq!(asked(plan), ["1", "2"]);
        assert!(made.get());
    }

    #[test]
    fn a_plan_of_these_and_no_more_is_asked_to_its_end() {
        let mut plan = Plan::of(steps(&[1.0, 0.9]));
        assert!(plan.promise(5) > 0.99);
        assert_eq!(asked(plan), ["0", "1"]);
    }

    #[test]
    fn what_is_promised_is_of_what_is_left_and_can_still_be_asked() {
        let whole = || steps(&[1.0, 0.5, 0.4, 0.9]);
        let mut plan = Plan::new(steps(&[1.0, 0.5]), whole);
        plan.next();
        assert!((plan.promise(2) - 0.5).abs() < f64::EPSILON);
        assert!((plan.promise(3) - 0.9).abs() < f64::EPSILON);
        assert_eq!(asked(plan), ["1", "2", "3"]);
    }
}
