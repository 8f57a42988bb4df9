//! The `NetworkPolicy` of the server's pods: who may call them, and where they may go to do what the resource asks for.
//!
//! The API knows addresses, ports and labels, no names of hosts. A host in the cluster is let through by its namespace, any
//! other by its port on public addresses. Policies add up: what this one cannot know, such as an egress proxy within the
//! cluster, whose address is in a Secret, a policy of one's own lets through.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use icelocator_config::{HttpUrl, ServerConfig, Strategy};
use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer,
    NetworkPolicyPort, NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::ports::{HTTP, METRICS, Port};
use crate::controller::validate::{Component, ValidatedLocator};

/// Everything, and what of it is not public: private networks, this machine, and where clouds answer for themselves.
const PUBLIC: [(&str, &[&str]); 2] = [
    (
        "0.0.0.0/0",
        &[
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.168.0.0/16",
        ],
    ),
    ("::/0", &["::1/128", "fc00::/7", "fe80::/10"]),
];
const NAMESPACE: &str = "kubernetes.io/metadata.name";
const DNS: u16 = 53;
/// Where API servers listen. They have no labels to select by.
const API_SERVER: [u16; 2] = [443, 6443];
/// Where AgentCat, Datadog's intake and Sentry listen, unless a resource says otherwise.
const HTTPS: u16 = 443;

/// Whom pods may reach.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Peer {
    /// The stand-in site.
    Simulator,
    /// Pods of the same namespace.
    Neighbours,
    /// Pods of another one.
    Namespace(String),
    Address(IpAddr),
    Public,
    Anyone,
}

/// Through which ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ports {
    Tcp(u16),
    TcpAndUdp(u16),
    AnyTcp,
}

/// Builds it; `None` where it is not asked for.
pub fn build(locator: &ValidatedLocator) -> Option<NetworkPolicy> {
    locator.network_policy.as_ref()?;
    Some(NetworkPolicy {
        metadata: locator.object_meta(&locator.name, Component::Server),
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(LabelSelector {
                match_labels: Some(locator.selector(Component::Server)),
                ..LabelSelector::default()
            }),
            policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
            ingress: Some(ingress(locator)),
            egress: Some(egress(locator)),
        }),
    })
}

/// MCP from whom the resource names, and from the operator, which asks whether it answers; metrics from the cluster. Probes
/// come from the pod's own node, which no policy keeps out.
fn ingress(locator: &ValidatedLocator) -> Vec<NetworkPolicyIngressRule> {
    let policy = locator.network_policy.clone().unwrap_or_default();
    let callers = if policy.ingress_from.is_empty() {
        vec![in_cluster()]
    } else {
        let operator = policy.operator_namespace.as_deref().map(operator);
        policy.ingress_from.into_iter().chain(operator).collect()
    };
    let rule = |port: Port, from| NetworkPolicyIngressRule {
        ports: Some(vec![NetworkPolicyPort {
            port: Some(IntOrString::String(port.name.to_owned())),
            protocol: Some("TCP".to_owned()),
            ..NetworkPolicyPort::default()
        }]),
        from: Some(from),
    };
    vec![rule(HTTP, callers), rule(METRICS, vec![in_cluster()])]
}

fn in_cluster() -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        namespace_selector: Some(LabelSelector::default()),
        ..NetworkPolicyPeer::default()
    }
}

fn operator(namespace: &str) -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        pod_selector: Some(labelled("app.kubernetes.io/name", "icelocator-operator")),
        ..in_namespace(namespace)
    }
}

fn in_namespace(name: &str) -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        namespace_selector: Some(labelled(NAMESPACE, name)),
        ..NetworkPolicyPeer::default()
    }
}

fn labelled(key: &str, value: &str) -> LabelSelector {
    LabelSelector {
        match_labels: Some([(key.to_owned(), value.to_owned())].into()),
        ..LabelSelector::default()
    }
}

fn egress(locator: &ValidatedLocator) -> Vec<NetworkPolicyEgressRule> {
    let mut ways = Ways::default();
    ways.allow(Peer::Anyone, Ports::TcpAndUdp(DNS));
    let config = &locator.server_config;
    site(locator, &mut ways);
    if let Some(oidc) = &config.auth.oidc {
        ways.reach(&oidc.issuer);
    }
    if config.auth.token_review.is_some() {
        for port in API_SERVER {
            ways.allow(Peer::Anyone, Ports::Tcp(port));
        }
    }
    watching(config, &mut ways);
    ways.0
        .into_iter()
        .map(|(peer, ports)| rule(locator, peer, &ports))
        .collect()
}

/// The site itself, unless it is only asked through proxies: who they are is in a Secret, so it is all of the public ones.
fn site(locator: &ValidatedLocator, ways: &mut Ways) {
    let config = &locator.server_config.locator;
    let access = config.access.as_ref();
    let uses = |strategy| access.is_some_and(|access| access.strategies.contains(&strategy));
    if access.is_none() || uses(Strategy::Direct) || uses(Strategy::Paced) {
        match &config.base_url {
            Some(_) if locator.simulator.is_some() => {
                ways.allow(Peer::Simulator, Ports::Tcp(HTTP.number));
            }
            Some(url) => ways.reach(url),
            None => {}
        }
    }
    if uses(Strategy::Proxied) {
        ways.allow(Peer::Public, Ports::AnyTcp);
    }
}

/// Where sinks send. The address within Sentry's DSN is not read: a Sentry of one's own within the cluster, or at another
/// port, needs a policy of one's own.
fn watching(config: &ServerConfig, ways: &mut Ways) {
    if let Some(otlp) = &config.telemetry.otlp {
        ways.reach(&otlp.endpoint);
    }
    if let Some(datadog) = &config.telemetry.datadog {
        ways.allow(Peer::Public, Ports::Tcp(HTTPS));
        if let Some(agent) = &datadog.agent {
            ways.reach(&agent.endpoint);
        }
    }
    if config.telemetry.sentry.is_some() {
        ways.allow(Peer::Public, Ports::Tcp(HTTPS));
    }
    match config
        .analytics
        .as_ref()
        .map(|analytics| &analytics.endpoint)
    {
        Some(Some(endpoint)) => ways.reach(endpoint),
        Some(None) => ways.allow(Peer::Public, Ports::Tcp(HTTPS)),
        None => {}
    }
}

#[derive(Debug, Default)]
struct Ways(BTreeMap<Peer, BTreeSet<Ports>>);

impl Ways {
    fn allow(&mut self, peer: Peer, ports: Ports) {
        self.0.entry(peer).or_default().insert(ports);
    }

    fn reach(&mut self, url: &HttpUrl) {
        // Port 0 leads nowhere.
        if let Some(port) = url.port() {
            for peer in peers(&url.host()) {
                self.allow(peer, Ports::Tcp(port));
            }
        }
    }
}

/// Whose names a host's can be. Of two words a name may be a Service's and a namespace's, or a public one.
fn peers(host: &str) -> Vec<Peer> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return if address.is_loopback() {
            Vec::new()
        } else {
            vec![Peer::Address(address)]
        };
    }
    let namespace = |name: &str| Peer::Namespace(name.to_owned());
    match host.split('.').collect::<Vec<_>>().as_slice() {
        ["localhost"] => Vec::new(),
        [_] => vec![Peer::Neighbours],
        [_, name] => vec![namespace(name), Peer::Public],
        [_, name, "svc", ..] => vec![namespace(name)],
        _ => vec![Peer::Public],
    }
}

fn rule(
    locator: &ValidatedLocator,
    peer: Peer,
    ports: &BTreeSet<Ports>,
) -> NetworkPolicyEgressRule {
    let pods = |selector| NetworkPolicyPeer {
        pod_selector: Some(selector),
        ..NetworkPolicyPeer::default()
    };
    let to = match peer {
        Peer::Simulator => Some(vec![pods(LabelSelector {
            match_labels: Some(locator.selector(Component::Simulator)),
            ..LabelSelector::default()
        })]),
        Peer::Neighbours => Some(vec![pods(LabelSelector::default())]),
        Peer::Namespace(name) => Some(vec![in_namespace(&name)]),
        Peer::Address(address) => {
            let bits = if address.is_ipv4() { 32 } else { 128 };
            Some(vec![block(&format!("{address}/{bits}"), &[])])
        }
        Peer::Public => Some(PUBLIC.map(|(all, but)| block(all, but)).into()),
        Peer::Anyone => None,
    };
    NetworkPolicyEgressRule {
        to,
        ports: Some(ports.iter().flat_map(|ports| opened(*ports)).collect()),
    }
}

fn block(cidr: &str, except: &[&str]) -> NetworkPolicyPeer {
    let except: Vec<String> = except.iter().map(|&range| range.to_owned()).collect();
    NetworkPolicyPeer {
        ip_block: Some(IPBlock {
            cidr: cidr.to_owned(),
            except: (!except.is_empty()).then_some(except),
        }),
        ..NetworkPolicyPeer::default()
    }
}

fn opened(ports: Ports) -> Vec<NetworkPolicyPort> {
    let port = |protocol: &str, number: Option<u16>| NetworkPolicyPort {
        port: number.map(|number| IntOrString::Int(number.into())),
        protocol: Some(protocol.to_owned()),
        ..NetworkPolicyPort::default()
    };
    match ports {
        Ports::Tcp(number) => vec![port("TCP", Some(number))],
        Ports::TcpAndUdp(number) => vec![port("TCP", Some(number)), port("UDP", Some(number))],
        Ports::AnyTcp => vec![port("TCP", None)],
    }
}

#[cfg(test)]
mod tests;
