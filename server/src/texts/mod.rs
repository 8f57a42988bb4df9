//! Texts that people are shown: what answers say, facilities, legal and support texts, prompts, in both languages. They ship
//! inside; a file of the same name in a folder of one's own takes a shipped one's place. What people act on (a telephone
//! number, an address, a deadline) stands in it with its source and the day it was read, or the file is refused.

mod answers;
mod check;
mod types;
mod unsourced;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use serde::de::DeserializeOwned;

pub use self::answers::{Answers, NextSteps};
pub use self::types::{Document, Facilities, Facility, Fact, Link, Prompt, Prompts, Said, Section};

/// Largest file that is read.
const LARGEST: u64 = 256 * 1024;
/// How often a folder of one's own is read again.
const EVERY: Duration = Duration::from_secs(10);

/// Why a file of texts was not taken.
#[derive(Debug, thiserror::Error)]
pub enum TextsError {
    /// It could not be read.
    #[error("{file}: cannot be read: {source}")]
    Read {
        /// The file's name.
        file: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// It is larger than anything that people read.
    #[error("{file}: larger than {LARGEST} bytes")]
    Large {
        /// The file's name.
        file: &'static str,
    },
    /// It has not the form that it must have.
    #[error("{file}: {field}: {problem}")]
    Form {
        /// The file's name.
        file: &'static str,
        /// Where in it.
        field: String,
        /// What is wrong there.
        problem: String,
    },
}

/// All texts.
#[derive(Clone, Debug, PartialEq)]
pub struct Texts {
    /// Where people may be held.
    pub facilities: Facilities,
    /// For lawyers.
    pub legal: Document,
    /// For families, and groups that help.
    pub support: Document,
    /// For assistants.
    pub prompts: Prompts,
    /// In the answers of searches.
    pub answers: Answers,
}

const FACILITIES: (&str, &str) = (
    "facilities.yaml",
    include_str!("../../texts/facilities.yaml"),
);
const LEGAL: (&str, &str) = ("legal.yaml", include_str!("../../texts/legal.yaml"));
const SUPPORT: (&str, &str) = ("support.yaml", include_str!("../../texts/support.yaml"));
const PROMPTS: (&str, &str) = ("prompts.yaml", include_str!("../../texts/prompts.yaml"));
const ANSWERS: (&str, &str) = ("answers.yaml", include_str!("../../texts/answers.yaml"));

impl Texts {
    /// The texts, with those files of `folder` that are there.
    pub fn load(folder: Option<&Path>) -> Result<Self, TextsError> {
        let texts = Self {
            facilities: read(folder, FACILITIES)?,
            legal: read(folder, LEGAL)?,
            support: read(folder, SUPPORT)?,
            prompts: read(folder, PROMPTS)?,
            answers: read(folder, ANSWERS)?,
        };
        texts.check()?;
        Ok(texts)
    }
}

fn read<T: DeserializeOwned>(
    folder: Option<&Path>,
    (file, shipped): (&'static str, &'static str),
) -> Result<T, TextsError> {
    let own = folder.map_or(Ok(None), |folder| own(folder, file))?;
    let text = own.as_deref().unwrap_or(shipped);
    let options = serde_saphyr::options! { with_snippet: false };
    let mut field = None;
    serde_saphyr::with_deserializer_from_str_with_options(text, options, |deserializer| {
        serde_path_to_error::deserialize(deserializer).map_err(|error| {
            field = Some(error.path().to_string());
            error.into_inner()
        })
    })
    .map_err(|error| TextsError::Form {
        file,
        field: field.unwrap_or_else(|| ".".to_owned()),
        problem: error.to_string(),
    })
}

/// The text of a file in `folder`, if it is there.
fn own(folder: &Path, file: &'static str) -> Result<Option<String>, TextsError> {
    let path = folder.join(file);
    let failed = |source| TextsError::Read { file, source };
    match fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
        Ok(about) if about.len() > LARGEST => Err(TextsError::Large { file }),
        Ok(_) => fs::read_to_string(&path).map(Some).map_err(failed),
    }
}

#[cfg(test)]
impl Texts {
    /// The shipped texts, read once for all tests.
    pub fn shipped() -> Arc<Self> {
        static SHIPPED: std::sync::LazyLock<Arc<Texts>> =
            std::sync::LazyLock::new(|| Arc::new(Texts::load(None).unwrap()));
        Arc::clone(&SHIPPED)
    }
}

/// The texts as they are now.
pub struct Library {
    folder: Option<PathBuf>,
    now: RwLock<Arc<Texts>>,
}

impl Library {
    /// The shipped texts, or those of a folder. A folder that is not there is refused: somebody meant other texts to be told.
    pub fn open(folder: Option<PathBuf>) -> Result<Self, TextsError> {
        if let Some(folder) = &folder {
            fs::read_dir(folder).map_err(|source| TextsError::Read {
                file: "texts",
                source,
            })?;
        }
        let now = RwLock::new(Arc::new(Texts::load(folder.as_deref())?));
        Ok(Self { folder, now })
    }

    /// The texts.
    pub fn texts(&self) -> Arc<Texts> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether there is a folder that may change.
    pub fn may_change(&self) -> bool {
        self.folder.is_some()
    }

    /// Reads the folder again and again. Texts that cannot be told leave those before in place.
    pub async fn follow(self: Arc<Self>) {
        let mut said = None;
        loop {
            tokio::time::sleep(EVERY).await;
            let problem = match self.reload() {
                Ok(true) => {
                    tracing::info!("texts were read again");
                    None
                }
                Ok(false) => None,
                Err(error) => Some(error.to_string()),
            };
            // Once for each problem, not once for each look at it.
            if problem != said
                && let Some(problem) = &problem
            {
                tracing::warn!(
                    icelocator.reason = problem,
                    "texts cannot be told: those before stay in place"
                );
            }
            said = problem;
        }
    }

    /// Reads the folder again. An error leaves the texts as they were. Says whether they changed.
    pub fn reload(&self) -> Result<bool, TextsError> {
        let texts = Texts::load(self.folder.as_deref())?;
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        let changed = **now != texts;
        if changed {
            *now = Arc::new(texts);
        }
        Ok(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn with(file: &str, text: &str) -> Self {
            let path = std::env::temp_dir().join(format!("texts-{}", uuid::Uuid::new_v4()));
            fs::create_dir(&path).unwrap();
            fs::write(path.join(file), text).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    const TITLES: &str = "title: {en: T, es: T}\nintroduction: {en: I, es: I}\n";

    fn problem(file: &str, text: &str) -> String {
        let folder = Folder::with(file, text);
        Texts::load(Some(&folder.0)).unwrap_err().to_string()
    }

    #[test]
    fn the_shipped_texts_hold_no_number_address_or_deadline_at_all() {
        let texts = Texts::load(None).unwrap();
        let sections = [&texts.legal, &texts.support, &texts.facilities.about];
        for section in sections.iter().flat_map(|document| &document.sections) {
            assert!(section.facts.is_empty(), "{}", section.id);
        }
        assert!(texts.facilities.facilities.is_empty());
        for (_, shipped) in [FACILITIES, LEGAL, SUPPORT, PROMPTS, ANSWERS] {
            for line in shipped.lines().filter(|line| !line.starts_with('#')) {
                let words = line.split("https://").next().unwrap_or_default();
                assert_eq!(unsourced::claim(words), None, "{line}");
            }
        }
    }

    #[test]
    fn a_file_of_ones_own_takes_the_place_of_the_shipped_one_and_of_no_other() {
        let folder = Folder::with("support.yaml", TITLES);
        let texts = Texts::load(Some(&folder.0)).unwrap();
        assert_eq!(texts.support.title.en, "T");
        assert_eq!(texts.legal, Texts::load(None).unwrap().legal);
    }

    #[test]
    fn an_unsourced_number_address_or_deadline_is_refused_by_file_and_field() {
        for (line, what) in [
            ("Call (202) 555-0100", "a telephone number"),
            ("12 Example Street", "a postal address"),
            ("Appeal within 30 days", "a deadline"),
        ] {
            let text = format!(
                "{TITLES}sections:\n- id: help\n  title: {{en: T, es: T}}\n  lines:\n  - {{en: \"{line}\", es: T}}\n"
            );
            let problem = problem("support.yaml", &text);
            assert!(
                problem.starts_with("support.yaml: sections[0].lines[0].en: ")
                    && problem.contains(what)
                    && problem.contains("source"),
                "{problem}"
            );
        }
    }

    #[test]
    fn a_fact_needs_a_source_and_the_day_it_was_read() {
        let fact = |more: &str| {
            format!(
                "{TITLES}sections:\n- id: help\n  title: {{en: T, es: T}}\n  facts:\n  - label: {{en: Telephone, es: Teléfono}}\n    value: {{en: (202) 555-0100, es: (202) 555-0100}}\n{more}"
            )
        };
        let whole = fact("    source: https://example.org/help\n    read_on: 2026-11-01\n");
        let folder = Folder::with("support.yaml", &whole);
        let texts = Texts::load(Some(&folder.0)).unwrap();
        assert_eq!(
            texts.support.sections[0].facts[0].value.en,
            "(202) 555-0100"
        );
        for (more, field) in [
            ("    source: https://example.org/help\n", "read_on"),
            ("    read_on: 2026-11-01\n", "source"),
            (
                "    source: somebody said so\n    read_on: 2026-11-01\n",
                "source",
            ),
            (
                "    source: https://example.org\n    read_on: lately\n",
                "read_on",
            ),
            (
                "    source: https://example.org\n    read_on: 2999-01-01\n",
                "read_on",
            ),
        ] {
            let problem = problem("support.yaml", &fact(more));
            assert!(
                problem.starts_with("support.yaml: sections[0].facts[0]")
                    && problem.contains(field),
                "{problem}"
            );
        }
    }

    #[test]
    fn what_has_the_wrong_form_is_named_by_file_and_field() {
        for (file, text, expected) in [
            ("legal.yaml", "title: 7\n", "legal.yaml: title"),
            ("legal.yaml", "{", "legal.yaml: "),
            ("legal.yaml", "", "legal.yaml: "),
            (
                "support.yaml",
                &format!("{TITLES}telephone: x\n"),
                "telephone",
            ),
            (
                "prompts.yaml",
                "detainee_search_guide: {}\n",
                "prompts.yaml: detainee_search_guide",
            ),
        ] {
            let problem = problem(file, text);
            assert!(problem.contains(expected), "{expected} in {problem}");
        }
        let answers = ANSWERS.1.replacen("  not_found:", "  nobody:", 1);
        let problem_of_answers = problem("answers.yaml", &answers);
        assert!(
            problem_of_answers.starts_with("answers.yaml: summaries"),
            "{problem_of_answers}"
        );
        let prompts = PROMPTS.1.replace("{facility}", "{prison}");
        let problem = problem("prompts.yaml", &prompts);
        assert!(problem.contains("{prison}"), "{problem}");
    }

    #[test]
    fn a_link_leads_to_a_public_page() {
        let text = format!(
            "{TITLES}sections:\n- id: help\n  title: {{en: T, es: T}}\n  links:\n  - title: {{en: T, es: T}}\n    url: javascript:alert(1)\n"
        );
        let problem = problem("support.yaml", &text);
        assert!(problem.contains("sections[0].links[0].url"), "{problem}");
    }

    #[test]
    fn a_changed_file_is_taken_and_a_broken_one_leaves_the_texts_as_they_were() {
        let folder = Folder::with("support.yaml", TITLES);
        let library = Library::open(Some(folder.0.clone())).unwrap();
        assert!(!library.reload().unwrap());
        fs::write(
            folder.0.join("support.yaml"),
            TITLES.replace("en: T", "en: New"),
        )
        .unwrap();
        assert!(library.reload().unwrap());
        fs::write(folder.0.join("support.yaml"), "{").unwrap();
        assert!(library.reload().is_err());
        assert_eq!(library.texts().support.title.en, "New");
        assert!(Library::open(Some("/nowhere".into())).is_err());
    }
}
