//! Which words of a name are given names and which are surnames. Both readings are kept where it is not certain.

use super::lexicon;
use super::token::{Range, Tokens};

/// A name in its parts, each where it stands in the text.
#[derive(Clone, Default)]
pub struct Name {
    /// Given names.
    pub first: Option<Vec<Range>>,
    /// What is called a middle name, or is an initial.
    pub middle: Option<Vec<Range>>,
    /// Surnames.
    pub last: Option<Vec<Range>>,
    /// How many of the words might be given names instead; of an uncertain split.
    pub other: Option<(Vec<Range>, Vec<Range>)>,
}

impl Name {
    /// Whether it has both given names and surnames.
    pub fn is_whole(&self) -> bool {
        self.first.is_some() && self.last.is_some()
    }

    /// With what it lacks from a name that stands elsewhere.
    pub fn completed(mut self, text: &Tokens, range: Range) -> Self {
        let known = |ranges: &Option<Vec<Range>>, at: usize| {
            ranges
                .iter()
                .flatten()
                .any(|range| range.clone().any(|other| text.word(other) == text.word(at)))
        };
        let rest: Vec<usize> = range
            .clone()
            .filter(|at| {
                !text.word(*at).is_empty() && !known(&self.first, *at) && !known(&self.last, *at)
            })
            .filter(|at| !is_suffix(text.word(*at)))
            .collect();
        let overlaps = rest.len()
            < range
                .clone()
                .filter(|at| !text.word(*at).is_empty())
                .count();
        let (Some(first), Some(last)) = (rest.first(), rest.last()) else {
            return self;
        };
        let rest = *first..last + 1;
        if self.first.is_none()
            && (overlaps || lexicon::is_given(text.word(rest.start)) || text.is_capital(rest.start))
        {
            let whole = split(text, rest.clone());
            self.first = if overlaps || rest.len() == 1 {
                Some(vec![rest])
            } else {
                whole.first
            };
        } else if self.last.is_none() && overlaps {
            self.last = Some(vec![rest]);
        }
        self
    }
}

/// Words that belong to the surname or given name after them.
pub fn is_particle(word: &str) -> bool {
    matches!(
        word,
        "de" | "del"
            | "la"
            | "las"
            | "los"
            | "da"
            | "das"
            | "dos"
            | "do"
            | "di"
            | "van"
            | "von"
            | "der"
            | "den"
            | "bin"
            | "ibn"
            | "el"
            | "al"
            | "st"
            | "le"
            | "san"
            | "santa"
    )
}

/// Words after a name that are not part of it.
pub fn is_suffix(word: &str) -> bool {
    matches!(word, "jr" | "sr" | "ii" | "iii" | "iv" | "junior")
}

/// Given names that go on with particles: `María de los Ángeles`.
const DEVOTIONS: [&str; 24] = [
    "de los angeles",
    "del carmen",
    "de jesus",
    "del rosario",
    "de la luz",
    "de guadalupe",
    "del pilar",
    "del socorro",
    "de lourdes",
    "de la concepcion",
    "de las mercedes",
    "de las nieves",
    "de la paz",
    "del mar",
    "de fatima",
    "de la cruz",
    "de los santos",
    "del transito",
    "de dios",
    "del refugio",
    "de la soledad",
    "de san juan",
    "del milagro",
    "de los milagros",
];

/// Splits a name as it stands in the text.
pub fn split(text: &Tokens, range: Range) -> Name {
    if let Some(comma) = range.clone().find(|at| text.mark(*at) == Some(',')) {
        return turned(text, range.start..comma, comma + 1..range.end);
    }
    let units = units(text, &range);
    let (mut units, middle) = without_initial(text, units);
    let ranges = |units: &[Range]| Some(units.to_vec()).filter(|units| !units.is_empty());
    if units.len() == 1 {
        let unit = units.remove(0);
        let titled = text.is(range.start.wrapping_sub(1), lexicon::Class::TITLE)
            && !matches!(text.word_before(range.start), "don" | "dona");
        let last = titled
            || is_particle(text.word(unit.start))
            || !lexicon::is_given(text.word(unit.start))
                && lexicon::is_surname(text.word(unit.start));
        let mut name = Name {
            middle,
            ..Name::default()
        };
        *(if last {
            &mut name.last
        } else {
            &mut name.first
        }) = Some(vec![unit]);
        return name;
    }
    if middle.is_none()
        && let Some(last) = surnames_first(text, &units)
    {
        let (last, first) = units.split_at(last);
        let (one, other) = units.split_at(given(text, &units).0);
        return Name {
            first: ranges(first),
            middle,
            last: ranges(last),
            other: Some((one.to_vec(), other.to_vec())),
        };
    }
    let (given, certain) = match &middle {
        // The initial stands between them.
        Some(initial) => {
            let at = initial.first().map_or(range.end, |initial| initial.start);
            (units.iter().take_while(|unit| unit.end <= at).count(), true)
        }
        None => given(text, &units),
    };
    let other = if certain {
        None
    } else {
        let other = if given > 1 { given - 1 } else { given + 1 };
        units
            .get(..other)
            .zip(units.get(other..))
            .filter(|(_, last)| !last.is_empty())
            .map(|(first, last)| (first.to_vec(), last.to_vec()))
    };
    let (first, last) = units.split_at(given.min(units.len()));
    Name {
        first: ranges(first),
        middle,
        last: ranges(last),
        other,
    }
}

/// Surnames before a comma, given names after it.
fn turned(text: &Tokens, last: Range, first: Range) -> Name {
    let (first, middle) = without_initial(text, units(text, &first));
    let last: Vec<Range> = units(text, &last);
    Name {
        first: Some(first).filter(|units| !units.is_empty()),
        middle,
        last: Some(last).filter(|units| !units.is_empty()),
        other: None,
    }
}

/// The words of a name, particles with the word that they belong to.
fn units(text: &Tokens, range: &Range) -> Vec<Range> {
    let mut units: Vec<Range> = Vec::new();
    let mut from = None;
    for at in range.clone() {
        let word = text.word(at);
        if word.is_empty() || is_suffix(word) {
            continue;
        }
        let start = *from.get_or_insert(at);
        if is_particle(word) && at + 1 < range.end {
            continue;
        }
        units.push(start..at + 1);
        from = None;
    }
    units
}

/// Takes out an initial that stands after a given name.
fn without_initial(text: &Tokens, units: Vec<Range>) -> (Vec<Range>, Option<Vec<Range>>) {
    let is_initial = |unit: &Range| text.word(unit.start).chars().count() == 1;
    let initial = units.iter().skip(1).find(|unit| is_initial(unit)).cloned();
    let rest: Vec<Range> = units.into_iter().filter(|unit| !is_initial(unit)).collect();
    (rest, initial.map(|initial| vec![initial]))
}

/// How many of the units are surnames, where those stand first: no given name is among them, and only given names come after.
fn surnames_first(text: &Tokens, units: &[Range]) -> Option<usize> {
    let word = |unit: &Range| text.word(unit.end - 1);
    let is_given = |unit: &Range| unit.len() == 1 && lexicon::is_given(word(unit));
    let given = units.iter().rev().take_while(|unit| is_given(unit)).count();
    let last = units.len() - given;
    let (surnames, names) = units.split_at(last);
    let fits = (1..=2).contains(&given)
        && (1..=2).contains(&last)
        && surnames.iter().all(|unit| !lexicon::is_given(word(unit)))
        && surnames.iter().any(|unit| lexicon::is_surname(word(unit)))
        && names
            .first()
            .is_some_and(|unit| !lexicon::is_surname(word(unit)));
    fits.then_some(last)
}

/// How many of the units are given names, and whether that is certain.
fn given(text: &Tokens, units: &[Range]) -> (usize, bool) {
    let word = |at: usize| units.get(at).map_or("", |unit| text.word(unit.start));
    let is_given = |at: usize| lexicon::is_given(word(at));
    let only_surname = |at: usize| !is_given(at) && lexicon::is_surname(word(at));
    let devoted = |at: usize| {
        units.get(at).is_some_and(|unit| {
            let words: Vec<_> = unit.clone().map(|at| text.word(at)).collect();
            unit.len() > 1 && DEVOTIONS.contains(&words.join(" ").as_str())
        })
    };
    let count = units.len();
    // "María del Carmen" and surnames; "Juan de la Cruz" alone has a surname.
    if count > 2 && devoted(1) && is_given(0) {
        return (2, true);
    }
    if count > 3 && devoted(2) {
        return (3, true);
    }
    let particle = |at: usize| units.get(at).is_some_and(|unit| unit.len() > 1);
    match count {
        0..=2 => (1, true),
        3 if particle(1) => (1, true),
        3 if is_given(1) && !lexicon::is_surname(word(1)) => (2, !only_surname(0)),
        3 if only_surname(1) => (1, true),
        // Neither list decides: of two surnames the last would be one, too.
        3 if is_given(1) => (
            if lexicon::is_surname(word(2)) && !is_given(2) {
                2
            } else {
                1
            },
            false,
        ),
        3 => (1, false),
        4 if particle(1) || only_surname(1) && is_given(0) => (1, false),
        4 => (2, is_given(1)),
        _ => {
            let leading = (0..count).take_while(|at| is_given(*at)).count();
            (leading.clamp(2, count - 2), false)
        }
    }
}
