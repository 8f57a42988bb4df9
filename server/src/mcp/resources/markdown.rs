//! Pages of the texts as Markdown.

use std::fmt::Write as _;

use super::Wanted;
use crate::language::{Language, Text};
use crate::texts::Document;

const SOURCE: Text = Text {
    en: "source",
    es: "fuente",
};
const READ_ON: Text = Text {
    en: "read on",
    es: "leído el",
};

/// A page, in the languages that are wanted one after the other.
pub fn document(document: &Document, wanted: Wanted) -> String {
    match wanted {
        Wanted::One(language) => in_one(document, language),
        Wanted::Both => [Language::En, Language::Es]
            .map(|language| in_one(document, language))
            .join("\n---\n\n"),
    }
}

fn in_one(document: &Document, language: Language) -> String {
    let mut text = format!(
        "# {}\n\n{}\n",
        document.title.of(language),
        document.introduction.of(language).trim()
    );
    for section in &document.sections {
        let _ = writeln!(text, "\n## {}\n", section.title.of(language));
        for line in &section.lines {
            let _ = writeln!(text, "- {}", line.of(language));
        }
        for link in &section.links {
            let _ = writeln!(text, "- [{}]({})", link.title.of(language), link.url);
        }
        for fact in &section.facts {
            let _ = writeln!(
                text,
                "- {}: {} ([{}]({}), {} {})",
                fact.label.of(language),
                fact.value.of(language),
                language.of(SOURCE),
                fact.source,
                language.of(READ_ON),
                fact.read_on
            );
        }
    }
    text
}
