//! Words, numbers and marks of a text, with their places in it. Every later step reads these, never the text itself.

use unicode_normalization::char::is_combining_mark;

use super::super::text::folded;
use super::count;
use super::lexicon::{self, Class};
use super::naming;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Letters; hyphens and apostrophes between letters belong to the word.
    Word,
    /// Digits.
    Number,
    /// Anything else that is not a space.
    Mark(char),
    /// The end of a line.
    Line,
}

/// A piece of the text.
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// As it was written.
    pub raw: String,
    /// As it is compared.
    pub folded: String,
    /// Its first character's place, counted in characters.
    pub from: usize,
    /// The place after its last character.
    pub to: usize,
    /// Whether nothing stands between it and the one before.
    pub tight: bool,
}

/// A text in tokens, and which of them already mean something.
pub struct Tokens {
    all: Vec<Token>,
    taken: Vec<bool>,
    shouting: bool,
}

/// Some tokens in a row: from the first to before the last.
pub type Range = std::ops::Range<usize>;

impl Tokens {
    /// Takes a text apart.
    pub fn new(text: &str) -> Self {
        let all = dictated(tokens(&text.chars().collect::<Vec<_>>()));
        let letters = || text.chars().filter(|c| c.is_alphabetic());
        let upper = letters().filter(|c| c.is_uppercase()).count();
        Self {
            taken: vec![false; all.len()],
            // In a text all of capitals, capitals say nothing.
            shouting: upper * 10 > letters().count() * 7,
            all,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// The token there.
    pub fn get(&self, at: usize) -> Option<&Token> {
        self.all.get(at)
    }

    /// The word there, folded; empty where there is none.
    pub fn word(&self, at: usize) -> &str {
        match self.get(at) {
            Some(token) if token.kind == Kind::Word => &token.folded,
            _ => "",
        }
    }

    /// The word before, folded; empty where there is none.
    pub fn word_before(&self, at: usize) -> &str {
        at.checked_sub(1).map_or("", |before| self.word(before))
    }

    /// The digits there; empty where there are none.
    pub fn digits(&self, at: usize) -> &str {
        match self.get(at) {
            Some(token) if token.kind == Kind::Number => &token.raw,
            _ => "",
        }
    }

    /// The mark there.
    pub fn mark(&self, at: usize) -> Option<char> {
        match self.get(at)?.kind {
            Kind::Mark(mark) => Some(mark),
            _ => None,
        }
    }

    /// Whether a token is there and follows the one before without a space.
    pub fn is_tight(&self, at: usize) -> bool {
        self.get(at).is_some_and(|token| token.tight)
    }

    /// Whether the word there is of this class.
    pub fn is(&self, at: usize, class: Class) -> bool {
        lexicon::classes(self.word(at)).has(class)
    }

    /// Whether these words stand there.
    pub fn says(&self, at: usize, words: &[&str]) -> bool {
        words
            .iter()
            .enumerate()
            .all(|(index, word)| self.word(at + index) == *word)
    }

    /// Whether these words stand right before.
    pub fn said_before(&self, at: usize, words: &[&str]) -> bool {
        at.checked_sub(words.len())
            .is_some_and(|from| self.says(from, words))
    }

    /// Whether a sentence or a line ends there.
    pub fn is_end(&self, at: usize) -> bool {
        match self.get(at).map(|token| token.kind) {
            None | Some(Kind::Line) => true,
            // A point within a number or after an initial ends nothing.
            Some(Kind::Mark('.')) => {
                !self.is_tight(at + 1) && self.word_before(at).chars().count() != 1
            }
            Some(Kind::Mark(mark)) => matches!(mark, '!' | '?' | ';' | '¡' | '¿'),
            Some(_) => false,
        }
    }

    /// Whether the word there is written with a capital that says something.
    pub fn is_capital(&self, at: usize) -> bool {
        !self.shouting
            && self.get(at).is_some_and(|token| {
                token.kind == Kind::Word && token.raw.starts_with(char::is_uppercase)
            })
    }

    /// Whether the text is all of capitals.
    pub fn is_shouting(&self) -> bool {
        self.shouting
    }

    /// Whether the token there means something already.
    pub fn is_taken(&self, at: usize) -> bool {
        self.taken.get(at).copied().unwrap_or(true)
    }

    /// These mean something now.
    pub fn take(&mut self, range: Range) {
        for at in range {
            if let Some(taken) = self.taken.get_mut(at) {
                *taken = true;
            }
        }
    }

    /// Drops nicknames: quoted words between two others, as in `José "Chepe" Pérez`.
    pub fn drop_nicknames(&mut self) {
        const QUOTES: [char; 7] = ['"', '“', '”', '«', '»', '\'', '’'];
        let quote = |at: usize| self.mark(at).is_some_and(|mark| QUOTES.contains(&mark));
        let is_name = |at: usize| !self.word(at).is_empty() && !lexicon::is_word(self.word(at));
        let starts: Vec<usize> = (1..self.len())
            .filter(|at| {
                let inner = !self.word(at + 1).is_empty() && quote(at + 2);
                quote(*at) && inner && is_name(at - 1) && is_name(at + 3)
            })
            .collect();
        for start in starts.into_iter().rev() {
            if start + 3 <= self.all.len() {
                self.all.drain(start..start + 3);
                self.taken.drain(start..start + 3);
            }
        }
    }

    /// States and cities; takes their tokens.
    pub fn places(&mut self) -> Vec<Range> {
        const LONGEST: usize = 4;
        let mut places: Vec<Range> = Vec::new();
        let mut at = 0;
        while at < self.len() {
            let named = (1..=LONGEST)
                .rev()
                .map(|count| at..at + count)
                .find(|range| {
                    let words: Vec<_> = range.clone().map(|at| self.word(at)).collect();
                    let free = range
                        .clone()
                        .all(|at| !self.is_taken(at) && !self.word(at).is_empty());
                    free && lexicon::is_place(&words.join(" "))
                });
            let Some(range) = named else {
                at += 1;
                continue;
            };
            at = range.end;
            let word = self.word(range.start);
            let before = self.word_before(range.start);
            let in_place = matches!(
                before,
                "in" | "en" | "at" | "from" | "to" | "near" | "hacia"
            );
            let is_name = lexicon::is_given(word)
                || lexicon::is_surname(word)
                || matches!(word, "san" | "santa" | "santo");
            let in_another = places
                .last()
                .is_some_and(|last| last.end + 1 == range.start);
            let listed = self.mark(range.start.wrapping_sub(1)) == Some(',')
                && (range.len() > 1 || in_another);
            let devotion =
                before == "de" && lexicon::is_given(self.word(range.start.saturating_sub(2)));
            if devotion {
                continue;
            }
            // "José Muestra García de San Pedro Sula": the name is whole without it.
            let after_name = before == "de"
                && range.len() > 1
                && naming::words_before(self, range.start - 1) > 1;
            if in_place || !is_name || listed || after_name {
                self.take(range.clone());
                places.push(range);
            }
        }
        places
    }

    /// Numbers of two figures or more that mean nothing yet: years, ages.
    pub fn loose_numbers(&self) -> Vec<Range> {
        (0..self.len())
            .filter(|at| self.digits(*at).len() > 1 && !self.is_taken(*at))
            .map(|at| at..at + 1)
            .collect()
    }

    /// These tokens as they were written, with single spaces.
    pub fn said(&self, range: Range) -> String {
        let mut said = String::new();
        for token in range.filter_map(|at| self.get(at)) {
            if !said.is_empty() && !token.tight {
                said.push(' ');
            }
            said.push_str(&token.raw);
        }
        said
    }

    /// These words as they were written, with single spaces.
    pub fn written(&self, range: Range) -> String {
        let words: Vec<_> = range
            .filter_map(|at| self.get(at))
            .filter(|token| token.kind == Kind::Word)
            .map(|token| token.raw.as_str())
            .collect();
        words.join(" ")
    }
}

fn tokens(text: &[char]) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    let mut spaced = true;
    while let Some(&c) = text.get(at) {
        if c.is_whitespace() {
            if c == '\n' && tokens.last().is_some_and(|last| last.kind != Kind::Line) {
                tokens.push(token(text, Kind::Line, at, at + 1, false));
            }
            spaced = true;
            at += 1;
            continue;
        }
        let (mut kind, to) = if c.is_ascii_digit() {
            (Kind::Number, end(text, at, |_, c| c.is_ascii_digit()))
        } else if let Some(to) = abbreviation(text, at) {
            (Kind::Word, to)
        } else if is_letter(c) {
            let to = end(text, at, |at, c| {
                is_letter(c) || (is_joiner(c) && text.get(at + 1).copied().is_some_and(is_letter))
            });
            (Kind::Word, without_possessive(text, at, to))
        } else {
            (Kind::Mark(c), at + 1)
        };
        let mut token = token(text, kind, at, to, !spaced);
        at = to;
        if kind == Kind::Word {
            match token.folded.as_str() {
                // What people say while they think is in the way of names.
                "eh" | "em" | "um" | "uh" | "uhm" | "mmm" | "hmm" => continue,
                // Punctuation as it is dictated.
                "comma" | "coma" => kind = Kind::Mark(','),
                "punto" | "period" => kind = Kind::Mark('.'),
                _ => {}
            }
            token.kind = kind;
            if let Some(meant) = lexicon::meant(&token.folded) {
                meant.clone_into(&mut token.folded);
            }
        }
        tokens.push(token);
        spaced = false;
    }
    tokens
}

/// Digits as they are dictated, one by one, made one number: no other row of so many is anything else.
fn dictated(tokens: Vec<Token>) -> Vec<Token> {
    const FEWEST: usize = 7;
    let mut all: Vec<Token> = Vec::new();
    let mut row: Vec<Token> = Vec::new();
    let flush = |row: &mut Vec<Token>, all: &mut Vec<Token>| {
        if row.len() < FEWEST {
            all.append(row);
        } else if let (Some(first), Some(last)) = (row.first(), row.last()) {
            let digits: String = row
                .iter()
                .filter_map(|token| count::digit(&token.folded))
                .collect();
            all.push(Token {
                kind: Kind::Number,
                folded: digits.clone(),
                raw: digits,
                from: first.from,
                to: last.to,
                tight: first.tight,
            });
            row.clear();
        }
    };
    for token in tokens {
        if count::digit(&token.folded).is_some() {
            row.push(token);
        } else {
            flush(&mut row, &mut all);
            all.push(token);
        }
    }
    flush(&mut row, &mut all);
    all
}

fn token(text: &[char], kind: Kind, from: usize, to: usize, tight: bool) -> Token {
    let raw: String = text.get(from..to).unwrap_or_default().iter().collect();
    let folded = folded(&raw)
        .replace(['’', '‘', '`', '´'], "'")
        .replace('.', "");
    Token {
        kind,
        raw,
        folded,
        from,
        to,
        tight,
    }
}

fn end(text: &[char], from: usize, belongs: impl Fn(usize, char) -> bool) -> usize {
    let mut at = from;
    while text.get(at).is_some_and(|&c| belongs(at, c)) {
        at += 1;
    }
    at
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() || is_combining_mark(c)
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '`' | '´' | '-' | '‐' | '‑')
}

/// The end of `D.O.B.`, `a.k.a.` and the like: single letters, each with a point.
fn abbreviation(text: &[char], from: usize) -> Option<usize> {
    let pairs = text
        .get(from..)?
        .chunks_exact(2)
        .take_while(|pair| matches!(pair, [letter, '.'] if letter.is_alphabetic()))
        .count();
    let mut to = from + 2 * pairs;
    let lone = |at: usize| {
        text.get(at).copied().is_some_and(is_letter)
            && !text.get(at + 1).copied().is_some_and(is_letter)
    };
    // The last point may be missing.
    if pairs >= 1 && lone(to) {
        to += 1;
    }
    (to - from > 2).then_some(to)
}

/// Where the word ends without the `'s` of whose something is.
fn without_possessive(text: &[char], from: usize, to: usize) -> usize {
    match text.get(from..to) {
        Some([.., _, mark, 's' | 'S']) if is_joiner(*mark) && *mark != '-' => to - 2,
        _ => to,
    }
}
