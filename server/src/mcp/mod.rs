//! The protocol's face: tools, their arguments and answers. What is searched for, and how, is `search`'s business.

mod answer;
mod arguments;
pub mod names;
mod texts;
mod tools;

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::http::request::Parts;
use futures::FutureExt as _;
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ErrorData, Extensions, Implementation,
    ListToolsResult, PaginatedRequestParams, ProtocolVersion, ServerCapabilities, ServerConfig,
    Tool,
};
use rmcp::service::{RequestContext, RoleServer};
use tracing::Instrument as _;

use self::arguments::Wrong;
use crate::observe::{CallContext, Transport};
use crate::search::{InvalidInput, Search};

const INSTRUCTIONS: &str = "Finds where a detained person is held, one case at a time, for families and their lawyers. \
    Prefer the A-number when it is known. Ask for the country of birth: the locator wants it. Never tell people that \
    somebody is not detained: at most that the locator does not show them. Pass on the next steps and the time of the \
    answer.";

/// The protocol's face. Cheap to clone: the library wants one for each request.
#[derive(Clone)]
pub struct Face {
    search: Arc<Search>,
    tools: Arc<[Tool]>,
    transport: Transport,
}

impl Face {
    /// A face for searches with `search`.
    pub fn new(search: Arc<Search>, transport: Transport) -> Self {
        Self {
            search,
            tools: tools::all(),
            transport,
        }
    }
}

impl From<InvalidInput> for Wrong {
    fn from(invalid: InvalidInput) -> Self {
        match invalid.suggestion {
            _ if invalid.missing => Self::Missing(invalid.field),
            Some(meant) => Self::Misspelt(invalid.field, meant),
            None => Self::Malformed(invalid.field),
        }
    }
}

impl ServerHandler for Face {
    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::new(ServerCapabilities::builder().enable_tools().build());
        info.server_info = Implementation::new("icelocator", env!("CARGO_PKG_VERSION"));
        info.instructions = Some(INSTRUCTIONS.to_owned());
        info
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        let all = ProtocolVersion::KNOWN_VERSIONS;
        match self.transport {
            Transport::Stdio => Cow::Borrowed(all),
            // Over HTTP the oldest one means a transport that we do not speak.
            Transport::Http => all
                .iter()
                .filter(|version| **version != ProtocolVersion::V_2024_11_05)
                .cloned()
                .collect(),
        }
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tools.to_vec()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tools.iter().find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let call = call_context(&context.extensions);
        let given = request.arguments.unwrap_or_default();
        let work = tools::call(self, &request.name, &given, &call).instrument(call.span.clone());
        // A bug must cost one call its answer, not leave its caller waiting for one.
        let work = AssertUnwindSafe(work).catch_unwind();
        match context.ct.run_until_cancelled(work).await {
            Some(Ok(Some(result))) => Ok(result.into()),
            Some(Ok(None)) => Err(ErrorData::invalid_params(
                format!(
                    "there is no such tool; there are {}",
                    names::TOOLS.join(", ")
                ),
                None,
            )),
            Some(Err(_)) => Err(ErrorData::internal_error(
                "this is a bug; it has been logged",
                None,
            )),
            // Nobody is there to read this.
            None => Err(ErrorData::internal_error("the call was cancelled", None)),
        }
    }
}

/// What the transport knows of the call.
fn call_context(extensions: &Extensions) -> CallContext {
    extensions
        .get::<CallContext>()
        .or_else(|| extensions.get::<Parts>()?.extensions.get::<CallContext>())
        .cloned()
        .unwrap_or_default()
}
