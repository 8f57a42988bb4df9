//! Call events as metrics.

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};

use super::catalogue::{ENUMERATIONS_REFUSED, OPERATION_DURATION, SEARCH_DURATION, SEARCHES};
use super::{CallEvent, Enumeration, Sink};
use crate::mcp::names::{BULK_SEARCH, REPORT};
use crate::privacy::Redacted;

/// Counts and times calls and searches.
pub struct Metrics {
    operations: Histogram<f64>,
    searches: Counter<u64>,
    search_duration: Histogram<f64>,
    enumerations_refused: Counter<u64>,
}

impl Metrics {
    /// Makes the instruments.
    pub fn new(meter: &Meter) -> Self {
        let enumerations_refused = ENUMERATIONS_REFUSED.counter(meter);
        for tool in [BULK_SEARCH, REPORT] {
            for reason in Enumeration::ALL {
                enumerations_refused.add(0, &refusal(tool, reason));
            }
        }
        Self {
            operations: OPERATION_DURATION.histogram(meter),
            searches: SEARCHES.counter(meter),
            search_duration: SEARCH_DURATION.histogram(meter),
            enumerations_refused,
        }
    }
}

impl Sink for Metrics {
    fn take(&self, event: &Redacted<CallEvent>) {
        let event = event.get();
        let mut labels = vec![
            KeyValue::new("mcp.method.name", event.method),
            KeyValue::new("network.transport", event.transport.as_str()),
        ];
        labels.extend(
            event
                .tool
                .map(|tool| KeyValue::new("gen_ai.tool.name", tool)),
        );
        labels.extend(
            event
                .protocol
                .map(|version| KeyValue::new("mcp.protocol.version", version)),
        );
        labels.extend(
            event
                .ending
                .status_code()
                .map(|code| KeyValue::new("rpc.response.status_code", code.to_string())),
        );
        labels.extend(
            event
                .ending
                .error_type()
                .map(|kind| KeyValue::new("error.type", kind)),
        );
        self.operations
            .record(event.duration.as_secs_f64(), &labels);

        if let (Some(tool), Some(search)) = (event.tool, &event.search) {
            if let Some(reason) = search.refused {
                self.enumerations_refused.add(1, &refusal(tool, reason));
            }
            let tool = KeyValue::new("tool", tool);
            let outcome = KeyValue::new("outcome", search.outcome.as_str());
            let language = KeyValue::new("language", search.language);
            self.search_duration.record(
                search.duration.as_secs_f64(),
                &[tool.clone(), outcome.clone()],
            );
            self.searches.add(1, &[tool, outcome, language]);
        }
    }
}

fn refusal(tool: &'static str, reason: Enumeration) -> [KeyValue; 2] {
    [
        KeyValue::new("tool", tool),
        KeyValue::new("reason", reason.as_str()),
    ]
}
