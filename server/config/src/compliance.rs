//! Controls that are checked continuously, and reports about them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{Check, FieldError, FieldPath};
use crate::schema::yes;

/// Controls that are checked continuously.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Compliance {
    /// Whether controls are checked.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Reports on a schedule; left out: by command only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<ComplianceReport>,
}

/// Reports on a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComplianceReport {
    /// When, as five cron fields in UTC, such as `0 6 * * 1`.
    #[schemars(
        length(min = 9, max = 100),
        regex(pattern = r"^([0-9*/,A-Za-z-]+ ){4}[0-9*/,A-Za-z-]+$")
    )]
    pub schedule: String,
    /// In which forms.
    #[serde(default = "default_formats")]
    #[schemars(length(min = 1, max = 3), extend("x-kubernetes-list-type" = "set"))]
    pub formats: Vec<ReportFormat>,
}

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ReportFormat {
    /// For programs.
    Json,
    /// For people, as plain text.
    Markdown,
    /// For people, in a browser.
    Html,
}

fn default_formats() -> Vec<ReportFormat> {
    vec![ReportFormat::Json]
}

impl Check for Compliance {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        let Some(report) = &self.report else {
            return;
        };
        let at = at.field("report");
        if report
            .schedule
            .split(' ')
            .filter(|field| !field.is_empty())
            .count()
            != 5
        {
            let message = "not a schedule: write five cron fields, such as 0 6 * * 1";
            errors.push(at.field("schedule").error(message));
        }
        if report.formats.is_empty() {
            errors.push(
                at.field("formats")
                    .error("name at least one: json, markdown or html"),
            );
        }
    }
}
