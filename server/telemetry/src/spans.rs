//! The way of an ended span: allow-list; then for each destination the decision whether it is sent, and a bounded queue.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use opentelemetry::trace::{SpanContext, Status, TraceState};
use opentelemetry::{Array, Context, KeyValue, Value};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Span, SpanData, SpanProcessor,
};

use crate::allow::{AllowList, shorten};
use crate::drops::{Drop, Drops};
use crate::exporters::Exporter;
use crate::pipeline::{Loss, Pipeline, QUEUE};
use crate::sampling::{Share, Undecided};

const BATCH: usize = 512;
const SEND_EVERY: Duration = Duration::from_secs(2);

/// The one processor of our tracer provider. No destination is handed an attribute that is not allowed.
#[derive(Debug)]
pub struct Gate<P> {
    pub allow: Arc<AllowList>,
    pub drops: Arc<Drops>,
    pub outlets: Vec<Outlet<P>>,
}

/// The way to one destination.
#[derive(Debug)]
pub struct Outlet<P> {
    share: Share,
    undecided: Mutex<Undecided>,
    pipeline: Arc<Pipeline>,
    next: P,
}

impl Outlet<BatchSpanProcessor> {
    pub fn to_collector(share: Share, exporter: Exporter) -> Self {
        let config = BatchConfigBuilder::default()
            // Twice the pipeline's bound: the queue within never fills, so every drop is counted there.
            .with_max_queue_size(2 * QUEUE)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(SEND_EVERY)
            .build();
        let pipeline = Arc::clone(&exporter.pipeline);
        Self::new(share, pipeline, BatchSpanProcessor::new(exporter, config))
    }
}

impl<P> Outlet<P> {
    pub fn new(share: Share, pipeline: Arc<Pipeline>, next: P) -> Self {
        Self {
            share,
            undecided: Mutex::default(),
            pipeline,
            next,
        }
    }
}

impl<P: SpanProcessor> Outlet<P> {
    fn take(&self, span: SpanData) {
        if self.share.has(span.span_context.trace_id()) {
            return self.send(span);
        }
        let decided = self
            .undecided
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take(span);
        self.pipeline.lose(Loss::Undecided, decided.given_up);
        for span in decided.send {
            self.send(span);
        }
    }

    fn send(&self, span: SpanData) {
        if self.pipeline.enter() {
            self.next.on_end(span);
        }
    }
}

impl<P> Gate<P> {
    fn clean(&self, span: &mut SpanData) {
        span.span_context = without_state(&span.span_context);
        if matches!(span.status, Status::Error { .. }) {
            span.status = Status::error("");
        }
        self.filter(&mut span.attributes);
        for event in &mut span.events.events {
            self.filter(&mut event.attributes);
        }
        for link in &mut span.links.links {
            link.span_context = without_state(&link.span_context);
            self.filter(&mut link.attributes);
        }
    }

    fn filter(&self, attributes: &mut Vec<KeyValue>) {
        let before = attributes.len();
        attributes.retain(|attribute| self.allow.contains(attribute.key.as_str()));
        self.drops
            .add(Drop::SpanAttribute, before - attributes.len());
        for attribute in attributes {
            match &mut attribute.value {
                Value::String(text) if text.as_str().len() > crate::allow::LONGEST_VALUE => {
                    attribute.value = Value::from(shorten(text.as_str().to_owned()));
                }
                Value::Array(Array::String(texts)) => {
                    for text in texts {
                        *text = shorten(text.as_str().to_owned()).into();
                    }
                }
                _ => {}
            }
        }
    }
}

fn without_state(context: &SpanContext) -> SpanContext {
    SpanContext::new(
        context.trace_id(),
        context.span_id(),
        context.trace_flags(),
        context.is_remote(),
        TraceState::NONE,
    )
}

impl<P: SpanProcessor> SpanProcessor for Gate<P> {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, mut span: SpanData) {
        self.clean(&mut span);
        if let Some((last, others)) = self.outlets.split_last() {
            for outlet in others {
                outlet.take(span.clone());
            }
            last.take(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.outlets
            .iter()
            .try_for_each(|outlet| outlet.next.force_flush())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        // At the same time: a slow destination does not take the others' time.
        thread::scope(|scope| {
            for outlet in &self.outlets {
                scope.spawn(|| outlet.next.shutdown_with_timeout(timeout));
            }
        });
        Ok(())
    }
}
