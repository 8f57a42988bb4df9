//! The protocol's face: tools, their arguments and answers. What is searched for, and how, is `search`'s business.

pub mod added;
mod advice;
mod answer;
mod arguments;
mod completions;
mod earlier;
pub mod given;
mod issuer;
pub mod message;
pub mod names;
mod progress;
mod prompts;
mod report;
mod resources;
mod texts;
mod tools;

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::http::request::Parts;
use futures::FutureExt as _;
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestParams, CompleteResult,
    CustomRequest, CustomResult, ErrorCode, ErrorData, Extensions, GetPromptRequestParams,
    GetPromptResponse, Implementation, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListToolsResult, PaginatedRequestParams, ProtocolVersion,
    ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::Value;
use tracing::Instrument as _;

use self::added::Added;
use self::arguments::{Arguments, Wrong};
use self::earlier::Earlier;
use self::message::WITH_PARAMETERS;
use self::progress::Progress;
use self::resources::Memory;
use crate::caller::Caller;
use crate::observe::{CallContext, Transport};
use crate::search::{InvalidInput, Search};
use crate::texts::Library;

const INSTRUCTIONS: &str = "Finds where a detained person is held, one case at a time, for families and their lawyers. \
    Prefer the A-number when it is known. Ask for the country of birth: the locator wants it. Never tell people that \
    somebody is not detained: at most that the locator does not show them. Pass on the next steps and the time of the \
    answer.";

/// The protocol's face. Cheap to clone: the library wants one for each request.
#[derive(Clone)]
pub struct Face {
    search: Arc<Search>,
    tools: Tools,
    added: Arc<Added>,
    library: Arc<Library>,
    memory: Arc<Memory>,
    transport: Transport,
    longest_call: Duration,
}

/// All tools as clients see them, made once for all requests.
#[derive(Clone)]
struct Tools {
    /// Where the transport knows the session.
    in_session: Arc<[Tool]>,
    /// Where it knows none.
    alone: Arc<[Tool]>,
}

impl Face {
    /// A face for searches with `search`, which tells the texts of `library`. Tools have what is `added`; calls have
    /// `longest_call` at most.
    pub fn new(
        search: Arc<Search>,
        library: Arc<Library>,
        added: Arc<Added>,
        transport: Transport,
        longest_call: Duration,
    ) -> Self {
        let tools = tools::all();
        Self {
            search,
            tools: Tools {
                in_session: added.to(&tools, true),
                alone: added.to(&tools, false),
            },
            added,
            library,
            memory: Arc::default(),
            transport,
            longest_call,
        }
    }

    /// The same for one caller.
    fn asked_by(&self, caller: &Caller) -> Self {
        let mut face = self.clone();
        if let Some(caller) = &caller.pseudonym {
            face.search = Arc::new(face.search.asked_by(caller));
        }
        face
    }

    /// Longest time for the searches of one call.
    fn longest_bulk(&self) -> Duration {
        tools::longest_bulk(self.longest_call)
    }

    /// Who calls, as far as one call can be tied to another. Goes nowhere but into the memory of this process.
    fn owner(&self, call: &CallContext) -> Option<String> {
        if self.transport == Transport::Stdio {
            return Some("local".to_owned());
        }
        let caller = call.caller.pseudonym.as_ref();
        let session = call.session.as_ref();
        caller
            .map(|caller| format!("caller {caller}"))
            .or_else(|| session.map(|session| format!("session {session}")))
    }

    /// Remembers of a call what is about no person.
    fn remember(&self, call: &CallContext, tool: &str, result: &CallToolResult) {
        let (Some(tool), Some(report)) = (names::tool(tool), call.report.said()) else {
            return;
        };
        self.memory.note(self.owner(call).as_deref(), tool, report);
        // A report repeats answers that were given before, and so does what was remembered: neither says how the locator is.
        if tool != names::REPORT
            && report.facts.lookups > report.facts.remembered
            && let Some(answer) = &result.structured_content
        {
            for answer in Earlier::read(answer).unwrap_or_default() {
                self.memory.learn(&answer);
            }
        }
    }
}

impl From<InvalidInput> for Wrong {
    fn from(invalid: InvalidInput) -> Self {
        match invalid.suggestion {
            _ if invalid.missing => Self::Missing(invalid.field),
            _ if invalid.child => Self::Child(invalid.field),
            Some(meant) => Self::Misspelt(invalid.field, meant),
            None => Self::Malformed(invalid.field),
        }
    }
}

impl ServerHandler for Face {
    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::new(
            ServerCapabilities::builder()
                .enable_tools()
                .enable_prompts()
                .enable_resources()
                .enable_completions()
                .build(),
        );
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
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = match call_context(&context.extensions).session {
            Some(_) => &self.tools.in_session,
            None => &self.tools.alone,
        };
        Ok(ListToolsResult::with_all_items(tools.to_vec()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let mut tools = self.tools.alone.iter();
        tools.find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let call = call_context(&context.extensions);
        // A field that stands twice may be read in two ways: what runs must be what was counted and is told.
        if call.tool != names::tool(&request.name) {
            return Err(ErrorData::invalid_request(
                "a field of this message stands twice: send each once",
                None,
            ));
        }
        let face = self.asked_by(&call.caller);
        let mut given = request.arguments.unwrap_or_default();
        if let Some(tool) = call.tool {
            given = self.added.taken_from(tool, given);
        }
        let progress = Progress::of(&context, Arguments::language(&given));
        let work = async {
            // Boxed: it is large, and every call would carry it from the start.
            let work = Box::pin(tools::call(&face, &request.name, &given, &call, &progress));
            let result = progress.during(work).await;
            if let Some(result) = &result {
                self.remember(&call, &request.name, result);
            }
            result
        };
        let work = work.instrument(call.span.clone());
        // A bug must cost one call its answer, not leave its caller waiting for one.
        let work = AssertUnwindSafe(work).catch_unwind();
        match context.ct.run_until_cancelled(work).await {
            Some(Ok(Some(result))) => Ok(match &call.handed_back {
                Some(session) => added::tell(session, result).into(),
                None => result.into(),
            }),
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

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let prompts = prompts::list(&self.library.texts());
        Ok(ListPromptsResult::with_all_items(prompts))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let given = request.arguments.unwrap_or_default();
        prompts::get(&request.name, &given, &self.library.texts()).map(Into::into)
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(resources::list()))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let templates = resources::templates();
        Ok(ListResourceTemplatesResult::with_all_items(templates))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let call = call_context(&context.extensions);
        let owner = self.owner(&call);
        let texts = self.library.texts();
        resources::read(&request.uri, &self.memory, &texts, owner.as_deref()).map(Into::into)
    }

    /// A request that the library does not know, or one of ours whose parameters it could not read. What the caller wrote is
    /// not repeated: whoever logs answers would keep it.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        let Some(method) = WITH_PARAMETERS
            .into_iter()
            .find(|method| *method == request.method)
        else {
            return Err(ErrorData::new(
                ErrorCode::METHOD_NOT_FOUND,
                "there is no such method",
                None,
            ));
        };
        let params = request.params.unwrap_or_default();
        let arguments = params.get("arguments").unwrap_or(&Value::Null);
        let message = if arguments.is_null() || arguments.is_object() {
            format!("the parameters are not those of {method}")
        } else {
            "arguments must be an object".to_owned()
        };
        Err(ErrorData::invalid_params(message, None))
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        completions::complete(&request, || self.memory.facilities(&self.library.texts()))
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
