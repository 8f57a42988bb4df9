use axum::body::{Body, to_bytes};
use axum::http::Request;
use tower::ServiceExt as _;

use super::*;

struct Stalled;

impl Answers for Stalled {
    fn metrics(&self) -> String {
        "up 1\n".to_owned()
    }

    fn healthy(&self) -> Result<(), String> {
        Ok(())
    }

    fn ready(&self) -> Result<(), String> {
        Err("not known yet: Deployment".to_owned())
    }
}

async fn ask(path: &str) -> (StatusCode, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = router(Arc::new(Stalled)).oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), 1000).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn each_path_answers_for_itself() {
    assert_eq!(ask("/metrics").await, (StatusCode::OK, "up 1\n".to_owned()));
    assert_eq!(ask("/healthz").await, (StatusCode::OK, "ok\n".to_owned()));
    let unready = (
        StatusCode::SERVICE_UNAVAILABLE,
        "not known yet: Deployment\n".to_owned(),
    );
    assert_eq!(ask("/readyz").await, unready);
}
