//! What words are: lists of both languages, and how near a misspelt word is to one of them.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use strsim::osa_distance;

use super::super::lexicon::{GIVEN_NAMES, SURNAME_LIST};

/// What a word says, as bits: it may say several things.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Class(u32);

impl Class {
    /// How somebody is related to who asks.
    pub const RELATION: Self = Self(1);
    /// Several people.
    pub const PLURAL: Self = Self(1 << 1);
    /// A name follows.
    pub const NAMING: Self = Self(1 << 2);
    /// Somebody is looked for.
    pub const SEARCH: Self = Self(1 << 3);
    /// Mr, señora.
    pub const TITLE: Self = Self(1 << 4);
    /// Lawyers, officers and others who are not looked for.
    pub const OTHER: Self = Self(1 << 5);
    /// A nickname follows.
    pub const NICKNAME: Self = Self(1 << 6);
    /// Who writes follows.
    pub const SIGNATURE: Self = Self(1 << 7);
    /// Births.
    pub const BIRTH: Self = Self(1 << 8);
    /// Arrests, courts and other events that are no births.
    pub const EVENT: Self = Self(1 << 9);
    /// Ages.
    pub const AGE: Self = Self(1 << 10);
    /// Where somebody is from.
    pub const ORIGIN: Self = Self(1 << 11);
    /// Where somebody only is or was.
    pub const LIVING: Self = Self(1 << 12);
    /// A-numbers.
    pub const NUMBER: Self = Self(1 << 13);
    /// Telephones.
    pub const TELEPHONE: Self = Self(1 << 14);
    /// Other papers with numbers.
    pub const PAPER: Self = Self(1 << 15);
    /// Kinds of places.
    pub const PLACE: Self = Self(1 << 16);
    /// Part of a label in a form.
    pub const LABEL: Self = Self(1 << 18);
    /// Any word of the lists.
    pub const WORD: Self = Self(1 << 17);

    /// Whether it says this, too.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn named(name: &str) -> Self {
        match name {
            "relation" => Self::RELATION,
            "plural" => Self::PLURAL,
            "naming" => Self::NAMING,
            "search" => Self::SEARCH,
            "title" => Self::TITLE,
            "other" => Self::OTHER,
            "nickname" => Self::NICKNAME,
            "signature" => Self::SIGNATURE,
            "birth" => Self::BIRTH,
            "event" => Self::EVENT,
            "age" => Self::AGE,
            "origin" => Self::ORIGIN,
            "living" => Self::LIVING,
            "number" => Self::NUMBER,
            "telephone" => Self::TELEPHONE,
            "paper" => Self::PAPER,
            "place" => Self::PLACE,
            "label" => Self::LABEL,
            _ => Self::WORD,
        }
    }
}

struct Words {
    classes: HashMap<&'static str, Class>,
    relations: HashMap<&'static str, &'static str>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut classes: HashMap<&str, Class> = HashMap::new();
    let mut relations = HashMap::new();
    for line in lines(include_str!("words.txt")) {
        let Some((class, words)) = line.split_once(": ") else {
            continue;
        };
        let (name, relation) = class.split_once('.').unwrap_or((class, ""));
        for word in words.split(' ') {
            classes.entry(word).or_default().0 |= (Class::named(name).0) | Class::WORD.0;
            if !relation.is_empty() {
                relations.insert(word, relation);
            }
        }
    }
    Words { classes, relations }
});

static GIVEN: LazyLock<HashSet<&str>> = LazyLock::new(|| names(GIVEN_NAMES));
static SURNAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| names(SURNAME_LIST));
static PLACES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    lines(include_str!("places.txt"))
        .flat_map(|line| line.split(';'))
        .collect()
});

/// Words that say what is around them, by how they sound; those that sound like two are left out.
static SOUNDS: LazyLock<HashMap<String, &str>> = LazyLock::new(|| {
    let mut sounds: HashMap<String, Option<&str>> = HashMap::new();
    for word in cues().filter(|word| word.len() >= 4) {
        sounds
            .entry(sound(word))
            .and_modify(|known| *known = None)
            .or_insert(Some(word));
    }
    let sure = |(sound, word): (String, Option<&'static str>)| Some((sound, word?));
    sounds.into_iter().filter_map(sure).collect()
});

fn cues() -> impl Iterator<Item = &'static str> {
    let says = Class(
        Class::RELATION.0 | Class::NAMING.0 | Class::SEARCH.0 | Class::BIRTH.0 | Class::LABEL.0,
    );
    WORDS
        .classes
        .iter()
        .filter(move |(_, class)| class.has(says))
        .map(|(word, _)| *word)
}

/// The word that a misspelt one must mean, of those that say what is around them: one that sounds the same in Spanish, or the only
/// one a slip away. Names are left alone.
pub fn meant(word: &str) -> Option<&'static str> {
    if word.len() < 4 || is_word(word) || is_given(word) || is_surname(word) {
        return None;
    }
    if let Some(meant) = SOUNDS.get(&sound(word)) {
        return Some(meant);
    }
    let mut near = cues().filter(|meant| meant.len() >= 6 && is_slip(word, meant));
    let first = near.next()?;
    near.all(|other| relation(other) == relation(first) && classes(other) == classes(first))
        .then_some(first)
}

/// How a word sounds in Spanish, roughly: `vusco` as `busco`, `ermano` as `hermano`, `yama` as `llama`.
fn sound(word: &str) -> String {
    word.replace("ll", "y")
        .replace("ch", "x")
        .replace("qu", "k")
        .replace("ce", "se")
        .replace("ci", "si")
        .replace('h', "")
        .replace('v', "b")
        .replace('z', "s")
        .replace(['c', 'q'], "k")
}

/// All names of a list, whether common or not.
fn names(list: &'static str) -> HashSet<&'static str> {
    lines(list).flat_map(str::split_whitespace).collect()
}

/// The lines of a list that are no comments.
pub fn lines(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines().filter(|line| !line.starts_with('#'))
}

/// What a folded word says.
pub fn classes(word: &str) -> Class {
    WORDS.classes.get(word).copied().unwrap_or_default()
}

/// Whether a folded word is one that people use around names.
pub fn is_word(word: &str) -> bool {
    classes(word).has(Class::WORD)
}

/// How somebody whom the word stands for is related.
pub fn relation(word: &str) -> Option<&'static str> {
    WORDS.relations.get(word).copied()
}

/// Whether a folded word, or each part of a hyphenated one, is a common given name.
pub fn is_given(word: &str) -> bool {
    word.split('-').all(|part| GIVEN.contains(part))
}

/// Whether a folded word, or each part of a hyphenated one, is a common surname.
pub fn is_surname(word: &str) -> bool {
    word.split('-').all(|part| SURNAMES.contains(part))
}

/// Whether these folded words are a state or city.
pub fn is_place(words: &str) -> bool {
    PLACES.contains(words)
}

/// Whether one word is the other with one slip: a letter more, less, another, or two in each other's place. Short words have too
/// many neighbours to be told apart so.
pub fn is_slip(word: &str, meant: &str) -> bool {
    // One slip leaves the first letter or the last as it was: most words need no closer look.
    let (letters, others) = (word.as_bytes(), meant.as_bytes());
    if letters.first() != others.first() && letters.last() != others.last() {
        return false;
    }
    let (one, other) = (word.chars().count(), meant.chars().count());
    one >= 4 && other >= 5 && one.abs_diff(other) <= 1 && osa_distance(word, meant) == 1
}
