//! Text in one plain form: small ASCII letters and digits, whatever the text wrote them with, and where each came from.

mod escape;
mod letters;
mod trace;

use letters::{is_foreign, is_gone, is_lookalike_word, lookalike, plain};
use trace::Trace;

/// It was a capital letter.
pub const CAPITAL: u8 = 1;
/// It was a letter of another script than Latin.
pub const FOREIGN: u8 = 2;
/// It is a letter.
pub const LETTER: u8 = 4;
/// It is a digit.
pub const DIGIT: u8 = 8;

/// What the byte itself, folded or not, says.
fn mark(byte: u8) -> u8 {
    u8::from(byte.is_ascii_uppercase()) * CAPITAL
        + u8::from(byte.is_ascii_alphabetic()) * LETTER
        + u8::from(byte.is_ascii_digit()) * DIGIT
}

/// Folded text. Only ASCII, letters small.
pub struct Folded {
    /// What is left.
    pub bytes: Vec<u8>,
    /// What each byte is and was.
    pub marks: Vec<u8>,
    /// Where the bytes come from, one for each change, the first one first. None when each is where it was.
    traces: Vec<Trace>,
}

impl Folded {
    /// `text`, folded.
    pub fn new(text: &str) -> Self {
        let mut traces = Vec::new();
        let unescaped = escape::unescape(text, &mut traces);
        let text = unescaped.as_deref().unwrap_or(text);
        let mut folded = Self {
            bytes: Vec::with_capacity(text.len()),
            marks: Vec::with_capacity(text.len()),
            traces,
        };
        if text.is_ascii() {
            folded.ascii(text.as_bytes());
        } else {
            let trace = folded.characters(text);
            folded.traces.push(trace);
        }
        folded
    }

    fn ascii(&mut self, text: &[u8]) {
        self.bytes.extend(text.iter().map(u8::to_ascii_lowercase));
        self.marks.extend(text.iter().copied().map(mark));
    }

    fn characters(&mut self, text: &str) -> Trace {
        let mut trace = Trace::default();
        let mut before = ' ';
        let mut at = 0;
        while let Some(first) = text[at..].chars().next() {
            if first.is_ascii() {
                let rest = &text.as_bytes()[at..];
                let run = ascii_run(rest);
                trace.copied(self.bytes.len(), at);
                self.ascii(&rest[..run]);
                before = char::from(rest[run - 1]);
                at += run;
            } else if is_gone(first) {
                at += first.len_utf8();
            } else if is_foreign(first) {
                (before, at) = self.word(text, at, before, &mut trace);
            } else {
                let end = at + first.len_utf8();
                self.character(first, None, (at, end), &mut trace);
                (before, at) = (first, end);
            }
        }
        trace
    }

    /// Letters from `at` on, the first of another script: one word, since what is beside a letter says what it is.
    /// Tells the last of them, and where they end.
    fn word(&mut self, text: &str, at: usize, before: char, trace: &mut Trace) -> (char, usize) {
        let letters = || {
            text[at..]
                .char_indices()
                .map(|(start, letter)| (at + start, letter))
                .filter(|(_, letter)| !is_gone(*letter))
                .take_while(|(_, letter)| letter.is_alphabetic())
        };
        let beside = before.is_alphabetic().then_some(before);
        let imitated = is_lookalike_word(&letters().map(|(_, letter)| letter).chain(beside));
        let mut last = (before, at);
        for (start, letter) in letters() {
            let end = start + letter.len_utf8();
            let imitation = lookalike(letter).filter(|_| imitated);
            self.character(letter, imitation, (start, end), trace);
            last = (letter, end);
        }
        last
    }

    fn character(
        &mut self,
        character: char,
        imitation: Option<u8>,
        (start, end): (usize, usize),
        trace: &mut Trace,
    ) {
        let at = self.bytes.len();
        match imitation {
            Some(letter) => self.bytes.push(letter),
            None => plain(character, &mut self.bytes),
        }
        if self.bytes.len() == at {
            return;
        }
        let origin = u8::from(character.is_uppercase()) * CAPITAL
            + u8::from(imitation.is_none() && is_foreign(character)) * FOREIGN;
        let written = self.bytes[at..].iter().copied();
        self.marks.extend(written.map(|byte| mark(byte) | origin));
        trace.whole(at, start, end);
    }

    /// The bytes of the text that the bytes from `start` to `end` come from.
    pub fn origin(&self, start: usize, end: usize) -> (usize, usize) {
        self.traces
            .iter()
            .rev()
            .fold((start, end), |(start, end), trace| trace.origin(start, end))
    }
}

/// How many bytes of ASCII come first. Whole blocks of it, as most are, are passed at once.
fn ascii_run(bytes: &[u8]) -> usize {
    const BLOCK: usize = 32;
    let blocks = bytes.chunks_exact(BLOCK).take_while(|one| one.is_ascii());
    let whole = blocks.count() * BLOCK;
    let rest = bytes[whole..].iter().take_while(|byte| byte.is_ascii());
    whole + rest.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(text: &str) -> String {
        Folded::new(text)
            .bytes
            .into_iter()
            .map(char::from)
            .collect()
    }

    #[test]
    fn whatever_it_is_written_with_it_is_the_same() {
        for text in [
            "José Pérez",
            "JOSE PEREZ",
            "Jose\u{301} Pe\u{301}rez",
            "Ｊｏｓｅ Ｐｅｒｅｚ",
            "Jo\u{200b}se Pe\u{ad}rez",
            "Jоsе Реrеz",
            "Jos%C3%A9 P%C3%A9rez",
            "Jos=C3=A9 P=C3=A9rez",
            "Jos&eacute; P&#233;rez",
            "Jos&#xE9; P&eacute;rez",
            r"Jos\u00e9 P\u00E9rez",
            r"Jos\xe9 P\xC3\xA9rez",
            "Jos%25C3%25A9 P&amp;eacute;rez",
            "𝐉𝐨𝐬𝐞 𝐏𝐞𝐫𝐞𝐳",
        ] {
            assert_eq!(fold(text), "jose perez", "{text}");
        }
    }

    #[test]
    fn every_byte_knows_where_it_comes_from() {
        // A vowel sign is a letter that is gone.
        assert_eq!(Folded::new("\u{93e}").bytes, b"");
        let text = "é x%C3%B1\u{200b}y";
        let folded = Folded::new(text);
        assert_eq!(folded.bytes, b"e xny");
        let (start, end) = folded.origin(2, 5);
        assert_eq!(&text[start..end], "x%C3%B1\u{200b}y");
        let (start, end) = folded.origin(0, 1);
        assert_eq!(&text[start..end], "é");
    }
}
