//! What the site looks like, as data: a YAML file that ships inside, read once.

use scraper::{Html, Selector};
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
    /// What the site calls a person's custody.
    pub statuses: Statuses,
    /// On a page that says that the session is over.
    pub session_expired: Css,
    /// Pages that want to see a person.
    pub challenge: Challenge,
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
    /// All on every such page, or the site has changed.
    pub required: Vec<Css>,
    /// The token, in the attribute `value`.
    pub token: Css,
}

/// The page with the answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Results {
    /// All on every such page, or the site has changed.
    pub required: Vec<Css>,
    /// On the page that says that nobody matches.
    pub empty: Css,
    /// One for each person.
    pub row: Css,
    /// In a row: the name, surnames first, then a comma.
    pub name: Css,
    /// In a row: the A-number.
    pub alien_number: Css,
    /// In a row: the country of birth.
    pub country: Css,
    /// In a row: the date of birth.
    pub date_of_birth: Css,
    /// In a row: the status.
    pub status: Css,
    /// In a row: the facility.
    pub facility: Css,
    /// In a row: its telephone number.
    pub facility_phone: Css,
    /// In a row: the link to its page.
    pub facility_link: Css,
}

/// What the site calls a person's custody, whatever the case of its letters.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Statuses {
    /// Held now.
    pub in_custody: Vec<String>,
    /// Held until lately.
    pub released: Vec<String>,
}

/// By what a page that wants to see a person is known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    /// Any of them, on any page.
    pub marks: Vec<Css>,
    /// Any of them, in the text of a page that is otherwise unknown. In lower case.
    pub words: Vec<String>,
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

impl Css {
    /// Whether the page has it.
    pub fn is_on(&self, page: &Html) -> bool {
        page.select(&self.0).next().is_some()
    }
}

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
        let profile = Profile::shipped().unwrap();
        assert!(profile.requires.country);
        // A page that was cut off must lack at least one of the marks.
        assert!(profile.form.required.len() > 1 && profile.results.required.len() > 1);
        let words = profile.challenge.words;
        assert!(words.iter().all(|word| *word == word.to_lowercase()));
    }

    #[test]
    fn a_selector_that_is_none_is_refused() {
        let broken = SHIPPED.replace(".no-results", ":::");
        assert!(serde_saphyr::from_str::<Profile>(&broken).is_err());
    }

    #[test]
    fn a_field_that_is_not_known_is_refused() {
        let misspelt = format!("{SHIPPED}sesionExpired: p\n");
        assert!(serde_saphyr::from_str::<Profile>(&misspelt).is_err());
    }
}
