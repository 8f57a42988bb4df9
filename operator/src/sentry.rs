//! Tells Sentry of a deploy: makes the release, then says where it runs. What goes wrong is told by constant words: an error
//! that reads differently each time would change the status each time.

use std::time::Duration;

use http::StatusCode;
use icelocator_config::SentryDeploys;
use reqwest::Url;
use serde_json::{Value, json};

/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(10);

/// A release that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deploy {
    /// Whom to tell.
    pub to: SentryDeploys,
    pub environment: String,
    pub release: String,
}

/// Why Sentry was not told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnnounceError {
    #[error("its token is missing")]
    NoToken,
    #[error("the API server does not give its token")]
    TokenUnreadable,
    #[error("its address is none")]
    NoAddress,
    #[error("no connection")]
    NoConnection,
    #[error("no answer within {} s", ANSWER.as_secs())]
    TimedOut,
    #[error("answered HTTP {0}")]
    Status(u16),
    /// No client could be made.
    #[error("the HTTP client cannot be made")]
    NoClient,
}

/// A client for it.
pub fn client() -> Result<reqwest::Client, AnnounceError> {
    reqwest::Client::builder()
        .timeout(ANSWER)
        // A token is for whom the resource names, and for nobody else.
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|_| AnnounceError::NoClient)
}

/// Makes the release, which may be there already, and says that it is deployed.
pub async fn announce(
    client: &reqwest::Client,
    deploy: &Deploy,
    token: &str,
) -> Result<(), AnnounceError> {
    let Deploy {
        to,
        environment,
        release,
    } = deploy;
    let releases = ["api", "0", "organizations", &to.org, "releases"];
    let body = json!({"version": release, "projects": [to.project]});
    post(client, below(to, &releases)?, &body, token).await?;
    let deploys = [&releases[..], &[release, "deploys"]].concat();
    let body = json!({"environment": environment});
    post(client, below(to, &deploys)?, &body, token).await
}

/// Sentry's paths end in a slash.
fn below(to: &SentryDeploys, path: &[&str]) -> Result<Url, AnnounceError> {
    let mut url: Url = to
        .url
        .as_str()
        .parse()
        .map_err(|_| AnnounceError::NoAddress)?;
    url.set_query(None);
    url.set_fragment(None);
    url.path_segments_mut()
        .map_err(|()| AnnounceError::NoAddress)?
        .pop_if_empty()
        .extend(path)
        .push("");
    Ok(url)
}

async fn post(
    client: &reqwest::Client,
    url: Url,
    body: &Value,
    token: &str,
) -> Result<(), AnnounceError> {
    let sent = client.post(url).bearer_auth(token).json(body).send().await;
    let answer = sent.map_err(|error| {
        if error.is_timeout() {
            AnnounceError::TimedOut
        } else {
            AnnounceError::NoConnection
        }
    })?;
    match answer.status() {
        status if status.is_success() => Ok(()),
        status => Err(AnnounceError::Status(StatusCode::as_u16(&status))),
    }
}

#[cfg(test)]
pub(crate) mod tests;
