//! What the site looks like and what it allows, as data: a YAML file that ships inside, or one of the operator's own in its
//! place. Every error names its field by its path and says the way out.

mod check;
pub mod command;
mod dates;
mod mend;
pub mod reading;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time;

use icelocator_config::{Duration, FieldError};
use scraper::{Html, Selector};
use serde::{Deserialize, Deserializer};

pub use self::dates::Dates;

/// The profile that ships inside, as it is written.
pub const SHIPPED: &str = include_str!("shipped.yaml");

/// Largest profile that is read.
const LARGEST: u64 = 256 * 1024;
/// Longest selector.
const LONGEST_SELECTOR: usize = 500;

/// Why a profile was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be read.
    #[error("cannot read the profile {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no profile.
    #[error("the profile is larger than 256 KiB: no profile is")]
    TooLarge,
    /// The text is not YAML.
    #[error("the profile is not YAML: {0}")]
    Syntax(String),
    /// Fields that are unknown, do not parse or make no sense, one a line.
    #[error("{}", lines(.0))]
    Invalid(Vec<FieldError>),
}

fn lines(errors: &[FieldError]) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// The profile of a site.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// Version of this form of file: 1.
    #[serde(default = "first")]
    pub version: u32,
    /// Where things are.
    pub paths: Paths,
    /// What the form calls its fields.
    pub fields: Fields,
    /// The page with the form.
    pub form: Form,
    /// The page with the answer.
    pub results: Results,
    /// Answers on several pages. Without it every answer is whole on one.
    #[serde(default)]
    pub paging: Option<Paging>,
    /// What the site calls a person's custody.
    pub statuses: Statuses,
    /// How the site writes dates.
    #[serde(default)]
    pub dates: Dates,
    /// On a page that says that the session is over.
    pub session_expired: Css,
    /// The session with the site.
    #[serde(default)]
    pub session: Session,
    /// Pages that want to see a person.
    pub challenge: Challenge,
    /// What the site allows and wants.
    pub requires: Requires,
    /// How long the site may take.
    #[serde(default)]
    pub timeouts: Timeouts,
}

/// Where things are on the site.
#[derive(Deserialize)]
pub struct Paths {
    /// The form.
    pub form: String,
    /// Where it is sent to.
    pub search: String,
}

/// What the form calls its fields.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
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
    /// Fields that are sent with every question, and what with.
    #[serde(default)]
    pub extra: BTreeMap<String, String>,
}

/// The page with the form.
#[derive(Deserialize)]
pub struct Form {
    /// All on every such page, or the site has changed.
    pub required: Vec<Css>,
    /// The token, in the attribute `value`.
    pub token: Css,
}

/// The page with the answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
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
    /// Hosts to which that link may lead beside the site's own.
    #[serde(default)]
    pub link_hosts: Vec<String>,
}

/// Answers on several pages.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Paging {
    /// The link to the next page, where there is one.
    pub next: Css,
    /// Where the page says how many people there are on all of them.
    #[serde(default)]
    pub total: Option<Css>,
    /// The attribute that holds that number. Without it: the first number in the text.
    #[serde(default)]
    pub total_attribute: Option<String>,
}

/// What the site calls a person's custody, whatever the case of its letters.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statuses {
    /// Held now.
    pub in_custody: Vec<String>,
    /// Held until lately.
    pub released: Vec<String>,
}

/// The session with the site.
#[derive(Default, Deserialize)]
pub struct Session {
    /// How long a token is used. Without it: until the site says that the session is over.
    #[serde(default)]
    pub lifetime: Option<Duration>,
}

/// By what a page that wants to see a person is known.
#[derive(Deserialize)]
pub struct Challenge {
    /// Any of them, on any page.
    pub marks: Vec<Css>,
    /// Any of them, in the text of a page that is otherwise unknown. In lower case.
    pub words: Vec<String>,
}

/// What the site allows and wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Requires {
    /// A question must say the country of birth.
    pub country: bool,
    /// How many digits an A-number has there.
    #[serde(default = "nine")]
    pub digits: usize,
    /// It shows nobody under 18: for a child it is not asked.
    #[serde(default = "yes")]
    pub adults_only: bool,
    /// It finds a name only as it is written. Where it does not, it is not asked for names that sound or are spelled nearly
    /// alike: it shows them by itself.
    #[serde(default = "yes")]
    pub exact_names: bool,
}

/// How long the site may take.
#[derive(Deserialize)]
pub struct Timeouts {
    /// To be reached.
    #[serde(default = "connect")]
    pub connect: Duration,
    /// For one page. Without it: as long as the lookup may.
    #[serde(default)]
    pub request: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: connect(),
            request: None,
        }
    }
}

fn first() -> u32 {
    1
}

fn nine() -> usize {
    9
}

fn yes() -> bool {
    true
}

fn connect() -> Duration {
    Duration::from_secs(10)
}

/// A CSS selector.
pub struct Css {
    selector: Selector,
    text: String,
}

impl Css {
    /// What looks for it.
    pub fn selector(&self) -> &Selector {
        &self.selector
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the page has it.
    pub fn is_on(&self, page: &Html) -> bool {
        page.select(&self.selector).next().is_some()
    }
}

impl<'de> Deserialize<'de> for Css {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let selector = (text.len() <= LONGEST_SELECTOR)
            .then(|| Selector::parse(&text).ok())
            .flatten();
        selector
            .map(|selector| Self { selector, text })
            .ok_or_else(|| {
                serde::de::Error::custom(
                    "not a CSS selector: write one of at most 500 characters, such as `main .name`",
                )
            })
    }
}

impl Profile {
    /// The one that ships inside.
    pub fn shipped() -> Result<Self, Error> {
        Self::from_yaml(SHIPPED)
    }

    /// Reads and checks a file.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let mut text = String::new();
        File::open(path)
            .and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text))
            .map_err(|source| Error::Read {
                path: path.to_owned(),
                source,
            })?;
        Self::from_yaml(&text)
    }

    /// Reads and checks a profile.
    pub fn from_yaml(text: &str) -> Result<Self, Error> {
        if text.len() as u64 > LARGEST {
            return Err(Error::TooLarge);
        }
        let (profile, errors) = mend::read(text)?;
        match profile {
            Some(profile) if errors.is_empty() => Ok(profile),
            _ => Err(Error::Invalid(errors)),
        }
    }

    /// Longest time for one page, within what is left.
    pub fn longest_request(&self) -> Option<time::Duration> {
        self.timeouts.request.map(Duration::get)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrong(from: &str, to: &str) -> String {
        assert!(SHIPPED.contains(from), "{from}");
        match Profile::from_yaml(&SHIPPED.replace(from, to)) {
            Ok(_) => panic!("taken: {to}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_shipped_profile_is_well_formed() {
        let profile = Profile::shipped().unwrap();
        assert!(profile.requires.country && profile.requires.digits == 9);
        // A page that was cut off must lack at least one of the marks.
        assert!(profile.form.required.len() > 1 && profile.results.required.len() > 1);
        assert!(profile.paging.is_some());
    }

    #[test]
    fn a_profile_from_before_there_were_pages_and_dates_is_still_taken() {
        let old = include_str!("tests/first.yaml");
        let profile = Profile::from_yaml(old).unwrap();
        assert!(profile.paging.is_none() && profile.version == 1);
        assert!(profile.requires.digits == 9 && profile.requires.exact_names);
        assert_eq!(profile.timeouts.connect, Duration::from_secs(10));
    }

    #[test]
    fn every_error_names_its_field_and_the_way_out() {
        for (from, to, path, way_out) in [
            ("version: 1", "version: 2", "version", "newer image"),
            (
                "form: /,",
                "form: form,",
                "paths.form",
                "begin with one slash",
            ),
            (
                "search: /search",
                "search: //elsewhere.example/",
                "paths.search",
                "begin with one slash",
            ),
            (".no-results", ":::", "results.empty", "CSS selector"),
            (
                "token: csrf_token",
                "token: ''",
                "fields.token",
                "name of the form's field",
            ),
            (
                "firstName: first_name",
                "firstName: a_number",
                "fields.firstName",
                "of its own",
            ),
            (
                "required: [\"form#search-form\", \"footer#end\"]",
                "required: []",
                "form.required",
                "at least one",
            ),
            ("digits: 9", "digits: 12", "requires.digits", "1 to 9"),
            ("digits: 9", "digits: nine", "requires.digits: invalid", ""),
            ("country: true", "country: perhaps", "requires.country", ""),
            (
                "\"captcha\"]",
                "\"CAPTCHA\"]",
                "challenge.words[3]",
                "lower case",
            ),
            (
                "linkHosts: []",
                "linkHosts: [\"https://www.example.org/\"]",
                "results.linkHosts[0]",
                "name of a host",
            ),
            (
                "shown: \"%Y-%m-%d\"",
                "shown: \"%Y-%m\"",
                "dates.shown",
                "year, month and day",
            ),
            (
                "connect: 10s",
                "connect: 10",
                "timeouts.connect",
                "duration",
            ),
            (
                "connect: 10s",
                "connect: 10m",
                "timeouts.connect",
                "between",
            ),
            (
                "totalAttribute: data-total",
                "totalAttribute: \"a b\"",
                "paging.totalAttribute",
                "attribute",
            ),
            (
                "sessionExpired:",
                "sesionExpired: p\nsessionExpired:",
                "sesionExpired",
                "unknown field",
            ),
            (
                "exactNames: true",
                "exactNames: true, minors: no",
                "requires.minors",
                "unknown field",
            ),
        ] {
            let error = wrong(from, to);
            assert!(
                error.starts_with(path) && error.contains(way_out),
                "{path}: {error}"
            );
        }
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let error = wrong("digits: 9", "digits: 0, minors: no");
        assert_eq!(error.lines().count(), 2, "{error}");
        // Those that do not parse, those that are missing, those that are unknown and those that make no sense.
        let spoilt = [
            ("search: /search", "serch: /search"),
            ("row: \"", "row: \":::"),
            ("required: [\"form", "required: [\":::\", \"form"),
            ("country: true", "country: perhaps"),
            ("connect: 10s", "connect: soon"),
            ("form: /,", "form: form,"),
            ("sessionExpired:", "sesionExpired:"),
        ];
        let text = spoilt.iter().fold(SHIPPED.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        });
        let error = Profile::from_yaml(&text).err().unwrap().to_string();
        for field in [
            "paths.search: missing",
            "paths.serch: unknown field",
            "results.row: ",
            "form.required[0]: ",
            "requires.country: ",
            "timeouts.connect: ",
            "paths.form: not a path",
            "sessionExpired: missing",
            "sesionExpired: unknown field",
        ] {
            let lines = error.lines().filter(|line| line.starts_with(field));
            assert_eq!(lines.count(), 1, "{field} in {error}");
        }
        assert_eq!(error.lines().count(), 9, "{error}");
    }

    #[test]
    fn what_is_no_profile_is_told_as_such() {
        for text in ["", "[]", "7", "paths", "a: [", "\u{0}", "&a [*a, *a]"] {
            assert!(Profile::from_yaml(text).is_err(), "{text}");
        }
        let large = format!("{SHIPPED}# {}", "x".repeat(300 * 1024));
        assert!(matches!(Profile::from_yaml(&large), Err(Error::TooLarge)));
        let many = "*".repeat(100);
        let bomb = format!(
            "a: &a [x,x]\nb: &b [*a,*a]\nc: [{}]",
            many.replace('*', "*b,")
        );
        assert!(Profile::from_yaml(&bomb).is_err());
        let missing = Path::new("/nowhere/profile.yaml");
        let error = Profile::load(missing).err().unwrap().to_string();
        assert!(error.contains("/nowhere/profile.yaml"), "{error}");
    }

    proptest! {
        #[test]
        fn any_text_is_a_profile_or_an_error(text in "[ -~\\n]{0,300}") {
            prop_assert!(Profile::from_yaml(&text).is_err());
        }

        #[test]
        fn any_selector_is_one_or_an_error(css in "[a-z#.:()\\[\\]=*>+~\" ]{0,600}") {
            let _ = serde_json::from_value::<Css>(css.into());
        }

        #[test]
        fn a_profile_with_a_line_spoilt_never_panics(line in 0usize..50, text in "[ -~]{0,40}") {
            let lines: Vec<_> = SHIPPED.lines().enumerate()
                .map(|(number, old)| if number == line { text.as_str() } else { old })
                .collect();
            let _ = Profile::from_yaml(&lines.join("\n"));
        }
    }
}
