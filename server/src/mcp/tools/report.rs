//! The tool that makes a report: of answers that the model kept, or of searches made now.

use std::time::Instant;

use rmcp::model::{CallToolResult, ContentBlock, JsonObject, Tool};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::super::Face;
use super::super::arguments::{Arguments, Wrong};
use super::super::earlier::{self, Earlier};
use super::super::names::REPORT;
use super::super::progress::Progress;
use super::super::report::{self, Format, Kind, Material};
use super::bulk::{self, Requests};
use super::schema;
use super::words::Refusal;
use crate::language::Language;
use crate::observe::{CallContext, Outcome, SearchReport};
use crate::search::Facts;

const ARGUMENTS: [&str; 6] = [
    "report_type",
    "format",
    "language",
    "criteria",
    "results",
    "requests",
];
const CRITERIA: [&str; 6] = [
    "first_name",
    "middle_name",
    "last_name",
    "date_of_birth",
    "country_of_birth",
    "alien_number",
];
/// Most people that a report names.
const MOST_PEOPLE: usize = 100;

/// A report, or why there is none.
#[derive(Serialize, JsonSchema)]
pub struct ReportAnswer {
    /// Whether there is a report.
    made: bool,
    /// Its language.
    language: Language,
    /// How the searches that were made for it went altogether; without a report, why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
    /// `markdown`, `html` or `json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    /// MIME type of the report.
    #[serde(skip_serializing_if = "Option::is_none")]
    mime_type: Option<&'static str>,
    /// The report.
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<String>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// With outcome `rate_limited`: how many seconds to wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<u64>,
    /// What to do next.
    next_steps: Vec<&'static str>,
}

/// The tool as clients see it.
pub fn declaration() -> Tool {
    let criteria: JsonObject = CRITERIA
        .into_iter()
        .map(|name| {
            (
                name.to_owned(),
                schema::name_field("As it was searched for"),
            )
        })
        .collect();
    schema::tool::<ReportAnswer>(
        REPORT,
        "Report of searches",
        "Makes a report of searches for a legal file, for a family, or for a group that helps (counts, without names): what was \
         asked, what the locator answered and when, what that does not prove, and what to do next. Pass the structured answers of \
         earlier searches as results, unchanged; or give requests, and they are searched for now. The report is no proof of \
         custody.",
        json!({
            "type": "object",
            "properties": {
                "report_type": {"type": "string", "enum": report::TYPES, "description": "Whom the report is for"},
                "format": {
                    "type": "string", "enum": report::FORMATS, "default": "markdown",
                    "description": "html is a page for screen and paper",
                },
                "language": schema::language_field(),
                "criteria": {
                    "type": "object", "properties": criteria, "additionalProperties": false,
                    "description": "What was searched for",
                },
                "results": {
                    "type": "array", "minItems": 1, "maxItems": bulk::MOST, "items": {"type": "object"},
                    "description": "Structured answers of earlier searches, unchanged",
                },
                "requests": bulk::requests_field(),
            },
            "required": ["report_type"],
            "oneOf": [{"required": ["results"]}, {"required": ["requests"]}],
            "additionalProperties": false,
        }),
    )
}

/// What was asked for, but for the searches.
struct Wanted {
    kind: Kind,
    format: Format,
    format_name: &'static str,
    criteria: Option<Vec<(&'static str, String)>>,
}

impl Wanted {
    fn read(given: &JsonObject) -> Result<Self, Wrong> {
        let arguments = Arguments::new(given, &ARGUMENTS)?;
        arguments.check_language()?;
        let kind = arguments.required("report_type")?;
        let kind = Kind::parse(kind).ok_or(Wrong::Malformed("report_type"))?;
        let name = arguments.text("format")?.unwrap_or(report::FORMATS[0]);
        let format = Format::parse(name).ok_or(Wrong::Malformed("format"))?;
        let named = report::FORMATS.into_iter().find(|known| *known == name);
        let criteria = match given.get("criteria") {
            None | Some(Value::Null) => None,
            Some(Value::Object(object)) => Some(details(object, &CRITERIA)?),
            Some(_) => return Err(Wrong::Malformed("criteria")),
        };
        Ok(Self {
            kind,
            format,
            format_name: named.unwrap_or_default(),
            criteria,
        })
    }
}

/// The details of a search that stand in a report.
fn details(object: &JsonObject, names: &[&str]) -> Result<Vec<(&'static str, String)>, Wrong> {
    let arguments = Arguments::new(object, names)?;
    let mut details = Vec::new();
    for name in CRITERIA {
        if let Some(text) = arguments.text(name)? {
            details.push((name, text.to_owned()));
        }
    }
    Ok(details)
}

/// Searches and how they went.
struct Searched {
    criteria: Vec<Vec<(&'static str, String)>>,
    searches: Vec<Earlier>,
    /// How many were asked for and not made.
    open: usize,
    /// Of searches made now.
    made: Option<(Outcome, usize, Facts)>,
}

impl Searched {
    fn before(results: &[Value]) -> Result<Self, Refusal> {
        if results.is_empty() || results.len() > bulk::MOST {
            return Err(Refusal::invalid(report::INPUT));
        }
        let mut searches = Vec::new();
        for result in results {
            let read = Earlier::read(result).map_err(|_| Refusal::invalid(report::INPUT))?;
            searches.extend(read);
        }
        let people: usize = searches.iter().map(|search| search.people.len()).sum();
        if searches.is_empty() || searches.len() > earlier::MOST || people > MOST_PEOPLE {
            return Err(Refusal::invalid(report::SIZE));
        }
        Ok(Self {
            criteria: Vec::new(),
            searches,
            open: 0,
            made: None,
        })
    }

    async fn now(
        face: &Face,
        given: &JsonObject,
        language: Language,
        context: &CallContext,
        progress: &Progress,
    ) -> Result<Self, Refusal> {
        let requests = Requests::read(given, language)?;
        let results = requests.search(face, context, progress).await?;
        let searches = results.answers().filter_map(|answer| {
            let answer = serde_json::to_value(answer).ok()?;
            Earlier::read(&answer).ok()
        });
        let all = given.get("requests").and_then(Value::as_array);
        // One that cannot be read was answered as invalid: there is nothing to repeat of it.
        let mut names = CRITERIA.to_vec();
        names.extend(["language", "fuzzy_search"]);
        let criteria = all.into_iter().flatten().filter_map(Value::as_object);
        let criteria = criteria.filter_map(|request| details(request, &names).ok());
        Ok(Self {
            criteria: criteria.collect(),
            searches: searches.flatten().collect(),
            open: results.not_searched(),
            made: Some((results.outcome(), results.people(), results.facts())),
        })
    }
}

/// Makes the report and tells it.
pub async fn answer(
    face: &Face,
    given: &JsonObject,
    context: &CallContext,
    progress: &Progress,
) -> CallToolResult {
    let language = Arguments::language(given);
    let began = Instant::now();
    let made = make(face, given, language, context, progress).await;
    let said = match &made {
        Ok((_, _, made)) => *made,
        Err(refusal) => Some((refusal.outcome, 0, Facts::default())),
    };
    // A report of earlier answers is no search.
    if let Some((outcome, people, facts)) = said {
        context.report.say(SearchReport {
            outcome,
            language: language.as_str(),
            duration: began.elapsed(),
            people,
            facts,
            refused: made.as_ref().err().and_then(|why| why.enumeration),
        });
    }
    let answer = match made {
        Ok((wanted, report, made)) => ReportAnswer {
            made: true,
            language,
            outcome: made.map(|(outcome, ..)| outcome),
            format: Some(wanted.format_name),
            mime_type: Some(wanted.format.mime_type()),
            report: Some(report),
            reason: None,
            retry_after_seconds: None,
            next_steps: vec![language.of(report::ADVICE)],
        },
        Err(refusal) => ReportAnswer {
            made: false,
            language,
            outcome: Some(refusal.outcome),
            format: None,
            mime_type: None,
            report: None,
            reason: Some(language.of(refusal.reason)),
            retry_after_seconds: refusal.retry_after.map(|wait| wait.as_secs().max(1)),
            next_steps: vec![language.of(refusal.next_step)],
        },
    };
    let mut result = match (&answer.report, answer.reason) {
        (Some(report), _) => CallToolResult::success(vec![ContentBlock::text(report.clone())]),
        (None, reason) => {
            let lines: Vec<&str> = reason
                .into_iter()
                .chain(answer.next_steps.clone())
                .collect();
            CallToolResult::error(vec![ContentBlock::text(lines.join("\n"))])
        }
    };
    result.structured_content = serde_json::to_value(&answer).ok();
    result
}

type Made = (Wanted, String, Option<(Outcome, usize, Facts)>);

async fn make(
    face: &Face,
    given: &JsonObject,
    language: Language,
    context: &CallContext,
    progress: &Progress,
) -> Result<Made, Refusal> {
    let wanted = Wanted::read(given).map_err(|_| Refusal::invalid(report::INPUT))?;
    let there = |name: &str| given.get(name).filter(|value| !value.is_null());
    let searched = match (there("results"), there("requests")) {
        (Some(Value::Array(results)), None) => Searched::before(results)?,
        (None, Some(_)) => Searched::now(face, given, language, context, progress).await?,
        _ => return Err(Refusal::invalid(report::INPUT)),
    };
    let material = Material {
        kind: wanted.kind,
        language,
        criteria: wanted
            .criteria
            .clone()
            .map_or(searched.criteria, |one| vec![one]),
        searches: searched.searches,
        not_searched: searched.open,
        searched_now: searched.made.is_some(),
    };
    let report = material.report(&face.library.texts()).write(wanted.format);
    Ok((wanted, report, searched.made))
}
