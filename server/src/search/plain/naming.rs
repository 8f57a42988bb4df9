//! Who is looked for, among all the people that a text names: who writes, lawyers, officers. A name is only what stands in the text
//! as one; between two who may be meant nobody is chosen.

use super::company::{beside, is_both, is_denied, is_sought};
use super::cues::{Cue, cue, is_place, is_someone_else, own, stands_alone};
use super::labels::labelled;
use super::lexicon::{self, Class};
use super::split::{self, Name};
use super::token::{Kind, Range, Tokens};

/// Enough to take words for the name of who is looked for.
const ENOUGH: i32 = 5;
/// Words of the longest name that is not labelled.
pub const LONGEST: usize = 8;

/// What the text says of the name.
pub enum Said {
    /// One person's, and who else is mentioned beside it.
    One { name: Name, beside: Option<Range> },
    /// Several people are looked for.
    Several,
    /// Nobody's.
    Nobody,
}

struct Candidate {
    range: Range,
    score: i32,
    given: bool,
    /// Words right before say that this is who is looked for.
    cued: bool,
}

/// The name of who is looked for. `twice` when two birth dates are said.
pub fn find(text: &mut Tokens, twice: bool) -> Said {
    if is_both(text) {
        return Said::Several;
    }
    let one = |name| Said::One { name, beside: None };
    let labelled = labelled(text);
    if labelled.as_ref().is_some_and(Name::is_whole) {
        return labelled.map_or(Said::Nobody, one);
    }
    let mut candidates = candidates(text);
    if candidates.iter().any(|candidate| {
        candidate.given && candidate.range.len() > 1 && is_denied(text, candidate.range.start)
    }) {
        return Said::Several;
    }
    candidates.retain(|candidate| candidate.score >= ENOUGH);
    if let Some(labelled) = labelled {
        let best = best(&candidates).map(|best| best.range.clone());
        return one(match best {
            Some(range) => labelled.completed(text, range),
            None => labelled,
        });
    }
    drop_repeated(text, &mut candidates);
    let mut joined = false;
    for pair in candidates.windows(2) {
        if let [one, other] = pair {
            joined |= one.given
                && (other.given || other.cued)
                && is_and(text, one.range.end..other.range.start);
        }
    }
    let cued = candidates
        .iter()
        .filter(|candidate| candidate.cued && candidate.given)
        .count();
    let whole = candidates
        .iter()
        .filter(|candidate| candidate.given && candidate.range.len() > 1)
        .count();
    if joined || cued > 1 || twice && whole > 1 {
        return Said::Several;
    }
    let Some(best) = best(&candidates) else {
        return Said::Nobody;
    };
    let beside = beside(text, best.range.end);
    if beside
        .as_ref()
        .is_some_and(|range| is_sought(text, range.end))
    {
        return Said::Several;
    }
    Said::One {
        name: split::split(text, best.range.clone()),
        beside,
    }
}

fn best(candidates: &[Candidate]) -> Option<&Candidate> {
    // The first of the best: `max_by_key` would take the last.
    let top = candidates.iter().map(|candidate| candidate.score).max()?;
    candidates.iter().find(|candidate| candidate.score == top)
}

/// Only "and" stands between, or the words that go with it.
fn is_and(text: &Tokens, between: Range) -> bool {
    let mut and = false;
    for at in between.clone() {
        let word = text.word(at);
        and |= matches!(word, "and" | "y" | "e" | "or" | "o" | "n") || text.mark(at) == Some('&');
        let goes = and_goes(word)
            || text.is(at, Class::RELATION)
            || matches!(text.mark(at), Some('&' | ',' | '(' | ')'));
        if !goes {
            return false;
        }
    }
    and && between.len() <= 6
}

fn and_goes(word: &str) -> bool {
    matches!(
        word,
        "and"
            | "y"
            | "e"
            | "or"
            | "o"
            | "n"
            | "my"
            | "mi"
            | "a"
            | "his"
            | "her"
            | "su"
            | "also"
            | "tambien"
            | "brother"
            | "hermano"
            | "the"
            | "el"
            | "la"
    )
}

/// Drops what is a part of another's name: who is named again.
fn drop_repeated(text: &Tokens, candidates: &mut Vec<Candidate>) {
    let words = |candidate: &Candidate| -> Vec<String> {
        candidate
            .range
            .clone()
            .map(|at| text.word(at).to_owned())
            .filter(|word| !word.is_empty())
            .collect()
    };
    let all: Vec<Vec<String>> = candidates.iter().map(words).collect();
    let mut kept = Vec::new();
    for (index, mine) in all.iter().enumerate() {
        let again = all.iter().enumerate().any(|(other, theirs)| {
            let within = mine.iter().all(|word| theirs.contains(word));
            within && (theirs.len() > mine.len() || other < index && theirs.len() == mine.len())
        });
        kept.push(!again);
    }
    let mut kept = kept.into_iter();
    candidates.retain(|_| kept.next().unwrap_or(true));
}

/// Whether a name goes on after the particles there.
pub fn leads_on(text: &Tokens, mut at: usize) -> bool {
    let last = at + 3;
    while at < last && split::is_particle(text.word(at)) {
        at += 1;
    }
    is_name_word(text, at, false)
}

/// Whether the word there may be part of a name. A word of the lists is one only where it is written as one.
pub fn is_name_word(text: &Tokens, at: usize, labelled: bool) -> bool {
    let word = text.word(at);
    if word.is_empty() || text.is_taken(at) {
        return false;
    }
    if word.chars().count() == 1 {
        // An initial.
        return text.is_capital(at)
            || text.mark(at + 1) == Some('.')
            || text.is_shouting()
            || labelled;
    }
    if !lexicon::is_word(word) {
        // In a text with capitals, a word without one next to words with them is no part of the name.
        let unknown =
            !lexicon::is_given(word) && !lexicon::is_surname(word) && !text.is_capital(at);
        return !(unknown
            && (text.is_capital(at + 1) && !lexicon::is_word(text.word(at + 1))
                || at > 0 && text.is_capital(at - 1) && !lexicon::is_word(text.word(at - 1))));
    }
    let as_name = lexicon::is_given(word) || lexicon::is_surname(word);
    let next = text.word(at + 1);
    let month_or_so = lexicon::is_given(word)
        && !next.is_empty()
        && !lexicon::is_word(next)
        && !text.is_taken(at + 1)
        && text.is_capital(at) == text.is_capital(at + 1)
        && (text.is(at.wrapping_sub(1), Class::RELATION)
            || text.is(at.wrapping_sub(1), Class::NAMING)
            || matches!(text.word_before(at), "is" | "es" | "a"));
    if month_or_so {
        return true;
    }
    as_name
        && text.is_capital(at)
        && (labelled || at > 0 && !text.is_end(at - 1))
        && !text.is(at, Class::RELATION)
}

/// How many words that may be part of a name stand right before.
pub fn words_before(text: &Tokens, at: usize) -> usize {
    (0..at)
        .rev()
        .take_while(|at| is_name_word(text, *at, false))
        .count()
}

/// Rows of words that may be names, each with how sure it is.
fn candidates(text: &Tokens) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let starts = is_name_word(text, at, false)
            || split::is_particle(text.word(at))
                && text.is_capital(at)
                && at > 0
                && leads_on(text, at)
                && !text.is_taken(at);
        if !starts || text.word(at).chars().count() == 1 {
            at += 1;
            continue;
        }
        let range = at..row_end(text, at);
        at = range.end.max(at + 1);
        if let Some(candidate) = weigh(text, range) {
            candidates.push(candidate);
        }
    }
    candidates
}

/// Where the row of name words that begins there ends. One comma may stand between surnames and given names.
fn row_end(text: &Tokens, from: usize) -> usize {
    let mut at = from;
    let mut comma = false;
    let mut words = 0;
    while words < LONGEST {
        if is_name_word(text, at, false) {
            at += 1;
            words += 1;
            // The point after an initial, or after Jr.
            if text.mark(at) == Some('.')
                && text.word_before(at).chars().count() == 1
                && text.is_tight(at)
            {
                at += 1;
            }
            continue;
        }
        if split::is_suffix(text.word(at))
            || split::is_particle(text.word(at))
                && !text.is_taken(at)
                && at > from
                && leads_on(text, at)
                && goes_with(text, at)
            || at == from && split::is_particle(text.word(at))
        {
            at += 1;
            continue;
        }
        let turned = text.mark(at) == Some(',')
            && !comma
            && is_name_word(text, at + 1, false)
            && is_turned(text, from..at, at + 1);
        if turned {
            comma = true;
            at += 1;
            continue;
        }
        break;
    }
    at
}

/// Whether particles belong to the name around them, and not to "de Houston", in a text where capitals tell.
fn goes_with(text: &Tokens, at: usize) -> bool {
    !matches!(text.word(at), "de" | "of") || !lexicon::is_place(text.word(at + 1))
}

/// Whether surnames stand before the comma, and given names after it.
fn is_turned(text: &Tokens, before: Range, after: usize) -> bool {
    let first = text.word(before.start);
    let given = lexicon::is_given(text.word(after));
    let surname = !lexicon::is_given(first) || lexicon::is_surname(first) && before.len() == 1;
    let line_start = before.start == 0
        || text
            .get(before.start - 1)
            .is_some_and(|token| token.kind != Kind::Word);
    (given || line_start && before.len() <= 2 && !text.is(after, Class::WORD)) && surname
}

/// How sure it is that this is the name of who is looked for; `None` when it is somebody else's, or a place's.
fn weigh(text: &Tokens, range: Range) -> Option<Candidate> {
    let at = range.start;
    if own(text, at) || is_someone_else(text, &range) || is_place(text, &range) {
        return None;
    }
    let words = || {
        range
            .clone()
            .filter(|at| !text.word(*at).is_empty() && !split::is_particle(text.word(*at)))
    };
    let count = words().count();
    let given = words().any(|at| lexicon::is_given(text.word(at)));
    let surname = words().any(|at| lexicon::is_surname(text.word(at)));
    let capital = words().all(|at| text.is_capital(at) || text.word(at).contains('-'));
    let cue = cue(text, at);
    if cue == Cue::Other {
        return None;
    }
    let direct = matches!(cue, Cue::Naming | Cue::Relation);
    let known = given || surname || capital || direct && count >= 2 || cue == Cue::Naming;
    if !known {
        return None;
    }
    let mut score = i32::from(count > 1 && stands_alone(text, &range))
        + 2 * i32::from(given)
        + i32::from(surname)
        + 2 * i32::from(capital)
        + 2 * i32::from(count > 1);
    score += match cue {
        Cue::Naming => 5,
        Cue::Relation | Cue::Search => 4,
        Cue::Title => 3,
        Cue::Third => -2,
        Cue::None | Cue::Other => 0,
    };
    Some(Candidate {
        range,
        score,
        given,
        cued: matches!(cue, Cue::Naming | Cue::Relation | Cue::Search) && count > 1,
    })
}
