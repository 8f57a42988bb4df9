//! Who is named beside who is looked for: both of two, somebody's wife, somebody who is not meant. Nobody of them is dropped without
//! a word.

use super::lexicon::{self, Class};
use super::naming::is_name_word;
use super::token::{Range, Tokens};

/// Whether the text says of several people that they are both from, or held, somewhere.
pub fn is_both(text: &Tokens) -> bool {
    (0..text.len()).any(|at| {
        let end = match text.word(at) {
            "both" | "ambos" | "ambas" => at + 1,
            "los" | "las" if text.word(at + 1) == "dos" => at + 2,
            _ => return false,
        };
        (0..at).any(|at| matches!(text.word(at), "and" | "y" | "e") || text.mark(at) == Some('&'))
            && is_sought(text, end)
    })
}

/// Whether the name there is said not to be the one: "not José Muestra", "no es José Muestra".
pub fn is_denied(text: &Tokens, at: usize) -> bool {
    matches!(text.word_before(at), "not" | "no")
        || [
            &["no", "es"][..],
            &["no", "a"],
            &["not", "for"],
            &["no", "se", "llama"],
            &["not", "named"],
        ]
        .iter()
        .any(|words| text.said_before(at, words))
}

/// Somebody who is mentioned with "and" after the name that ends there: "and his wife", "y María".
pub fn beside(text: &Tokens, end: usize) -> Option<Range> {
    const FAR: usize = 6;
    let goes = |at: &usize| {
        text.is_taken(*at)
            || matches!(text.word(*at), "de" | "from")
            || matches!(text.mark(*at), Some(',' | '(' | ')'))
    };
    let and = (end..end + FAR)
        .take_while(|at| !text.is_end(*at))
        .find(|at| !goes(at))?;
    if !matches!(text.word(and), "and" | "y" | "e") && text.mark(and) != Some('&') {
        return None;
    }
    let is_small = |word: &str| {
        is_possessive(word) || matches!(word, "a" | "also" | "tambien" | "the" | "el" | "la")
    };
    let who = (and + 1..and + FAR).find(|at| !is_small(text.word(*at)))?;
    let word = text.word(who);
    // "Ortega y Gasset" has two surnames.
    let named =
        lexicon::is_given(word) && !lexicon::is_surname(word) && is_name_word(text, who, false);
    (named || text.is(who, Class::RELATION)).then_some(and + 1..who + 1)
}

fn is_possessive(word: &str) -> bool {
    matches!(
        word,
        "my" | "mi" | "mis" | "his" | "her" | "their" | "su" | "sus"
    )
}

/// Whether what follows on somebody who was mentioned is what is said of who is looked for: nothing more, a name, where they are
/// from or held; and not what they think or do.
pub fn is_sought(text: &Tokens, at: usize) -> bool {
    text.is_end(at)
        || text.is_taken(at)
        || matches!(text.mark(at), Some(',' | ')' | '('))
        || is_name_word(text, at, false)
        || text.is(at, Class::EVENT)
        || is_possessive(text.word(at))
        || matches!(
            text.word(at),
            "from"
                | "de"
                | "both"
                | "ambos"
                | "ambas"
                | "are"
                | "were"
                | "son"
                | "fueron"
                | "estan"
                | "held"
                | "detenidos"
                | "detenidas"
                | "arrestados"
                | "born"
                | "nacidos"
                | "nacidas"
                | "in"
                | "en"
                | "at"
        )
}
