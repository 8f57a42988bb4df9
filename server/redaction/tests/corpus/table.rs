//! Counts by group, printed as a table.

use std::collections::BTreeMap;
use std::fmt;

/// Counts of a few things, in groups; each second column is a share of the one before it.
pub struct Table {
    title: &'static str,
    columns: &'static [&'static str],
    rows: BTreeMap<(&'static str, String), Vec<usize>>,
}

impl Table {
    pub fn new(title: &'static str, columns: &'static [&'static str]) -> Self {
        Self {
            title,
            columns,
            rows: BTreeMap::new(),
        }
    }

    pub fn count(&mut self, group: &'static str, name: &str, counts: &[usize]) {
        let row = self
            .rows
            .entry((group, name.to_owned()))
            .or_insert_with(|| vec![0; counts.len()]);
        for (sum, count) in row.iter_mut().zip(counts) {
            *sum += count;
        }
    }

    /// Words and kept words of a row of four columns.
    pub fn words(&self, group: &'static str, name: &str) -> (usize, usize) {
        self.rows
            .get(&(group, name.to_owned()))
            .map_or((0, 0), |row| (row[2], row[3]))
    }

    /// Which part of a hundred one column of a row is of another; all of it when there is nothing.
    pub fn percent(&self, group: &'static str, name: &str, of: usize, part: usize) -> f64 {
        self.rows
            .get(&(group, name.to_owned()))
            .map_or(100.0, |row| percent(row[of], row[part]))
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of words, far below what a float holds"
)]
fn percent(of: usize, part: usize) -> f64 {
    if of == 0 {
        100.0
    } else {
        part as f64 / of as f64 * 100.0
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{:<34}", self.title)?;
        for column in self.columns {
            write!(f, "{column:>10}")?;
            if self
                .columns
                .iter()
                .position(|c| c == column)
                .is_some_and(|at| at % 2 == 1)
            {
                write!(f, "{:>8}", "%")?;
            }
        }
        for ((group, name), row) in &self.rows {
            write!(f, "\n  {:<32}", format!("{group}: {name}"))?;
            for (at, count) in row.iter().enumerate() {
                write!(f, "{count:>10}")?;
                if at % 2 == 1 {
                    write!(f, "{:>8.1}", percent(row[at - 1], *count))?;
                }
            }
        }
        writeln!(f)
    }
}
