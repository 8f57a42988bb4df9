//! Resources: pages that an assistant can read. `?lang=en` or `?lang=es` asks for one language; without it a page says
//! everything in both. Nothing in them is about a person.

mod facilities;
mod history;
mod markdown;
mod statistics;
mod status;

use rmcp::model::{ErrorData, ReadResourceResult, Resource, ResourceContents, ResourceTemplate};
use serde_json::{Map, Value, json};

use self::facilities::Seen;
use self::history::History;
use self::statistics::Statistics;
use self::status::Recent;
use super::earlier::Earlier;
use super::names;
use crate::language::{Language, Text};
use crate::observe::SearchReport;
use crate::texts::{Document, Said, Texts};

const JSON: &str = "application/json";
const MARKDOWN: &str = "text/markdown";

/// The languages that a page is wanted in.
#[derive(Clone, Copy)]
pub enum Wanted {
    /// One.
    One(Language),
    /// Both.
    Both,
}

/// A page as clients see it in a list.
struct Page {
    uri: &'static str,
    name: &'static str,
    title: &'static str,
    description: &'static str,
    mime_type: &'static str,
    /// What may be asked of it.
    query: &'static str,
}

const PAGES: [Page; 6] = [
    Page {
        uri: names::FACILITIES,
        name: "facilities",
        title: "Detention facilities",
        description: "Official lists, and the places that the locator named in answers since this server started, with telephone numbers as it gave them",
        mime_type: JSON,
        query: "{?lang,name}",
    },
    Page {
        uri: names::HISTORY,
        name: "history",
        title: "Your own calls",
        description: "Times, tools and outcomes of your own calls, without names or numbers; kept in this server's memory only",
        mime_type: JSON,
        query: "{?lang}",
    },
    Page {
        uri: names::LEGAL,
        name: "legal",
        title: "Templates for a legal file",
        description: "What to note for a lawyer, and a checklist with links",
        mime_type: MARKDOWN,
        query: "{?lang}",
    },
    Page {
        uri: names::SUPPORT,
        name: "support",
        title: "Help for families",
        description: "What to do first, and where to turn",
        mime_type: MARKDOWN,
        query: "{?lang}",
    },
    Page {
        uri: names::STATISTICS,
        name: "statistics",
        title: "How searches go",
        description: "Counts by day, outcome, tool and language; small ones are vague, and all are made anew every hour",
        mime_type: JSON,
        query: "{?lang}",
    },
    Page {
        uri: names::STATUS,
        name: "status",
        title: "What works now",
        description: "Whether the locator answers at the moment, in plain words, and what it never shows",
        mime_type: JSON,
        query: "{?lang}",
    },
];

/// What this process remembers of the calls that it answered.
#[derive(Default)]
pub struct Memory {
    history: History,
    statistics: Statistics,
    recent: Recent,
    seen: Seen,
}

impl Memory {
    /// Takes how a call of `owner` went.
    pub fn note(&self, owner: Option<&str>, tool: &'static str, report: &SearchReport) {
        if let Some(owner) = owner {
            self.history.note(owner, tool, report);
        }
        self.statistics.note(tool, report);
    }

    /// Takes from an answer what is about no person: how the locator did, and the places that it named.
    pub fn learn(&self, answer: &Earlier) {
        self.recent.note(answer.outcome);
        for facility in answer
            .people
            .iter()
            .filter_map(|person| person.facility.as_ref())
        {
            self.seen.note(facility, answer.as_of);
        }
    }

    /// Names of places for completions.
    pub fn facilities(&self, texts: &Texts) -> Vec<String> {
        self.seen.names(&texts.facilities)
    }
}

/// All pages.
pub fn list() -> Vec<Resource> {
    let resource = |page: &Page| {
        Resource::new(page.uri, page.name)
            .with_title(page.title)
            .with_description(page.description)
            .with_mime_type(page.mime_type)
    };
    PAGES.iter().map(resource).collect()
}

/// The same with what may be asked of them.
pub fn templates() -> Vec<ResourceTemplate> {
    let template = |page: &Page| {
        ResourceTemplate::new(format!("{}{}", page.uri, page.query), page.name)
            .with_title(page.title)
            .with_description(page.description)
            .with_mime_type(page.mime_type)
    };
    PAGES.iter().map(template).collect()
}

/// What may be asked of a page, by its URI or the template of it.
pub fn variables(uri: &str) -> Option<impl Iterator<Item = &'static str>> {
    let base = uri.split(['?', '{']).next().unwrap_or_default();
    let page = PAGES.iter().find(|page| page.uri == base)?;
    Some(page.query.trim_matches(['{', '?', '}']).split(','))
}

/// A page's URI, if it is one of ours.
pub fn known(uri: &str) -> Option<&'static str> {
    let base = uri.split('?').next().unwrap_or_default();
    let page = PAGES.iter().find(|page| page.uri == base)?;
    Some(page.uri)
}

/// Reads a page for `owner`.
pub fn read(
    uri: &str,
    memory: &Memory,
    texts: &Texts,
    owner: Option<&str>,
) -> Result<ReadResourceResult, ErrorData> {
    let unknown = || {
        let all: Vec<_> = PAGES.iter().map(|page| page.uri).collect();
        let message = format!("there is no such resource; there are {}", all.join(", "));
        ErrorData::resource_not_found(message, None)
    };
    let known = known(uri).ok_or_else(unknown)?;
    let page = PAGES
        .iter()
        .find(|page| page.uri == known)
        .ok_or_else(unknown)?;
    let (wanted, name) = asked(uri, page)?;
    let text = match known {
        names::FACILITIES => pretty(&memory.seen.told(&texts.facilities, name.as_deref(), wanted)),
        names::HISTORY => pretty(&memory.history.of(owner, wanted)),
        names::LEGAL => markdown::document(&texts.legal, wanted),
        names::SUPPORT => markdown::document(&texts.support, wanted),
        names::STATISTICS => pretty(&memory.statistics.told(wanted)),
        _ => pretty(&memory.recent.told(&texts.answers, wanted)),
    };
    let contents = ResourceContents::text(text, uri).with_mime_type(page.mime_type);
    Ok(ReadResourceResult::new(vec![contents]))
}

/// What a URI asks for. Anything that it may not ask is refused: it would otherwise be ignored.
fn asked(uri: &str, page: &Page) -> Result<(Wanted, Option<String>), ErrorData> {
    let wrong = || {
        let message = format!(
            "this resource takes {}{}, lang being en or es",
            page.uri, page.query
        );
        ErrorData::invalid_params(message, None)
    };
    let (mut wanted, mut name) = (Wanted::Both, None);
    let url = reqwest::Url::parse(uri).map_err(|_| wrong())?;
    for (key, value) in url.query_pairs() {
        match (&*key, &*value) {
            ("lang", "en") => wanted = Wanted::One(Language::En),
            ("lang", "es") => wanted = Wanted::One(Language::Es),
            ("name", _) if page.query.contains("name") => name = Some(value.into_owned()),
            _ => return Err(wrong()),
        }
    }
    Ok((wanted, name))
}

fn pretty(value: &Value) -> String {
    format!("{value:#}")
}

/// A text of ours in the languages that are wanted.
fn entry(text: Text, wanted: Wanted) -> Value {
    match wanted {
        Wanted::One(language) => json!(language.of(text)),
        Wanted::Both => json!({"en": text.en, "es": text.es}),
    }
}

/// The same of a text from a file.
fn said(said: &Said, wanted: Wanted) -> Value {
    match wanted {
        Wanted::One(language) => json!(said.of(language)),
        Wanted::Both => json!(said),
    }
}

/// A page of the texts as data.
fn document(document: &Document, wanted: Wanted) -> Map<String, Value> {
    let sections: Vec<Value> = document
        .sections
        .iter()
        .map(|section| {
            let sentences: Vec<Value> = section
                .lines
                .iter()
                .map(|line| said(line, wanted))
                .collect();
            let links: Vec<Value> = section
                .links
                .iter()
                .map(|link| json!({"title": said(&link.title, wanted), "url": link.url}))
                .collect();
            json!({"title": said(&section.title, wanted), "lines": sentences, "links": links})
        })
        .collect();
    let mut told = Map::new();
    told.insert("title".to_owned(), said(&document.title, wanted));
    told.insert(
        "introduction".to_owned(),
        said(&document.introduction, wanted),
    );
    told.insert("sections".to_owned(), json!(sections));
    told
}

#[cfg(test)]
pub mod tests {
    use std::time::Duration;

    use super::*;
    use crate::observe::Outcome;
    use crate::search::Facts;

    /// A report of a call in English that ended so.
    pub fn report(outcome: Outcome) -> SearchReport {
        SearchReport {
            outcome,
            language: "en",
            duration: Duration::ZERO,
            people: 0,
            facts: Facts::default(),
            refused: None,
        }
    }

    fn text(uri: &str) -> String {
        let texts = Texts::shipped();
        let result = read(uri, &Memory::default(), &texts, Some("one")).unwrap();
        let value = serde_json::to_value(&result).unwrap();
        value["contents"][0]["text"].as_str().unwrap().to_owned()
    }

    #[test]
    fn every_page_is_there_in_one_language_or_both_and_is_what_its_type_says() {
        for page in &PAGES {
            let [en, es] = ["en", "es"].map(|lang| text(&format!("{}?lang={lang}", page.uri)));
            let both = text(page.uri);
            assert!(en != es && both.len() > en.len(), "{}", page.uri);
            if page.mime_type == JSON {
                for text in [&en, &es, &both] {
                    assert!(serde_json::from_str::<Value>(text).is_ok(), "{text}");
                }
            } else {
                assert!(
                    both.starts_with("# ") && both.contains(en.trim()) && both.contains(es.trim())
                );
            }
        }
    }

    #[test]
    fn what_is_not_there_or_may_not_be_asked_is_refused_with_what_there_is() {
        let texts = Texts::shipped();
        let error = |uri: &str| read(uri, &Memory::default(), &texts, None).unwrap_err();
        for uri in [
            "",
            "ice://people/database",
            "file:///etc/passwd",
            "ice://legal/templates/x",
        ] {
            let error = error(uri);
            assert_eq!(error.code.0, -32002, "{uri}");
            assert!(error.message.contains(names::LEGAL));
        }
        for query in ["lang=de", "lang", "planted=1", "name=x"] {
            let error = error(&format!("{}?{query}", names::LEGAL));
            assert_eq!(error.code.0, -32602, "{query}");
            assert!(!error.message.contains("planted"));
        }
    }
}
