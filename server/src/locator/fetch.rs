//! One page over HTTP: bounded in size, as text whatever charset it claims, with what its headers say of waiting.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use icelocator_telemetry::retry_after;
use jiff::Timestamp;
use reqwest::cookie::{CookieStore, Jar};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Proxy, RequestBuilder, StatusCode, Url};

use super::Failure;
use super::access::{Cause, Miss};
use super::charset::decoded;

/// Largest page that is read, unpacked.
pub const LARGEST: usize = 2 * 1024 * 1024;
/// Most redirects of one request.
const REDIRECTS: usize = 5;
/// Longest wait that a site is believed to ask for.
const LONGEST_WAIT: Duration = Duration::from_hours(1);
/// Most bytes of cookies that a session is told. After more it begins anew, as when the site ends it.
const MOST_COOKIES: usize = 1024 * 1024;
const USER_AGENT: &str = concat!(
    "IceLocator/",
    env!("CARGO_PKG_VERSION"),
    " (+https://icelocator.dev)"
);

/// The HTTP client, with the cookies of one session.
pub struct Http {
    client: Client,
    cookies: Arc<Cookies>,
}

impl Http {
    /// A client without cookies yet. It goes straight to the site or through `proxy`: proxies in the environment are for
    /// others.
    pub fn new(connect: Duration, proxy: Option<Proxy>) -> Result<Self, reqwest::Error> {
        let cookies = Arc::new(Cookies::default());
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .cookie_provider(Arc::clone(&cookies))
            .redirect(same_site())
            .connect_timeout(connect)
            .no_proxy();
        let client = match proxy {
            None => client,
            Some(proxy) => client.proxy(proxy),
        };
        Ok(Self {
            client: client.build()?,
            cookies,
        })
    }

    /// What makes requests.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Forgets all cookies.
    pub fn forget_session(&self) {
        *self
            .cookies
            .0
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Told::default();
    }
}

/// A redirect to somewhere else would hand the question to somebody else.
fn same_site() -> Policy {
    Policy::custom(|attempt| {
        let first = attempt.previous().first().map(Url::origin);
        if attempt.previous().len() <= REDIRECTS && first == Some(attempt.url().origin()) {
            attempt.follow()
        } else {
            attempt.stop()
        }
    })
}

/// Cookies that can be forgotten.
#[derive(Default)]
struct Cookies(RwLock<Told>);

#[derive(Default)]
struct Told {
    jar: Jar,
    bytes: usize,
}

impl CookieStore for Cookies {
    fn set_cookies(&self, headers: &mut dyn Iterator<Item = &HeaderValue>, url: &Url) {
        let headers: Vec<_> = headers.collect();
        let bytes: usize = headers.iter().map(|header| header.len()).sum();
        let mut told = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if told.bytes + bytes > MOST_COOKIES {
            *told = Told::default();
        }
        told.bytes += bytes;
        told.jar.set_cookies(&mut headers.into_iter(), url);
    }

    fn cookies(&self, url: &Url) -> Option<HeaderValue> {
        let told = self.0.read().unwrap_or_else(PoisonError::into_inner);
        told.jar.cookies(url)
    }
}

/// A page.
pub struct Fetched {
    /// Its status.
    pub status: StatusCode,
    /// Its text.
    pub html: String,
    /// How long the site asks to wait.
    pub retry_after: Option<Duration>,
}

/// Fetches a page.
pub async fn fetch(request: RequestBuilder) -> Result<Fetched, Miss> {
    let mut response = request.send().await.map_err(|error| unreached(&error))?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreached(&error))? {
        if body.len() + chunk.len() > LARGEST {
            return Err(Miss::last(Failure::PageChanged));
        }
        body.extend_from_slice(&chunk);
    }
    let headers = response.headers();
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    Ok(Fetched {
        status: response.status(),
        retry_after: retry_after(headers, Timestamp::now()).map(|wait| wait.min(LONGEST_WAIT)),
        html: decoded(content_type, body),
    })
}

fn unreached(error: &reqwest::Error) -> Miss {
    let failure = if error.is_timeout() {
        Failure::Timeout
    } else {
        Failure::Unavailable { retry_after: None }
    };
    let cause = if error.is_connect() {
        Cause::Unreached
    } else if error.is_timeout() {
        Cause::Late
    } else {
        Cause::Broken
    };
    Miss { failure, cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_without_end_end_the_session() {
        let cookies = Cookies::default();
        let url = Url::parse("https://locator.example/").unwrap();
        let tell = |name: &str, length| {
            let cookie = HeaderValue::try_from(format!("{name}={}", "x".repeat(length))).unwrap();
            cookies.set_cookies(&mut [&cookie].into_iter(), &url);
        };
        let large = MOST_COOKIES / 10;
        for number in 0..50 {
            tell(&format!("c{number}"), large);
            assert!(cookies.cookies(&url).unwrap().len() < MOST_COOKIES);
        }
        // The latest is there, whatever was forgotten.
        tell("last", 1);
        let kept = cookies.cookies(&url).unwrap();
        assert!(kept.to_str().unwrap().contains("last="));
    }
}
