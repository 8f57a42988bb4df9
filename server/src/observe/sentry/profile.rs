//! A CPU profile of a call, as Sentry takes it with the call's transaction.
//!
//! What is measured is the whole process: calls move from thread to thread. Of a stack that was met more than once only the
//! first time is known; the others are told as if they had followed at once.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use sentry_types::protocol::v7::{TraceId, Uuid};
use serde::Serialize;

use super::envelope::PLATFORM;
use crate::profiling::pprof::Numbers;
use crate::profiling::{FREQUENCY, Frame, Profile};

/// Fewer say nothing, and Sentry does not take them.
const FEWEST: usize = 2;

/// The message.
#[derive(Serialize)]
pub struct Sampled<'a> {
    version: &'static str,
    platform: &'static str,
    event_id: String,
    timestamp: Timestamp,
    release: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<&'a str>,
    device: Device,
    os: Named,
    runtime: Named,
    transaction: Transaction<'a>,
    profile: Samples<'a>,
}

#[derive(Serialize)]
struct Device {
    architecture: &'static str,
}

#[derive(Serialize)]
struct Named {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Transaction<'a> {
    id: String,
    name: &'a str,
    trace_id: TraceId,
    active_thread_id: String,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "as Sentry calls them")]
struct Samples<'a> {
    samples: Vec<Sample>,
    stacks: Vec<Vec<usize>>,
    frames: Vec<Function<'a>>,
    thread_metadata: BTreeMap<String, Thread<'a>>,
}

#[derive(Serialize)]
struct Sample {
    stack_id: usize,
    thread_id: String,
    elapsed_since_start_ns: String,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "as Sentry calls them")]
struct Function<'a> {
    function: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lineno: Option<u32>,
    in_app: bool,
}

#[derive(Serialize)]
struct Thread<'a> {
    name: &'a str,
}

/// Of which transaction it is.
pub struct Of<'a> {
    /// The profile's own id, which the transaction names.
    pub profile: Uuid,
    /// The transaction's id.
    pub transaction: Uuid,
    /// Its name.
    pub name: &'a str,
    /// Its trace.
    pub trace: TraceId,
    /// The release.
    pub release: &'a str,
    /// The environment.
    pub environment: Option<&'a str>,
}

impl<'a> Sampled<'a> {
    /// Puts it together, if there is enough to tell.
    pub fn new(profile: &'a Profile, of: &Of<'a>) -> Option<Self> {
        let mut frames: Numbers<&Frame> = Numbers::default();
        let mut samples = Vec::new();
        let mut stacks = Vec::new();
        for stack in &profile.stacks {
            let stack_id = stacks.len();
            stacks.push(
                stack
                    .frames
                    .iter()
                    .map(|frame| frames.index(frame))
                    .collect(),
            );
            let after = stack
                .first
                .duration_since(profile.began)
                .unwrap_or_default();
            samples.extend((0..stack.count).map(|number| {
                let elapsed = after + number * (Duration::from_secs(1) / FREQUENCY.unsigned_abs());
                (elapsed, stack_id, stack.thread_id)
            }));
        }
        if samples.len() < FEWEST {
            return None;
        }
        samples.sort_unstable();
        let mut threads: BTreeMap<_, (usize, &str)> = BTreeMap::new();
        for stack in &profile.stacks {
            let thread = threads.entry(stack.thread_id).or_default();
            *thread = (thread.0 + stack.count as usize, &stack.thread);
        }
        // The one that did most.
        let active = threads.iter().max_by_key(|(_, (count, _))| *count)?.0;
        Some(Self {
            version: "1",
            platform: PLATFORM,
            event_id: of.profile.simple().to_string(),
            timestamp: timestamp(profile.began)?,
            release: of.release,
            environment: of.environment,
            device: Device {
                architecture: std::env::consts::ARCH,
            },
            os: Named {
                name: std::env::consts::OS,
                version: "",
            },
            runtime: Named {
                name: "rust",
                version: "",
            },
            transaction: Transaction {
                id: of.transaction.simple().to_string(),
                name: of.name,
                trace_id: of.trace,
                active_thread_id: active.to_string(),
            },
            profile: Samples {
                samples: samples
                    .into_iter()
                    .map(|(elapsed, stack_id, thread)| Sample {
                        stack_id,
                        thread_id: thread.to_string(),
                        elapsed_since_start_ns: elapsed.as_nanos().to_string(),
                    })
                    .collect(),
                stacks,
                frames: frames.in_order().into_iter().map(Function::of).collect(),
                thread_metadata: threads
                    .iter()
                    .map(|(id, (_, name))| (id.to_string(), Thread { name }))
                    .collect(),
            },
        })
    }
}

impl<'a> Function<'a> {
    fn of(frame: &'a Frame) -> Self {
        Self {
            function: &frame.function,
            filename: frame.file.as_deref(),
            lineno: frame.line,
            in_app: frame.function.contains("icelocator") || frame.function.contains("agentcat"),
        }
    }
}

fn timestamp(at: SystemTime) -> Option<Timestamp> {
    at.try_into().ok()
}
