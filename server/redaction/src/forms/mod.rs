//! What has a form of its own: numbers, dates, addresses, secrets.

mod address;
pub mod credential;
pub mod date;
mod document;
mod email;
mod group;
mod lookalike;
mod number;
mod numerals;

pub use group::spelled;

use crate::Kind;
use crate::token::Tokens;
use crate::words::Class;

/// Something to hide.
pub struct Finding {
    /// Where it begins in the folded text.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What it is.
    pub kind: Kind,
    /// What it is the same as, if that is not what is written.
    pub value: Option<String>,
}

/// What `tokens` have of it.
pub fn find(tokens: &Tokens) -> Vec<Finding> {
    let mut found = Vec::new();
    email::find(tokens, &mut found);
    let mut groups = Vec::new();
    let mut next = 0;
    for &at in &tokens.telling {
        let token = &tokens.all[at];
        if at < next {
            continue;
        }
        if token.is_digits() || token.class.any(Class::NUMBER) {
            next = number::find(tokens, at, &mut groups, &mut found);
        } else if token.class.any(Class::CALLE) {
            next = address::after_kind(tokens, at, &mut found).unwrap_or(at);
        }
    }
    for &at in &tokens.telling {
        let token = &tokens.all[at];
        if token.is_digits() {
            address::from_number(tokens, at, &mut found);
            document::by_form(tokens, at, &mut found);
            lookalike::find(tokens, at, &mut found);
            continue;
        }
        if token.class.any(Class::MONTH) {
            date::around_month(tokens, at, &mut found);
        }
        if token.class.any(Class::BIRTH) {
            date::year_of_birth(tokens, at, &mut found);
        }
        if token.class.any(Class::DOCUMENT) {
            document::after_cue(tokens, at, &mut found);
        }
        if token.class.any(Class::SECRET) || credential::is_key(tokens, at) {
            credential::after_cue(tokens, at, &mut found);
        }
    }
    found
}
