//! Says what of a planted value can still be read, as somebody would who wants to.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::LazyLock;

use icelocator_redaction::Kind;
use regex::Regex;

use super::cases::{Case, Planted};
use super::fold::{compact, fold, readable, unleet, words};
use super::numbers::{days, runs};

/// Stands where something was taken out.
pub const GONE: char = '\u{1}';

/// What was made of a text.
pub struct Judged {
    /// For each planted value, whether it can still be read.
    pub survives: Vec<bool>,
    /// Harmless words.
    pub words: usize,
    /// Harmless words that are no longer there, in lower case.
    pub lost: Vec<String>,
}

/// A text in all the ways in which it is read.
struct Reading {
    raw: String,
    folded: String,
    compact: String,
    words: HashMap<String, usize>,
    order: Vec<String>,
    runs: String,
    /// As letters, with digits that stand for letters; made when it is asked for.
    leet: OnceCell<[String; 2]>,
}

impl Reading {
    fn of(text: &str) -> Self {
        let raw = readable(text);
        let folded = fold(&raw);
        let order: Vec<String> = words(&folded).into_iter().map(str::to_owned).collect();
        let mut counted = HashMap::new();
        for word in &order {
            *counted.entry(word.clone()).or_default() += 1;
        }
        Self {
            compact: compact(&folded),
            runs: runs(&folded),
            leet: OnceCell::new(),
            words: counted,
            order,
            folded,
            raw,
        }
    }

    fn word(&self, word: &str) -> usize {
        self.words.get(word).copied().unwrap_or(0)
    }

    /// How often letters follow one another, whatever stands between them and whatever digits stand for letters.
    fn letters(&self, letters: &str) -> usize {
        let leet = self
            .leet
            .get_or_init(|| ['i', 'l'].map(|one| compact(&unleet(&self.folded, one))));
        leet.iter()
            .chain([&self.compact])
            .map(|text| text.matches(letters).count())
            .max()
            .unwrap_or(0)
    }

    /// How often these words follow one another, with few others between them.
    fn near(&self, wanted: &[&str]) -> usize {
        let spread = (0..self.order.len())
            .filter(|at| {
                let mut ahead = self.order[*at..].iter().take(wanted.len() + 4);
                self.order[*at] == wanted[0]
                    && wanted.iter().all(|word| ahead.any(|found| found == word))
            })
            .count();
        spread.max(self.compact.matches(&wanted.concat()).count())
    }
}

/// Holds what came out of a case against what went in.
pub fn judge(case: &Case, out: &str) -> Judged {
    let left = without_replacements(out, &case.text);
    let rest = case.rest();
    let (now, harmless) = (Reading::of(&left), Reading::of(&rest));
    let survives = case
        .planted
        .iter()
        .map(|planted| {
            survives(
                planted,
                &case.text[planted.start..planted.end],
                &now,
                &harmless,
            )
        })
        .collect();

    let mut there: HashMap<String, usize> = HashMap::new();
    for word in words(&fold(&left)) {
        *there.entry(word.to_owned()).or_default() += 1;
    }
    let folded = fold(&rest);
    let mut lost = Vec::new();
    let mut count = 0;
    for word in words(&folded)
        .into_iter()
        .filter(|word| !word.starts_with(GONE))
    {
        count += 1;
        match there.get_mut(word) {
            Some(more) if *more > 0 => *more -= 1,
            _ => lost.push(word.to_owned()),
        }
    }
    Judged {
        survives,
        words: count,
        lost,
    }
}

/// What is left of a text when its replacements are taken out. What looks like one but stood in the text before is none.
fn without_replacements(out: &str, text: &str) -> String {
    static REPLACEMENT: LazyLock<Regex> = LazyLock::new(|| {
        let kinds: Vec<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        Regex::new(&format!(r"\[(?:{}):[0-9A-Za-z]{{1,32}}\]", kinds.join("|"))).unwrap()
    });
    REPLACEMENT
        .replace_all(out, |found: &regex::Captures| {
            if text.contains(&found[0]) {
                found[0].to_owned()
            } else {
                GONE.to_string()
            }
        })
        .into_owned()
}

/// Whether enough of a value to identify somebody is read more often than the harmless text alone accounts for.
fn survives(planted: &Planted, shown: &str, now: &Reading, harmless: &Reading) -> bool {
    let more = |count: &dyn Fn(&Reading) -> usize| count(now) > count(harmless);
    let as_shown = compact(&fold(shown));
    if as_shown.chars().count() > 3 && more(&|reading| reading.compact.matches(&as_shown).count()) {
        return true;
    }
    let value = planted.value.as_str();
    let folded = fold(value);
    match planted.kind {
        Kind::Name => {
            let disguised = fold(shown);
            let plain = words(&disguised);
            let parts = names(&folded);
            if parts.is_empty() {
                return more(&|reading| reading.near(&words(&folded)));
            }
            parts.iter().any(|part| {
                if plain.contains(part) {
                    more(&|reading| reading.word(part))
                } else {
                    more(&|reading| reading.letters(part))
                }
            })
        }
        Kind::AlienNumber | Kind::Ssn | Kind::Phone => digits(value, now, harmless),
        Kind::Document => {
            more(&|reading| reading.compact.matches(&compact(&folded)).count())
                || digits(value, now, harmless)
        }
        Kind::Email => {
            let (local, host) = folded.split_once('@').unwrap_or((&folded, ""));
            let local = compact(local);
            let host = host.split('.').next().unwrap_or_default();
            let end: String = local
                .chars()
                .skip(local.chars().count().saturating_sub(5))
                .collect();
            more(&|reading| {
                let spoken: String = reading
                    .order
                    .iter()
                    .filter(|word| !["dot", "punto", "at", "arroba"].contains(&word.as_str()))
                    .cloned()
                    .collect();
                [&spoken, &reading.compact]
                    .map(|text| {
                        text.matches(&local)
                            .count()
                            .max(text.matches(&format!("{end}{host}")).count())
                    })
                    .into_iter()
                    .max()
                    .unwrap_or(0)
            })
        }
        Kind::Address => more(&|reading| reading.near(&words(&folded))),
        Kind::Date => {
            let mut parts = value.rsplitn(3, '-');
            let (Some(Ok(day)), Some(Ok(month))) =
                (parts.next().map(str::parse), parts.next().map(str::parse))
            else {
                panic!("{value} is no day");
            };
            let year = parts.next().and_then(|year| year.parse().ok());
            more(&|reading| days(&reading.folded, year, month, day))
        }
        Kind::Credential => {
            let characters: Vec<char> = value.chars().collect();
            let long = characters.len().min(12);
            characters.windows(long).any(|part| {
                let part: String = part.iter().collect();
                more(&|reading| reading.raw.matches(&part).count())
            })
        }
        Kind::Other => more(&|reading| reading.compact.matches(&compact(&folded)).count()),
    }
}

/// The parts of a name that tell who somebody is: three letters or more, two in a script that is not Latin.
fn names(folded: &str) -> Vec<&str> {
    const PARTICLES: [&str; 12] = [
        "del", "los", "las", "van", "von", "bin", "ben", "ibn", "dos", "das", "and", "don",
    ];
    words(folded)
        .into_iter()
        .filter(|word| {
            let letters = word.chars().count();
            (letters > 2 || (letters == 2 && !word.is_ascii())) && !PARTICLES.contains(word)
        })
        .collect()
}

/// Whether five digits of a number are read in their order.
fn digits(value: &str, now: &Reading, harmless: &Reading) -> bool {
    let value: Vec<char> = value.chars().filter(char::is_ascii_digit).collect();
    value.windows(5).any(|five| {
        let five: String = five.iter().collect();
        overlapping(&now.runs, &five) > overlapping(&harmless.runs, &five)
    })
}

fn overlapping(text: &str, part: &str) -> usize {
    text.as_bytes()
        .windows(part.len())
        .filter(|window| *window == part.as_bytes())
        .count()
}
