//! What a call or a session has shown to be sensitive: bounded, in memory, gone with it.

use std::collections::{HashMap, VecDeque};

use crate::Kind;
use crate::fold::Folded;
use crate::normal;
use crate::token::Tokens;
use crate::words::{self, Class};

/// Words of a name that are looked for in pairs.
const MOST_WORDS: usize = 6;
/// Words by which a long value is known.
const MOST_STEPS: usize = 24;
/// Fewest digits of a number that is looked for however it is grouped.
pub const FEWEST_DIGITS: usize = 5;
/// Digits of a telephone within its area or country.
const LOCAL: [usize; 2] = [7, 8];
/// Most of them.
pub const MOST_DIGITS: usize = 20;

/// Values that are hidden wherever they come back.
#[derive(Default)]
pub struct Seen {
    values: VecDeque<Value>,
    /// How many came before the first of `values`.
    gone: u64,
    index: HashMap<(Way, u64), Vec<u64>>,
    lengths: [u32; MOST_DIGITS + 1],
}

/// A value that is kept, and how it is found.
struct Value {
    kind: Kind,
    text: String,
    normal: String,
    keys: Vec<(Way, u64)>,
    lengths: Vec<usize>,
}

/// A way in which a value is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// The value is one of those that are kept.
    Whole,
    /// One word of a name.
    Part,
    /// Words of it without anything between them.
    Joined,
    /// The words from its first one to some other.
    Begun,
    /// All its words, in order.
    Ended,
    /// Its digits.
    Digits,
}

impl Seen {
    /// Most values that are kept; the oldest give way.
    pub const MOST: usize = 512;
    /// Bytes of the longest value that is kept.
    pub const LONGEST: usize = 200;

    /// Keeps a value: a whole name ("María José Pérez López"), a number, a date, an address. Says whether it is new.
    pub fn add(&mut self, kind: Kind, value: &str) -> bool {
        let value = value.trim();
        if value.is_empty() || value.len() > Self::LONGEST {
            return false;
        }
        let normal = normal::normal(kind, value);
        let whole = (
            Way::Whole,
            step(kind as u64, words::hash(normal.as_bytes())),
        );
        if self.index.contains_key(&whole) {
            return false;
        }
        if self.values.len() == Self::MOST {
            self.forget();
        }
        let mut keys = vec![whole];
        let lengths = ways(kind, value, &normal, &mut keys);
        keys.sort_unstable_by_key(|(way, hash)| (*way as u8, *hash));
        keys.dedup();
        let id = self.gone + self.values.len() as u64;
        for key in &keys {
            self.index.entry(*key).or_default().push(id);
        }
        for length in &lengths {
            self.lengths[*length] += 1;
        }
        self.values.push_back(Value {
            kind,
            text: value.to_owned(),
            normal,
            keys,
            lengths,
        });
        true
    }

    /// Keeps all that `other` has.
    pub fn merge(&mut self, other: &Self) {
        for value in &other.values {
            self.add(value.kind, &value.text);
        }
    }

    /// How many values are kept.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// What is kept, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, &str)> {
        self.values
            .iter()
            .map(|value| (value.kind, value.text.as_str()))
    }

    fn forget(&mut self) {
        let Some(oldest) = self.values.pop_front() else {
            return;
        };
        for key in &oldest.keys {
            if let Some(ids) = self.index.get_mut(key) {
                ids.retain(|id| *id != self.gone);
                if ids.is_empty() {
                    self.index.remove(key);
                }
            }
        }
        for length in oldest.lengths {
            self.lengths[length] -= 1;
        }
        self.gone += 1;
    }

    /// The values that are found in this way.
    pub fn find(&self, way: Way, hash: u64) -> &[u64] {
        self.index.get(&(way, hash)).map_or(&[], Vec::as_slice)
    }

    /// The kind of a value, and the one way to write it.
    pub fn value(&self, id: u64) -> Option<(Kind, &str)> {
        let at = usize::try_from(id.checked_sub(self.gone)?).ok()?;
        let value = self.values.get(at)?;
        Some((value.kind, &value.normal))
    }

    /// The lengths of numbers that are looked for.
    pub fn lengths(&self) -> impl Iterator<Item = usize> {
        (FEWEST_DIGITS..=MOST_DIGITS).filter(|length| self.lengths[*length] > 0)
    }
}

/// The hash of words from the first one to this one.
pub fn step(before: u64, word: u64) -> u64 {
    before.rotate_left(17).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ word
}

/// The hash of digits; one that rolls.
pub fn digits(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |hash, digit| roll(hash, *digit))
}

/// The factor of the rolling hash.
pub const FACTOR: u64 = 0x5851_f42d_4c95_7f2d;

/// The hash with one more digit.
pub fn roll(hash: u64, digit: u8) -> u64 {
    hash.wrapping_mul(FACTOR).wrapping_add(u64::from(digit) + 7)
}

/// The ways in which a value is found; and how many digits are looked for.
fn ways(kind: Kind, value: &str, normal: &str, keys: &mut Vec<(Way, u64)>) -> Vec<usize> {
    for text in [value, &value.to_lowercase()] {
        let folded = Folded::new(text);
        let tokens = Tokens::new(&folded);
        if kind == Kind::Name {
            parts(&tokens, keys);
        }
        let most = tokens.all.len().min(MOST_STEPS);
        let mut hash = 0;
        for (at, token) in tokens.all[..most].iter().enumerate() {
            hash = step(hash, token.hash);
            let way = if at + 1 == most {
                Way::Ended
            } else {
                Way::Begun
            };
            keys.push((way, hash));
        }
        let joined: Vec<u8> = tokens
            .all
            .iter()
            .flat_map(|token| &folded.bytes[token.start..token.end])
            .copied()
            .collect();
        if joined.len() >= 4 {
            keys.push((Way::Joined, words::hash(&joined)));
        }
    }
    let numbers: Vec<u8> = normal.bytes().filter(u8::is_ascii_digit).collect();
    let by_digits = !matches!(kind, Kind::Name | Kind::Date | Kind::Address | Kind::Email)
        && (FEWEST_DIGITS..=MOST_DIGITS).contains(&numbers.len())
        && numbers.len() * 2 > normal.len();
    if !by_digits {
        return Vec::new();
    }
    // A telephone is known without its country and its area, too.
    let shorter = LOCAL
        .into_iter()
        .filter(|length| kind == Kind::Phone && *length < numbers.len());
    let lengths: Vec<usize> = shorter.chain([numbers.len()]).collect();
    for length in &lengths {
        let last = &numbers[numbers.len() - length..];
        keys.push((Way::Digits, digits(last)));
    }
    lengths
}

/// The words of a name, alone and joined.
fn parts(tokens: &Tokens, keys: &mut Vec<(Way, u64)>) {
    let is_part = |at: &usize| {
        let token = &tokens.all[*at];
        token.len() > 1 && !token.class.any(Class::PARTICLE)
    };
    let words: Vec<&[u8]> = (0..tokens.all.len())
        .filter(is_part)
        .map(|at| tokens.text(at))
        .take(MOST_WORDS)
        .collect();
    let initials: Vec<u8> = words.iter().map(|word| word[0]).collect();
    if initials.len() > 2 {
        keys.push((Way::Joined, words::hash(&initials)));
    }
    for (at, word) in words.iter().enumerate() {
        keys.push((Way::Part, words::hash(word)));
        for (other_at, other) in words.iter().enumerate() {
            if other_at != at {
                keys.push((Way::Joined, words::hash(&[*word, *other].concat())));
                if other.len() > 2 {
                    keys.push((Way::Joined, words::hash(&[&word[..1], *other].concat())));
                    keys.push((Way::Joined, words::hash(&[*other, &word[..1]].concat())));
                }
            }
        }
    }
}
