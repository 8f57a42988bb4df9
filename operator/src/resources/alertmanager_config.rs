//! The `AlertmanagerConfig` of one `IceLocator`: who hears of its alerts, and how.
//!
//! Receivers are made from the resource's channels, one for each set of channels that a severity names; Secrets are
//! referenced, never read. The routes take this instance's alerts only. What no route takes, the heartbeat among it,
//! goes to a receiver that tells nobody.

mod messages;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use icelocator_config::SecretKeyRef;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;

use crate::controller::validate::{
    Alerting, Channel, ChannelKind, Component, Severity, ValidatedLocator,
};
use messages::Messages;

/// The receiver that tells nobody; no channel can have this name.
const NOWHERE: &str = "(nobody)";

/// The Prometheus operator's kind, as far as it is used here.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertmanagerConfig {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub metadata: ObjectMeta,
    pub spec: AlertmanagerConfigSpec,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertmanagerConfigSpec {
    pub route: Route,
    pub receivers: Vec<Receiver>,
    pub inhibit_rules: Vec<InhibitRule>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Route {
    pub receiver: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub group_by: Vec<&'static str>,
    pub group_wait: &'static str,
    pub group_interval: &'static str,
    pub repeat_interval: &'static str,
    pub matchers: Vec<Matcher>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Matcher {
    pub name: &'static str,
    pub match_type: &'static str,
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InhibitRule {
    pub source_match: Vec<Matcher>,
    pub target_match: Vec<Matcher>,
    pub equal: Vec<&'static str>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Receiver {
    pub name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pagerduty_configs: Vec<PagerDuty>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub slack_configs: Vec<Slack>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub webhook_configs: Vec<Webhook>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub email_configs: Vec<Email>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PagerDuty {
    pub send_resolved: bool,
    pub routing_key: SecretKeyRef,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    pub client: &'static str,
    #[serde(rename = "clientURL", skip_serializing_if = "Option::is_none")]
    pub client_url: Option<String>,
    pub description: &'static str,
    pub severity: &'static str,
    pub class: &'static str,
    pub group: &'static str,
    pub component: &'static str,
    pub details: Vec<KeyValue>,
    #[serde(rename = "pagerDutyLinkConfigs")]
    pub links: Vec<PagerDutyLink>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PagerDutyLink {
    pub href: String,
    /// The Prometheus operator calls the link's text so.
    #[serde(rename = "alt")]
    pub text: &'static str,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Slack {
    pub send_resolved: bool,
    #[serde(rename = "apiURL")]
    pub api_url: SecretKeyRef,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    pub color: &'static str,
    pub title: &'static str,
    pub title_link: String,
    pub text: String,
    pub fallback: &'static str,
    pub mrkdwn_in: [&'static str; 1],
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    pub send_resolved: bool,
    pub url_secret: SecretKeyRef,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Email {
    pub send_resolved: bool,
    pub to: String,
    pub from: String,
    pub smarthost: String,
    #[serde(rename = "requireTLS")]
    pub require_tls: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_password: Option<SecretKeyRef>,
    pub headers: Vec<KeyValue>,
    pub html: String,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KeyValue {
    pub key: &'static str,
    pub value: String,
}

/// Builds the routing; none without channels, or where alerting is off.
pub fn build(locator: &ValidatedLocator) -> Option<AlertmanagerConfig> {
    let alerting = locator.alerting.as_ref()?;
    if alerting.channels.is_empty() {
        return None;
    }
    let mut metadata = locator.object_meta(&locator.name, Component::Monitoring);
    metadata
        .labels
        .get_or_insert_default()
        .extend(alerting.labels.clone());
    Some(AlertmanagerConfig {
        api_version: "monitoring.coreos.com/v1alpha1",
        kind: "AlertmanagerConfig",
        metadata,
        spec: AlertmanagerConfigSpec {
            route: route(locator, alerting),
            receivers: receivers(locator, alerting),
            inhibit_rules: vec![inhibit_rule(locator)],
        },
    })
}

fn equal(name: &'static str, value: &str) -> Matcher {
    Matcher {
        name,
        match_type: "=",
        value: value.to_owned(),
    }
}

/// This instance's alerts, by severity. What no severity's route takes stays at the top and is told to nobody.
fn route(locator: &ValidatedLocator, alerting: &Alerting) -> Route {
    let routes = alerting
        .routes
        .iter()
        .filter(|(_, channels)| !channels.is_empty())
        .map(|(severity, channels)| {
            let (group_wait, group_interval, repeat_interval) = pace(*severity);
            Route {
                receiver: receiver_name(channels),
                group_by: vec!["alertname", "namespace", "icelocator"],
                group_wait,
                group_interval,
                repeat_interval,
                matchers: vec![equal("severity", severity.as_str())],
                routes: Vec::new(),
            }
        })
        .collect();
    Route {
        receiver: NOWHERE.to_owned(),
        group_by: vec!["alertname", "namespace", "icelocator"],
        group_wait: "30s",
        group_interval: "5m",
        repeat_interval: "1d",
        matchers: this(locator).to_vec(),
        routes,
    }
}

/// How long to wait for alerts of the same cause, how often to tell of changes, and how often to say it again.
const fn pace(severity: Severity) -> (&'static str, &'static str, &'static str) {
    match severity {
        Severity::Critical => ("10s", "1m", "1h"),
        Severity::Warning => ("20s", "2m", "12h"),
        Severity::Info => ("1m", "5m", "1d"),
    }
}

/// Alerts of this very resource. Most Alertmanagers add the namespace to every route themselves; not all are told to.
fn this(locator: &ValidatedLocator) -> [Matcher; 2] {
    [
        equal("namespace", &locator.namespace),
        equal("icelocator", &locator.name),
    ]
}

/// Critical silences warning and info: whoever was woken needs no ticket about the same instance. Both labels have to be
/// equal, or two instances would silence each other.
fn inhibit_rule(locator: &ValidatedLocator) -> InhibitRule {
    InhibitRule {
        source_match: [&this(locator)[..], &[equal("severity", "critical")]].concat(),
        target_match: [
            &this(locator)[..],
            &[Matcher {
                name: "severity",
                match_type: "=~",
                value: "warning|info".to_owned(),
            }],
        ]
        .concat(),
        equal: vec!["namespace", "icelocator"],
    }
}

/// The same set of channels is the same receiver, whichever severities name it.
fn receiver_name(channels: &[String]) -> String {
    let names: BTreeSet<&str> = channels.iter().map(String::as_str).collect();
    names.into_iter().collect::<Vec<_>>().join("+")
}

fn receivers(locator: &ValidatedLocator, alerting: &Alerting) -> Vec<Receiver> {
    let messages = Messages {
        dashboard: locator
            .dashboards
            .as_ref()
            .is_some_and(|dashboards| dashboards.grafana_url.is_some()),
    };
    let mut receivers = vec![Receiver {
        name: NOWHERE.to_owned(),
        ..Receiver::default()
    }];
    for channels in alerting.routes.values() {
        let name = receiver_name(channels);
        if channels.is_empty() || receivers.iter().any(|receiver| receiver.name == name) {
            continue;
        }
        let mut receiver = Receiver {
            name,
            ..Receiver::default()
        };
        for channel in &alerting.channels {
            if channels.contains(&channel.name) {
                add(&mut receiver, channel, &messages);
            }
        }
        receivers.push(receiver);
    }
    receivers
}

fn add(receiver: &mut Receiver, channel: &Channel, messages: &Messages) {
    match &channel.kind {
        ChannelKind::Pagerduty {
            routing_key_secret_ref,
            url,
        } => receiver.pagerduty_configs.push(PagerDuty {
            send_resolved: true,
            routing_key: routing_key_secret_ref.clone(),
            url: url.as_ref().map(ToString::to_string),
            client: "IceLocator",
            client_url: messages.dashboard_link(),
            description: messages::TITLE,
            severity: messages::PAGERDUTY_SEVERITY,
            class: "{{ .CommonLabels.alertname }}",
            group: "{{ .CommonLabels.namespace }}",
            component: "{{ .CommonLabels.icelocator }}",
            details: messages.pagerduty_details(),
            links: messages.pagerduty_links(),
        }),
        ChannelKind::Slack {
            webhook_secret_ref,
            channel,
        } => receiver.slack_configs.push(Slack {
            send_resolved: true,
            api_url: webhook_secret_ref.clone(),
            channel: channel.clone(),
            color: messages::SLACK_COLOR,
            title: messages::TITLE,
            title_link: messages.title_link(),
            text: messages.slack_text(),
            fallback: messages::TITLE,
            mrkdwn_in: ["text"],
        }),
        ChannelKind::Email {
            to,
            from,
            smarthost,
            require_tls,
            auth,
        } => receiver.email_configs.push(Email {
            send_resolved: true,
            to: to.join(", "),
            from: from.clone(),
            smarthost: smarthost.clone(),
            require_tls: *require_tls,
            auth_username: auth.as_ref().map(|auth| auth.username.clone()),
            auth_password: auth.as_ref().map(|auth| auth.password_secret_ref.clone()),
            headers: vec![KeyValue {
                key: "Subject",
                value: messages::TITLE.to_owned(),
            }],
            html: messages.html(),
            text: messages.plain_text(),
        }),
        ChannelKind::Webhook { url_secret_ref } => receiver.webhook_configs.push(Webhook {
            send_resolved: true,
            url_secret: url_secret_ref.clone(),
        }),
    }
}
