//! Where events go, as what request, and what the answer means.

use crate::MAX_NAME_BYTES;

/// The service's address.
pub const DEFAULT_BASE: &str = "https://api.agentcat.com";
/// The service's address when it was called MCPcat.
pub const LEGACY_BASE: &str = "https://api.mcpcat.io";
/// The environment variable that may name another address.
pub const AGENTCAT_API_URL: &str = "AGENTCAT_API_URL";
/// The same from before; the newer one wins.
pub const MCPCAT_API_URL: &str = "MCPCAT_API_URL";
/// Where events are taken, below the address.
pub const EVENTS_PATH: &str = "/v1/public/events/";

/// The two generations of the format. They differ in the names of the service's own event types (`agentcat:identify`,
/// `mcpcat:identify`), in the field that names the SDK's version, and in that only the newer one knows numbers of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// The current one.
    #[default]
    AgentCat,
    /// The one from when the service was called MCPcat.
    McpCat,
}

impl Dialect {
    /// What the service's own event types begin with.
    pub(crate) const fn namespace(self) -> &'static str {
        match self {
            Self::AgentCat => "agentcat",
            Self::McpCat => "mcpcat",
        }
    }
}

/// Where events go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    base: String,
    dialect: Dialect,
}

impl Endpoint {
    /// As the current SDKs find it: what is configured, else `AGENTCAT_API_URL`, else `MCPCAT_API_URL`, else
    /// [`DEFAULT_BASE`]. What is empty is not set. `variable` reads the environment:
    ///
    /// ```
    /// let endpoint = agentcat::Endpoint::resolve(None, |name| std::env::var(name).ok());
    /// ```
    pub fn resolve(option: Option<&str>, variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |base: String| Some(base).filter(|base| !base.trim().is_empty());
        let base = option
            .map(str::to_owned)
            .and_then(set)
            .or_else(|| variable(AGENTCAT_API_URL).and_then(set))
            .or_else(|| variable(MCPCAT_API_URL).and_then(set));
        Self::at(base.as_deref().unwrap_or(DEFAULT_BASE))
    }

    /// The one at this address. The old address is spoken to in the old dialect, every other in the current one.
    pub fn at(base: &str) -> Self {
        let base = base.trim().trim_end_matches('/').to_owned();
        let host = base
            .split_once("://")
            .map_or(base.as_str(), |(_, rest)| rest);
        let host = host
            .split(['/', ':', '?'])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let dialect = if host == "mcpcat.io" || host.ends_with(".mcpcat.io") {
            Dialect::McpCat
        } else {
            Dialect::AgentCat
        };
        Self { base, dialect }
    }

    /// The same address, spoken to in this dialect.
    #[must_use]
    pub fn speaking(self, dialect: Dialect) -> Self {
        Self { dialect, ..self }
    }

    /// The dialect that is spoken there.
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The address, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The URL that takes events.
    pub fn url(&self) -> String {
        format!("{}{EVENTS_PATH}", self.base)
    }

    /// The request that sends an event, a [`Wire`](crate::Wire) or the bytes of one, to a project.
    pub fn request(&self, project: &Project, event: impl AsRef<[u8]>) -> Request {
        Request {
            url: self.url(),
            body: project.put_into(event.as_ref()),
        }
    }
}

/// The id of a project: letters, digits and `_ - . :`, of which there are at most 256.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Project(String);

/// A text that is no project's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a project's id: 1 to 256 letters, digits and `_`, `-`, `.`, `:`")]
pub struct NotAProject;

impl Project {
    const BEFORE: &str = "{\"project_id\":\"";
    const AFTER: &str = "\",";
    /// What it takes at most in an event.
    pub(crate) const MAX_JSON_BYTES: usize =
        Self::BEFORE.len() + MAX_NAME_BYTES + Self::AFTER.len();

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As the first field of an object that has others.
    fn put_into(&self, event: &[u8]) -> Vec<u8> {
        let rest = event.strip_prefix(b"{").unwrap_or(event);
        let mut body = Vec::with_capacity(event.len() + Self::MAX_JSON_BYTES);
        for part in [Self::BEFORE, self.as_str(), Self::AFTER] {
            body.extend_from_slice(part.as_bytes());
        }
        body.extend_from_slice(rest);
        body
    }
}

impl std::str::FromStr for Project {
    type Err = NotAProject;

    fn from_str(text: &str) -> Result<Self, NotAProject> {
        let good = |letter: u8| letter.is_ascii_alphanumeric() || b"_-.:".contains(&letter);
        let is_id = !text.is_empty() && text.len() <= MAX_NAME_BYTES && text.bytes().all(good);
        is_id.then(|| Self(text.to_owned())).ok_or(NotAProject)
    }
}

/// A request, to be made by whichever HTTP client.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// Where it goes.
    pub url: String,
    /// Its body.
    pub body: Vec<u8>,
}

impl Request {
    /// Its method.
    pub const METHOD: &str = "POST";
    /// Its headers; credentials are none of them: an event names its project.
    pub const HEADERS: [(&str, &str); 2] = [
        ("content-type", "application/json"),
        ("accept", "application/json"),
    ];
}

/// What an answer means for an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was taken.
    Accepted,
    /// It was not, and may be later. So may one that no answer came to.
    Retry,
    /// It was not, and would not be a second time.
    Refused,
}

impl Answer {
    /// Of an HTTP status. The service says 202.
    pub const fn of(status: u16) -> Self {
        match status {
            200..=299 => Self::Accepted,
            // Too slow, too early, too many, or a fault that is not ours; not one that says that it stays.
            408 | 425 | 429 | 500 | 502..=504 | 506..=599 => Self::Retry,
            _ => Self::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(option: Option<&str>, agentcat: Option<&str>, mcpcat: Option<&str>) -> String {
        let variable = |name: &str| match name {
            AGENTCAT_API_URL => agentcat.map(str::to_owned),
            MCPCAT_API_URL => mcpcat.map(str::to_owned),
            _ => None,
        };
        Endpoint::resolve(option, variable).base().to_owned()
    }

    #[test]
    fn the_address_is_found_where_the_public_sdks_find_it() {
        let (option, agentcat, mcpcat) = (Some("http://o"), Some("http://a"), Some("http://m"));
        assert_eq!(resolved(option, agentcat, mcpcat), "http://o");
        assert_eq!(resolved(None, agentcat, mcpcat), "http://a");
        assert_eq!(resolved(None, None, mcpcat), "http://m");
        assert_eq!(resolved(None, None, None), DEFAULT_BASE);
        assert_eq!(resolved(Some(""), Some(" "), mcpcat), "http://m");
        assert_eq!(resolved(Some(""), Some(""), Some("")), DEFAULT_BASE);
    }

    #[test]
    fn slashes_at_the_end_make_no_second_path() {
        for base in [
            "https://x.example/in",
            "https://x.example/in/",
            " https://x.example/in//\n",
        ] {
            assert_eq!(
                Endpoint::at(base).url(),
                "https://x.example/in/v1/public/events/"
            );
        }
    }

    #[test]
    fn only_the_old_address_is_spoken_to_in_the_old_dialect() {
        for (base, dialect) in [
            (LEGACY_BASE, Dialect::McpCat),
            ("https://API.MCPCAT.IO:443/", Dialect::McpCat),
            (DEFAULT_BASE, Dialect::AgentCat),
            ("https://notmcpcat.io", Dialect::AgentCat),
            (
                "https://relay.example/?for=api.mcpcat.io",
                Dialect::AgentCat,
            ),
            ("", Dialect::AgentCat),
        ] {
            assert_eq!(Endpoint::at(base).dialect(), dialect, "{base}");
        }
        let relay = Endpoint::at("https://relay.example").speaking(Dialect::McpCat);
        assert_eq!(relay.dialect(), Dialect::McpCat);
    }

    #[test]
    fn an_answer_says_whether_to_come_back() {
        for status in [200, 202] {
            assert_eq!(Answer::of(status), Answer::Accepted, "{status}");
        }
        for status in [408, 425, 429, 500, 502, 503, 504, 522] {
            assert_eq!(Answer::of(status), Answer::Retry, "{status}");
        }
        for status in [
            0,
            100,
            301,
            307,
            400,
            401,
            403,
            404,
            413,
            422,
            501,
            505,
            600,
            u16::MAX,
        ] {
            assert_eq!(Answer::of(status), Answer::Refused, "{status}");
        }
    }
}
