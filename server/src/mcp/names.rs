//! The names that the protocol knows. What a caller sends is looked up here; only what is found may be a label or an
//! attribute.

pub use icelocator_config::tools::*;

/// The prompt that leads through a search.
pub const SEARCH_GUIDE: &str = "detainee_search_guide";
/// The prompt that makes a report for a lawyer.
pub const LEGAL_TEMPLATE: &str = "legal_report_template";
/// The prompt that says what a family can do.
pub const FAMILY_GUIDE: &str = "family_support_guide";

/// The resource with places where people are held.
pub const FACILITIES: &str = "ice://facilities/database";
/// The resource with the caller's own calls.
pub const HISTORY: &str = "ice://search/history";
/// The resource with templates for a legal file.
pub const LEGAL: &str = "ice://legal/templates";
/// The resource with help for families.
pub const SUPPORT: &str = "ice://support/resources";
/// The resource with counts of searches.
pub const STATISTICS: &str = "ice://statistics/trends";
/// The resource that says what works now.
pub const STATUS: &str = "ice://service/status";

/// Protocol versions that are spoken, oldest first. The oldest one's HTTP transport is long gone: it is for stdio only.
pub const PROTOCOLS: [&str; 5] = [
    "2024-11-05",
    "2025-03-26",
    "2025-06-18",
    "2025-11-25",
    "2026-07-28",
];

/// The first version without `initialize`: every request says for itself who calls.
pub const FIRST_WITHOUT_INITIALIZE: &str = "2026-07-28";

const METHODS: [&str; 25] = [
    "initialize",
    "ping",
    "server/discover",
    "tools/list",
    "tools/call",
    "prompts/list",
    "prompts/get",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "resources/subscribe",
    "resources/unsubscribe",
    "resources/directory/read",
    "completion/complete",
    "logging/setLevel",
    "subscriptions/listen",
    "skills/list",
    "skills/get",
    "tasks/get",
    "tasks/update",
    "tasks/cancel",
    "notifications/initialized",
    "notifications/cancelled",
    "notifications/progress",
    "notifications/roots/list_changed",
];

/// The method's name, or `other`.
pub fn method(name: &str) -> &'static str {
    known(name, &METHODS).unwrap_or("other")
}

/// The tool's name, if it is one of ours.
pub fn tool(name: &str) -> Option<&'static str> {
    known(name, &TOOLS)
}

/// The protocol version, if it is spoken.
pub fn protocol(version: &str) -> Option<&'static str> {
    known(version, &PROTOCOLS)
}

/// A request's id, if it cannot be anything but one: a small number, or a UUID.
pub fn request_id(id: &serde_json::Value) -> Option<String> {
    if let Some(number) = id.as_u64() {
        // More digits may be an A-number or a date; clients that count do not get there.
        return (number < 100_000).then(|| number.to_string());
    }
    id.as_str().filter(|text| is_uuid(text)).map(str::to_owned)
}

/// Whether hexadecimal digits and dashes stand where a UUID has them. Anywhere else they may be numbers of people.
fn is_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let parts = text.split('-');
    parts.clone().map(str::len).eq(lengths)
        && parts
            .flat_map(str::bytes)
            .all(|byte| byte.is_ascii_hexdigit())
}

fn known(name: &str, names: &[&'static str]) -> Option<&'static str> {
    names.iter().copied().find(|known| *known == name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_known_is_not_passed_on() {
        assert_eq!(method("tools/call"), "tools/call");
        assert_eq!(method("Planted"), "other");
        assert_eq!(tool(SEARCH_BY_NAME), Some(SEARCH_BY_NAME));
        assert_eq!(tool("Planted"), None);
        assert_eq!(protocol("2025-06-18"), Some("2025-06-18"));
        assert_eq!(protocol("1990-05-15"), None);
    }

    #[test]
    fn a_request_id_that_may_be_data_is_left_out() {
        for number in [0, 7, 99_999] {
            assert_eq!(request_id(&json!(number)), Some(number.to_string()));
        }
        let random = "8a6e0804-2bd0-4672-b79d-d97027f9071a";
        assert_eq!(request_id(&json!(random)), Some(random.to_owned()));
        for id in [
            json!("Planted"),
            json!(123_456_789),
            json!(1_234_567),
            json!(5_151_990),
            json!(100_000),
            json!(-7),
            json!(7.5),
            json!("7"),
            json!("A123456789"),
            json!("a123456789-a123456789-a123456789"),
            json!("123456789-123456789-123456789-1234"),
            json!("8a6e08042bd04672b79dd97027f9071a"),
            json!("8a6e0804-2bd0-4672-b79d-d97027f9071"),
            json!("8a6e0804-2bd0-4672-b79d-d97027f9071x"),
            json!("8a6e0804-2bd0-4672-b79d-d97027f9071a-"),
            json!(null),
        ] {
            assert_eq!(request_id(&id), None, "{id}");
        }
    }
}
