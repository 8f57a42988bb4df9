//! The names of the tools, which settings may limit one by one.

/// The tool that searches by name.
pub const SEARCH_BY_NAME: &str = "search_detainee_by_name";
/// The tool that searches by A-number.
pub const SEARCH_BY_ALIEN_NUMBER: &str = "search_detainee_by_alien_number";
/// The tool that searches from plain language.
pub const SMART_SEARCH: &str = "smart_detainee_search";
/// The tool that makes several searches.
pub const BULK_SEARCH: &str = "bulk_search_detainees";
/// The tool that makes a report of searches.
pub const REPORT: &str = "generate_search_report";

/// Our tools.
pub const TOOLS: [&str; 5] = [
    SEARCH_BY_NAME,
    SEARCH_BY_ALIEN_NUMBER,
    SMART_SEARCH,
    BULK_SEARCH,
    REPORT,
];
