//! Who is looked for, among all the people that a text names: who writes, lawyers, officers. A name is only what stands in the text
//! as one; between two who may be meant nobody is chosen.

use super::lexicon::{self, Class};
use super::split::{self, Name};
use super::token::{Kind, Range, Tokens};

/// Enough to take words for the name of who is looked for.
const ENOUGH: i32 = 5;
/// Words of the longest name that is not labelled.
const LONGEST: usize = 8;

/// What the text says of the name.
pub enum Said {
    /// One person's.
    One(Name),
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
    let labelled = labelled(text);
    if labelled.as_ref().is_some_and(Name::is_whole) {
        return labelled.map_or(Said::Nobody, Said::One);
    }
    let mut candidates = candidates(text);
    candidates.retain(|candidate| candidate.score >= ENOUGH);
    if let Some(labelled) = labelled {
        let best = best(&candidates).map(|best| best.range.clone());
        return Said::One(match best {
            Some(range) => labelled.completed(text, range),
            None => labelled,
        });
    }
    drop_repeated(text, &mut candidates);
    let mut joined = false;
    for pair in candidates.windows(2) {
        if let [one, other] = pair {
            joined |= one.given && (other.given || other.cued) && is_and(text, one.range.end..other.range.start);
        }
    }
    let cued = candidates.iter().filter(|candidate| candidate.cued && candidate.given).count();
    let whole = candidates.iter().filter(|candidate| candidate.given && candidate.range.len() > 1).count();
    if joined || cued > 1 || twice && whole > 1 {
        return Said::Several;
    }
    match best(&candidates) {
        Some(best) => Said::One(split::split(text, best.range.clone())),
        None => Said::Nobody,
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
        let goes = and_goes(word) || text.is(at, Class::RELATION) || matches!(text.mark(at), Some('&' | ',' | '(' | ')'));
        if !goes {
            return false;
        }
    }
    and && between.len() <= 6
}

fn and_goes(word: &str) -> bool {
    matches!(word, "and" | "y" | "e" | "or" | "o" | "n" | "my" | "mi" | "a" | "his" | "her" | "su" | "also" | "tambien" | "brother" | "hermano" | "the" | "el" | "la")
}

/// Drops what is a part of another's name: who is named again.
fn drop_repeated(text: &Tokens, candidates: &mut Vec<Candidate>) {
    let words = |candidate: &Candidate| -> Vec<String> {
        candidate.range.clone().map(|at| text.word(at).to_owned()).filter(|word| !word.is_empty()).collect()
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

/// Names with a label before each part: `Apellidos: … Nombre: …`.
fn labelled(text: &mut Tokens) -> Option<Name> {
    let mut name = Name::default();
    let has_last = (0..text.len()).any(|at| label(text, at).is_some_and(|(part, _)| part == Part::Last));
    let mut at = 0;
    while at < text.len() {
        let Some((part, from)) = label(text, at) else {
            at += 1;
            continue;
        };
        let part = if part == Part::Full && has_last { Part::First } else { part };
        let range = value(text, from, part);
        at = from.max(at + 1);
        if range.is_empty() || own(text, range.start) || third(text, at) {
            continue;
        }
        match part {
            Part::First => name.first.get_or_insert_with(Vec::new).push(range.clone()),
            Part::Middle => name.middle.get_or_insert_with(Vec::new).push(range.clone()),
            Part::Last => name.last.get_or_insert_with(Vec::new).push(range.clone()),
            Part::Full => continue,
        }
        at = range.end;
    }
    // A first name said once is not said again.
    for ranges in [&mut name.first, &mut name.middle].into_iter().flatten() {
        ranges.truncate(1);
    }
    if let Some(last) = &mut name.last {
        last.truncate(2);
        let again = matches!(&last[..], [one, other] if text.written(one.clone()).to_lowercase() == text.written(other.clone()).to_lowercase());
        if again {
            last.truncate(1);
        }
    }
    (name.first.is_some() || name.last.is_some()).then_some(name)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    First,
    Middle,
    Last,
    Full,
}

/// The label there, and where what it labels begins.
fn label(text: &Tokens, at: usize) -> Option<(Part, usize)> {
    let (part, mut end) = match (text.word(at), text.word(at + 1)) {
        ("first" | "given", "name" | "names") | ("primer", "nombre") => (Part::First, at + 2),
        ("last" | "family" | "sur", "name" | "names") | ("primer" | "segundo" | "sus" | "2do" | "ultimo", "apellido" | "apellidos" | "apeyido") => (Part::Last, at + 2),
        ("middle", "name" | "initial") | ("segundo", "nombre") => (Part::Middle, at + 2),
        ("firstname", _) => (Part::First, at + 1),
        ("lastname" | "surname" | "surnames" | "apellido" | "apellidos" | "apeyido" | "apeyidos" | "apellida", _) => (Part::Last, at + 1),
        ("nombre" | "nombres" | "name" | "names", _) => (Part::Full, at + 1),
        _ => return None,
    };
    // "Her name is", "su nombre completo es": the words between label and name.
    let last = end + 5;
    while end < last {
        let filler = matches!(text.word(end), "is" | "are" | "es" | "son" | "was" | "paterno" | "materno" | "s" | "de" | "pila" | "completo" | "completos" | "nombre" | "name" | "names" | "apellido" | "apellidos" | "first" | "last")
            && text.word(end) != "de"
            || text.says(end, &["de", "pila"])
            || matches!(text.mark(end), Some(':' | '=' | '-' | '/' | '(' | ')' | '–' | '—' | '\'' | '"' | '“' | '*' | '.'))
            || text.get(end).is_some_and(|token| token.kind == Kind::Line) && end > at + 1 && text.mark(end - 1) == Some(':');
        if !filler || label_starts(text, end) {
            break;
        }
        end += 1;
    }
    Some((part, end))
}

fn label_starts(text: &Tokens, at: usize) -> bool {
    matches!((text.word(at), text.word(at + 1)), ("first" | "last" | "middle", "name" | "names"))
}

/// The words that a label labels.
fn value(text: &Tokens, from: usize, part: Part) -> Range {
    let mut end = from;
    while end < text.len() && end - from < LONGEST {
        let particle = split::is_particle(text.word(end)) && !text.is_taken(end);
        let takes = is_name_word(text, end, true) || particle && part != Part::First && leads_on(text, end) || particle && end > from && leads_on(text, end);
        if !takes {
            break;
        }
        end += 1;
    }
    from..end
}

/// Whether a name goes on after the particles there.
fn leads_on(text: &Tokens, mut at: usize) -> bool {
    let last = at + 3;
    while at < last && split::is_particle(text.word(at)) {
        at += 1;
    }
    is_name_word(text, at, false)
}

/// Whether the word there may be part of a name. A word of the lists is one only where it is written as one.
fn is_name_word(text: &Tokens, at: usize, labelled: bool) -> bool {
    let word = text.word(at);
    if word.is_empty() || text.is_taken(at) {
        return false;
    }
    if word.chars().count() == 1 {
        // An initial.
        return text.is_capital(at) || text.mark(at + 1) == Some('.') || text.is_shouting() || labelled;
    }
    if !lexicon::is_word(word) {
        // In a text with capitals, a word without one next to words with them is no part of the name.
        let unknown = !lexicon::is_given(word) && !lexicon::is_surname(word) && !text.is_capital(at);
        return !(unknown && (text.is_capital(at + 1) && !lexicon::is_word(text.word(at + 1)) || at > 0 && text.is_capital(at - 1) && !lexicon::is_word(text.word(at - 1))));
    }
    let as_name = lexicon::is_given(word) || lexicon::is_surname(word);
    let next = text.word(at + 1);
    let month_or_so = lexicon::is_given(word) && !next.is_empty() && !lexicon::is_word(next) && !text.is_taken(at + 1)
        && text.is_capital(at) == text.is_capital(at + 1)
        && (text.is(at.wrapping_sub(1), Class::RELATION) || text.is(at.wrapping_sub(1), Class::NAMING) || matches!(text.word_before(at), "is" | "es" | "a"));
    if month_or_so {
        return true;
    }
    as_name && text.is_capital(at) && (labelled || at > 0 && !text.is_end(at - 1)) && !text.is(at, Class::RELATION)
}

/// Rows of words that may be names, each with how sure it is.
fn candidates(text: &Tokens) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let starts = is_name_word(text, at, false)
            || split::is_particle(text.word(at)) && text.is_capital(at) && at > 0 && leads_on(text, at) && !text.is_taken(at);
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
            if text.mark(at) == Some('.') && text.word_before(at).chars().count() == 1 && text.is_tight(at) {
                at += 1;
            }
            continue;
        }
        if split::is_suffix(text.word(at)) || split::is_particle(text.word(at)) && !text.is_taken(at) && at > from && leads_on(text, at) && goes_with(text, at)
            || at == from && split::is_particle(text.word(at))
        {
            at += 1;
            continue;
        }
        let turned = text.mark(at) == Some(',') && !comma && is_name_word(text, at + 1, false) && is_turned(text, from..at, at + 1);
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
    let line_start = before.start == 0 || text.get(before.start - 1).is_some_and(|token| token.kind != Kind::Word);
    (given || line_start && before.len() <= 2 && !text.is(after, Class::WORD)) && surname
}

/// How sure it is that this is the name of who is looked for; `None` when it is somebody else's, or a place's.
fn weigh(text: &Tokens, range: Range) -> Option<Candidate> {
    let at = range.start;
    if own(text, at) || is_someone_else(text, &range) || is_place(text, &range) {
        return None;
    }
    let words = || range.clone().filter(|at| !text.word(*at).is_empty() && !split::is_particle(text.word(*at)));
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
    let mut score = i32::from(count > 1 && stands_alone(text, &range)) + 2 * i32::from(given) + i32::from(surname) + 2 * i32::from(capital) + 2 * i32::from(count > 1);
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

/// Whether a sentence, line or part of one is nothing but this.
fn stands_alone(text: &Tokens, range: &Range) -> bool {
    let edge = |at: usize| text.is_end(at) || matches!(text.mark(at), Some(',' | '(' | '-' | '–' | '—' | ':' | '/' | '|'));
    (range.start == 0 || edge(range.start - 1)) && edge(range.end)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cue {
    Naming,
    Relation,
    Search,
    Title,
    Third,
    Other,
    None,
}

/// What the words before a name make of it; the nearest decides.
fn cue(text: &Tokens, at: usize) -> Cue {
    let mut named = false;
    let mut title = false;
    for before in (at.saturating_sub(8)..at).rev() {
        if text.is_end(before) {
            break;
        }
        if text.is(before, Class::OTHER) || text.is(before, Class::NICKNAME) {
            return Cue::Other;
        }
        if text.is(before, Class::SIGNATURE) {
            return Cue::Other;
        }
        if text.is(before, Class::RELATION) {
            return if third(text, before) { Cue::Third } else if named { Cue::Naming } else { Cue::Relation };
        }
        if text.is(before, Class::NAMING) {
            named = true;
        } else if text.is(before, Class::TITLE) {
            title = true;
        } else if text.is(before, Class::SEARCH) && !named {
            return Cue::Search;
        } else if text.mark(before) == Some(',') && !named && before + 1 < at {
            break;
        } else if is_content(text, before) {
            break;
        }
    }
    if named {
        Cue::Naming
    } else if title {
        Cue::Title
    } else {
        Cue::None
    }
}

/// Whether a word says more than "the", "is", "to".
fn is_content(text: &Tokens, at: usize) -> bool {
    let word = text.word(at);
    if word.is_empty() {
        return !matches!(text.mark(at), Some(',' | ':' | '\'' | '"' | '(' | '-' | '“' | '¿' | '—' | '–'));
    }
    !lexicon::is_word(word)
        || text.is_taken(at)
        || text.is(at, Class::EVENT)
        || text.is(at, Class::LIVING)
        || matches!(word, "in" | "en" | "and" | "y" | "with" | "con" | "but" | "pero")
}

/// Somebody's own relative: "his wife", "su esposa".
fn third(text: &Tokens, at: usize) -> bool {
    matches!(text.word_before(at), "his" | "her" | "their" | "su" | "sus")
        && text.is(at, Class::RELATION)
}

/// Whether who writes says their own name there.
fn own(text: &Tokens, at: usize) -> bool {
    const BEFORE: [&[&str]; 14] = [
        &["my", "name", "is"],
        &["my", "names"],
        &["my", "name"],
        &["i", "am"],
        &["i'm"],
        &["im"],
        &["me", "llamo"],
        &["mi", "nombre", "es"],
        &["mi", "nombre"],
        &["soy"],
        &["habla"],
        &["this", "is"],
        &["le", "escribe"],
        &["les", "escribe"],
    ];
    let mut from = at;
    while from > 0 && (text.is(from - 1, Class::TITLE) || text.mark(from - 1) == Some(':')) {
        from -= 1;
    }
    BEFORE.iter().any(|words| text.said_before(from, words))
        || text.is(at.wrapping_sub(1), Class::SIGNATURE)
        || at >= 2 && text.is(at - 2, Class::SIGNATURE) && text.word(at - 1).is_empty()
}

/// Whether the words after a name say that it is a lawyer's, or of who looks.
fn is_someone_else(text: &Tokens, range: &Range) -> bool {
    let mut at = range.end;
    if text.mark(at) == Some(',') {
        at += 1;
    }
    let is = matches!(text.word(at), "is" | "es");
    if is {
        at += 1;
    }
    if matches!(text.word(at), "my" | "mi" | "the" | "el" | "la" | "an" | "our" | "su" | "his" | "her") {
        at += 1;
    }
    if text.word(at) == "immigration" {
        at += 1;
    }
    text.is(at, Class::OTHER)
        || is && matches!(text.word(range.end + 1), "looking" | "searching" | "trying" | "asking" | "calling")
        || matches!(text.word(range.end), "busca" | "calling" | "llamando")
}

/// Whether it is a place's name: what stands before or after says so.
fn is_place(text: &Tokens, range: &Range) -> bool {
    let at = range.start;
    let before = text.word_before(at);
    let kind_after = text.is(range.end, Class::PLACE) && !matches!(text.word(range.end), "state" | "estado");
    let given = lexicon::is_given(text.word(at));
    let in_place = matches!(before, "in" | "en" | "at" | "near" | "cerca" | "from" | "to" | "hacia");
    let of_place = before == "de" && at >= 2 && (text.is(at - 2, Class::PLACE) || text.is_taken(at - 2))
        || text.is(at.wrapping_sub(1), Class::PLACE);
    let from = before == "de" && !given && (at < 2 || text.is(at - 2, Class::ORIGIN) || text.is(at - 2, Class::LIVING) || matches!(text.word(at - 2), "es" | "son"));
    kind_after || in_place || of_place || from
}
