//! Reports of searches, for a lawyer, a family, or a group: what was asked, what the locator answered and when, what that does
//! not prove, and what to do. A report is made once as parts and written in three formats.

mod contents;
mod html;
mod markdown;
mod words;

use jiff::Timestamp;
use serde::Serialize;

pub use self::contents::{Details, Material, Search};
pub use self::words::{ADVICE, EITHER, NO_ANSWER, SIZE, expected, outcome};
use crate::language::Language;

/// The formats, as callers write them.
pub const FORMATS: [&str; 3] = ["markdown", "html", "json"];
/// The types, as callers write them.
pub const TYPES: [&str; 3] = ["legal", "family", "advocacy"];

/// Whom a report is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A lawyer.
    Legal,
    /// A family.
    Family,
    /// A group that helps many: counts, and nobody's name.
    Advocacy,
}

impl Kind {
    /// The type of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Legal, Self::Family, Self::Advocacy]
            .into_iter()
            .zip(TYPES)
            .find_map(|(kind, known)| (known == name).then_some(kind))
    }
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Markdown.
    Markdown,
    /// A page that needs nothing else, for screen and paper.
    Html,
    /// For programs.
    Json,
}

impl Format {
    /// The format of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Markdown, Self::Html, Self::Json]
            .into_iter()
            .zip(FORMATS)
            .find_map(|(format, known)| (known == name).then_some(format))
    }

    /// Its MIME type.
    pub const fn mime_type(self) -> &'static str {
        match self {
            Self::Markdown => "text/markdown",
            Self::Html => "text/html",
            Self::Json => "application/json",
        }
    }
}

/// A report. Identifies people unless it is for a group: it cannot be printed.
#[derive(Serialize)]
pub struct Report {
    #[serde(rename = "report_type")]
    kind: Kind,
    language: Language,
    title: &'static str,
    made_at: Timestamp,
    made_by: Maker,
    parts: Vec<Part>,
}

/// Who made it.
#[derive(Serialize)]
struct Maker {
    name: &'static str,
    version: &'static str,
}

/// A part of a report.
#[derive(Serialize)]
struct Part {
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    paragraphs: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tables: Vec<Table>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    list: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link>,
}

/// Rows under a head.
#[derive(Serialize)]
struct Table {
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

/// A public page: one of ours or of the texts, never from an answer.
#[derive(Serialize)]
struct Link {
    title: String,
    url: String,
}

impl Report {
    /// As a text in this format.
    pub fn write(&self, format: Format) -> String {
        match format {
            Format::Markdown => markdown::write(self),
            Format::Html => html::write(self),
            Format::Json => serde_json::to_string_pretty(self).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::mcp::earlier::Earlier;
    use crate::texts::Texts;

    const HOSTILE: &str = "<script>alert(1)</script><img src=x onerror=alert(2)> \"&' [x](javascript:alert(3)) |*_`#\u{202e}";

    fn earlier(name: &str) -> Vec<Earlier> {
        let person = json!({
            "name": name, "alien_number": "900000002", "country_of_birth": "Honduras", "status": "in_custody",
            "facility": {"name": name, "phone": "(202) 555-0152", "url": "javascript:alert(4)"}, "score": 0.9,
        });
        let answers = json!({"results": [
            {"answer": {"outcome": "found", "as_of": "2026-11-23T10:00:00Z", "people": [person]}},
            {"answer": {"outcome": "challenged", "as_of": "2026-11-23T09:00:00Z", "people": []}},
            {"answer": {"outcome": "not_found", "as_of": "2026-11-23T11:00:00Z", "people": []}},
        ]});
        Earlier::read(&answers).ok().unwrap()
    }

    /// Three that were answered and one that was not made.
    fn searches(name: &str) -> Vec<Search> {
        let answers = earlier(name).into_iter().map(Some).chain([None]);
        answers
            .map(|answer| Search {
                asked: vec![
                    ("first_name", "Ana".to_owned()),
                    ("last_name", name.to_owned()),
                ],
                answer,
            })
            .collect()
    }

    fn report(kind: Kind, language: Language, name: &str) -> Report {
        Material {
            kind,
            language,
            criteria: Vec::new(),
            searches: searches(name),
            searched_now: false,
        }
        .report(&Texts::shipped())
    }

    fn all(name: &str) -> Vec<(Kind, Language, Format, String)> {
        let mut all = Vec::new();
        for kind in [Kind::Legal, Kind::Family, Kind::Advocacy] {
            for language in [Language::En, Language::Es] {
                for format in [Format::Markdown, Format::Html, Format::Json] {
                    let text = report(kind, language, name).write(format);
                    all.push((kind, language, format, text));
                }
            }
        }
        all
    }

    #[test]
    fn every_report_says_when_from_what_by_whom_and_what_it_does_not_prove() {
        for (kind, language, format, text) in all("Muestra Garcia") {
            let at = format!("{kind:?} {language:?} {format:?}\n{text}");
            for time in ["2026-11-23 10:00 UTC", "2026-11-23 09:00 UTC"] {
                assert!(text.contains(time), "{time} {at}");
            }
            let (no_proof, limits, unknown) = match language {
                Language::En => ("no proof of custody", "under 18", "not known"),
                Language::Es => ("no prueba la custodia", "menor de 18", "no se sabe"),
            };
            for part in [
                no_proof,
                limits,
                unknown,
                "IceLocator",
                env!("CARGO_PKG_VERSION"),
                "https://locator.ice.gov",
            ] {
                assert!(text.contains(part), "{part} {at}");
            }
        }
    }

    #[test]
    fn a_group_is_told_counts_and_nobodys_name() {
        for (kind, _, _, text) in all("Muestra") {
            assert_eq!(text.contains("900000002"), kind != Kind::Advocacy, "{text}");
            assert!(!text.contains("Honduras") || kind == Kind::Legal, "{text}");
        }
        let text = report(Kind::Advocacy, Language::En, "Muestra").write(Format::Markdown);
        assert!(text.contains("Person 1"), "{text}");
    }

    #[test]
    fn what_a_name_holds_is_text_in_every_format() {
        for (_, _, format, text) in all(HOSTILE) {
            assert!(!text.contains('\u{202e}'), "{text}");
            match format {
                Format::Html => {
                    for live in ["<script", "<img", "onerror=alert(2)>", "href=\"javascript"] {
                        assert!(!text.contains(live), "{live} in {text}");
                    }
                }
                Format::Markdown => {
                    for live in ["<script", "<img", "[x](", " |*"] {
                        assert!(!text.contains(live), "{live} in {text}");
                    }
                }
                Format::Json => assert!(serde_json::from_str::<Value>(&text).is_ok()),
            }
        }
    }

    #[test]
    fn a_page_needs_nothing_else_and_says_its_language() {
        for (_, language, format, text) in all("Muestra") {
            if format != Format::Html {
                continue;
            }
            assert!(text.starts_with("<!DOCTYPE html>"));
            assert!(text.contains(&format!("<html lang=\"{}\">", language.as_str())));
            assert!(text.contains("@media print") && text.contains("default-src 'none'"));
            for outside in ["<link", " src=", "@import", "url("] {
                assert!(!text.contains(outside), "{outside} in {text}");
            }
        }
    }

    #[test]
    fn a_chronology_runs_from_the_first_answer_to_the_last() {
        let text = report(Kind::Legal, Language::En, "Muestra").write(Format::Markdown);
        let chronology = &text[text.find("Chronology").unwrap()..];
        let at = |time: &str| chronology.find(time).unwrap();
        assert!(at(" 09:00") < at(" 10:00") && at(" 10:00") < at(" 11:00"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_name_makes_a_tag_or_breaks_a_row(name in "[\\PC]{0,60}") {
            let plain = report(Kind::Legal, Language::En, "x");
            let odd = report(Kind::Legal, Language::En, &name);
            let tags = |report: &Report| report.write(Format::Html).matches('<').count();
            prop_assert_eq!(tags(&plain), tags(&odd));
            let rows = |report: &Report| report.write(Format::Markdown).lines().count();
            prop_assert_eq!(rows(&plain), rows(&odd));
        }
    }
}
