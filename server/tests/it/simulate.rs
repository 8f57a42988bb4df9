//! The stand-in site as its command line asks for it.

use std::process::{Command, Output};

use crate::support::process::Process;
use crate::support::{Scratch, begin};

const HEADING: &str = "first_name,last_name,alien_number,country_of_birth,date_of_birth";

/// What becomes of a command that ends by itself.
fn ended(arguments: &[&str]) -> (Option<i32>, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_icelocator-server"))
        .arg("simulate")
        .args(["--listen", "127.0.0.1:0"])
        .args(arguments)
        .output()
        .unwrap();
    let said = [stdout, stderr].concat();
    (status.code(), String::from_utf8(said).unwrap())
}

#[tokio::test]
async fn it_serves_the_people_of_a_file() {
    begin();
    let scratch = Scratch::new();
    let file = scratch.write(
        "people.csv",
        format!("{HEADING},facility\nAlma,Cuento,123456789,Peru,1980-01-01,House of Tales\n"),
    );
    let arguments = ["simulate", "--listen", "127.0.0.1:0", "--people", &file];
    let process = Process::start(&arguments);
    let url = format!("http://{}/facilities/4", process.address("simulating"));
    let page = reqwest::get(url).await.unwrap().text().await.unwrap();
    assert!(page.contains("House of Tales"), "{page}");
}

#[test]
fn a_wrong_file_ends_it_with_the_line_and_the_column() {
    let scratch = Scratch::new();
    let wrong = format!("{HEADING}\nAlma,Cuento,12345,Peru,1980-01-01\n");
    let wrong = scratch.write("wrong.csv", wrong);
    let (code, says) = ended(&["--people", &wrong]);
    assert_eq!(code, Some(1));
    assert!(
        says.contains("--people: line 2, column alien_number: write nine digits"),
        "{says}"
    );
    assert!(
        !says.contains("12345") && !says.contains("Cuento"),
        "{says}"
    );
    for no_file in ["/nowhere/people.csv", "/"] {
        let (code, says) = ended(&["--people", no_file]);
        assert!(
            code == Some(1) && says.contains("--people: cannot be read"),
            "{says}"
        );
    }
}

#[test]
fn arguments_that_do_not_fit_are_refused() {
    for arguments in [
        &["--people", "100001"][..],
        &["--people", "99999999999999999999"],
        &["--people=-1"],
        &["--seed", "x"],
    ] {
        let (code, says) = ended(arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {says}");
    }
    let (code, says) = ended(&["--people", "people.csv", "--seed", "1"]);
    assert!(code == Some(1) && says.contains("--seed: "), "{says}");
}

#[test]
fn help_names_the_columns_of_a_file_and_every_fault() {
    let (code, help) = ended(&["--help"]);
    assert_eq!(code, Some(0));
    for word in HEADING.split(',').chain([
        "--seed",
        "--people",
        "--people <COUNT|FILE>",
        "A number is a count",
        "status",
        "facility",
        "X-Simulate-Fault",
        "/-/faults",
        "slow",
        "unavailable",
        "challenge",
        "page_changed",
        "rate_limited",
        "rate_limited_until",
        "truncated",
        "charset",
        "broken_html",
        "huge",
        "reset",
        "broken_off",
        "token_expired",
        "redirect",
        "redirect_elsewhere",
    ]) {
        assert!(help.contains(word), "{word}");
    }
}
