/// Longest text that is kept, in bytes.
const LONGEST: usize = 4096;

/// As much of `text` as is kept. What stands where it is cut goes altogether: nobody knows a part of a name or number for
/// one. So do numbers before that, which may be written in groups.
pub fn beginning(text: &str) -> &str {
    if text.len() <= LONGEST {
        return text;
    }
    let (kept, _) = text.split_at(text.floor_char_boundary(LONGEST));
    let last = kept.rfind(char::is_whitespace).unwrap_or_default();
    let (kept, _) = kept.split_at(last);
    kept.trim_end_matches(|last: char| !last.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_ends_with_a_whole_word_that_is_no_number() {
        let whole = "x".repeat(LONGEST);
        assert_eq!(beginning(&whole), whole);
        for (start, rest, kept) in [
            ("", "x", ""),
            ("to ", "ñ", "to"),
            ("to find, ", "x", "to find"),
            ("it is A ", "900 ", "it is A"),
        ] {
            assert_eq!(
                beginning(&(start.to_owned() + &rest.repeat(LONGEST + 1))),
                kept
            );
        }
    }
}
