//! `icelocator-server redact`: prints what would leave of text or JSON lines.

use std::fs;
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Read as _, Write};
use std::path::{Path, PathBuf};

use icelocator_redaction::{Key, KeyError, Kind, Redactor, Seen};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::cli::{Redact, RedactFormat};

/// Longest line that is held; a longer one is redacted in pieces.
const LONGEST: u64 = 1024 * 1024;

/// Why it could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// There is no key.
    #[error("cannot read the key {path}: {source}")]
    Key {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        source: KeyError,
    },
    /// The file of values that were seen could not be read.
    #[error("cannot read what was seen, {path}: {source}")]
    Seen {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A line of it is wrong.
    #[error("{path}, line {line}: {message}")]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line.
        line: usize,
        /// What is wrong with it; not what it says.
        message: String,
    },
    /// A line of JSON is wrong.
    #[error(
        "standard input, line {0}: this is no JSON object or array; --format auto takes such lines as text"
    )]
    Json(u64),
    /// Standard input or output failed.
    #[error(transparent)]
    Stream(#[from] io::Error),
}

/// Redacts standard input to standard output, until it ends or `stop` is asked for.
pub async fn run(arguments: Redact, stop: CancellationToken) -> Result<bool, Failed> {
    let redactor = Redactor::new(key(arguments.key.as_deref())?);
    let seen = arguments
        .seen
        .as_deref()
        .map_or(Ok(Seen::default()), seen)?;
    let work = move || {
        let mut output = BufWriter::new(io::stdout().lock());
        lines(
            io::stdin().lock(),
            &mut output,
            &redactor,
            &seen,
            arguments.format,
        )
    };
    let done = tokio::select! {
        done = tokio::task::spawn_blocking(work) => done.unwrap_or_else(|error| Err(io::Error::other(error).into())),
        // A read of standard input cannot be ended; the process does.
        () = stop.cancelled() => Ok(()),
    };
    match done {
        // Whoever read what was printed has seen enough.
        Err(Failed::Stream(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(true),
        other => other.map(|()| true),
    }
}

fn key(path: Option<&Path>) -> Result<Key, Failed> {
    let Some(path) = path else {
        return Ok(Key::random());
    };
    Key::read(path).map_err(|source| Failed::Key {
        path: path.to_owned(),
        source,
    })
}

/// The values of a file, one a line: `kind:value`, or a name.
fn seen(path: &Path) -> Result<Seen, Failed> {
    let text = fs::read_to_string(path).map_err(|source| Failed::Seen {
        path: path.to_owned(),
        source,
    })?;
    let mut seen = Seen::default();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let room = if seen.len() < Seen::MOST {
            Ok(())
        } else {
            Err(format!("more than {} values", Seen::MOST))
        };
        let value = room.and_then(|()| kind_and_value(line));
        let (kind, value) = value.map_err(|message| Failed::Line {
            path: path.to_owned(),
            line: at + 1,
            message,
        })?;
        seen.add(kind, value);
    }
    Ok(seen)
}

fn kind_and_value(line: &str) -> Result<(Kind, &str), String> {
    let (kind, value) = match line.split_once(':') {
        None => (Kind::Name, line),
        Some((kind, value)) => {
            let known = Kind::ALL
                .into_iter()
                .find(|one| one.as_str() == kind.trim());
            let kinds = || Kind::ALL.map(Kind::as_str).join(", ");
            let kind =
                known.ok_or_else(|| format!("before the colon stands one of {}", kinds()))?;
            (kind, value.trim())
        }
    };
    if value.is_empty() {
        return Err("there is no value after the colon".to_owned());
    }
    if value.len() > Seen::LONGEST {
        return Err(format!("a value of more than {} bytes", Seen::LONGEST));
    }
    Ok((kind, value))
}

/// Line by line, each written before the next is waited for.
fn lines(
    input: impl io::Read,
    output: &mut impl Write,
    redactor: &Redactor,
    seen: &Seen,
    format: RedactFormat,
) -> Result<(), Failed> {
    let mut input = BufReader::with_capacity(64 * 1024, input);
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        (&mut input).take(LONGEST).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(output.flush()?);
        }
        if !line.ends_with(b"\n") {
            to_a_break(&mut input, &mut line)?;
        }
        redact(&line, number + 1, output, redactor, seen, format)?;
        number += u64::from(line.ends_with(b"\n"));
        if input.buffer().is_empty() {
            output.flush()?;
        }
    }
}

/// Reads on, so that a piece of a line does not end within a word or a number.
fn to_a_break(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<()> {
    while line.len() < 2 * usize::try_from(LONGEST).unwrap_or(usize::MAX) {
        let Some(&byte) = input.fill_buf()?.first() else {
            return Ok(());
        };
        line.push(byte);
        input.consume(1);
        if byte == b'\n' {
            return Ok(());
        }
        if byte == b' ' && line.len() > usize::try_from(LONGEST).unwrap_or(usize::MAX) + 64 {
            return Ok(());
        }
    }
    Ok(())
}

fn redact(
    line: &[u8],
    number: u64,
    output: &mut impl Write,
    redactor: &Redactor,
    seen: &Seen,
    format: RedactFormat,
) -> Result<(), Failed> {
    // What is not UTF-8 becomes U+FFFD: bytes that cannot be read cannot be redacted.
    let text = String::from_utf8_lossy(line);
    let body = text.trim_end_matches(['\n', '\r']);
    let end = &text[body.len()..];
    let json = (format != RedactFormat::Text).then(|| json(body)).flatten();
    match json {
        Some(mut value) => {
            redact_value("", &mut value, redactor, seen);
            write!(output, "{value}{end}")?;
        }
        None if format == RedactFormat::Json && !body.trim().is_empty() => {
            return Err(Failed::Json(number));
        }
        None => write!(output, "{}{end}", redactor.text(body, seen).text)?,
    }
    Ok(())
}

/// The object or array that a line is.
fn json(line: &str) -> Option<Value> {
    line.trim_start()
        .starts_with(['{', '['])
        .then(|| serde_json::from_str(line).ok())
        .flatten()
}

/// Values of text are redacted, and numbers that could be somebody's; keys stay, and tell what a value is.
fn redact_value(key: &str, value: &mut Value, redactor: &Redactor, seen: &Seen) {
    let told = |text: &str| {
        let announced = format!("{key}: ");
        let cleaned = redactor.text(&format!("{announced}{text}"), seen).text;
        match cleaned.strip_prefix(&announced) {
            Some(cleaned) => cleaned.to_owned(),
            None => redactor.text(text, seen).text,
        }
    };
    match value {
        Value::String(text) => *text = told(text),
        Value::Number(number) => {
            let text = number.to_string();
            let cleaned = told(&text);
            if cleaned != text {
                *value = Value::String(cleaned);
            }
        }
        Value::Array(values) => {
            for one in values {
                redact_value(key, one, redactor, seen);
            }
        }
        Value::Object(values) => {
            for (key, one) in values {
                redact_value(key, one, redactor, seen);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}
