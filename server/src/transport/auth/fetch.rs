//! Answers of those who vouch for callers, bounded in size and time.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, RequestBuilder};

/// Longest time for an answer, the connection included.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Largest answer, unpacked.
const LARGEST: usize = 256 * 1024;

/// No answer that could be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAnswer;

/// Where clients begin. Redirects are not followed: nobody vouches for where they lead.
pub fn client() -> ClientBuilder {
    Client::builder()
        .redirect(Policy::none())
        .timeout(TIMEOUT)
        .connect_timeout(TIMEOUT)
}

/// The body of a good answer.
pub async fn body(request: RequestBuilder) -> Result<Vec<u8>, NoAnswer> {
    let mut response = request.send().await.map_err(|_| NoAnswer)?;
    if !response.status().is_success() {
        return Err(NoAnswer);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| NoAnswer)? {
        if body.len() + chunk.len() > LARGEST {
            return Err(NoAnswer);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
