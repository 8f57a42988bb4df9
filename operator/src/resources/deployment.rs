//! The server's `Deployment`: restricted pods, rolled when what they read at their start changes, drained before they go.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::apps::v1::{
    Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment,
};
use k8s_openapi::api::core::v1::{
    ConfigMapVolumeSource, Container, EnvVar, EnvVarSource, ObjectFieldSelector, PodSpec,
    PodTemplateSpec, SecretVolumeSource, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use sha2::{Digest, Sha256};

use super::folders::{MODE, folders, mounted};
use super::ports::{ADMIN, HTTP, METRICS};
use super::{admin_token, api_token, config_map, pods, security, session_key};
use crate::controller::validate::{Component, Mount, ValidatedLocator};
use crate::hex::hex;

/// On the pods: what they were started with. Another value rolls them.
pub const CONTENT_HASH: &str = "icelocator.dev/content-hash";

/// How long it may take beside the calls under way: the farewells, here and in the server, the last telemetry, some air.
const GRACE: Duration = Duration::from_secs(15);

/// How many pods more than asked for a rollout may begin with.
pub const SURGE: i32 = 1;

const SETTINGS_DIR: &str = "/etc/icelocator/settings";
const SESSION_DIR: &str = "/etc/icelocator-session";

/// Builds it.
pub fn build(locator: &ValidatedLocator) -> Result<Deployment, serde_saphyr::ser::Error> {
    Ok(Deployment {
        metadata: locator.object_meta(&locator.name, Component::Server),
        spec: Some(DeploymentSpec {
            replicas: Some(locator.replicas),
            // Said, so that a rollout that somebody paused goes on.
            paused: Some(false),
            selector: LabelSelector {
                match_labels: Some(locator.selector(Component::Server)),
                ..LabelSelector::default()
            },
            strategy: Some(DeploymentStrategy {
                type_: Some("RollingUpdate".to_owned()),
                rolling_update: Some(RollingUpdateDeployment {
                    max_unavailable: Some(IntOrString::Int(0)),
                    max_surge: Some(IntOrString::Int(SURGE)),
                }),
            }),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(labels(locator)),
                    annotations: Some(annotations(locator)?),
                    ..ObjectMeta::default()
                }),
                spec: Some(pod(locator)),
            },
            ..DeploymentSpec::default()
        }),
        status: None,
    })
}

/// The resource's further labels cannot replace the operator's: its Service would lose the pods.
fn labels(locator: &ValidatedLocator) -> BTreeMap<String, String> {
    let further = locator.pod.labels.clone().into_iter();
    further.chain(locator.labels(Component::Server)).collect()
}

fn annotations(
    locator: &ValidatedLocator,
) -> Result<BTreeMap<String, String>, serde_saphyr::ser::Error> {
    let mut hash = Sha256::new();
    // The rest a running server takes up by itself.
    hash.update(config_map::text(
        &locator.server_config.without_reloadable(),
    )?);
    hash.update(locator.session_key.as_bytes());
    let hash = content_hash(hash, &locator.mounts);
    let profiles = locator.is_profiled().then(profiles).into_iter().flatten();
    let further = locator.pod.annotations.clone();
    Ok(profiles.chain(further).chain([hash]).collect())
}

/// By which Grafana's collectors find whom to ask for profiles, unless the resource says otherwise.
fn profiles() -> [(String, String); 3] {
    [
        ("scrape", "true".to_owned()),
        ("port", ADMIN.number.to_string()),
        ("path", "/debug/pprof/profile".to_owned()),
    ]
    .map(|(key, value)| (format!("profiles.grafana.com/cpu.{key}"), value))
}

/// The annotation that rolls pods when this or what they read of `mounts` at their start changes.
pub fn content_hash(mut hash: Sha256, mounts: &[Mount]) -> (String, String) {
    for mount in mounts {
        for (key, digest) in &mount.read_at_start {
            hash.update(key);
            hash.update(digest);
        }
    }
    let hash = hash.finalize();
    (CONTENT_HASH.to_owned(), hex(&hash[..8]))
}

/// A call under way when the pod goes still gets its answer, however long it may take.
fn grace_seconds(locator: &ValidatedLocator) -> i64 {
    let grace = locator.server_config.locator.longest_search() + GRACE;
    i64::try_from(grace.as_secs()).unwrap_or(i64::MAX)
}

fn pod(locator: &ValidatedLocator) -> PodSpec {
    let settings = &locator.pod;
    let some_map = |map: &BTreeMap<_, _>| (!map.is_empty()).then(|| map.clone());
    let (folders, mut seen) = folders(&locator.mounts);
    let mut volumes = own_volumes(locator);
    volumes.extend(folders);
    if locator.server_config.auth.token_review.is_some() {
        seen.push(mounted(api_token::VOLUME, api_token::DIR));
        volumes.push(api_token::volume());
    }
    if locator.is_profiled() {
        seen.push(mounted(admin_token::VOLUME, admin_token::DIR));
        volumes.push(admin_token::volume(locator));
    }
    PodSpec {
        service_account_name: Some(locator.name.clone()),
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        termination_grace_period_seconds: Some(grace_seconds(locator)),
        image_pull_secrets: pods::pull_secrets(locator),
        security_context: Some(security::pod()),
        node_selector: some_map(&settings.node_selector),
        tolerations: (!settings.tolerations.is_empty()).then(|| settings.tolerations.clone()),
        affinity: settings.affinity.clone(),
        topology_spread_constraints: Some(settings.topology_spread_constraints.clone()),
        containers: vec![container(locator, seen)],
        volumes: Some(volumes),
        ..PodSpec::default()
    }
}

/// What the operator made for these pods.
fn own_volumes(locator: &ValidatedLocator) -> Vec<Volume> {
    vec![
        Volume {
            name: "settings".to_owned(),
            config_map: Some(ConfigMapVolumeSource {
                name: config_map::name(locator),
                ..ConfigMapVolumeSource::default()
            }),
            ..Volume::default()
        },
        Volume {
            name: "session".to_owned(),
            secret: Some(SecretVolumeSource {
                secret_name: Some(session_key::name(&locator.name)),
                default_mode: Some(MODE),
                ..SecretVolumeSource::default()
            }),
            ..Volume::default()
        },
    ]
}

fn container(locator: &ValidatedLocator, seen: Vec<VolumeMount>) -> Container {
    let mut args = vec![
        "serve".to_owned(),
        format!("--settings={SETTINGS_DIR}/{}", config_map::FILE),
        format!("--session-key={SESSION_DIR}/{}", session_key::KEY),
    ];
    let mut ports = vec![HTTP.of_container(), METRICS.of_container()];
    if locator.is_profiled() {
        args.extend([
            format!("--admin-listen=0.0.0.0:{}", ADMIN.number),
            format!("--admin-token={}/{}", admin_token::DIR, admin_token::KEY),
        ]);
        ports.push(ADMIN.of_container());
    }
    let mut volume_mounts = vec![
        mounted("settings", SETTINGS_DIR),
        mounted("session", SESSION_DIR),
    ];
    volume_mounts.extend(seen);
    Container {
        name: "server".to_owned(),
        image: Some(locator.image.clone()),
        image_pull_policy: locator
            .image_pull_policy
            .map(|policy| policy.as_str().to_owned()),
        args: Some(args),
        env: Some(vec![
            downward("POD_NAME", "metadata.name"),
            downward("POD_NAMESPACE", "metadata.namespace"),
        ]),
        ports: Some(ports),
        volume_mounts: Some(volume_mounts),
        startup_probe: Some(METRICS.probe("/readyz", 1, 60)),
        readiness_probe: Some(METRICS.probe("/readyz", 2, 2)),
        liveness_probe: Some(METRICS.probe("/livez", 10, 3)),
        lifecycle: Some(pods::farewell()),
        termination_message_policy: pods::last_words(),
        resources: Some(locator.pod.resources.clone()),
        security_context: Some(security::container()),
        ..Container::default()
    }
}

fn downward(name: &str, path: &str) -> EnvVar {
    EnvVar {
        name: name.to_owned(),
        value_from: Some(EnvVarSource {
            field_ref: Some(ObjectFieldSelector {
                api_version: Some("v1".to_owned()),
                field_path: path.to_owned(),
            }),
            ..EnvVarSource::default()
        }),
        ..EnvVar::default()
    }
}
