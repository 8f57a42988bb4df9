//! `helm` and `kubectl`, run as a person would run them.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use crate::{World, world::SYSTEM};

/// The release's name, as the README says.
pub const RELEASE: &str = "icelocator";

/// Runs a command in the source tree; its output, or an error with what it said.
pub async fn command(world: &World, program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(&world.root)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .with_context(|| format!("{program} is not to be found"))?;
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
            format!(
                r#"{{"image": {{"repository": "localhost/icelocator-operator", "tag": "{tag}"}}, "server": {{"image": {{"repository": "localhost/icelocator-server", "tag": "{tag}"}}}}}}"#
            )
        }
    }
}
