//! The operator as on a developer's machine: no pod, only the kubeconfig.

use std::{env, fs, time::Duration};

use anyhow::{Context, Result, ensure};
use icelocator_tests::{Case, helm::command, resource::Resource, world::SYSTEM};
use tokio::{process::Command, time::timeout};

use crate::operator::{OPERATOR, scale, server_image, set_replicas};

pub async fn the_operator_works_as_well(case: Case) -> Result<()> {
    let world = &case.world;
    let build = ["build", "--quiet", "--workspace", "--bins", "--examples"];
    command(world, "cargo", &build).await?;
    set_replicas(world, 0).await?;
    let program = env::current_exe()?
        .ancestors()
        .nth(2)
        .context("no folder of programs")?
        .join(OPERATOR);
    let log = fs::File::create(world.state.join("logs/outside-operator.log"))?;
    let image = server_image(&case).await?;
    let mut outside = Command::new(program)
        .args([
            "run",
            "--listen",
            "127.0.0.1:0",
            "--lease-namespace",
            SYSTEM,
        ])
        .args(["--server-image", &image])
        .stderr(log)
        .kill_on_drop(true)
        .spawn()?;
    let ready = Resource::ready(&case, "outside", 1).await;
    let pid = outside.id().context("it has ended")?.to_string();
    command(world, "kill", &["-TERM", &pid]).await?;
    let ended = timeout(Duration::from_secs(30), outside.wait()).await;
    let back = scale(world, 1).await;
    ready?;
    let status = ended.context("it does not end")??;
    ensure!(status.success(), "it ended with {status}");
    back
}
