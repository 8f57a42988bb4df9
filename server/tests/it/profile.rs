//! `icelocator-server profile`: what an operator sees of a profile and of a page that was saved.

use std::process::{Command, Output};

use serde_json::Value;

use crate::support::{Scratch, Simulator, begin};

fn profile(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_icelocator-server"))
        .arg("profile")
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_profile_is_shown_and_reads_the_simulators_form() {
    begin();
    let scratch = Scratch::new();
    let shown = profile(&["show"]);
    assert!(shown.status.success());
    let own = scratch.write("profile.yaml", &shown.stdout);
    assert!(profile(&["check", &own]).status.success());

    let simulator = Simulator::start();
    let page = reqwest::get(&simulator.url)
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let saved = scratch.write("form.html", &page);
    for arguments in [
        &["check", "--page", &saved][..],
        &["check", &own, "--page", &saved, "--kind", "form"],
    ] {
        let checked = profile(arguments);
        let said = text(&checked.stdout);
        assert!(
            checked.status.success() && said.contains("read as: a form with a token"),
            "{said}"
        );
    }
    let json = profile(&["check", "--page", &saved, "--json"]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["page"]["verdict"], "form");
    assert_eq!(json["page"]["token"], true);
}

#[test]
fn a_page_that_is_not_read_ends_with_1_and_what_is_missing() {
    let scratch = Scratch::new();
    let page = scratch.write(
        "page.html",
        r#"<main id="locator-results"><table class="results"><tbody><tr><td class="name">Planted, Ana</td></tr></tbody></table></main>"#,
    );
    let checked = profile(&["check", "--page", &page]);
    let said = text(&checked.stdout);
    assert_eq!(checked.status.code(), Some(1));
    assert!(
        said.contains("MISSING") && said.contains("footer#end"),
        "{said}"
    );
    assert!(!said.contains("Planted"), "{said}");
    let asked = profile(&["check", "--page", &page, "--show-values"]);
    assert!(text(&asked.stdout).contains("Planted, Ana"));
    let nowhere = profile(&["check", "--page", "/nowhere/page.html"]);
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(text(&nowhere.stderr).contains("/nowhere/page.html"));
}

#[test]
fn a_challenge_is_told_as_one_and_not_as_a_page_without_rows() {
    let scratch = Scratch::new();
    let page = scratch.write("page.html", r#"<form id="challenge-form"></form>"#);
    let checked = profile(&["check", "--page", &page]);
    let said = text(&checked.stdout);
    assert_eq!(checked.status.code(), Some(1));
    assert!(
        said.contains("read as: a challenge") && said.contains("challenge: #challenge-form"),
        "{said}"
    );
    assert!(
        !said.contains("MISSING") && !said.contains("results."),
        "{said}"
    );
    let json = profile(&["check", "--page", &page, "--json"]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["page"]["verdict"], "challenged");
    assert!(json["page"].get("results").is_none(), "{json}");
}

#[test]
fn a_wrong_profile_ends_with_1_and_the_fields() {
    let scratch = Scratch::new();
    let shown = text(&profile(&["show"]).stdout);
    let wrong = scratch.write(
        "wrong.yaml",
        shown
            .replace("digits: 9", "digits: 0, minors: no")
            .replace("row: \"", "row: \":::"),
    );
    let checked = profile(&["check", &wrong]);
    let said = text(&checked.stderr);
    assert_eq!(checked.status.code(), Some(1));
    assert!(
        said.contains("requires.digits: ")
            && said.contains("requires.minors: unknown field")
            && said.contains("results.row: not a CSS selector"),
        "{said}"
    );
    let json = profile(&["check", &wrong, "--json"]);
    assert_eq!(json.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["valid"], false);
    assert_eq!(json["errors"].as_array().unwrap().len(), 3);
    let values = profile(&["check", "--show-values"]);
    assert!(!values.status.success() && text(&values.stderr).contains("--page"));
}
