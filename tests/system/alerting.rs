//! A fault at the upstream site, until it is told to people over every channel, and told to be over.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use icelocator_tests::{
    Case, eventually,
    mcp::{BY_NAME, Mcp},
    people,
    receivers::{HttpReceiver, SmtpReceiver},
    resource::{Resource, SIMULATED},
    simulator::Simulator,
};
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};

const ALERT: &str = "IceLocatorPageChanged";
const SUMMARY: &str = "The locator site has changed and cannot be read";
/// Scrape, window, `for` and group wait.
const TOLD_WITHIN: Duration = Duration::from_mins(10);
/// The window has to empty, the alert to linger, the group interval to pass.
const OVER_WITHIN: Duration = Duration::from_mins(12);

/// The simulator's faults, by the name of the outcome that they bring.
pub fn fault(name: &str) -> Value {
    match name {
        "none" => json!({}),
        "slow" => json!({"fault": "slow", "delay": "2s"}),
        other => json!({"fault": other}),
    }
}

struct Receivers {
    http: HttpReceiver,
    smtp: SmtpReceiver,
}

pub async fn a_fault_fires_and_reaches_every_channel(case: Case) -> Result<()> {
    let ip = case.world.node_ip;
    let receivers = Receivers {
        http: HttpReceiver::start(ip).await?,
        smtp: SmtpReceiver::start(ip, "alerts", "open-sesame").await?,
    };
    let resource = with_channels(&case, &receivers).await?;
    resource.until_ready().await?;
    routed(&case).await?;
    let simulator = Simulator::of(&case, "watched").await?;
    let searches = tokio::spawn(search_every_second(case.mcp("watched").await?));

    simulator.set(&fault("page_changed")).await?;
    let told = told(&case, &receivers, "firing", TOLD_WITHIN).await;
    simulator.set(&fault("none")).await?;
    let over = match told {
        Ok(()) => self::told(&case, &receivers, "resolved", OVER_WITHIN).await,
        Err(error) => Err(error),
    };
    searches.abort();
    over?;
    nobody_else_was_told(&receivers)
}

async fn with_channels(case: &Case, receivers: &Receivers) -> Result<Resource> {
    let secrets = format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{name: channels}}\nstringData:\n  slack: {}\n  pagerduty: r0uting-key\n  hook: {}\n  password: open-sesame\n",
        receivers.http.slack_url("T0-token"),
        receivers.http.webhook_url("desk"),
    );
    case.apply(&secrets).await?;
    let spec = format!(
        "{SIMULATED}  monitoring:
    dashboards: {{grafanaUrl: https://grafana.example}}
    alerting:
      runbookBaseUrl: https://docs.example/runbooks
      channels:
        - {{name: oncall, pagerduty: {{routingKeySecretRef: {{name: channels, key: pagerduty}}, url: \"{}\"}}}}
        - {{name: team, slack: {{webhookSecretRef: {{name: channels, key: slack}}, channel: \"#icelocator\"}}}}
        - {{name: desk, email: {{to: [oncall@example.org], from: alerts@example.org, smarthost: \"{}\", requireTLS: false, auth: {{username: alerts, passwordSecretRef: {{name: channels, key: password}}}}}}}}
        - {{name: hook, webhook: {{urlSecretRef: {{name: channels, key: hook}}}}}}
      routes: {{critical: [oncall, team, desk, hook]}}
",
        receivers.http.pagerduty_url(),
        receivers.smtp.smarthost(),
    );
    Resource::apply(case, "watched", &spec).await
}

/// Waits until Alertmanager runs with the receivers of this resource.
async fn routed(case: &Case) -> Result<()> {
    let alertmanager = case.world.alertmanager().await?;
    eventually(
        Duration::from_mins(2),
        "Alertmanager knows the resource's receivers",
        || async {
            let receivers = alertmanager.receivers().await?;
            let ours = receivers
                .iter()
                .any(|name| name.starts_with(&format!("{}/watched/", case.namespace)));
            ensure!(ours, "it has {receivers:?}");
            Ok(())
        },
    )
    .await
}

/// Searches for someone new each second, so that nothing comes from the cache.
async fn search_every_second(mcp: Mcp) {
    let mut ticks = interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let _ = mcp.call(&Mcp::modern(), BY_NAME, people::invented()).await;
    }
}

/// Waits until all four channels have told that the alert has `status`, in the right words.
async fn told(case: &Case, receivers: &Receivers, status: &str, within: Duration) -> Result<()> {
    let instance = format!("{}/watched", case.namespace);
    eventually(
        within,
        &format!("{ALERT} is {status} on every channel"),
        || async {
            pagerduty(receivers, &instance, status)?;
            slack(receivers, &instance, status)?;
            webhook(receivers, &case.namespace, status)?;
            mail(receivers, &instance, status)
        },
    )
    .await
}

/// The first line of every notification.
fn title(instance: &str, status: &str) -> String {
    let status = if status == "firing" {
        "CRITICAL"
    } else {
        "RESOLVED"
    };
    format!("[{status}] {ALERT}: {SUMMARY} ({instance})")
}

fn contains(text: &str, parts: &[&str], channel: &str) -> Result<()> {
    for part in parts {
        ensure!(
            text.contains(part),
            "{channel} does not say {part:?}: {text}"
        );
    }
    Ok(())
}

/// Other alerts may fire beside it: an incident is told by its key, which is that of its trigger.
fn pagerduty(receivers: &Receivers, instance: &str, status: &str) -> Result<()> {
    let posts = receivers.http.posts("pagerduty");
    let trigger = posts
        .iter()
        .find(|post| {
            post.body["event_action"] == "trigger" && post.body["payload"]["class"] == ALERT
        })
        .with_context(|| format!("PagerDuty has no trigger of {ALERT}: {posts:?}"))?;
    ensure!(trigger.key == "r0uting-key", "routing key {}", trigger.key);
    let event = &trigger.body;
    if status == "resolved" {
        let is_end = |body: &Value| {
            body["event_action"] == "resolve" && body["dedup_key"] == event["dedup_key"]
        };
        ensure!(
            posts.iter().any(|post| is_end(&post.body)),
            "PagerDuty has no resolve of {ALERT}: {posts:?}"
        );
        return Ok(());
    }
    let payload = &event["payload"];
    contains(
        payload["summary"].as_str().unwrap_or_default(),
        &[&title(instance, status)],
        "PagerDuty",
    )?;
    ensure!(payload["severity"] == "critical", "{payload}");
    contains(
        &event.to_string(),
        &[
            &format!("https://docs.example/runbooks/{ALERT}"),
            "https://grafana.example/d/",
        ],
        "PagerDuty",
    )
}

fn slack(receivers: &Receivers, instance: &str, status: &str) -> Result<()> {
    let title = title(instance, status);
    let posts = receivers.http.posts("slack");
    let post = posts
        .iter()
        .find(|post| post.body["attachments"][0]["title"] == title.as_str());
    let post = post.with_context(|| format!("Slack has no {title:?}: {posts:?}"))?;
    ensure!(
        post.key == "T0-token" && post.body["channel"] == "#icelocator",
        "{post:?}"
    );
    let attachment = &post.body["attachments"][0];
    let colour = if status == "firing" { "danger" } else { "good" };
    ensure!(attachment["color"] == colour, "{attachment}");
    let text = attachment["text"].as_str().unwrap_or_default();
    contains(
        text,
        &[
            "requests",
            &format!("https://docs.example/runbooks/{ALERT}"),
        ],
        "Slack",
    )
    .or_else(|_| contains(text, &["pages", "https://docs.example/runbooks/"], "Slack"))
}

fn webhook(receivers: &Receivers, namespace: &str, status: &str) -> Result<()> {
    let posts = receivers.http.posts("webhook");
    let post = posts
        .iter()
        .find(|p| p.body["status"] == status && p.body["commonLabels"]["alertname"] == ALERT);
    let post = post.with_context(|| format!("the webhook has no {status} {ALERT}: {posts:?}"))?;
    let labels = &post.body["commonLabels"];
    ensure!(
        labels["namespace"] == namespace
            && labels["icelocator"] == "watched"
            && labels["severity"] == "critical",
        "{labels}"
    );
    ensure!(
        post.body["commonAnnotations"]["summary"] == SUMMARY,
        "{}",
        post.body
    );
    Ok(())
}

fn mail(receivers: &Receivers, instance: &str, status: &str) -> Result<()> {
    let title = title(instance, status);
    let mails = receivers.smtp.mails();
    let mail = mails.iter().find(|mail| mail.text.contains(&title));
    let mail = mail.with_context(|| format!("no mail says {title:?}: {mails:?}"))?;
    ensure!(
        mail.user == "alerts" && mail.from == "alerts@example.org",
        "{mail:?}"
    );
    ensure!(mail.to == ["oncall@example.org"], "{mail:?}");
    contains(
        &mail.text,
        &[&format!("Runbook: https://docs.example/runbooks/{ALERT}")],
        "the mail",
    )
}

/// One fault is one thing to be told, and no other instance's alerts came along.
fn nobody_else_was_told(receivers: &Receivers) -> Result<()> {
    for post in receivers.http.posts("webhook") {
        let labels = &post.body["commonLabels"];
        ensure!(
            labels["icelocator"] == "watched",
            "another instance's alert: {labels}"
        );
        ensure!(
            labels["alertname"] != "IceLocatorWatchdog",
            "the heartbeat was told to people"
        );
    }
    Ok(())
}
