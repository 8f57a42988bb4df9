//! The names that may leave.

use std::collections::HashSet;

/// Names that the telemetry itself adds; their values are code, never data.
const OWN: [&str; 2] = ["level", "target"];

/// The names of span attributes and log fields that may leave.
#[derive(Debug)]
pub struct AllowList(HashSet<&'static str>);

impl AllowList {
    pub fn new(names: &[&'static str]) -> Self {
        Self(names.iter().copied().chain(OWN).collect())
    }

    pub fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

/// Longest text value that leaves. Everything on an allow-list is far shorter; what is not was not foreseen.
pub const LONGEST_VALUE: usize = 256;

/// Cuts `text` to [`LONGEST_VALUE`] bytes, at a character's edge.
pub fn shorten(mut text: String) -> String {
    if text.len() > LONGEST_VALUE {
        let end = (0..=LONGEST_VALUE)
            .rev()
            .find(|&at| text.is_char_boundary(at))
            .unwrap_or(0);
        text.truncate(end);
    }
    text
}
