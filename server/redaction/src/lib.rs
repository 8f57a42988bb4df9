//! Takes from text what identifies a person.
//!
//! Knows nothing of MCP or of the locator: text goes in, text comes out, with each thing that identifies somebody replaced
//! by its kind and a keyed pseudonym, such as `[name:kcvbqtdfhj]`. Equal things get equal pseudonyms as long as the key
//! lives. Hidden is what has a form of its own (numbers, addresses, dates, credentials), what looks like a name, and
//! whatever a [`Seen`] holds, however it is written. [`Guard`] looks at bytes on their way out once more.

mod encoded;
mod fold;
mod forms;
mod guard;
mod kind;
mod known;
mod names;
mod normal;
mod pseudonym;
mod redactor;
mod seen;
mod token;
mod words;

pub use guard::Guard;
pub use kind::Kind;
pub use pseudonym::{Key, KeyError};
pub use redactor::{Cleaned, Redactor};
pub use seen::Seen;

/// How many things of `text` have a form of their own: for the benchmark, which states forms and names each for itself.
#[doc(hidden)]
pub fn forms_in(text: &str) -> usize {
    let folded = fold::Folded::new(text);
    forms::find(&token::Tokens::new(&folded)).len() + forms::credential::find(text.as_bytes()).len()
}
