//! Pages of elsewhere that the owner lets call.

use crate::support::{Server, begin};

const NOWHERE: &str = "http://127.0.0.1:1";
const PAGE: &str = "https://assistant.example";

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_named_may_call_and_read_the_answer_and_no_other() {
    begin();
    let settings = format!("http: {{allowedOrigins: [\"{PAGE}\"]}}");
    let server = Server::with(NOWHERE, &settings, &[]);
    let reply = server.client.header("origin", PAGE).initialize().await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.headers["access-control-allow-origin"], PAGE);
    assert!(
        reply.headers["access-control-expose-headers"]
            .to_str()
            .unwrap()
            .contains("mcp-session-id")
    );
    for foreign in [
        "https://evil.example",
        "https://assistant.example.evil.example",
        "http://assistant.example",
        "null",
    ] {
        let reply = server.client.header("origin", foreign).initialize().await;
        assert_eq!(reply.status, 403, "{foreign}");
        assert!(reply.headers.get("access-control-allow-origin").is_none());
    }
    let http = reqwest::Client::new();
    for (origin, allowed) in [(PAGE, true), ("https://evil.example", false)] {
        let response = http
            .request(reqwest::Method::OPTIONS, &server.client.url)
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,mcp-protocol-version",
            )
            .send()
            .await
            .unwrap();
        let headers = response.headers();
        assert_eq!(
            headers.get("access-control-allow-origin").is_some(),
            allowed,
            "{origin}"
        );
        assert!(
            headers["access-control-allow-headers"]
                .to_str()
                .unwrap()
                .contains("authorization")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_such_pages_browsers_are_told_nothing() {
    begin();
    let server = Server::start(NOWHERE);
    let response = reqwest::Client::new()
        .request(reqwest::Method::OPTIONS, &server.client.url)
        .header("access-control-request-method", "POST")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 405);
    assert!(
        response
            .headers()
            .get("access-control-allow-origin")
            .is_none()
    );
}
