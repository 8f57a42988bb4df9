//! E-mail addresses, with signs or in words: "name at example dot com", "nombre arroba ejemplo punto com".

use super::Finding;
use crate::Kind;
use crate::token::Tokens;
use crate::words::{self, Class};

/// Most tokens before the sign, and after it.
const MOST: usize = 12;

/// Those of the text.
pub fn find(tokens: &Tokens, found: &mut Vec<Finding>) {
    let mut from = 0;
    for at in signs(tokens) {
        let sign = at > 0 && trim(tokens.gap(at)) == b"@";
        let word = at > 0 && tokens.all[at].class.any(Class::AT) && at + 1 < tokens.all.len();
        let hit = if sign {
            around(tokens, at - 1, at, from, false)
        } else if word {
            around(tokens, at - 1, at + 1, from, true)
        } else {
            None
        };
        if let Some((first, last)) = hit {
            from = last + 1;
            found.push(Finding {
                start: tokens.all[first].start,
                end: tokens.all[last].end,
                kind: Kind::Email,
                value: Some(value(tokens, first, last)),
            });
        }
    }
}

/// The tokens that may have the sign before them or be it, in order.
fn signs(tokens: &Tokens) -> Vec<usize> {
    let mut signs = tokens.signs.clone();
    let words = |at: &&usize| tokens.all[**at].class.any(Class::AT);
    signs.extend(tokens.telling.iter().filter(words));
    signs.sort_unstable();
    signs.dedup();
    signs
}

/// What is compared: the signs in place of the words.
fn value(tokens: &Tokens, first: usize, last: usize) -> String {
    let mut value = String::new();
    for at in first..=last {
        if at > first {
            let gap = trim(tokens.gap(at));
            value.extend(
                gap.iter()
                    .filter(|byte| b"@._-+".contains(byte))
                    .map(|byte| char::from(*byte)),
            );
        }
        match tokens.text(at) {
            b"at" | b"arroba" | b"aroba" => value.push('@'),
            b"dot" | b"punto" => value.push('.'),
            text => value.extend(text.iter().map(|byte| char::from(*byte))),
        }
    }
    value
}

fn trim(gap: &[u8]) -> &[u8] {
    let inner = |byte: &u8| !b" ()[]{}<>\"'\n\t".contains(byte);
    let start = gap.iter().position(inner).unwrap_or(gap.len());
    let end = gap.iter().rposition(inner).map_or(start, |last| last + 1);
    &gap[start..end]
}

fn is_dot(word: &[u8]) -> bool {
    words::one_of(word, "dot punto period")
}

/// The first and last token of the address whose sign is between `left` and `right`.
fn around(
    tokens: &Tokens,
    left: usize,
    right: usize,
    from: usize,
    word: bool,
) -> Option<(usize, usize)> {
    // The domain: labels with dots between them.
    let mut last = right;
    let (mut dots, mut spoken) = (0, false);
    while last + 1 < tokens.all.len() && last < right + MOST {
        let gap = tokens.gap(last + 1);
        let label = tokens.all[last + 1].is_word() || tokens.all[last + 1].is_digits();
        if label
            && matches!(trim(gap), b"." | b"-" | b"_")
            && gap.len() <= 3
            && (gap.len() == 1 || !gap.contains(&b'\n'))
        {
            if gap != b"." && gap != b"-" && gap != b"_" && !is_top(tokens.text(last + 1)) {
                break;
            }
            dots += usize::from(trim(gap) == b".");
            last += 1;
        } else if gap.is_empty() && label {
            last += 1;
        } else if is_dot(tokens.text(last + 1))
            && last + 2 < tokens.all.len()
            && tokens.all[last + 2].is_word()
        {
            dots += 1;
            spoken = true;
            last += 2;
        } else {
            break;
        }
    }
    let top = tokens.text(last);
    let plain_domain = dots > 0 && tokens.all[last].is_word() && top.len() >= 2;
    let provider = is_provider(tokens.text(right));
    let bracketed = word
        && matches!(
            tokens.gap(right - 1).last(),
            Some(b'(' | b'[' | b'{' | b'<')
        );
    let fits = if word {
        (plain_domain && (spoken || bracketed || provider || tokens.text(right - 1) != b"at"))
            || provider
    } else {
        plain_domain || provider
    };
    if !fits {
        return None;
    }
    // The name: what is joined to the sign.
    let mut first = left;
    while first > from && left - first < MOST {
        let gap = tokens.gap(first);
        let before = tokens.text(first - 1);
        let joins = is_join(before) || is_join(tokens.text(first));
        if gap.is_empty()
            || matches!(gap, b"." | b"_" | b"-" | b"+" | b"'")
            || (joins && gap == b" " && !is_join_end(tokens, first, left))
        {
            first -= 1;
        } else {
            break;
        }
    }
    let at = tokens.all[first].start;
    let credentials = tokens.folded.bytes[..at].ends_with(b"://");
    (!credentials).then_some((first, last))
}

/// Words that stand for a sign within a name.
fn is_join(word: &[u8]) -> bool {
    is_dot(word) || words::one_of(word, "underscore guion dash guionbajo hyphen")
}

/// Whether the token is the last of the name and a word for a sign: then it is no sign.
fn is_join_end(tokens: &Tokens, first: usize, left: usize) -> bool {
    first == left && is_join(tokens.text(first))
}

fn is_top(word: &[u8]) -> bool {
    words::one_of(
        word,
        "com org net edu gov io mx gt hn sv ni cr es us co ar pe ec ve cl br info me app dev test example invalid",
    )
}

fn is_provider(word: &[u8]) -> bool {
    words::one_of(
        word,
        "gmail hotmail yahoo outlook icloud live msn aol protonmail proton ymail",
    )
}
