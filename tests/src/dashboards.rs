//! The dashboards as the operator and the chart deliver them: every query in them, with Grafana's variables
//! filled in as Grafana would.

use anyhow::{Context, Result};
use serde_json::Value;

/// One query of one panel.
#[derive(Debug, Clone)]
pub struct Query {
    pub panel: String,
    pub expression: String,
}

/// What the variables stand for.
pub struct Variables<'a> {
    pub namespace: &'a str,
    pub instance: &'a str,
    pub pod: &'a str,
}

/// The queries of a dashboard's JSON, those of folded rows too.
pub fn queries(dashboard: &str, variables: &Variables<'_>) -> Result<Vec<Query>> {
    let dashboard: Value =
        serde_json::from_str(dashboard).context("a dashboard that is no JSON")?;
    let mut found = Vec::new();
    collect(&dashboard["panels"], variables, &mut found);
    Ok(found)
}

fn collect(panels: &Value, variables: &Variables<'_>, found: &mut Vec<Query>) {
    for panel in panels.as_array().into_iter().flatten() {
        for target in panel["targets"].as_array().into_iter().flatten() {
            if let Some(expression) = target["expr"].as_str() {
                found.push(Query {
                    panel: panel["title"].as_str().unwrap_or_default().to_owned(),
                    expression: fill(expression, variables),
                });
            }
        }
        collect(&panel["panels"], variables, found);
    }
}

/// Grafana's substitution, with the ranges of a dashboard that shows the last five minutes.
fn fill(expression: &str, variables: &Variables<'_>) -> String {
    let mut filled = expression.to_owned();
    for (name, value) in [
        ("__rate_interval", "1m"),
        ("__interval", "15s"),
        ("__range", "5m"),
        ("namespace", variables.namespace),
        ("instance", variables.instance),
        ("pod", variables.pod),
    ] {
        filled = filled.replace(&format!("${{{name}}}"), value);
        filled = filled.replace(&format!("${name}"), value);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_of_rows_are_found_and_filled() {
        let dashboard = r#"{"panels": [{"title": "row", "panels": [
            {"title": "p", "targets": [{"expr": "rate(x{namespace=\"$namespace\"}[$__rate_interval])"}]}]}]}"#;
        let variables = Variables {
            namespace: "n",
            instance: "i",
            pod: ".*",
        };
        let found = queries(dashboard, &variables).unwrap();
        assert_eq!(found[0].expression, "rate(x{namespace=\"n\"}[1m])");
        assert_eq!(found[0].panel, "p");
    }
}
