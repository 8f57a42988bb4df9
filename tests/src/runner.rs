//! Runs scenarios stage by stage: those of one stage side by side, each in a namespace of its own, and the
//! next stage when all have ended. A stage that failed does not keep the next ones from running: each
//! scenario stands for itself.

use std::{
    future::Future,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream};

use crate::{Case, World, report::report};

/// A scenario that hangs is a scenario that failed.
const LONGEST: Duration = Duration::from_mins(15);

/// One thing that the bundle is to do.
pub struct Scenario {
    name: &'static str,
    run: Box<dyn Fn(Case) -> BoxFuture<'static, Result<()>> + Send + Sync>,
}

/// A scenario called `name`, which is also (with a prefix) its namespace.
pub fn scenario<F, Fut>(name: &'static str, run: F) -> Scenario
where
    F: Fn(Case) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<()>> + Send + 'static,
{
    Scenario {
        name,
        run: Box::new(move |case| run(case).boxed()),
    }
}

/// Scenarios that do not disturb each other.
pub struct Stage {
    pub name: &'static str,
    /// How many run at the same time.
    pub abreast: usize,
    pub scenarios: Vec<Scenario>,
}

/// Runs the stages, prints each scenario's end, and a count last. `wanted` are parts of names; none means all.
pub async fn run(world: Arc<World>, stages: Vec<Stage>, wanted: &[String]) -> ExitCode {
    let (mut passed, mut failed) = (0_usize, Vec::new());
    let begun = Instant::now();
    for stage in stages {
        let chosen: Vec<_> = stage
            .scenarios
            .into_iter()
            .filter(|s| wanted.is_empty() || wanted.iter().any(|w| s.name.contains(w.as_str())))
            .collect();
        if chosen.is_empty() {
            continue;
        }
        println!("\n{}", stage.name);
        let mut ends = stream::iter(chosen)
            .map(|scenario| end_of(world.clone(), scenario))
            .buffer_unordered(stage.abreast);
        while let Some((name, success)) = ends.next().await {
            if success {
                passed += 1;
            } else {
                failed.push(name);
            }
        }
    }
    for name in &failed {
        println!("failed: {name}");
    }
    println!(
        "\n{passed} passed, {} failed in {:.0?}",
        failed.len(),
        begun.elapsed()
    );
    if failed.is_empty() && passed > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Runs one scenario and prints how it ended; its name and whether it passed.
async fn end_of(world: Arc<World>, scenario: Scenario) -> (&'static str, bool) {
    let name = scenario.name;
    let namespace = format!("t-{name}");
    let begun = Instant::now();
    let result = match Case::open(world.clone(), &namespace).await {
        Ok(case) => {
            // In a task of its own, so that a panic is one scenario's failure.
            let task = tokio::spawn(tokio::time::timeout(LONGEST, (scenario.run)(case.clone())));
            let result = match task.await {
                Ok(Ok(result)) => result,
                Ok(Err(_)) => Err(anyhow!("hung for {LONGEST:?}")),
                Err(panic) => Err(anyhow!("panicked: {panic}")),
            };
            let told = match &result {
                Ok(()) => String::new(),
                Err(_) => report(&world, &namespace).await,
            };
            let closed = case.close().await;
            result.and(closed).map_err(|error| (error, told))
        }
        Err(error) => Err((error, String::new())),
    };
    let took = begun.elapsed().as_secs_f32();
    match &result {
        Ok(()) => println!("  ok    {took:6.1} s  {name}"),
        Err((error, told)) => println!("  FAIL  {took:6.1} s  {name}: {error:#}\n{told}"),
    }
    (name, result.is_ok())
}
