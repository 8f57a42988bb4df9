//! What the compiler does not hold: that our own log messages are constants. Everything that is looked up at run time goes
//! into fields, and fields pass an allow-list; a message would not.

use std::fs;
use std::path::{Path, PathBuf};

const MACROS: [&str; 6] = [
    "trace!(", "debug!(", "info!(", "warn!(", "error!(", "event!(",
];

#[test]
fn log_messages_are_constants() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    for directory in [
        "server/src",
        "server/telemetry/src",
        "server/config/src",
        "operator/src",
    ] {
        collect(&root.join(directory), &mut files);
    }
    let mut seen = 0;
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        for invocation in invocations(&source) {
            seen += 1;
            assert!(
                !literals(invocation).any(|literal| literal.contains('{')),
                "{}: a message that is made at run time:\n{invocation}",
                file.display()
            );
        }
    }
    assert!(seen > 5, "the search finds log messages at all");
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            // Tests log what they like.
            && path.file_name().is_none_or(|name| name != "tests.rs")
        {
            files.push(path);
        }
    }
}

/// The arguments of each logging macro in `source`.
fn invocations(source: &str) -> impl Iterator<Item = &str> {
    MACROS.iter().flat_map(move |name| {
        source
            .match_indices(&format!("tracing::{name}"))
            .map(move |(at, found)| {
                let rest = &source[at + found.len()..];
                &rest[..closing(rest)]
            })
            .collect::<Vec<_>>()
    })
}

/// Where the parenthesis closes that was open when `text` began.
fn closing(text: &str) -> usize {
    let (mut depth, mut quoted, mut escaped) = (1, false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

fn literals(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').skip(1).step_by(2)
}
