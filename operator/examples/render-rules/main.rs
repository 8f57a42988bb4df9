//! Writes what the operator makes of resources where promtool and amtool can check it:
//!
//!     cargo run -p icelocator-operator --example render-rules -- DIRECTORY RESOURCE.yaml...
//!
//! `DIRECTORY/<namespace>-<name>.yaml` are the rules of each, `DIRECTORY/alertmanager.json` the configuration that
//! Alertmanager gets of them all, and `DIRECTORY/messages/` the templates of the last one's notifications.

mod alertmanager;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use icelocator_operator::api::IceLocator;
use icelocator_operator::controller::validate::{Facts, SessionKey, ValidatedLocator, validate};
use icelocator_operator::resources::{alertmanager_config, prometheus_rule};
use serde_json::Value;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let Some(directory) = arguments.next() else {
        bail!("usage: render-rules DIRECTORY RESOURCE.yaml...");
    };
    fs::create_dir_all(directory.join("messages"))?;
    let mut routing = Vec::new();
    for path in arguments {
        let locator = read(&path).with_context(|| path.display().to_string())?;
        let file = format!("{}-{}.yaml", locator.namespace, locator.name);
        if let Some(rule) = prometheus_rule::build(&locator) {
            // JSON is YAML, and what the API server is sent too.
            fs::write(
                directory.join(file),
                serde_json::to_string_pretty(&rule.spec)?,
            )?;
        }
        if let Some(config) = alertmanager_config::build(&locator) {
            routing.push(serde_json::to_value(config)?);
        }
    }
    fs::write(
        directory.join("alertmanager.json"),
        serde_json::to_string_pretty(&alertmanager::configuration(&routing))?,
    )?;
    if let Some(object) = routing.last() {
        write_messages(&directory.join("messages"), object)?;
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<ValidatedLocator> {
    let resource: IceLocator = serde_saphyr::from_str(&fs::read_to_string(path)?)?;
    let facts = Facts::new("icelocator-server".to_owned(), SessionKey::new([0; 32]));
    Ok(validate(&resource, facts)?)
}

/// Each template in a file of its own, named for the channel and the part of the message.
fn write_messages(directory: &Path, object: &Value) -> anyhow::Result<()> {
    const PARTS: [(&str, &str, &str); 10] = [
        ("slack", "slackConfigs", "/title"),
        ("slack", "slackConfigs", "/titleLink"),
        ("slack", "slackConfigs", "/color"),
        ("slack", "slackConfigs", "/text"),
        ("pagerduty", "pagerdutyConfigs", "/description"),
        ("pagerduty", "pagerdutyConfigs", "/severity"),
        ("pagerduty", "pagerdutyConfigs", "/details/0/value"),
        ("email", "emailConfigs", "/headers/0/value"),
        ("email", "emailConfigs", "/text"),
        ("email", "emailConfigs", "/html"),
    ];
    for (channel, field, pointer) in PARTS {
        let template = object["spec"]["receivers"]
            .as_array()
            .into_iter()
            .flatten()
            .find_map(|receiver| receiver[field][0].pointer(pointer)?.as_str())
            .with_context(|| format!("no {channel} channel with {pointer}"))?;
        let part = pointer.split('/').nth(1).unwrap_or_default();
        fs::write(directory.join(format!("{channel}-{part}")), template)?;
    }
    Ok(())
}
