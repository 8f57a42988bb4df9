//! What a profile reads from a saved page, for whoever writes one: which marks are there, how many rows, which of their
//! fields. It counts; it shows nobody unless asked to.

use std::fmt::Write as _;

use reqwest::Url;
use scraper::Html;
use serde::Serialize;

use super::{Css, Profile};
use crate::locator::charset::decoded;
use crate::locator::fetch::LARGEST;
use crate::locator::page::{self, Answered, Unread};
use crate::locator::row::{self, Row, Status};

/// What kind of page it is meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The page with the form
    Form,
    /// A page with an answer
    Results,
}

/// What the server makes of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A form with a token.
    Form,
    /// An answer with people.
    People,
    /// An answer that nobody matches.
    Nobody,
    /// The session is over.
    SessionExpired,
    /// A person is wanted.
    Challenged,
    /// None that the profile knows.
    PageChanged,
}

impl Verdict {
    /// Whether the profile reads such a page as it should.
    pub fn is_read(self) -> bool {
        matches!(self, Self::Form | Self::People | Self::Nobody)
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Form => "a form with a token",
            Self::People => "an answer with people",
            Self::Nobody => "an answer that nobody matches",
            Self::SessionExpired => "the session is over",
            Self::Challenged => "a challenge",
            Self::PageChanged => "page changed: none that the profile knows",
        }
    }
}

/// What was read.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reading {
    kind: Kind,
    verdict: Verdict,
    /// Whether the page can be read as HTML in good time.
    readable: bool,
    markers: Vec<Marker>,
    /// On a form: whether there is a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<bool>,
    session_expired: bool,
    /// The marks and words of a challenge that the page has.
    challenge: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    results: Option<Results>,
}

/// A required mark.
#[derive(Serialize)]
struct Marker {
    field: String,
    selector: String,
    found: bool,
}

/// What the page shows of people.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Results {
    /// Whether the mark of an empty answer is there.
    empty: bool,
    rows: usize,
    /// Rows without a name, which make the page unknown.
    unreadable: usize,
    /// In how many rows each field was read.
    fields: Vec<(&'static str, usize)>,
    /// Rows whose status is in words that the profile does not know.
    unknown_statuses: usize,
    /// Whether there is a link to a next page.
    next: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<usize>,
    /// The fields of each row, only where asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Vec<Vec<(&'static str, String)>>>,
}

impl Reading {
    /// Reads a page as it was saved. With `show_values` it also tells what the rows say.
    pub fn new(profile: &Profile, body: Vec<u8>, kind: Option<Kind>, show_values: bool) -> Self {
        let html = if body.len() > LARGEST {
            String::new()
        } else {
            decoded(None, body)
        };
        let parsed = page::parse(&html).filter(|_| !html.is_empty());
        let readable = parsed.is_some();
        let page = parsed.unwrap_or_else(|| Html::parse_document(""));
        let kind = kind.unwrap_or_else(|| {
            if page::all(&page, &profile.form.required) {
                Kind::Form
            } else {
                Kind::Results
            }
        });
        let (path, required) = match kind {
            Kind::Form => ("form.required", &profile.form.required),
            Kind::Results => ("results.required", &profile.results.required),
        };
        let markers = (0..)
            .zip(required)
            .map(|(index, css): (usize, &Css)| Marker {
                field: format!("{path}[{index}]"),
                selector: css.as_str().to_owned(),
                found: css.is_on(&page),
            });
        let marks = profile
            .challenge
            .marks
            .iter()
            .filter(|css| css.is_on(&page));
        let challenge = marks
            .map(Css::as_str)
            .chain(page::challenging_word(profile, &page))
            .map(str::to_owned)
            .collect();
        let is_form = kind == Kind::Form;
        let verdict = verdict(profile, kind, &html);
        Self {
            kind,
            verdict,
            readable,
            markers: markers.collect(),
            token: is_form.then(|| page::token(profile, &html).is_ok()),
            session_expired: profile.session_expired.is_on(&page),
            challenge,
            results: (!is_form && verdict != Verdict::Challenged)
                .then(|| Results::new(profile, &page, show_values)),
        }
    }

    /// What the server makes of the page.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut text = format!("read as: {}\n", self.verdict.text());
        if self.verdict == Verdict::Challenged {
            for mark in &self.challenge {
                let _ = writeln!(text, "  challenge: {mark}");
            }
            text.push_str("  the site wants to see a person: save the page that is behind it and check that\n");
            return text;
        }
        if !self.readable {
            text.push_str(
                "  not read: empty, larger than 2 MiB, or made so that reading it takes too long\n",
            );
        }
        for Marker {
            field,
            selector,
            found,
        } in &self.markers
        {
            let found = if *found { "found  " } else { "MISSING" };
            let _ = writeln!(text, "  {found}  {field}: {selector}");
        }
        let yes = |yes: bool| if yes { "yes" } else { "no" };
        if let Some(token) = self.token {
            let _ = writeln!(
                text,
                "  form.token: {}",
                if token { "found" } else { "MISSING" }
            );
        }
        if self.session_expired {
            text.push_str("  sessionExpired: yes\n");
        }
        for mark in &self.challenge {
            let _ = writeln!(text, "  challenge: {mark}");
        }
        let Some(results) = &self.results else {
            return text;
        };
        let _ = writeln!(text, "  results.empty: {}", yes(results.empty));
        let _ = writeln!(text, "  results.row: {}", results.rows);
        if results.unreadable > 0 {
            let _ = writeln!(text, "  rows without results.name: {}", results.unreadable);
        }
        for (field, filled) in &results.fields {
            let _ = writeln!(text, "    results.{field}: in {filled} of {}", results.rows);
        }
        if results.unknown_statuses > 0 {
            let _ = writeln!(
                text,
                "    in words that `statuses` does not know: {}",
                results.unknown_statuses
            );
        }
        let _ = writeln!(text, "  paging.next: {}", yes(results.next));
        if let Some(total) = results.total {
            let _ = writeln!(text, "  paging.total: {total}");
        }
        for (number, row) in (1..).zip(results.values.iter().flatten()) {
            let _ = writeln!(text, "  row {number}");
            for (field, value) in row {
                let _ = writeln!(text, "    {field}: {value}");
            }
        }
        text
    }
}

/// The same as the server's own reading of it.
fn verdict(profile: &Profile, kind: Kind, html: &str) -> Verdict {
    let unread = |unread| match unread {
        Unread::Challenge => Verdict::Challenged,
        Unread::Unknown => Verdict::PageChanged,
    };
    match kind {
        Kind::Form => page::token(profile, html).map_or_else(unread, |_| Verdict::Form),
        Kind::Results => {
            let Some(base) = nowhere() else {
                return Verdict::PageChanged;
            };
            match page::answer(profile, &base, html) {
                Ok(Answered::People(people)) if people.rows.is_empty() => Verdict::Nobody,
                Ok(Answered::People(_)) => Verdict::People,
                Ok(Answered::SessionExpired) => Verdict::SessionExpired,
                Err(reason) => unread(reason),
            }
        }
    }
}

/// Where a saved page is taken to be from: it does not say. Its links to the site by name count as links elsewhere.
fn nowhere() -> Option<Url> {
    Url::parse("https://saved.invalid/search").ok()
}

impl Results {
    fn new(profile: &Profile, page: &Html, show_values: bool) -> Self {
        let base = nowhere();
        let rows: Vec<Option<Row>> = page
            .select(profile.results.row.selector())
            .take(page::MOST + 1)
            .map(|row| row::read(profile, base.as_ref()?, row))
            .collect();
        let read: Vec<Vec<(&'static str, String)>> = rows.iter().flatten().map(values).collect();
        let filled = |field| {
            let has = |row: &&Vec<(&str, String)>| row.iter().any(|(name, _)| *name == field);
            (field, read.iter().filter(has).count())
        };
        let unknown = |row: &&Row| matches!(row.status, Some(Status::Other(_)));
        let paging = profile.paging.as_ref();
        Self {
            empty: profile.results.empty.is_on(page),
            rows: rows.len(),
            unreadable: rows.iter().filter(|row| row.is_none()).count(),
            fields: FIELDS.map(filled).into(),
            unknown_statuses: rows.iter().flatten().filter(unknown).count(),
            next: paging.is_some_and(|paging| paging.next.is_on(page)),
            total: paging.and_then(|paging| page::total(paging, page)),
            values: show_values.then_some(read),
        }
    }
}

/// A row's fields as a profile calls them.
const FIELDS: [&str; 8] = [
    "name",
    "alienNumber",
    "country",
    "dateOfBirth",
    "status",
    "facility",
    "facilityPhone",
    "facilityLink",
];

fn values(row: &Row) -> Vec<(&'static str, String)> {
    let status = row.status.as_ref().map(|status| match status {
        Status::InCustody => "inCustody".to_owned(),
        Status::Released => "released".to_owned(),
        Status::Other(text) => text.clone(),
    });
    let values = [
        Some(format!("{}, {}", row.last, row.first)),
        row.alien_number.clone(),
        row.country.clone(),
        row.date_of_birth.map(|date| date.to_string()),
        status,
        row.facility.clone(),
        row.facility_phone.clone(),
        row.facility_link.clone(),
    ];
    let named = FIELDS.into_iter().zip(values);
    named
        .filter_map(|(field, value)| Some((field, value?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<meta charset=iso-8859-1><main id="locator-results">
        <p class="result-count" data-total="3">3</p>
        <table class="results"><tbody>
        <tr><td class="name">Ejemplo, Ana</td><td class="a-number">A900000001</td><td class="status">Bajo custodia</td></tr>
        <tr><td class="name">Muestra, Luis</td><td class="status">In transit</td></tr>
        </tbody></table><nav class="pages"><a class="next" href="/search?page=2">x</a></nav>
        </main><footer id="end"></footer>"#;
    const FORM: &str = r#"<form id="search-form"><input name="csrf_token" value="t0ken"></form><footer id="end"></footer>"#;

    fn read(html: &str, kind: Option<Kind>) -> Reading {
        Reading::new(&Profile::shipped().unwrap(), html.into(), kind, false)
    }

    #[test]
    fn an_answer_is_told_in_counts_and_names_nobody() {
        let reading = read(PAGE, None);
        assert_eq!(reading.verdict(), Verdict::People);
        let text = reading.text();
        let json = serde_json::to_value(&reading).unwrap();
        for part in [
            "read as: an answer with people",
            "found    results.required[0]: main#locator-results",
            "results.row: 2",
            "results.name: in 2 of 2",
            "results.alienNumber: in 1 of 2",
            "results.facility: in 0 of 2",
            "does not know: 1",
            "paging.next: yes",
            "paging.total: 3",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(json["verdict"], "people");
        assert_eq!(
            json["results"]["fields"][1],
            serde_json::json!(["alienNumber", 1])
        );
        for secret in ["Ejemplo", "Ana", "Muestra", "900000001", "In transit"] {
            assert!(
                !text.contains(secret) && !json.to_string().contains(secret),
                "{secret}"
            );
        }
        let shown = Reading::new(&Profile::shipped().unwrap(), PAGE.into(), None, true);
        assert!(shown.text().contains("name: Ejemplo, Ana"));
    }

    #[test]
    fn what_is_missing_is_named() {
        let reading = read(&PAGE.replace("<footer id=\"end\"></footer>", ""), None);
        assert_eq!(reading.verdict(), Verdict::PageChanged);
        assert!(
            reading
                .text()
                .contains("MISSING  results.required[1]: footer#end")
        );
        let unnamed = read(&PAGE.replace("class=\"name\"", "class=\"nom\""), None);
        assert_eq!(unnamed.verdict(), Verdict::PageChanged);
        assert!(unnamed.text().contains("rows without results.name: 2"));
    }

    #[test]
    fn a_form_is_known_as_one_and_its_token_is_never_shown() {
        let form = read(FORM, None);
        assert_eq!(form.verdict(), Verdict::Form);
        assert!(form.text().contains("form.token: found") && !form.text().contains("t0ken"));
        let none = read(&FORM.replace("t0ken", ""), Some(Kind::Form));
        assert!(!none.verdict().is_read() && none.text().contains("form.token: MISSING"));
        let not_an_answer = read(FORM, Some(Kind::Results));
        assert_eq!(not_an_answer.verdict(), Verdict::PageChanged);
    }

    #[test]
    fn pages_that_are_no_answer_are_told_apart() {
        for (html, verdict, part) in [
            (
                r#"<form id="challenge-form"></form>"#,
                Verdict::Challenged,
                "challenge: #challenge-form",
            ),
            (
                "<p>Verify you are human</p>",
                Verdict::Challenged,
                "challenge: verify you are human",
            ),
            (
                r#"<p id="session-expired"></p>"#,
                Verdict::SessionExpired,
                "sessionExpired: yes",
            ),
            ("", Verdict::PageChanged, "not read"),
        ] {
            let reading = read(html, None);
            assert_eq!(reading.verdict(), verdict, "{html}");
            assert!(reading.text().contains(part), "{}", reading.text());
        }
        let large = read(&"x".repeat(LARGEST + 1), None);
        assert!(large.text().contains("larger than 2 MiB"));
    }
}
