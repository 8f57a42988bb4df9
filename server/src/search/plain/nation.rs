//! Countries of birth: where a text says that somebody is from, against where they only live, are held, or have passed through.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::super::country;
use super::cues::own;
use super::lexicon::{self, Class, is_slip, lines};
use super::token::{Range, Tokens};

/// Words of the longest name of a country.
const LONGEST: usize = 6;

/// Demonyms and other words, each with what the site calls the countries that they may mean.
static DEMONYMS: LazyLock<HashMap<String, Vec<&'static str>>> = LazyLock::new(|| {
    let mut demonyms: HashMap<String, Vec<&str>> = HashMap::new();
    for line in lines(include_str!("demonyms.txt")) {
        let Some((name, words)) = line.split_once(": ") else {
            continue;
        };
        // The site's own name, whatever this list calls the country.
        if let Ok(country) = country::parse(name) {
            for word in words.split(' ') {
                demonyms
                    .entry(word.replace('_', " "))
                    .or_default()
                    .push(country);
            }
        }
    }
    for word in ["congo", "congolese", "congoleno", "congolena"] {
        if let Ok(country) = country::parse("Republic of the Congo") {
            demonyms.entry(word.to_owned()).or_default().push(country);
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
        .filter_map(|(word, countries)| Some((word.clone(), *countries.first()?)));
    one_word.chain(demonyms).collect()
});

/// Words that are names of people or little words as often as countries.
const UNSURE: [&str; 10] = [
    "santa lucia",
    "jordania",
    "georgia",
    "kenya",
    "dominica",
    "guinea",
    "indio",
    "india",
    "santo domingo",
    "guanaco",
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
    /// It may be a state of the U.S. that is meant.
    pub state: bool,
    sure: Sure,
}

/// Where somebody may be from.
pub struct Origins {
    /// Nowhere, one place, or several of which none is surer.
    pub all: Vec<Origin>,
    /// Whether the text says that it is one or another of them.
    pub either: bool,
    /// Where a state of the U.S. is meant that has a country's name.
    pub states: Vec<Range>,
}

/// Where the text says that somebody is from. Takes the tokens of all countries.
pub fn origins(text: &mut Tokens) -> Origins {
    let mut origins: Vec<Origin> = Vec::new();
    let mut states: Vec<Range> = Vec::new();
    let mut seen: Vec<Range> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let Some((countries, end, misspelt)) = named(text, at) else {
            at += 1;
            continue;
        };
        let range = at..end;
        let sure = how_sure(text, &range, &seen);
        seen.push(range.clone());
        let unsure = is_unsure(text, &range) && !stands_alone(text, &range);
        // "María de Guadalupe", "Germán": a name.
        let named = unsure && range.len() == 1 && is_name_too(text, at);
        at = end;
        let state = is_state(text, &range);
        if state && !named && (sure.is_none() || is_after_city(text, range.start)) {
            text.take(range.clone());
            states.push(range);
            continue;
        }
        if unsure && sure < Some(Sure::From) || named {
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
            state: state && sure < Sure::Born,
            sure,
        });
    }
    // What is said of one of a list is said of all.
    if let Some(list) = list(text, &origins)
        && let Some(sure) = origins[list.clone()].iter().map(|origin| origin.sure).max()
    {
        for origin in &mut origins[list] {
            origin.sure = sure;
        }
    }
    if origins
        .iter()
        .any(|origin| !origin.state && origin.sure >= Sure::From)
    {
        let (state, sure): (Vec<_>, Vec<_>) = origins.into_iter().partition(|origin| origin.state);
        states.extend(state.into_iter().map(|origin| origin.range));
        origins = sure;
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
        let within = |one: &Origin, other: &Origin| {
            one.countries.len() == 1
                && one
                    .countries
                    .iter()
                    .all(|country| other.countries.contains(country))
        };
        if within(one, other) {
            origins.truncate(1);
        } else if within(other, one) {
            origins.remove(0);
        }
    }
    Origins {
        either: are_either(text, &origins),
        all: origins,
        states,
    }
}

/// The longest row of them that are listed with "or".
fn list(text: &Tokens, origins: &[Origin]) -> Option<Range> {
    let rows = |count| (0..=origins.len() - count).map(move |from| from..from + count);
    (2..=origins.len())
        .rev()
        .flat_map(rows)
        .find(|row| are_either(text, &origins[row.clone()]))
}

/// Whether nothing stands between them but "or", and what goes with it.
fn are_either(text: &Tokens, origins: &[Origin]) -> bool {
    let mut or = false;
    let listed = origins.windows(2).all(|pair| {
        let [one, other] = pair else { return false };
        (one.range.end..other.range.start).all(|at| {
            let word = text.word(at);
            let is_or = matches!(word, "or" | "o" | "u") || text.mark(at) == Some('/');
            or |= is_or;
            is_or
                || text.mark(at) == Some(',')
                || matches!(
                    word,
                    "from"
                        | "de"
                        | "del"
                        | "in"
                        | "en"
                        | "a"
                        | "an"
                        | "maybe"
                        | "perhaps"
                        | "possibly"
                        | "tal"
                        | "vez"
                        | "quizas"
                        | "quiza"
                        | "posiblemente"
                        | "else"
                        | "la"
                        | "el"
                        | "is"
                        | "es"
                        | "sea"
                )
        })
    });
    listed && or
}

/// Whether a state of the U.S. has this country's name.
fn is_state(text: &Tokens, range: &Range) -> bool {
    range.len() == 1 && text.word(range.start) == "georgia"
}

/// Whether a city stands right before: "Atlanta, Georgia".
fn is_after_city(text: &Tokens, at: usize) -> bool {
    const LONGEST: usize = 3;
    let end = at - usize::from(text.mark(at.wrapping_sub(1)) == Some(','));
    (1..=LONGEST).any(|count| {
        let words: Vec<_> = (end.saturating_sub(count)..end)
            .map(|at| text.word(at))
            .collect();
        lexicon::is_place(&words.join(" "))
    })
}

/// Whether who writes says their own name and country: "Me llamo Ana Muestra, de México".
fn is_of_writer(text: &Tokens, at: usize) -> bool {
    (0..at)
        .rev()
        .take_while(|at| {
            !text.is_end(*at) && !text.is(*at, Class::RELATION) && !text.is(*at, Class::SEARCH)
        })
        .any(|at| !text.word(at).is_empty() && !lexicon::is_word(text.word(at)) && own(text, at))
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
        if (!is_code || labelled && !lexicon::is_word(&words))
            && let Ok(country) = country::parse(&words)
        {
            return Some((vec![country], end, false));
        }
    }
    misspelt(text, at).map(|country| (vec![country], at + 1, true))
}

/// The country that a misspelt word must mean.
fn misspelt(text: &Tokens, at: usize) -> Option<&'static str> {
    let word = text.word(at);
    if word.chars().count() < 5
        || lexicon::is_word(word)
        || lexicon::is_given(word)
        || lexicon::is_surname(word)
    {
        return None;
    }
    let mut near = NAMES
        .iter()
        .filter(|(name, _)| is_slip(word, name))
        .map(|(_, country)| *country);
    let first = near.next()?;
    near.all(|other| other == first).then_some(first)
}

/// Whether a label for a country stands right before: `COB:`, `country of birth is`.
fn is_label(text: &Tokens, at: usize) -> bool {
    let label = (at.saturating_sub(6)..at).rev().take_while(|at| {
        matches!(
            text.word(*at),
            "is" | "es" | "of" | "de" | "birth" | "nacimiento" | "cob" | "country" | "pais"
        ) || matches!(text.mark(*at), Some(':' | '='))
    });
    label
        .into_iter()
        .any(|at| matches!(text.word(at), "cob" | "country" | "pais"))
}

fn is_unsure(text: &Tokens, range: &Range) -> bool {
    let words: Vec<_> = range.clone().map(|at| text.word(at)).collect();
    let one = range.len() == 1;
    let name = one
        && (lexicon::is_given(text.word(range.start))
            || lexicon::is_surname(text.word(range.start)));
    name || UNSURE.contains(&words.join(" ").as_str())
}

/// Whether a word that may be a country or a name is one of a name's here: nothing before it says that it is a country.
fn is_name_too(text: &Tokens, at: usize) -> bool {
    let word = text.word(at);
    if !lexicon::is_given(word) && !lexicon::is_surname(word) {
        return false;
    }
    let before = text.word_before(at);
    let says = matches!(before, "from" | "is" | "es" | "in" | "en")
        || before == "de" && !lexicon::is_given(text.word(at.saturating_sub(2)));
    let follows = text.word(at + 1);
    !says || !follows.is_empty() && !lexicon::is_word(follows) && lexicon::is_surname(follows)
}

/// Whether it has punctuation on both sides: "Ibrahim Toure (Guinea)".
fn stands_alone(text: &Tokens, range: &Range) -> bool {
    let edge = |at: usize| {
        text.get(at).is_none() || text.word(at).is_empty() && text.digits(at).is_empty()
    };
    range.start > 0 && edge(range.start - 1) && edge(range.end)
}

/// How sure it is that somebody was born there; `None` when it is said that they only are or were there, or it is somebody else's.
fn how_sure(text: &Tokens, range: &Range, known: &[Range]) -> Option<Sure> {
    let at = range.start;
    if is_label(text, at) {
        return Some(Sure::Born);
    }
    for own in [
        &["soy"][..],
        &["soy", "de"],
        &["i", "am"],
        &["im"],
        &["i'm"],
        &["i", "am", "from"],
        &["i'm", "from"],
        &["im", "from"],
        &["we", "are", "from"],
        &["somos", "de"],
        &["somos"],
        &["i", "come", "from"],
        &["yo", "soy"],
    ] {
        if text.said_before(at, own) {
            return None;
        }
    }
    if is_of_writer(text, at) {
        return None;
    }
    let after = text.word(range.end);
    if matches!(
        after,
        "consulate" | "embassy" | "border" | "restaurant" | "passport" | "food" | "visa"
    ) {
        return None;
    }
    // "Picked up in Atlanta, he is from Honduras": what stands right before counts, whatever was said before it.
    let called = at >= 2 && text.is(at - 2, Class::LIVING);
    if text.word_before(at) == "from"
        && !called
        && !text.says(at.saturating_sub(2), &["not", "from"])
    {
        let born = at >= 2 && text.is(at - 2, Class::BIRTH);
        return Some(if born { Sure::Born } else { Sure::From });
    }
    // A word for people says that somebody is one of them.
    let is_demonym = DEMONYMS.contains_key(&text.written(range.clone()).to_lowercase())
        || DEMONYMS.contains_key(text.word(at));
    let mut sure = if is_demonym {
        Sure::From
    } else {
        Sure::Mentioned
    };
    let mut lives = false;
    let mut within = false;
    let mut steps = 0;
    for before in (0..at).rev().take_while(|at| !text.is_end(*at)) {
        if known.iter().any(|range| range.contains(&before)) {
            // What was said before another country was said of that one, unless both are listed.
            if matches!(text.word(before + 1), "or" | "o" | "u" | "and" | "y" | "ni") {
                continue;
            }
            break;
        }
        if text.is_taken(before) {
            continue;
        }
        steps += 1;
        if steps > 8 {
            break;
        }
        let word = text.word(before);
        if text.is(before, Class::BIRTH) {
            let own = word == "naci"
                || (1..=2)
                    .any(|back| before >= back && matches!(text.word(before - back), "i" | "yo"));
            return (!own).then_some(Sure::Born);
        }
        // A comma ends what was said of a place, but for the country that the place is in.
        let apart = text.mark(before) == Some(',') && before + 1 < at;
        if apart && (is_demonym || steps > 1) {
            if lives || within || is_demonym {
                break;
            }
            continue;
        }
        lives |= text.is(before, Class::LIVING) && !is_demonym;
        within |= matches!(
            word,
            "in" | "en" | "at" | "to" | "hacia" | "por" | "through" | "con" | "near"
        ) && !is_demonym;
        if text.is(before, Class::ORIGIN) && !within && !lives {
            sure = sure.max(Sure::From);
        }
    }
    if is_demonym {
        return Some(sure);
    }
    (!lives && !within).then_some(sure)
}
