//! An `http` or `https` address that may be shown: it carries no user name and no password.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

/// An absolute `http` or `https` URL without credentials, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct HttpUrl(String);

/// What is not an [`HttpUrl`]. Does not repeat the text, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not an address: write http:// or https://, a host and, if need be, a port and a path; a user name or password does not belong here"
)]
pub struct InvalidUrl;

const MAX_LENGTH: usize = 1024;

impl HttpUrl {
    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// This address with `path` (starting with a slash) below it.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0.trim_end_matches('/'))
    }
}

impl FromStr for HttpUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))
            .ok_or(InvalidUrl)?;
        let host_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (host, tail) = rest.split_at(host_end);
        let host_is_plain = host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._~[]:-".contains(&b));
        let tail_is_plain = tail.bytes().all(|b| b.is_ascii_graphic());
        let starts_well = host
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphanumeric() || b == b'[');
        if text.len() <= MAX_LENGTH && host_is_plain && tail_is_plain && starts_well {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidUrl)
        }
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for HttpUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl JsonSchema for HttpUrl {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "HttpUrl".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^https?://[A-Za-z0-9\\[][A-Za-z0-9._~:\\[\\]-]*([/?#][!-~]*)?$",
            "maxLength": MAX_LENGTH,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_addresses_are_taken() {
        for text in [
            "http://demo-simulator:8080",
            "https://locator.example",
            "https://events.pagerduty.com/v2/enqueue",
            "http://[::1]:4317",
            "https://docs.example?page=1",
        ] {
            assert_eq!(text.parse::<HttpUrl>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn credentials_other_schemes_and_blanks_are_refused() {
        for text in [
            "",
            "locator.example",
            "ftp://locator.example",
            "http://",
            "http:///path",
            "https://user:secret@locator.example",
            "https://locator.example/a b",
            "https://locator.example\n",
        ] {
            assert_eq!(text.parse::<HttpUrl>(), Err(InvalidUrl), "{text}");
        }
    }

    #[test]
    fn a_path_is_joined_with_one_slash() {
        for text in ["https://a.example/", "https://a.example"] {
            let url: HttpUrl = text.parse().unwrap();
            assert_eq!(url.join("/search"), "https://a.example/search");
        }
    }
}
