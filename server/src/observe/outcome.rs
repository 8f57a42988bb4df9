//! How a search ended. "We do not know" is never reported as "not found".

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The nine ways a search ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Outcome {
    /// Exactly one person matches.
    Found,
    /// The site answered that nobody matches.
    NotFound,
    /// More than one person matches.
    Several,
    /// Some lookups were answered, others were not.
    Partial,
    /// The site wants to see a person; a link leads on.
    Challenged,
    /// The site asked us to slow down.
    RateLimited,
    /// The site did not answer, or not in time.
    Unavailable,
    /// The site answered with a page that does not look as expected.
    PageChanged,
    /// The question cannot be asked like this, or is about a child, whom the site never shows: nothing was asked.
    Invalid,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Found,
        Self::NotFound,
        Self::Several,
        Self::Partial,
        Self::Challenged,
        Self::RateLimited,
        Self::Unavailable,
        Self::PageChanged,
        Self::Invalid,
    ];

    /// Its name in answers, labels and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::NotFound => "not_found",
            Self::Several => "several",
            Self::Partial => "partial",
            Self::Challenged => "challenged",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::PageChanged => "page_changed",
            Self::Invalid => "invalid",
        }
    }

    /// Whether the question was answered, be it by "nobody".
    pub const fn is_answer(self) -> bool {
        matches!(
            self,
            Self::Found | Self::NotFound | Self::Several | Self::Partial
        )
    }
}
