//! The tools as clients see them. Made once; every request shares them.

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Value, json};
use std::sync::Arc;

use super::answer::SearchAnswer;
use super::names::{SEARCH_BY_ALIEN_NUMBER, SEARCH_BY_NAME};
use super::texts;

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

/// All tools.
pub fn all() -> Arc<[Tool]> {
    let output = output_schema();
    let tool = |name: &'static str, title: &str, description: &'static str, input: Value| {
        let mut tool = Tool::new(name, description, Arc::new(object(input)))
            .with_title(title)
            .with_raw_output_schema(Arc::clone(&output));
        tool.annotations = Some(
            ToolAnnotations::with_title(title)
                .read_only(true)
                .destructive(false)
                .idempotent(true)
                .open_world(true),
        );
        tool
    };
    Arc::from([
        tool(
            SEARCH_BY_NAME,
            "Find a detained person by name",
            "Finds where a person is held in U.S. immigration detention, by name. Accents, double surnames, swapped order, \
             nicknames and other spellings are tried unless fuzzy_search is false. Only an outcome of not_found says that \
             the locator shows nobody; with challenged, rate_limited, unavailable or page_changed it is not known.",
            json!({
                "type": "object",
                "properties": {
                    "first_name": name_field("First name, or all given names"),
                    "last_name": name_field("Last name, or all surnames"),
                    "middle_name": name_field("Middle name"),
                    "date_of_birth": field("Date of birth as YYYY-MM-DD", &json!({"pattern": r"^\d{4}-\d{2}-\d{2}$"})),
                    "country_of_birth": country_field(),
                    "language": language_field(),
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
        tool(
            SEARCH_BY_ALIEN_NUMBER,
            "Find a detained person by A-number",
            "Finds where a person is held in U.S. immigration detention, by A-number: the surest way, as it does not depend \
             on spelling. Only an outcome of not_found says that the locator shows nobody; with challenged, rate_limited, \
             unavailable or page_changed it is not known.",
            json!({
                "type": "object",
                "properties": {
                    "alien_number": field(
                        "A-number: the letter A and up to nine digits, such as A012345678; spaces and dashes do not matter",
                        &json!({}),
                    ),
                    "country_of_birth": country_field(),
                    "language": language_field(),
                },
                "required": ["alien_number"],
                "additionalProperties": false,
            }),
        ),
    ])
}

fn field(description: &str, more: &Value) -> Value {
    let mut field = json!({"type": "string", "maxLength": 100, "description": description});
    if let (Some(field), Some(more)) = (field.as_object_mut(), more.as_object()) {
        field.extend(more.clone());
    }
    field
}

fn name_field(description: &str) -> Value {
    field(description, &json!({}))
}

fn country_field() -> Value {
    field(
        "Country of birth, in English or Spanish. The locator does not search without it: ask for it if it is not known",
        &json!({}),
    )
}

fn language_field() -> Value {
    json!({
        "type": "string",
        "enum": ["en", "es"],
        "default": "en",
        "description": format!("Language of the answer: {}", texts::expected("language").en),
    })
}

fn output_schema() -> Arc<JsonObject> {
    let mut generator: SchemaGenerator = SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .into_generator();
    let mut schema = SearchAnswer::json_schema(&mut generator);
    schema.insert(
        "$schema".to_owned(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    Arc::new(object(schema.to_value()))
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}
