//! What the tests of rules and dashboards ask of a `PromQL` expression.

use std::collections::BTreeSet;
use std::convert::Infallible;

use promql_parser::label::MatchOp;
use promql_parser::parser::{self, Call, Expr, VectorSelector};
use promql_parser::util::{ExprVisitor, walk_expr};

/// An expression taken apart.
#[derive(Default)]
pub struct Reading {
    /// Every series selected.
    pub selections: Vec<Selection>,
    /// Names of the series that `rate`, `irate` or `increase` are taken of.
    pub rated: BTreeSet<String>,
}

/// A series selected by its name and labels.
pub struct Selection {
    pub metric: String,
    /// The labels that have to be equal, with their values.
    pub equal: Vec<(String, String)>,
}

impl Selection {
    pub fn requires(&self, label: &str, value: &str) -> bool {
        self.equal
            .iter()
            .any(|(name, wanted)| name == label && wanted == value)
    }
}

/// Reads `expr`, or says what is wrong with it.
pub fn read(expr: &str) -> Result<Reading, String> {
    let expr = parser::parse(expr)?;
    let mut reading = Reading::default();
    let Ok(_) = walk_expr(&mut reading, &expr);
    Ok(reading)
}

/// Whether a metric of this name only ever grows.
pub fn is_counter(metric: &str) -> bool {
    ["_total", "_count", "_sum", "_bucket"]
        .iter()
        .any(|end| metric.ends_with(end))
}

impl ExprVisitor for Reading {
    type Error = Infallible;

    fn pre_visit(&mut self, expr: &Expr) -> Result<bool, Infallible> {
        match expr {
            Expr::VectorSelector(selector) => self.selections.push(selection(selector)),
            Expr::MatrixSelector(selector) => self.selections.push(selection(&selector.vs)),
            Expr::Call(call) => self.rated.extend(rated(call)),
            _ => {}
        }
        Ok(true)
    }
}

fn selection(selector: &VectorSelector) -> Selection {
    Selection {
        metric: selector.name.clone().unwrap_or_default(),
        equal: selector
            .matchers
            .matchers
            .iter()
            .filter(|matcher| matcher.op == MatchOp::Equal)
            .map(|matcher| (matcher.name.clone(), matcher.value.clone()))
            .collect(),
    }
}

fn rated(call: &Call) -> Option<String> {
    if !["rate", "irate", "increase"].contains(&call.func.name) {
        return None;
    }
    match call.args.args.first().map(AsRef::as_ref) {
        Some(Expr::MatrixSelector(selector)) => selector.vs.name.clone(),
        _ => None,
    }
}
