//! All that a server can send to, each behind a way that can be spoilt.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use icelocator_tests::{
    Case,
    gate::Gate,
    receivers::{DATADOG_KEY, DatadogAgent, Intakes},
    resource::SIMULATED,
    world::MONITORING,
};

/// The destinations; they end with the value.
pub struct Destinations {
    pub intakes: Intakes,
    pub test_agent: DatadogAgent,
    agentcat: Gate,
    datadog: Gate,
    sentry: Gate,
    pub otlp: Gate,
    agent: Gate,
}

impl Destinations {
    /// Opens them, outside of the cluster.
    pub async fn open(case: &Case) -> Result<Self> {
        let ip = case.world.node_ip;
        let intakes = Intakes::start(ip).await?;
        let address = intakes.address();
        let test_agent = DatadogAgent::start(&case.world, ip).await?;
        let collector = case
            .world
            .service_url(MONITORING, "otel-collector", 4317)
            .await?;
        let collector = collector.strip_prefix("http://").context("an address")?;
        Ok(Self {
            agentcat: Gate::to(address, ip).await?,
            datadog: Gate::to(address, ip).await?,
            sentry: Gate::to(address, ip).await?,
            otlp: Gate::to(collector.parse()?, ip).await?,
            agent: Gate::to(test_agent.address, ip).await?,
            intakes,
            test_agent,
        })
    }

    /// What the resource refers to: Secrets, and Services that lead to them.
    pub fn secrets(&self) -> String {
        let sentry = self.sentry.address;
        format!(
            "apiVersion: v1
kind: Secret
metadata: {{name: sinks}}
stringData:
  project-id: proj_invented
  api-key: {DATADOG_KEY}
  dsn: http://0123456789abcdef0123456789abcdef@{sentry}/7
---
apiVersion: v1
kind: Secret
metadata: {{name: otlp}}
stringData: {{x-tenant: invented}}
---
apiVersion: v1
kind: Secret
metadata: {{name: pseudonyms}}
stringData: {{key-1: 0123456789abcdef0123456789abcdef}}
{}{}",
            service("intake", self.datadog.address),
            service("collector", self.otlp.address)
        )
    }

    /// A resource that sends to all of them.
    pub fn spec(&self, namespace: &str) -> String {
        let Self {
            agentcat,
            datadog,
            otlp,
            agent,
            ..
        } = self;
        format!(
            "{SIMULATED}  replicas: 1
  monitoring:
    analytics: {{projectIdSecretRef: {{name: sinks, key: project-id}}, endpoint: \"http://{}\"}}
    privacy: {{pseudonymKeyringSecretRef: {{name: pseudonyms}}}}
    telemetry:
      otlp: {{endpoint: \"http://collector.{namespace}.svc:{}\", headersSecretRef: {{name: otlp}}, traceSampling: 1.0}}
      datadog:
        apiKeySecretRef: {{name: sinks, key: api-key}}
        agent: {{endpoint: \"http://{}\"}}
        intakeUrl: \"http://intake.{namespace}.svc:{}\"
        env: tests
      sentry: {{dsnSecretRef: {{name: sinks, key: dsn}}, environment: tests, tracesSampleRate: 1.0}}
",
            agentcat.address,
            otlp.address.port(),
            agent.address,
            datadog.address.port()
        )
    }

    /// Each way and the sinks whose items go along it.
    pub fn ways(&self) -> [(&'static str, &Gate); 5] {
        [
            ("agentcat", &self.agentcat),
            ("datadog", &self.datadog),
            ("sentry", &self.sentry),
            ("otlp", &self.otlp),
            ("datadog agent", &self.agent),
        ]
    }
}

/// A Service that leads out of the cluster, to `address`: what is secret is sent in the clear to none but those.
fn service(name: &str, address: SocketAddr) -> String {
    let (ip, port) = (address.ip(), address.port());
    format!(
        "---
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec: {{ports: [{{name: http, port: {port}}}]}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: {name}, labels: {{kubernetes.io/service-name: {name}}}}}
addressType: IPv4
ports: [{{name: http, port: {port}}}]
endpoints: [{{addresses: [\"{ip}\"]}}]
"
    )
}
