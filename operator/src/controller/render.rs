//! From the resource to the server's settings file. Pure; adds only what is derived.

use icelocator_config::{
    Datadog, HttpUrl, Instance, InvalidUrl, Locator, Sentry, ServerConfig, Telemetry,
};

use crate::api::IceLocatorSpec;
use crate::resources::deployment::SURGE;

/// The port on which the simulator's Service listens.
const SIMULATOR_PORT: u16 = 8080;

/// The settings of the server that `spec` of the resource `name` asks for. Sections that are not in effect yet stay
/// out: a server that met one would refuse to start.
pub fn render(
    name: &str,
    namespace: &str,
    spec: &IceLocatorSpec,
) -> Result<ServerConfig, InvalidUrl> {
    let instance = Instance {
        name: name.to_owned(),
        namespace: namespace.to_owned(),
    };
    let auth = spec.auth.clone().unwrap_or_default();
    let mut config = ServerConfig::new(instance, locator(name, &spec.locator)?, auth);
    config.replicas = most_pods(spec);
    config.texts.clone_from(&spec.texts);
    config.http.clone_from(&spec.http);
    if let Some(limits) = &spec.limits {
        config.limits = limits.clone();
    }
    if let Some(monitoring) = spec.monitoring.clone() {
        config.telemetry = monitoring.telemetry.map(telemetry).unwrap_or_default();
        config.analytics = monitoring.analytics.filter(|analytics| analytics.enabled);
        config.privacy = monitoring.privacy;
        config.profiling = monitoring.profiling.filter(|profiling| profiling.enabled);
    }
    Ok(config)
}

/// What is switched off stays out, and with it the Secret that it names; so does what the operator does by itself, which must
/// not roll pods when it changes.
fn telemetry(written: Telemetry) -> Telemetry {
    let datadog = written.datadog.filter(|datadog| datadog.enabled);
    let sentry = written.sentry.filter(|sentry| sentry.enabled);
    Telemetry {
        otlp: written.otlp,
        datadog: datadog.map(|datadog| Datadog {
            resources: false,
            ..datadog
        }),
        sentry: sentry.map(|sentry| Sentry {
            deploys: None,
            ..sentry
        }),
    }
}

/// Most pods that take calls at the same time: those asked for, and the one more that a rollout begins with. Pods on their
/// way out only finish what they have begun.
fn most_pods(spec: &IceLocatorSpec) -> u32 {
    let wanted = spec.replicas.unwrap_or(1).saturating_add(SURGE);
    u32::try_from(wanted).unwrap_or(1)
}

/// The simulator is a site like any other: its Service's address takes its place.
fn locator(name: &str, written: &Locator) -> Result<Locator, InvalidUrl> {
    let base_url: Option<HttpUrl> = match written.simulator {
        Some(_) => Some(format!("http://{name}-simulator:{SIMULATOR_PORT}").parse()?),
        None => written.base_url.clone(),
    };
    Ok(Locator {
        simulator: None,
        base_url,
        ..written.clone()
    })
}
