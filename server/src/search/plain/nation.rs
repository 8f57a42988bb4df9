//! Countries of birth: where a text says that somebody is from, against where they only live, are held, or have passed through.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::super::country;
use super::lexicon::{self, Class, is_slip, lines};
use super::token::{Range, Tokens};

/// Words of the longest name of a country.
const LONGEST: usize = 6;

/// Demonyms and other words, each with what the site calls the countries that they may mean.
static DEMONYMS: LazyLock<HashMap<&str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut demonyms: HashMap<&str, Vec<&str>> = HashMap::new();
    for line in lines(include_str!("demonyms.txt")) {
        let Some((name, words)) = line.split_once(": ") else {
            continue;
        };
        // The site's own name, whatever this list calls the country.
        if let Ok(country) = country::parse(name) {
            for word in words.split(' ') {
                demonyms.entry(word).or_default().push(country);
            }
        }
    }
    for word in ["congo", "congolese", "congoleno", "congolena"] {
        if let Ok(country) = country::parse("Republic of the Congo") {
            demonyms.entry(word).or_default().push(country);
        }
    }
    demonyms
});

/// Names of one word, folded, that may be misspelt.
static NAMES: LazyLock<Vec<(String, &'static str)>> = LazyLock::new(|| {
    let one_word = country::ways().filter(|(way, _)| way.len() >= 5 && !way.contains(' '));
    let demonyms = DEMONYMS
        .iter()
        .filter(|(word, countries)| word.len() >= 6 && countries.len() == 1)
        .filter_map(|(word, countries)| Some(((*word).to_owned(), *countries.first()?)));
    one_word.chain(demonyms).collect()
});

/// Words that are names of people or little words as often as countries.
const UNSURE: [&str; 14] = [
    "jordan", "jordania", "israel", "chad", "georgia", "kenya", "salvador", "dominica", "guinea", "indio", "india", "santo domingo",
    "america", "guanaco",
];

/// How sure it is that somebody was born there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sure {
    Mentioned,
    From,
    Born,
}

/// A country that somebody may be from.
pub struct Origin {
    /// As the site calls it; several where the word means several.
    pub countries: Vec<&'static str>,
    /// Where it stands.
    pub range: Range,
    /// The name was misspelt.
    pub misspelt: bool,
    sure: Sure,
}

/// Where the text says that somebody is from: nowhere, one place, or several of which none is surer. Takes the tokens of all
/// countries.
pub fn origins(text: &mut Tokens) -> Vec<Origin> {
    let mut origins: Vec<Origin> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let Some((countries, end, misspelt)) = named(text, at) else {
            at += 1;
            continue;
        };
        let range = at..end;
        let sure = how_sure(text, &range);
        let unsure = UNSURE.contains(&text.word(at)) && end == at + 1;
        at = end;
        if unsure && sure < Some(Sure::From) {
            continue;
        }
        text.take(range.clone());
        let Some(sure) = sure else {
            continue;
        };
        // Where people are held is said more often than that they were born there.
        if countries == ["United States"] && sure < Sure::Born {
            continue;
        }
        origins.push(Origin {
            countries,
            range,
            misspelt,
            sure,
        });
    }
    let surest = origins.iter().map(|origin| origin.sure).max();
    origins.retain(|origin| Some(origin.sure) == surest);
    let mut known: Vec<Vec<&str>> = Vec::new();
    origins.retain(|origin| {
        let new = !known.contains(&origin.countries);
        known.push(origin.countries.clone());
        new
    });
    // "Congolese, from the Democratic Republic of the Congo": the one that is one of several is meant.
    if let [one, other] = &origins[..] {
        let within = |one: &Origin, other: &Origin| one.countries.len() == 1 && one.countries.iter().all(|country| other.countries.contains(country));
        if within(one, other) {
            origins.truncate(1);
        } else if within(other, one) {
            origins.remove(0);
        }
    }
    origins
}

/// The country named there, with where its name ends, and whether that is misspelt. The longest name counts.
fn named(text: &Tokens, at: usize) -> Option<(Vec<&'static str>, usize, bool)> {
    if text.word(at).is_empty() || text.is_taken(at) {
        return None;
    }
    for count in (1..=LONGEST).rev() {
        let end = at + count;
        if (at..end).any(|at| text.word(at).is_empty() || text.is_taken(at)) {
            continue;
        }
        let words: Vec<_> = (at..end).map(|at| text.word(at)).collect();
        let words = words.join(" ");
        if let Some(countries) = DEMONYMS.get(words.as_str()) {
            return Some((countries.clone(), end, false));
        }
        // Codes are words of their own: "do", "es", "no", "per".
        let is_code = words.len() <= 3 && !matches!(words.as_str(), "usa" | "drc");
        let labelled = is_label(text, at);
        if (!is_code || labelled) && let Ok(country) = country::parse(&words) {
            return Some((vec![country], end, false));
        }
    }
    misspelt(text, at).map(|country| (vec![country], at + 1, true))
}

/// The country that a misspelt word must mean.
fn misspelt(text: &Tokens, at: usize) -> Option<&'static str> {
    let word = text.word(at);
    if word.chars().count() < 5 || lexicon::is_word(word) || lexicon::is_given(word) || lexicon::is_surname(word) {
        return None;
    }
    let mut near = NAMES.iter().filter(|(name, _)| is_slip(word, name)).map(|(_, country)| *country);
    let first = near.next()?;
    near.all(|other| other == first).then_some(first)
}

/// Whether a label for a country stands right before: `COB:`, `country of birth is`.
fn is_label(text: &Tokens, at: usize) -> bool {
    let label = (at.saturating_sub(3)..at).rev().take_while(|at| {
        matches!(text.word(*at), "is" | "es" | "of" | "de" | "birth" | "nacimiento" | "cob" | "country" | "pais") || matches!(text.mark(*at), Some(':' | '='))
    });
    label.into_iter().any(|at| matches!(text.word(at), "cob" | "country" | "pais"))
}

/// How sure it is that somebody was born there; `None` when it is said that they only are or were there, or it is somebody else's.
fn how_sure(text: &Tokens, range: &Range) -> Option<Sure> {
    let at = range.start;
    if is_label(text, at) {
        return Some(Sure::Born);
    }
    for own in [&["soy"][..], &["soy", "de"], &["i", "am"], &["im"], &["i'm"], &["i", "am", "from"], &["i'm", "from"], &["im", "from"], &["we", "are", "from"], &["somos", "de"], &["somos"], &["i", "come", "from"], &["yo", "soy"]] {
        if text.said_before(at, own) {
            return None;
        }
    }
    let after = text.word(range.end);
    if matches!(after, "consulate" | "embassy" | "border" | "restaurant" | "passport" | "food" | "visa") {
        return None;
    }
    let mut sure = Sure::Mentioned;
    for before in (at.saturating_sub(7)..at).rev().take_while(|at| !text.is_end(*at)) {
        if text.is_taken(before) {
            // Another country or a date: what was said before it was said of that.
            if text.digits(before).is_empty() && !text.word(before).is_empty() && !lexicon::is_place(text.word(before)) {
                let listed = matches!(text.word(before + 1), "or" | "o" | "u" | "and" | "y" | "ni");
                if !listed {
                    break;
                }
            }
            continue;
        }
        if text.is(before, Class::BIRTH) {
            return Some(Sure::Born);
        }
        if text.is(before, Class::LIVING) && !matches!(text.word(before), "from") {
            return None;
        }
        let asks = matches!(text.word(before), "in" | "en" | "at" | "to" | "hacia" | "por" | "through" | "through" | "con" | "near");
        if asks && !(at.saturating_sub(8)..before).any(|at| text.is(at, Class::BIRTH)) {
            return None;
        }
        if text.is(before, Class::ORIGIN) && sure < Sure::From {
            sure = Sure::From;
        }
    }
    // A word for people says that somebody is one of them.
    let is_demonym = range.len() == 1 && DEMONYMS.contains_key(text.word(at));
    Some(if is_demonym { sure.max(Sure::From) } else { sure })
}
