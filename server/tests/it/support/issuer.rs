//! An OpenID Connect issuer with keys of its own, which can change them, fall silent, or lie.

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

pub const AUDIENCE: &str = "icelocator";

/// What it says, and how often it was asked.
#[derive(Default)]
pub struct Says {
    pub description: Value,
    pub keys: Value,
    pub silent: bool,
    pub asked: usize,
}

/// The issuer.
pub struct Issuer {
    pub url: String,
    pub says: Arc<Mutex<Says>>,
}

/// A key that it signs with.
pub struct Key {
    pair: EcdsaKeyPair,
    id: &'static str,
}

impl Key {
    pub fn new(id: &'static str) -> Self {
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
        Self { pair, id }
    }

    pub fn public(&self) -> Value {
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        let encode = |bytes| URL_SAFE_NO_PAD.encode(bytes);
        json!({"kty": "EC", "crv": "P-256", "kid": self.id, "use": "sig", "x": encode(x), "y": encode(y)})
    }

    /// A token with these claims and this header.
    pub fn sign_as(&self, header: &Value, claims: &Value) -> String {
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = self
            .pair
            .sign(&SystemRandom::new(), message.as_bytes())
            .unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    pub fn sign(&self, claims: &Value) -> String {
        self.sign_as(
            &json!({"alg": "ES256", "kid": self.id, "typ": "JWT"}),
            claims,
        )
    }
}

impl Issuer {
    pub async fn start() -> Self {
        let says: Arc<Mutex<Says>> = Arc::default();
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(description))
            .route("/keys", get(keys))
            .with_state(Arc::clone(&says));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router).into_future());
        says.lock().unwrap().description =
            json!({"issuer": url, "jwks_uri": format!("{url}/keys")});
        Self { url, says }
    }

    pub fn has(&self, keys: &[&Key]) {
        let keys: Vec<_> = keys.iter().map(|key| key.public()).collect();
        self.says.lock().unwrap().keys = json!({"keys": keys});
    }

    pub fn settings(&self) -> String {
        format!(
            "auth: {{oidc: {{issuer: \"{}\", audience: {AUDIENCE}}}}}",
            self.url
        )
    }

    /// Good claims.
    pub fn claims(&self) -> Value {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = now.unwrap().as_secs();
        json!({"iss": self.url, "aud": AUDIENCE, "sub": "ana", "iat": now, "nbf": now, "exp": now + 300})
    }

    pub fn asked(&self) -> usize {
        self.says.lock().unwrap().asked
    }
}

async fn description(State(says): State<Arc<Mutex<Says>>>) -> Result<Json<Value>, StatusCode> {
    let mut says = says.lock().unwrap();
    says.asked += 1;
    if says.silent {
        return Err(StatusCode::BAD_GATEWAY);
    }
    Ok(Json(says.description.clone()))
}

async fn keys(State(says): State<Arc<Mutex<Says>>>) -> Json<Value> {
    Json(says.lock().unwrap().keys.clone())
}
