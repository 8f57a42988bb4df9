//! What the site looks like, as data: a YAML file that ships inside, read once.

use scraper::Selector;
use serde::{Deserialize, Deserializer};

const SHIPPED: &str = include_str!("profile.yaml");

/// The profile of a site.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Profile {
    /// Where things are.
    pub paths: Paths,
    /// What the form calls its fields.
    pub fields: Fields,
    /// The page with the form.
    pub form: Form,
    /// The page with the answer.
    pub results: Results,
    /// On a page that says that the session is over.
    pub session_expired: Css,
    /// On pages that want to see a person; any of them.
    pub challenge: Vec<Css>,
    /// What a question must say.
    pub requires: Requires,
}

/// Where things are on the site.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paths {
    /// The form.
    pub form: String,
    /// Where it is sent to.
    pub search: String,
}

/// What the form calls its fields.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fields {
    /// The CSRF token.
    pub token: String,
    /// The A-number.
    pub alien_number: String,
    /// Given names.
    pub first_name: String,
    /// Surnames.
    pub last_name: String,
    /// Date of birth.
    pub date_of_birth: String,
    /// Country of birth.
    pub country: String,
}

/// The page with the form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// On every such page, or the site has changed.
    pub required: Css,
    /// The token, in the attribute `value`.
    pub token: Css,
}

/// The page with the answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Results {
    /// On every such page, or the site has changed.
    pub required: Css,
    /// On the page that says that nobody matches.
    pub empty: Css,
    /// One for each person.
    pub row: Css,
    /// In a row: the name.
    pub name: Css,
    /// In a row: the A-number.
    pub alien_number: Css,
    /// In a row: the country of birth.
    pub country: Css,
    /// In a row: the status.
    pub status: Css,
    /// In a row: the facility.
    pub facility: Css,
    /// In a row: its telephone number.
    pub facility_phone: Css,
}

/// What a question must say.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requires {
    /// The country of birth.
    pub country: bool,
}

/// A CSS selector.
pub struct Css(pub Selector);

impl<'de> Deserialize<'de> for Css {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Selector::parse(&text)
            .map(Self)
            .map_err(|_| serde::de::Error::custom("not a CSS selector"))
    }
}

impl Profile {
    /// The one that ships inside.
    pub fn shipped() -> Result<Self, serde_saphyr::Error> {
        serde_saphyr::from_str(SHIPPED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_profile_is_well_formed() {
        assert!(Profile::shipped().unwrap().requires.country);
    }

    #[test]
    fn a_selector_that_is_none_is_refused() {
        let broken = SHIPPED.replace(".no-results", ":::");
        assert!(serde_saphyr::from_str::<Profile>(&broken).is_err());
    }
}
