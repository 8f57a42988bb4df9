//! Every sink that the settings ask for, how it is with those that send something away, and their end.

use std::sync::Arc;
use std::time::Duration;

use icelocator_config::{Mounts, ServerConfig};
use icelocator_delivery::{Health, Outboxes};
use icelocator_telemetry::Telemetry;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::{AgentCat, Log, Metrics, Sentry, Sink, datadog};
use crate::supervise::supervise;

/// What we say that we are.
const USER_AGENT: &str = concat!("icelocator-server/", env!("CARGO_PKG_VERSION"));

/// What sends something away.
pub struct Sinks {
    telemetry: Arc<Telemetry>,
    outboxes: Outboxes,
    metrics: Option<Arc<datadog::Metrics>>,
    sentry: Option<Sentry>,
    stop: CancellationToken,
}

impl Sinks {
    /// Opens all that are asked for. Must be called within a runtime.
    pub fn open(
        config: &ServerConfig,
        mounts: &Mounts,
        telemetry: &Arc<Telemetry>,
    ) -> Result<(Self, Vec<Box<dyn Sink>>), reqwest::Error> {
        let meter = telemetry.meter();
        let mut opened = Self {
            telemetry: Arc::clone(telemetry),
            outboxes: Outboxes::new(&meter, telemetry.guard(), USER_AGENT),
            metrics: None,
            sentry: None,
            stop: CancellationToken::new(),
        };
        let outboxes = &opened.outboxes;
        let mut sinks: Vec<Box<dyn Sink>> = vec![Box::new(Metrics::new(&meter)), Box::new(Log)];
        if let Some(datadog) = config.telemetry.datadog.as_ref().filter(|it| it.enabled) {
            let (calls, metrics) =
                datadog::Datadog::open(datadog, &config.instance, mounts, telemetry, outboxes)?;
            sinks.push(Box::new(calls));
            opened.metrics = Some(Arc::new(metrics));
        }
        if let Some(sentry) = config.telemetry.sentry.as_ref().filter(|it| it.enabled) {
            let pod = std::env::var("POD_NAME").ok();
            let sentry = Sentry::open(sentry, mounts, outboxes, pod)?;
            sentry.report_bugs();
            sinks.push(Box::new(sentry.clone()));
            opened.sentry = Some(sentry);
        }
        if let Some(analytics) = &config.analytics
            && let Some(agentcat) = AgentCat::open(analytics, mounts, outboxes)?
        {
            sinks.push(Box::new(agentcat));
        }
        opened.send_metrics();
        Ok((opened, sinks))
    }

    /// Again and again, as long as there is somebody who wants them.
    fn send_metrics(&self) {
        let Some(metrics) = self.metrics.clone() else {
            return;
        };
        supervise(self.stop.clone(), move || {
            let metrics = Arc::clone(&metrics);
            async move {
                let mut ticks = tokio::time::interval(datadog::INTERVAL);
                ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
                loop {
                    ticks.tick().await;
                    metrics.send();
                }
            }
        });
    }

    /// How it is with each, collectors included.
    pub fn health(&self) -> Vec<Health> {
        let mut health = self.telemetry.health();
        health.extend(self.outboxes.health());
        health
    }

    /// Sends what waits, the last metrics and counts included; what is left at the deadline is dropped and counted.
    pub async fn drain(&self, deadline: Duration) {
        self.stop.cancel();
        if let Some(metrics) = &self.metrics {
            metrics.send();
        }
        if let Some(sentry) = &self.sentry {
            sentry.finish().await;
        }
        self.outboxes.drain(deadline).await;
    }
}

#[cfg(test)]
mod tests;
