//! Somebody invented, and where they are held.

use jiff::civil::Date;
use jiff::{Span, Timestamp, tz::TimeZone};

/// Whoever is younger is not shown.
const GROWN_UP: i64 = 18;

/// Somebody invented.
pub struct Person {
    /// Given names, as the site spells them.
    pub first_name: Box<str>,
    /// Surnames, as the site spells them.
    pub last_name: Box<str>,
    /// Shown with nine digits.
    pub number: u32,
    /// English name of the country of birth.
    pub country: &'static str,
    /// Date of birth.
    pub date_of_birth: Date,
    /// Where they are.
    pub custody: Custody,
}

/// Where somebody is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Custody {
    /// Held at the facility of this place in the list, where it is known.
    Held(Option<u32>),
    /// Released within the last 60 days.
    Released,
}

impl Person {
    /// Whether they were grown up by then.
    pub fn is_adult(&self, today: Date) -> bool {
        let latest = today.saturating_sub(Span::new().years(GROWN_UP));
        self.date_of_birth <= latest
    }
}

/// The date of today, by which age is reckoned.
pub fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// An invented place.
pub struct Facility {
    /// What it is called.
    pub name: Box<str>,
    /// A number of the range kept for fiction: 555-01xx. Empty where there is none.
    pub phone: &'static str,
}

/// Places that every site knows.
const FACILITIES: [(&str, &str); 4] = [
    (
        "Muster Valley Processing Center (invented)",
        "(202) 555-0141",
    ),
    (
        "Ejemplo County Detention Center (invented)",
        "(202) 555-0152",
    ),
    (
        "Sample Ridge Residential Center (invented)",
        "(202) 555-0163",
    ),
    (
        "Placeholder Springs Service Center (invented)",
        "(202) 555-0174",
    ),
];

/// Places that every site knows.
pub fn facilities() -> Vec<Facility> {
    FACILITIES
        .iter()
        .map(|(name, phone)| Facility {
            name: (*name).into(),
            phone,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn telephone_numbers_are_of_the_range_kept_for_fiction() {
        for (_, phone) in FACILITIES {
            assert!(phone.contains("555-01"), "{phone}");
        }
    }

    #[test]
    fn one_is_an_adult_from_the_eighteenth_birthday_on() {
        let born = |date_of_birth| Person {
            first_name: "Ana".into(),
            last_name: "Ejemplo".into(),
            number: 1,
            country: "Guatemala",
            date_of_birth,
            custody: Custody::Released,
        };
        let person = born(date(2008, 11, 26));
        assert!(!person.is_adult(date(2026, 11, 25)));
        assert!(person.is_adult(date(2026, 11, 26)));
        let leap = born(date(2008, 2, 29));
        assert!(!leap.is_adult(date(2026, 2, 28)));
        assert!(leap.is_adult(date(2026, 3, 1)));
    }
}
