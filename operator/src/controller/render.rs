//! From the resource to the server's settings file. Pure; adds only what is derived.

use icelocator_config::{HttpUrl, Instance, InvalidUrl, Locator, Otlp, ServerConfig};

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
    let telemetry = spec
        .monitoring
        .as_ref()
        .and_then(|monitoring| monitoring.telemetry.as_ref());
    config.telemetry.otlp = telemetry
        .and_then(|telemetry| telemetry.otlp.clone())
        .map(|otlp| Otlp {
            headers_secret_ref: None,
            ..otlp
        });
    Ok(config)
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
