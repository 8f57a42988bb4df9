//! Callers with tokens of an OpenID Connect issuer.

use serde_json::{Value, json};

use crate::support::issuer::{Issuer, Key};
use crate::support::wait::until;
use crate::support::{Server, begin, value};

const NOWHERE: &str = "http://127.0.0.1:1";
/// Many wrong tokens are answered like those who come too often.
const KEPT_OUT: [u16; 2] = [401, 429];

async fn status(server: &Server, token: &str) -> u16 {
    let client = server
        .client
        .header("authorization", &format!("Bearer {token}"));
    client.initialize().await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_finds_out_whose_token_it_needs() {
    begin();
    let issuer = Issuer::start().await;
    let server = Server::with(NOWHERE, &issuer.settings(), &[]);
    let base = server.client.url.trim_end_matches("/mcp").to_owned();
    let refused = server.client.initialize().await;
    assert_eq!(refused.status, 401);
    let url = format!("{base}/.well-known/oauth-protected-resource/mcp");
    assert_eq!(
        refused.headers["www-authenticate"],
        format!("Bearer resource_metadata=\"{url}\"").as_str()
    );
    for url in [&url, url.trim_end_matches("/mcp")] {
        let response = reqwest::get(url).await.unwrap();
        assert_eq!(response.headers()["cache-control"], "no-store");
        let metadata: Value = response.json().await.unwrap();
        assert_eq!(metadata["resource"], server.client.url);
        assert_eq!(metadata["authorization_servers"], json!([issuer.url]));
        assert_eq!(metadata["bearer_methods_supported"], json!(["header"]));
    }
    // Behind an Ingress it is another name; what is no name is not echoed.
    let outside = server
        .client
        .header("host", "icelocator.example")
        .header("x-forwarded-proto", "https");
    let refused = outside
        .header("authorization", "Bearer x")
        .initialize()
        .await;
    assert_eq!(
        refused.headers["www-authenticate"],
        r#"Bearer resource_metadata="https://icelocator.example/.well-known/oauth-protected-resource/mcp", error="invalid_token""#
    );
    let forged = server
        .client
        .header("host", "user@icelocator.example")
        .initialize()
        .await;
    assert!(!format!("{forged:?}").contains("user@"), "{forged:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_issuer_there_is_none_to_find() {
    begin();
    let server = Server::start(NOWHERE);
    let base = server.client.url.trim_end_matches("/mcp").to_owned();
    let reply = reqwest::get(format!("{base}/.well-known/oauth-protected-resource"))
        .await
        .unwrap();
    assert_eq!(reply.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_good_tokens_of_this_issuer_for_us_are_let_in() {
    begin();
    let issuer = Issuer::start().await;
    let (key, stranger) = (Key::new("one"), Key::new("one"));
    issuer.has(&[&key]);
    let server = Server::with(NOWHERE, &issuer.settings(), &[]);
    let good = issuer.claims();
    let with = |field: &str, value: Value| {
        let mut claims = good.clone();
        claims[field] = value;
        claims
    };
    let now = good["iat"].as_u64().unwrap();
    for claims in [
        good.clone(),
        with("aud", json!(["other", "icelocator"])),
        with("exp", json!(now - 10)), // clocks differ
        with("exp", json!(u64::MAX)),
    ] {
        assert_eq!(status(&server, &key.sign(&claims)).await, 200, "{claims}");
    }
    for (claims, reason) in [
        (with("exp", json!(now - 120)), "expired"),
        (with("exp", json!(0)), "expired"),
        (with("exp", json!(-1)), "malformed"),
        (with("exp", json!("soon")), "malformed"),
        (with("exp", Value::Null), "malformed"),
        (with("nbf", json!(now + 120)), "not_yet_valid"),
        (with("nbf", json!("later")), "malformed"),
        (with("aud", json!("icelocator2")), "audience"),
        (with("aud", json!([])), "audience"),
        (with("aud", Value::Null), "malformed"),
        (with("aud", json!({"icelocator": true})), "malformed"),
        (with("iss", json!("https://evil.example")), "issuer"),
        (
            with("iss", json!([issuer.url, "https://evil.example"])),
            "issuer",
        ),
        (with("sub", json!("")), "malformed"),
        (with("sub", json!("a".repeat(256))), "malformed"),
        (with("sub", Value::Null), "malformed"),
    ] {
        let before = value(
            &server.metrics().await,
            &["icelocator_auth_failures_total", reason],
        );
        let status = status(&server, &key.sign(&claims)).await;
        assert!(KEPT_OUT.contains(&status), "{claims}: {status}");
        let after = value(
            &server.metrics().await,
            &["icelocator_auth_failures_total", reason],
        );
        assert!(after > before, "{claims} is not counted as {reason}");
    }
    let token = key.sign(&good);
    let (message, _) = token.rsplit_once('.').unwrap();
    let header = |alg: &str| json!({"alg": alg, "kid": "one"});
    for bad in [
        stranger.sign(&good),
        key.sign_as(&header("none"), &good),
        key.sign_as(&header("HS256"), &good),
        key.sign_as(&header("ES384"), &good),
        key.sign_as(&header("RS256"), &good),
        key.sign_as(
            &json!({"alg": "ES256", "kid": "one", "crit": ["exp"]}),
            &good,
        ),
        key.sign_as(&json!({"alg": "ES256", "kid": "../../one"}), &good),
        key.sign_as(&json!({"alg": "ES256", "kid": "a".repeat(300)}), &good),
        stranger.sign_as(&json!({"alg": "ES256", "jwk": stranger.public()}), &good),
        format!("{message}."),
        format!("{token}."),
        format!("{message}.{}", "A".repeat(8000)),
        "a.b.c".to_owned(),
    ] {
        let status = status(&server, &bad).await;
        assert!(KEPT_OUT.contains(&status), "{bad}: {status}");
    }
    // A token that names no key is good when there is one only.
    assert_eq!(
        status(&server, &key.sign_as(&json!({"alg": "ES256"}), &good)).await,
        200
    );
    let log = server.process.log();
    assert!(!log.contains(&token) && !log.contains("\"ana\""), "{log}");
    assert!(
        issuer.asked() <= 3,
        "junk does not hammer the issuer: {}",
        issuer.asked()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_is_silent_or_lies_leaves_it_open_who_calls() {
    begin();
    for lie in [
        "silent",
        "other issuer",
        "plain http",
        "no keys",
        "too much",
    ] {
        let issuer = Issuer::start().await;
        let key = Key::new("one");
        issuer.has(&[&key]);
        {
            let mut says = issuer.says.lock().unwrap();
            match lie {
                "silent" => says.silent = true,
                "other issuer" => says.description["issuer"] = json!("https://evil.example"),
                "plain http" => says.description["jwks_uri"] = json!("http://evil.example/keys"),
                "no keys" => says.keys = json!("?"),
                _ => says.keys["padding"] = json!("x".repeat(512 * 1024)),
            }
        }
        let server = Server::with(NOWHERE, &issuer.settings(), &[]);
        let client = server.client.header(
            "authorization",
            &format!("Bearer {}", key.sign(&issuer.claims())),
        );
        let reply = client.initialize().await;
        assert_eq!(reply.status, 503, "{lie}: {reply:?}");
        assert_eq!(reply.headers["retry-after"], "5");
        assert_eq!(
            status(&server, "unknown-0123456789").await,
            401,
            "what is no token of its"
        );
        // Asked once, however many come.
        client.initialize().await;
        assert_eq!(issuer.asked(), 1, "{lie}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_keys_are_found_and_the_old_ones_go_on_when_the_issuer_is_down() {
    begin();
    let issuer = Issuer::start().await;
    let (old, new) = (Key::new("old"), Key::new("new"));
    issuer.has(&[&old]);
    let server = Server::with(NOWHERE, &issuer.settings(), &[]);
    assert_eq!(status(&server, &old.sign(&issuer.claims())).await, 200);
    issuer.has(&[&old, &new]);
    until(async || status(&server, &new.sign(&issuer.claims())).await == 200).await;
    issuer.says.lock().unwrap().silent = true;
    for key in [&old, &new] {
        assert_eq!(status(&server, &key.sign(&issuer.claims())).await, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_and_an_issuer_can_be_asked_side_by_side() {
    begin();
    let issuer = Issuer::start().await;
    let key = Key::new("one");
    issuer.has(&[&key]);
    let settings = issuer
        .settings()
        .replace("auth: {", "auth: {bearer: {secretRef: {name: tokens}}, ");
    let secrets = std::env::temp_dir().join(format!("icelocator-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir_all(secrets.join("tokens")).unwrap();
    std::fs::write(secrets.join("tokens/luz"), "luz-0123456789abcdef").unwrap();
    let server = Server::with(
        NOWHERE,
        &settings,
        &["--secrets-dir", secrets.to_str().unwrap()],
    );
    assert_eq!(status(&server, &key.sign(&issuer.claims())).await, 200);
    assert_eq!(status(&server, "luz-0123456789abcdef").await, 200);
    assert_eq!(status(&server, "eva-0123456789abcdef").await, 401);
    std::fs::remove_dir_all(secrets).unwrap();
}
