//! Which calls ended in something that whoever runs this should look at. A caller's mistake is none.

use sentry_types::protocol::v7::{Level, SpanStatus};

use crate::observe::{CallEvent, Ending, Outcome};

/// JSON-RPC's code for a failure that is the server's own.
const INTERNAL_ERROR: i64 = -32603;

/// What went wrong, in words of this code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// A word for it; alike ones have the same.
    pub kind: &'static str,
    /// A sentence.
    pub says: &'static str,
    /// How bad it is.
    pub level: Level,
}

impl Fault {
    /// What was wrong with a call, if anything was that is not its caller's mistake.
    pub fn of(event: &CallEvent) -> Option<Self> {
        let (kind, says, level) = match event.ending {
            Ending::Answered | Ending::Cancelled | Ending::Refused(..500) => return None,
            Ending::TimedOut => ("timeout", "the call took too long", Level::Error),
            Ending::Error(INTERNAL_ERROR) => ("internal_error", "the server failed", Level::Error),
            Ending::Error(_) => {
                event.ending.error_type()?;
                (
                    "jsonrpc_error",
                    "the call ended with a JSON-RPC error",
                    Level::Error,
                )
            }
            Ending::Refused(_) => (
                "refused",
                "the request was refused before it was understood",
                Level::Warning,
            ),
            Ending::ToolError => match event.search.as_ref() {
                None => (
                    "tool_error",
                    "the tool answered with an error",
                    Level::Warning,
                ),
                Some(search) if search.refused.is_some() => return None,
                Some(search) => return Self::of_outcome(search.outcome),
            },
        };
        Some(Self { kind, says, level })
    }

    /// How a call ended, in Sentry's words.
    pub fn status(event: &CallEvent) -> SpanStatus {
        let outcome = event.search.as_ref().map(|search| search.outcome);
        match (event.ending, outcome) {
            (Ending::Answered, _) => SpanStatus::Ok,
            (Ending::Cancelled, _) => SpanStatus::Cancelled,
            (Ending::TimedOut, _) => SpanStatus::DeadlineExceeded,
            (Ending::Error(-32601), _) => SpanStatus::Unimplemented,
            (Ending::Error(-32002) | Ending::Refused(404), _) => SpanStatus::NotFound,
            (Ending::Error(_), _) if event.ending.error_type().is_some() => {
                SpanStatus::InternalError
            }
            (Ending::Refused(401), _) => SpanStatus::Unauthenticated,
            (Ending::Refused(403), _) => SpanStatus::PermissionDenied,
            (Ending::Refused(429), _) | (Ending::ToolError, Some(Outcome::RateLimited)) => {
                SpanStatus::ResourceExhausted
            }
            (Ending::Refused(500..), _) | (Ending::ToolError, Some(Outcome::Unavailable)) => {
                SpanStatus::Unavailable
            }
            (Ending::ToolError, Some(Outcome::Challenged)) => SpanStatus::FailedPrecondition,
            (Ending::Error(_) | Ending::Refused(_), _)
            | (Ending::ToolError, Some(Outcome::Invalid)) => SpanStatus::InvalidArgument,
            (Ending::ToolError, _) => SpanStatus::UnknownError,
        }
    }

    fn of_outcome(outcome: Outcome) -> Option<Self> {
        let (says, level) = match outcome {
            Outcome::PageChanged => ("a page of the site is not as expected", Level::Error),
            Outcome::Unavailable => ("the site did not answer, or not in time", Level::Warning),
            Outcome::RateLimited => ("the site asked to slow down", Level::Warning),
            Outcome::Challenged => ("the site wants to see a person", Level::Warning),
            Outcome::Invalid
            | Outcome::Found
            | Outcome::NotFound
            | Outcome::Several
            | Outcome::Partial => return None,
        };
        Some(Self {
            kind: outcome.as_str(),
            says,
            level,
        })
    }
}
