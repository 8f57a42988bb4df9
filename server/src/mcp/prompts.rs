//! Prompts: what a person chooses from a menu and an assistant is handed. Their words are data; only their names and
//! arguments are here.

use super::arguments::{Arguments, Wrong};
use super::names::{FAMILY_GUIDE, LEGAL_TEMPLATE, SEARCH_GUIDE};
use super::texts;
use crate::language::Language;
use crate::texts::{self as library, Prompts, Texts};
use rmcp::model::{
    ErrorData, GetPromptResult, JsonObject, Prompt, PromptArgument, PromptMessage, Role,
};

/// A prompt's name and the arguments that it takes.
struct Form {
    name: &'static str,
    arguments: &'static [&'static str],
}

const FORMS: [Form; 3] = [
    Form {
        name: SEARCH_GUIDE,
        arguments: &["language", "country_of_birth"],
    },
    Form {
        name: LEGAL_TEMPLATE,
        arguments: &["language", "format", "facility"],
    },
    Form {
        name: FAMILY_GUIDE,
        arguments: &["language", "facility", "country_of_birth"],
    },
];

impl Form {
    fn words<'a>(&self, prompts: &'a Prompts) -> &'a library::Prompt {
        match self.name {
            SEARCH_GUIDE => &prompts.detainee_search_guide,
            LEGAL_TEMPLATE => &prompts.legal_report_template,
            _ => &prompts.family_support_guide,
        }
    }
}

/// All prompts. Menus know no language: they are told in English and Spanish.
pub fn list(texts: &Texts) -> Vec<Prompt> {
    let prompt = |form: &Form| {
        let words = form.words(&texts.prompts);
        let arguments = form.arguments.iter().map(|name| {
            PromptArgument::new(*name)
                .with_description(describe(name))
                .with_required(false)
        });
        let description = format!("{} · {}", words.description.en, words.description.es);
        Prompt::new(form.name, Some(description), Some(arguments.collect()))
            .with_title(format!("{} · {}", words.title.en, words.title.es))
    };
    FORMS.iter().map(prompt).collect()
}

fn describe(argument: &str) -> &'static str {
    match argument {
        "language" => "Language: en or es",
        "country_of_birth" => "Country of birth of the person, in English or Spanish",
        "facility" => "Where the person is believed to be held",
        _ => "Form of the report: markdown, html or json",
    }
}

/// The prompt's name, if it is one of ours.
pub fn known(name: &str) -> Option<&'static str> {
    form(name).map(|form| form.name)
}

fn form(name: &str) -> Option<&'static Form> {
    FORMS.iter().find(|form| form.name == name)
}

/// The arguments of a prompt.
pub fn arguments(name: &str) -> Option<&'static [&'static str]> {
    form(name).map(|form| form.arguments)
}

/// What the assistant is handed.
pub fn get(name: &str, given: &JsonObject, texts: &Texts) -> Result<GetPromptResult, ErrorData> {
    let form = form(name).ok_or_else(|| {
        let all: Vec<_> = FORMS.iter().map(|form| form.name).collect();
        let message = format!("there is no such prompt; there are {}", all.join(", "));
        ErrorData::invalid_params(message, None)
    })?;
    let language = Arguments::language(given);
    let values = read(form, given).map_err(|wrong| refused(form, wrong))?;
    let words = form.words(&texts.prompts);
    let paragraphs: Vec<String> = words
        .paragraphs
        .iter()
        .filter_map(|paragraph| filled(paragraph.of(language).trim(), &values))
        .collect();
    let message = PromptMessage::new_text(Role::User, paragraphs.join("\n\n"));
    Ok(GetPromptResult::new(vec![message]).with_description(words.description.of(language)))
}

type Values<'a> = Vec<(&'static str, Option<&'a str>)>;

fn read<'a>(form: &Form, given: &'a JsonObject) -> Result<Values<'a>, Wrong> {
    // A prompt has so few that all are told, whichever may have been meant.
    let arguments = Arguments::new(given, form.arguments).map_err(|_| Wrong::Unknown)?;
    arguments.check_language()?;
    let one_line = |text: &str| !text.chars().any(char::is_control);
    form.arguments
        .iter()
        .map(|name| match arguments.text(name)? {
            Some(text) if !one_line(text) => Err(Wrong::Malformed(name)),
            Some(text) if *name == "format" && !super::report::FORMATS.contains(&text) => {
                Err(Wrong::Malformed(name))
            }
            text => Ok((*name, text)),
        })
        .collect()
}

/// The paragraph with its arguments in place; `None` when one of them was not given.
fn filled(paragraph: &str, values: &Values<'_>) -> Option<String> {
    let mut text = String::new();
    let mut rest = paragraph;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        let value = values.iter().find(|(known, _)| *known == name)?.1?;
        text.push_str(before);
        text.push_str(value);
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

fn refused(form: &Form, wrong: Wrong) -> ErrorData {
    let message = match wrong {
        Wrong::Missing(field)
        | Wrong::Malformed(field)
        | Wrong::Misspelt(field, _)
        | Wrong::Child(field) => {
            let expected = match field {
                "language" => Language::En.of(texts::expected(field)),
                "format" => "markdown, html or json",
                _ => "one line of at most 100 characters",
            };
            format!("{field}: {expected}")
        }
        Wrong::Unknown => format!(
            "this prompt takes {} and nothing else",
            form.arguments.join(", ")
        ),
    };
    ErrorData::invalid_params(message, None)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn text(name: &str, given: &Value) -> Result<String, ErrorData> {
        let result = get(name, given.as_object().unwrap(), &Texts::shipped())?;
        let value = serde_json::to_value(&result).unwrap();
        Ok(value["messages"][0]["content"]["text"]
            .as_str()
            .unwrap()
            .to_owned())
    }

    #[test]
    fn every_prompt_is_there_in_both_languages() {
        for form in &FORMS {
            let en = text(form.name, &json!({"language": "en"})).unwrap();
            let es = text(form.name, &json!({"language": "es"})).unwrap();
            assert_ne!(en, es);
            assert_eq!(text(form.name, &json!({})).unwrap(), en);
            assert!(!en.contains('{') && !es.contains('{'), "{en}\n{es}");
        }
    }

    #[test]
    fn a_paragraph_about_an_argument_is_there_when_it_was_given() {
        let with = text(
            FAMILY_GUIDE,
            &json!({"facility": "Ejemplo {country_of_birth}"}),
        )
        .unwrap();
        assert!(
            with.contains("held at: Ejemplo {country_of_birth}."),
            "{with}"
        );
        let without = text(FAMILY_GUIDE, &json!({})).unwrap();
        assert!(!without.contains("held at:") && !without.contains("born in:"));
    }

    #[test]
    fn what_cannot_be_used_is_refused_by_name_and_not_repeated() {
        for (name, given, expected) in [
            ("planted", json!({}), SEARCH_GUIDE),
            (SEARCH_GUIDE, json!({"planted": "x"}), "country_of_birth"),
            (SEARCH_GUIDE, json!({"language": "planted"}), "language"),
            (
                SEARCH_GUIDE,
                json!({"country_of_birth": 7}),
                "country_of_birth",
            ),
            (LEGAL_TEMPLATE, json!({"format": "planted"}), "format"),
            (
                LEGAL_TEMPLATE,
                json!({"facility": "a\nplanted"}),
                "facility",
            ),
        ] {
            let error = text(name, &given).unwrap_err();
            assert_eq!(error.code.0, -32602);
            assert!(error.message.contains(expected), "{}", error.message);
            assert!(!error.message.contains("planted"), "{}", error.message);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_given_for_a_place_stands_once_or_is_refused(facility in "\\PC{0,120}") {
            if let Ok(text) = text(LEGAL_TEMPLATE, &json!({"facility": facility})) {
                prop_assert!(text.contains(facility.trim()));
            }
        }
    }
}
