//! How alike two names are, side by side: given names with given names, surnames with surnames.

use std::sync::OnceLock;

use super::score::Reason;
use super::sound::{self, Near};
use super::text::{latin, spaced};
use super::{nickname, words};

/// What the agency writes for a first name that is not known, as of people who have one name only.
pub const UNKNOWN_FIRST: &str = "fnu";
/// Most words of one side that are compared. Nobody has more.
const MOST: usize = 12;

/// Both sides of a name, as they are compared. Identifies somebody: it cannot be printed.
pub struct Sides {
    /// Both as they were written, in lower case.
    written: [String; 2],
    /// Both taken apart, once that is wanted: of names that are written alike it never is.
    apart: OnceLock<[Side; 2]>,
}

/// One side.
struct Side {
    /// In Latin letters, nothing between them.
    letters: String,
    words: Vec<String>,
}

/// How alike two are, 0 to 1, and in what they differ.
#[derive(Default)]
pub struct Alike {
    /// 0 to 1.
    pub value: f64,
    /// What tells them apart; nothing where nothing does.
    pub reasons: Vec<Reason>,
}

impl Alike {
    fn same() -> Self {
        Self {
            value: 1.0,
            reasons: Vec::new(),
        }
    }

    fn because(mut self, factor: f64, reason: Reason) -> Self {
        self.value *= factor;
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
        self
    }

    fn and(self, other: Self) -> Self {
        let value = self.value * other.value;
        let mut reasons = self.reasons;
        for reason in other.reasons {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        Self { value, reasons }
    }
}

impl Side {
    fn of(text: &str, mut words: Vec<String>) -> Self {
        words.truncate(MOST);
        let letters: String = words::typed(text, false)
            .chars()
            .filter(|c| c.is_alphabetic())
            .collect();
        Self { letters, words }
    }

    fn given(text: &str) -> Self {
        Self::of(
            text,
            words::given(text).iter().map(|word| bare(word)).collect(),
        )
    }

    fn surnames(text: &str) -> Self {
        let all = words::surnames(text);
        Self::of(text, all.iter().map(|name| bare(&name.core)).collect())
    }
}

fn bare(word: &str) -> String {
    word.replace('\'', "")
}

impl Sides {
    /// Of these given names and surnames.
    pub fn new(given: &str, last: &str) -> Self {
        Self {
            written: [given, last].map(|text| spaced(text).to_lowercase()),
            apart: OnceLock::new(),
        }
    }

    fn apart(&self) -> &[Side; 2] {
        let [given, last] = &self.written;
        self.apart
            .get_or_init(|| [Side::given(given), Side::surnames(last)])
    }

    fn given(&self) -> &Side {
        &self.apart()[0]
    }

    fn surnames(&self) -> &Side {
        &self.apart()[1]
    }

    /// How alike this name, asked for, and the other, shown, are.
    pub fn compare(&self, shown: &Self) -> Alike {
        if self.written == shown.written {
            return Alike::same().because(1.0, Reason::SameName);
        }
        if self.plain() == shown.plain() {
            return if self.is_latin() == shown.is_latin() {
                Alike::same().because(0.98, Reason::SameNameButAccents)
            } else {
                Alike::same().because(0.95, Reason::SameNameTransliterated)
            };
        }
        let straight = side_by_side(
            compare(self.given(), shown.given(), &GIVEN),
            compare(self.surnames(), shown.surnames(), &SURNAMES),
        );
        let crossed = || {
            side_by_side(
                compare(self.given(), shown.surnames(), &SURNAMES),
                compare(self.surnames(), shown.given(), &GIVEN),
            )
            .map(|alike| alike.because(0.84, Reason::NamesSwapped))
        };
        let moved = || self.moved(shown);
        let one = || self.one_name(shown);
        [straight, crossed(), moved(), one()]
            .into_iter()
            .flatten()
            .reduce(|best, next| if next.value > best.value { next } else { best })
            .filter(|best| best.value > DIFFERENT)
            .unwrap_or_else(|| Alike::same().because(DIFFERENT, Reason::NameDiffers))
    }

    fn plain(&self) -> [&str; 2] {
        [&self.given().letters, &self.surnames().letters]
    }

    fn is_latin(&self) -> bool {
        let latin_letters = |text: &String| latin(text).chars().count() == text.chars().count();
        self.written.iter().all(latin_letters)
    }

    /// The same words, though not the same ones on either side.
    fn moved(&self, shown: &Self) -> Option<Alike> {
        let all = |sides: &Self| Side {
            letters: format!("{}{}", sides.given().letters, sides.surnames().letters),
            words: [&sides.given().words[..], &sides.surnames().words].concat(),
        };
        let all = (all(self), all(shown));
        let counts = (self.given().words.len(), shown.given().words.len());
        if counts.0 == counts.1 || all.0.words.len() != all.1.words.len() {
            return None;
        }
        let alike = compare(&all.0, &all.1, &SURNAMES)?;
        let whole = !alike.reasons.contains(&Reason::SomeSurnamesSame);
        whole.then(|| alike.because(0.9, Reason::NameMoved))
    }

    /// One of the two names of somebody of whom the site knows one name only.
    fn one_name(&self, shown: &Self) -> Option<Alike> {
        if shown.given().letters != UNKNOWN_FIRST {
            return None;
        }
        let either = [self.given(), self.surnames()];
        let best = either
            .into_iter()
            .filter_map(|side| compare(side, shown.surnames(), &SURNAMES))
            .max_by(|one, other| one.value.total_cmp(&other.value))?;
        let twice = self.given().letters == self.surnames().letters;
        Some(best.because(if twice { 0.95 } else { 0.7 }, Reason::OneNameKnown))
    }
}

/// What names that have nothing in common amount to.
const DIFFERENT: f64 = 0.3;

/// What it costs when one side has only some of the other's words.
struct Costs {
    /// The first words are the same.
    first: f64,
    /// Others are.
    other: f64,
    /// Each has words that the other lacks.
    both: f64,
    order: f64,
    some: Reason,
}

const GIVEN: Costs = Costs {
    first: 0.9,
    other: 0.8,
    both: 0.6,
    order: 0.93,
    some: Reason::SomeGivenNamesSame,
};
const SURNAMES: Costs = Costs {
    first: 0.86,
    other: 0.78,
    both: 0.6,
    order: 0.9,
    some: Reason::SomeSurnamesSame,
};

fn side_by_side(given: Option<Alike>, surnames: Option<Alike>) -> Option<Alike> {
    Some(given?.and(surnames?))
}

/// How alike two sides are; nothing when no word of one is like any of the other.
fn compare(asked: &Side, shown: &Side, costs: &Costs) -> Option<Alike> {
    if asked.letters == shown.letters {
        return Some(Alike::same());
    }
    if asked.words == shown.words {
        // Only particles differ.
        return Some(Alike::same().because(0.95, Reason::SameNameButAccents));
    }
    if nickname::are_one(&asked.words.join(" "), &shown.words.join(" ")) {
        return Some(Alike::same().because(0.92, Reason::Nickname));
    }
    let mut alike = Alike::same();
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (place, word) in asked.words.iter().enumerate() {
        let best = shown
            .words
            .iter()
            .enumerate()
            .filter(|(at, _)| pairs.iter().all(|(_, taken)| taken != at))
            .filter_map(|(at, other)| Some((at, word_like(word, other)?)))
            .max_by(|(_, one), (_, other)| one.value.total_cmp(&other.value));
        if let Some((at, like)) = best {
            alike = alike.and(like);
            pairs.push((place, at));
        }
    }
    if pairs.is_empty() {
        let whole = word_like(&asked.letters, &shown.letters)?;
        return Some(whole.because(0.95, Reason::SpelledAlike));
    }
    let lacks = (
        pairs.len() < asked.words.len(),
        pairs.len() < shown.words.len(),
    );
    let first = pairs.contains(&(0, 0));
    match lacks {
        (false, false) => {}
        (true, true) => alike = alike.because(costs.both, costs.some),
        _ if first => alike = alike.because(costs.first, costs.some),
        _ => alike = alike.because(costs.other, costs.some),
    }
    if !pairs.is_sorted_by_key(|(_, at)| at) {
        alike = alike.because(costs.order, Reason::OrderDiffers);
    }
    Some(alike)
}

/// How alike two words are; nothing when they are no one name.
fn word_like(one: &str, other: &str) -> Option<Alike> {
    if one == other {
        return Some(Alike::same());
    }
    let is_initial =
        |short: &str, long: &str| short.chars().count() == 1 && long.starts_with(short);
    if is_initial(one, other) || is_initial(other, one) {
        return Some(Alike::same().because(0.9, Reason::InitialSame));
    }
    let near = sound::near(one, other);
    if nickname::are_one(one, other) && near.is_none_or(|(value, _)| value < 0.92) {
        return Some(Alike::same().because(0.92, Reason::Nickname));
    }
    let (value, near) = near?;
    let reason = match near {
        Near::Sound => Reason::SoundsAlike,
        Near::Spelling => Reason::SpelledAlike,
    };
    Some(Alike::same().because(value, reason))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(asked: (&str, &str), shown: (&str, &str)) -> f64 {
        Sides::new(asked.0, asked.1)
            .compare(&Sides::new(shown.0, shown.1))
            .value
    }

    #[test]
    fn names_that_conflict_are_less_alike_than_names_that_are_short() {
        let asked = ("Jose Luis", "Ejemplo Muestra");
        let short = value(asked, ("Jose", "Ejemplo Muestra"));
        let conflict = value(asked, ("Jose Antonio", "Ejemplo Muestra"));
        assert!(short > 0.85 && conflict < 0.75, "{short} {conflict}");
        let short = value(asked, ("Jose Luis", "Ejemplo"));
        let conflict = value(asked, ("Jose Luis", "Ejemplo Prueba"));
        assert!(short > 0.8 && conflict < 0.75, "{short} {conflict}");
    }

    proptest! {
        #[test]
        fn two_names_are_as_alike_from_either_side(
            one in "(ana|jose|pepe|luz|gonzales|gonzalez)( (maria|m|luis))?",
            other in "(ana|jose|pepe|luz|gonzales|gonzalez)( (maria|m|luis))?",
        ) {
            let there = value((&one, "ejemplo"), (&other, "ejemplo"));
            let back = value((&other, "ejemplo"), (&one, "ejemplo"));
            prop_assert!((there - back).abs() < 1e-9, "{there} {back}");
        }

        #[test]
        fn any_two_texts_are_alike_from_0_to_1(one in "\\PC{0,60}", other in "\\PC{0,60}") {
            let value = value((&one, &other), (&other, &one));
            prop_assert!((0.0..=1.0).contains(&value));
        }
    }
}
