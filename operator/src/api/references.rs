//! The Secrets and ConfigMaps that a resource names, each with the field that names it.

use super::IceLocatorSpec;

/// What is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReferenceKind {
    /// A Secret.
    Secret,
    /// A ConfigMap.
    ConfigMap,
}

/// A Secret or ConfigMap of the resource's namespace that a field names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// The field, such as `spec.auth.bearer.secretRef`.
    pub field: String,
    /// What is named.
    pub kind: ReferenceKind,
    /// Its name.
    pub name: String,
    /// The key within; `None` means all keys.
    pub key: Option<String>,
}

/// Collects what a resource names.
#[derive(Default)]
struct References(Vec<Reference>);

impl References {
    fn add(&mut self, field: &str, kind: ReferenceKind, name: &str, key: Option<&str>) {
        self.0.push(Reference {
            field: format!("spec.{field}"),
            kind,
            name: name.to_owned(),
            key: key.map(str::to_owned),
        });
    }

    fn secret(&mut self, field: &str, secret: Option<&icelocator_config::SecretRef>) {
        if let Some(secret) = secret {
            self.add(field, ReferenceKind::Secret, &secret.name, None);
        }
    }

    fn secret_key(&mut self, field: &str, secret: Option<&icelocator_config::SecretKeyRef>) {
        if let Some(secret) = secret {
            self.add(
                field,
                ReferenceKind::Secret,
                &secret.name,
                Some(&secret.key),
            );
        }
    }

    fn config_map(&mut self, field: &str, map: Option<&icelocator_config::ConfigMapRef>) {
        if let Some(map) = map {
            self.add(field, ReferenceKind::ConfigMap, &map.name, None);
        }
    }

    fn config_map_key(&mut self, field: &str, map: Option<&icelocator_config::ConfigMapKeyRef>) {
        if let Some(map) = map {
            self.add(field, ReferenceKind::ConfigMap, &map.name, Some(&map.key));
        }
    }
}

/// Every Secret and ConfigMap that `spec` names, in the order of its fields.
pub fn references(spec: &IceLocatorSpec) -> Vec<Reference> {
    let mut found = References::default();
    for (index, secret) in spec.image_pull_secrets.iter().enumerate() {
        found.secret(&format!("imagePullSecrets[{index}]"), Some(secret));
    }
    let ca_bundle = spec.pod.as_ref().and_then(|pod| pod.ca_bundle.as_ref());
    found.config_map_key(
        "pod.caBundle.configMapRef",
        ca_bundle.map(|bundle| &bundle.config_map_ref),
    );
    served(spec, &mut found);
    if let Some(storage) = &spec.storage {
        let postgres = storage
            .postgres
            .as_ref()
            .map(|postgres| &postgres.secret_ref);
        found.secret_key("storage.postgres.secretRef", postgres);
    }
    if let Some(ingress) = spec
        .exposure
        .as_ref()
        .and_then(|exposure| exposure.ingress.as_ref())
        && let Some(name) = &ingress.tls_secret_name
    {
        found.add(
            "exposure.ingress.tlsSecretName",
            ReferenceKind::Secret,
            name,
            None,
        );
    }
    monitoring(spec, &mut found);
    found.0
}

/// What the server and its stand-in site read.
fn served(spec: &IceLocatorSpec, found: &mut References) {
    let people = spec
        .locator
        .simulator
        .as_ref()
        .and_then(|simulator| simulator.people_file.as_ref())
        .map(|file| &file.config_map_ref);
    found.config_map_key("locator.simulator.peopleFile.configMapRef", people);
    let profile = spec
        .locator
        .profile
        .as_ref()
        .map(|profile| &profile.config_map_ref);
    found.config_map_key("locator.profile.configMapRef", profile);
    let proxies = spec
        .locator
        .access
        .as_ref()
        .and_then(|access| access.egress_proxies.as_ref());
    found.secret_key(
        "locator.access.egressProxies.secretRef",
        proxies.map(|proxies| &proxies.secret_ref),
    );
    let texts = spec.texts.as_ref().map(|texts| &texts.config_map_ref);
    found.config_map("texts.configMapRef", texts);
    let bearer = spec.auth.as_ref().and_then(|auth| auth.bearer.as_ref());
    found.secret(
        "auth.bearer.secretRef",
        bearer.map(|bearer| &bearer.secret_ref),
    );
}

fn monitoring(spec: &IceLocatorSpec, found: &mut References) {
    let Some(monitoring) = &spec.monitoring else {
        return;
    };
    if let Some(analytics) = monitoring.analytics.as_ref().filter(|a| a.enabled) {
        found.secret_key(
            "monitoring.analytics.projectIdSecretRef",
            analytics.project_id_secret_ref.as_ref(),
        );
    }
    if let Some(telemetry) = &monitoring.telemetry {
        if let Some(otlp) = &telemetry.otlp {
            found.secret(
                "monitoring.telemetry.otlp.headersSecretRef",
                otlp.headers_secret_ref.as_ref(),
            );
        }
        if let Some(datadog) = telemetry.datadog.as_ref().filter(|d| d.enabled) {
            found.secret_key(
                "monitoring.telemetry.datadog.apiKeySecretRef",
                Some(&datadog.api_key_secret_ref),
            );
        }
        if let Some(sentry) = telemetry.sentry.as_ref().filter(|s| s.enabled) {
            found.secret_key(
                "monitoring.telemetry.sentry.dsnSecretRef",
                Some(&sentry.dsn_secret_ref),
            );
            found.secret_key(
                "monitoring.telemetry.sentry.deploys.tokenSecretRef",
                sentry
                    .deploys
                    .as_ref()
                    .map(|deploys| &deploys.token_secret_ref),
            );
        }
    }
    if let Some(sessions) = &monitoring.sessions {
        found.secret(
            "monitoring.sessions.keyringSecretRef",
            sessions.keyring_secret_ref.as_ref(),
        );
    }
    if let Some(privacy) = &monitoring.privacy {
        found.secret(
            "monitoring.privacy.pseudonymKeyringSecretRef",
            privacy.pseudonym_keyring_secret_ref.as_ref(),
        );
    }
    for (index, channel) in monitoring.alerting.channels.iter().enumerate() {
        let at = |field: &str| format!("monitoring.alerting.channels[{index}].{field}");
        let pagerduty = channel
            .pagerduty
            .as_ref()
            .map(|kind| &kind.routing_key_secret_ref);
        found.secret_key(&at("pagerduty.routingKeySecretRef"), pagerduty);
        let slack = channel.slack.as_ref().map(|kind| &kind.webhook_secret_ref);
        found.secret_key(&at("slack.webhookSecretRef"), slack);
        let email = channel.email.as_ref().and_then(|kind| kind.auth.as_ref());
        found.secret_key(
            &at("email.auth.passwordSecretRef"),
            email.map(|auth| &auth.password_secret_ref),
        );
        let webhook = channel.webhook.as_ref().map(|kind| &kind.url_secret_ref);
        found.secret_key(&at("webhook.urlSecretRef"), webhook);
    }
}
