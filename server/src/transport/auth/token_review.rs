//! Tokens of Kubernetes ServiceAccounts: the cluster's API server says whose they are.
//!
//! It is asked only about tokens that say that they were made for us, and not again for a while. Its answer is kept under
//! the token's digest.

use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use moka::future::Cache;
use reqwest::{Certificate, Client};
use ring::hmac::{HMAC_SHA256, Key, sign};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Semaphore;

use super::fetch::{self, NoAnswer};
use super::pseudonym::Pseudonyms;
use super::{Failed, Reason, Unchecked};

/// How long an answer holds: a token that was withdrawn works for so long.
const KNOWN_FOR: Duration = Duration::from_mins(1);
/// The same of a token that was refused. Shorter: a new ServiceAccount should not wait for long.
const REFUSED_FOR: Duration = Duration::from_secs(10);
/// Most answers that are kept, of each of the two.
const MOST_KEPT: u64 = 10_000;
/// Most questions at once.
const MOST_ASKED: usize = 16;
const ACCOUNT: &str = "system:serviceaccount:";
const FOLDER: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// There is no API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "auth.tokenReview works in a cluster only: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set"
)]
pub struct NoCluster;

/// Where the API server is, and how we show it who we are.
pub struct Api {
    /// Its address.
    pub url: String,
    /// The folder with our token (`token`) and the certificate of who vouches for the server (`ca.crt`). Both change.
    pub folder: PathBuf,
}

impl Api {
    /// As every pod is told.
    pub fn of_pod() -> Result<Self, NoCluster> {
        let told = |name| std::env::var(name).map_err(|_| NoCluster);
        let (host, port) = (
            told("KUBERNETES_SERVICE_HOST")?,
            told("KUBERNETES_SERVICE_PORT")?,
        );
        let host = if host.contains(':') {
            format!("[{host}]")
        } else {
            host
        };
        Ok(Self {
            url: format!("https://{host}:{port}"),
            folder: FOLDER.into(),
        })
    }
}

type Digest = [u8; 32];

/// Knows callers by their ServiceAccounts' tokens.
pub struct TokenReview {
    api: Api,
    audience: String,
    pseudonyms: Pseudonyms,
    key: Key,
    known: Cache<Digest, String>,
    refused: Cache<Digest, Reason>,
    asked: Semaphore,
    /// With the certificate that it trusts.
    client: Mutex<Option<(Vec<u8>, Client)>>,
}

#[derive(Deserialize)]
struct Review {
    status: Status,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    authenticated: bool,
    audiences: Vec<String>,
    user: User,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct User {
    username: String,
}

impl TokenReview {
    /// Asks `api` about tokens for this audience.
    pub fn new(api: Api, audience: String, pseudonyms: Pseudonyms) -> Self {
        let key: Digest = rand::random();
        Self {
            api,
            audience,
            pseudonyms,
            key: Key::new(HMAC_SHA256, &key),
            known: Cache::builder()
                .max_capacity(MOST_KEPT)
                .time_to_live(KNOWN_FOR)
                .build(),
            refused: Cache::builder()
                .max_capacity(MOST_KEPT)
                .time_to_live(REFUSED_FOR)
                .build(),
            asked: Semaphore::new(MOST_ASKED),
            client: Mutex::default(),
        }
    }

    /// The pseudonym of who has this token.
    pub async fn caller(&self, token: &str, says: &Unchecked) -> Result<String, Failed> {
        // The API server would say the same, and must not be asked about any junk.
        if !says.is_for(&self.audience) {
            return Err(Failed::Bad(Reason::Audience));
        }
        let mut digest = Digest::default();
        digest.copy_from_slice(sign(&self.key, token.as_bytes()).as_ref());
        if let Some(reason) = self.refused.get(&digest).await {
            return Err(Failed::Bad(reason));
        }
        // One question for all who show it at once.
        let known = self.known.try_get_with(digest, self.review(token)).await;
        let failed = match known {
            Ok(pseudonym) => return Ok(pseudonym),
            Err(failed) => *failed,
        };
        if let Failed::Bad(reason) = failed {
            self.refused.insert(digest, reason).await;
        }
        Err(failed)
    }

    async fn review(&self, token: &str) -> Result<String, Failed> {
        let Ok(_asking) = self.asked.try_acquire() else {
            return Err(Failed::Unavailable);
        };
        let status = self.ask(token).await.map_err(|NoAnswer| {
            tracing::warn!(
                "the API server does not say whose a token is: calls with it are told to come back"
            );
            Failed::Unavailable
        })?;
        if !status.authenticated {
            return Err(Failed::Bad(Reason::Unknown));
        }
        if !status.audiences.contains(&self.audience) {
            return Err(Failed::Bad(Reason::Audience));
        }
        // Users of the cluster are people or nodes; those are not who we were told to let in.
        let Some(account) = status.user.username.strip_prefix(ACCOUNT) else {
            return Err(Failed::Bad(Reason::Unknown));
        };
        Ok(self.pseudonyms.of(&["service_account", account]))
    }

    async fn ask(&self, token: &str) -> Result<Status, NoAnswer> {
        let (client, own) = self.connection().await.map_err(|_| NoAnswer)?;
        let review = json!({
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenReview",
            "spec": {"token": token, "audiences": [self.audience]},
        });
        let url = format!(
            "{}/apis/authentication.k8s.io/v1/tokenreviews",
            self.api.url
        );
        let answer = fetch::body(client.post(url).bearer_auth(own).json(&review)).await?;
        let review: Review = serde_json::from_slice(&answer).map_err(|_| NoAnswer)?;
        Ok(review.status)
    }

    /// A client that trusts the certificate as it is now, and our token as it is now.
    async fn connection(&self) -> io::Result<(Client, String)> {
        let own = tokio::fs::read_to_string(self.api.folder.join("token")).await?;
        let certificate = tokio::fs::read(self.api.folder.join("ca.crt")).await?;
        let mut kept = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        let client = match &*kept {
            Some((trusted, client)) if *trusted == certificate => client.clone(),
            _ => {
                let trusted =
                    Certificate::from_pem_bundle(&certificate).map_err(io::Error::other)?;
                let client = fetch::client()
                    .no_proxy()
                    .tls_certs_only(trusted)
                    .build()
                    .map_err(io::Error::other)?;
                *kept = Some((certificate, client.clone()));
                client
            }
        };
        Ok((client, own.trim().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::Router;
    use axum::http::{HeaderMap, StatusCode};
    use axum::routing::post;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::Value;

    use super::super::super::session::SessionKey;
    use super::*;

    const AUDIENCE: &str = "icelocator";
    const GOOD: &str = "good";

    fn token(audience: &str, signature: &str) -> String {
        let part = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
        format!(
            "{}.{}.{signature}",
            part(json!({"alg": "RS256"})),
            part(json!({"aud": [audience]}))
        )
    }

    /// An API server that knows tokens by their last part.
    struct Cluster {
        review: TokenReview,
        asked: Arc<AtomicUsize>,
        folder: PathBuf,
    }

    impl Drop for Cluster {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }

    async fn cluster() -> Cluster {
        icelocator_telemetry::install_tls();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let answer = move |headers: HeaderMap, body: axum::Json<Value>| async move {
            count.fetch_add(1, Ordering::Relaxed);
            if headers["authorization"] != "Bearer our-own" {
                return Err(StatusCode::UNAUTHORIZED);
            }
            let token = body.0["spec"]["token"].as_str().unwrap().to_owned();
            let user = |name: &str| json!({"authenticated": true, "audiences": [AUDIENCE], "user": {"username": name}});
            let status = match token.rsplit('.').next().unwrap() {
                GOOD => user("system:serviceaccount:legal:assistant"),
                "person" => user("ana"),
                "elsewhere" => {
                    json!({"authenticated": true, "audiences": ["other"], "user": {"username": "system:serviceaccount:legal:assistant"}})
                }
                "down" => return Err(StatusCode::INTERNAL_SERVER_ERROR),
                "nonsense" => return Ok(axum::Json(json!({"status": "?"}))),
                _ => json!({"error": "invalid bearer token"}),
            };
            Ok(axum::Json(json!({"kind": "TokenReview", "status": status})))
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router =
            Router::new().route("/apis/authentication.k8s.io/v1/tokenreviews", post(answer));
        tokio::spawn(axum::serve(listener, router).into_future());
        let folder = std::env::temp_dir().join(format!("icelocator-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("token"), "our-own\n").unwrap();
        std::fs::write(folder.join("ca.crt"), "").unwrap();
        let api = Api {
            url,
            folder: folder.clone(),
        };
        let pseudonyms = Pseudonyms::new(&SessionKey::of([7; 32]));
        let review = TokenReview::new(api, AUDIENCE.to_owned(), pseudonyms);
        Cluster {
            review,
            asked,
            folder,
        }
    }

    impl Cluster {
        async fn show(&self, token: &str) -> Result<String, Failed> {
            self.review
                .caller(token, &Unchecked::read(token).unwrap())
                .await
        }

        fn asked(&self) -> usize {
            self.asked.load(Ordering::Relaxed)
        }
    }

    #[tokio::test]
    async fn the_api_server_says_whose_a_token_is_and_is_asked_once() {
        let cluster = cluster().await;
        let good = token(AUDIENCE, GOOD);
        let known = cluster.show(&good).await.unwrap();
        assert!(!known.contains("assistant"));
        assert_eq!(cluster.show(&good).await, Ok(known));
        assert_eq!(cluster.asked(), 1);
        let bad = token(AUDIENCE, "bad");
        for _ in 0..3 {
            assert_eq!(cluster.show(&bad).await, Err(Failed::Bad(Reason::Unknown)));
        }
        assert_eq!(cluster.asked(), 2);
    }

    #[tokio::test]
    async fn a_token_for_somebody_else_is_not_even_asked_about() {
        let cluster = cluster().await;
        let failed = cluster
            .show(&token("https://kubernetes.default.svc", GOOD))
            .await;
        assert_eq!(failed, Err(Failed::Bad(Reason::Audience)));
        assert_eq!(cluster.asked(), 0);
    }

    #[tokio::test]
    async fn only_service_accounts_are_let_in_and_only_for_our_audience() {
        let cluster = cluster().await;
        for (signature, reason) in [("person", Reason::Unknown), ("elsewhere", Reason::Audience)] {
            let failed = cluster.show(&token(AUDIENCE, signature)).await;
            assert_eq!(failed, Err(Failed::Bad(reason)), "{signature}");
        }
    }

    #[tokio::test]
    async fn an_api_server_that_cannot_say_leaves_it_open_and_is_asked_again() {
        let cluster = cluster().await;
        for signature in ["down", "nonsense"] {
            let failed = cluster.show(&token(AUDIENCE, signature)).await;
            assert_eq!(failed, Err(Failed::Unavailable), "{signature}");
        }
        std::fs::write(cluster.folder.join("token"), "stale").unwrap();
        let good = token(AUDIENCE, GOOD);
        assert_eq!(cluster.show(&good).await, Err(Failed::Unavailable));
        std::fs::write(cluster.folder.join("token"), "our-own").unwrap();
        assert!(cluster.show(&good).await.is_ok());
    }
}
