//! Arguments, signals, exit.

use std::process::ExitCode;

use clap::Parser as _;
use icelocator_server::cli::{Cli, Command};
use icelocator_server::locator::profile::command as profile;
use icelocator_server::privacy::command as redact;
use icelocator_server::serve;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Gives memory back on nodes with many cores, where the system's allocator keeps an arena for each.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a shell reports for a process ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

#[tokio::main]
async fn main() -> ExitCode {
    icelocator_telemetry::install_tls();
    let arguments = Cli::parse();
    let stop = CancellationToken::new();
    if let Err(error) = listen_for_signals(stop.clone()) {
        eprintln!("error: cannot listen for signals: {error}");
        return ExitCode::FAILURE;
    }
    let code = match arguments.command {
        Command::Serve(arguments) => code(serve::serve(arguments, stop).await.map(|()| true)),
        Command::Simulate(arguments) => code(serve::simulate(arguments, stop).await.map(|()| true)),
        Command::Profile(command) => code(profile::run(&command)),
        Command::Redact(arguments) => code(redact::run(arguments, stop).await),
    };
    // Not by returning: that would wait for a read of standard input that never ends.
    std::process::exit(code)
}

/// 0 for what went well.
fn code(result: Result<bool, impl std::fmt::Display>) -> i32 {
    match result {
        Ok(well) => i32::from(!well),
        Err(error) => {
            eprintln!("error: {error}");
            1
        }
    }
}

/// The first signal asks to stop, the second does not ask.
fn listen_for_signals(stop: CancellationToken) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if stop.is_cancelled() {
                std::process::exit(INTERRUPTED);
            }
            stop.cancel();
        }
    });
    Ok(())
}
