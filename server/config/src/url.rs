//! An `http` or `https` address that may be shown: it carries no user name and no password. Nor has it braces, so that in
//! the templates of alerts and dashboards it is nothing but itself.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

/// An absolute `http` or `https` URL without credentials, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct HttpUrl(String);

/// What is not an [`HttpUrl`]. Does not repeat the text, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not an address: write http:// or https://, a host and, if need be, a port and a path; a user name, a password or a brace does not belong here"
)]
pub struct InvalidUrl;

const MAX_LENGTH: usize = 1024;

impl HttpUrl {
    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An address that is known to be one.
    pub(crate) fn constant(text: &'static str) -> Self {
        debug_assert!(text.parse::<Self>().is_ok());
        Self(text.to_owned())
    }

    /// Whether it is spoken to over TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Host and port as they were written, the host in lower case and without the brackets of an IPv6 address.
    fn authority(&self) -> (String, Option<&str>) {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = match authority.strip_prefix('[') {
            Some(address) => address.split_once(']').unwrap_or((address, "")),
            None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
        };
        (host.to_ascii_lowercase(), port.strip_prefix(':'))
    }

    /// The host: a name, or an address without brackets.
    pub fn host(&self) -> String {
        self.authority().0
    }

    /// The port: the one that is written, or else the scheme's; `None` where what is written is no port.
    pub fn port(&self) -> Option<u16> {
        match self.authority().1 {
            Some(port) => port.parse().ok().filter(|port| *port > 0),
            None => Some(if self.is_https() { 443 } else { 80 }),
        }
    }

    /// Whether nobody on the way can put something else in place of what comes from there: by https, or within this machine
    /// or this cluster.
    pub fn is_confidential(&self) -> bool {
        let host = self.host();
        self.is_https()
            || host == "localhost"
            || is_of_service(&host)
            || host
                .parse()
                .is_ok_and(|address: IpAddr| address.is_loopback())
    }

    /// This address with `path` (starting with a slash) below it.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0.trim_end_matches('/'))
    }
}

/// Whether only a cluster's own Services have such names.
fn is_of_service(host: &str) -> bool {
    let host = host.strip_suffix(".cluster.local").unwrap_or(host);
    host.rsplit_once('.').is_some_and(|(_, last)| last == "svc")
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
        let tail_is_plain = tail
            .bytes()
            .all(|b| b.is_ascii_graphic() && b != b'{' && b != b'}');
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
            "pattern": "^https?://[A-Za-z0-9\\[][A-Za-z0-9._~:\\[\\]-]*([/?#][!-z|~]*)?$",
            "maxLength": MAX_LENGTH,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both sides say the same: what is parsed, and the schema that the API server holds against it.
    fn is_taken(text: &str) -> bool {
        let schema = HttpUrl::json_schema(&mut SchemaGenerator::default());
        let by_schema = jsonschema::is_valid(schema.as_value(), &text.into());
        let parsed = text.parse::<HttpUrl>();
        assert_eq!(parsed.is_ok(), by_schema, "{text}");
        parsed.is_ok_and(|url| url.as_str() == text)
    }

    #[test]
    fn only_https_and_what_is_near_is_confidential() {
        for (text, confidential) in [
            ("https://id.example", true),
            ("http://localhost:8080", true),
            ("http://127.0.0.1", true),
            ("http://[::1]:8080/a", true),
            ("http://keycloak.auth.svc/realms/a", true),
            ("http://keycloak.auth.svc.cluster.local", true),
            ("http://id.example", false),
            ("http://id.example/a.svc", false),
            ("http://id.example?a.svc", false),
            ("http://localhost.example", false),
            ("http://10.0.0.1", false),
        ] {
            let url: HttpUrl = text.parse().unwrap();
            assert_eq!(url.is_confidential(), confidential, "{text}");
        }
    }

    #[test]
    fn host_and_port_are_told_apart() {
        for (text, host, port) in [
            ("https://id.example", "id.example", Some(443)),
            (
                "http://Demo-simulator:8080/a?b",
                "demo-simulator",
                Some(8080),
            ),
            (
                "http://collector.monitoring#a",
                "collector.monitoring",
                Some(80),
            ),
            ("http://[FD00::1]:4317", "fd00::1", Some(4317)),
            ("https://[::1]/a", "::1", Some(443)),
            ("http://10.0.0.1:0", "10.0.0.1", None),
            ("http://a.example:99999", "a.example", None),
            ("http://a.example:", "a.example", None),
        ] {
            let url: HttpUrl = text.parse().unwrap();
            assert_eq!((url.host().as_str(), url.port()), (host, port), "{text}");
        }
    }

    #[test]
    fn plain_addresses_are_taken() {
        for text in [
            "http://demo-simulator:8080",
            "https://locator.example",
            "https://events.pagerduty.com/v2/enqueue",
            "http://[::1]:4317",
            "https://docs.example?page=1",
            "https://docs.example/~a|b/z#c",
        ] {
            assert!(is_taken(text), "{text}");
        }
    }

    #[test]
    fn credentials_other_schemes_blanks_and_braces_are_refused() {
        for text in [
            "",
            "locator.example",
            "ftp://locator.example",
            "http://",
            "http:///path",
            "https://user:secret@locator.example",
            "https://locator.example/a b",
            "https://locator.example\n",
            "https://docs.example/{{ .Labels }}",
            "https://docs.example/{{.Labels}}",
            "https://docs.example/{",
            "https://docs.example?}",
            "https://docs.example#{}",
            "https://{{.Labels}}",
        ] {
            assert!(!is_taken(text), "{text}");
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
