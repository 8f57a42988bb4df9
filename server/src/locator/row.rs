//! A person as the site shows them, made clean: no text of the site is trusted to be short, or to run one way.

use jiff::civil::Date;
use reqwest::Url;
use scraper::ElementRef;

use super::profile::{Css, Profile, Statuses};

/// Longest text of one field, in characters. What is longer is no name and no facility.
const LONGEST: usize = 200;

/// A person as the site shows them. Identifies somebody: it cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Surnames, as the site spells them.
    pub last: String,
    /// Given names, as the site spells them; empty where the site shows no comma.
    pub first: String,
    /// Nine digits.
    pub alien_number: Option<String>,
    /// Country of birth.
    pub country: Option<String>,
    /// Date of birth, where the site shows one that can be read.
    pub date_of_birth: Option<Date>,
    /// What the site says of their custody.
    pub status: Option<Status>,
    /// Where they are held.
    pub facility: Option<String>,
    /// Its telephone number.
    pub facility_phone: Option<String>,
    /// Its page.
    pub facility_link: Option<String>,
}

/// What the site says of a person's custody.
#[derive(Clone, PartialEq, Eq)]
pub enum Status {
    /// Held now.
    InCustody,
    /// Held until lately.
    Released,
    /// In words that the profile does not know.
    Other(String),
}

/// One person. Without a name it is no person as we know them, and the page has changed.
pub fn read(profile: &Profile, base: &Url, row: ElementRef) -> Option<Row> {
    let results = &profile.results;
    let name = text(row, &results.name)?;
    let (last, first) = name.split_once(',').unwrap_or((&name, ""));
    Some(Row {
        last: last.trim().to_owned(),
        first: first.trim().to_owned(),
        alien_number: text(row, &results.alien_number)
            .and_then(|text| digits(&text, profile.requires.digits)),
        country: text(row, &results.country),
        date_of_birth: text(row, &results.date_of_birth)
            .and_then(|text| profile.dates.shown(&text)),
        status: text(row, &results.status).map(|text| status(&profile.statuses, text)),
        facility: text(row, &results.facility),
        facility_phone: text(row, &results.facility_phone),
        facility_link: link(row, &results.facility_link, base),
    })
    .filter(|row| !row.last.is_empty())
}

fn text(row: ElementRef, css: &Css) -> Option<String> {
    let element = row.select(css.selector()).next()?;
    let mut text = String::new();
    for part in element.text() {
        text.extend(part.chars().filter(|c| !runs_astray(*c)));
        if text.len() > 16 * LONGEST {
            break;
        }
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let text: String = words.join(" ").chars().take(LONGEST).collect();
    Some(text).filter(|text| !text.is_empty())
}

/// Characters that make the text around them look like another: directions, and what is not seen at all.
fn runs_astray(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{061c}')
}

/// An A-number of as many digits as the site shows, padded to nine.
fn digits(text: &str, shown: usize) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (digits.len() == shown).then(|| format!("{digits:0>9}"))
}

fn status(known: &Statuses, text: String) -> Status {
    let lower = text.to_lowercase();
    let is = |words: &[String]| words.iter().any(|word| word.to_lowercase() == lower);
    if is(&known.in_custody) {
        Status::InCustody
    } else if is(&known.released) {
        Status::Released
    } else {
        Status::Other(text)
    }
}

/// A link that a browser may follow: nothing but the web.
fn link(row: ElementRef, css: &Css, base: &Url) -> Option<String> {
    let href = row.select(css.selector()).next()?.attr("href")?;
    let url = base.join(href.trim()).ok()?;
    let followed = matches!(url.scheme(), "http" | "https") && url.as_str().len() <= 2 * LONGEST;
    followed.then(|| url.to_string())
}
