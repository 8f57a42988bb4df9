//! Standard input and output: one client, which is whoever started this process.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{
    ClientNotification, ClientRequest, ErrorData, ProtocolVersion, ServerConfig, ServerResult,
};
use rmcp::service::{
    NotificationContext, RequestContext, RoleServer, Service, serve_server_with_ct,
};
use rmcp::transport::stdio_pipes;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::limit::Places;
use super::lines::Lines;
use super::rate::Rates;
use super::refusal::{self, BUSY, TOO_SOON};
use crate::caller::{Caller, Kind};
use crate::mcp::{Face, names};
use crate::observe::{Arrival, Client, Ending, Observer, Transport};

/// The conversation did not come about: the client did not open it, or not as the protocol says.
#[derive(Debug, thiserror::Error)]
#[error("the client did not open the conversation as MCP says: it sends initialize first")]
pub struct NotOpened;

/// Talks until the client leaves or `stop`; then calls under way have `drain` to end.
pub async fn serve(
    face: Face,
    observer: Arc<Observer>,
    places: Places,
    rates: Rates,
    stop: CancellationToken,
    drain: Duration,
) -> Result<(), NotOpened> {
    let ended = CancellationToken::new();
    let service = Watched {
        face,
        observer,
        places: places.clone(),
        rates,
    };
    let end = ended.clone();
    let draining = tokio::spawn(async move {
        stop.cancelled().await;
        // Over time: what is still under way is lost, as the caller of `serve` was told.
        let _ = tokio::time::timeout(drain, places.close()).await;
        end.cancel();
    });
    // Boxed: it is large, and its size would be that of everything that waits for it.
    let conversation = serve_server_with_ct(service, Lines::new(stdio_pipes()), ended.clone());
    let conversation = Box::pin(conversation).await;
    let opened = match conversation {
        Ok(conversation) => {
            // An error would be a panic within the library, which has been logged.
            let _ = conversation.waiting().await;
            Ok(())
        }
        Err(_) if ended.is_cancelled() => Ok(()),
        Err(_) => Err(NotOpened),
    };
    draining.abort();
    opened
}

/// The protocol's face with a server span and an event around each request.
struct Watched {
    face: Face,
    observer: Arc<Observer>,
    places: Places,
    rates: Rates,
}

impl Watched {
    /// A message is refused: that is an event too.
    fn refuse(&self, arrival: Arrival, error: ErrorData) -> ErrorData {
        let mut call = self.observer.begin(arrival);
        call.explain(|| Some(&*error.message));
        call.finish(Ending::Error(error.code.0.into()));
        error
    }
}

impl Service<RoleServer> for Watched {
    async fn handle_request(
        &self,
        request: ClientRequest,
        mut context: RequestContext<RoleServer>,
    ) -> Result<ServerResult, ErrorData> {
        let arrival = arrival(&request, &context);
        let Some(_place) = self.places.take() else {
            return Err(self.refuse(arrival, refusal::later_error(BUSY, 1)));
        };
        if let Err(too_soon) = self.rates.admit(&arrival.caller, &arrival) {
            let error = refusal::later_error(TOO_SOON, too_soon.seconds());
            return Err(self.refuse(arrival, error));
        }
        let allowance = self.rates.allowance(&arrival.caller);
        let mut call = self.observer.begin(arrival);
        context.extensions.insert(call.context(allowance));
        let span = call.span().clone();
        let cancelled = context.ct.clone();
        // Boxed: it is large, and its size would be that of everything that waits for it.
        let work = Box::pin(Service::handle_request(&self.face, request, context));
        let result = work.instrument(span).await;
        call.answered(size(&result));
        call.explain(|| words(&result));
        call.finish(match &result {
            // The client said so; what it would have been answered it does not get.
            Err(_) if cancelled.is_cancelled() => Ending::Cancelled,
            Err(error) => Ending::Error(error.code.0.into()),
            Ok(ServerResult::CallToolResult(result)) if result.is_error == Some(true) => {
                Ending::ToolError
            }
            Ok(_) => Ending::Answered,
        });
        result
    }

    async fn handle_notification(
        &self,
        notification: ClientNotification,
        context: NotificationContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Service::handle_notification(&self.face, notification, context).await
    }

    fn get_info(&self) -> ServerConfig {
        Service::get_info(&self.face)
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Service::supported_protocol_versions(&self.face)
    }
}

fn arrival(request: &ClientRequest, context: &RequestContext<RoleServer>) -> Arrival {
    let tool = match request {
        ClientRequest::CallToolRequest(call) => names::tool(&call.params.name),
        _ => None,
    };
    let client = match request {
        ClientRequest::InitializeRequest(request) => Some(request.params.client_info.clone()),
        _ => context.client_info(),
    };
    let id = context.id.clone().into_json_value();
    Arrival {
        method: names::method(request.method()),
        tool,
        transport: Transport::Stdio,
        protocol: context
            .protocol_version()
            .and_then(|version| names::protocol(version.as_str())),
        client: client.map_or_else(Client::default, |client| Client {
            name: client.name,
            version: client.version,
        }),
        caller: Caller {
            kind: Kind::Local,
            pseudonym: None,
        },
        session: None,
        request_id: names::request_id(&id),
        parent: context
            .meta
            .get_traceparent()
            .and_then(icelocator_telemetry::parent_from),
        link: None,
        // As it came, but for what the library left out: it has no use.
        message: serde_json::to_vec(request).unwrap_or_default().into(),
    }
}

/// How long an answer is as text.
fn size(result: &Result<ServerResult, ErrorData>) -> usize {
    let text = match result {
        Ok(result) => serde_json::to_vec(result),
        Err(error) => serde_json::to_vec(error),
    };
    text.map_or(0, |text| text.len())
}

/// What an answer says of what went wrong, if anything did.
fn words(result: &Result<ServerResult, ErrorData>) -> Option<String> {
    match result {
        Err(error) => Some(error.message.to_string()),
        Ok(ServerResult::CallToolResult(result)) if result.is_error == Some(true) => {
            let texts = result.content.iter().filter_map(|block| block.as_text());
            let texts: Vec<&str> = texts.map(|block| block.text.as_str()).collect();
            Some(texts.join("\n"))
        }
        Ok(_) => None,
    }
}
