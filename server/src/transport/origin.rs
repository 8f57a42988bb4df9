//! Which browsers may call.
//!
//! Programs send no `Origin` and are not asked for one: through a Service, a port-forward or an Ingress the `Host` may be
//! anything. A browser always sends it with a POST. Its page is let through when it was served by this very host *and*
//! the host is one whose name nobody else can own: a loopback name, an address, or our Service by a name that ends in
//! `.svc`. Comparing the two alone would not do: a page of a stranger's domain that was rebound to our address sends the
//! same name in both. Nor would the Service's shorter names: `icelocator.local` is whoever announces it, `demo.legal` may
//! be a stranger's domain.
//!
//! Pages of elsewhere may call when the owner names their origins (`http.allowedOrigins`).

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use icelocator_config::WebOrigin;
use tower_http::cors::CorsLayer;

/// Headers that clients send beside those that every page may send.
const SENT: [&str; 9] = [
    "authorization",
    "content-type",
    "last-event-id",
    "mcp-method",
    "mcp-name",
    "mcp-protocol-version",
    "mcp-session-id",
    "traceparent",
    "tracestate",
];
/// Headers of ours that pages have a use for.
const READ: [&str; 3] = ["mcp-session-id", "retry-after", "www-authenticate"];
/// How long a browser need not ask again.
const PREFLIGHT: Duration = Duration::from_mins(10);

/// Names of this server that nobody else can own. By default there are none: only a cluster gives them.
#[derive(Clone, Debug, Default)]
pub struct OwnNames {
    names: Arc<[String]>,
    pages: Arc<[WebOrigin]>,
}

impl OwnNames {
    /// The names of the Service `name` in `namespace`.
    pub fn of_service(name: &str, namespace: &str) -> Self {
        let full = format!("{name}.{namespace}.svc");
        Self {
            names: Arc::from([format!("{full}.cluster.local"), full]),
            pages: Arc::default(),
        }
    }

    /// With pages of elsewhere that the owner lets call.
    #[must_use]
    pub fn and_pages(self, pages: &[WebOrigin]) -> Self {
        Self {
            pages: Arc::from(pages),
            ..self
        }
    }

    fn contains(&self, host: &str) -> bool {
        let plain = host.trim_start_matches('[').trim_end_matches(']');
        plain.parse::<IpAddr>().is_ok()
            || host == "localhost"
            || host.ends_with(".localhost")
            || self.names.iter().any(|name| name == host)
    }

    fn allows(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let Some(origin) = origins.next() else {
            return true;
        };
        if origins.next().is_some() {
            return false;
        }
        if self.pages.iter().any(|page| page.as_str() == origin) {
            return true;
        }
        let origin = origin
            .to_str()
            .ok()
            .and_then(|origin| origin.parse::<Uri>().ok())
            // Files and extensions have origins too, which nobody serves.
            .filter(|origin| matches!(origin.scheme_str(), Some("http" | "https")))
            .and_then(|origin| origin.authority().cloned());
        let host = match headers.get(header::HOST) {
            Some(host) => host
                .to_str()
                .ok()
                .and_then(|host| host.parse::<Authority>().ok()),
            None => uri.authority().cloned(),
        };
        let (Some(origin), Some(host)) = (origin, host) else {
            return false;
        };
        let (origin, host) = (
            origin.as_str().to_ascii_lowercase(),
            host.as_str().to_ascii_lowercase(),
        );
        let name = host.rsplit_once(':').map_or(host.as_str(), |(name, port)| {
            if port.bytes().all(|b| b.is_ascii_digit()) {
                name
            } else {
                &host
            }
        });
        origin == host && self.contains(name)
    }
}

/// Tells browsers which pages of elsewhere may call, and read the answers. The others are told nothing.
pub fn cors(pages: &[WebOrigin]) -> CorsLayer {
    let pages: Vec<_> = pages
        .iter()
        .filter_map(|page| HeaderValue::from_str(page.as_str()).ok())
        .collect();
    CorsLayer::new()
        .allow_origin(pages)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(SENT.map(HeaderName::from_static))
        .expose_headers(READ.map(HeaderName::from_static))
        .max_age(PREFLIGHT)
}

/// Refuses browsers' requests from pages that are not ours.
pub async fn check(State(names): State<OwnNames>, request: Request, next: Next) -> Response {
    if names.allows(request.headers(), request.uri()) {
        next.run(request).await
    } else {
        (
            StatusCode::FORBIDDEN,
            "pages of other hosts may not call this server",
        )
            .into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(origin: Option<&str>, host: &str) -> bool {
        allowed(&OwnNames::of_service("demo", "legal"), origin, host)
    }

    fn allowed(names: &OwnNames, origin: Option<&str>, host: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        names.allows(&headers, &Uri::from_static("/mcp"))
    }

    #[test]
    fn programs_are_not_asked_where_they_come_from() {
        for host in [
            "demo:8080",
            "localhost:8080",
            "icelocator.example",
            "10.0.0.7",
        ] {
            assert!(allows(None, host), "{host}");
        }
    }

    #[test]
    fn our_own_pages_may_call() {
        for (origin, host) in [
            ("http://localhost:8080", "localhost:8080"),
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("http://[::1]:8080", "[::1]:8080"),
            ("http://[::1]", "[::1]"),
            ("http://demo.legal.svc:8080", "demo.legal.svc:8080"),
            ("http://DEMO.legal.svc", "demo.legal.svc"),
            (
                "http://demo.legal.svc.cluster.local:8080",
                "demo.legal.svc.cluster.local:8080",
            ),
        ] {
            assert!(allows(Some(origin), host), "{origin} {host}");
        }
    }

    #[test]
    fn other_pages_may_not() {
        for (origin, host) in [
            ("http://evil.example", "localhost:8080"),
            ("http://localhost:3000", "localhost:8080"),
            ("null", "localhost:8080"),
            ("", "localhost:8080"),
            ("http://other.legal.svc:8080", "demo.legal.svc:8080"),
            ("file://localhost", "localhost"),
            ("chrome-extension://localhost", "localhost"),
            ("localhost", "localhost"),
        ] {
            assert!(!allows(Some(origin), host), "{origin} {host}");
        }
    }

    #[test]
    fn a_name_that_a_stranger_can_own_does_not_help() {
        for host in ["evil.example:8080", "demo.legal:8080", "demo:8080", "demo"] {
            assert!(!allows(Some(&format!("http://{host}")), host), "{host}");
        }
    }

    #[test]
    fn outside_a_cluster_there_is_no_name_of_our_own() {
        for (host, may) in [
            ("localhost:8080", true),
            ("127.0.0.1:8080", true),
            ("icelocator.local:8080", false),
            ("icelocator.local.svc:8080", false),
            ("icelocator:8080", false),
        ] {
            let origin = format!("http://{host}");
            let allowed = allowed(&OwnNames::default(), Some(&origin), host);
            assert_eq!(allowed, may, "{host}");
        }
    }
}
