//! What an event may hold at most, after redaction.
//!
//! First every part for itself: names, texts, tags, frames; then, in whatever is nested, binary data, long strings, deep and
//! broad values. If the whole is still too large, the parts are cut to ever tighter limits until it is not, each time in this
//! order: response, parameters, properties, data of the identity, stacks of the error. At the very end they are left out, in the
//! same order. What remains is never too large.

use std::io;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{ErrorInfo, Event, Frame, tags};

/// The most bytes of an event, as JSON.
pub const MAX_EVENT_BYTES: usize = 100 * 1024;
/// The most bytes of a string.
pub const MAX_STRING_BYTES: usize = 32 * 1024;
/// The most objects and arrays inside one another.
pub const MAX_DEPTH: usize = 10;
/// The most entries of an object or array.
pub const MAX_BREADTH: usize = 100;
/// The most bytes of an entry's name.
pub const MAX_KEY_BYTES: usize = 256;
/// The most bytes of a name, version or id.
pub const MAX_NAME_BYTES: usize = 256;
/// The most bytes of an intent and of an error's message.
pub const MAX_TEXT_BYTES: usize = 2048;
/// The most frames of a stack: of more the first and the last half of so many.
pub const MAX_FRAMES: usize = 50;
/// The most errors that an error came of.
pub const MAX_CAUSES: usize = 10;

/// Stands where something was cut off.
const CUT: &str = "… [cut]";
/// Strings without anything but the letters of base 64 are words up to here.
const MIN_BINARY_BYTES: usize = 512;

#[derive(Clone, Copy)]
struct Limits {
    depth: usize,
    breadth: usize,
    string: usize,
}

const WIDEST: Limits = limits(MAX_DEPTH, MAX_BREADTH, MAX_STRING_BYTES);

const TIGHTER: [Limits; 8] = [
    limits(10, 100, 16 * 1024),
    limits(8, 100, 8 * 1024),
    limits(6, 50, 4 * 1024),
    limits(5, 50, 2 * 1024),
    limits(4, 25, 1024),
    limits(3, 25, 512),
    limits(2, 10, 256),
    limits(1, 10, 128),
];

const fn limits(depth: usize, breadth: usize, string: usize) -> Limits {
    Limits {
        depth,
        breadth,
        string,
    }
}

/// The parts that are cut when an event is too large, in this order.
#[derive(Clone, Copy)]
enum Part {
    Response,
    Parameters,
    Properties,
    IdentifyData,
    Error,
}

impl Part {
    const ALL: [Self; 5] = [
        Self::Response,
        Self::Parameters,
        Self::Properties,
        Self::IdentifyData,
        Self::Error,
    ];

    fn map(self, event: &mut Event) -> Option<&mut Map<String, Value>> {
        match self {
            Self::Response => event.response.as_mut(),
            Self::Parameters => event.parameters.as_mut(),
            Self::Properties => event.properties.as_mut(),
            Self::IdentifyData => event.identify_data.as_mut(),
            Self::Error => None,
        }
    }

    fn tighten(self, event: &mut Event, limits: Limits) {
        if let Some(map) = self.map(event) {
            limit_map(map, limits, 1);
        } else if let (Self::Error, Some(error)) = (self, &mut event.error) {
            limit_error(error, limits);
        }
    }

    fn leave_out(self, event: &mut Event) {
        if let Some(map) = self.map(event) {
            *map = Map::from_iter([(CUT.to_owned(), Value::Null)]);
        } else if let (Self::Error, Some(error)) = (self, &mut event.error) {
            error.stack = None;
            error.frames.clear();
            error.causes.clear();
        }
    }

    fn bytes(self, event: &mut Event) -> usize {
        match (self.map(event), self) {
            (Some(map), _) => json_bytes(map),
            (None, Self::Error) => json_bytes(&event.error),
            (None, _) => 0,
        }
    }
}

/// Cuts every part to what it may be.
pub(crate) fn limit(event: &mut Event) {
    let names = [
        &mut event.actor_id,
        &mut event.event_id,
        &mut event.resource_name,
        &mut event.identify_actor_given_id,
        &mut event.identify_actor_name,
        &mut event.ip_address,
        &mut event.sdk_language,
        &mut event.agentcat_version,
        &mut event.server_name,
        &mut event.server_version,
        &mut event.client_name,
        &mut event.client_version,
    ];
    for name in names.into_iter().flatten() {
        cut(name, MAX_NAME_BYTES);
    }
    if let Some(intent) = &mut event.user_intent {
        cut(intent, MAX_TEXT_BYTES);
    }
    tags::limit(&mut event.tags);
    for part in Part::ALL {
        part.tighten(event, WIDEST);
    }
}

/// Cuts an event of so many bytes further, until it has at most this many.
pub(crate) fn shrink(event: &mut Event, mut bytes: usize, most: usize) {
    for limits in TIGHTER.map(Some).into_iter().chain([None]) {
        for part in Part::ALL {
            let before = part.bytes(event);
            match limits {
                Some(limits) => part.tighten(event, limits),
                None => part.leave_out(event),
            }
            bytes = bytes - before + part.bytes(event);
            if bytes <= most {
                return;
            }
        }
    }
}

fn limit_value(value: &mut Value, limits: Limits, depth: usize) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(text) if is_binary(text) => *text = note("binary data"),
        Value::String(text) => cut(text, limits.string),
        Value::Array(_) | Value::Object(_) if depth > limits.depth => {
            *value = Value::String(CUT.to_owned());
        }
        Value::Array(entries) => {
            if entries.len() > limits.breadth {
                entries.truncate(limits.breadth - 1);
                entries.push(Value::String(CUT.to_owned()));
            }
            for entry in entries {
                limit_value(entry, limits, depth + 1);
            }
        }
        Value::Object(map) => limit_map(map, limits, depth),
    }
}

fn limit_map(map: &mut Map<String, Value>, limits: Limits, depth: usize) {
    leave_out_binary(map);
    if map.len() > limits.breadth {
        let mut kept = 0;
        map.retain(|_, _| {
            kept += 1;
            kept < limits.breadth
        });
        map.insert(CUT.to_owned(), Value::Null);
    }
    if map.keys().any(|key| key.len() > MAX_KEY_BYTES) {
        *map = std::mem::take(map)
            .into_iter()
            .map(|(mut key, value)| {
                cut(&mut key, MAX_KEY_BYTES);
                (key, value)
            })
            .collect();
    }
    for (_, value) in map {
        limit_value(value, limits, depth + 1);
    }
}

/// Images, sounds and files of MCP's content blocks, and of what looks like them.
fn leave_out_binary(map: &mut Map<String, Value>) {
    let text = |key: &str| map.get(key).and_then(Value::as_str);
    let holds_data = ["data", "blob", "source"]
        .iter()
        .any(|key| map.contains_key(*key));
    if let Some(kind @ ("image" | "audio")) = text("type")
        && holds_data
    {
        let note = note(kind);
        *map = Map::from_iter([
            ("type".to_owned(), Value::from("text")),
            ("text".to_owned(), Value::from(note)),
        ]);
        return;
    }
    let media = ["mimeType", "media_type"].iter().find_map(|key| text(key));
    let is_file = media.is_some_and(|media| !media.starts_with("text/"));
    for (key, is_binary) in [("blob", true), ("data", is_file)] {
        if is_binary && let Some(Value::String(data)) = map.get_mut(key) {
            *data = note("binary data");
        }
    }
}

/// Whether it is base 64: in a `data:` URL, or by its length and letters.
fn is_binary(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=\r\n".contains(&byte);
    let in_url = || text.starts_with("data:") && text.bytes().take(256).any(|byte| byte == b',');
    (text.len() >= MIN_BINARY_BYTES && text.bytes().all(letter))
        || (in_url()
            && text
                .split(',')
                .next()
                .is_some_and(|head| head.ends_with(";base64")))
}

fn note(what: &str) -> String {
    format!("[{what} not sent]")
}

fn limit_error(error: &mut ErrorInfo, limits: Limits) {
    let ErrorInfo {
        message,
        kind,
        stack,
        frames,
        causes,
        platform,
    } = error;
    limit_stack(message, kind, stack, frames, limits);
    causes.truncate(MAX_CAUSES.min(limits.breadth));
    for cause in causes {
        limit_stack(
            &mut cause.message,
            &mut cause.kind,
            &mut cause.stack,
            &mut cause.frames,
            limits,
        );
    }
    if let Some(platform) = platform {
        cut(platform, MAX_NAME_BYTES);
    }
}

fn limit_stack(
    message: &mut String,
    kind: &mut Option<String>,
    stack: &mut Option<String>,
    frames: &mut Vec<Frame>,
    limits: Limits,
) {
    cut(message, MAX_TEXT_BYTES);
    if let Some(kind) = kind {
        cut(kind, MAX_NAME_BYTES);
    }
    if let Some(stack) = stack {
        cut(stack, limits.string);
    }
    let most = MAX_FRAMES.min(limits.breadth);
    if frames.len() > most {
        frames.drain(most / 2..frames.len() - (most - most / 2));
    }
    for frame in frames {
        let Frame {
            filename,
            function,
            module,
            abs_path,
            context_line,
            lineno: _,
            colno: _,
            in_app: _,
        } = frame;
        let texts = [
            Some(filename),
            Some(function),
            module.as_mut(),
            abs_path.as_mut(),
            context_line.as_mut(),
        ];
        for text in texts.into_iter().flatten() {
            cut(text, MAX_TEXT_BYTES.min(limits.string));
        }
    }
}

fn cut(text: &mut String, most: usize) {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most - CUT.len()));
        text.push_str(CUT);
    }
}

fn json_bytes(value: &impl Serialize) -> usize {
    struct Count(usize);

    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let mut count = Count(0);
    // Keys are strings and the writer takes everything: nothing to fail.
    let _ = serde_json::to_writer(&mut count, value);
    count.0
}
