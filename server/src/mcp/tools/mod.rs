//! The tools, one file for each or for a few that are alike: what clients see of them, and what they do.

mod bulk;
mod bulk_answer;
mod enumeration;
mod report;
mod schema;
mod search;
mod smart;
mod smart_texts;
mod words;

use rmcp::model::{CallToolResult, JsonObject, Tool};

use super::Face;
use super::names::{BULK_SEARCH, REPORT, SEARCH_BY_ALIEN_NUMBER, SEARCH_BY_NAME, SMART_SEARCH};
use super::progress::Progress;
use crate::observe::CallContext;

pub use self::bulk::longest as longest_bulk;

/// All tools, with what is their own.
pub fn all() -> Vec<Tool> {
    let mut all = Vec::from(search::declarations());
    all.push(smart::declaration());
    all.extend([bulk::declaration(), report::declaration()]);
    all
}

/// The arguments of the tool of this name, one of ours.
pub fn arguments(tool: &str) -> &'static [&'static str] {
    match tool {
        SEARCH_BY_NAME => &search::NAME_ARGUMENTS,
        SEARCH_BY_ALIEN_NUMBER => &search::NUMBER_ARGUMENTS,
        SMART_SEARCH => &smart::ARGUMENTS,
        BULK_SEARCH => &bulk::ARGUMENTS,
        REPORT => &report::ARGUMENTS,
        _ => &[],
    }
}

/// Calls the tool of this name; `None` when there is none.
pub async fn call(
    face: &Face,
    tool: &str,
    given: &JsonObject,
    context: &CallContext,
    progress: &Progress,
) -> Option<CallToolResult> {
    Some(match tool {
        SEARCH_BY_NAME => {
            search::answer(face, search::by_name(&face.search, given), given, context).await
        }
        SEARCH_BY_ALIEN_NUMBER => {
            search::answer(
                face,
                search::by_alien_number(&face.search, given),
                given,
                context,
            )
            .await
        }
        SMART_SEARCH => smart::answer(face, given, context).await,
        BULK_SEARCH => bulk::answer(face, given, context, progress).await,
        REPORT => report::answer(face, given, context, progress).await,
        _ => return None,
    })
}
