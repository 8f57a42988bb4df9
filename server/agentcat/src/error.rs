//! What went wrong, as events tell it.

use std::error::Error;

use serde::Serialize;

use crate::MAX_CAUSES;

/// What went wrong.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct ErrorInfo {
    /// What was said of it.
    pub message: String,
    /// What kind of error it is.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The stack, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
    /// The stack, a frame at a time. Of more than 50 the first and the last 25 are sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub frames: Vec<Frame>,
    /// What it came of, the nearest first; 10 at most are sent.
    #[serde(rename = "chained_errors", skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
    /// What language its frames are of.
    pub platform: Option<String>,
}

/// An error that another came of.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// What was said of it.
    pub message: String,
    /// What kind of error it is.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The stack, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
    /// The stack, a frame at a time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub frames: Vec<Frame>,
}

/// A place in the code.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Frame {
    /// The file, as the project knows it.
    pub filename: String,
    /// The function.
    pub function: String,
    /// The module.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// The file, as the machine knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub abs_path: Option<String>,
    /// The line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lineno: Option<u32>,
    /// The column, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colno: Option<u32>,
    /// Whether it is the project's own code, not a library's.
    pub in_app: bool,
    /// What stands in the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_line: Option<String>,
}

impl ErrorInfo {
    /// An error of which nothing but this is known.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            platform: Some("rust".to_owned()),
            ..Self::default()
        }
    }

    /// The same, of this kind.
    #[must_use]
    pub fn of_kind(self, kind: impl Into<String>) -> Self {
        Self {
            kind: Some(kind.into()),
            ..self
        }
    }

    /// What an error says, and the errors that it came of.
    pub fn from_error<E: Error>(error: &E) -> Self {
        let causes = std::iter::successors(error.source(), |&cause| cause.source());
        Self {
            causes: causes
                .take(MAX_CAUSES)
                .map(|cause| Cause {
                    message: cause.to_string(),
                    ..Cause::default()
                })
                .collect(),
            ..Self::new(error.to_string()).of_kind(std::any::type_name::<E>())
        }
    }
}
