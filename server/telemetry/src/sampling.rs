//! Which traces are sent: a share of all, and every one with an error.
//!
//! Whether a trace is in the share follows from its id and a secret of this process; what a caller says about sampling
//! decides nothing. A call outside the share is recorded all the same and waits, in bounded memory, until its first span
//! ends: if any span failed all are sent, else they are forgotten.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::BuildHasher as _;

use opentelemetry::trace::{SpanId, Status, TraceId};
use opentelemetry_sdk::trace::SpanData;

/// A share of all traces. Shares of one secret lie within each other.
#[derive(Clone, Debug)]
pub struct Share {
    secret: RandomState,
    /// A number below this is inside; `None`: all are.
    below: Option<u64>,
}

impl Share {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a ratio from 0 to 1 of u64::MAX is a u64; its last bits do not matter"
    )]
    pub fn new(ratio: f64, secret: &RandomState) -> Self {
        Self {
            secret: secret.clone(),
            below: (ratio < 1.0).then_some((ratio * u64::MAX as f64) as u64),
        }
    }

    /// Whether a trace is inside.
    pub fn has(&self, trace: TraceId) -> bool {
        self.below
            .is_none_or(|below| self.secret.hash_one(trace.to_bytes()) < below)
    }
}

/// Spans outside the share, kept until their call's first span has ended.
#[derive(Debug, Default)]
pub struct Undecided {
    traces: HashMap<TraceId, Vec<SpanData>>,
    oldest_first: VecDeque<TraceId>,
    spans: usize,
}

/// What became of a span.
#[derive(Debug, Default)]
pub struct Decided {
    /// To be sent.
    pub send: Vec<SpanData>,
    /// How many undecided ones were given up for lack of room.
    pub given_up: usize,
}

impl Undecided {
    /// Most spans that wait at a time.
    pub const MOST: usize = 2048;

    /// Takes an ended span that is outside the share.
    pub fn take(&mut self, span: SpanData) -> Decided {
        let mut decided = Decided::default();
        let trace = span.span_context.trace_id();
        if span.parent_span_id == SpanId::INVALID || span.parent_span_is_remote {
            let mut call = self.remove_call(trace, &span);
            call.push(span);
            if call
                .iter()
                .any(|span| matches!(span.status, Status::Error { .. }))
            {
                decided.send = call;
            }
            return decided;
        }
        while self.spans >= Self::MOST {
            let Some(oldest) = self.oldest_first.pop_front() else {
                break;
            };
            let given_up = self.traces.remove(&oldest).map_or(0, |spans| spans.len());
            self.spans -= given_up;
            decided.given_up += given_up;
        }
        let waiting = self.traces.entry(trace).or_default();
        if waiting.is_empty() {
            self.oldest_first.push_back(trace);
        }
        waiting.push(span);
        self.spans += 1;
        decided
    }

    /// Removes the descendants of `root`. Calls of one trace may overlap: the others' spans stay.
    fn remove_call(&mut self, trace: TraceId, root: &SpanData) -> Vec<SpanData> {
        let Some(waiting) = self.traces.get_mut(&trace) else {
            return Vec::new();
        };
        let mut family = HashSet::from([root.span_context.span_id()]);
        loop {
            let before = family.len();
            family.extend(
                waiting
                    .iter()
                    .filter(|span| family.contains(&span.parent_span_id))
                    .map(|span| span.span_context.span_id())
                    .collect::<Vec<_>>(),
            );
            if family.len() == before {
                break;
            }
        }
        let call: Vec<_> = waiting
            .extract_if(.., |span| family.contains(&span.span_context.span_id()))
            .collect();
        self.spans -= call.len();
        if waiting.is_empty() {
            self.traces.remove(&trace);
            self.oldest_first.retain(|other| *other != trace);
        }
        call
    }
}
