//! A report as Markdown. What stands in it is text: nothing in a name becomes a link, a tag or a cell of its own.

use std::fmt::Write as _;

use super::{Part, Report, Table};

/// The whole report.
pub fn write(report: &Report) -> String {
    let mut text = format!("# {}\n", escaped(report.title));
    for part in &report.parts {
        write_part(&mut text, part);
    }
    text
}

fn write_part(text: &mut String, part: &Part) {
    let _ = writeln!(text, "\n## {}", escaped(&part.title));
    if let Some(notice) = &part.notice {
        let _ = writeln!(text, "\n> **{}**", escaped(notice));
    }
    for paragraph in &part.paragraphs {
        let _ = writeln!(text, "\n{}", escaped(paragraph));
    }
    for table in &part.tables {
        write_table(text, table);
    }
    if !part.list.is_empty() || !part.links.is_empty() {
        text.push('\n');
    }
    for line in &part.list {
        let _ = writeln!(text, "- {}", escaped(line));
    }
    for link in &part.links {
        let _ = writeln!(text, "- [{}](<{}>)", escaped(&link.title), link.url);
    }
}

fn write_table(text: &mut String, table: &Table) {
    let row = |cells: &mut dyn Iterator<Item = String>| {
        let cells: Vec<String> = cells.collect();
        format!("| {} |", cells.join(" | "))
    };
    let head = row(&mut table.columns.iter().map(|column| escaped(column)));
    let rule = row(&mut table.columns.iter().map(|_| "---".to_owned()));
    let _ = writeln!(text, "\n{head}\n{rule}");
    for cells in &table.rows {
        let _ = writeln!(text, "{}", row(&mut cells.iter().map(|cell| escaped(cell))));
    }
}

/// A word joiner, which nobody sees. Some make links of bare addresses before they read entities, others after: it stops both.
const PARTED: &str = "&#8288;";

/// So that Markdown reads nothing in it as its own.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if is_in_address(&text[..at], c) {
            escaped.push_str(PARTED);
        }
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Whether `next`, after `before`, goes on with an address of a page or for mail.
fn is_in_address(before: &str, next: char) -> bool {
    match next {
        '/' => before.ends_with(':'),
        '.' => ends_with_www(before),
        '@' => true,
        _ => false,
    }
}

fn ends_with_www(text: &str) -> bool {
    let last = text.as_bytes().last_chunk::<3>();
    last.is_some_and(|last| last.eq_ignore_ascii_case(b"www"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_addresses_are_parted_and_times_and_names_are_not() {
        for (text, parted) in [
            ("http://evil.example", "http:&#8288;//evil.example"),
            ("see WWW.evil.example", "see WWW&#8288;.evil.example"),
            ("pay@evil.example", "pay&#8288;@evil.example"),
            ("10:00 UTC, St. Ana, 1/2", "10:00 UTC, St. Ana, 1/2"),
        ] {
            assert_eq!(escaped(text), parted);
        }
    }
}
