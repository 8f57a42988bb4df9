//! Datadog: a log for every call and the metrics, straight to its intake. Traces go to its Agent by OTLP.

mod logs;
mod metrics;

use std::sync::Arc;

use icelocator_config::{Datadog as Settings, Instance, Mounts};
use icelocator_delivery::{self as delivery, HeaderName, HeaderValue, Outbox, Outboxes, Post};
use icelocator_telemetry::Telemetry;

use self::logs::Logs;
pub use self::metrics::{INTERVAL, Metrics};
use super::{CallEvent, Sink};
use crate::privacy::Redacted;

/// Largest request, unpacked: what its metrics take.
const LARGEST: usize = 400 * 1024;
/// Most logs in a request are 1000.
const MOST_LOGS: usize = 500;

/// Sends a log a call.
pub struct Datadog(Outbox<Logs>);

impl Datadog {
    /// Opens what leads to Datadog: the sink of calls, and what is to be told every [`INTERVAL`] to send the metrics.
    pub fn open(
        settings: &Settings,
        instance: &Instance,
        mounts: &Mounts,
        telemetry: &Arc<Telemetry>,
        outboxes: &Outboxes,
    ) -> Result<(Self, Metrics), reqwest::Error> {
        let identity = Arc::new(Identity::new(settings, instance));
        let common = delivery::Settings {
            batch_bytes: LARGEST,
            gzip: true,
            secret: Some(mounts.secret_key(&settings.api_key_secret_ref)),
            ..delivery::Settings::default()
        };
        let address = |host: &str, path: &str| match &settings.intake_url {
            Some(url) => url.join(path),
            None => format!("https://{host}.{}{path}", settings.site),
        };
        let logs = Logs {
            url: address("http-intake.logs", "/api/v2/logs"),
            identity: Arc::clone(&identity),
        };
        let series = metrics::ToIntake {
            url: address("api", "/api/v2/series"),
            identity,
        };
        let logs = outboxes.open(
            logs,
            delivery::Settings {
                batch_items: MOST_LOGS,
                ..common.clone()
            },
        )?;
        let series = outboxes.open(series, metrics::settings(common))?;
        Ok((Self(logs), Metrics::new(Arc::clone(telemetry), series)))
    }
}

impl Sink for Datadog {
    fn take(&self, event: &Arc<Redacted<CallEvent>>) {
        self.0.put(Arc::clone(event));
    }
}

/// Who we are, with everything that is sent.
struct Identity {
    service: String,
    /// The unified tags but the service, where we run, and what the settings add.
    tags: Vec<String>,
    host: Option<String>,
}

impl Identity {
    fn new(settings: &Settings, instance: &Instance) -> Self {
        let pod = std::env::var("POD_NAME").ok();
        let tag = |name: &str, value: &str| format!("{name}:{}", value.replace(',', "_"));
        let mut tags = vec![
            tag("version", env!("CARGO_PKG_VERSION")),
            tag("icelocator", &instance.name),
            tag("kube_namespace", &instance.namespace),
        ];
        tags.extend(settings.env.iter().map(|env| tag("env", env)));
        tags.extend(pod.iter().map(|pod| tag("pod_name", pod)));
        tags.extend(settings.tags.iter().map(|(name, value)| tag(name, value)));
        Self {
            service: settings.service.clone(),
            tags,
            host: pod,
        }
    }
}

/// A request with our key, if it can be one.
fn post(url: &str, key: &str, body: Vec<u8>) -> Option<Post> {
    let mut key = HeaderValue::from_str(key).ok()?;
    key.set_sensitive(true);
    Some(Post {
        url: url.to_owned(),
        headers: vec![
            (HeaderName::from_static("dd-api-key"), key),
            (
                HeaderName::from_static("content-type"),
                HeaderValue::from_static("application/json"),
            ),
        ],
        body,
    })
}
