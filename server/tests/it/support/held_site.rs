//! A site that keeps everyone waiting until it is let go, and then has nothing to say.

use axum::Router;
use axum::http::StatusCode;
use tokio::sync::watch;

/// The site.
pub struct HeldSite {
    pub url: String,
    held: watch::Sender<bool>,
    asked: watch::Receiver<usize>,
}

impl HeldSite {
    pub async fn start() -> Self {
        let (held, wait) = watch::channel(true);
        let (count, asked) = watch::channel(0);
        let answer = move || {
            count.send_modify(|count| *count += 1);
            let mut wait = wait.clone();
            async move {
                let _ = wait.wait_for(|held| !held).await;
                StatusCode::SERVICE_UNAVAILABLE
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, Router::new().fallback(answer)).into_future());
        Self { url, held, asked }
    }

    /// Waits until somebody waits for an answer.
    pub async fn asked(&self) {
        self.asked_by(1).await;
    }

    /// Waits until it was asked so often.
    pub async fn asked_by(&self, often: usize) {
        self.asked
            .clone()
            .wait_for(|count| *count >= often)
            .await
            .unwrap();
    }

    pub fn let_go(&self) {
        self.held.send_replace(false);
    }
}
