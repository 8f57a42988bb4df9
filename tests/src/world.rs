//! The one cluster that all scenarios share, and how to reach what runs in it.
//!
//! The tests run inside the node's network namespace, so ClusterIPs and pods are reachable directly and
//! pods reach the receivers at the node's address.

use std::{
    env,
    net::IpAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use k8s_openapi::api::{
    core::v1::{Pod, Service},
    discovery::v1::EndpointSlice,
};
use kube::{
    Api, Client, ResourceExt,
    api::{DynamicObject, ListParams, LogParams, Patch, PatchParams},
    core::GroupVersionKind,
    discovery::pinned_kind,
};

use crate::{alertmanager::Alertmanager, audit::AuditLog, helm, prometheus::Prometheus};

/// Where the chart installs the operator.
pub const SYSTEM: &str = "icelocator-system";
/// Where the monitoring stack of the local cluster lives.
pub const MONITORING: &str = "monitoring";
/// The tests' own field manager: what they apply is theirs, as it would be a user's.
pub const MANAGER: &str = "icelocator-tests";

/// Everything the scenarios share.
pub struct World {
    pub client: Client,
    pub http: reqwest::Client,
    /// The address at which pods reach the receivers of these tests.
    pub node_ip: IpAddr,
    /// The root of the source tree.
    pub root: PathBuf,
    /// What the local cluster keeps on the host: logs, the collector's spans.
    pub state: PathBuf,
    /// Writes seen by the API server, by user and pod: the truth about who writes.
    pub audit: AuditLog,
    /// The values of the Helm release as the tests found it, to install it again in the same way.
    pub chart_values: String,
}

impl World {
    /// Connects to the cluster that `KUBECONFIG` names.
    pub async fn connect() -> Result<Self> {
        // Without a provider chosen the first TLS connection panics.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("the tests crate lies in the source tree")?
            .to_path_buf();
        let node_ip = env::var("ICELOCATOR_NODE_IP")
            .context(
                "ICELOCATOR_NODE_IP is not set: run through `tests/cluster/cluster.sh exec --`",
            )?
            .parse()
            .context("ICELOCATOR_NODE_IP is not an address")?;
        let state = env::var_os("CLUSTER_DIR").unwrap_or_else(|| "target/cluster".into());
        let state = root.join(state);
        let client = Client::try_default()
            .await
            .context("KUBECONFIG names no cluster")?;
        client
            .apiserver_version()
            .await
            .context("the cluster does not answer")?;
        let mut world = Self {
            client,
            http: reqwest::Client::builder()
                .timeout(Duration::from_secs(30))
                .build()?,
            node_ip,
            root,
            audit: AuditLog::new(state.join("logs/audit.log")),
            state,
            chart_values: String::new(),
        };
        world.chart_values = helm::values(&world).await;
        Ok(world)
    }

    /// The Prometheus of the local cluster.
    pub async fn prometheus(&self) -> Result<Prometheus> {
        let url = self
            .service_url(MONITORING, "prometheus-operated", 9090)
            .await?;
        Ok(Prometheus::new(self.http.clone(), url))
    }

    /// The Alertmanager of the local cluster.
    pub async fn alertmanager(&self) -> Result<Alertmanager> {
        let url = self
            .service_url(MONITORING, "alertmanager-operated", 9093)
            .await?;
        Ok(Alertmanager::new(self.http.clone(), url))
    }

    /// `http://…` of a Service: its ClusterIP, or a ready endpoint where it has none.
    pub async fn service_url(&self, namespace: &str, name: &str, port: u16) -> Result<String> {
        let services: Api<Service> = Api::namespaced(self.client.clone(), namespace);
        let service = services
            .get(name)
            .await
            .with_context(|| format!("Service {namespace}/{name}"))?;
        let cluster_ip = service.spec.and_then(|s| s.cluster_ip).unwrap_or_default();
        if !cluster_ip.is_empty() && cluster_ip != "None" {
            return Ok(format!("http://{cluster_ip}:{port}"));
        }
        let slices: Api<EndpointSlice> = Api::namespaced(self.client.clone(), namespace);
        let of_service =
            ListParams::default().labels(&format!("kubernetes.io/service-name={name}"));
        slices
            .list(&of_service)
            .await?
            .into_iter()
            .flat_map(|slice| slice.endpoints.unwrap_or_default())
            .find(|e| e.conditions.as_ref().is_none_or(|c| c.ready != Some(false)))
            .and_then(|endpoint| endpoint.addresses.first().cloned())
            .map(|address| format!("http://{address}:{port}"))
            .with_context(|| format!("Service {namespace}/{name} has no ready endpoint"))
    }

    /// The handle for objects of the kind that `object` says it is.
    pub async fn api_of(&self, object: &DynamicObject) -> Result<Api<DynamicObject>> {
        let types = object.types.as_ref().context("an object without kind")?;
        self.api(
            &types.api_version,
            &types.kind,
            object.metadata.namespace.as_deref(),
        )
        .await
    }

    /// The handle for objects of a kind, in `namespace` or cluster-wide.
    pub async fn api(
        &self,
        api_version: &str,
        kind: &str,
        namespace: Option<&str>,
    ) -> Result<Api<DynamicObject>> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let gvk = GroupVersionKind::gvk(group, version, kind);
        let (resource, _) = pinned_kind(&self.client, &gvk)
            .await
            .with_context(|| format!("the cluster does not serve {api_version} {kind}"))?;
        Ok(match namespace {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, &resource),
            None => Api::all_with(self.client.clone(), &resource),
        })
    }

    /// Applies every document of `yaml`, as `kubectl apply --server-side` would.
    pub async fn apply(&self, yaml: &str) -> Result<Vec<DynamicObject>> {
        let mut applied = Vec::new();
        for object in documents(yaml)? {
            let api = self.api_of(&object).await?;
            let parameters = PatchParams::apply(MANAGER).force();
            applied.push(
                api.patch(&object.name_any(), &parameters, &Patch::Apply(&object))
                    .await?,
            );
        }
        Ok(applied)
    }

    /// The pods of a namespace that carry `labels`, those on their way out left aside.
    pub async fn pods(&self, namespace: &str, labels: &str) -> Result<Vec<Pod>> {
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), namespace);
        let found = pods.list(&ListParams::default().labels(labels)).await?;
        Ok(found
            .items
            .into_iter()
            .filter(|p| p.metadata.deletion_timestamp.is_none())
            .collect())
    }

    /// The whole log of a pod's only container, that of its predecessor not included.
    pub async fn log(&self, namespace: &str, pod: &str) -> Result<String> {
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), namespace);
        Ok(pods.logs(pod, &LogParams::default()).await?)
    }

    /// The text of a metrics page.
    pub async fn text(&self, url: &str) -> Result<String> {
        let response = self.http.get(url).send().await?.error_for_status()?;
        Ok(response.text().await?)
    }

    /// A page of the `metrics` port of the server's pod with this address.
    pub async fn page(&self, ip: &str, path: &str) -> Result<String> {
        self.text(&format!("http://{ip}:9090/{path}")).await
    }
}

/// The address of a pod that has one.
pub fn pod_ip(pod: &Pod) -> Result<&str> {
    pod.status
        .as_ref()
        .and_then(|status| status.pod_ip.as_deref())
        .with_context(|| format!("pod {} has no address yet", pod.name_any()))
}

/// Whether the kubelet says that the pod is ready.
pub fn is_ready(pod: &Pod) -> bool {
    pod.status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten())
        .any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// Every object in `yaml`, documents parted by `---`.
pub fn documents(yaml: &str) -> Result<Vec<DynamicObject>> {
    yaml.split("\n---")
        .filter(|part| {
            part.lines()
                .any(|line| !line.is_empty() && !line.starts_with(['#', '-']))
        })
        .map(|part| {
            serde_saphyr::from_str(part.trim_start_matches("---"))
                .map_err(|error| anyhow!("{error}\nin:\n{part}"))
        })
        .collect()
}

/// The value of a metric in Prometheus' text format, summed over the series that carry all of `labels`.
pub fn metric(page: &str, name: &str, labels: &[(&str, &str)]) -> Result<f64> {
    let wanted: Vec<String> = labels.iter().map(|(k, v)| format!("{k}=\"{v}\"")).collect();
    let mut found = None;
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let Some((series, value)) = line.rsplit_once(' ') else {
            continue;
        };
        if series.split('{').next() == Some(name) && wanted.iter().all(|w| series.contains(w)) {
            let value: f64 = value
                .parse()
                .with_context(|| format!("{line} holds no number"))?;
            *found.get_or_insert(0.0) += value;
        }
    }
    match found {
        Some(value) => Ok(value),
        None => bail!("no series {name} {wanted:?} on the page"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_parted_and_comments_alone_are_none() {
        let yaml = "# a remark\n---\napiVersion: v1\nkind: A\nmetadata: {name: a}\n---\n# nothing\n---\napiVersion: v1\nkind: B\nmetadata: {name: b}\n";
        let names: Vec<_> = documents(yaml)
            .unwrap()
            .iter()
            .map(ResourceExt::name_any)
            .collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn a_metric_is_summed_over_the_series_that_match() {
        let page = "# HELP x\nx_total{a=\"1\",b=\"2\"} 3\nx_total{a=\"1\"} 4\nx_total{a=\"9\"} 5\nx_total_other 7\n";
        assert!((metric(page, "x_total", &[("a", "1")]).unwrap() - 7.0).abs() < f64::EPSILON);
        assert!(metric(page, "y", &[]).is_err());
    }
}
