//! Prints events of every kind as lines of JSON, as they would be sent: `varied agentcat` or `varied mcpcat`.
//!
//! The check in `tests/sinks` reads them with the public models.

use std::error::Error;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::time::Duration;

use agentcat::{
    Cause, Dialect, Endpoint, ErrorInfo, Event, EventType, Frame, Gate, Identity, IdleSessions,
    Method, Project, SessionId,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Words of many kinds.
const WORDS: [&str; 12] = [
    "plain words",
    "",
    "quotes \" and \\ and / and \u{2028}",
    "line\nbreaks\r\n\tand tabs",
    "\u{0}\u{1}\u{7f}\u{9b}",
    "señora Muñoz, e\u{301}tat",
    "名前 и имя και όνομα",
    "שם ואسم",
    "👩‍👩‍👧‍👦 \u{10ffff}",
    "\u{feff}\u{200b}\u{202e}",
    "{\"not\": \"an object\"}",
    "null",
];

fn main() -> Result<(), Box<dyn Error>> {
    let dialect = match std::env::args().nth(1).as_deref() {
        Some("agentcat") => Dialect::AgentCat,
        Some("mcpcat") => Dialect::McpCat,
        _ => return Err("which dialect: agentcat or mcpcat".into()),
    };
    let gate = Gate::new(dialect, |_: &mut Event| Ok(()));
    let endpoint = Endpoint::at("https://nowhere.example");
    let project: Project = "proj_varied".parse()?;
    let mut out = io::stdout().lock();
    for event in events() {
        out.write_all(&endpoint.request(&project, gate.prepare(event)?).body)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn events() -> impl Iterator<Item = Event> {
    let mut sessions = IdleSessions::new(NonZeroUsize::MIN);
    let types = Method::ALL
        .iter()
        .map(|method| EventType::Mcp(*method))
        .chain([EventType::Identify, EventType::Custom]);
    let all = types.flat_map(|event_type| (0..24_u16).map(move |variant| (event_type, variant)));
    all.zip(1..).map(move |((event_type, variant), number)| {
        let at = Timestamp::UNIX_EPOCH + Duration::from_millis(1_772_000_000_000 + 977 * number);
        let mut event = varied(Event::new(event_type, at), usize::from(variant), number);
        event.session_id = match variant % 4 {
            0 => None,
            1 => Some(SessionId::new(at)),
            2 => Some(SessionId::derive(&number.to_string(), Some("proj_varied"))),
            _ => Some(sessions.at("somebody", at)),
        };
        event
    })
}

fn varied(mut event: Event, variant: usize, number: u64) -> Event {
    let word = WORDS[variant % WORDS.len()];
    if variant == 0 {
        return event; // with nothing that it need not have
    }
    event = event
        .of(word)
        .because(word)
        .took(Duration::from_millis(number))
        .tag("number", number.to_string());
    event = event
        .tag("words", word)
        .property("word", word)
        .property("number", number);
    if variant.is_multiple_of(2) {
        event = event.asked(payload(variant)).answered(payload(variant + 5));
        event.input_tokens = Some(number);
        event.output_tokens = Some(u64::from(u32::MAX));
    }
    if variant.is_multiple_of(3) {
        event = event
            .failed(failure(variant))
            .by(Identity {
                given_id: format!("caller-{number}"),
                name: Some(word.to_owned()),
                data: payload(variant + 2),
            })
            .server("varied", "1.0")
            .client(word, "2.0");
        event.actor_id = Some("actor".to_owned());
        event.event_id = Some(format!("own-{number}"));
    } else {
        event.is_error = Some(false);
    }
    event
}

/// Small and large, flat and deep, within the limits and beyond.
fn payload(variant: usize) -> Map<String, Value> {
    let word = WORDS[variant % WORDS.len()];
    let value = match variant % 8 {
        0 => json!({}),
        1 => json!({word: word, "other": [word, 1, -2.5, true, null, {"a": []}]}),
        2 => json!({"long": format!("{word} ").repeat(60_000)}),
        3 => (0..20).fold(
            json!(word),
            |inner, level| json!({"level": level, "in": inner}),
        ),
        4 => json!({"broad": (0..300).collect::<Vec<_>>(), "texts": vec![word; 300]}),
        5 => {
            json!({"content": [{"type": "image", "data": "AAAA".repeat(9_000), "mimeType": "image/png"}, {"type": "text", "text": word}]})
        }
        6 => json!({"large": vec![format!("{word} ").repeat(2_000); 90]}),
        _ => json!({"numbers": [u64::MAX, i64::MIN, 0.5, 1.0e300]}),
    };
    match value {
        Value::Object(map) => map,
        other => Map::from_iter([("value".to_owned(), other)]),
    }
}

fn failure(variant: usize) -> ErrorInfo {
    let word = WORDS[variant % WORDS.len()];
    let frame = Frame {
        filename: "src/main.rs".to_owned(),
        function: word.to_owned(),
        module: Some("varied".to_owned()),
        abs_path: Some("/build/src/main.rs".to_owned()),
        lineno: Some(7),
        colno: Some(3),
        in_app: true,
        context_line: Some(word.to_owned()),
    };
    let cause = Cause {
        message: word.to_owned(),
        kind: Some("io::Error".to_owned()),
        stack: Some(word.to_owned()),
        frames: vec![frame.clone()],
    };
    let mut error = ErrorInfo::new(word).of_kind("varied::Failure");
    if variant.is_multiple_of(2) {
        error.stack = Some(format!("{word}\n").repeat(3_000));
        error.frames = vec![frame; 70];
        error.causes = vec![cause; 12];
    }
    error
}
