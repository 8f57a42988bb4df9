//! What the last look finds in things on their way out, and what it takes for a leak that is none.

use icelocator_redaction::{Guard, Kind};
use serde_json::{Value, json};

use super::cases::{Case, Clean};
use super::table::Table;

/// The forms in which things leave.
const FORMS: [&str; 7] = [
    "log",
    "event",
    "otlp",
    "sentry",
    "datadog",
    "prometheus",
    "protobuf",
];

/// What the guard did.
pub struct Measured {
    /// Of a hundred leaks, how many were found: all, and of the held-out half.
    pub found: (f64, f64),
    /// Of a hundred clean things, how many went through.
    pub passed: f64,
}

/// Plants each value with a form of its own behind the redactor, in turn in each form in which things leave.
pub fn measure(everyday: &[Case], clean: &[Clean]) -> Measured {
    let guard = Guard::default();
    let mut found = Table::new("guard: leaks", &["planted", "found"]);
    let planted = everyday
        .iter()
        .flat_map(|case| case.planted.iter().map(move |planted| (case, planted)));
    for (at, (case, planted)) in planted.enumerate() {
        let shown = &case.text[planted.start..planted.end];
        let Some(message) = sentence(planted.kind, shown, &case.language) else {
            continue;
        };
        let form = FORMS[at % FORMS.len()];
        let hit = guard.find(&item(form, &message)).is_some();
        for (group, name) in [
            ("kind", planted.kind.as_str()),
            ("form", form),
            ("half", half(case)),
            ("all", "all"),
        ] {
            found.count(group, name, &[1, usize::from(hit)]);
        }
    }
    println!("{found}");

    let mut passed = Table::new("guard: clean items", &["items", "passed"]);
    let mut flagged = Vec::new();
    for item in clean {
        let hit = guard.find(item.text.as_bytes());
        passed.count("form", &item.form, &[1, usize::from(hit.is_none())]);
        passed.count("all", "all", &[1, usize::from(hit.is_none())]);
        if let Some(kind) = hit {
            flagged.push(format!("{} {} {}", item.id, item.form, kind.as_str()));
        }
    }
    println!("{passed}");
    for line in flagged.iter().take(40) {
        println!("flagged: {line}");
    }
    Measured {
        found: (
            found.percent("all", "all", 0, 1),
            found.percent("half", "held out", 0, 1),
        ),
        passed: passed.percent("all", "all", 0, 1),
    }
}

fn half(case: &Case) -> &'static str {
    if case.held_out { "held out" } else { "open" }
}

/// What is said of the value; nothing where its kind has no form that tells it from other text.
fn sentence(kind: Kind, shown: &str, language: &str) -> Option<String> {
    let spanish = language == "es";
    Some(match kind {
        Kind::AlienNumber if shown.starts_with(['A', 'a']) => format!("no match for {shown}"),
        Kind::Ssn if shown.contains('-') => format!("{shown} was refused"),
        Kind::Ssn => format!("ssn {shown}"),
        Kind::Phone if shown.chars().all(|c| c.is_ascii_digit()) => format!("phone {shown}"),
        Kind::Phone => format!("call {shown} back"),
        Kind::Email => format!("could not write to {shown} today"),
        Kind::Document if spanish => format!("pasaporte {shown} vencido"),
        Kind::Document => format!("passport {shown} expired"),
        Kind::Date if spanish => format!("nació el {shown}"),
        Kind::Date => format!("date of birth {shown}"),
        Kind::Credential if shown.len() < 20 => format!("password={shown}"),
        Kind::Credential => format!("token={shown}"),
        _ => return None,
    })
}

fn item(form: &str, message: &str) -> Vec<u8> {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let text = |value: Value| value.to_string().into_bytes();
    match form {
        "log" => text(json!({"timestamp": "2026-11-27T01:45:45.120934Z", "level": "WARN", "target": "icelocator_server::locator",
            "fields": {"message": message, "trace_id": TRACE, "duration": 0.412}})),
        "event" => text(json!({"id": "evt_2aygltfdODZV2Nk6YRttHymKPur", "event_type": "mcp:tools/call", "duration": 412, "user_intent": message,
            "parameters": {"first_name": "[name:3f2a91c07b]", "fuzzy": true}})),
        "otlp" => text(json!({"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": TRACE, "spanId": "00f067aa0ba902b7",
            "startTimeUnixNano": "1764207945120934000", "attributes": [{"key": "error.message", "value": {"stringValue": message}}]}]}]}]})),
        "sentry" => {
            let body = json!({"event_id": TRACE, "timestamp": 1_764_207_945.25, "exception": {"values": [{"type": "upstream", "value": message}]}}).to_string();
            format!("{{\"event_id\":\"{TRACE}\"}}\n{{\"type\":\"event\",\"length\":{}}}\n{body}", body.len()).into_bytes()
        }
        "datadog" => text(json!([{"message": message, "service": "icelocator", "ddtags": "env:prod,version:0.9.3", "timestamp": 1_764_207_945_120_u64}])),
        "prometheus" => format!("# TYPE icelocator_searches_total counter\nicelocator_searches_total{{tool=\"smart_search\",reason={}}} 12\n", json!(message)).into_bytes(),
        _ => {
            let mut bytes = vec![0x0a, 0x10];
            bytes.extend([0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6, 0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36]);
            bytes.push(0x2a);
            bytes.push(u8::try_from(message.len().min(127)).unwrap_or(127));
            bytes.extend(message.as_bytes());
            bytes.extend([0x39, 0x00, 0x8c, 0x2a, 0xff, 0x18]);
            bytes
        }
    }
}
