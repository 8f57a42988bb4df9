//! Runs scenarios step by step: those of one stage side by side, each in a namespace of its own, the next
//! stage when all have ended; long ones in the background until they are waited for. What failed does not
//! keep the rest from running: each scenario stands for itself.

use std::{
    future::Future,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream};
use tokio::task::JoinSet;

use crate::{Case, World, report::report};

/// A scenario that hangs is a scenario that failed.
const LONGEST: Duration = Duration::from_mins(25);

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

/// What the runner does next.
pub enum Step {
    /// Runs the scenarios, as many at the same time as are allowed, until all have ended.
    Stage {
        name: &'static str,
        abreast: usize,
        scenarios: Vec<Scenario>,
    },
    /// Starts a scenario that mostly waits, and goes on.
    Begin(Scenario),
    /// Waits for all that were begun.
    Await,
}

/// How many passed, and which did not.
#[derive(Default)]
struct Count {
    passed: usize,
    failed: Vec<&'static str>,
}

impl Count {
    fn add(&mut self, (name, success): (&'static str, bool)) {
        if success {
            self.passed += 1;
        } else {
            self.failed.push(name);
        }
    }
}

/// Runs the steps, prints each scenario's end, and a count last. `wanted` are parts of names; none means all.
pub async fn run(world: Arc<World>, steps: Vec<Step>, wanted: &[String]) -> ExitCode {
    let is_wanted =
        |s: &Scenario| wanted.is_empty() || wanted.iter().any(|w| s.name.contains(w.as_str()));
    let mut count = Count::default();
    let mut begun = JoinSet::new();
    let start = Instant::now();
    for step in steps.into_iter().chain([Step::Await]) {
        match step {
            Step::Begin(scenario) if is_wanted(&scenario) => {
                begun.spawn(end_of(world.clone(), scenario));
            }
            Step::Begin(_) => {}
            Step::Await => {
                while let Some(end) = begun.join_next().await {
                    // A scenario's own panic is in its end; this would be one of the runner's.
                    count.add(end.unwrap_or(("the runner", false)));
                }
            }
            Step::Stage {
                name,
                abreast,
                scenarios,
            } => {
                let chosen: Vec<_> = scenarios.into_iter().filter(|s| is_wanted(s)).collect();
                if chosen.is_empty() {
                    continue;
                }
                println!("\n{name}");
                let mut ends = stream::iter(chosen)
                    .map(|scenario| end_of(world.clone(), scenario))
                    .buffer_unordered(abreast);
                while let Some(end) = ends.next().await {
                    count.add(end);
                }
            }
        }
    }
    let Count { passed, failed } = count;
    for name in &failed {
        println!("failed: {name}");
    }
    println!(
        "\n{passed} passed, {} failed in {:.0?}",
        failed.len(),
        start.elapsed()
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
