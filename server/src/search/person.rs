//! A person as a search answers them. Identifies somebody: goes into the answer and nowhere else, and cannot be printed.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use crate::locator::Row;
use crate::mcp::Language;

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
    /// What the locator says of their custody.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// Where they are held.
    #[serde(skip_serializing_if = "Option::is_none")]
    facility: Option<Facility>,
    /// How well they match what was asked, 0 to 1.
    score: f64,
    /// Why.
    reasons: Vec<&'static str>,
}

/// A place where people are held.
#[derive(Serialize, JsonSchema)]
pub struct Facility {
    /// As the locator calls it.
    name: String,
    /// Its telephone number, as the locator gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
}

impl Person {
    /// From a row of the site's answer.
    pub fn new(row: &Row, score: f64, reason: &'static str) -> Self {
        let phone = row.facility_phone.clone();
        Self {
            name: row.name.clone(),
            alien_number: row.alien_number.clone(),
            country_of_birth: row.country.clone(),
            status: row.status.clone(),
            facility: row.facility.clone().map(|name| Facility { name, phone }),
            score,
            reasons: vec![reason],
        }
    }

    /// As lines of text.
    pub fn describe(&self, language: Language) -> String {
        let [number, country, facility, phone] = match language {
            Language::En => ["A-number", "country of birth", "facility", "phone"],
            Language::Es => ["número A", "país de nacimiento", "centro", "teléfono"],
        };
        let mut text = self.name.clone();
        let mut add = |label: &str, value: Option<&str>| {
            if let Some(value) = value {
                let _ = write!(text, "; {label}: {value}");
            }
        };
        add(number, self.alien_number.as_deref());
        add(country, self.country_of_birth.as_deref());
        add(
            facility,
            self.facility
                .as_ref()
                .map(|facility| facility.name.as_str()),
        );
        add(
            phone,
            self.facility
                .as_ref()
                .and_then(|facility| facility.phone.as_deref()),
        );
        if let Some(status) = &self.status {
            let _ = write!(text, " ({status})");
        }
        text.push('\n');
        text
    }
}
