//! What is wrong is refused by name, what cannot be honoured fails closed, and neither harms anyone else.

use std::{fs, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use icelocator_tests::{
    Case, SOON, consistently, eventually,
    mcp::Mcp,
    people,
    resource::{Resource, SIMULATED},
    world::is_ready,
};
use k8s_openapi::api::{
    apps::v1::ReplicaSet,
    core::v1::{Pod, Service},
};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams},
};
use serde_json::json;

use crate::operator::server_image;

/// Each file's first line says what the API server's refusal must contain.
pub async fn the_schema_refuses_with_the_fields_name(case: Case) -> Result<()> {
    let folder = case.world.root.join("tests/system/invalid");
    let mut wrong = Vec::new();
    let mut tried = 0;
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let text = fs::read_to_string(&path)?;
        let expected = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# refused: "));
        let expected =
            expected.with_context(|| format!("{} does not say what is refused", path.display()))?;
        tried += 1;
        match case.apply(&text).await {
            Ok(()) => wrong.push(format!("{} was accepted", path.display())),
            Err(error) if !format!("{error:#}").contains(expected) => {
                wrong.push(format!(
                    "{}: {error:#} does not say {expected:?}",
                    path.display()
                ));
            }
            Err(_) => {}
        }
    }
    ensure!(tried >= 10, "only {tried} resources that are wrong");
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

pub async fn a_missing_secret_heals_when_it_appears(case: Case) -> Result<()> {
    let spec = format!(
        "{SIMULATED}  monitoring:
    alerting:
      channels: [{{name: team, slack: {{webhookSecretRef: {{name: late, key: url}}}}}}]
      routes: {{critical: [team]}}
"
    );
    let resource = Resource::apply(&case, "waiting", &spec).await?;
    let missing = resource.until("ResolvedRefs", "False", SOON).await?;
    ensure!(
        missing.message.contains("late"),
        "the Secret is not named: {missing:?}"
    );
    // Searching goes on without the alerts' channel.
    resource.until("Available", "True", SOON).await?;

    let secret = |key: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: late}}\nstringData: {{{key}: \"https://hooks.example/x\"}}\n"
        )
    };
    // There, but without the key.
    case.apply(&secret("other")).await?;
    eventually(SOON, "the missing key is named", || async {
        let missing = resource.condition("ResolvedRefs").await?;
        ensure!(
            missing.status == "False" && missing.message.contains("url"),
            "{missing:?}"
        );
        Ok(())
    })
    .await?;
    case.apply(&secret("url")).await?;
    resource.until("ResolvedRefs", "True", SOON).await?;
    resource.until_ready().await?;
    let configs = case
        .api("monitoring.coreos.com/v1alpha1", "AlertmanagerConfig")
        .await?;
    configs
        .get("waiting")
        .await
        .context("the routing did not come")?;

    let secrets = case.api("v1", "Secret").await?;
    secrets.delete("late", &DeleteParams::default()).await?;
    resource.until("ResolvedRefs", "False", SOON).await?;
    Ok(())
}

pub async fn what_someone_else_owns_is_never_taken_over(case: Case) -> Result<()> {
    case.apply(
        "apiVersion: v1\nkind: Service\nmetadata: {name: taken}\nspec: {selector: {app: theirs}, ports: [{name: web, port: 80}]}\n",
    )
    .await?;
    let services: Api<Service> = case.typed();
    let theirs = services.get("taken").await?;
    let resource = Resource::apply(&case, "taken", SIMULATED).await?;
    eventually(SOON, "the conflict is said", || async {
        let status = resource.status().await?;
        let conditions = status["conditions"].as_array().cloned().unwrap_or_default();
        let said = conditions.iter().any(|condition| {
            (condition["type"] == "Conflict" || condition["reason"] == "Conflict")
                && condition["message"]
                    .as_str()
                    .is_some_and(|m| m.contains("Service") && m.contains("taken"))
        });
        ensure!(said, "{status}");
        Ok(())
    })
    .await?;
    resource.until("Ready", "False", SOON).await?;
    consistently(
        Duration::from_secs(5),
        "their Service is left alone",
        || async {
            let now = services.get("taken").await?;
            ensure!(
                now.resource_version() == theirs.resource_version(),
                "it was written to: {now:?}"
            );
            Ok(())
        },
    )
    .await?;
    // It goes, and the name is free.
    services.delete("taken", &DeleteParams::default()).await?;
    resource.until_ready().await?;
    // The name is taken again by deleting ours: what is now there is ours, and goes with the resource.
    resource
        .api
        .delete("taken", &DeleteParams::default())
        .await?;
    eventually(
        Duration::from_mins(1),
        "our own Service goes with the resource",
        || async {
            match services.get_opt("taken").await? {
                None => Ok(()),
                Some(_) => bail!("it is still there"),
            }
        },
    )
    .await
}

/// Something that is up, ready and behind the Service, but no MCP server: Ready must not be said of it.
pub async fn pods_that_do_not_speak_mcp_are_not_verified(case: Case) -> Result<()> {
    // The real pod cannot start; an imposter takes its place in the ReplicaSet.
    let spec = format!(
        "  replicas: 1\n  imagePullPolicy: Never\n{SIMULATED}  image: localhost/not-there:0\n"
    );
    let resource = Resource::apply(&case, "imposter", &spec).await?;
    for component in ["server", "simulator"] {
        take_place(&case, component).await?;
    }
    resource.until("Available", "True", SOON).await?;
    let verified = resource.until("Verified", "False", SOON).await?;
    ensure!(!verified.message.is_empty(), "{verified:?}");
    consistently(Duration::from_secs(5), "it is not Ready", || async {
        let ready = resource.condition("Ready").await?;
        ensure!(ready.status == "False", "{ready:?}");
        Ok(())
    })
    .await
}

/// Runs a simulator where the resource `imposter` wants a pod that cannot start.
async fn take_place(case: &Case, component: &str) -> Result<()> {
    let labels =
        format!("app.kubernetes.io/instance=imposter,app.kubernetes.io/component={component}");
    let sets: Api<ReplicaSet> = case.typed();
    let set = eventually(SOON, "the ReplicaSet", || async {
        let found = sets.list(&ListParams::default().labels(&labels)).await?;
        found.items.into_iter().next().context("none yet")
    })
    .await?;
    let template = set
        .spec
        .context("a ReplicaSet without spec")?
        .template
        .context("without template")?;
    let labels_of_pods = template.metadata.and_then(|m| m.labels).unwrap_or_default();
    let name = format!("imposter-{component}");
    let pod: Pod = serde_json::from_value(json!({
        "metadata": {"name": name},
        "spec": {
            "securityContext": {"runAsNonRoot": true, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{
                "name": "server", "image": server_image(case).await?, "args": ["simulate"],
                "ports": [{"name": "http", "containerPort": 8080}, {"name": "metrics", "containerPort": 9090}],
                "readinessProbe": {"httpGet": {"path": "/readyz", "port": 8080}, "periodSeconds": 1},
                "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
            }],
        },
    }))?;
    let pods: Api<Pod> = case.typed();
    pods.create(&PostParams::default(), &pod).await?;
    eventually(SOON, "the imposter is ready", || async {
        ensure!(is_ready(&pods.get(&name).await?), "not yet");
        Ok(())
    })
    .await?;
    // Now the ReplicaSet adopts it, and of its two pods removes the one that cannot start.
    let labels = Patch::Merge(json!({"metadata": {"labels": labels_of_pods}}));
    pods.patch(&name, &PatchParams::default(), &labels).await?;
    Ok(())
}

pub async fn one_bad_resource_does_not_block_the_others(case: Case) -> Result<()> {
    // Refused, unable to start, and in conflict: each keeps the operator busy in its own way.
    let unschedulable = "  pod: {nodeSelector: {example.org/nowhere: \"true\"}}\n";
    case.apply(
        "apiVersion: v1\nkind: Service\nmetadata: {name: bad-2}\nspec: {ports: [{port: 80}]}\n",
    )
    .await?;
    for (number, lines) in [
        "  guard: {speed: slow}\n",
        unschedulable,
        "",
        "  image: localhost/not-there:0\n",
    ]
    .iter()
    .enumerate()
    {
        Resource::apply(
            &case,
            &format!("bad-{number}"),
            &format!("{SIMULATED}{lines}"),
        )
        .await?;
    }
    Resource::ready(&case, "good", 1).await?;
    let answer = people::search_known(&case.mcp("good").await?, &Mcp::modern()).await?;
    ensure!(answer.outcome() == "found", "{answer:?}");
    Ok(())
}
