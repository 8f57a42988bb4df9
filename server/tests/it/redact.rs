//! `icelocator-server redact`: what an operator sees of what would leave.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

use crate::support::Scratch;

fn start(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_icelocator-server"))
        .arg("redact")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn redact(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = start(arguments);
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // A process that has ended with an error reads no more.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn text_is_redacted_line_by_line_while_input_goes_on() {
    let mut child = start(&[]);
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for _ in 0..2 {
        writeln!(input, "My brother Juan Ejemplo, A123456789, was taken.").unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert!(line.starts_with("My brother [name:"), "{line}");
        assert!(line.contains("[a_number:"), "{line}");
        assert!(
            !line.contains("Ejemplo") && !line.contains("123456789"),
            "{line}"
        );
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn json_lines_keep_keys_and_structure() {
    let line = json!({
        "tool": "search_person", "ok": true, "rows": 2, "none": null,
        "name": "Juan Ejemplo", "people": [{"first_name": "Ixchel", "number": 123_456_789}],
    });
    let input = format!("{line}\nnot JSON, Juan Ejemplo\n\n");
    let output = redact(&[], input.as_bytes());
    assert!(output.status.success());
    let output = text(&output.stdout);
    let lines: Vec<&str> = output.split('\n').collect();
    let read: Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!(read["tool"], "search_person");
    assert_eq!(
        (&read["ok"], &read["rows"], &read["none"]),
        (&json!(true), &json!(2), &json!(null))
    );
    for hidden in [
        &read["name"],
        &read["people"][0]["first_name"],
        &read["people"][0]["number"],
    ] {
        assert!(hidden.as_str().unwrap().starts_with('['), "{read}");
    }
    assert!(lines[1].starts_with("not JSON, [name:"), "{}", lines[1]);
    assert_eq!(lines[2..], ["", ""]);

    let wrong = redact(&["--format", "json"], b"{\"a\": 1}\nplain, Juan Ejemplo\n");
    assert_eq!(wrong.status.code(), Some(1));
    assert_eq!(text(&wrong.stdout), "{\"a\":1}\n");
    let error = text(&wrong.stderr);
    assert!(
        error.contains("line 2") && !error.contains("Ejemplo"),
        "{error}"
    );

    let plain = redact(&["--format", "text"], b"{\"a\":  1}\n");
    assert_eq!(text(&plain.stdout), "{\"a\":  1}\n");
}

#[test]
fn what_was_seen_is_hidden_and_a_key_keeps_pseudonyms() {
    let scratch = Scratch::new();
    let seen = scratch.write(
        "seen.txt",
        "# of a session\nIxchel Tzunux\n\nother: blue bunk\n",
    );
    let key = scratch.write("key", "a key of more than sixteen bytes");
    let arguments = ["--seen", &seen, "--key", &key];
    let once = redact(&arguments, b"ixchel-tzunux in the Blue Bunk");
    let told = text(&once.stdout);
    assert!(
        told.starts_with("[name:") && told.contains("in the [other:"),
        "{told}"
    );
    let again = redact(&arguments, b"ixchel-tzunux in the Blue Bunk");
    assert_eq!(once.stdout, again.stdout);
    let other = redact(&["--seen", &seen], b"ixchel-tzunux in the Blue Bunk");
    assert_ne!(once.stdout, other.stdout);
}

#[test]
fn the_longest_value_is_as_long_with_its_kind_as_without() {
    let scratch = Scratch::new();
    let value = "quetzal".repeat(28);
    let seen = scratch.write("seen.txt", format!("other: {value}\n"));
    let output = redact(&["--seen", &seen], format!("at {value}").as_bytes());
    let told = text(&output.stdout);
    assert!(told.starts_with("at [other:"), "{told}");
}

#[test]
fn what_is_wrong_is_named_but_not_repeated() {
    let scratch = Scratch::new();
    let wrong = scratch.write("seen.txt", "Ixchel Tzunux\nnombre: Planted Person\n");
    let empty = scratch.write("empty.txt", "phone:\n");
    let different: Vec<String> = (0..513).map(|n| format!("A{n:09}")).collect();
    let many = scratch.write("many.txt", different.join("\n"));
    let long = scratch.write("long.txt", "Planted ".repeat(30));
    let short = scratch.write("key", "short");
    for (arguments, told) in [
        (["--seen", &wrong], "line 2"),
        (["--seen", &empty], "line 1"),
        (["--seen", &many], "line 513: more than 512 values"),
        (["--seen", &long], "line 1: a value of more than 200 bytes"),
        (["--seen", "/nowhere/seen.txt"], "/nowhere/seen.txt"),
        (["--key", &short], "16 bytes"),
        (["--key", "/nowhere/key"], "/nowhere/key"),
    ] {
        let output = redact(&arguments, b"");
        assert_eq!(output.status.code(), Some(1), "{told}");
        let error = text(&output.stderr);
        assert!(
            error.contains(told) && !error.contains("Planted"),
            "{error}"
        );
    }
}

#[test]
fn bytes_that_are_no_text_and_lines_without_end_are_taken() {
    let output = redact(
        &[],
        b"caf\xff Juan Ejemplo \xc3\n\0\x01\r\nlast, Juan Ejemplo",
    );
    let told = text(&output.stdout);
    assert!(told.starts_with("caf\u{fffd} [name:"), "{told}");
    assert!(
        told.contains("\n\0\x01\r\nlast, [name:") && !told.contains("Ejemplo"),
        "{told}"
    );

    let long = "The number of Juan Ejemplo is A123456789. ".repeat(60_000);
    let output = redact(&[], long.as_bytes());
    assert!(output.status.success());
    let told = text(&output.stdout);
    assert_eq!(told.matches("[a_number:").count(), 60_000);
    assert!(!told.contains("Ejemplo") && !told.contains('\n'));
}

#[test]
fn whoever_stops_reading_ends_it_quietly() {
    let mut child = start(&[]);
    let mut input = child.stdin.take().unwrap();
    drop(child.stdout.take());
    let writer = std::thread::spawn(move || while input.write_all(b"a line of words\n").is_ok() {});
    let mut error = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut error)
        .unwrap();
    assert!(child.wait().unwrap().success(), "{error}");
    assert_eq!(error, "");
    writer.join().unwrap();
}

#[test]
fn an_interrupt_ends_it_although_input_goes_on() {
    let mut child = start(&[]);
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    writeln!(input, "a line").unwrap();
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert!(child.wait().unwrap().success());
    drop(input);
}
