//! What a call leaves behind: one event, redacted in one place, handed to every sink.

mod agentcat;
mod call;
mod call_event;
pub mod catalogue;
mod datadog;
mod log;
mod metrics;
mod outcome;
mod sentry;
mod sinks;

pub use self::agentcat::AgentCat;
pub use call::{Arrival, Call, CallContext, Observer, Profiles, Report};
pub use call_event::{
    CallEvent, Client, Ending, Enumeration, Parameter, SearchReport, Sink, Transport, Value,
};
pub use log::Log;
pub use metrics::Metrics;
pub use outcome::Outcome;
pub use sentry::Sentry;
pub use sinks::Sinks;
