//! Names with their letters apart, joined, split, or with digits for letters.

use super::{Belief, Search};
use crate::seen::Way;
use crate::token::{Case, Token};
use crate::words::{self, Class};

/// Longest word that is taken apart.
const LONGEST: usize = 40;

pub fn find(search: &mut Search) {
    apart(search);
    split(search);
    joined(search);
    digits(search);
}

fn known(search: &Search, word: &[u8]) -> bool {
    let hash = words::hash(word);
    let seen = || {
        !search.seen.find(Way::Part, hash).is_empty()
            || !search.seen.find(Way::Joined, hash).is_empty()
    };
    let class = words::class_of(hash);
    class.any(Class::COMMON_NAME) && !class.any(Class::ORDINARY.and(Class::TERM)) || seen()
}

/// "M a r i a": single letters with the same between them.
fn apart(search: &mut Search) {
    let single = |search: &Search, at: usize| {
        let token = search.token(at);
        token.is_word() && token.len() == 1 && !token.glued
    };
    let count = search.tokens.all.len();
    let mut at = 0;
    while at < count {
        if !single(search, at) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while end < count
            && single(search, end)
            && search.tokens.gap(end).len() <= 3
            && !search.tokens.gap(end).contains(&b'\n')
        {
            end += 1;
        }
        let letters: Vec<u8> = (at..end).map(|one| search.tokens.text(one)[0]).collect();
        let class = words::class(&letters);
        let harmless = class.any(Class::ORDINARY.and(Class::TERM)) && !class.any(Class::NAME);
        let hidden = match letters.len() {
            0..=2 => false,
            3 => {
                !search
                    .seen
                    .find(Way::Joined, words::hash(&letters))
                    .is_empty()
                    || known(search, &letters)
            }
            4 => class.any(Class::NAME) || known(search, &letters),
            _ => !harmless,
        };
        if hidden {
            search.belief[at..end].fill(Belief::Yes);
        }
        at = end;
    }
}

/// "Gon-zalez": a word in two parts.
fn split(search: &mut Search) {
    let is_part = |token: &Token| token.is_word() && token.len() < LONGEST;
    for at in 1..search.tokens.all.len() {
        let gap = search.tokens.gap(at);
        if gap.len() > 2 || !is_part(search.token(at - 1)) || !is_part(search.token(at)) {
            continue;
        }
        let hyphen = matches!(gap, b"-" | b"-\n" | b"." | b"_" | b"*" | b"~" | b"|" | b"");
        if !hyphen && search.seen.is_empty()
            || search.token(at - 1).len() + search.token(at).len() < 4
        {
            continue;
        }
        let class = |at: usize| search.token(at).class;
        let plain = |at: usize| {
            class(at).any(Class::ORDINARY.and(Class::TERM)) && search.token(at).len() > 3
        };
        let joined = [search.tokens.text(at - 1), search.tokens.text(at)].concat();
        let hash = words::hash(&joined);
        let seen = joined.len() > 4
            && (!search.seen.find(Way::Part, hash).is_empty()
                || !search.seen.find(Way::Joined, hash).is_empty());
        let listed =
            hyphen && joined.len() > 4 && !plain(at - 1) && !plain(at) && known(search, &joined);
        if seen || listed {
            search.belief[at - 1] = Belief::Yes;
            search.belief[at] = Belief::Yes;
            continue;
        }
        if at > 1 && gap == search.tokens.gap(at - 1) && hyphen && is_part(search.token(at - 2)) {
            let three = [search.tokens.text(at - 2), &joined].concat();
            if three.len() > 4
                && !plain(at - 2)
                && !plain(at - 1)
                && !plain(at)
                && known(search, &three)
            {
                search.belief[at - 2..=at].fill(Belief::Yes);
            }
        }
    }
}

/// "mariaperez", "mperez": words without anything between them.
fn joined(search: &mut Search) {
    for at in 0..search.tokens.all.len() {
        let token = search.token(at);
        let plain = token.class.any(Class::ORDINARY.and(Class::TERM));
        if !token.is_word()
            || plain
            || token.len() < 3
            || token.len() > LONGEST
            || search.belief[at] == Belief::Yes
        {
            continue;
        }
        let text = search.tokens.text(at);
        let whole = !search.seen.find(Way::Joined, token.hash).is_empty()
            && (token.len() > 3 || token.case == Case::Upper);
        if whole || token.len() > 5 && token.class.is_unknown() && is_two(search, text) {
            search.belief[at] = Belief::Yes;
        }
    }
}

/// Whether a word is two names.
fn is_two(search: &Search, text: &[u8]) -> bool {
    let seen = |part: &[u8]| {
        !search.seen.is_empty() && !search.seen.find(Way::Part, words::hash(part)).is_empty()
    };
    let listed = |part: &[u8]| {
        let class = words::class(part);
        part.len() > 3 && class.any(Class::COMMON_NAME) && !class.any(Class::ORDINARY)
    };
    // An initial and a surname: "jperez".
    listed(&text[1..]) && text.len() > 5
        || (3..text.len().saturating_sub(2)).any(|at| {
            let (one, other) = text.split_at(at);
            seen(one) && (seen(other) || one.len() > 4)
                || seen(other) && other.len() > 4
                || listed(one) && listed(other)
        })
}

/// "P3r3z": digits that look like letters.
fn digits(search: &mut Search) {
    let mut at = 0;
    while at < search.tokens.all.len() {
        let mut end = at + 1;
        while search.tokens.all.get(end).is_some_and(|next| next.glued) {
            end += 1;
        }
        let parts = &search.tokens.all[at..end];
        let length = parts[parts.len() - 1].end - parts[0].start;
        let mixed = parts.iter().any(Token::is_digits) && parts.iter().any(Token::is_word);
        if mixed && (4..=LONGEST).contains(&length) {
            let bytes = &search.tokens.folded.bytes[parts[0].start..parts[parts.len() - 1].end];
            let word: Vec<u8> = bytes
                .iter()
                .map(|byte| match byte {
                    b'0' => b'o',
                    b'1' => b'i',
                    b'3' => b'e',
                    b'4' => b'a',
                    b'5' => b's',
                    b'7' => b't',
                    b'8' => b'b',
                    other => *other,
                })
                .collect();
            let l = || {
                word.iter()
                    .zip(bytes)
                    .map(|(letter, byte)| if *byte == b'1' { b'l' } else { *letter })
                    .collect::<Vec<u8>>()
            };
            // A digit between letters: fewer ids are written so.
            let within = bytes.windows(3).any(|three| {
                three[1].is_ascii_digit()
                    && three[0].is_ascii_alphabetic()
                    && three[2].is_ascii_alphabetic()
            });
            let listed = |word: &[u8]| {
                let class = words::class(word);
                within
                    && word.len() > 4
                    && class.any(Class::NAME)
                    && !class.any(Class::ORDINARY.and(Class::TERM))
            };
            let is_name = |word: &[u8]| known(search, word) || listed(word);
            if is_name(&word) || bytes.contains(&b'1') && is_name(&l()) {
                search.belief[at..end].fill(Belief::Yes);
            }
        }
        at = end;
    }
}
