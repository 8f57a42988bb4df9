//! How many calls a second the server answers, how long they take and what memory it needs, beside the simplest server that one
//! can write with the same library, in the same run.
//!
//! Servers, stand-in site and callers share the same cores. Only one server is called at a time, in turns, so that whatever
//! else the machine does falls on all of them. It stops by itself.

mod calls;
mod report;
mod server;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Parser;
use serde_json::{Value, json};

use crate::calls::{Call, Figures, measure};
use crate::report::{Line, Report};
use crate::server::{Server, free_address};

const CALLERS: [usize; 3] = [1, 16, 256];
const ROUNDS: u32 = 3;
const STARTS: usize = 5;

/// Measures the server beside an echo server
#[derive(Parser)]
struct Arguments {
    /// Folder with the programs
    #[arg(long, value_name = "DIR", default_value = "target/release")]
    programs: PathBuf,
    /// Folder for figures and logs
    #[arg(long, value_name = "DIR", default_value = "target/load")]
    output: PathBuf,
    /// Milliseconds that each server is called for in each of three rounds
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 2000)]
    period: u64,
}

/// A server with the call that is made of it.
struct Subject {
    what: &'static str,
    server: Server,
    call: Call,
    figures: Vec<Figures>,
    resident: Vec<u64>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let measured = tokio::select! {
        measured = measured(&arguments) => measured,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    match measured.and_then(|report| report.show(&arguments.output)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn measured(arguments: &Arguments) -> Result<Report> {
    std::fs::create_dir_all(&arguments.output)?;
    let site = free_address()?;
    let people = people(&arguments.output)?;
    let _site = Server::start(
        &arguments.programs.join("icelocator-server"),
        &[
            "simulate",
            "--people",
            path(&people)?,
            "--listen",
            &site.to_string(),
        ],
        site,
        &arguments.output.join("simulator.log"),
    )?;
    let destinations = free_address()?;
    let _destinations = Server::start(
        &arguments.programs.join("icelocator-load-destinations"),
        &[&destinations.to_string()],
        destinations,
        &arguments.output.join("destinations.log"),
    )?;
    let taken = all_sinks(&arguments.output, "sinks", destinations)?;
    let gone = all_sinks(&arguments.output, "gone", free_address()?)?;
    let nothing = json!({});
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let (mut echo, call) = (echo(arguments)?, ECHO);
        let simplest = echo.first_answer(&call).await?;
        let mut ours = ours(arguments, site, "starting", true, &nothing)?;
        starts.push((simplest, ours.first_answer(&BY_NUMBER).await?));
    }

    let subject = |what, server, call| Subject {
        what,
        server,
        call,
        figures: Vec::new(),
        resident: Vec::new(),
    };
    let mut subjects = [
        subject("echo", echo(arguments)?, ECHO),
        subject(
            "cached, by A-number",
            ours(arguments, site, "cached-by-number", true, &nothing)?,
            BY_NUMBER,
        ),
        subject(
            "cached, by A-number, all sinks on",
            ours(arguments, site, "all-sinks", true, &taken)?,
            BY_NUMBER,
        ),
        subject(
            "the same, nobody there to take it",
            ours(arguments, site, "sinks-gone", true, &gone)?,
            BY_NUMBER,
        ),
        subject(
            "cached, by name",
            ours(arguments, site, "cached-by-name", true, &nothing)?,
            BY_NAME,
        ),
        subject(
            "not cached, by A-number",
            ours(arguments, site, "not-cached", false, &nothing)?,
            SOMEBODY_ELSE,
        ),
    ];
    for subject in &mut subjects {
        subject
            .server
            .first_answer(&subject.call)
            .await
            .with_context(|| subject.what)?;
    }
    for callers in CALLERS {
        for subject in &mut subjects {
            subject.figures.push(Figures::default());
            let address = subject.server.address;
            measure(address, &subject.call, callers, Duration::from_millis(500)).await?;
        }
        for _ in 0..ROUNDS {
            for subject in &mut subjects {
                let period = Duration::from_millis(arguments.period);
                let server = &subject.server;
                let before = server.worked()?;
                let mut figures = measure(server.address, &subject.call, callers, period).await?;
                figures.worked = server.worked()?.saturating_sub(before);
                if let Some(sum) = subject.figures.last_mut() {
                    sum.add(figures);
                }
            }
        }
        for subject in &mut subjects {
            subject.resident.push(subject.server.resident()?);
        }
    }
    Ok(Report::new(starts, subjects.into_iter().flat_map(lines)))
}

fn lines(subject: Subject) -> impl Iterator<Item = Line> {
    let Subject {
        what,
        figures,
        resident,
        ..
    } = subject;
    CALLERS
        .into_iter()
        .zip(figures)
        .zip(resident)
        .map(move |((callers, mut figures), resident)| Line {
            what,
            callers,
            rate: figures.rate(),
            p50: figures.percentile(50),
            p99: figures.percentile(99),
            work: figures.work(),
            resident,
        })
}

const ECHO: Call = Call {
    tool: "echo",
    arguments: |_| json!({"text": "Is anybody there?"}),
    expected: "Is anybody there?",
};

const BY_NUMBER: Call = Call {
    tool: "search_detainee_by_alien_number",
    arguments: |_| json!({"alien_number": "A900000000", "country_of_birth": "Honduras"}),
    expected: "\"outcome\":\"found\"",
};

const BY_NAME: Call = Call {
    tool: "search_detainee_by_name",
    arguments: |_| json!({"first_name": "Ana", "last_name": "Ejemplo Prueba", "country_of_birth": "Honduras"}),
    expected: "\"outcome\":\"found\"",
};

const SOMEBODY_ELSE: Call = Call {
    tool: "search_detainee_by_alien_number",
    arguments: |number| json!({"alien_number": format!("A{}", FIRST + number % PEOPLE), "country_of_birth": "Honduras"}),
    expected: "\"outcome\":\"found\"",
};

const FIRST: u64 = 900_000_000;
const PEOPLE: u64 = 5_000;

/// Writes down whom the stand-in site shows.
fn people(output: &Path) -> Result<PathBuf> {
    use std::fmt::Write as _;

    let mut text =
        String::from("first_name,last_name,alien_number,country_of_birth,date_of_birth\n");
    for number in 0..PEOPLE {
        let (first, last) = if number == 0 {
            ("Ana".to_owned(), "Ejemplo Prueba".to_owned())
        } else {
            (
                format!("Ensayo {}", letters(number)),
                format!("Muestra {}", letters(number)),
            )
        };
        writeln!(
            text,
            "{first},{last},{},Honduras,1990-05-15",
            FIRST + number
        )?;
    }
    let file = output.join("people.csv");
    std::fs::write(&file, text)?;
    Ok(file)
}

/// A number in letters: names have no digits.
fn letters(mut number: u64) -> String {
    let mut text = String::new();
    while number > 0 {
        text.extend(char::from_digit(
            u32::try_from(number % 26).unwrap_or_default() + 10,
            36,
        ));
        number /= 26;
    }
    text
}

fn echo(arguments: &Arguments) -> Result<Server> {
    let address = free_address()?;
    Server::start(
        &arguments.programs.join("icelocator-load-echo"),
        &[&address.to_string()],
        address,
        &arguments.output.join("echo.log"),
    )
}

/// The sections of the settings that switch every sink on, with shares as the sample has them. Puts down their secrets, as `name`.
fn all_sinks(output: &Path, name: &str, destinations: SocketAddr) -> Result<Value> {
    let url = format!("http://{destinations}");
    let folder = output.join("secrets").join(name);
    std::fs::create_dir_all(&folder)?;
    for (key, secret) in [
        ("project-id", "proj_invented".to_owned()),
        ("api-key", "0123456789abcdef0123456789abcdef".to_owned()),
        (
            "dsn",
            format!("http://0123456789abcdef0123456789abcdef@{destinations}/7"),
        ),
    ] {
        std::fs::write(folder.join(key), secret)?;
    }
    let secret = |key: &str| json!({"name": name, "key": key});
    Ok(json!({
        "analytics": {"projectIdSecretRef": secret("project-id"), "endpoint": url},
        "telemetry": {
            "otlp": {"endpoint": url, "protocol": "http", "traceSampling": 0.1},
            "datadog": {"apiKeySecretRef": secret("api-key"), "intakeUrl": url, "agent": {"endpoint": url}},
            "sentry": {"dsnSecretRef": secret("dsn"), "tracesSampleRate": 0.1},
        },
    }))
}

/// Our server with these sections added to its settings.
fn ours(
    arguments: &Arguments,
    site: SocketAddr,
    name: &str,
    cached: bool,
    sections: &Value,
) -> Result<Server> {
    let address = free_address()?;
    let ttl = if cached { "1h" } else { "0s" };
    // Room for all callers, no limit and no pace: what is measured is the server, not its patience.
    let mut settings = json!({
        "configVersion": 1,
        "auth": {"anonymous": true},
        "locator": {"baseUrl": format!("http://{site}"), "cache": {"ttl": ttl, "notFoundTtl": ttl}},
        "limits": {"maxInFlight": 1000, "perCaller": null},
    });
    for (section, written) in sections.as_object().into_iter().flatten() {
        settings[section] = written.clone();
    }
    let file = arguments.output.join(format!("{name}.yaml"));
    std::fs::write(&file, settings.to_string())?;
    Server::start(
        &arguments.programs.join("icelocator-server"),
        &[
            "serve",
            "--settings",
            path(&file)?,
            "--secrets-dir",
            path(&arguments.output.join("secrets"))?,
            "--listen",
            &address.to_string(),
            "--metrics-listen",
            &free_address()?.to_string(),
        ],
        address,
        &arguments.output.join(format!("{name}.log")),
    )
}

fn path(path: &Path) -> Result<&str> {
    path.to_str().context("a path that is no text")
}
