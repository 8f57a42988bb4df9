//! What tools take and give, as JSON Schema.

use std::sync::Arc;

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use super::super::texts;

/// A tool that only reads, with the schema of what it takes and of what it gives.
pub fn tool<Output: JsonSchema>(
    name: &'static str,
    title: &str,
    description: &'static str,
    input: Value,
) -> Tool {
    let mut tool = Tool::new(name, description, Arc::new(object(input)))
        .with_title(title)
        .with_raw_output_schema(output_schema::<Output>());
    tool.annotations = Some(
        ToolAnnotations::with_title(title)
            .read_only(true)
            .destructive(false)
            .idempotent(true)
            .open_world(true),
    );
    tool
}

/// A text.
pub fn field(description: &str, more: &Value) -> Value {
    let mut field = json!({"type": "string", "maxLength": 100, "description": description});
    if let (Some(field), Some(more)) = (field.as_object_mut(), more.as_object()) {
        field.extend(more.clone());
    }
    field
}

/// A name.
pub fn name_field(description: &str) -> Value {
    field(description, &json!({}))
}

/// The country of birth.
pub fn country_field() -> Value {
    field(
        "Country of birth, in English or Spanish. The locator does not search without it: ask for it if it is not known",
        &json!({}),
    )
}

/// The language of the answer.
pub fn language_field() -> Value {
    json!({
        "type": "string",
        "enum": ["en", "es"],
        "default": "en",
        "description": format!("Language of the answer: {}", texts::expected("language").en),
    })
}

fn output_schema<Output: JsonSchema>() -> Arc<JsonObject> {
    // A name of ours in Rust is no title that says anything to clients.
    let mut schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<Output>();
    schema.remove("title");
    RecursiveTransform(without_widths).transform(&mut schema);
    RecursiveTransform(words_as_a_list).transform(&mut schema);
    Arc::new(object(schema.to_value()))
}

/// Most words that are explained one by one. What there are more of is named so that each says what it means.
const MOST_EXPLAINED: usize = 9;

/// One of a few words, as a list of them with one text instead of a schema for each: every client reads all of it again and
/// again.
fn words_as_a_list(schema: &mut Schema) {
    let Some(choices) = schema.get("oneOf").and_then(Value::as_array) else {
        return;
    };
    let word = |choice: &Value| Some(choice.get("const")?.as_str()?.to_owned());
    let Some(words) = choices.iter().map(word).collect::<Option<Vec<_>>>() else {
        return;
    };
    let explained = words.iter().zip(choices).filter_map(|(word, choice)| {
        let text = choice.get("description")?.as_str()?;
        Some(format!("{word}: {}", text.trim_end_matches('.')))
    });
    let explained: Vec<_> = explained.collect();
    let own = schema.get("description").and_then(Value::as_str);
    let mut texts: Vec<String> = own.map(str::to_owned).into_iter().collect();
    if explained.len() <= MOST_EXPLAINED {
        texts.push(explained.join("; "));
    }
    schema.remove("oneOf");
    schema.insert("type".to_owned(), json!("string"));
    schema.insert("enum".to_owned(), json!(words));
    schema.insert("description".to_owned(), json!(texts.join(" ")));
}

/// How wide a number is in Rust is no format that JSON Schema knows, and clients complain of it at every call.
fn without_widths(schema: &mut Schema) {
    let number = |kind: &Value| kind == "integer" || kind == "number";
    let is_number = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(number),
        Some(kind) => number(kind),
        None => false,
    };
    if is_number {
        schema.remove("format");
    }
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}
