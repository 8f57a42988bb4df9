//! What the form sends, and what the site takes of it.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::search::country;

/// Longest value of a field, in characters, as the form says itself.
const LONGEST: usize = 100;

static COUNTRIES: LazyLock<HashSet<&str>> = LazyLock::new(|| country::all().collect());

/// What the form sends. Whatever is left out is empty, as a browser would send it. Names somebody: it cannot be printed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Question {
    /// The form's own token.
    pub csrf_token: String,
    /// Nine digits; empty when the question is by name.
    pub a_number: String,
    /// Given names.
    pub first_name: String,
    /// Surnames.
    pub last_name: String,
    /// `YYYY-MM-DD`, or empty.
    pub date_of_birth: String,
    /// A country, as the form spells it.
    pub country: String,
    /// `en` or `es`.
    pub lang: String,
}

impl Question {
    /// Whether it is by number.
    pub fn is_by_number(&self) -> bool {
        !self.a_number.is_empty()
    }

    /// Whether the site takes it at all.
    pub fn is_complete(&self) -> bool {
        let number = &self.a_number;
        let complete = if self.is_by_number() {
            number.len() == 9 && number.bytes().all(|byte| byte.is_ascii_digit())
        } else {
            !self.first_name.trim().is_empty() && !self.last_name.trim().is_empty()
        };
        let fits = [&self.first_name, &self.last_name, &self.date_of_birth]
            .iter()
            .all(|value| value.chars().count() <= LONGEST);
        complete && fits && COUNTRIES.contains(self.country.as_str())
    }
}
