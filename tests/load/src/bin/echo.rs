//! The simplest server that one can write with the protocol's library: one tool, which says what it was told. What ours is
//! held against. It remembers no sessions and answers in plain JSON, as ours does, and has nothing else.

use std::env;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use rmcp::handler::server::wrapper::Parameters;
use rmcp::transport::StreamableHttpService;
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::{tool, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::net::TcpListener;

#[derive(Deserialize, JsonSchema)]
struct Said {
    text: String,
}

struct Echo;

#[tool_router(server_handler)]
impl Echo {
    /// Says it again.
    #[tool]
    #[expect(clippy::unused_self, reason = "the macro wants a method")]
    fn echo(&self, Parameters(said): Parameters<Said>) -> String {
        said.text
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let address = env::args()
        .nth(1)
        .context("say on which address to listen")?;
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true);
    let sessions = Arc::new(NeverSessionManager::default());
    let service = StreamableHttpService::new(|| Ok(Echo), sessions, config);
    let router = axum::Router::new().route_service("/mcp", service);
    axum::serve(TcpListener::bind(address).await?, router).await?;
    Ok(())
}
