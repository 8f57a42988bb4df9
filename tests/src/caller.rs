//! Clients that call without a pause while something is done to the pods, and keep account of each answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use tokio::{task::JoinHandle, time::sleep};

use crate::{
    eventually,
    mcp::{Answer, LEGACY, Mcp},
    people,
};

/// Between two calls of one client: quick enough to meet every moment of a rollout.
const PAUSE: Duration = Duration::from_millis(20);

/// Several clients at work, of both generations, with and without kept connections.
pub struct Callers {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    clients: Vec<JoinHandle<Vec<String>>>,
}

/// What became of the calls.
#[derive(Debug)]
pub struct Account {
    pub answered: usize,
    /// When and how each lost call was lost.
    pub lost: Vec<String>,
}

impl Account {
    /// Errors unless there were calls and all of them were answered.
    pub fn none_lost(&self) -> Result<()> {
        let Self { answered, lost } = self;
        ensure!(
            lost.is_empty(),
            "{} of {answered} calls lost:\n  {}",
            lost.len(),
            lost.join("\n  ")
        );
        ensure!(*answered > 0, "no call was made at all");
        Ok(())
    }
}

impl Callers {
    /// Starts four clients at `base`; each call that fails is tried `tries` times in all before it counts as lost.
    pub async fn start(base: &str, tries: usize) -> Result<Self> {
        let first = Mcp::new(base)?;
        eventually(
            Duration::from_mins(1),
            "an answer before anything is disturbed",
            || async { found(&people::search_known(&first, &Mcp::modern()).await?) },
        )
        .await?;
        let stop = Arc::new(AtomicBool::new(false));
        let answered = Arc::new(AtomicUsize::new(0));
        let mut clients = Vec::new();
        for number in 0..4 {
            let mcp = if number % 2 == 0 {
                Mcp::new(base)
            } else {
                Mcp::without_keep_alive(base)
            }?;
            let session = if number < 2 {
                Mcp::modern()
            } else {
                mcp.initialize(LEGACY, "caller")
                    .await
                    .context("before anything was disturbed")?
            };
            let (stop, answered) = (stop.clone(), answered.clone());
            clients.push(tokio::spawn(async move {
                let mut lost = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let begun = Timestamp::now();
                    let mut refusals = Vec::new();
                    for _ in 0..tries {
                        match people::search_known(&mcp, &session)
                            .await
                            .and_then(|a| found(&a))
                        {
                            Ok(()) => break,
                            Err(error) => refusals.push(format!("{error:#}")),
                        }
                    }
                    if refusals.len() == tries {
                        lost.push(format!(
                            "client {number} at {begun}: {}",
                            refusals.join("; ")
                        ));
                    } else {
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                    sleep(PAUSE).await;
                }
                lost
            }));
        }
        let callers = Self {
            stop,
            answered,
            clients,
        };
        callers.until_answered(20).await?;
        Ok(callers)
    }

    /// Waits until `more` calls than now were answered.
    pub async fn until_answered(&self, more: usize) -> Result<()> {
        let goal = self.answered.load(Ordering::Relaxed) + more;
        eventually(Duration::from_mins(1), "calls are answered", || async {
            let now = self.answered.load(Ordering::Relaxed);
            ensure!(now >= goal, "{now} of {goal}");
            Ok(())
        })
        .await
    }

    /// Ends the calls; what became of them.
    pub async fn finish(self) -> Result<Account> {
        self.stop.store(true, Ordering::Relaxed);
        let mut lost = Vec::new();
        for client in self.clients {
            lost.extend(client.await.context("a client panicked")?);
        }
        Ok(Account {
            answered: self.answered.load(Ordering::Relaxed),
            lost,
        })
    }
}

/// Errors unless the answer is that the person was found.
fn found(answer: &Answer) -> Result<()> {
    ensure!(
        answer.outcome() == "found" && !answer.is_error,
        "answered {answer:?}"
    );
    Ok(())
}
