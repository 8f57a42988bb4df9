//! Which of the optional kinds the cluster serves. Asked again and again: an API that appears is used, one that goes is
//! missed, both without a restart and without the right to read `CustomResourceDefinition`s.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kube::Client;

use crate::kinds::Kind;

/// The time between two looks.
pub const LOOK_EVERY: Duration = Duration::from_secs(15);

/// The optional kinds that are served now.
pub async fn served(client: &Client) -> Result<BTreeSet<Kind>, kube::Error> {
    let mut by_api: BTreeMap<&str, Vec<Kind>> = BTreeMap::new();
    for kind in Kind::ALL {
        if let Some(api) = kind.optional_api() {
            by_api.entry(api).or_default().push(kind);
        }
    }
    let mut served = BTreeSet::new();
    for (api, kinds) in by_api {
        let resources = match client.list_api_group_resources(api).await {
            Ok(list) => list.resources,
            Err(kube::Error::Api(status)) if status.code == 404 => continue,
            Err(error) => return Err(error),
        };
        let is_served = |kind: &Kind| {
            resources
                .iter()
                .any(|resource| resource.kind == kind.as_str() && !resource.name.contains('/'))
        };
        served.extend(kinds.into_iter().filter(is_served));
    }
    Ok(served)
}
