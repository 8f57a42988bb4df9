//! What holds for the children together.

use super::fixtures::{demo, legal_aid};
use super::*;
use k8s_openapi::api::core::v1::Service;

use crate::controller::validate::{ServiceType, SessionKey, ValidatedLocator};

#[test]
fn ports_that_services_and_monitors_name_are_the_pods_own() {
    let locator = demo();
    let settings = config_map::build(&locator).unwrap();
    let pods = deployment::build(&locator, &settings)
        .spec
        .unwrap()
        .template;
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
    let settings = config_map::build(&locator).unwrap();
    for deployment in [
        deployment::build(&locator, &settings),
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
        let settings = config_map::build(locator).unwrap();
        let template = deployment::build(locator, &settings).spec.unwrap().template;
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
    other.server_config.limits.max_in_flight += 1;
    assert_ne!(hash(&before), hash(&other));
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
    let settings = config_map::build(&locator).unwrap();
    let template = deployment::build(&locator, &settings)
        .spec
        .unwrap()
        .template;
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
fn suspended_means_no_pods_of_either_kind() {
    let mut locator = demo();
    locator.suspended = true;
    locator.replicas = 0;
    let settings = config_map::build(&locator).unwrap();
    let server = deployment::build(&locator, &settings).spec.unwrap();
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
