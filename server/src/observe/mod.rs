//! What a call leaves behind: one event, redacted in one place, handed to every sink.

mod call;
mod call_event;
pub mod catalogue;
mod log;
mod metrics;
mod outcome;

pub use call::{Arrival, Call, CallContext, Observer, Report};
pub use call_event::{CallEvent, Client, Ending, Enumeration, SearchReport, Sink, Transport};
pub use log::Log;
pub use metrics::Metrics;
pub use outcome::Outcome;
