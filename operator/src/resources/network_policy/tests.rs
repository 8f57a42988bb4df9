use serde_json::{Value, json};

use super::*;
use crate::api::IceLocator;
use crate::controller::validate::{Facts, SessionKey, validate};

fn facts() -> Facts {
    Facts {
        token_review: true,
        operator_namespace: Some("icelocator-system".to_owned()),
        ..Facts::new("image".to_owned(), SessionKey::new([0; 32]))
    }
}

/// The policy of a resource with these lines in its spec.
fn policy(lines: &str) -> Value {
    let yaml = format!(
        "apiVersion: icelocator.dev/v1alpha1\nkind: IceLocator\n\
         metadata: {{name: demo, namespace: default, uid: 2f9c}}\nspec:\n{lines}"
    );
    let resource: IceLocator = serde_saphyr::from_str(&yaml).unwrap();
    let locator = validate(&resource, facts()).unwrap();
    serde_json::to_value(build(&locator)).unwrap()
}

const SIMULATED: &str =
    "  locator: {simulator: {}}\n  auth: {anonymous: true}\n  networkPolicy: {}\n";

fn tcp(port: u16) -> Value {
    json!([{"protocol": "TCP", "port": port}])
}

fn namespace(name: &str) -> Value {
    json!([{"namespaceSelector": {"matchLabels": {NAMESPACE: name}}}])
}

fn public() -> Value {
    serde_json::to_value(PUBLIC.map(|(all, but)| block(all, but))).unwrap()
}

/// The egress rules but the first, which is DNS.
fn ways(lines: &str) -> Vec<Value> {
    let policy = policy(lines);
    let rules = policy["spec"]["egress"].as_array().unwrap().clone();
    let dns = json!({"ports": [{"protocol": "TCP", "port": 53}, {"protocol": "UDP", "port": 53}]});
    assert!(rules.contains(&dns), "{policy}");
    rules.into_iter().filter(|rule| *rule != dns).collect()
}

#[test]
fn without_it_there_is_none() {
    let off = SIMULATED.replace("{}\n", "{enabled: false}\n");
    assert_eq!(policy(&off), Value::Null);
}

#[test]
fn a_first_try_is_called_from_the_cluster_and_calls_the_stand_in_site_only() {
    let policy = policy(SIMULATED);
    let server = json!({
        "app.kubernetes.io/name": "icelocator-server",
        "app.kubernetes.io/instance": "demo",
        "app.kubernetes.io/component": "server",
    });
    assert_eq!(
        policy["spec"]["podSelector"],
        json!({"matchLabels": server})
    );
    assert_eq!(policy["spec"]["policyTypes"], json!(["Ingress", "Egress"]));
    let anyone = json!([{"namespaceSelector": {}}]);
    assert_eq!(
        policy["spec"]["ingress"],
        json!([
            {"from": anyone, "ports": [{"protocol": "TCP", "port": "http"}]},
            {"from": anyone, "ports": [{"protocol": "TCP", "port": "metrics"}]},
        ])
    );
    let simulator = json!({
        "app.kubernetes.io/name": "icelocator-simulator",
        "app.kubernetes.io/instance": "demo",
        "app.kubernetes.io/component": "simulator",
    });
    assert_eq!(
        ways(SIMULATED),
        [json!({"to": [{"podSelector": {"matchLabels": simulator}}], "ports": tcp(8080)})]
    );
}

#[test]
fn only_who_is_named_may_call_and_the_operator_that_asks_whether_it_answers() {
    let named = SIMULATED.replace(
        "networkPolicy: {}",
        "networkPolicy: {ingressFrom: [{podSelector: {matchLabels: {app: chat}}}]}",
    );
    let policy = policy(&named);
    assert_eq!(
        policy["spec"]["ingress"][0]["from"],
        json!([
            {"podSelector": {"matchLabels": {"app": "chat"}}},
            {
                "namespaceSelector": {"matchLabels": {NAMESPACE: "icelocator-system"}},
                "podSelector": {"matchLabels": {"app.kubernetes.io/name": "icelocator-operator"}},
            },
        ])
    );
}

#[test]
fn the_admin_port_is_open_to_nobody() {
    let profiled = format!("{SIMULATED}  monitoring: {{profiling: {{enabled: true}}}}\n");
    let ingress = policy(&profiled)["spec"]["ingress"].to_string();
    assert!(
        !ingress.contains("admin") && !ingress.contains("9091"),
        "{ingress}"
    );
}

#[test]
fn everything_that_is_named_can_be_reached() {
    let lines = "  locator: {baseUrl: \"https://locator.public.example\"}
  auth: {oidc: {issuer: \"https://10.1.2.3:8443/realms/a\", audience: a}}
  networkPolicy: {}
  monitoring:
    telemetry:
      otlp: {endpoint: \"http://collector.observability.svc:4317\"}
      datadog: {apiKeySecretRef: {name: a, key: b}, agent: {endpoint: \"http://agent:4318\"}}
      sentry: {dsnSecretRef: {name: a, key: b}}
    analytics: {projectIdSecretRef: {name: a, key: b}, endpoint: \"http://events.public.example:8000\"}
";
    assert_eq!(
        ways(lines),
        [
            json!({"to": [{"podSelector": {}}], "ports": tcp(4318)}),
            json!({"to": namespace("observability"), "ports": tcp(4317)}),
            json!({"to": [{"ipBlock": {"cidr": "10.1.2.3/32"}}], "ports": tcp(8443)}),
            json!({"to": public(), "ports": [
                {"protocol": "TCP", "port": 443}, {"protocol": "TCP", "port": 8000},
            ]}),
        ]
    );
}

#[test]
fn the_api_server_is_asked_wherever_it_is() {
    let lines =
        "  locator: {simulator: {}}\n  auth: {tokenReview: {audience: a}}\n  networkPolicy: {}\n";
    let policy = policy(lines);
    let rules = policy["spec"]["egress"].as_array().unwrap();
    let anywhere: Vec<_> = rules.iter().filter(|rule| rule["to"].is_null()).collect();
    let ports = anywhere
        .iter()
        .flat_map(|rule| rule["ports"].as_array().unwrap());
    let ports: Vec<_> = ports.map(|port| port["port"].as_u64().unwrap()).collect();
    assert_eq!(ports, [443, 6443, 53, 53]);
}

#[test]
fn what_is_public_is_not_private() {
    let public = public().to_string();
    for range in [
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "fc00::/7",
    ] {
        assert!(public.contains(range), "{range}");
    }
}

#[test]
fn proxies_are_anywhere_in_public_and_the_site_behind_them_is_not_reached() {
    let lines = |strategies: &str| {
        format!(
            "  locator: {{baseUrl: \"http://site.default.svc:8080\", access: {{strategies: [{strategies}], egressProxies: {{secretRef: {{name: a, key: b}}}}}}}}\n  \
             auth: {{anonymous: true}}\n  networkPolicy: {{}}\n"
        )
    };
    let through = json!({"to": public(), "ports": [{"protocol": "TCP"}]});
    let site = json!({"to": namespace("default"), "ports": tcp(8080)});
    assert_eq!(ways(&lines("proxied")), std::slice::from_ref(&through));
    assert_eq!(ways(&lines("paced, proxied")), [site, through]);
    assert_eq!(ways(&lines("cached")), Vec::<Value>::new());
}

#[test]
fn a_host_is_in_the_cluster_or_public_by_its_name() {
    let namespace = |name: &str| Peer::Namespace(name.to_owned());
    for (host, expected) in [
        ("localhost", vec![]),
        ("127.0.0.1", vec![]),
        ("::1", vec![]),
        ("fd00::1", vec![Peer::Address("fd00::1".parse().unwrap())]),
        ("demo-simulator", vec![Peer::Neighbours]),
        // Nobody can tell: where there is no such namespace, the first lets nothing through.
        (
            "collector.observability",
            vec![namespace("observability"), Peer::Public],
        ),
        (
            "collector.observability.svc",
            vec![namespace("observability")],
        ),
        (
            "collector.observability.svc.cluster.local",
            vec![namespace("observability")],
        ),
        (
            "collector.observability.svc.corp.example",
            vec![namespace("observability")],
        ),
        ("api.agentcat.com", vec![Peer::Public]),
    ] {
        assert_eq!(peers(host), expected, "{host}");
    }
}
