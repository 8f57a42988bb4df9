//! What is hidden, and what stays: everyday and hard ones of both languages. Everybody in them is invented.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use icelocator_redaction::{Key, Kind, Redactor, Seen};

const HIDDEN: &str = include_str!("hidden.txt");
const SHOWN: &str = include_str!("shown.txt");
const KEPT: &str = include_str!("kept.txt");

fn redactor() -> Redactor {
    Redactor::new(Key::of(b"a key for tests alone"))
}

fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// Lines are `text | planted | planted`: none of what is planted is left.
fn check(cases: &str, seen: &Seen) -> Vec<String> {
    let redactor = redactor();
    let mut failures = Vec::new();
    for line in cases
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (text, planted) = line.split_once(" | ").unwrap();
        let cleaned = redactor.text(text, seen).text;
        let left = planted
            .split(" | ")
            .any(|one| folded(&cleaned).contains(&folded(one)));
        if left {
            failures.push(format!("{text}\n    -> {cleaned}"));
        }
    }
    failures
}

#[test]
fn what_identifies_is_hidden() {
    let failures = check(HIDDEN, &Seen::default());
    assert!(
        failures.is_empty(),
        "{} left:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn what_was_seen_is_hidden_however_it_comes_back() {
    let mut seen = Seen::default();
    seen.add(Kind::Name, "Ixchel Rosa Tzunux Muestra");
    seen.add(Kind::Name, "Will Grace");
    seen.add(Kind::AlienNumber, "A900000001");
    seen.add(Kind::Other, "bunk 14 east");
    seen.add(Kind::Phone, "+502 5555 0142");
    let failures = check(SHOWN, &seen);
    assert!(
        failures.is_empty(),
        "{} left:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn harmless_text_stays() {
    let redactor = redactor();
    let mut failures = Vec::new();
    for line in KEPT
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let cleaned = redactor.text(line, &Seen::default()).text;
        if cleaned != line {
            failures.push(format!("{line}\n    -> {cleaned}"));
        }
    }
    assert!(
        failures.is_empty(),
        "{} lost:\n{}",
        failures.len(),
        failures.join("\n")
    );
}
