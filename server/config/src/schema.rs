//! Small helpers for what a schema says beyond types: rules that the API server evaluates (CEL).

use serde_json::{Value, json};

/// One CEL rule as an entry of `x-kubernetes-validations`, reported at `field` (such as `.auth`) below the place where
/// the rule stands; an empty `field` reports that place itself.
pub fn rule(rule: &str, message: &str, field: &str) -> Value {
    if field.is_empty() {
        json!({"rule": rule, "message": message, "reason": "FieldValueInvalid"})
    } else {
        json!({"rule": rule, "message": message, "fieldPath": field, "reason": "FieldValueInvalid"})
    }
}

/// `true`, as a serde default.
pub(crate) fn yes() -> bool {
    true
}

/// Whether to leave a `false` out of a file.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
pub(crate) fn is_false(value: &bool) -> bool {
    !*value
}
