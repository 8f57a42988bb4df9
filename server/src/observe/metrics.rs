//! Call events as metrics. Every label is a word from a list of ours: however many call, there are so many series and no
//! more.

use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};

use super::catalogue;
use super::{CallEvent, Ending, Enumeration, SearchReport, Sink};
use crate::mcp::names::{BULK_SEARCH, REPORT};
use crate::privacy::Redacted;
use crate::search::Stage;

/// Counts and times calls and searches.
pub struct Metrics {
    operations: Histogram<f64>,
    request_size: Histogram<f64>,
    response_size: Histogram<f64>,
    clients: Counter<u64>,
    parameters: Counter<u64>,
    searches: Counter<u64>,
    search_duration: Histogram<f64>,
    stage_duration: Histogram<f64>,
    lookups: Histogram<f64>,
    matches: Counter<u64>,
    enumerations_refused: Counter<u64>,
}

impl Metrics {
    /// Makes the instruments.
    pub fn new(meter: &Meter) -> Self {
        let enumerations_refused = catalogue::ENUMERATIONS_REFUSED.counter(meter);
        for tool in [BULK_SEARCH, REPORT] {
            for reason in Enumeration::ALL {
                enumerations_refused.add(0, &refusal(tool, reason));
            }
        }
        Self {
            operations: catalogue::OPERATION_DURATION.histogram(meter),
            request_size: catalogue::REQUEST_SIZE.histogram(meter),
            response_size: catalogue::RESPONSE_SIZE.histogram(meter),
            clients: catalogue::CLIENT_CALLS.counter(meter),
            parameters: catalogue::PARAMETERS.counter(meter),
            searches: catalogue::SEARCHES.counter(meter),
            search_duration: catalogue::SEARCH_DURATION.histogram(meter),
            stage_duration: catalogue::SEARCH_STAGE_DURATION.histogram(meter),
            lookups: catalogue::SEARCH_LOOKUPS.histogram(meter),
            matches: catalogue::SEARCH_MATCHES.counter(meter),
            enumerations_refused,
        }
    }

    fn operation(&self, event: &CallEvent) {
        // Whatever else was refused was not worked on: what it was makes no difference.
        let method = match event.ending {
            Ending::Refused(_) if event.method != "tools/call" => "other",
            _ => event.method,
        };
        let mut labels = Vec::with_capacity(5);
        labels.push(KeyValue::new("mcp.method.name", method));
        labels.push(KeyValue::new("network.transport", event.transport.as_str()));
        let tool = event.tool;
        labels.extend(tool.map(|tool| KeyValue::new("gen_ai.tool.name", tool)));
        let code = event.ending.status_code();
        labels.extend(code.map(|code| KeyValue::new("rpc.response.status_code", code.to_string())));
        let kind = event.ending.error_type();
        labels.extend(kind.map(|kind| KeyValue::new("error.type", kind)));
        self.operations
            .record(event.duration.as_secs_f64(), &labels);
    }

    fn search(&self, tool: &'static str, search: &SearchReport) {
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
        let facts = &search.facts;
        self.lookups.record(facts.lookups.into(), &[]);
        for stage in Stage::ALL {
            let time = facts.stages.of(stage);
            if !time.is_zero() {
                let stage = KeyValue::new("stage", stage.as_str());
                self.stage_duration.record(time.as_secs_f64(), &[stage]);
            }
        }
        if let (Some(matcher), Some(rank)) = (facts.matcher, facts.rank) {
            let rank = match rank {
                0 | 1 => "1",
                2 => "2",
                3 => "3",
                _ => "4+",
            };
            let labels = [
                KeyValue::new("matcher", matcher),
                KeyValue::new("rank", rank),
            ];
            self.matches.add(1, &labels);
        }
    }
}

impl Sink for Metrics {
    fn reads_texts(&self) -> bool {
        false
    }

    fn take(&self, event: &Arc<Redacted<CallEvent>>) {
        let event = event.get();
        self.operation(event);
        let protocol = KeyValue::new("protocol", event.protocol.unwrap_or("unknown"));
        let client = KeyValue::new("client", event.client.name.clone());
        self.clients.add(1, &[client, protocol]);
        let Some(tool) = event.tool else {
            return;
        };
        let label = [KeyValue::new("tool", tool)];
        self.request_size.record(size(event.request_bytes), &label);
        self.response_size
            .record(size(event.response_bytes), &label);
        for parameter in &event.parameters {
            // A part of another one is no parameter.
            if !parameter.name.contains('.') {
                let [tool] = label.clone();
                let parameter = KeyValue::new("parameter", parameter.name);
                self.parameters.add(1, &[tool, parameter]);
            }
        }
        if let Some(search) = &event.search {
            self.search(tool, search);
        }
    }
}

fn size(bytes: usize) -> f64 {
    u32::try_from(bytes).unwrap_or(u32::MAX).into()
}

fn refusal(tool: &'static str, reason: Enumeration) -> [KeyValue; 2] {
    [
        KeyValue::new("tool", tool),
        KeyValue::new("reason", reason.as_str()),
    ]
}
