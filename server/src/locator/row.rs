//! A person as the site shows them, made clean: no text of the site is trusted to be short, or to run one way.

use jiff::civil::Date;
use reqwest::Url;
use scraper::ElementRef;

use super::profile::{Css, Profile, Results, Statuses};

/// Longest text of one field, in characters. What is longer is no name and no facility.
const LONGEST: usize = 200;
/// Longest telephone number, in characters.
const LONGEST_PHONE: usize = 30;

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
        facility_phone: text(row, &results.facility_phone).filter(|text| is_phone(text)),
        facility_link: link(row, results, base),
    })
    .filter(|row| !row.last.is_empty())
}

fn text(row: ElementRef, css: &Css) -> Option<String> {
    let element = row.select(css.selector()).next()?;
    let mut text = String::new();
    for part in element.text() {
        let seen = part.chars().filter(|c| !runs_astray(*c));
        text.extend(seen.map(|c| if c.is_control() { ' ' } else { c }));
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
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether it is a telephone number and says nothing else.
fn is_phone(text: &str) -> bool {
    let number = text.to_lowercase().replace("ext", "");
    text.chars().count() <= LONGEST_PHONE
        && number.contains(|c: char| c.is_ascii_digit())
        && number
            .chars()
            .all(|c| c.is_ascii_digit() || " ()+.-".contains(c))
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

/// A link that a browser may follow: to the web, and to none but the site and the hosts that the profile names.
fn link(row: ElementRef, results: &Results, base: &Url) -> Option<String> {
    let selector = results.facility_link.selector();
    let href = row.select(selector).next()?.attr("href")?;
    let url = base.join(href.trim()).ok()?;
    let host = url.host_str()?;
    let named = |named: &String| named.eq_ignore_ascii_case(host);
    let followed = matches!(url.scheme(), "http" | "https")
        && (base.host_str() == Some(host) || results.link_hosts.iter().any(named))
        && url.username().is_empty()
        && url.password().is_none()
        && url.as_str().len() <= 2 * LONGEST;
    followed.then(|| url.to_string())
}
