//! The resource's definition as the API server takes it: what the types say, put into the form that Kubernetes wants,
//! and with a bound on everything that the embedded Kubernetes types leave open.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;
use serde_json::{Map, Value, json};

use super::IceLocator;

/// Longest name of a resource: children add to it, and a label takes 63 characters.
pub const MAX_NAME_LENGTH: usize = 40;

/// A resource's name begins with a letter, because its Service's name must.
const NAME: &str = "^[a-z]([-a-z0-9]*[a-z0-9])?$";

/// Longest text where the schema says nothing else.
pub const MAX_TEXT: u32 = 1024;
const MAX_ITEMS: u32 = 64;
const MAX_PROPERTIES: u32 = 64;

/// Why the definition could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CrdError {
    /// The schema does not fit Kubernetes' own types.
    #[error("the schema is not one of Kubernetes: {0}")]
    Schema(#[from] serde_json::Error),
    /// The definition could not be written.
    #[error("cannot write the definition as YAML: {0}")]
    Yaml(String),
}

/// The definition of the `IceLocator` resource.
pub fn crd() -> Result<CustomResourceDefinition, CrdError> {
    let mut definition = serde_json::to_value(IceLocator::crd())?;
    if let Some(schema) = definition.pointer_mut("/spec/versions/0/schema/openAPIV3Schema") {
        fit(schema);
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert("metadata".to_owned(), metadata());
        }
    }
    Ok(serde_json::from_value(definition)?)
}

/// All that a definition may say of metadata: what the name looks like.
fn metadata() -> Value {
    json!({
        "type": "object",
        "properties": {"name": {"type": "string", "maxLength": MAX_NAME_LENGTH, "pattern": NAME}},
    })
}

/// The definition as a YAML document.
pub fn crd_yaml() -> Result<String, CrdError> {
    let definition = serde_json::to_value(crd()?)?;
    serde_saphyr::to_string(&definition).map_err(|error| CrdError::Yaml(error.to_string()))
}

/// Puts one schema and all below it into Kubernetes' form.
fn fit(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    // An explicit null means what leaving the field out means: the API server prunes it where null is not a value.
    schema.remove("nullable");
    // Kubernetes knows int32 and int64; the others make it warn at every apply.
    if schema
        .get("format")
        .and_then(Value::as_str)
        .is_some_and(|format| matches!(format, "uint32" | "uint64" | "uint16" | "uint8" | "uint"))
    {
        schema.remove("format");
    }
    shorten(schema);
    bound(schema);
    for key in ["items", "additionalProperties"] {
        if let Some(below) = schema.get_mut(key) {
            fit(below);
        }
    }
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.values_mut().for_each(fit);
    }
}

/// Cuts the long descriptions of Kubernetes' own types after their first paragraph.
fn shorten(schema: &mut Map<String, Value>) {
    if let Some(Value::String(description)) = schema.get_mut("description")
        && let Some((first, _)) = description.split_once("\n\n")
    {
        *description = first.to_owned();
    }
}

/// Bounds what has no bound: CEL's cost is reckoned from the greatest sizes.
fn bound(schema: &mut Map<String, Value>) {
    if schema.contains_key("x-kubernetes-int-or-string") {
        return;
    }
    let kind = schema.get("type").and_then(Value::as_str);
    let (key, limit) = match kind {
        Some("string") if !schema.contains_key("enum") && !schema.contains_key("format") => {
            ("maxLength", MAX_TEXT)
        }
        Some("array") => ("maxItems", MAX_ITEMS),
        Some("object") if schema.contains_key("additionalProperties") => {
            ("maxProperties", MAX_PROPERTIES)
        }
        _ => return,
    };
    schema.entry(key).or_insert_with(|| limit.into());
}
