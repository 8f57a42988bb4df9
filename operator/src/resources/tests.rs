//! What holds for the children together.

use super::fixtures::{demo, legal_aid};
use super::*;
use icelocator_config::Duration;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{PodSpec, Service};
use serde_json::json;

use crate::api::{IceLocator, ReferenceKind};
use crate::controller::contents::{Contents, digest};
use crate::controller::validate::{Facts, ServiceType, SessionKey, ValidatedLocator, validate};

#[test]
fn ports_that_services_and_monitors_name_are_the_pods_own() {
    let locator = demo();
    let pods = deployment::build(&locator).unwrap().spec.unwrap().template;
    let ports = pods.spec.unwrap().containers[0].ports.clone().unwrap();
    let names: Vec<_> = ports
        .iter()
        .filter_map(|port| port.name.as_deref())
        .collect();
    let service = service::build(&locator).spec.unwrap();
    for port in service.ports.unwrap() {
        assert!(names.contains(&port.name.as_deref().unwrap()));
    }
    let monitor = service_monitor::build(&locator).unwrap();
    assert!(names.contains(&monitor.spec.endpoints[0].port));
    let labels = pods.metadata.unwrap().labels.unwrap();
    for (key, value) in service.selector.unwrap() {
        assert_eq!(labels.get(&key), Some(&value), "{key}");
    }
}

#[test]
fn pods_keep_to_the_restricted_standard() {
    let locator = demo();
    for deployment in [
        deployment::build(&locator).unwrap(),
        simulator::deployment(&locator).unwrap(),
    ] {
        let pod = deployment.spec.unwrap().template.spec.unwrap();
        assert_eq!(pod.automount_service_account_token, Some(false));
        let security = pod.security_context.unwrap();
        assert_eq!(security.run_as_non_root, Some(true));
        assert_eq!(security.seccomp_profile.unwrap().type_, "RuntimeDefault");
        for container in pod.containers {
            let security = container.security_context.unwrap();
            assert_eq!(security.allow_privilege_escalation, Some(false));
            assert_eq!(security.read_only_root_filesystem, Some(true));
            let dropped = security.capabilities.unwrap().drop.unwrap();
            assert_eq!(dropped, ["ALL"]);
        }
    }
}

#[test]
fn pods_roll_when_their_settings_or_their_key_change_and_only_then() {
    let hash = |locator: &ValidatedLocator| {
        let deployment = deployment::build(locator).unwrap();
        let template = deployment.spec.unwrap().template;
        template.metadata.unwrap().annotations.unwrap()[deployment::CONTENT_HASH].clone()
    };
    let before = demo();
    let mut scaled = before.clone();
    scaled.replicas = 7;
    assert_eq!(hash(&before), hash(&scaled));
    let mut other = before.clone();
    other.session_key = SessionKey::new([1; 32]);
    assert_ne!(hash(&before), hash(&other));
    let mut other = before.clone();
    other.server_config.locator.timeout = Duration::from_secs(7);
    assert_ne!(hash(&before), hash(&other));
    // What a running server takes up by itself.
    let mut same = before.clone();
    same.server_config.limits.max_in_flight += 1;
    same.server_config.replicas += 1;
    assert_eq!(hash(&before), hash(&same));
}

#[test]
fn pods_roll_when_what_they_read_at_their_start_changes_and_only_then() {
    let hash = |locator: &ValidatedLocator| {
        let deployment = deployment::build(locator).unwrap();
        let template = deployment.spec.unwrap().template;
        template.metadata.unwrap().annotations.unwrap()[deployment::CONTENT_HASH].clone()
    };
    let before = busy("one");
    assert_ne!(hash(&before), hash(&busy("another")));
    let mut rotated = before.clone();
    let tokens = rotated
        .mounts
        .iter_mut()
        .find(|mount| mount.name == "tokens");
    assert!(
        tokens.unwrap().read_at_start.is_empty(),
        "rotated tokens are taken up by running pods"
    );
    let mut paced = before.clone();
    let access = paced.server_config.locator.access.as_mut().unwrap();
    access.requests_per_minute = Some(7);
    assert_eq!(hash(&before), hash(&paced));
    access_of(&mut rotated).pacing = None;
    assert_ne!(hash(&before), hash(&rotated));
}

fn access_of(locator: &mut ValidatedLocator) -> &mut icelocator_config::Access {
    locator.server_config.locator.access.as_mut().unwrap()
}

/// A resource that names something of each kind, with this site profile.
fn busy(profile: &str) -> ValidatedLocator {
    let yaml = "
apiVersion: icelocator.dev/v1alpha1
kind: IceLocator
metadata: {name: busy, namespace: default, uid: 2f9c}
spec:
  locator:
    simulator: {peopleFile: {configMapRef: {name: people, key: people.csv}}}
    profile: {configMapRef: {name: site.example, key: profile.yaml}}
    access: {strategies: [proxied], requestsPerMinute: 6, pacing: {minInterval: 1s}, egressProxies: {secretRef: {name: egress, key: proxies.txt}}}
  texts: {configMapRef: {name: site.example}}
  auth: {bearer: {secretRef: {name: tokens}}}
";
    let resource: IceLocator = serde_saphyr::from_str(yaml).unwrap();
    let mut contents = Contents::default();
    let profile = ("profile.yaml".to_owned(), Some(digest(profile.as_bytes())));
    contents.put(ReferenceKind::ConfigMap, "site.example", [profile].into());
    let people = ("people.csv".to_owned(), Some(digest(b"people")));
    contents.put(ReferenceKind::ConfigMap, "people", [people].into());
    let facts = Facts {
        contents,
        ..Facts::new("image".to_owned(), SessionKey::new([0; 32]))
    };
    validate(&resource, facts).unwrap()
}

#[test]
fn what_settings_name_is_a_folder_in_the_pods_once_and_to_be_read_only() {
    let pod = |deployment: Deployment| deployment.spec.unwrap().template.spec.unwrap();
    let locator = busy("one");
    let server = pod(deployment::build(&locator).unwrap());
    let seen = |pod: &PodSpec| {
        let mounts = pod.containers[0].volume_mounts.clone().unwrap();
        assert!(mounts.iter().all(|mount| mount.read_only == Some(true)));
        let paths = mounts.into_iter().map(|mount| mount.mount_path);
        paths.collect::<Vec<_>>()
    };
    assert_eq!(
        seen(&server),
        [
            "/etc/icelocator/settings",
            "/etc/icelocator-session",
            "/etc/icelocator/secrets/egress",
            "/etc/icelocator/secrets/tokens",
            "/etc/icelocator/config-maps/site.example",
        ]
    );
    let folders: Vec<_> = server.volumes.unwrap().into_iter().skip(2).collect();
    assert_eq!(
        serde_json::to_value(&folders).unwrap(),
        json!([
            {"name": "folder-0", "secret": {
                "secretName": "egress", "defaultMode": 0o440, "optional": false,
                "items": [{"key": "proxies.txt", "path": "proxies.txt"}],
            }},
            // Without it nobody is let in, and it may come and go.
            {"name": "folder-1", "secret": {"secretName": "tokens", "defaultMode": 0o440, "optional": true}},
            {"name": "folder-2", "configMap": {"name": "site.example", "defaultMode": 0o440, "optional": false}},
        ])
    );
    let simulator = pod(simulator::deployment(&locator).unwrap());
    assert_eq!(seen(&simulator), ["/etc/icelocator/config-maps/people"]);
    assert_eq!(
        simulator.containers[0].args.clone().unwrap(),
        [
            "simulate",
            "--people=/etc/icelocator/config-maps/people/people.csv"
        ]
    );
}

#[test]
fn the_simulator_is_told_whom_to_invent() {
    let mut locator = demo();
    let simulator = locator.simulator.as_mut().unwrap();
    (simulator.seed, simulator.people) = (Some(7), Some(0));
    let deployment = simulator::deployment(&locator).unwrap();
    let pod = deployment.spec.unwrap().template.spec.unwrap();
    assert_eq!(
        pod.containers[0].args.clone().unwrap(),
        ["simulate", "--seed=7", "--people=0"]
    );
}

#[test]
fn labels_that_a_service_selects_by_cannot_be_replaced() {
    let mut locator = demo();
    let name = "app.kubernetes.io/name".to_owned();
    locator.pod.labels = [
        (name.clone(), "mine".to_owned()),
        ("team".to_owned(), "intake".to_owned()),
    ]
    .into();
    let template = deployment::build(&locator).unwrap().spec.unwrap().template;
    let labels = template.metadata.unwrap().labels.unwrap();
    assert_eq!(labels[&name], "icelocator-server");
    assert_eq!(labels["team"], "intake");
}

#[test]
fn metrics_are_not_shown_outside_the_cluster() {
    let ports = |service: &Service| {
        let ports = service.spec.clone().and_then(|spec| spec.ports);
        ports
            .into_iter()
            .flatten()
            .filter_map(|port| port.name)
            .collect::<Vec<_>>()
    };
    let mut locator = demo();
    assert_eq!(service::metrics(&locator), None);
    assert_eq!(ports(&service::build(&locator)), ["http", "metrics"]);
    locator.service.service_type = ServiceType::LoadBalancer;
    assert_eq!(ports(&service::build(&locator)), ["http"]);
    let metrics = service::metrics(&locator).unwrap();
    assert_eq!(ports(&metrics), ["metrics"]);
    assert_eq!(metrics.spec.unwrap().type_, None);
}

#[test]
fn profiles_are_for_those_who_show_the_token_in_a_secret() {
    let plain = serde_json::to_string(&deployment::build(&demo()).unwrap()).unwrap();
    assert!(!plain.contains("admin") && !plain.contains("profiles.grafana.com"));
    assert_eq!(admin_token::build(&demo()), None);

    let mut locator = demo();
    locator.server_config.profiling = Some(icelocator_config::Profiling { enabled: true });
    let annotated = (
        "profiles.grafana.com/cpu.path".to_owned(),
        "/mine".to_owned(),
    );
    locator.pod.annotations = [annotated].into();
    let template = deployment::build(&locator).unwrap().spec.unwrap().template;
    let annotations = template.metadata.unwrap().annotations.unwrap();
    for (key, value) in [("scrape", "true"), ("port", "9091"), ("path", "/mine")] {
        assert_eq!(
            annotations[&format!("profiles.grafana.com/cpu.{key}")],
            value
        );
    }
    let pod = template.spec.unwrap();
    let container = &pod.containers[0];
    let args = container.args.clone().unwrap();
    assert_eq!(
        args[3..],
        [
            "--admin-listen=0.0.0.0:9091",
            "--admin-token=/etc/icelocator-admin/token"
        ]
    );
    let ports = container.ports.clone().unwrap();
    assert!(ports.iter().any(|port| port.container_port == 9091));
    assert_eq!(
        container
            .volume_mounts
            .clone()
            .unwrap()
            .last()
            .unwrap()
            .mount_path,
        "/etc/icelocator-admin"
    );
    let service = service::build(&locator).spec.unwrap().ports.unwrap();
    assert!(
        service.iter().all(|port| port.port != 9091),
        "behind no Service"
    );

    let token = |locator: &ValidatedLocator| {
        let secret = admin_token::build(locator).unwrap();
        assert_eq!(secret.metadata.name.as_deref(), Some("demo-admin"));
        secret.data.unwrap()["token"].0.clone()
    };
    let mut other = locator.clone();
    other.session_key = SessionKey::new([1; 32]);
    assert_eq!(token(&locator).len(), 64);
    assert_eq!(token(&locator), token(&locator.clone()));
    assert_ne!(token(&locator), token(&other));
}

#[test]
fn suspended_means_no_pods_of_either_kind() {
    let mut locator = demo();
    locator.suspended = true;
    locator.replicas = 0;
    let server = deployment::build(&locator).unwrap().spec.unwrap();
    let simulator = simulator::deployment(&locator).unwrap().spec.unwrap();
    assert_eq!((server.replicas, simulator.replicas), (Some(0), Some(0)));
}

#[test]
fn settings_are_read_back_by_the_server_as_they_were_meant() {
    for locator in [demo(), legal_aid()] {
        let settings = config_map::build(&locator).unwrap();
        let text = &settings.data.unwrap()[config_map::FILE];
        let read: icelocator_config::ServerConfig = serde_saphyr::from_str(text).unwrap();
        assert!(read == locator.server_config);
    }
}
