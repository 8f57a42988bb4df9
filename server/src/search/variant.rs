//! The ways in which the site may hold one half of a name, the given names or the surnames, each with how likely it is. The
//! weights are estimates: what they have to get right is the order. The evaluation in `tests/` says how well they do.

use super::lexicon::{GIVEN, Lexicon, SURNAMES};
use super::matcher::Matcher;
use super::nickname;
use super::sound::Near;
use super::words::{self, Surname};

/// Most ways of one half.
const MOST: usize = 16;
/// Most words of one half that are taken apart.
const MOST_WORDS: usize = 4;

/// Surnames that seldom stand without their particle.
const WITH_PARTICLE: [(&str, &str); 31] = [
    ("cruz", "de la cruz"),
    ("rosa", "de la rosa"),
    ("torre", "de la torre"),
    ("leon", "de leon"),
    ("jesus", "de jesus"),
    ("paz", "de paz"),
    ("valle", "del valle"),
    ("cid", "del cid"),
    ("rio", "del rio"),
    ("angel", "del angel"),
    ("santos", "dos santos"),
    ("silva", "da silva"),
    ("costa", "da costa"),
    ("nascimento", "do nascimento"),
    ("conceicao", "da conceicao"),
    ("souza", "de souza"),
    ("oliveira", "de oliveira"),
    ("almeida", "de almeida"),
    ("araujo", "de araujo"),
    ("carvalho", "de carvalho"),
    ("freitas", "de freitas"),
    ("cunha", "da cunha"),
    ("rocha", "da rocha"),
    ("luz", "da luz"),
    ("carmo", "do carmo"),
    ("reis", "dos reis"),
    ("anjos", "dos anjos"),
    ("santos", "de los santos"),
    ("angeles", "de los angeles"),
    ("fuente", "de la fuente"),
    ("garza", "de la garza"),
];

/// A way to write one half of a name. Identifies somebody: it cannot be printed.
pub struct Variant {
    /// As it is written.
    pub text: String,
    /// How likely the site holds it so, against 1 for what was asked.
    pub weight: f64,
    /// How it was come by.
    pub matcher: Matcher,
}

impl Variant {
    /// A way to write something.
    pub fn new(text: impl Into<String>, weight: f64, matcher: Matcher) -> Self {
        Self {
            text: text.into(),
            weight,
            matcher,
        }
    }
}

/// One word, and what may stand in its place.
struct Token {
    text: String,
    /// Against 1, how likely it is that the word itself is on record.
    itself: f64,
    others: Vec<Variant>,
}

/// Some words in some order.
struct Shape {
    order: Vec<usize>,
    between: &'static str,
    weight: f64,
    matcher: Matcher,
}

/// Both halves of a name as they were typed, where nothing is likelier: not where somebody is called by a short name.
pub fn as_typed(given: &str, surnames: &str) -> Option<(String, String)> {
    if words::given(given).iter().any(|word| is_nickname(word)) {
        return None;
    }
    let both = (words::typed(given, true), words::typed(surnames, false));
    (!both.0.is_empty() && !both.1.is_empty()).then_some(both)
}

/// Whether this is what people are called, and not what stands on their papers.
fn is_nickname(word: &str) -> bool {
    !GIVEN.is_common(word) && !nickname::on_papers(word).is_empty()
}

/// The ways to write these given names, likeliest first.
pub fn given(text: &str) -> Vec<Variant> {
    let tokens: Vec<Token> = words::given(text).into_iter().map(given_name).collect();
    let typed = words::typed(text, true);
    let tied = typed.contains('-');
    let initial = tokens.last().is_some_and(|token| token.text.len() == 1);
    let all: Vec<usize> = (0..tokens.len()).collect();
    let mut shapes = Vec::new();
    let mut shape = |order: &[usize], between, weight, matcher| {
        shapes.push(Shape {
            order: order.to_vec(),
            between,
            weight,
            matcher,
        });
    };
    shape(&all, " ", if tied { 0.6 } else { 1.0 }, Matcher::Exact);
    let last = all.len().saturating_sub(1);
    if last > 0 {
        shape(&all, "-", if tied { 1.0 } else { 0.06 }, Matcher::Joined);
        let one = if initial { 0.85 } else { 0.5 };
        shape(&[0], "", one, Matcher::GivenNames);
        let arabic = tokens[0].text.starts_with("abd");
        shape(&all, "", if arabic { 0.4 } else { 0.06 }, Matcher::Joined);
        if !initial {
            shape(&[last], "", 0.2, Matcher::GivenNames);
        }
    }
    if last == 1 && !initial {
        shape(&[1, 0], " ", 0.15, Matcher::GivenNames);
    }
    if last > 1 {
        shape(&[0, 1], " ", 0.4, Matcher::GivenNames);
        shape(&[0, last], " ", 0.25, Matcher::GivenNames);
    }
    expand(typed, &tokens, &shapes)
}

/// The ways to write these surnames, likeliest first.
pub fn surnames(text: &str) -> Vec<Variant> {
    let tokens: Vec<Token> = words::surnames(text).iter().map(surname).collect();
    let typed = words::typed(text, false);
    let with_suffix = words::typed(text, true);
    let tied = tokens.len() > 1 && typed.contains('-');
    let all: Vec<usize> = (0..tokens.len()).collect();
    let mut shapes = Vec::new();
    let mut shape = |order: &[usize], between, weight, matcher| {
        shapes.push(Shape {
            order: order.to_vec(),
            between,
            weight,
            matcher,
        });
    };
    let last = all.len().saturating_sub(1);
    let spaced = if tied {
        Matcher::Joined
    } else {
        Matcher::Exact
    };
    shape(&all, " ", if tied { 0.6 } else { 1.0 }, spaced);
    if last > 0 {
        shape(&all, "-", if tied { 1.0 } else { 0.45 }, Matcher::Joined);
        shape(&[0], "", 0.55, Matcher::FirstSurname);
        shape(&[last], "", 0.22, Matcher::Surnames);
        shape(&all, "", 0.05, Matcher::Joined);
    }
    if last == 1 {
        shape(&[1, 0], " ", 0.3, Matcher::Surnames);
        shape(&[1, 0], "-", 0.12, Matcher::Surnames);
    }
    if last > 1 {
        shape(&[0, 1], " ", 0.4, Matcher::Surnames);
        shape(&[last - 1, last], " ", 0.15, Matcher::Surnames);
    }
    let suffixed = (with_suffix != typed).then(|| Variant::new(with_suffix, 0.35, Matcher::Suffix));
    let mut variants = expand(typed, &tokens, &shapes);
    variants.extend(suffixed);
    variants
}

fn given_name(text: String) -> Token {
    let known = GIVEN.is_common(&text);
    let papers = nickname::on_papers(&text);
    let mut others = Vec::new();
    // Who is only ever called so is on record by another name; who may be christened so, perhaps.
    let likely = if known { 0.35 } else { 0.95 };
    let mut share = likely;
    for name in papers {
        others.push(Variant::new(name.as_str(), share, Matcher::Nickname));
        share *= 0.7;
    }
    let mut share = 0.08;
    for name in nickname::called(&text).iter().take(2) {
        others.push(Variant::new(name.as_str(), share, Matcher::Nickname));
        share *= 0.7;
    }
    let nickname = is_nickname(&text);
    if !nickname {
        others.extend(transliterated(&text, &GIVEN));
        others.extend(respelled(&text, &GIVEN));
    }
    Token {
        itself: if nickname { 0.6 } else { 1.0 },
        others: sorted(others, MOST / 2),
        text,
    }
}

fn surname(name: &Surname) -> Token {
    let mut others = Vec::new();
    let mut other = |text: String, weight| others.push(Variant::new(text, weight, Matcher::Joined));
    let core = &name.core;
    if name.particles.is_empty() {
        if let Some(apart) = words::untied(core, |rest| SURNAMES.knows(rest)) {
            other(apart.text(), 0.7);
            other(apart.core, 0.15);
        }
        if let Some(whole) = apostrophised(core) {
            other(whole, 0.4);
        }
        for whole in with_particle(core) {
            other(whole.to_owned(), 0.45);
        }
    } else {
        let particles = name.particles.concat();
        other(format!("{particles}{core}"), 0.55);
        if name.particles.len() > 1 {
            other(format!("{particles} {core}"), 0.4);
        }
        other(core.clone(), 0.55);
        for whole in with_particle(core) {
            other(whole.to_owned(), 0.4);
        }
        match particles.as_str() {
            "dela" => other(format!("de la {core}"), 0.7),
            "delos" => other(format!("de los {core}"), 0.7),
            "o" => other(format!("o'{core}"), 0.6),
            "st" => {
                other(format!("saint-{core}"), 0.5);
                other(format!("saint {core}"), 0.4);
                other(format!("st-{core}"), 0.3);
            }
            "al" | "el" => {
                other(format!("{particles}-{core}"), 0.6);
                let twin = if particles == "al" { "el" } else { "al" };
                other(format!("{twin}-{core}"), 0.15);
            }
            _ => {}
        }
    }
    if core.contains('\'') {
        other(core.replace('\'', ""), 0.5);
        other(core.replace('\'', " "), 0.25);
    }
    for full in nickname::on_papers(core) {
        if SURNAMES.knows(full) && !SURNAMES.knows(core) {
            others.push(Variant::new(full.as_str(), 0.9, Matcher::Nickname));
        }
    }
    let before = name.particles.join(" ");
    let spelled = transliterated(core, &SURNAMES)
        .into_iter()
        .chain(respelled(core, &SURNAMES));
    others.extend(spelled.map(|mut variant| {
        if !before.is_empty() {
            variant.text = format!("{before} {}", variant.text);
        }
        variant
    }));
    Token {
        text: name.text(),
        itself: 1.0,
        others: sorted(others, MOST / 2),
    }
}

/// With the apostrophe that may have been left out: O'X for OX, D'X for DX. Of a name that is common as it is, none.
fn apostrophised(core: &str) -> Option<String> {
    let is_vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    let (first, rest) = core.split_at_checked(1)?;
    let fits = match first {
        "o" => !rest.starts_with(is_vowel),
        "d" => rest.starts_with(is_vowel),
        _ => false,
    };
    (fits && rest.len() > 3 && !SURNAMES.knows(core)).then(|| format!("{first}'{rest}"))
}

/// With the particles that a surname seldom stands without.
fn with_particle(core: &str) -> impl Iterator<Item = &'static str> {
    let known = WITH_PARTICLE.iter().filter(move |(name, _)| *name == core);
    known.map(|(_, whole)| *whole)
}

/// Other ways to put a word into Latin letters.
fn transliterated(word: &str, lexicon: &Lexicon) -> Vec<Variant> {
    let mut share = if lexicon.knows(word) { 0.3 } else { 0.8 };
    let mut variants = Vec::new();
    for name in lexicon.transliterations(word) {
        variants.push(Variant::new(name, share, Matcher::Sound));
        share *= 0.7;
    }
    variants
}

/// Other spellings of a word: of one that is no common name, mostly the common name that it is near to.
fn respelled(word: &str, lexicon: &Lexicon) -> Vec<Variant> {
    let (likely, guesses) = if lexicon.knows(word) {
        (0.3, lexicon.guesses(word))
    } else {
        (0.85, lexicon.guesses(word))
    };
    let mut variants: Vec<Variant> = guesses
        .into_iter()
        .map(|guess| {
            let matcher = match guess.near {
                Near::Sound => Matcher::Sound,
                Near::Spelling => Matcher::Spelling,
            };
            Variant::new(guess.name, guess.weight * likely, matcher)
        })
        .collect();
    if variants.is_empty() {
        variants.extend(by_ear(word));
    }
    variants
}

/// A word that is near to no common name, with the letters that Spanish speakers take for each other.
fn by_ear(word: &str) -> Vec<Variant> {
    const ENDS: [(&str, &str); 4] = [("es", "ez"), ("ez", "es"), ("y", "i"), ("i", "y")];
    const STARTS: [(&str, &str); 8] = [
        ("s", "z"),
        ("z", "s"),
        ("b", "v"),
        ("v", "b"),
        ("y", "ll"),
        ("ll", "y"),
        ("h", ""),
        ("c", "k"),
    ];
    let mut all = Vec::new();
    let mut add = |text: String| {
        if text.len() > 2 {
            all.push(Variant::new(text, 0.2, Matcher::Sound));
        }
    };
    for (from, to) in ENDS {
        if let Some(stem) = word.strip_suffix(from) {
            add(format!("{stem}{to}"));
        }
    }
    for (from, to) in STARTS {
        if let Some(stem) = word.strip_prefix(from) {
            add(format!("{to}{stem}"));
        }
    }
    let mut single = word.chars().collect::<Vec<_>>();
    single.dedup();
    let single: String = single.into_iter().collect();
    if single != word {
        add(single);
    }
    all.truncate(3);
    all
}

fn expand(typed: String, tokens: &[Token], shapes: &[Shape]) -> Vec<Variant> {
    let itself: f64 = tokens.iter().map(|token| token.itself).product();
    let mut all = vec![Variant::new(typed, itself, Matcher::Exact)];
    if tokens.len() > MOST_WORDS {
        let first = tokens.first().map(|token| token.text.clone());
        all.extend(first.map(|first| Variant::new(first, 0.4, Matcher::Several)));
        return all;
    }
    for shape in shapes {
        let kept: f64 = shape.order.iter().map(|at| tokens[*at].itself).product();
        let with = |swap: &[(usize, &Variant)]| {
            let words: Vec<&str> = shape
                .order
                .iter()
                .map(|at| {
                    let other = swap.iter().find(|(place, _)| place == at);
                    other.map_or(tokens[*at].text.as_str(), |(_, variant)| &variant.text)
                })
                .collect();
            let mut variant = Variant::new(
                words.join(shape.between),
                shape.weight * kept,
                shape.matcher,
            );
            for (at, other) in swap {
                variant.weight *= other.weight / tokens[*at].itself;
                variant.matcher = variant.matcher.and(other.matcher);
            }
            variant
        };
        all.push(with(&[]));
        for at in &shape.order {
            all.extend(tokens[*at].others.iter().map(|other| with(&[(*at, other)])));
        }
        // Who writes one name by ear writes the next one so, too.
        if let [one, two, ..] = shape.order[..]
            && let (Some(first), Some(second)) =
                (tokens[one].others.first(), tokens[two].others.first())
        {
            all.push(with(&[(one, first), (two, second)]));
        }
    }
    sorted(all, MOST)
}

/// Likeliest first, each once, few.
fn sorted(mut all: Vec<Variant>, most: usize) -> Vec<Variant> {
    // Stable: of two that are as likely, what was thought of first.
    all.sort_by(|one, other| other.weight.total_cmp(&one.weight));
    let mut few: Vec<Variant> = Vec::with_capacity(most);
    for variant in all {
        if few.len() == most {
            break;
        }
        if !few.iter().any(|known| known.text == variant.text) {
            few.push(variant);
        }
    }
    few
}
