//! The searches for one person, by name and by A-number.

use std::time::Instant;

use rmcp::model::{CallToolResult, ContentBlock, JsonObject, Tool};
use serde_json::json;

use super::super::Face;
use super::super::answer::SearchAnswer;
use super::super::arguments::{Arguments, Wrong};
use super::super::names::{SEARCH_BY_ALIEN_NUMBER, SEARCH_BY_NAME};
use super::schema;
use crate::observe::{CallContext, SearchReport};
use crate::search::{AlienNumberQuery, Answer, Facts, NameQuery, Search, Stage};

/// Arguments of the search by name.
pub const NAME_ARGUMENTS: [&str; 7] = [
    "first_name",
    "last_name",
    "middle_name",
    "date_of_birth",
    "country_of_birth",
    "language",
    "fuzzy_search",
];
/// Arguments of the search by A-number.
pub const NUMBER_ARGUMENTS: [&str; 3] = ["alien_number", "country_of_birth", "language"];

/// The tools as clients see them.
pub fn declarations() -> [Tool; 2] {
    [
        schema::tool::<SearchAnswer>(
            SEARCH_BY_NAME,
            "Find a detained person by name",
            "Finds where a person is held in U.S. immigration detention, by name. Accents, double surnames, swapped order, \
             nicknames and other spellings are tried unless fuzzy_search is false. Only an outcome of not_found says that \
             the locator shows nobody; with challenged, rate_limited, unavailable or page_changed it is not known.",
            json!({
                "type": "object",
                "properties": {
                    "first_name": schema::name_field("First name, or all given names"),
                    "last_name": schema::name_field("Last name, or all surnames"),
                    "middle_name": schema::name_field("Middle name"),
                    "date_of_birth": schema::field("Date of birth as YYYY-MM-DD", &json!({"pattern": r"^\d{4}-\d{2}-\d{2}$"})),
                    "country_of_birth": schema::country_field(),
                    "language": schema::language_field(),
                    "fuzzy_search": {
                        "type": "boolean",
                        "default": true,
                        "description": "Whether other spellings of the name are tried too",
                    },
                },
                "required": ["first_name", "last_name"],
                "additionalProperties": false,
            }),
        ),
        schema::tool::<SearchAnswer>(
            SEARCH_BY_ALIEN_NUMBER,
            "Find a detained person by A-number",
            "Finds where a person is held in U.S. immigration detention, by A-number and country of birth: the surest way, as it \
             does not depend on spelling. Only an outcome of not_found says that the locator shows nobody; with challenged, rate_limited, \
             unavailable or page_changed it is not known.",
            json!({
                "type": "object",
                "properties": {
                    "alien_number": schema::field(
                        "A-number: the letter A and up to nine digits, such as A012345678; spaces and dashes do not matter",
                        &json!({}),
                    ),
                    "country_of_birth": schema::country_field(),
                    "language": schema::language_field(),
                },
                "required": ["alien_number"],
                "additionalProperties": false,
            }),
        ),
    ]
}

/// Searches by name.
pub async fn by_name(search: &Search, given: &JsonObject) -> Result<Answer, Wrong> {
    let began = Instant::now();
    let arguments = Arguments::new(given, &NAME_ARGUMENTS)?;
    arguments.check_language()?;
    let query = NameQuery::parse(
        arguments.required("first_name")?,
        arguments.text("middle_name")?,
        arguments.required("last_name")?,
        arguments.text("date_of_birth")?,
        arguments.text("country_of_birth")?,
        arguments.flag("fuzzy_search", true)?,
    )?;
    let understanding = began.elapsed();
    let mut answer = search.by_name(query).await?;
    answer.facts.stages.add(Stage::Understanding, understanding);
    Ok(answer)
}

/// Searches by A-number.
pub async fn by_alien_number(search: &Search, given: &JsonObject) -> Result<Answer, Wrong> {
    let began = Instant::now();
    let arguments = Arguments::new(given, &NUMBER_ARGUMENTS)?;
    arguments.check_language()?;
    let query = AlienNumberQuery::parse(
        arguments.required("alien_number")?,
        arguments.text("country_of_birth")?,
    )?;
    let understanding = began.elapsed();
    let mut answer = search.by_alien_number(query).await?;
    answer.facts.stages.add(Stage::Understanding, understanding);
    Ok(answer)
}

/// Makes one search and tells how it went, to the caller and to who watches.
pub async fn answer(
    face: &Face,
    search: impl Future<Output = Result<Answer, Wrong>>,
    given: &JsonObject,
    context: &CallContext,
) -> CallToolResult {
    let language = Arguments::language(given);
    let began = Instant::now();
    let found = search.await;
    let told = &face.library.texts().answers;
    let (facts, answer) = match found {
        Ok(answer) => {
            answer.show(&context.shown);
            (
                answer.facts.clone(),
                SearchAnswer::new(answer, told, language),
            )
        }
        Err(wrong) => (
            Facts::default(),
            SearchAnswer::invalid(wrong, told, language),
        ),
    };
    context.report.say(SearchReport {
        outcome: answer.outcome(),
        language: language.as_str(),
        duration: began.elapsed(),
        people: answer.people(),
        facts,
        refused: None,
    });
    let text = vec![ContentBlock::text(answer.text())];
    // An outcome that is no answer is an error to the model: it must not be told as "nobody found".
    let mut result = if answer.outcome().is_answer() {
        CallToolResult::success(text)
    } else {
        CallToolResult::error(text)
    };
    result.structured_content = serde_json::to_value(&answer).ok();
    result
}
