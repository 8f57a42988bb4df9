//! What files of texts hold.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::language::Language;

/// A text in every language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// English.
    pub en: String,
    /// Spanish.
    pub es: String,
}

impl Said {
    /// The text in this language.
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Es => &self.es,
        }
    }
}

/// A page to read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// What it is about.
    pub title: Said,
    /// What to know first.
    pub introduction: Said,
    /// Its parts.
    #[serde(default)]
    pub sections: Vec<Section>,
}

impl Document {
    /// The part with this id.
    pub fn section(&self, id: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.id == id)
    }
}

/// A part of a page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// What it is known by.
    pub id: String,
    /// What it is about.
    pub title: Said,
    /// Sentences.
    #[serde(default)]
    pub lines: Vec<Said>,
    /// Pages to go to.
    #[serde(default)]
    pub links: Vec<Link>,
    /// What people act on.
    #[serde(default)]
    pub facts: Vec<Fact>,
}

/// A public page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// What it is.
    pub title: Said,
    /// Where it is.
    pub url: String,
}

/// A telephone number, an address, a deadline: with where it was read, and when.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// What it is.
    pub label: Said,
    /// The fact.
    pub value: Said,
    /// The page that says so.
    pub source: String,
    /// When that was read.
    pub read_on: Date,
}

/// Where people may be held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facilities {
    /// The page about them.
    pub about: Document,
    /// Places.
    pub facilities: Vec<Facility>,
}

/// Somewhere people are held.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facility {
    /// What it is called.
    pub name: String,
    /// Its page.
    #[serde(default)]
    pub url: Option<String>,
    /// What is known of it.
    #[serde(default)]
    pub facts: Vec<Fact>,
}

impl<'de> Deserialize<'de> for Facilities {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// As it is written: a page and a list side by side. Flattening would lose the names of unknown fields.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Written {
            title: Said,
            introduction: Said,
            #[serde(default)]
            sections: Vec<Section>,
            #[serde(default)]
            facilities: Vec<Facility>,
        }
        let written = Written::deserialize(deserializer)?;
        Ok(Self {
            about: Document {
                title: written.title,
                introduction: written.introduction,
                sections: written.sections,
            },
            facilities: written.facilities,
        })
    }
}

/// What assistants are handed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prompts {
    /// Leads through a search.
    pub detainee_search_guide: Prompt,
    /// Makes a report for a lawyer.
    pub legal_report_template: Prompt,
    /// Says what a family can do.
    pub family_support_guide: Prompt,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prompt {
    /// What people choose it by.
    pub title: Said,
    /// What it does.
    pub description: Said,
    /// What it says. One that names an argument in braces is left out when the argument was not given.
    pub paragraphs: Vec<Said>,
}
