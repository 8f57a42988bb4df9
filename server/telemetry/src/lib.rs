//! Logs, traces and metrics of the operator and the server, set up once.
//!
//! What leaves through here is decided by name: a span attribute or log field passes when it is on the caller's
//! allow-list, everything else is dropped and counted. Text that is made at run time (error texts, messages of
//! libraries, payloads of panics, status descriptions, tracestate) never passes. Log messages of our own crates are
//! constants; values go into fields.
//!
//! An exporter that is down, slow or absent costs a bounded queue and a count of what was dropped. No caller waits.
//!
//! Metrics are shown on a port, and so is all else that the two programs serve: [`listener`].

mod allow;
mod connections;
mod drops;
mod init;
pub mod listener;
mod logs;
mod metric;
mod metrics;
mod otlp;
mod panics;
mod parent;
mod process;
mod sampling;
mod spans;
#[cfg(test)]
mod tests;

pub use drops::DROPPED;
pub use init::{Error, Options, Telemetry, build, init, install_tls};
pub use logs::LogFormat;
pub use metric::{Kind, Metric};
pub use parent::parent_from;
pub use process::METRICS as PROCESS_METRICS;

/// Targets of our own crates start with this. Only their messages are known to be constants.
const OWN_TARGETS: &str = "icelocator";
