//! Checks that go beyond the form of a single value, each error named by the path of its field.

use std::fmt;

/// The path of a field as its user wrote it, such as `locator.cache.ttl`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldPath(String);

impl FieldPath {
    /// The start of a document.
    pub fn root() -> Self {
        Self::default()
    }

    /// The field of this name below.
    #[must_use]
    pub fn field(&self, name: &str) -> Self {
        if self.0.is_empty() {
            Self(name.to_owned())
        } else {
            Self(format!("{}.{name}", self.0))
        }
    }

    /// The element of this index below.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    /// The entry of this key below.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        Self(format!("{}[{key}]", self.0))
    }

    /// An error at this field.
    pub fn error(&self, message: impl Into<String>) -> FieldError {
        FieldError {
            path: self.clone(),
            message: message.into(),
        }
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is wrong with one field, and the way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct FieldError {
    /// The field.
    pub path: FieldPath,
    /// What is wrong and what to write instead; never repeats a secret.
    pub message: String,
}

/// A section that can say what is wrong with it.
pub trait Check {
    /// Adds an error for every field below `at` whose value makes no sense.
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>);
}

impl<T: Check> Check for Option<T> {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        if let Some(section) = self {
            section.check(at, errors);
        }
    }
}

/// Adds an error unless `value` lies in `min..=max`.
pub(crate) fn within<T: PartialOrd + fmt::Display>(
    value: &T,
    min: &T,
    max: &T,
    at: &FieldPath,
    errors: &mut Vec<FieldError>,
) {
    if value < min || value > max {
        errors.push(at.error(format!(
            "{value} is out of range: write a value from {min} to {max}"
        )));
    }
}
