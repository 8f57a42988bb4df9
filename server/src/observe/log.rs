//! Call events as log lines: one for every tool call.

use std::sync::Arc;

use super::{CallEvent, Enumeration, Sink};
use crate::privacy::Redacted;

/// Writes a line a call.
pub struct Log;

impl Sink for Log {
    fn reads_texts(&self) -> bool {
        false
    }

    fn take(&self, event: &Arc<Redacted<CallEvent>>) {
        let event = event.get();
        let Some(tool) = event.tool else {
            return;
        };
        let search = event.search.as_ref();
        tracing::info!(
            gen_ai.tool.name = tool,
            icelocator.outcome = search.map(|search| search.outcome.as_str()),
            icelocator.reason = search.and_then(|search| search.refused.map(Enumeration::as_str)),
            icelocator.lookups = search.map(|search| search.facts.lookups),
            icelocator.matcher = search.and_then(|search| search.facts.matcher),
            icelocator.matches = search.map(|search| search.people),
            icelocator.duration = event.duration.as_secs_f64(),
            icelocator.client = event.client.name,
            error.type = event.ending.error_type(),
            "call ended"
        );
    }
}
