//! The tools, one file for each or for a few that are alike: what clients see of them, made once for all requests, and what
//! they do.

mod schema;
mod search;
mod smart;
mod smart_texts;

use std::sync::Arc;

use rmcp::model::{CallToolResult, JsonObject, Tool};

use super::Face;
use super::names::{SEARCH_BY_ALIEN_NUMBER, SEARCH_BY_NAME, SMART_SEARCH};
use crate::observe::CallContext;

/// All tools, as clients see them.
pub fn all() -> Arc<[Tool]> {
    let mut all = Vec::from(search::declarations());
    all.push(smart::declaration());
    Arc::from(all)
}

/// Calls the tool of this name; `None` when there is none.
pub async fn call(
    face: &Face,
    tool: &str,
    given: &JsonObject,
    context: &CallContext,
) -> Option<CallToolResult> {
    Some(match tool {
        SEARCH_BY_NAME => {
            search::answer(search::by_name(&face.search, given), given, context).await
        }
        SEARCH_BY_ALIEN_NUMBER => {
            search::answer(search::by_alien_number(&face.search, given), given, context).await
        }
        SMART_SEARCH => smart::answer(&face.search, given, context).await,
        _ => return None,
    })
}
