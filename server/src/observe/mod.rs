//! What a call leaves behind: one event, redacted in one place, handed to every sink.

pub mod catalogue;
mod outcome;

pub use outcome::Outcome;
