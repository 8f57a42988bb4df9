//! The protocol's face: tools, their arguments and answers. What is searched for, and how, is `search`'s business.

mod answer;
mod arguments;
pub mod names;
mod texts;
mod tools;

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::http::request::Parts;
use futures::FutureExt as _;
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData, Extensions,
    Implementation, JsonObject, ListToolsResult, PaginatedRequestParams, ProtocolVersion,
    ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{RequestContext, RoleServer};
use tracing::Instrument as _;

use self::answer::SearchAnswer;
use self::arguments::{Arguments, Wrong};
use self::names::{SEARCH_BY_ALIEN_NUMBER, SEARCH_BY_NAME};
use self::tools::{NAME_ARGUMENTS, NUMBER_ARGUMENTS};
use crate::observe::{CallContext, SearchReport, Transport};
use crate::search::{AlienNumberQuery, Answer, Facts, InvalidInput, NameQuery, Search};

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

    async fn search(&self, tool: &'static str, given: &JsonObject) -> Result<Answer, Wrong> {
        if tool == SEARCH_BY_NAME {
            let arguments = Arguments::new(given, &NAME_ARGUMENTS)?;
            arguments.check_language()?;
            let query = NameQuery::parse(
                arguments.required("first_name")?,
                arguments.text("middle_name")?,
                arguments.required("last_name")?,
                arguments.text("date_of_birth")?,
                arguments.text("country_of_birth")?,
                arguments.flag("fuzzy_search", true)?,
            )?;
            Ok(self.search.by_name(query).await?)
        } else {
            let arguments = Arguments::new(given, &NUMBER_ARGUMENTS)?;
            arguments.check_language()?;
            let query = AlienNumberQuery::parse(
                arguments.required("alien_number")?,
                arguments.text("country_of_birth")?,
            )?;
            Ok(self.search.by_alien_number(query).await?)
        }
    }

    async fn call(
        &self,
        tool: &'static str,
        given: JsonObject,
        context: CallContext,
    ) -> CallToolResult {
        let language = Arguments::language(&given);
        let began = Instant::now();
        let answer = self.search(tool, &given).await;
        let (facts, answer) = match answer {
            Ok(answer) => (answer.facts, SearchAnswer::new(answer, language)),
            Err(wrong) => (Facts::default(), SearchAnswer::invalid(wrong, language)),
        };
        context.report.say(SearchReport {
            outcome: answer.outcome(),
            language: language.as_str(),
            duration: began.elapsed(),
            people: answer.people(),
            facts,
        });
        let text = vec![ContentBlock::text(answer.text())];
        // An outcome that is no answer is an error to the model: it must not be told as "nobody found".
        let mut result = if answer.outcome().is_answer() {
            CallToolResult::success(text)
        } else {
            CallToolResult::error(text)
        };
        result.structured_content = serde_json::to_value(&answer).ok();
        result
    }
}

impl From<InvalidInput> for Wrong {
    fn from(invalid: InvalidInput) -> Self {
        if invalid.missing {
            Self::Missing(invalid.field)
        } else {
            Self::Malformed(invalid.field)
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
        let Some(tool) = names::tool(&request.name) else {
            return Err(ErrorData::invalid_params(
                format!(
                    "there is no such tool; there are {SEARCH_BY_NAME} and {SEARCH_BY_ALIEN_NUMBER}"
                ),
                None,
            ));
        };
        let call = call_context(&context.extensions);
        let span = call.span.clone();
        let work = self
            .call(tool, request.arguments.unwrap_or_default(), call)
            .instrument(span);
        // A bug must cost one call its answer, not leave its caller waiting for one.
        let work = AssertUnwindSafe(work).catch_unwind();
        match context.ct.run_until_cancelled(work).await {
            Some(Ok(result)) => Ok(result.into()),
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
