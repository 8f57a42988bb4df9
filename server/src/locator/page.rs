//! Reads a page of the site: pure, and never sure of more than the page says.

use scraper::{ElementRef, Html};

use super::profile::{Css, Profile};

/// A person as the site shows them. Identifies somebody: it cannot be printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// "Surnames, given names".
    pub name: String,
    /// Nine digits.
    pub alien_number: Option<String>,
    /// Country of birth.
    pub country: Option<String>,
    /// What the site says of their custody.
    pub status: Option<String>,
    /// Where they are held.
    pub facility: Option<String>,
    /// Its telephone number.
    pub facility_phone: Option<String>,
}

/// What an answer page turned out to be.
pub enum Answered {
    /// These people match.
    People(Vec<Row>),
    /// The site says that nobody does.
    Nobody,
    /// The site wants a new session.
    SessionExpired,
    /// The site wants to see a person.
    Challenge,
    /// The page is none that we know.
    Unknown,
}

/// Reads the form's token; without one the page is none that we know.
pub fn token(profile: &Profile, html: &str) -> Result<String, Answered> {
    let page = Html::parse_document(html);
    if challenged(profile, &page) {
        return Err(Answered::Challenge);
    }
    has(&page, &profile.form.required)
        .then(|| {
            page.select(&profile.form.token.0)
                .next()?
                .value()
                .attr("value")
        })
        .flatten()
        .filter(|token| !token.is_empty())
        .map(str::to_owned)
        .ok_or(Answered::Unknown)
}

/// Reads an answer. A page with neither people nor the mark of an empty answer says nothing.
pub fn answer(profile: &Profile, html: &str) -> Answered {
    let page = Html::parse_document(html);
    if challenged(profile, &page) {
        return Answered::Challenge;
    }
    if has(&page, &profile.session_expired) {
        return Answered::SessionExpired;
    }
    let results = &profile.results;
    if !has(&page, &results.required) {
        return Answered::Unknown;
    }
    let rows: Option<Vec<Row>> = page
        .select(&results.row.0)
        .map(|row| read_row(profile, row))
        .collect();
    match rows {
        Some(rows) if !rows.is_empty() => Answered::People(rows),
        Some(_) if has(&page, &results.empty) => Answered::Nobody,
        _ => Answered::Unknown,
    }
}

/// One person. Without a name and a facility it is not a person as we know them, and the page has changed.
fn read_row(profile: &Profile, row: ElementRef) -> Option<Row> {
    let results = &profile.results;
    Some(Row {
        name: text(row, &results.name)?,
        alien_number: text(row, &results.alien_number),
        country: text(row, &results.country),
        status: text(row, &results.status),
        facility: Some(text(row, &results.facility)?),
        facility_phone: text(row, &results.facility_phone),
    })
}

fn text(row: ElementRef, css: &Css) -> Option<String> {
    let words: Vec<&str> = row
        .select(&css.0)
        .next()?
        .text()
        .flat_map(str::split_whitespace)
        .collect();
    Some(words.join(" ")).filter(|text| !text.is_empty())
}

fn challenged(profile: &Profile, page: &Html) -> bool {
    profile.challenge.iter().any(|css| has(page, css))
}

fn has(page: &Html, css: &Css) -> bool {
    page.select(&css.0).next().is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(html: &str) -> Answered {
        answer(&Profile::shipped().unwrap(), html)
    }

    const ROW: &str = r#"<tr><td class="name">Ejemplo, <b>Ana</b></td><td class="facility">Muster &amp; Co</td></tr>"#;

    fn results(inside: &str) -> String {
        format!(r#"<main id="locator-results">{inside}</main>"#)
    }

    #[test]
    fn people_are_read_with_their_markup_undone() {
        let html = results(&format!(
            r#"<table class="results"><tbody>{ROW}{ROW}</tbody></table>"#
        ));
        let Answered::People(rows) = read(&html) else {
            panic!("no people");
        };
        assert_eq!(rows.len(), 2);
        assert!(
            rows[0].name == "Ejemplo, Ana" && rows[0].facility.as_deref() == Some("Muster & Co")
        );
    }

    #[test]
    fn nobody_is_only_what_the_page_says() {
        assert!(matches!(
            read(&results(r#"<p class="no-results">0</p>"#)),
            Answered::Nobody
        ));
        assert!(matches!(read(&results("")), Answered::Unknown));
        assert!(matches!(read(""), Answered::Unknown));
    }

    #[test]
    fn a_row_that_cannot_be_read_makes_the_page_unknown() {
        let broken =
            r#"<table class="results"><tbody><tr><td class="nom">x</td></tr></tbody></table>"#;
        assert!(matches!(read(&results(broken)), Answered::Unknown));
    }

    #[test]
    fn a_challenge_is_recognised_even_with_results_beside_it() {
        let html = results(r#"<form id="challenge-form"></form><p class="no-results">0</p>"#);
        assert!(matches!(read(&html), Answered::Challenge));
    }

    proptest! {
        #[test]
        fn no_page_is_taken_for_an_answer_without_its_marks(html in "[ -~<>\"=/a-z]{0,400}") {
            prop_assert!(matches!(read(&html), Answered::Unknown));
        }

        #[test]
        fn a_cut_page_is_never_read_as_nobody(cut in 0usize..400) {
            let whole = results(&format!(r#"<table class="results"><tbody>{ROW}</tbody></table>"#));
            let part = whole.get(..cut.min(whole.len())).unwrap_or_default();
            prop_assert!(!matches!(read(part), Answered::Nobody));
        }
    }
}
