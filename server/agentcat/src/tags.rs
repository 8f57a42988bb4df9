//! Tags: short words by which events are found again.

use std::collections::BTreeMap;

/// The most tags of an event.
pub const MAX_TAGS: usize = 50;
/// The most characters of a tag's key.
pub const MAX_TAG_KEY: usize = 32;
/// The most characters of a tag's value.
pub const MAX_TAG_VALUE: usize = 200;

/// Leaves out what the service does not take, as the public SDKs do: keys that are empty, too long, or of other characters than
/// letters, digits, `$ _ . : -` and blanks; values that are too long, or of more than a line.
pub(crate) fn limit(tags: &mut BTreeMap<String, String>) {
    let mut kept = 0;
    tags.retain(|key, value| {
        let good = is_key(key) && is_value(value) && kept < MAX_TAGS;
        kept += usize::from(good);
        good
    });
}

fn is_key(key: &str) -> bool {
    let good = |letter: u8| letter.is_ascii_alphanumeric() || b"$_.:- ".contains(&letter);
    !key.is_empty() && key.len() <= MAX_TAG_KEY && key.bytes().all(good)
}

fn is_value(value: &str) -> bool {
    value.chars().take(MAX_TAG_VALUE + 1).count() <= MAX_TAG_VALUE
        && !value.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_the_service_does_not_take_are_left_out() {
        let (longest, too_long) = ("k".repeat(32), "k".repeat(33));
        let (full, too_full) = ("ñ".repeat(200), "ñ".repeat(201));
        let all = [
            ("good", "value", true),
            ("also good: $a_b.c-d", "", true),
            (&longest, &full, true),
            ("too full", &too_full, false),
            ("", "value", false),
            (&too_long, "value", false),
            ("ñ", "value", false),
            ("a/b", "value", false),
            ("two lines", "a\nb", false),
            ("bell", "a\u{7}b", false),
        ];
        let mut tags = all
            .map(|(key, value, _)| (key.to_owned(), value.to_owned()))
            .into();
        limit(&mut tags);
        let good = all.iter().filter(|(_, _, good)| *good);
        assert_eq!(
            tags,
            good.map(|(key, value, _)| ((*key).to_owned(), (*value).to_owned()))
                .collect()
        );
    }

    #[test]
    fn there_are_fifty_at_most() {
        let mut tags = (0..80)
            .map(|number| (format!("tag {number}"), String::new()))
            .collect();
        limit(&mut tags);
        assert_eq!(tags.len(), MAX_TAGS);
    }
}
