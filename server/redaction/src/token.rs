//! Words and digits of folded text.

use crate::fold::{CAPITAL, DIGIT, FOREIGN, Folded, LETTER};
use crate::kind::Kind;
use crate::pseudonym;
use crate::words::{self, Class};

/// What tokens are made of.
const PART: u8 = LETTER | DIGIT;
/// Fewest letters and digits of an id, and how often they change into each other.
const SHORTEST_ID: usize = 12;
const ID_BORDERS: usize = 4;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Letters.
    Word,
    /// Digits.
    Digits,
    /// Something that programs tell things apart by.
    Id,
    /// Something that was hidden before.
    Hidden,
}

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// All small.
    Small,
    /// The first letter is a capital.
    Capital,
    /// All capitals, two or more.
    Upper,
}

/// A run of letters or of digits.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What it is.
    pub shape: Shape,
    /// How it is written.
    pub case: Case,
    /// Whether its letters are of another script than Latin.
    pub foreign: bool,
    /// Whether nothing stands between it and the one before.
    pub glued: bool,
    /// Its hash.
    pub hash: u64,
    /// What is known of it.
    pub class: Class,
}

impl Token {
    /// How long it is.
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether it is letters.
    pub fn is_word(&self) -> bool {
        self.shape == Shape::Word
    }

    /// Whether it is digits.
    pub fn is_digits(&self) -> bool {
        self.shape == Shape::Digits
    }
}

/// Folded text and its tokens.
pub struct Tokens<'a> {
    /// The text.
    pub folded: &'a Folded,
    /// Its tokens.
    pub all: Vec<Token>,
    /// Those that forms begin with, or are announced by: digits, and the words for it.
    pub telling: Vec<usize>,
    /// Those that an "@" stands before.
    pub signs: Vec<usize>,
}

impl<'a> Tokens<'a> {
    /// Those of `folded`.
    pub fn new(folded: &'a Folded) -> Self {
        let mut tokens = Self {
            folded,
            all: Vec::with_capacity(folded.bytes.len() / 5),
            telling: Vec::new(),
            signs: Vec::new(),
        };
        let mut at = 0;
        while let (Some(mark), Some(byte)) = (folded.marks.get(at), folded.bytes.get(at)) {
            if mark & PART != 0 {
                at += tokens.chunk(at);
                continue;
            }
            if *byte == b'['
                && let Some(length) = placeholder(&folded.bytes[at..])
            {
                tokens.push(at, at + length, Shape::Hidden);
                at += length;
                continue;
            }
            if *byte == b'@' {
                tokens.signs.push(tokens.all.len());
            }
            at += 1;
        }
        tokens.signs.retain(|sign| *sign < tokens.all.len());
        tokens
    }

    fn push(&mut self, start: usize, end: usize, shape: Shape) {
        let marks = &self.folded.marks[start..end];
        let word = shape == Shape::Word;
        let case = match word && marks[0] & CAPITAL != 0 {
            false => Case::Small,
            true if marks.len() > 1 && marks[marks.len() - 1] & CAPITAL != 0 => Case::Upper,
            true => Case::Capital,
        };
        let hash = words::hash(&self.folded.bytes[start..end]);
        let class = if word {
            words::class_of(hash)
        } else {
            Class::default()
        };
        if shape == Shape::Digits || class.any(Class::TELLING) {
            self.telling.push(self.all.len());
        }
        self.all.push(Token {
            start,
            end,
            shape,
            case,
            foreign: word && marks[0] & FOREIGN != 0,
            glued: self.all.last().is_some_and(|last| last.end == start),
            hash,
            class,
        });
    }

    /// Takes letters and digits from `start` on apart, and tells how many they are.
    fn chunk(&mut self, start: usize) -> usize {
        let rest = &self.folded.bytes[start..];
        if let Some(length) = uuid(rest) {
            self.push(start, start + length, Shape::Id);
            return length;
        }
        let (first, marks) = (self.folded.marks[start], &self.folded.marks[start + 1..]);
        let mut more = 0;
        let length = 1 + marks
            .iter()
            .take_while(|mark| {
                more |= **mark;
                **mark & PART != 0
            })
            .count();
        let end = start + length;
        let parts = (first | more) & PART;
        // Most are one word or number. The mark after the end may make it seem more, which is looked at below.
        if parts == DIGIT {
            self.push(start, end, Shape::Digits);
            return length;
        }
        if parts == LETTER && more & CAPITAL == 0 {
            self.push(start, end, Shape::Word);
            return length;
        }
        let borders = (start + 1..end).filter(|at| self.is_border(*at));
        if parts == PART && length >= SHORTEST_ID && borders.count() >= ID_BORDERS {
            self.push(start, end, Shape::Id);
            return length;
        }
        let mut begin = start;
        for at in start + 1..=end {
            if at == end || self.is_border(at) {
                let shape = if self.folded.marks[begin] & DIGIT != 0 {
                    Shape::Digits
                } else {
                    Shape::Word
                };
                self.push(begin, at, shape);
                begin = at;
            }
        }
        length
    }

    /// Whether letters and digits meet before `at`, or a new word of `camelCase` begins there.
    fn is_border(&self, at: usize) -> bool {
        let [before, this] = [at - 1, at].map(|at| self.folded.marks[at]);
        (before ^ this) & DIGIT != 0 || this & CAPITAL != 0 && before & CAPITAL == 0
    }

    /// What stands between a token and the one before it.
    pub fn gap(&self, index: usize) -> &[u8] {
        let start = index
            .checked_sub(1)
            .map_or(0, |before| self.all[before].end);
        &self.folded.bytes[start..self.all[index].start]
    }

    /// What stands after a token, to the next.
    pub fn after(&self, index: usize) -> &[u8] {
        let end = self
            .all
            .get(index + 1)
            .map_or(self.folded.bytes.len(), |next| next.start);
        &self.folded.bytes[self.all[index].end..end]
    }

    /// The letters or digits of a token.
    pub fn text(&self, index: usize) -> &[u8] {
        let token = &self.all[index];
        &self.folded.bytes[token.start..token.end]
    }

    /// Whether a token is the A of "A number".
    pub fn is_letter_of_number(&self, index: usize) -> bool {
        self.text(index) == b"a" && self.all[index].case == Case::Capital && !self.all[index].glued
    }

    /// Whether one of the `most` tokens before `index` is of `class`, in the same sentence or line.
    pub fn cue_before(&self, index: usize, most: usize, class: Class) -> bool {
        let from = index.saturating_sub(most);
        let near = self.all[from..index].iter().rev();
        near.into_iter()
            .find(|token| token.class.any(class))
            .is_some_and(|cue| {
                let between = &self.folded.bytes[cue.end..self.all[index].start];
                !between.contains(&b'\n')
            })
    }
}

fn uuid(bytes: &[u8]) -> Option<usize> {
    let bytes = bytes.get(..36).filter(|bytes| bytes[8] == b'-')?;
    let dash = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    let fits = |(at, byte): (usize, &u8)| {
        if dash(at) {
            *byte == b'-'
        } else {
            byte.is_ascii_hexdigit()
        }
    };
    bytes.iter().enumerate().all(fits).then_some(36)
}

/// The length of what was put in place of something hidden.
fn placeholder(bytes: &[u8]) -> Option<usize> {
    let kind = Kind::ALL.into_iter().find(|kind| {
        bytes[1..].starts_with(kind.as_str().as_bytes())
            && bytes.get(1 + kind.as_str().len()) == Some(&b':')
    })?;
    let start = kind.as_str().len() + 2;
    let end = start + pseudonym::LENGTH;
    let is_pseudonym = bytes
        .get(start..end)?
        .iter()
        .all(|byte| pseudonym::LETTERS.contains(byte));
    (is_pseudonym && bytes.get(end) == Some(&b']')).then_some(end + 1)
}
