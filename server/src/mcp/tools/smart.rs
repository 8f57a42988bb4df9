//! The search in plain language: what a few sentences say is understood as far as it can be, the rest is asked back, and
//! nothing is searched for that was not said.

use std::time::Instant;

use rmcp::model::{CallToolResult, ContentBlock, JsonObject, Tool};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::super::Face;
use super::super::answer::{SearchAnswer, section};
use super::super::arguments::{Arguments, Wrong};
use super::super::names::SMART_SEARCH;
use super::{schema, smart_texts as texts};
use crate::language::Language;
use crate::observe::{CallContext, Outcome, SearchReport};
use crate::privacy::Shown;
use crate::search::plain::{
    self, Ask, Completion, Field, Reading, Suggestion, Tip, Understood, Why,
};
use crate::search::{AlienNumberQuery, Answer, Facts, InvalidInput, NameQuery, Search, Stage};
use crate::texts::Answers;

/// What it takes.
pub const ARGUMENTS: [&str; 5] = [
    "query",
    "language",
    "country_of_birth",
    "date_of_birth",
    "fuzzy_search",
];

/// The answer of a search in plain language: that of any search, and what was understood.
#[derive(Serialize, JsonSchema)]
struct SmartAnswer {
    #[serde(flatten)]
    answer: SearchAnswer,
    /// What was understood of the query, and which of its words say so.
    understood: Understood,
    /// What has to be asked back before the search can be made, or to make it surer.
    questions: Vec<Question>,
    /// What may have to be corrected.
    suggestions: Vec<Correction>,
}

/// Something to ask the person.
#[derive(Serialize, JsonSchema)]
#[expect(
    clippy::struct_field_names,
    reason = "a question has its text, and clients read its name"
)]
struct Question {
    /// What about. `person`: which of several.
    field: Field,
    /// Why.
    why: Why,
    /// The question, to be passed on.
    question: &'static str,
    /// What it may be, where there is a choice.
    options: Vec<String>,
}

/// Something that may have to be corrected.
#[derive(Serialize, JsonSchema)]
struct Correction {
    /// What.
    kind: Tip,
    /// In words.
    text: &'static str,
    /// As what it was read, or what it may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

/// The tool as clients see it.
pub fn declaration() -> Tool {
    schema::tool::<SmartAnswer>(
        SMART_SEARCH,
        "Find a detained person from a sentence",
        "Finds where a person is held in U.S. immigration detention, from a sentence or a few in English or Spanish, in the words \
         of who asks. Says what it understood and asks back what is missing or can be read in two ways: pass the questions \
         on, then repeat the query with the answers. One person at a time. Only an outcome of not_found says that the locator \
         shows nobody.",
        json!({
            "type": "object",
            "properties": {
                "query": {
                    "type": "string",
                    "maxLength": plain::LONGEST,
                    "description": "What is known of the person, as it was said: name, country and date of birth, A-number",
                },
                "country_of_birth": schema::field("Country of birth, when it was asked back", &json!({})),
                "date_of_birth": schema::field("Date of birth as YYYY-MM-DD, when it was asked back", &json!({"pattern": r"^\d{4}-\d{2}-\d{2}$"})),
                "language": {
                    "type": "string",
                    "enum": ["en", "es"],
                    "description": "Language of the answer; that of the query when it is not said",
                },
                "fuzzy_search": {
                    "type": "boolean",
                    "default": true,
                    "description": "Whether other spellings of the name are tried too",
                },
            },
            "required": ["query"],
            "additionalProperties": false,
        }),
    )
}

/// Reads the query, makes the search if enough is understood, and tells how it went.
pub async fn answer(face: &Face, given: &JsonObject, context: &CallContext) -> CallToolResult {
    let began = Instant::now();
    let (answer, facts) = match read(&face.search, given) {
        Ok((reading, fuzzy)) => {
            reading.show(&context.shown);
            let understanding = began.elapsed();
            let told = told_language(given);
            let (answer, mut facts) = searched(face, reading, fuzzy, told, &context.shown).await;
            facts.stages.add(Stage::Understanding, understanding);
            (answer, facts)
        }
        Err(wrong) => {
            let language = told_language(given).unwrap_or_default();
            let told = &face.library.texts().answers;
            let answer = SmartAnswer::invalid(wrong, told, language);
            (answer, Facts::default())
        }
    };
    context.report.say(SearchReport {
        outcome: answer.answer.outcome(),
        language: answer.answer.language().as_str(),
        duration: began.elapsed(),
        people: answer.answer.people(),
        facts,
        refused: None,
    });
    let text = vec![ContentBlock::text(answer.text())];
    let mut result = if answer.answer.outcome().is_answer() {
        CallToolResult::success(text)
    } else {
        CallToolResult::error(text)
    };
    result.structured_content = serde_json::to_value(&answer).ok();
    result
}

/// The language that the caller asks for.
fn told_language(given: &JsonObject) -> Option<Language> {
    let told = given.get("language").and_then(Value::as_str).is_some();
    told.then(|| Arguments::language(given))
}

fn read(search: &Search, given: &JsonObject) -> Result<(Reading, bool), Wrong> {
    let arguments = Arguments::new(given, &ARGUMENTS)?;
    arguments.check_language()?;
    let query = arguments
        .text_up_to("query", plain::LONGEST)?
        .ok_or(Wrong::Missing("query"))?;
    let completion = Completion::parse(
        arguments.text("country_of_birth")?,
        arguments.text("date_of_birth")?,
    )?;
    let fuzzy = arguments.flag("fuzzy_search", true)?;
    let mut reading = plain::read(query, jiff::Zoned::now().date());
    reading.complete(&completion);
    if !search.requires_country() {
        reading.country_is_optional();
    }
    Ok((reading, fuzzy))
}

async fn searched(
    face: &Face,
    mut reading: Reading,
    fuzzy: bool,
    told: Option<Language>,
    shown: &Shown,
) -> (SmartAnswer, Facts) {
    let language = told.or(reading.understood.language).unwrap_or_default();
    if let Some(ask) = reading.asks.iter().find(|ask| ask.blocks()) {
        let wrong = match ask.why {
            Why::Missing => Wrong::Missing(ask.field.as_str()),
            _ => Wrong::Malformed(ask.field.as_str()),
        };
        let answer = SearchAnswer::invalid(wrong, &face.library.texts().answers, language);
        return (
            SmartAnswer::new(answer, reading, language),
            Facts::default(),
        );
    }
    let found = made(&face.search, &reading.understood, fuzzy).await;
    let told = &face.library.texts().answers;
    match found {
        Ok(answer) => {
            answer.show(shown);
            let facts = answer.facts.clone();
            if answer.outcome == Outcome::NotFound {
                reading.not_found();
            }
            let answer = SearchAnswer::new(answer, told, language);
            (SmartAnswer::new(answer, reading, language), facts)
        }
        Err(invalid) => {
            let answer = SearchAnswer::invalid(invalid.into(), told, language);
            (
                SmartAnswer::new(answer, reading, language),
                Facts::default(),
            )
        }
    }
}

/// By number where there is one: a name that is written differently must not hide whom the number finds, and one that is the same
/// must not stand in for a number that finds nobody.
async fn made(
    search: &Search,
    understood: &Understood,
    fuzzy: bool,
) -> Result<Answer, InvalidInput> {
    let value = |part: &'_ Option<plain::Part>| part.as_ref().map(|part| part.value.clone());
    let country = value(&understood.country_of_birth);
    if let Some(number) = value(&understood.alien_number) {
        let query = AlienNumberQuery::parse(&number, country.as_deref())?;
        return search.by_alien_number(query).await;
    }
    let query = NameQuery::parse(
        &value(&understood.first_name).unwrap_or_default(),
        value(&understood.middle_name).as_deref(),
        &value(&understood.last_name).unwrap_or_default(),
        value(&understood.date_of_birth).as_deref(),
        country.as_deref(),
        fuzzy,
    )?;
    search.by_name(query).await
}

impl SmartAnswer {
    fn new(answer: SearchAnswer, reading: Reading, language: Language) -> Self {
        let question = |ask: Ask| Question {
            field: ask.field,
            why: ask.why,
            question: language.of(texts::question(ask.field, ask.why)),
            options: ask.options,
        };
        let correction = |suggestion: Suggestion| Correction {
            kind: suggestion.tip,
            text: language.of(texts::suggestion(suggestion.tip)),
            value: suggestion.value,
        };
        Self {
            answer,
            understood: reading.understood,
            questions: reading.asks.into_iter().map(question).collect(),
            suggestions: reading.suggestions.into_iter().map(correction).collect(),
        }
    }

    fn invalid(wrong: Wrong, told: &Answers, language: Language) -> Self {
        Self {
            answer: SearchAnswer::invalid(wrong, told, language),
            understood: Understood::default(),
            questions: Vec::new(),
            suggestions: Vec::new(),
        }
    }

    /// As a text for models and people.
    fn text(&self) -> String {
        let language = self.answer.language();
        let mut text = String::new();
        let understood: Vec<String> = self
            .understood
            .values()
            .map(|(field, value)| format!("{}: {value}", language.of(texts::field(field))))
            .collect();
        section(&mut text, language.of(texts::UNDERSTOOD), &understood);
        let not_used: Vec<String> = self
            .understood
            .not_used
            .iter()
            .map(|part| part.text.clone())
            .collect();
        section(&mut text, language.of(texts::NOT_USED), &not_used);
        let questions: Vec<String> = self
            .questions
            .iter()
            .map(|question| with(question.question, &question.options.join(" / ")))
            .collect();
        section(&mut text, language.of(texts::QUESTIONS), &questions);
        let corrections: Vec<String> = self
            .suggestions
            .iter()
            .map(|correction| {
                with(
                    correction.text,
                    correction.value.as_deref().unwrap_or_default(),
                )
            })
            .collect();
        section(&mut text, language.of(texts::SUGGESTIONS), &corrections);
        if !text.is_empty() {
            text.push('\n');
        }
        text + &self.answer.text()
    }
}

fn with(text: &str, more: &str) -> String {
    if more.is_empty() {
        text.to_owned()
    } else {
        format!("{text} ({more})")
    }
}
