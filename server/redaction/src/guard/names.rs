//! Names and numbers that were lately seen, as hashes.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use crate::Kind;
use crate::fold::Folded;
use crate::token::Tokens;
use crate::words::{self, Class};

/// Most names and numbers that are remembered.
const MOST: usize = 10_000;
/// How many words apart two words of a name are.
const NEAR: usize = 4;
/// Places of the filter.
const PLACES: usize = 1 << 19;
/// Words that are shorter tell nothing.
const SHORTEST: usize = 3;
/// Digits of numbers.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=16;

/// What is remembered.
#[derive(Default)]
pub struct Remembered {
    memory: RwLock<Memory>,
    key: RandomState,
}

#[derive(Default)]
struct Memory {
    /// How many words of names, or numbers, fall on each place.
    filter: Vec<u8>,
    known: HashMap<u64, u32>,
    /// What each one left, oldest first.
    traces: VecDeque<Trace>,
    whole: HashSet<u64>,
}

struct Trace {
    whole: u64,
    words: Vec<u64>,
    known: Vec<u64>,
}

/// How near two words have to be.
#[derive(Hash)]
enum Link {
    Near(u64, u64),
    /// Both are ordinary words.
    Beside(u64, u64),
    Number(u64),
}

impl Remembered {
    pub fn add(&self, kind: Kind, value: &str) {
        let whole = self.key.hash_one((kind, value));
        let is_known = self
            .memory
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .whole
            .contains(&whole);
        if is_known {
            return;
        }
        let trace = match kind {
            Kind::Name => self.name(whole, value),
            Kind::AlienNumber | Kind::Ssn | Kind::Phone | Kind::Document => {
                self.number(whole, value)
            }
            _ => None,
        };
        if let Some(trace) = trace {
            self.memory
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .keep(trace);
        }
    }

    fn name(&self, whole: u64, value: &str) -> Option<Trace> {
        let folded = Folded::new(&value.to_lowercase());
        let tokens = Tokens::new(&folded);
        let words: Vec<_> = tokens
            .all
            .iter()
            .enumerate()
            .filter(|(_, token)| {
                token.is_word() && token.len() >= SHORTEST && !token.class.any(Class::PARTICLE)
            })
            .map(|(at, token)| (words::hash(tokens.text(at)), token.class))
            .collect();
        let mut known = Vec::new();
        for (at, (one, first)) in words.iter().enumerate() {
            for (other, second) in &words[at + 1..] {
                let plain = |class: &Class| class.any(Class::ORDINARY.and(Class::TERM));
                if first.any(Class::FUNCTION) && second.any(Class::FUNCTION) || one == other {
                    continue;
                }
                known.push(self.link(*one, *other, plain(first) && plain(second)));
            }
        }
        known.sort_unstable();
        known.dedup();
        (!known.is_empty()).then(|| Trace {
            whole,
            words: words.into_iter().map(|(hash, _)| hash).collect(),
            known,
        })
    }

    fn number(&self, whole: u64, value: &str) -> Option<Trace> {
        let digits: Vec<u8> = value.bytes().filter(u8::is_ascii_digit).collect();
        if !DIGITS.contains(&digits.len()) {
            return None;
        }
        let hash = words::hash(&digits);
        Some(Trace {
            whole,
            words: vec![hash],
            known: vec![self.key.hash_one(Link::Number(hash))],
        })
    }

    fn link(&self, one: u64, other: u64, beside: bool) -> u64 {
        let (one, other) = (one.min(other), one.max(other));
        self.key.hash_one(if beside {
            Link::Beside(one, other)
        } else {
            Link::Near(one, other)
        })
    }

    /// To look at the words of one text.
    pub fn look(&self) -> Look<'_> {
        Look {
            remembered: self,
            memory: self.memory.read().unwrap_or_else(PoisonError::into_inner),
            before: [(0, usize::MAX); NEAR],
            count: 0,
        }
    }
}

fn place(hash: u64) -> usize {
    usize::try_from(hash >> 40).unwrap_or_default() % PLACES
}

impl Memory {
    fn keep(&mut self, trace: Trace) {
        if !self.whole.insert(trace.whole) {
            return;
        }
        if self.filter.is_empty() {
            self.filter = vec![0; PLACES];
        }
        if self.traces.len() == MOST
            && let Some(oldest) = self.traces.pop_front()
        {
            self.forget(&oldest);
        }
        for word in &trace.words {
            let count = &mut self.filter[place(*word)];
            *count = count.saturating_add(1);
        }
        for known in &trace.known {
            *self.known.entry(*known).or_default() += 1;
        }
        self.traces.push_back(trace);
    }

    fn forget(&mut self, trace: &Trace) {
        self.whole.remove(&trace.whole);
        for word in &trace.words {
            let count = &mut self.filter[place(*word)];
            // A full place is no longer counted.
            if *count < u8::MAX {
                *count -= 1;
            }
        }
        for known in &trace.known {
            if let Some(count) = self.known.get_mut(known) {
                *count -= 1;
                if *count == 0 {
                    self.known.remove(known);
                }
            }
        }
    }

    fn may_have(&self, hash: u64) -> bool {
        self.filter[place(hash)] > 0
    }
}

/// A look at one text.
pub struct Look<'a> {
    remembered: &'a Remembered,
    memory: RwLockReadGuard<'a, Memory>,
    /// Words that may be of names, and their places.
    before: [(u64, usize); NEAR],
    count: usize,
}

impl Look<'_> {
    /// A number.
    pub fn number(&mut self, bytes: &[u8], at: usize, token: &[u8]) -> Option<Kind> {
        if self.memory.filter.is_empty() {
            return None;
        }
        self.count += 1;
        let letters = token
            .iter()
            .take_while(|byte| !byte.is_ascii_digit())
            .count();
        let digits = &token[letters..];
        if !DIGITS.contains(&digits.len()) || letters > 1 || !digits.iter().all(u8::is_ascii_digit)
        {
            return None;
        }
        let hash = words::hash(digits);
        // A number of JSON, also one that OTLP writes as a string, is a count or a moment.
        let before = &bytes[..at];
        let counted = before.last().is_some_and(|byte| b":,[".contains(byte))
            || before.ends_with(b"Value\":\"")
            || before.ends_with(b"Nano\":\"");
        let known = !counted
            && self.memory.may_have(hash)
            && self
                .memory
                .known
                .contains_key(&self.remembered.key.hash_one(Link::Number(hash)));
        known.then_some(Kind::Other)
    }

    /// A word.
    pub fn word(&mut self, bytes: &[u8], at: usize, token: &[u8]) -> Option<Kind> {
        if self.memory.filter.is_empty() {
            return None;
        }
        self.count += 1;
        if token.len() < SHORTEST || token.len() > 40 {
            return None;
        }
        // In protobuf the length of a string stands before it, and may look like a letter of it.
        let long = at > 0 && bytes[at - 1] < b' ' && token.len() > SHORTEST;
        self.hashed(token)
            .or_else(|| if long { self.hashed(&token[1..]) } else { None })
    }

    fn hashed(&mut self, token: &[u8]) -> Option<Kind> {
        let mut buffer = [0; 40];
        let word = plain(token, &mut buffer);
        let hash = words::hash(word);
        if !self.memory.may_have(hash) {
            return None;
        }
        for (other, place) in self.before {
            if place == usize::MAX || self.count - place > NEAR {
                continue;
            }
            let near = self.remembered.link(hash, other, false);
            let beside = self.remembered.link(hash, other, true);
            if self.memory.known.contains_key(&near)
                || self.count - place == 1 && self.memory.known.contains_key(&beside)
            {
                return Some(Kind::Name);
            }
        }
        self.before.rotate_right(1);
        self.before[0] = (hash, self.count);
        None
    }
}

/// Small letters without accents, as far as Latin letters go.
fn plain<'a>(token: &[u8], buffer: &'a mut [u8; 40]) -> &'a [u8] {
    let mut length = 0;
    let mut at = 0;
    while at < token.len() {
        let byte = token[at];
        let next = token.get(at + 1).copied().unwrap_or_default();
        let (letter, width) = match byte {
            0xc3 => (latin(next), 2),
            // Accents that stand alone.
            0xcc | 0xcd => (0, 2),
            other => (other.to_ascii_lowercase(), 1),
        };
        if letter != 0 {
            buffer[length] = letter;
            length += 1;
        }
        at += width;
    }
    &buffer[..length]
}

/// The letter without its accent, of the second byte of U+00C0 to U+00FF.
pub fn latin(byte: u8) -> u8 {
    match byte & 0x1f {
        0..=5 => b'a',
        7 => b'c',
        8..=11 => b'e',
        12..=15 => b'i',
        17 => b'n',
        18..=22 | 24 => b'o',
        25..=28 => b'u',
        29 | 31 => b'y',
        _ => b'?',
    }
}
