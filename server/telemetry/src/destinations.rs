//! Where spans, metrics and logs are pushed to: each signal of each destination has a pipeline of its own.

use std::collections::hash_map::RandomState;
use std::sync::Arc;

use icelocator_config::{DatadogAgent, Otlp, OtlpProtocol};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::trace::BatchSpanProcessor;
use tokio_util::sync::CancellationToken;

use crate::collector::Collector;
use crate::exporters::Exporter;
use crate::guard::Guard;
use crate::headers::Headers;
use crate::init::Error;
use crate::pipeline::Pipeline;
use crate::records;
use crate::sampling::Share;
use crate::spans::Outlet;

/// What they have in common.
pub struct Means<'a> {
    pub guard: &'a Guard,
    /// By which shares of traces are drawn.
    pub secret: RandomState,
    pub user_agent: String,
    pub stopping: &'a CancellationToken,
}

/// All of them.
#[derive(Default)]
pub struct Destinations {
    pub pipelines: Vec<Arc<Pipeline>>,
    pub outlets: Vec<Outlet<BatchSpanProcessor>>,
    pub push: Option<Exporter>,
    pub records: Option<SdkLoggerProvider>,
}

impl Destinations {
    /// A collector with the headers that it is sent and a Datadog Agent, each with what it knows us by.
    pub fn open(
        means: &Means<'_>,
        otlp: Option<(&Otlp, Headers, Resource)>,
        agent: Option<(&DatadogAgent, Resource)>,
    ) -> Result<Self, Error> {
        let mut destinations = Self::default();
        if let Some((otlp, headers, resource)) = otlp {
            destinations.add_collector(means, otlp, headers, &resource)?;
        }
        if let Some((agent, resource)) = agent {
            destinations.add_agent(means, agent, resource)?;
        }
        Ok(destinations)
    }

    fn pipeline(
        &mut self,
        means: &Means<'_>,
        sink: &'static str,
        signal: &'static str,
    ) -> Arc<Pipeline> {
        let pipeline = Arc::new(Pipeline::new(sink, signal, means.guard));
        self.pipelines.push(Arc::clone(&pipeline));
        pipeline
    }

    fn add_collector(
        &mut self,
        means: &Means<'_>,
        otlp: &Otlp,
        headers: Headers,
        resource: &Resource,
    ) -> Result<(), Error> {
        let collector = Collector::new(
            &otlp.endpoint,
            otlp.protocol,
            &means.user_agent,
            headers,
            means.stopping.clone(),
        )?;
        let exporter = |pipeline| Exporter {
            pipeline,
            collector: collector.clone(),
            resource: resource.clone(),
        };
        let spans = exporter(self.pipeline(means, "otlp_traces", "traces"));
        let share = Share::new(otlp.trace_sampling.get(), &means.secret);
        self.outlets.push(Outlet::to_collector(share, spans));
        self.push = Some(exporter(self.pipeline(means, "otlp_metrics", "metrics")));
        if otlp.logs {
            let logs = exporter(self.pipeline(means, "otlp_logs", "logs"));
            self.records = Some(records::provider(logs));
        }
        Ok(())
    }

    fn add_agent(
        &mut self,
        means: &Means<'_>,
        agent: &DatadogAgent,
        resource: Resource,
    ) -> Result<(), Error> {
        let collector = Collector::new(
            &agent.endpoint,
            OtlpProtocol::Http,
            &means.user_agent,
            Headers::new(None),
            means.stopping.clone(),
        )?;
        let exporter = Exporter {
            pipeline: self.pipeline(means, "datadog_traces", "datadog_traces"),
            collector,
            resource,
        };
        let share = Share::new(agent.trace_sampling.get(), &means.secret);
        self.outlets.push(Outlet::to_collector(share, exporter));
        Ok(())
    }
}
