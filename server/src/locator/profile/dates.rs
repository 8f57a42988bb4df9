//! How the site writes dates, in the language of `strftime`.

use icelocator_config::{FieldError, FieldPath};
use jiff::civil::{Date, date};
use jiff::fmt::strtime;
use serde::Deserialize;

/// How the site writes dates.
#[derive(Deserialize)]
pub struct Dates {
    /// In its form.
    #[serde(default = "iso")]
    pub asked: String,
    /// In its answers.
    #[serde(default = "iso")]
    pub shown: String,
}

fn iso() -> String {
    "%Y-%m-%d".to_owned()
}

impl Default for Dates {
    fn default() -> Self {
        Self {
            asked: iso(),
            shown: iso(),
        }
    }
}

impl Dates {
    /// A date (YYYY-MM-DD) as the form wants it. What is no date is passed on as it is: nothing is left out.
    pub fn asked(&self, text: &str) -> String {
        text.parse::<Date>()
            .ok()
            .and_then(|date| strtime::format(&self.asked, date).ok())
            .unwrap_or_else(|| text.to_owned())
    }

    /// A date as an answer shows it.
    pub fn shown(&self, text: &str) -> Option<Date> {
        strtime::parse(&self.shown, text).ok()?.to_date().ok()
    }

    pub(super) fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        for (field, format) in [("asked", &self.asked), ("shown", &self.shown)] {
            // The day tells day and month apart.
            let sample = date(1987, 11, 23);
            let back = strtime::format(format, sample)
                .and_then(|text| strtime::parse(format, text)?.to_date());
            if format.len() > 40 || back.ok() != Some(sample) {
                errors.push(at.field(field).error(
                    "not a format for dates: name year, month and day as strftime does, such as %m/%d/%Y",
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_asked_and_read_as_the_site_writes_it() {
        let dates = Dates {
            asked: "%m/%d/%Y".to_owned(),
            shown: "%d %b %Y".to_owned(),
        };
        assert_eq!(dates.asked("1990-05-15"), "05/15/1990");
        assert_eq!(dates.asked(""), "");
        assert_eq!(dates.shown("15 May 1990"), Some(date(1990, 5, 15)));
        assert_eq!(dates.shown("1990-05-15"), None);
        assert_eq!(dates.shown(""), None);
    }

    #[test]
    fn a_format_that_loses_a_part_of_the_date_is_refused() {
        for (format, errors) in [
            ("%Y-%m-%d", 0),
            ("%d.%m.%y", 0),
            ("%B %d, %Y", 0),
            ("%Y-%m", 1),
            ("", 1),
            ("%", 1),
            ("%Q", 1),
        ] {
            let mut found = Vec::new();
            let dates = Dates {
                asked: format.to_owned(),
                shown: iso(),
            };
            dates.check(&FieldPath::root(), &mut found);
            assert_eq!(found.len(), errors, "{format}: {found:?}");
        }
    }
}
