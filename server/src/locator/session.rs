//! One session with the site: its cookies and the token of its form. The site binds both to an address, so that each way out
//! has a session of its own; everybody who goes that way shares it.

use std::time::{Duration, Instant};

use reqwest::Proxy;
use tokio::sync::Mutex;

use super::Failure;
use super::access::Miss;
use super::fetch::Http;

/// A session.
pub struct Session {
    http: Http,
    token: Mutex<Option<Token>>,
}

struct Token {
    text: String,
    since: Instant,
}

impl Session {
    /// One that is not open yet, straight to the site or through `proxy`.
    pub fn new(connect: Duration, proxy: Option<Proxy>) -> Result<Self, reqwest::Error> {
        Ok(Self {
            http: Http::new(connect, proxy)?,
            token: Mutex::new(None),
        })
    }

    /// What makes its requests.
    pub fn client(&self) -> &reqwest::Client {
        self.http.client()
    }

    /// Its token; a new session's, which `open` brings, where there is none yet, only the `spent` one, or one older than
    /// `lifetime`. One is opened for all who wait.
    pub async fn token(
        &self,
        spent: Option<&str>,
        lifetime: Option<Duration>,
        deadline: Instant,
        open: impl Future<Output = Result<String, Miss>>,
    ) -> Result<String, Miss> {
        let mut kept = tokio::time::timeout_at(deadline.into(), self.token.lock())
            .await
            .map_err(|_| Miss::last(Failure::Timeout))?;
        let is_old = |token: &Token| lifetime.is_some_and(|most| token.since.elapsed() >= most);
        match &*kept {
            Some(token) if Some(token.text.as_str()) != spent && !is_old(token) => {
                return Ok(token.text.clone());
            }
            _ => {}
        }
        *kept = None;
        self.http.forget_session();
        let text = open.await?;
        *kept = Some(Token {
            text: text.clone(),
            since: Instant::now(),
        });
        Ok(text)
    }
}
