//! Names in running text: by lists, by what announces them, by how they are written, and by what was seen.

mod context;
mod disguise;
mod inflected;
mod pairs;
mod spoken;

use crate::Kind;
use crate::forms::Finding;
use crate::seen::{Seen, Way};
use crate::token::{Case, Shape, Token, Tokens};
use crate::words::{self, Class};

/// Words of a name that tell which one it is.
const LONGEST: usize = 12;
/// Values with the same word that are told apart.
const NAMESAKES: usize = 16;

/// What is hardly ever a name, even where one may stand.
const OTHER: Class = OTHER_BUT_PLACES.and(Class::TERM);
/// The same, where a place may be a name.
const OTHER_BUT_PLACES: Class = Class::FUNCTION
    .and(Class::PERSON)
    .and(Class::FACILITY)
    .and(Class::MONTH);

/// How sure it is that a word is part of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Belief {
    /// It is something else, whatever stands beside it.
    Never,
    /// Nothing speaks for it.
    No,
    /// It is if a name stands beside it.
    Beside,
    /// The same, and two such words are a name together.
    Likely,
    /// It is.
    Yes,
}

/// Looks for names.
struct Search<'a> {
    tokens: &'a Tokens<'a>,
    seen: &'a Seen,
    belief: Vec<Belief>,
    /// Whether capitals tell nothing, for all is written in them.
    shouting: bool,
}

/// The names of the text.
pub fn find(tokens: &Tokens, seen: &Seen) -> Vec<Finding> {
    let mut search = Search {
        tokens,
        seen,
        belief: Vec::new(),
        shouting: is_shouting(&tokens.all),
    };
    search.belief = (0..tokens.all.len()).map(|at| search.alone(at)).collect();
    context::places(&mut search);
    if !seen.is_empty() {
        search.seen_parts();
    }
    disguise::find(&mut search);
    context::after_cues(&mut search);
    spoken::find(&mut search);
    search.spread();
    pairs::find(&mut search);
    pairs::lists(&mut search);
    spoken::complete(&mut search);
    search.spans()
}

/// Whether a word that no list has ends like one that is derived from others: "reconsideration", "investigaron".
fn is_derived(word: &[u8]) -> bool {
    const ENDINGS: &str = "tion tions sion sions ment ments ness ity ities ing ings ated ized able ible ably less ism ists ously ively \
        cion ciones siones mente idad idades ando iendo aron ieron aban adas ados idas idos ismo istas osos osas ivos ivas arlo arla erlo";
    word.len() >= 8
        && ENDINGS
            .split_ascii_whitespace()
            .any(|ending| word.ends_with(ending.as_bytes()))
}

fn is_shouting(tokens: &[Token]) -> bool {
    let words = tokens
        .iter()
        .filter(|token| token.is_word() && token.len() > 3);
    let (mut all, mut upper) = (0, 0);
    for word in words {
        all += 1;
        upper += usize::from(word.case == Case::Upper);
    }
    all >= 4 && upper * 10 > all * 7
}

impl Search<'_> {
    fn token(&self, at: usize) -> &Token {
        &self.tokens.all[at]
    }

    /// Whether it is written with a capital that tells something.
    fn is_capital(&self, at: usize) -> bool {
        !self.shouting && self.token(at).case != Case::Small
    }

    /// Whether a sentence or a field begins with it.
    fn is_start(&self, at: usize) -> bool {
        at == 0
            || self
                .tokens
                .gap(at)
                .iter()
                .any(|byte| b".!?\n:;\"{[|*>".contains(byte))
    }

    /// Whether it stands in a path, in code or in a key.
    fn is_code(&self, at: usize) -> bool {
        let bytes = &self.tokens.folded.bytes;
        let token = self.token(at);
        let before = token.start.checked_sub(1).map_or(b' ', |at| bytes[at]);
        let after = bytes.get(token.end).copied().unwrap_or(b' ');
        let next = bytes.get(token.end + 1).copied().unwrap_or(b' ');
        let glued = token.glued || self.tokens.all.get(at + 1).is_some_and(|next| next.glued);
        glued
            || b"`/_=<$#@".contains(&before)
            || b"`/_=(".contains(&after)
            || (b".:".contains(&after) && next != b' ' && next != b'\n' && next != b'"')
            || before == b'.' && token.start > 1 && bytes[token.start - 2] != b' '
    }

    /// What is believed of a word that stands alone.
    fn alone(&self, at: usize) -> Belief {
        let token = self.token(at);
        let class = token.class;
        if token.shape != Shape::Word {
            return Belief::No;
        }
        if token.foreign {
            return if token.len() > 1 {
                Belief::Yes
            } else {
                Belief::Beside
            };
        }
        if token.len() == 1
            || class.any(Class::FUNCTION.and(Class::PERSON).and(Class::FACILITY))
                && !class.any(Class::COMMON_NAME)
        {
            return Belief::No;
        }
        if class.any(Class::FUNCTION) {
            return Belief::No;
        }
        let capital = self.is_capital(at);
        let weak = class.any(Class::ORDINARY.and(Class::TERM).and(Class::PARTICLE));
        if class.any(Class::NAME) {
            let common = class.any(Class::COMMON_NAME);
            return match (weak, capital) {
                (false, _) if common && token.len() > 3 => Belief::Yes,
                (false, true) if common || token.len() > 3 && !self.is_code(at) => Belief::Yes,
                (false, _) if token.len() > 2 => Belief::Beside,
                (true, true) if token.len() > 2 && !class.any(Class::MONTH) => Belief::Likely,
                (true, true) => Belief::Beside,
                (true, false) if common && !class.any(Class::MONTH.and(Class::PARTICLE)) => {
                    Belief::Beside
                }
                _ => Belief::No,
            };
        }
        let text = self.tokens.text(at);
        let inflected = || (!capital || self.is_start(at)) && inflected::is_inflected(text);
        if weak || is_derived(text) || inflected() {
            return Belief::No;
        }
        match token.case {
            Case::Capital if capital && token.len() > 3 && !self.is_code(at) => Belief::Yes,
            Case::Capital if capital && token.len() > 1 && !self.is_code(at) => Belief::Likely,
            Case::Upper if capital && token.len() > 4 && !self.is_code(at) => Belief::Likely,
            _ if token.len() > 2 && (!capital || self.shouting) && !self.is_code(at) => {
                Belief::Beside
            }
            _ => Belief::No,
        }
    }

    /// Words of names that were seen.
    fn seen_parts(&mut self) {
        for at in 0..self.tokens.all.len() {
            let token = self.token(at);
            if token.shape != Shape::Word {
                continue;
            }
            let mut ids = self.seen.find(Way::Part, token.hash);
            if ids.is_empty()
                && token.class.is_unknown()
                && token.len() > 4
                && self.tokens.text(at).ends_with(b"s")
            {
                let text = self.tokens.text(at);
                ids = self
                    .seen
                    .find(Way::Part, words::hash(&text[..text.len() - 1]));
            }
            if ids.is_empty() {
                continue;
            }
            let beside = at > 0
                && self.tokens.gap(at).len() <= 3
                && share(self.seen.find(Way::Part, self.token(at - 1).hash), ids);
            let plain = token.class.any(Class::ORDINARY);
            let sure = !plain
                || self.is_capital(at) && !(token.class.any(Class::FUNCTION) && self.is_start(at));
            if beside {
                self.belief[at] = Belief::Yes;
                self.belief[at - 1] = Belief::Yes;
            } else if sure {
                self.belief[at] = Belief::Yes;
            } else if token.class.any(Class::NAME) && !token.class.any(Class::FUNCTION) {
                self.belief[at] = Belief::Likely;
            }
        }
    }

    /// Whether a token belongs to the one before it, as words of a name do.
    fn is_joined(&self, at: usize) -> bool {
        let before = at - 1;
        let initial = self.token(before).len() == 1 || self.token(before).class.any(Class::PERSON);
        match self.tokens.gap(at) {
            b"" | b" " | b"-" | b"'" | b"_" | b"+" | b"." | b"  " | b"\t" | b" - " => true,
            b". " => initial || self.token(at).len() == 1,
            _ => false,
        }
    }

    /// From words that are names to those beside them that may be.
    fn spread(&mut self) {
        let count = self.tokens.all.len();
        for at in 1..count {
            if self.belief[at - 1] == Belief::Yes && self.may_follow(at) {
                self.belief[at] = Belief::Yes;
            } else if at > 1
                && self.belief[at - 2] == Belief::Yes
                && self.belief[at] >= Belief::Beside
                && self.token(at - 1).class.any(Class::PARTICLE)
                && self.tokens.gap(at) == b" "
                && self.tokens.gap(at - 1) == b" "
                && (self.belief[at] >= Belief::Likely
                    || !matches!(self.tokens.text(at - 1), b"y" | b"e"))
            {
                self.belief[at - 1] = Belief::Yes;
                self.belief[at] = Belief::Yes;
            }
        }
        for at in (0..count.saturating_sub(1)).rev() {
            // "ATANGA, Njoya".
            let before_comma = self.tokens.gap(at + 1) == b", "
                && self.token(at).case == Case::Upper
                && self.belief[at] == Belief::Likely
                && self.token(at + 1).case == Case::Capital;
            if self.belief[at + 1] != Belief::Yes
                || self.belief[at] == Belief::Yes
                || !(self.is_joined(at + 1) || before_comma)
            {
                continue;
            }
            let ordinary = self.token(at).class.any(Class::ORDINARY.and(Class::TERM));
            let initial = self.is_initial(at) && self.tokens.gap(at + 1) != b"'";
            // "Deb Ejemplo", at the beginning of a sentence.
            let first = self.is_start(at)
                && self.tokens.gap(at + 1) == b" "
                && self.token(at).case == Case::Capital
                && self.belief[at] == Belief::Likely
                && self.token(at).class.any(Class::NAME)
                && !self.token(at).class.any(Class::TERM)
                && self.is_capital(at + 1);
            let sure = !ordinary
                || first
                || !self.is_start(at) && self.belief[at] == Belief::Likely
                || self.token(at).class.any(Class::COMMON_NAME) && self.is_capital(at);
            // "Context: Austin Ejemplo".
            let place = self.tokens.gap(at) == b": "
                && self.belief[at] == Belief::Likely
                && self.token(at).class.any(Class::NAME)
                && !self.token(at).class.any(Class::ORDINARY);
            let given = place || self.is_given(at);
            if initial || given || self.belief[at] >= Belief::Beside && sure {
                self.belief[at] = Belief::Yes;
            }
        }
    }

    fn is_initial(&self, at: usize) -> bool {
        let token = self.token(at);
        let dotted = self.tokens.after(at).first() == Some(&b'.');
        token.is_word()
            && token.len() == 1
            && token.case == Case::Capital
            && !token.glued
            && (dotted || self.tokens.text(at) != b"i" && self.tokens.text(at) != b"a")
    }

    /// Whether the token goes on with the name that the one before is part of.
    fn may_follow(&self, at: usize) -> bool {
        // "Juan Ejemplo": an ordinary word with a capital, right after a name.
        let surname = self.belief[at] == Belief::No
            && self.token(at).is_word()
            && (self.token(at).class.any(Class::ORDINARY) || self.token(at).class.is_unknown())
            && !self.token(at).class.any(OTHER)
            && self.token(at).case == Case::Capital
            && self.is_capital(at - 1);
        if surname && matches!(self.tokens.gap(at), b" " | b"-" | b"_" | b"+") {
            return true;
        }
        if self.belief[at] < Belief::Beside && !self.is_initial(at) {
            return false;
        }
        let comma = self.tokens.gap(at) == b", "
            && self.belief[at] == Belief::Likely
            && !self.token(at).class.any(Class::TERM)
            && self.token(at).class.any(Class::NAME);
        if comma {
            return true;
        }
        self.is_joined(at)
            && (self.belief[at] >= Belief::Beside || self.tokens.gap(at).contains(&b' '))
    }

    /// Words that are names, those beside each other together.
    fn spans(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.belief.len() {
            if self.belief[at] != Belief::Yes {
                at += 1;
                continue;
            }
            let mut end = at + 1;
            while end < self.belief.len()
                && self.belief[end] == Belief::Yes
                && (self.is_joined(end) || self.tokens.gap(end).len() <= 2 && self.share_seen(end))
            {
                end += 1;
            }
            found.push(Finding {
                start: self.token(at).start,
                end: self.token(end - 1).end,
                kind: Kind::Name,
                value: self.value(at, end),
            });
            at = end;
        }
        found
    }

    /// Whether a word and the one before it are of one name that was seen.
    fn share_seen(&self, at: usize) -> bool {
        let ids = self.seen.find(Way::Part, self.token(at).hash);
        share(self.seen.find(Way::Part, self.token(at - 1).hash), ids)
    }

    /// The seen name that the words from `at` up to `end` are of.
    fn value(&self, at: usize, end: usize) -> Option<String> {
        let ids = |at: usize| {
            let hash = self.token(at).hash;
            let part = self.seen.find(Way::Part, hash);
            latest(if part.is_empty() {
                self.seen.find(Way::Joined, hash)
            } else {
                part
            })
        };
        let end = end.min(at + LONGEST);
        let candidates = (at..end).map(ids).find(|ids| !ids.is_empty())?;
        let shared = |id: &&u64| (at..end).filter(|at| ids(*at).contains(id)).count();
        let best = candidates.iter().rev().max_by_key(shared)?;
        self.seen.value(*best).map(|(_, normal)| normal.to_owned())
    }
}

/// Those of many values that are looked at: the latest.
fn latest(ids: &[u64]) -> &[u64] {
    &ids[ids.len().saturating_sub(NAMESAKES)..]
}

fn share(some: &[u64], others: &[u64]) -> bool {
    let others = latest(others);
    latest(some).iter().any(|id| others.contains(id))
}
