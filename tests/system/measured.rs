//! What Prometheus has: each series of both catalogues, and data for each query of each dashboard.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use icelocator_telemetry::{Kind, Metric};
use icelocator_tests::{
    Case,
    dashboards::{self, Query, Variables},
    eventually,
    mcp::{BY_NAME, BY_NUMBER, Mcp},
    people,
    resource::Resource,
    world::SYSTEM,
};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{Api, api::ListParams};

/// Some scrapes and evaluations of rules.
const SCRAPED_WITHIN: Duration = Duration::from_mins(3);

/// Two scrapes, and the rates of rules over them.
const DATA_WITHIN: Duration = Duration::from_mins(3);

const BETWEEN_SEARCHES: Duration = Duration::from_millis(250);

/// Every way to the site, of which the first leads nowhere, and a destination that is not there: each has something to show
/// then.
const EVERY_WAY: &str = "  locator:
    simulator: {}
    access:
      strategies: [proxied, paced]
      requestsPerMinute: 6000
      pacing: {minInterval: 10ms}
      egressProxies: {secretRef: {name: egress, key: proxies.txt}}
      circuitBreaker: {failureRatio: 0.9}
  auth: {anonymous: true}
  monitoring:
    analytics: {projectIdSecretRef: {name: mcpcat, key: project-id}, endpoint: \"http://localhost:9\"}
";

/// A server that uses all of them.
async fn in_every_way(case: &Case, name: &str, replicas: u32) -> Result<()> {
    case.apply(
        "{apiVersion: v1, kind: Secret, metadata: {name: egress}, stringData: {proxies.txt: \"http://127.0.0.1:1\"}}",
    )
    .await?;
    case.apply(
        "{apiVersion: v1, kind: Secret, metadata: {name: mcpcat}, stringData: {project-id: proj_invented}}",
    )
    .await?;
    let spec = format!("  replicas: {replicas}\n{EVERY_WAY}");
    let resource = Resource::apply(case, name, &spec).await?;
    resource.until_ready().await?;
    Ok(())
}

/// Series that only what does not happen here brings forth.
const NOT_HERE: [&str; 3] = [
    "icelocator_operator_drift_tolerated_total",
    "icelocator_calls_shed_total",
    "icelocator_telemetry_dropped_total",
];

pub async fn every_series_of_the_catalogue_is_in_prometheus(case: Case) -> Result<()> {
    in_every_way(&case, "scraped", 2).await?;
    let mcp = case.mcp("scraped").await?;
    people::search_known(&mcp, &Mcp::modern()).await?;
    mcp.call(&Mcp::modern(), BY_NUMBER, people::unknown_number())
        .await?;

    let prometheus = case.world.prometheus().await?;
    let instance = format!("namespace=\"{}\",icelocator=\"scraped\"", case.namespace);
    eventually(SCRAPED_WITHIN, "both pods are scraped", || async {
        let up = prometheus.value(&format!("sum(up{{{instance}}})")).await?;
        ensure!((up - 2.0).abs() < f64::EPSILON, "{up} pods are up");
        Ok(())
    })
    .await?;
    every_one_of(
        &case,
        series(icelocator_server::observe::catalogue::metrics()),
        &instance,
    )
    .await?;
    let operator = format!("namespace=\"{SYSTEM}\"");
    every_one_of(
        &case,
        series(icelocator_operator::metrics::CATALOGUE.iter()),
        &operator,
    )
    .await
}

async fn every_one_of(case: &Case, names: BTreeSet<String>, matchers: &str) -> Result<()> {
    let prometheus = case.world.prometheus().await?;
    ensure!(names.len() > 8, "the catalogue has only {names:?}");
    eventually(SCRAPED_WITHIN, "every series of the catalogue", || async {
        let query = format!("group by (__name__) ({{__name__=~\".+\",{matchers}}})");
        let samples = prometheus.query(&query).await?;
        let there: BTreeSet<String> = samples
            .iter()
            .map(|s| s.label("__name__").to_owned())
            .collect();
        let missing: Vec<_> = names.difference(&there).collect();
        ensure!(
            missing.is_empty(),
            "{matchers}: not in Prometheus: {missing:?}"
        );
        Ok(())
    })
    .await
}

pub async fn every_dashboard_query_returns_data(case: Case) -> Result<()> {
    in_every_way(&case, "shown", 1).await?;
    // Searches that no cache answers, as long as the queries are asked, and no more of them than leave room for those.
    let mcp = case.mcp("shown").await?;
    let searching = async {
        let mut ticks = tokio::time::interval(BETWEEN_SEARCHES);
        loop {
            ticks.tick().await;
            mcp.call(&Mcp::modern(), BY_NAME, people::invented())
                .await?;
            people::search_known(&mcp, &Mcp::modern()).await?;
        }
    };
    let asking = async {
        every_query(&case, &overview(&case).await?, "shown", &case.namespace).await?;
        every_query(&case, &fleet(&case).await?, ".+", SYSTEM).await
    };
    tokio::select! {
        result = asking => result,
        result = searching => result,
    }
}

async fn every_query(case: &Case, dashboard: &str, instance: &str, namespace: &str) -> Result<()> {
    let prometheus = case.world.prometheus().await?;
    let variables = Variables {
        namespace,
        instance,
        pod: ".*",
    };
    let queries = dashboards::queries(dashboard, &variables)?;
    ensure!(
        queries.len() > 10,
        "only {} queries in the dashboard",
        queries.len()
    );
    // Those that have answered are not asked again.
    let open = Mutex::new(queries);
    let still_open = || open.lock().unwrap_or_else(PoisonError::into_inner);
    eventually(DATA_WITHIN, "every query returns data", || async {
        let asked = still_open().clone();
        for Query { panel, expression } in asked {
            let samples = prometheus.query(&expression).await.context(panel)?;
            // NaN is what a rate of nothing divided by nothing is: not data.
            if samples.iter().any(|sample| !sample.value().is_nan()) {
                still_open().retain(|query| query.expression != expression);
            }
        }
        let open = still_open();
        let empty: Vec<String> = open
            .iter()
            .map(|query| format!("{}: {}", query.panel, query.expression))
            .collect();
        ensure!(empty.is_empty(), "no data for\n  {}", empty.join("\n  "));
        Ok(())
    })
    .await
}

/// The dashboard as the operator delivered it.
async fn overview(case: &Case) -> Result<String> {
    let config_maps: Api<ConfigMap> = case.typed();
    only_entry(config_maps.get("shown-dashboard-overview").await?)
}

/// The dashboard as the chart delivered it.
async fn fleet(case: &Case) -> Result<String> {
    let config_maps: Api<ConfigMap> = Api::namespaced(case.world.client.clone(), SYSTEM);
    let found = config_maps
        .list(&ListParams::default().labels("grafana_dashboard=1"))
        .await?;
    only_entry(
        found
            .items
            .into_iter()
            .next()
            .context("the chart delivered no dashboard")?,
    )
}

fn only_entry(config_map: ConfigMap) -> Result<String> {
    let data = config_map.data.unwrap_or_default();
    ensure!(data.len() == 1, "{} entries", data.len());
    data.into_values().next().context("no entry")
}

/// The names under which a catalogue appears in Prometheus.
fn series<'a>(catalogue: impl Iterator<Item = &'a Metric>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for metric in catalogue {
        let name = metric.prometheus_name();
        if metric.kind == Kind::Histogram {
            names.extend(["_bucket", "_sum", "_count"].map(|part| format!("{name}{part}")));
        } else if !NOT_HERE.contains(&name.as_str()) {
            names.insert(name);
        }
    }
    names
}
