//! A person as a search answers them. Identifies somebody: goes into the answer and nowhere else, and cannot be printed.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::score::{Reason, Score};
use super::shown::shown;
use crate::language::{Language, Text, text};
use crate::locator::{Row, Status};

/// Somebody whom the locator shows.
#[derive(Serialize, JsonSchema)]
pub struct Person {
    /// As the locator spells it: surnames, given names.
    name: String,
    /// Nine digits, where the locator shows them.
    #[serde(skip_serializing_if = "Option::is_none")]
    alien_number: Option<String>,
    /// As the locator calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    country_of_birth: Option<String>,
    /// YYYY-MM-DD, where the locator shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    date_of_birth: Option<String>,
    /// What the locator says of their custody: `in_custody`, `released` (lately), or words of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// Where they are held.
    #[serde(skip_serializing_if = "Option::is_none")]
    facility: Option<Facility>,
    /// How well they match what was asked, 0 to 1.
    score: f64,
    /// Why.
    reasons: Vec<Reason>,
}

/// A place where people are held.
#[derive(Serialize, JsonSchema)]
pub struct Facility {
    /// As the locator calls it.
    name: String,
    /// Its telephone number, as the locator gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    /// Its page, with visiting hours and address.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

const IN_CUSTODY: &str = "in_custody";
/// How it is told that somebody is no longer held.
pub const RELEASED: &str = "released";

const LABELS: [Text; 6] = [
    text("A-number", "número A"),
    text("country of birth", "país de nacimiento"),
    text("date of birth", "fecha de nacimiento"),
    text("facility", "centro"),
    text("phone", "teléfono"),
    text("more about the facility", "más sobre el centro"),
];

impl Person {
    /// From a row of the site's answer.
    pub fn new(row: &Row, score: Score) -> Self {
        let name = match row.first.as_str() {
            "" => row.last.clone(),
            first => format!("{}, {first}", row.last),
        };
        let status = row.status.as_ref().map(|status| match status {
            Status::InCustody => IN_CUSTODY.to_owned(),
            Status::Released => RELEASED.to_owned(),
            Status::Other(words) => words.clone(),
        });
        Self {
            name,
            alien_number: row.alien_number.clone(),
            country_of_birth: row.country.clone(),
            date_of_birth: row.date_of_birth.map(|date| date.to_string()),
            status,
            facility: row.facility.clone().map(|name| Facility {
                name,
                phone: row.facility_phone.clone(),
                url: row.facility_link.clone(),
            }),
            score: score.value,
            reasons: score.reasons,
        }
    }

    /// How well they match.
    pub fn score(&self) -> f64 {
        self.score
    }

    /// Whether the search would have to know their birth date and does not.
    pub fn lacks_birth_date(&self) -> bool {
        self.reasons.contains(&Reason::BirthDateNotShown)
    }

    /// What the locator says of their custody.
    pub fn status(&self) -> Option<&str> {
        self.status.as_deref()
    }

    /// Whether the locator says where they are.
    pub fn has_facility(&self) -> bool {
        self.facility.is_some()
    }

    /// Whether neither number nor birth date says that they are the one.
    pub fn is_known_by_name_only(&self) -> bool {
        let surer = |reason| matches!(reason, &Reason::SameAlienNumber | &Reason::SameBirthDate);
        !self.reasons.iter().any(surer)
    }

    /// Whether the birth date that the site shows is not the one asked for, be it by a slip.
    pub fn contradicts_birth_date(&self) -> bool {
        self.reasons.iter().any(|reason| {
            matches!(
                reason,
                Reason::BirthDateSwapped | Reason::BirthDateClose | Reason::BirthDateDiffers
            )
        })
    }

    /// As lines of text.
    pub fn describe(&self, language: Language) -> String {
        let facility = self.facility.as_ref();
        let values = [
            self.alien_number.as_deref(),
            self.country_of_birth.as_deref(),
            self.date_of_birth.as_deref(),
            facility.map(|facility| facility.name.as_str()),
            facility.and_then(|facility| facility.phone.as_deref()),
            facility.and_then(|facility| facility.url.as_deref()),
        ];
        let mut line = shown(&self.name);
        for (label, value) in LABELS.into_iter().zip(values) {
            if let Some(value) = value {
                let _ = write!(line, "; {}: {}", language.of(label), shown(value));
            }
        }
        if let Some(status) = &self.status {
            let known = match status.as_str() {
                IN_CUSTODY => language.of(text("in custody", "bajo custodia")),
                RELEASED => {
                    language.of(text("not in custody any more", "ya no está bajo custodia"))
                }
                words => words,
            };
            let _ = write!(line, " ({})", shown(known));
        }
        let reasons: Vec<_> = self
            .reasons
            .iter()
            .map(|reason| reason.text(language))
            .collect();
        let matches = language.of(text("match", "coincidencia"));
        let percent = self.score * 100.0;
        let _ = writeln!(
            line,
            "\n  {matches}: {percent:.0} % ({})",
            reasons.join("; ")
        );
        line
    }
}
