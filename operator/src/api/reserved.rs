//! Labels and annotations that are the operator's own on everything it makes.

use icelocator_config::rule;
use serde_json::{Value, json};

/// What to say of a key that is the operator's own.
pub(crate) const RESERVED: &str =
    "keys of app.kubernetes.io and icelocator.dev are the operator's own: choose another";

/// What a label's value looks like.
pub(super) const LABEL_VALUE: &str = r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$";

const PREFIXES: [&str; 2] = ["app.kubernetes.io/", "icelocator.dev/"];

/// Whether a label's or annotation's key is the operator's own.
pub(crate) fn is_reserved(key: &str) -> bool {
    PREFIXES.into_iter().any(|prefix| key.starts_with(prefix))
}

/// The same for `x-kubernetes-validations` of a map.
pub(super) fn no_reserved_keys() -> Value {
    let [first, second] = PREFIXES;
    let all = format!("self.all(key, !key.startsWith('{first}') && !key.startsWith('{second}'))");
    json!([rule(&all, RESERVED, "")])
}
