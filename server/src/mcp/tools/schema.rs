//! What tools take and give, as JSON Schema.

use std::sync::Arc;

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, Schema, SchemaGenerator};
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
    let mut generator: SchemaGenerator = SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .into_generator();
    let mut schema = Output::json_schema(&mut generator);
    RecursiveTransform(without_widths).transform(&mut schema);
    schema.insert(
        "$schema".to_owned(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    Arc::new(object(schema.to_value()))
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
