use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use http::{HeaderMap, Method, Uri, header};
use tokio::net::TcpListener;

use super::*;

/// One request that a stand-in for Sentry got.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub path: String,
    pub token: String,
    pub body: Value,
}

/// A stand-in for Sentry: it notes what it is asked, and answers with the status that it is given.
#[derive(Clone)]
pub struct Stand {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    status: Arc<Mutex<StatusCode>>,
}

impl Stand {
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let stand = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            asked: Arc::default(),
            status: Arc::new(Mutex::new(StatusCode::CREATED)),
        };
        let router = Router::new().fallback(note).with_state(stand.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        stand
    }

    pub fn answer(&self, status: StatusCode) {
        *self.status.lock().unwrap() = status;
    }

    /// What was asked since the last look.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

async fn note(
    State(stand): State<Stand>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap) {
    assert_eq!(method, Method::POST);
    let token = headers[header::AUTHORIZATION].to_str().unwrap().to_owned();
    stand.asked.lock().unwrap().push(Asked {
        path: uri.path().to_owned(),
        token,
        body: serde_json::from_slice(&body).unwrap(),
    });
    let elsewhere = [(
        header::LOCATION,
        format!("{}/elsewhere", stand.url).parse().unwrap(),
    )];
    (
        *stand.status.lock().unwrap(),
        elsewhere.into_iter().collect(),
    )
}

fn deploy(url: &str, release: &str) -> Deploy {
    let to = json!({
        "url": url, "org": "acme", "project": "icelocator",
        "tokenSecretRef": {"name": "sentry", "key": "token"},
    });
    Deploy {
        to: serde_json::from_value(to).unwrap(),
        environment: "production".to_owned(),
        release: release.to_owned(),
    }
}

async fn announced(deploy: &Deploy) -> Result<(), AnnounceError> {
    icelocator_telemetry::install_tls();
    announce(&client().unwrap(), deploy, "invented").await
}

#[tokio::test]
async fn a_release_is_made_then_said_to_be_deployed() {
    let sentry = Stand::start().await;
    announced(&deploy(&sentry.url, "icelocator-server@1.2.3"))
        .await
        .unwrap();
    let asked = |path: &str, body| Asked {
        path: format!("/api/0/organizations/acme/releases/{path}"),
        token: "Bearer invented".to_owned(),
        body,
    };
    assert_eq!(
        sentry.asked(),
        [
            asked(
                "",
                json!({"version": "icelocator-server@1.2.3", "projects": ["icelocator"]})
            ),
            asked(
                "icelocator-server@1.2.3/deploys/",
                json!({"environment": "production"})
            ),
        ]
    );
}

#[tokio::test]
async fn a_release_that_is_there_already_is_deployed_again() {
    let sentry = Stand::start().await;
    sentry.answer(StatusCode::ALREADY_REPORTED);
    announced(&deploy(&sentry.url, "a@1")).await.unwrap();
    assert_eq!(sentry.asked().len(), 2);
}

#[tokio::test]
async fn a_path_before_and_signs_in_a_version_stay_what_they_are() {
    let sentry = Stand::start().await;
    let url = format!("{}/sentry/?a#b", sentry.url);
    announced(&deploy(&url, "a@1/../2?x")).await.unwrap();
    let paths: Vec<String> = sentry.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(
        paths,
        [
            "/sentry/api/0/organizations/acme/releases/",
            "/sentry/api/0/organizations/acme/releases/a@1%2F..%2F2%3Fx/deploys/",
        ]
    );
}

#[tokio::test]
async fn what_goes_wrong_is_said_and_the_token_follows_no_redirect() {
    let sentry = Stand::start().await;
    let known = deploy(&sentry.url, "a@1");
    for status in [
        StatusCode::FORBIDDEN,
        StatusCode::BAD_GATEWAY,
        StatusCode::TEMPORARY_REDIRECT,
    ] {
        sentry.answer(status);
        assert_eq!(
            announced(&known).await,
            Err(AnnounceError::Status(status.as_u16()))
        );
        assert_eq!(sentry.asked().len(), 1, "{status}");
    }
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    assert_eq!(
        announced(&deploy(&format!("http://{address}"), "a@1")).await,
        Err(AnnounceError::NoConnection)
    );
}
