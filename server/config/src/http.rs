//! Who may call from within a browser.

use std::borrow::Cow;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::check::{Check, FieldError, FieldPath};

const MOST_ORIGINS: usize = 32;
const MAX_LENGTH: usize = 261;
const PATTERN: &str = "^https?://[-.a-zA-Z0-9]+(:[0-9]{1,5})?$";

/// How MCP is served over HTTP.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Http {
    /// Origins of web pages that may call from within a browser, such as `https://assistant.example`; at most 32. Programs
    /// send none and need none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MOST_ORIGINS))]
    pub allowed_origins: Vec<WebOrigin>,
}

/// Scheme, host and port of web pages, as browsers write them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct WebOrigin(String);

/// What is not a [`WebOrigin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not an origin: write https://, a host and, if need be, a port, without a path; http:// is for localhost only, and a star stands for nothing"
)]
pub struct InvalidOrigin;

impl WebOrigin {
    /// As browsers write it: in small letters, without the scheme's own port.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for WebOrigin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let text = text.to_ascii_lowercase();
        let (scheme, authority) = text.split_once("://").ok_or(InvalidOrigin)?;
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        let host_is_plain = host
            .split('.')
            .all(|label| !label.is_empty() && label.bytes().all(is_of_label));
        let number = port.map(|port| {
            let digits = port.bytes().all(|byte| byte.is_ascii_digit());
            port.parse::<u16>().ok().filter(|&port| digits && port > 0)
        });
        // Anyone between can write into a page that came over plain http.
        let own_port = match scheme {
            "https" => 443,
            "http" if matches!(host, "localhost" | "127.0.0.1") => 80,
            _ => return Err(InvalidOrigin),
        };
        if text.len() > MAX_LENGTH || !host_is_plain || number == Some(None) {
            return Err(InvalidOrigin);
        }
        Ok(Self(match number.flatten() {
            Some(port) if port != own_port => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        }))
    }
}

fn is_of_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

impl<'de> Deserialize<'de> for WebOrigin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl JsonSchema for WebOrigin {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "WebOrigin".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "maxLength": MAX_LENGTH, "pattern": PATTERN})
    }
}

impl Check for Http {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        if self.allowed_origins.len() > MOST_ORIGINS {
            errors.push(at.field("allowedOrigins").error(format!(
                "{} origins are too many: write at most {MOST_ORIGINS}",
                self.allowed_origins.len()
            )));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_kept_as_browsers_write_it() {
        for (written, kept) in [
            ("https://assistant.example", "https://assistant.example"),
            ("HTTPS://Assistant.Example:443", "https://assistant.example"),
            (
                "https://assistant.example:8443",
                "https://assistant.example:8443",
            ),
            ("http://localhost:6274", "http://localhost:6274"),
            ("http://127.0.0.1:80", "http://127.0.0.1"),
        ] {
            assert_eq!(written.parse::<WebOrigin>().unwrap().as_str(), kept);
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for text in [
            "",
            "*",
            "null",
            "https://",
            "https://*.example",
            "https://assistant.example/",
            "https://assistant.example/path",
            "https://user@assistant.example",
            "https://assistant.example:0",
            "https://assistant.example:",
            "https://assistant.example:+443",
            "https://assistant.example:99999",
            "https://a..example",
            "http://assistant.example",
            "ftp://assistant.example",
            "https://exämple.example",
            "https://assistant.example, https://other.example",
        ] {
            assert_eq!(text.parse::<WebOrigin>(), Err(InvalidOrigin), "{text}");
        }
        assert!(
            format!("https://{}", "a".repeat(300))
                .parse::<WebOrigin>()
                .is_err()
        );
    }
}
