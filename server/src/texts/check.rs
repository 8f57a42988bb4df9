//! Whether texts may be told: facts with their source, links to public pages, placeholders that mean something, no more of
//! anything than people read.

use jiff::Zoned;

use super::answers::Answers;
use super::types::{Document, Fact, Link, Prompt, Said};
use super::{Texts, TextsError, unsourced};

/// Most entries of a list.
const MOST: usize = 2_000;
/// Longest text, in characters.
const LONGEST: usize = 2_000;
/// Arguments that a prompt may name in braces.
pub const PLACEHOLDERS: [&str; 3] = ["country_of_birth", "facility", "format"];

/// Where in a file, and what is wrong there.
struct Problem(String, String);

type Checked = Result<(), Problem>;

impl Texts {
    /// Whether all of it may be told.
    pub(super) fn check(&self) -> Result<(), TextsError> {
        let facilities = document(&self.facilities.about).and_then(|()| {
            each("facilities", &self.facilities.facilities, |at, facility| {
                unsaid(&format!("{at}.name"), &facility.name)?;
                if let Some(url) = &facility.url {
                    public(&format!("{at}.url"), url)?;
                }
                each(&format!("{at}.facts"), &facility.facts, fact)
            })
        });
        let prompts = &self.prompts;
        let prompts = prompt("detainee_search_guide", &prompts.detainee_search_guide)
            .and_then(|()| prompt("legal_report_template", &prompts.legal_report_template))
            .and_then(|()| prompt("family_support_guide", &prompts.family_support_guide));
        for (file, checked) in [
            (super::FACILITIES.0, facilities),
            (super::LEGAL.0, document(&self.legal)),
            (super::SUPPORT.0, document(&self.support)),
            (super::PROMPTS.0, prompts),
            (super::ANSWERS.0, answers(&self.answers)),
        ] {
            checked.map_err(|Problem(field, problem)| TextsError::Form {
                file,
                field,
                problem,
            })?;
        }
        Ok(())
    }
}

fn document(document: &Document) -> Checked {
    plain("title", &document.title)?;
    plain("introduction", &document.introduction)?;
    each("sections", &document.sections, |at, section| {
        unsaid(&format!("{at}.id"), &section.id)?;
        plain(&format!("{at}.title"), &section.title)?;
        each(&format!("{at}.lines"), &section.lines, plain)?;
        each(&format!("{at}.links"), &section.links, link)?;
        each(&format!("{at}.facts"), &section.facts, fact)
    })
}

fn prompt(at: &str, prompt: &Prompt) -> Checked {
    plain(&format!("{at}.title"), &prompt.title)?;
    plain(&format!("{at}.description"), &prompt.description)?;
    each(
        &format!("{at}.paragraphs"),
        &prompt.paragraphs,
        |at, said| filled(at, said, &PLACEHOLDERS),
    )
}

/// A text with nothing else in braces than these.
fn filled(at: &str, said: &Said, known: &[&str]) -> Checked {
    plain(at, said)?;
    let mut names = [&said.en, &said.es]
        .into_iter()
        .flat_map(|text| placeholders(text));
    match names.find(|name| !known.contains(name)) {
        None => Ok(()),
        Some(name) => {
            let known = known.join("}, {");
            let problem = format!("{{{name}}} stands for nothing: there are {{{known}}}");
            Err(Problem(at.to_owned(), problem))
        }
    }
}

fn answers(answers: &Answers) -> Checked {
    for (name, summary) in answers.summaries.all() {
        plain(&format!("summaries.{name}"), summary)?;
    }
    for (name, steps) in answers.next_steps.all() {
        each(&format!("next_steps.{name}"), steps, |at, step| {
            filled(at, step, &["wait"])
        })?;
    }
    plain("if_moved", &answers.if_moved)?;
    link("by_hand", &answers.by_hand)?;
    each("help", &answers.help, link)
}

/// What stands in braces.
pub fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
}

fn each<T>(at: &str, all: &[T], check: impl Fn(&str, &T) -> Checked) -> Checked {
    if all.len() > MOST {
        return Err(Problem(at.to_owned(), format!("more than {MOST} entries")));
    }
    for (index, one) in all.iter().enumerate() {
        check(&format!("{at}[{index}]"), one)?;
    }
    Ok(())
}

fn plain(at: &str, said: &Said) -> Checked {
    unsaid(&format!("{at}.en"), &said.en)?;
    unsaid(&format!("{at}.es"), &said.es)
}

/// A text without anything that wants a source.
fn unsaid(at: &str, text: &str) -> Checked {
    sized(at, text)?;
    match unsourced::claim(text) {
        None => Ok(()),
        Some(claim) => Err(Problem(
            at.to_owned(),
            format!(
                "looks like {}: write it under `facts`, with its `source` and the day it was read (`read_on`), or give a link only",
                claim.as_str()
            ),
        )),
    }
}

fn sized(at: &str, text: &str) -> Checked {
    if text.trim().is_empty() || text.chars().count() > LONGEST {
        let problem = format!("must have 1 to {LONGEST} characters");
        return Err(Problem(at.to_owned(), problem));
    }
    Ok(())
}

fn link(at: &str, link: &Link) -> Checked {
    plain(&format!("{at}.title"), &link.title)?;
    public(&format!("{at}.url"), &link.url)
}

fn fact(at: &str, fact: &Fact) -> Checked {
    plain(&format!("{at}.label"), &fact.label)?;
    sized(&format!("{at}.value.en"), &fact.value.en)?;
    sized(&format!("{at}.value.es"), &fact.value.es)?;
    public(&format!("{at}.source"), &fact.source)?;
    if fact.read_on > Zoned::now().date() {
        let problem = "lies in the future: write the day on which the source was read";
        return Err(Problem(format!("{at}.read_on"), problem.to_owned()));
    }
    Ok(())
}

fn public(at: &str, url: &str) -> Checked {
    let parsed = reqwest::Url::parse(url).ok();
    let is_page = parsed.is_some_and(|url| {
        matches!(url.scheme(), "https" | "http") && url.has_host() && url.username().is_empty()
    });
    if is_page && url.len() <= LONGEST {
        Ok(())
    } else {
        Err(Problem(
            at.to_owned(),
            "not the address of a page: write https:// and a host".to_owned(),
        ))
    }
}
