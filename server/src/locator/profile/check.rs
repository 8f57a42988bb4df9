//! What makes no sense in a profile though every value of it has the right form.

use std::collections::BTreeSet;

use icelocator_config::{Bounds, Check, Duration, FieldError, FieldPath};

use super::{Css, Fields, Paging, Profile};

/// The newest form of file that this build reads.
const NEWEST: u32 = 1;
/// Most entries of a list.
const MOST: usize = 50;
/// Most fields that are sent with every question.
const MOST_EXTRA: usize = 20;
/// Longest name of a field, path or word.
const LONGEST: usize = 200;
const CONNECT: Bounds = Bounds::new(Duration::from_millis(100), Duration::from_mins(1));
const REQUEST: Bounds = Bounds::new(Duration::from_secs(1), Duration::from_mins(5));
const LIFETIME: Bounds = Bounds::new(Duration::from_secs(1), Duration::from_days(1));

impl Check for Profile {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        if self.version == 0 || self.version > NEWEST {
            errors.push(at.field("version").error(format!(
                "{} is not known to this version, which reads 1: use a newer image",
                self.version
            )));
        }
        let paths = at.field("paths");
        for (field, path) in [("form", &self.paths.form), ("search", &self.paths.search)] {
            let plain = path.starts_with('/') && !path.starts_with("//") && path.len() <= LONGEST;
            if !plain || path.contains(|c: char| c == '\\' || c.is_whitespace()) {
                errors.push(paths.field(field).error(
                    "not a path on the site: it must begin with one slash, such as /search",
                ));
            }
        }
        self.fields.check(&at.field("fields"), errors);
        selectors(
            &self.form.required,
            &at.field("form").field("required"),
            errors,
        );
        selectors(
            &self.results.required,
            &at.field("results").field("required"),
            errors,
        );
        hosts(
            &self.results.link_hosts,
            &at.field("results").field("linkHosts"),
            errors,
        );
        self.paging.check(&at.field("paging"), errors);
        let statuses = at.field("statuses");
        words(
            &self.statuses.in_custody,
            &statuses.field("inCustody"),
            errors,
        );
        words(&self.statuses.released, &statuses.field("released"), errors);
        self.dates.check(&at.field("dates"), errors);
        if let Some(lifetime) = self.session.lifetime {
            LIFETIME.check(lifetime, &at.field("session").field("lifetime"), errors);
        }
        let challenge = at.field("challenge");
        if self.challenge.marks.len() > MOST {
            errors.push(challenge.field("marks").error("too many: write at most 50"));
        }
        words(&self.challenge.words, &challenge.field("words"), errors);
        for (index, word) in self.challenge.words.iter().enumerate() {
            if *word != word.to_lowercase() {
                let at = challenge.field("words").index(index);
                errors.push(at.error("write it in lower case: that is how it is looked for"));
            }
        }
        if !(1..=9).contains(&self.requires.digits) {
            errors.push(at.field("requires").field("digits").error(format!(
                "{} is out of range: write a value from 1 to 9",
                self.requires.digits
            )));
        }
        let timeouts = at.field("timeouts");
        CONNECT.check(self.timeouts.connect, &timeouts.field("connect"), errors);
        if let Some(request) = self.timeouts.request {
            REQUEST.check(request, &timeouts.field("request"), errors);
        }
    }
}

impl Check for Fields {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        let mut seen = BTreeSet::new();
        for (field, name) in [
            ("token", &self.token),
            ("alienNumber", &self.alien_number),
            ("firstName", &self.first_name),
            ("lastName", &self.last_name),
            ("dateOfBirth", &self.date_of_birth),
            ("country", &self.country),
        ] {
            if name.is_empty() || name.len() > LONGEST {
                errors.push(at.field(field).error("write the name of the form's field"));
            } else if !seen.insert(name) {
                errors.push(
                    at.field(field)
                        .error("each needs a field of its own: this one is taken"),
                );
            }
        }
        let extra = at.field("extra");
        if self.extra.len() > MOST_EXTRA {
            errors.push(extra.error("too many: write at most 20"));
        }
        for (name, value) in &self.extra {
            if name.is_empty() || name.len() > LONGEST || value.len() > LONGEST {
                errors.push(
                    extra
                        .key(name)
                        .error("name and value have at most 200 characters"),
                );
            } else if seen.contains(name) {
                errors.push(
                    extra
                        .key(name)
                        .error("each needs a field of its own: this one is taken"),
                );
            }
        }
    }
}

impl Check for Paging {
    fn check(&self, at: &FieldPath, errors: &mut Vec<FieldError>) {
        let Some(attribute) = &self.total_attribute else {
            return;
        };
        let at = at.field("totalAttribute");
        let plain = attribute
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_:".contains(&byte));
        if attribute.is_empty() || attribute.len() > LONGEST || !plain {
            errors.push(at.error("not the name of an attribute: write one such as data-total"));
        } else if self.total.is_none() {
            errors.push(at.error("it needs `total`, which says where the attribute is"));
        }
    }
}

fn selectors(list: &[Css], at: &FieldPath, errors: &mut Vec<FieldError>) {
    if list.is_empty() || list.len() > MOST {
        errors.push(at.error("write at least one selector and at most 50: without a mark no page can be told from another"));
    }
}

fn hosts(list: &[String], at: &FieldPath, errors: &mut Vec<FieldError>) {
    if list.len() > MOST {
        errors.push(at.error("too many: write at most 50"));
    }
    for (index, host) in list.iter().enumerate() {
        let plain = host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
        if host.is_empty() || host.len() > LONGEST || !plain {
            let at = at.index(index);
            errors.push(at.error("write the name of a host alone, such as www.example.org"));
        }
    }
}

fn words(list: &[String], at: &FieldPath, errors: &mut Vec<FieldError>) {
    if list.len() > MOST {
        errors.push(at.error("too many: write at most 50"));
    }
    for (index, word) in list.iter().enumerate() {
        if word.trim().is_empty() || word.len() > LONGEST {
            errors.push(at.index(index).error("write 1 to 200 characters"));
        }
    }
}
