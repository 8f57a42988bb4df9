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
use super::super::report::{self, Details, Format, Kind, Material, Search};
use super::bulk::{self, Requests};
use super::schema;
use super::words::Refusal;
use crate::language::Language;
use crate::observe::{CallContext, Outcome, SearchReport};
use crate::privacy::Shown;
use crate::search::Facts;

/// What it takes.
pub const ARGUMENTS: [&str; 6] = [
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
    reason: Option<String>,
    /// The argument that is to blame for it, by its path.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The argument that may have been meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestion: Option<&'static str>,
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
    criteria: Details,
}

impl Wanted {
    fn read(given: &JsonObject) -> Result<Self, Refusal> {
        let arguments =
            Arguments::new(given, &ARGUMENTS).map_err(|unknown| Refusal::unknown(unknown, ""))?;
        let wrong = |wrong| Refusal::wrong(wrong, "", report::expected);
        arguments.check_language().map_err(wrong)?;
        let kind = arguments.required("report_type").map_err(wrong)?;
        let kind = Kind::parse(kind).ok_or_else(|| wrong(Wrong::Malformed("report_type")))?;
        let name = arguments.text("format").map_err(wrong)?;
        let name = name.unwrap_or(report::FORMATS[0]);
        let format = Format::parse(name).ok_or_else(|| wrong(Wrong::Malformed("format")))?;
        let named = report::FORMATS.into_iter().find(|known| *known == name);
        let criteria = match given.get("criteria") {
            None | Some(Value::Null) => Details::new(),
            Some(Value::Object(criteria)) => read_criteria(criteria)?,
            Some(_) => return Err(wrong(Wrong::Malformed("criteria"))),
        };
        Ok(Self {
            kind,
            format,
            format_name: named.unwrap_or_default(),
            criteria,
        })
    }
}

fn read_criteria(object: &JsonObject) -> Result<Details, Refusal> {
    let arguments = Arguments::new(object, &CRITERIA)
        .map_err(|unknown| Refusal::unknown(unknown, "criteria"))?;
    let mut details = Details::new();
    for name in CRITERIA {
        let text = arguments
            .text(name)
            .map_err(|wrong| Refusal::wrong(wrong, "criteria", report::expected))?;
        details.extend(text.map(|text| (name, text.to_owned())));
    }
    Ok(details)
}

/// The details of a search that can be read.
fn asked(request: &Value) -> Details {
    let Some(request) = request.as_object() else {
        return Details::new();
    };
    let arguments = Arguments::of(request);
    let detail = |name| Some((name, arguments.text(name).ok()??.to_owned()));
    CRITERIA.into_iter().filter_map(detail).collect()
}

/// Searches and how they went.
struct Searched {
    searches: Vec<Search>,
    /// Of searches made now.
    made: Option<(Outcome, usize, Facts)>,
}

impl Searched {
    fn before(results: &[Value], shown: &Shown) -> Result<Self, Refusal> {
        if results.is_empty() || results.len() > bulk::MOST {
            return Err(Refusal::argument("results", report::expected("results")));
        }
        let mut answers = Vec::new();
        for (index, result) in results.iter().enumerate() {
            let read = Earlier::read(result).map_err(|wrong| {
                let path = earlier::joined(&format!("results[{index}]"), &wrong.path);
                Refusal::argument(path, report::NO_ANSWER)
            })?;
            for answer in &read {
                answer.show(shown);
            }
            answers.extend(read);
        }
        let people: usize = answers.iter().map(|answer| answer.people.len()).sum();
        if answers.is_empty() || answers.len() > earlier::MOST || people > MOST_PEOPLE {
            return Err(Refusal::argument("results", report::SIZE));
        }
        let searches = answers.into_iter().map(|answer| Search {
            asked: Details::new(),
            answer: Some(answer),
        });
        Ok(Self {
            searches: searches.collect(),
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
        let requests = given.get("requests").and_then(Value::as_array);
        let made = (results.outcome(), results.people(), results.facts());
        let searches = requests
            .into_iter()
            .flatten()
            .zip(&results.all)
            // What one asks the other has answered.
            .filter(|(_, result)| result.same_as.is_none())
            .map(|(request, result)| Search {
                asked: asked(request),
                answer: result.answer.as_ref().and_then(|answer| {
                    let answer = serde_json::to_value(answer).ok()?;
                    Earlier::read(&answer).ok()?.pop()
                }),
            });
        Ok(Self {
            searches: searches.collect(),
            made: Some(made),
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
        Ok(written) => written.made.clone(),
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
        Ok(written) => ReportAnswer {
            made: true,
            language,
            outcome: written.made.as_ref().map(|(outcome, ..)| *outcome),
            format: Some(written.format_name),
            mime_type: Some(written.format.mime_type()),
            report: Some(written.text),
            reason: None,
            field: None,
            suggestion: None,
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
            reason: Some(refusal.reason(language)),
            suggestion: refusal.suggestion(),
            retry_after_seconds: refusal.retry_after.map(|wait| wait.as_secs().max(1)),
            next_steps: vec![language.of(refusal.next_step())],
            field: refusal.field,
        },
    };
    let mut result = match (&answer.report, &answer.reason) {
        (Some(report), _) => CallToolResult::success(vec![ContentBlock::text(report.clone())]),
        (None, reason) => {
            let lines: Vec<&str> = reason
                .as_deref()
                .into_iter()
                .chain(answer.next_steps.clone())
                .collect();
            CallToolResult::error(vec![ContentBlock::text(lines.join("\n"))])
        }
    };
    result.structured_content = serde_json::to_value(&answer).ok();
    result
}

/// A report and the searches that were made for it.
struct Written {
    format: Format,
    format_name: &'static str,
    text: String,
    made: Option<(Outcome, usize, Facts)>,
}

async fn make(
    face: &Face,
    given: &JsonObject,
    language: Language,
    context: &CallContext,
    progress: &Progress,
) -> Result<Written, Refusal> {
    let wanted = Wanted::read(given)?;
    let there = |name: &str| given.get(name).filter(|value| !value.is_null());
    let searched = match (there("results"), there("requests")) {
        (Some(Value::Array(results)), None) => Searched::before(results, &context.shown)?,
        (Some(_), None) => {
            return Err(Refusal::argument("results", report::expected("results")));
        }
        (None, Some(_)) => Searched::now(face, given, language, context, progress).await?,
        _ => return Err(Refusal::argument("results", report::EITHER)),
    };
    let material = Material {
        kind: wanted.kind,
        language,
        criteria: wanted.criteria,
        searches: searched.searches,
        searched_now: searched.made.is_some(),
    };
    let written = material.report(&face.library.texts()).write(wanted.format);
    Ok(Written {
        format: wanted.format,
        format_name: wanted.format_name,
        text: written,
        made: searched.made,
    })
}
