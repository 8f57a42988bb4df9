//! A report as a page that needs nothing else: no script, no picture, no font of its own. Everything in it is escaped by the
//! compiler's doing; what is followed leads to a public page of ours or of the texts.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Part, Report, Table};

/// Plain on a screen, black on white on paper, with the addresses of links written out.
const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,sans-serif;margin:0 auto;max-width:52rem;padding:1.5rem}\
h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.2rem;margin-top:2rem}\
table{border-collapse:collapse;width:100%;margin:.75rem 0}\
th,td{border:1px solid #767676;padding:.35rem .6rem;text-align:left;vertical-align:top;overflow-wrap:break-word}\
.pairs{table-layout:fixed}.pairs td{overflow-wrap:anywhere}\
.pairs th[scope=row]{width:35%}td{min-width:4.5rem}\
.notice{border:2px solid currentColor;padding:.75rem 1rem;font-weight:600}\
@media print{:root{color-scheme:light}body{max-width:none;padding:0;font-size:11pt}\
tr,.notice{break-inside:avoid}h2{break-after:avoid}a[href]::after{content:\" (\" attr(href) \")\";overflow-wrap:anywhere}\
@page{margin:2cm}}";

/// Nothing is fetched and nothing runs, whatever stands in the page.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The whole page.
pub fn write(report: &Report) -> String {
    html! {
        (DOCTYPE)
        html lang=(report.language.as_str()) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(PreEscaped(POLICY));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (report.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (report.title) }
                    @for part in &report.parts { (section(part)) }
                }
            }
        }
    }
    .into_string()
}

fn section(part: &Part) -> Markup {
    html! {
        section {
            h2 { (part.title) }
            @if let Some(notice) = &part.notice { p class="notice" { (notice) } }
            @for paragraph in &part.paragraphs { p { (paragraph) } }
            @for rows in &part.tables { (table(rows)) }
            @if !part.list.is_empty() || !part.links.is_empty() {
                ul {
                    @for line in &part.list { li { (line) } }
                    @for link in &part.links { li { a href=(link.url) rel="noreferrer" { (link.title) } } }
                }
            }
        }
    }
}

fn table(table: &Table) -> Markup {
    html! {
        table class=[(table.columns.len() == 2).then_some("pairs")] {
            thead { tr { @for column in &table.columns { th scope="col" { (column) } } } }
            tbody {
                @for row in &table.rows {
                    tr {
                        @for (at, cell) in row.iter().enumerate() {
                            @if at == 0 { th scope="row" { (cell) } } @else { td { (cell) } }
                        }
                    }
                }
            }
        }
    }
}
