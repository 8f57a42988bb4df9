//! Carries items to a destination over HTTP, in the background: a bounded queue, batches, time-outs, retries with back-off,
//! counts of what was dropped and why, a last look at every item, a drain at the end. Nobody who hands something in waits.
//!
//! A full queue drops what comes new: what waits longest is nearest to being sent, and putting something in then costs no
//! more than a look at two numbers. What a destination may have got is sent again a few times and then dropped; what it
//! cannot have got (it is not there, or does not know our key) is kept until it can be sent. Something may arrive twice:
//! where a destination tells events apart, give each an id.

mod batch;
pub mod body;
mod destination;
mod metrics;
mod outbox;
mod place;
mod secret;
mod settings;
mod turns;
mod worker;

pub use destination::{Destination, Post, Verdict};
pub use icelocator_telemetry::read_secret;
pub use icelocator_telemetry::{Guard, Health, State};
pub use metrics::METRICS;
pub use outbox::{Outbox, Outboxes};
pub use reqwest::StatusCode;
pub use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
pub use secret::SecretFile;
pub use settings::Settings;
