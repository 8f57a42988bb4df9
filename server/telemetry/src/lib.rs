//! Logs, traces and metrics of the operator and the server, set up once.
//!
//! What leaves through here is decided by name: a span attribute or log field passes when it is on the caller's
//! allow-list, everything else is dropped and counted. Text that is made at run time (error texts, messages of
//! libraries, payloads of panics, status descriptions, tracestate) never passes. Log messages of our own crates are
//! constants; values go into fields.
//!
//! Everything is looked at once more where it leaves: [`Guard`].
//!
//! A collector that is down, slow or absent costs a bounded queue and a count of what was dropped. No caller waits, and no
//! other collector.
//!
//! Metrics are shown on a port, and so is all else that the two programs serve: [`listener`].

mod allow;
mod backlog;
mod collector;
mod connections;
mod destinations;
mod drops;
mod exporters;
mod guard;
mod headers;
mod health;
mod init;
pub mod listener;
mod logs;
mod metric;
mod metrics;
pub mod panics;
mod parent;
mod pipeline;
mod process;
mod records;
mod retry_after;
mod sampling;
mod secret;
mod spans;
#[cfg(test)]
mod tests;

pub use drops::DROPPED;
pub use guard::{BLOCKED, Exit, Guard};
pub use health::{Condition, Health, State};
pub use init::{Error, LabelSets, Options, Telemetry, build, init, install_tls};
pub use logs::LogFormat;
pub use metric::{Kind, Metric};
pub use parent::parent_from;
pub use process::METRICS as PROCESS_METRICS;
pub use retry_after::retry_after;
pub use secret::read_secret;

/// Targets of our own crates start with this. Only their messages are known to be constants.
const OWN_TARGETS: &str = "icelocator";
