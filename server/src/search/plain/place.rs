//! Places that are on no list: where somebody is from, beside the country. They are no part of a name.

use super::lexicon::{self, Class};
use super::naming::{is_name_word, words_before};
use super::split::is_particle;
use super::token::{Range, Tokens};

/// Words of the longest.
const LONGEST: usize = 4;

/// Places after "from" and "de", with the wider place after a comma; takes their tokens.
pub fn unknown(text: &mut Tokens) -> Vec<Range> {
    let mut places = Vec::new();
    for at in 0..text.len() {
        let Some(end) = end(text, at) else { continue };
        let from = at + 1;
        let wider = row(text, end + 1);
        let end = if text.mark(end) == Some(',') && is_row_of_place(text, &wider) {
            wider.end
        } else {
            end
        };
        text.take(from..end);
        places.push(from..end);
    }
    places
}

/// The end of the place after the word there, where that leads to one.
fn end(text: &Tokens, at: usize) -> Option<usize> {
    let named = words_before(text, at);
    let leads = match text.word(at) {
        "from" => true,
        // A name goes on after "de"; one of two words or more is whole without it.
        "de" => named > 1 || named == 0 && text.is(at.wrapping_sub(1), Class::ORIGIN),
        _ => false,
    };
    let words = row(text, at + 1);
    (leads && is_row_of_place(text, &words)).then_some(words.end)
}

/// The words with capitals there, particles among them.
fn row(text: &Tokens, from: usize) -> Range {
    let mut end = from;
    let article = text.word(from) == "el";
    while end < from + LONGEST
        && !text.is_taken(end)
        && ((article || text.is_capital(end)) && is_name_word(text, end, false)
            || is_particle(text.word(end)) && is_name_word(text, end + 1, false))
    {
        end += 1;
    }
    from..end
}

/// Whether none of these words is one of people's names.
fn is_row_of_place(text: &Tokens, range: &Range) -> bool {
    let mut words = range.clone().map(|at| text.word(at)).peekable();
    let article = words.peek() == Some(&"el");
    let mut names = words.filter(|word| !is_particle(word)).peekable();
    let capital = range
        .clone()
        .any(|at| text.is_capital(at) && !is_particle(text.word(at)));
    names.peek().is_some()
        && (capital || article)
        && names.all(|word| !lexicon::is_surname(word) && (article || !lexicon::is_given(word)))
}
