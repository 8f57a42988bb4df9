//! Names, to guess what was meant by a name that is spelled in another way.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::LazyLock;

use super::script;
use super::sound::{self, Near};

/// Longest word that may be a common name misspelt.
const LONGEST: usize = 20;
/// Most guesses for one word.
const MOST: usize = 5;

/// Given names, commonest first, and others.
pub const GIVEN_NAMES: &str = include_str!("given-names.txt");
/// Surnames, commonest first, and others.
pub const SURNAME_LIST: &str = include_str!("surnames.txt");
/// Begins the part of a list whose names are in no order.
const OTHERS: &str = "# Others";
/// How common those are taken to be.
const RARE: f64 = 0.25;

/// Given names, to guess from.
pub static GIVEN: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::new(GIVEN_NAMES));
/// Surnames, to guess from.
pub static SURNAMES: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::new(SURNAME_LIST));

/// A list of names, findable by what is nearly the same.
pub struct Lexicon {
    /// With how common each is, 0 to 1.
    names: Vec<(&'static str, f64)>,
    places: HashMap<&'static str, usize>,
    /// By the hash of each name's sounds, and of each of them with one left out.
    near: HashMap<u64, Vec<u16>>,
    /// By what is the same however it is put into Latin letters.
    scripts: HashMap<String, Vec<&'static str>>,
    hasher: RandomState,
}

/// A common name that may have been meant.
pub struct Guess {
    /// The name.
    pub name: &'static str,
    /// How likely it was meant, 0 to 1.
    pub weight: f64,
    /// In what it is near to what was written.
    pub near: Near,
}

impl Lexicon {
    fn new(list: &'static str) -> Self {
        let mut this = Self {
            names: Vec::new(),
            places: HashMap::new(),
            near: HashMap::new(),
            scripts: HashMap::new(),
            hasher: RandomState::new(),
        };
        let mut place = 0.0;
        let mut others = false;
        for line in list.lines() {
            if line.starts_with('#') {
                place = 0.0;
                others = line.starts_with(OTHERS);
                continue;
            }
            for name in line.split_whitespace() {
                place += 1.0;
                let common = if others {
                    RARE
                } else {
                    1.0 / (1.0 + place / 400.0)
                };
                if !this.places.contains_key(name) {
                    this.add(name, common);
                }
            }
        }
        this
    }

    fn add(&mut self, name: &'static str, common: f64) {
        let place = self.names.len();
        self.names.push((name, common));
        self.places.insert(name, place);
        self.scripts
            .entry(script::key(name))
            .or_default()
            .push(name);
        let Ok(place) = u16::try_from(place) else {
            return;
        };
        for key in self.keys(name) {
            self.near.entry(key).or_default().push(place);
        }
    }

    fn keys(&self, name: &str) -> Vec<u64> {
        let sounds = sound::spanish(name);
        let mut keys = vec![
            self.hasher.hash_one(&sounds),
            self.hasher.hash_one(("english", sound::english(name))),
        ];
        for (at, letter) in sounds.char_indices() {
            let rest = (&sounds[..at], &sounds[at + letter.len_utf8()..]);
            keys.push(self.hasher.hash_one([rest.0, rest.1].concat()));
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Whether this is a name, and one of the common ones.
    pub fn is_common(&self, name: &str) -> bool {
        let known = self.places.get(name).and_then(|at| self.names.get(*at));
        known.is_some_and(|(_, common)| *common > RARE)
    }

    /// Whether this is a name of the list.
    pub fn knows(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// The names of the list that are the same in another script, likeliest first, the word itself not among them.
    pub fn transliterations(&self, word: &str) -> Vec<&'static str> {
        let listed = script::group(word).filter(|name| self.knows(name));
        let same = self.scripts.get(&script::key(word)).into_iter().flatten();
        let mut all: Vec<&'static str> = listed.chain(same.copied()).collect();
        all.retain(|name| *name != word && script::are_one(name, word));
        all.dedup();
        all.truncate(MOST);
        all
    }

    /// The names that may have been meant by this word, likeliest first, the word itself not among them.
    pub fn guesses(&self, word: &str) -> Vec<Guess> {
        if !word.is_ascii() || !(3..=LONGEST).contains(&word.len()) {
            return Vec::new();
        }
        let keys = self.keys(word);
        let found = keys.iter().filter_map(|key| self.near.get(key));
        let mut places: Vec<u16> = found.flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        let mut guesses: Vec<Guess> = places
            .into_iter()
            .filter_map(|place| self.names.get(usize::from(place)))
            .filter(|(name, _)| *name != word)
            .filter_map(|(name, common)| {
                let (value, near) = sound::near(name, word)?;
                let weight = value * value * common;
                Some(Guess { name, weight, near })
            })
            .collect();
        guesses.sort_by(|one, other| other.weight.total_cmp(&one.weight));
        guesses.truncate(MOST);
        guesses
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_meant_comes_first() {
        for (lexicon, written, meant) in [
            (&SURNAMES, "gonzales", "gonzalez"),
            (&SURNAMES, "hernadez", "hernandez"),
            (&SURNAMES, "rodirguez", "rodriguez"),
            (&SURNAMES, "ernandes", "hernandez"),
            (&SURNAMES, "gutieres", "gutierrez"),
            (&GIVEN, "jhonatan", "jonathan"),
            (&GIVEN, "gullermo", "guillermo"),
            (&GIVEN, "katerine", "catherine"),
        ] {
            let first = lexicon.guesses(written).first().map(|guess| guess.name);
            assert_eq!(first, Some(meant), "{written}");
        }
    }

    #[test]
    fn the_lists_are_plain_words() {
        for lexicon in [&GIVEN, &SURNAMES] {
            assert!(lexicon.names.len() > 500);
            for (name, _) in &lexicon.names {
                let plain = |b: u8| b.is_ascii_lowercase() || matches!(b, b'-' | b'\'');
                assert!(name.bytes().all(plain), "{name}");
            }
        }
    }

    proptest! {
        #[test]
        fn guesses_are_few_and_likely_for_any_word(word in "\\PC{0,30}") {
            let guesses = GIVEN.guesses(&word);
            prop_assert!(guesses.len() <= MOST);
            prop_assert!(guesses.iter().all(|guess| (0.0..=1.0).contains(&guess.weight)));
        }
    }
}
