//! Counts, and how they are shown.

use std::collections::BTreeMap;

use crate::Query;

/// Where in an answer the person meant is.
#[derive(Clone, Copy)]
pub struct Ranks {
    meant: bool,
    place: Option<usize>,
    answered: bool,
}

impl Ranks {
    /// Of the numbers that were answered to this question.
    pub fn of(query: &Query, numbers: &[String]) -> Self {
        let meant = query.alien_number.as_ref();
        Self {
            meant: meant.is_some(),
            place: meant.and_then(|meant| numbers.iter().position(|number| number == meant)),
            answered: !numbers.is_empty(),
        }
    }
}

/// How often the person meant was among the answers.
#[derive(Clone, Copy, Default)]
pub struct Tally {
    questions: u32,
    meant: u32,
    answered: u32,
    first: u32,
    third: u32,
}

impl Tally {
    /// Counts one answer.
    pub fn count(&mut self, ranks: Ranks) {
        let within = |places| u32::from(ranks.place.is_some_and(|place| place < places));
        self.questions += 1;
        self.meant += u32::from(ranks.meant);
        self.answered += u32::from(ranks.answered);
        self.first += within(1);
        self.third += within(3);
    }

    fn add(&mut self, other: &Self) {
        self.questions += other.questions;
        self.meant += other.meant;
        self.answered += other.answered;
        self.first += other.first;
        self.third += other.third;
    }

    /// Of those who were meant, how many came first.
    pub fn recall_1(&self) -> f64 {
        share(self.first, self.meant)
    }

    /// Of those who were meant, how many were among the first three.
    pub fn recall_3(&self) -> f64 {
        share(self.third, self.meant)
    }

    /// Of the answers that name anybody, how many name first who was meant.
    pub fn precision_1(&self) -> f64 {
        share(self.first, self.answered)
    }

    /// Of the answers that name anybody, how many have who was meant among the first three.
    pub fn precision_3(&self) -> f64 {
        share(self.third, self.answered)
    }

    fn row(&self) -> String {
        format!(
            "{:5.1} {:5.1} {:5.1} {:5.1}",
            self.precision_1() * 100.0,
            self.recall_1() * 100.0,
            self.precision_3() * 100.0,
            self.recall_3() * 100.0
        )
    }
}

/// Of nothing, everything: who names nobody names nobody wrongly.
fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 {
        1.0
    } else {
        f64::from(part) / f64::from(whole)
    }
}

/// Mean, and what 95 % of the searches do with.
pub fn spent(lookups: &[u32]) -> (f64, u32) {
    let mut sorted = lookups.to_vec();
    sorted.sort_unstable();
    let p95 = sorted.get(sorted.len() * 95 / 100).copied();
    let count = u32::try_from(sorted.len()).unwrap_or(u32::MAX);
    let mean = f64::from(sorted.iter().sum::<u32>()) / f64::from(count.max(1));
    (mean, p95.unwrap_or_default())
}

/// One line a language and kind, each method's precision and recall at rank 1, then at rank 3, in per cent.
pub fn print(kinds: &BTreeMap<(String, String), [Tally; 3]>, all: &[Tally; 3]) {
    println!(
        "{:28} {:>4}  search: P@1 R@1 P@3 R@3  exact                   distance <= 2",
        "", "n"
    );
    for ((language, kind), methods) in kinds {
        line(&format!("{language} {kind}"), methods);
    }
    for wanted in ["en", "es"] {
        let mut sum = [Tally::default(); 3];
        for ((language, _), methods) in kinds {
            if language == wanted {
                for (sum, tally) in sum.iter_mut().zip(methods) {
                    sum.add(tally);
                }
            }
        }
        line(wanted, &sum);
    }
    line("all", all);
}

fn line(title: &str, methods: &[Tally; 3]) {
    let rows = methods.map(|tally| tally.row());
    println!("{title:28} {:4}  {}", methods[0].questions, rows.join("  "));
}
