//! HTML reports in a real browser: `tests/reports/run` installs one and runs these.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Scratch, Server, begin};

const NOWHERE: &str = "http://127.0.0.1:1";
const HOSTILE: &str = r#"</td></title></style><script>document.documentElement.dataset.ran="1"</script><img src="x" onerror="document.documentElement.dataset.ran='2'"><b id="live">Muestra</b> "' onfocus=x {{7*7}}"#;

/// Answers of searches whose every text is hostile.
fn results() -> Value {
    let person = json!({
        "name": HOSTILE, "alien_number": HOSTILE, "country_of_birth": HOSTILE, "date_of_birth": HOSTILE, "status": HOSTILE,
        "facility": {"name": HOSTILE, "phone": HOSTILE, "url": format!("https://locator.example/{HOSTILE}")},
        "score": 0.83,
    });
    json!([
        {"outcome": "several", "as_of": "2026-11-23T10:00:00Z", "people": [person, person]},
        {"outcome": "challenged", "as_of": "2026-11-23T11:00:00Z", "people": []},
        {"outcome": "not_found", "as_of": "2026-11-23T12:00:00Z", "people": []},
    ])
}

/// A page as a file.
async fn page(server: &Server, scratch: &Scratch, kind: &str, language: &str) -> String {
    let arguments = json!({
        "report_type": kind, "format": "html", "language": language, "results": results(),
        "criteria": {"first_name": "<i>Ana</i>", "last_name": "Muestra & Ejemplo"},
    });
    let answer = server
        .client
        .call("generate_search_report", arguments)
        .await
        .answer();
    let name = format!("{kind}-{language}.html");
    scratch.write(&name, answer["report"].as_str().unwrap())
}

/// What the browser prints when it opens a page so.
fn browse(scratch: &Scratch, page: &str, arguments: &[&str]) -> String {
    let profile = scratch.path().join(uuid::Uuid::new_v4().to_string());
    let output = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(arguments)
        .arg(format!("file://{page}"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "wants a browser: tests/reports/run"]
async fn what_a_report_holds_is_text_and_nothing_runs() {
    begin();
    let server = Server::start(NOWHERE);
    let scratch = Scratch::new();
    for kind in ["legal", "family", "advocacy"] {
        for language in ["en", "es"] {
            let page = page(&server, &scratch, kind, language).await;
            let dom = browse(&scratch, &page, &["--dump-dom"]);
            assert!(
                dom.contains(&format!("<html lang=\"{language}\">")),
                "nothing ran: {dom}"
            );
            assert!(
                !dom.contains("<script") && !dom.contains("<img") && !dom.contains("<b id"),
                "{dom}"
            );
            assert!(
                dom.contains("&lt;script&gt;") || kind == "advocacy",
                "{dom}"
            );
            assert!(
                dom.contains("</main>") && dom.trim_end().ends_with("</html>"),
                "{dom}"
            );
        }
    }
    // The check itself can fail: a page that does run something is seen to.
    let live = "<!DOCTYPE html><html lang=\"en\"><script>document.documentElement.dataset.ran='0'</script></html>";
    let live = scratch.write("live.html", live);
    assert!(browse(&scratch, &live, &["--dump-dom"]).contains("data-ran=\"0\""));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "wants a browser: tests/reports/run"]
async fn a_report_can_be_printed() {
    begin();
    let server = Server::start(NOWHERE);
    let scratch = Scratch::new();
    let pictures = std::env::var_os("SHOTS").map(PathBuf::from);
    for kind in ["legal", "family", "advocacy"] {
        for language in ["en", "es"] {
            let page = page(&server, &scratch, kind, language).await;
            let pdf = scratch.path().join("page.pdf");
            let print = format!("--print-to-pdf={}", pdf.display());
            browse(&scratch, &page, &[&print, "--no-pdf-header-footer"]);
            let printed = std::fs::read(&pdf).unwrap();
            assert!(printed.starts_with(b"%PDF"));
            assert!(
                (1..10).contains(&pages(&printed)),
                "{kind} {language}: {}",
                pages(&printed)
            );
            if let Some(folder) = &pictures {
                picture(
                    &scratch,
                    &page,
                    &folder.join(format!("{kind}-{language}.png")),
                );
            }
        }
    }
}

fn picture(scratch: &Scratch, page: &str, file: &Path) {
    let shot = format!("--screenshot={}", file.display());
    browse(scratch, page, &[&shot, "--window-size=900,1600"]);
}

/// How many pages a PDF has, counted at its page objects.
fn pages(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(pdf);
    let pages = text.split("/Type /Page").skip(1);
    pages.filter(|rest| !rest.starts_with('s')).count()
}
