//! Values that were seen, where they come back as they are or with their digits in other groups.

use crate::Kind;
use crate::forms::Finding;
use crate::seen::{self, FACTOR, Seen, Way};
use crate::token::{Shape, Tokens};

/// Most bytes between two groups of digits of one number.
const WIDEST: usize = 3;

/// Those of the text.
pub fn find(tokens: &Tokens, seen: &Seen) -> Vec<Finding> {
    let mut found = Vec::new();
    if seen.is_empty() {
        return found;
    }
    let mut at = 0;
    while at < tokens.all.len() {
        at = whole(tokens, seen, at, &mut found).unwrap_or(at) + 1;
    }
    let lengths: Vec<usize> = seen.lengths().collect();
    if !lengths.is_empty() {
        digits(tokens, seen, &lengths, &mut found);
    }
    found
}

fn push(seen: &Seen, (first, last): (usize, usize), ids: &[u64], found: &mut Vec<Finding>) {
    let Some((kind, normal)) = ids.last().and_then(|id| seen.value(*id)) else {
        return;
    };
    found.push(Finding {
        start: first,
        end: last,
        kind,
        value: Some(normal.to_owned()),
    });
}

/// A value whose words begin at token `at`: the longest. Tells its last token.
fn whole(tokens: &Tokens, seen: &Seen, at: usize, found: &mut Vec<Finding>) -> Option<usize> {
    let mut hash = 0;
    let mut longest = None;
    for next in at..tokens.all.len() {
        let token = &tokens.all[next];
        if token.shape == Shape::Hidden || next > at && tokens.gap(next).len() > 8 {
            break;
        }
        hash = seen::step(hash, token.hash);
        let ids = seen.find(Way::Ended, hash);
        let names = |id: &u64| seen.value(*id).is_some_and(|(kind, _)| kind == Kind::Name);
        // A single word of a name may be an ordinary one: names look at what stands around it.
        if !ids.is_empty() && (next > at || !ids.iter().all(names)) {
            longest = Some((next, ids));
        }
        if seen.find(Way::Begun, hash).is_empty() {
            break;
        }
    }
    if longest.is_none() {
        let ids = seen.find(Way::Joined, tokens.all[at].hash);
        let other = ids
            .iter()
            .any(|id| seen.value(*id).is_some_and(|(kind, _)| kind != Kind::Name));
        if other {
            longest = Some((at, ids));
        }
    }
    let (last, ids) = longest?;
    push(
        seen,
        (tokens.all[at].start, tokens.all[last].end),
        ids,
        found,
    );
    Some(last)
}

/// Numbers, whatever stands between their digits.
fn digits(tokens: &Tokens, seen: &Seen, lengths: &[usize], found: &mut Vec<Finding>) {
    let mut at = 0;
    while at < tokens.all.len() {
        let mut places = Vec::new();
        let mut end = at;
        while end < tokens.all.len()
            && tokens.all[end].is_digits()
            && (end == at || tokens.gap(end).len() <= WIDEST)
        {
            let token = &tokens.all[end];
            places.extend(token.start..token.end);
            end += 1;
        }
        windows(tokens, seen, lengths, &places, found);
        at = end.max(at + 1);
    }
}

fn windows(
    tokens: &Tokens,
    seen: &Seen,
    lengths: &[usize],
    places: &[usize],
    found: &mut Vec<Finding>,
) {
    let bytes = &tokens.folded.bytes;
    for &length in lengths.iter().filter(|length| **length <= places.len()) {
        let lost = (0..length).fold(1_u64, |factor, _| factor.wrapping_mul(FACTOR));
        let mut hash = 0;
        let mut from = 0;
        for (at, place) in places.iter().enumerate() {
            hash = seen::roll(hash, bytes[*place]);
            if at >= length {
                let gone = u64::from(bytes[places[at - length]]) + 7;
                hash = hash.wrapping_sub(gone.wrapping_mul(lost));
            }
            let start = (at + 1).checked_sub(length).filter(|start| *start >= from);
            let Some(start) = start else { continue };
            let ids = seen.find(Way::Digits, hash);
            if !ids.is_empty() {
                push(seen, (places[start], place + 1), ids, found);
                from = at + 1;
            }
        }
    }
}
