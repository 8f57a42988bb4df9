//! The languages of answers.

use schemars::JsonSchema;
use serde::Serialize;

/// The language of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Spanish.
    Es,
}

impl Language {
    /// Its code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }

    /// The text in this language.
    pub const fn of(self, text: Text) -> &'static str {
        match self {
            Self::En => text.en,
            Self::Es => text.es,
        }
    }
}

/// A text in every language.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// English.
    pub en: &'static str,
    /// Spanish.
    pub es: &'static str,
}

/// A text in both languages.
pub const fn text(en: &'static str, es: &'static str) -> Text {
    Text { en, es }
}
