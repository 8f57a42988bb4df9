//! What was understood, as data that goes into the answer, and what has to be asked back.

use schemars::JsonSchema;
use serde::Serialize;

use super::spans;
use super::token::{Range, Tokens};
use crate::language::Language;

/// What was understood of a text. Identifies somebody: goes into the answer and nowhere else, and cannot be printed.
#[derive(Default, Serialize, JsonSchema)]
pub struct Understood {
    /// The language of the text, where it can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// All given names, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<Part>,
    /// What the text calls a middle name, or an initial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<Part>,
    /// All surnames, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<Part>,
    /// Where given names and surnames part may be read in two ways: the other one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_reading: Option<OtherReading>,
    /// Nine digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alien_number: Option<Part>,
    /// YYYY-MM-DD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<Part>,
    /// Not searched by, and never made a date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<Age>,
    /// As the locator calls it; with `or` between a few of which it may be any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_of_birth: Option<Part>,
    /// How the person is related to who writes. Not searched by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<&'static str>,
    /// What the text says besides and the search does not go by: places, years and ages, people who are only mentioned.
    pub not_used: Vec<NotUsed>,
}

impl Understood {
    /// What a search may go by, and what it is.
    pub fn values(&self) -> impl Iterator<Item = (Field, &str)> {
        [
            (Field::FirstName, &self.first_name),
            (Field::MiddleName, &self.middle_name),
            (Field::LastName, &self.last_name),
            (Field::AlienNumber, &self.alien_number),
            (Field::DateOfBirth, &self.date_of_birth),
            (Field::CountryOfBirth, &self.country_of_birth),
        ]
        .into_iter()
        .filter_map(|(field, part)| Some((field, part.as_ref()?.value.as_str())))
    }
}

/// Something that was understood, and the words that it comes from.
#[derive(Serialize, JsonSchema)]
pub struct Part {
    /// What it is.
    pub value: String,
    /// Where it stands in the query; nowhere, where an argument said it.
    pub from: Vec<Span>,
}

/// Words of the query: places of characters, counted from 0.
#[derive(Serialize, JsonSchema)]
pub struct Span {
    /// The first.
    pub start: usize,
    /// After the last.
    pub end: usize,
}

/// Another way to tell given names from surnames.
#[derive(Serialize, JsonSchema)]
pub struct OtherReading {
    /// Given names.
    pub first_name: String,
    /// Surnames.
    pub last_name: String,
}

/// An age.
#[derive(Serialize, JsonSchema)]
pub struct Age {
    /// In years.
    pub years: u8,
    /// Where it stands in the query.
    pub from: Vec<Span>,
}

/// Something that is not searched by.
#[derive(Serialize, JsonSchema)]
pub struct NotUsed {
    /// As written.
    pub text: String,
    /// Where it stands in the query.
    pub from: Vec<Span>,
}

/// Something to ask back. The options may identify somebody.
pub struct Ask {
    /// What about.
    pub field: Field,
    /// Why.
    pub why: Why,
    /// What it may be, where there is a choice.
    pub options: Vec<String>,
}

impl Ask {
    /// Whether there is no search without an answer. Somebody may know no more than the year of a birth.
    pub fn blocks(&self) -> bool {
        self.why != Why::Incomplete
    }
}

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Field {
    /// Given names.
    FirstName,
    /// A middle name.
    MiddleName,
    /// Surnames.
    LastName,
    /// The birth date.
    DateOfBirth,
    /// The country of birth.
    CountryOfBirth,
    /// The A-number.
    AlienNumber,
    /// Which of several people.
    Person,
}

impl Field {
    /// Its name as an argument.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstName => "first_name",
            Self::MiddleName => "middle_name",
            Self::LastName => "last_name",
            Self::DateOfBirth => "date_of_birth",
            Self::CountryOfBirth => "country_of_birth",
            Self::AlienNumber => "alien_number",
            Self::Person => "person",
        }
    }
}

/// Why something is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Why {
    /// The text does not say it.
    Missing,
    /// The text can be read in several ways.
    Ambiguous,
    /// The text says several.
    Several,
    /// A part of it is missing. The search does without.
    Incomplete,
    /// There is no such thing.
    Impossible,
    /// It may be a country, or a state of the U.S.
    State,
    /// The text says more than a search takes.
    TooMany,
}

/// Something that may be corrected.
pub struct Suggestion {
    /// What.
    pub tip: Tip,
    /// As what it was read, or what it may be.
    pub value: Option<String>,
}

/// What may be corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Tip {
    /// The country's name is misspelt.
    Country,
    /// The month's name is misspelt.
    Month,
    /// The A-number has fewer digits than nine.
    Padded,
    /// The A-number has letters that look like digits.
    Digits,
    /// A number is written as a Social Security number is.
    SocialSecurity,
    /// The person is a minor.
    Minor,
    /// The number finds nobody, and the name was not searched for.
    ByName,
    /// Given names and surnames may part elsewhere.
    OtherReading,
}

impl Part {
    pub(super) fn new(text: &Tokens, value: String, ranges: &[Range]) -> Self {
        Self {
            value,
            from: spans(text, ranges),
        }
    }

    pub(super) fn told(value: String) -> Self {
        Self {
            value,
            from: Vec::new(),
        }
    }
}
