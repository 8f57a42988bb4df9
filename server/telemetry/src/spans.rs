//! The way of an ended span: allow-list, decision whether it is sent, bounded queue.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::trace::{SpanContext, Status, TraceFlags, TraceState};
use opentelemetry::{Array, Context, KeyValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor,
};

use crate::allow::{AllowList, shorten};
use crate::drops::{Drop, Drops};
use crate::sampling::Undecided;

/// Most spans that wait for the collector.
pub const QUEUE: usize = 2048;
const BATCH: usize = 512;
const SEND_EVERY: Duration = Duration::from_secs(2);

/// The one processor of our tracer provider. `next` is never handed an attribute that is not allowed.
#[derive(Debug)]
pub struct Gate<P> {
    allow: Arc<AllowList>,
    drops: Arc<Drops>,
    undecided: Mutex<Undecided>,
    waiting: Arc<AtomicUsize>,
    next: P,
}

impl Gate<BatchSpanProcessor> {
    pub fn to_collector(
        exporter: impl SpanExporter + 'static,
        allow: Arc<AllowList>,
        drops: Arc<Drops>,
    ) -> Self {
        let waiting = Arc::new(AtomicUsize::new(0));
        let counting = Counting {
            waiting: Arc::clone(&waiting),
            drops: Arc::clone(&drops),
            next: exporter,
        };
        let config = BatchConfigBuilder::default()
            // Twice our own bound: the queue within never fills, so every drop is counted here.
            .with_max_queue_size(2 * QUEUE)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(SEND_EVERY)
            .build();
        Self {
            allow,
            drops,
            undecided: Mutex::default(),
            waiting,
            next: BatchSpanProcessor::new(counting, config),
        }
    }
}

impl<P> Gate<P> {
    #[cfg(test)]
    pub fn new(next: P, allow: Arc<AllowList>, drops: Arc<Drops>) -> Self {
        Self {
            allow,
            drops,
            undecided: Mutex::default(),
            waiting: Arc::default(),
            next,
        }
    }

    fn clean(&self, span: &mut SpanData) {
        span.span_context = without_state(&span.span_context, span.span_context.trace_flags());
        if matches!(span.status, Status::Error { .. }) {
            span.status = Status::error("");
        }
        self.filter(&mut span.attributes);
        for event in &mut span.events.events {
            self.filter(&mut event.attributes);
        }
        for link in &mut span.links.links {
            link.span_context = without_state(&link.span_context, link.span_context.trace_flags());
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

fn without_state(context: &SpanContext, flags: TraceFlags) -> SpanContext {
    SpanContext::new(
        context.trace_id(),
        context.span_id(),
        flags,
        context.is_remote(),
        TraceState::NONE,
    )
}

impl<P: SpanProcessor> Gate<P> {
    fn send(&self, span: SpanData) {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= QUEUE {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            self.drops.add(Drop::SpanQueueFull, 1);
        } else {
            self.next.on_end(span);
        }
    }
}

impl<P: SpanProcessor> SpanProcessor for Gate<P> {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.next.on_start(span, context);
    }

    fn on_end(&self, mut span: SpanData) {
        self.clean(&mut span);
        if span.span_context.is_sampled() {
            return self.send(span);
        }
        let decided = self
            .undecided
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take(span);
        self.drops.add(Drop::SpanUndecided, decided.given_up);
        for mut span in decided.send {
            let flags = span.span_context.trace_flags() | TraceFlags::SAMPLED;
            span.span_context = without_state(&span.span_context, flags);
            self.send(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.next.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.next.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.next.set_resource(resource);
    }
}

/// Tells the gate that spans have left the queue, and counts those that the collector did not take.
struct Counting<E> {
    waiting: Arc<AtomicUsize>,
    drops: Arc<Drops>,
    next: E,
}

impl<E> fmt::Debug for Counting<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Counting")
    }
}

impl<E: SpanExporter> SpanExporter for Counting<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let count = batch.len();
        let result = self.next.export(batch).await;
        self.waiting.fetch_sub(count, Ordering::Relaxed);
        if result.is_err() {
            self.drops.add(Drop::SpanExport, count);
        }
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.next.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.next.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.next.set_resource(resource);
    }
}
