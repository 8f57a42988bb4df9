//! `helm` and `kubectl`, run as a person would run them.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tokio::{io::AsyncWriteExt, process::Command};

use crate::{World, world::SYSTEM};

/// The release's name, as the README says.
pub const RELEASE: &str = "icelocator";

/// Runs a command in the source tree; its output, or an error with what it said.
pub async fn command(world: &World, program: &str, arguments: &[&str]) -> Result<String> {
    command_with_input(world, program, arguments, "").await
}

/// Runs a command that reads `input`; its output, or an error with what it said.
pub async fn command_with_input(
    world: &World,
    program: &str,
    arguments: &[&str],
    input: &str,
) -> Result<String> {
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(&world.root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("{program} is not to be found"))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes()).await?;
    }
    let output = child.wait_with_output().await?;
    let said = String::from_utf8_lossy(&output.stderr);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(
        output.status.success(),
        "{program} {}: {said}{text}",
        arguments.join(" ")
    );
    Ok(text)
}

/// The chart in the tree.
pub fn chart(world: &World) -> String {
    world
        .root
        .join("charts/icelocator-operator")
        .display()
        .to_string()
}

/// The values that the release was installed with; the images of the local cluster where there is none.
pub async fn values(world: &World) -> String {
    let asked = [
        "get",
        "values",
        RELEASE,
        "--namespace",
        SYSTEM,
        "--output",
        "json",
    ];
    match command(world, "helm", &asked).await {
        Ok(values) if values.trim() != "null" => values,
        _ => {
            let tag = env!("CARGO_PKG_VERSION");
            let image = |name: &str| json!({"repository": format!("localhost/{name}"), "tag": tag});
            json!({
                "image": image("icelocator-operator"),
                "server": {"image": image("icelocator-server")},
            })
            .to_string()
        }
    }
}

/// Installs the chart in the tree with the values it had before and `more` arguments, and waits for it.
pub async fn install(world: &World, more: &[&str]) -> Result<()> {
    upgrade(
        world,
        &[&["--install", "--create-namespace"], more].concat(),
    )
    .await
}

/// Upgrades the release to the chart in the tree, with the values it had at first and `more` arguments.
pub async fn upgrade(world: &World, more: &[&str]) -> Result<()> {
    upgrade_to(world, &chart(world), more).await
}

/// Upgrades the release to the chart at a path, with the values it had at first and `more` arguments.
pub async fn upgrade_to(world: &World, chart: &str, more: &[&str]) -> Result<()> {
    let fixed = [
        "upgrade",
        RELEASE,
        chart,
        "--namespace",
        SYSTEM,
        "--values",
        "-",
        "--wait",
        "--timeout",
        "2m",
    ];
    let arguments = [&fixed, more].concat();
    command_with_input(world, "helm", &arguments, &world.chart_values).await?;
    Ok(())
}

/// Removes the release, if it is there.
pub async fn uninstall(world: &World) -> Result<()> {
    let arguments = [
        "uninstall",
        RELEASE,
        "--namespace",
        SYSTEM,
        "--ignore-not-found",
        "--wait",
    ];
    command(world, "helm", &arguments).await?;
    Ok(())
}
