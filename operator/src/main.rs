//! The operator's program: arguments and start-up only.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;
use icelocator_operator::cli::{Cli, Command};
use icelocator_operator::{api, probe, run};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Fixed: as many threads as a node has processors would cost memory and gain nothing.
const WORKERS: usize = 2;

fn main() -> ExitCode {
    match start(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("icelocator-operator: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(command: Command) -> anyhow::Result<()> {
    icelocator_telemetry::install_tls();
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder
            .worker_threads(WORKERS)
            .enable_all()
            .build()
            .context("no runtime")
    };
    match command {
        Command::Run(arguments) => Ok(runtime()?.block_on(run::run(arguments))?),
        Command::Crdgen => {
            print!("{}", api::crd_yaml()?);
            Ok(())
        }
        Command::Probe(arguments) => {
            Ok(runtime()?.block_on(probe::until_success(&arguments.url, arguments.patience))?)
        }
    }
}
