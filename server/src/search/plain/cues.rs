//! What the words around a name make of it: who is looked for, who writes, a lawyer, a place.

use super::lexicon::{self, Class};
use super::token::{Range, Tokens};

/// Whether a sentence, line or part of one is nothing but this.
pub fn stands_alone(text: &Tokens, range: &Range) -> bool {
    let edge = |at: usize| {
        text.is_end(at)
            || matches!(
                text.mark(at),
                Some(',' | '(' | '-' | '–' | '—' | ':' | '/' | '|')
            )
    };
    (range.start == 0 || edge(range.start - 1)) && edge(range.end)
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cue {
    Naming,
    Relation,
    Search,
    Title,
    Third,
    Other,
    None,
}

/// What the words before a name make of it; the nearest decides.
pub fn cue(text: &Tokens, at: usize) -> Cue {
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
            return if third(text, before) {
                Cue::Third
            } else if named {
                Cue::Naming
            } else {
                Cue::Relation
            };
        }
        if text.is(before, Class::NAMING) {
            named = true;
        } else if text.is(before, Class::TITLE) {
            title = true;
        } else if text.is(before, Class::SEARCH) && !named {
            return Cue::Search;
        } else if is_content(text, before)
            || text.mark(before) == Some(',') && !named && before + 1 < at
        {
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
        return !matches!(
            text.mark(at),
            Some(',' | ':' | '\'' | '"' | '(' | '-' | '“' | '¿' | '—' | '–')
        );
    }
    !lexicon::is_word(word)
        || text.is_taken(at)
        || text.is(at, Class::EVENT)
        || text.is(at, Class::LIVING)
        || matches!(
            word,
            "in" | "en" | "and" | "y" | "with" | "con" | "but" | "pero"
        )
}

/// Somebody's own relative: "his wife", "su esposa".
pub fn third(text: &Tokens, at: usize) -> bool {
    matches!(text.word_before(at), "his" | "her" | "their" | "su" | "sus")
        && text.is(at, Class::RELATION)
}

/// Whether who writes says their own name there.
pub fn own(text: &Tokens, at: usize) -> bool {
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
pub fn is_someone_else(text: &Tokens, range: &Range) -> bool {
    let mut at = range.end;
    if text.mark(at) == Some(',') {
        at += 1;
    }
    let is = matches!(text.word(at), "is" | "es");
    if is {
        at += 1;
    }
    if matches!(
        text.word(at),
        "my" | "mi" | "the" | "el" | "la" | "an" | "our" | "su" | "his" | "her"
    ) {
        at += 1;
    }
    if text.word(at) == "immigration" {
        at += 1;
    }
    text.is(at, Class::OTHER)
        || is
            && matches!(
                text.word(range.end + 1),
                "looking" | "searching" | "trying" | "asking" | "calling"
            )
        || matches!(text.word(range.end), "busca" | "calling" | "llamando")
}

/// Whether it is a place's name: what stands before or after says so.
pub fn is_place(text: &Tokens, range: &Range) -> bool {
    let at = range.start;
    let before = text.word_before(at);
    let kind_after =
        text.is(range.end, Class::PLACE) && !matches!(text.word(range.end), "state" | "estado");
    let given = lexicon::is_given(text.word(at));
    let in_place = matches!(
        before,
        "in" | "en" | "at" | "near" | "cerca" | "from" | "to" | "hacia"
    );
    let of_place =
        before == "de" && at >= 2 && (text.is(at - 2, Class::PLACE) || text.is_taken(at - 2))
            || text.is(at.wrapping_sub(1), Class::PLACE);
    let from = before == "de"
        && !given
        && (at < 2
            || text.is(at - 2, Class::ORIGIN)
            || text.is(at - 2, Class::LIVING)
            || matches!(text.word(at - 2), "es" | "son"));
    kind_after || in_place || of_place || from
}
