//! Whether a page can be read in good time. A reader of HTML takes time by the square of how deep tags are nested, and of how
//! many attributes one has; pages of the site have some hundreds of tags, a dozen deep.

/// Most tags of a page.
const MOST_TAGS: usize = 10_000;
/// Most tags that are open at one place. Browsers stop at 512, but many tags are never closed.
const DEEPEST: usize = 2_000;
/// Most attributes of one tag.
const MOST_ATTRIBUTES: usize = 1_000;

/// Whether it can.
pub fn is_readable(html: &str) -> bool {
    let (mut tags, mut open) = (0, 0usize);
    let mut rest = html.as_bytes();
    while let Some(start) = rest.iter().position(|byte| *byte == b'<') {
        rest = &rest[start + 1..];
        tags += 1;
        match rest.first() {
            Some(b'/') => open = open.saturating_sub(1),
            Some(byte) if byte.is_ascii_alphabetic() => {
                open += 1;
                let (attributes, end) = tag(rest);
                if attributes > MOST_ATTRIBUTES {
                    return false;
                }
                rest = &rest[end..];
            }
            _ => {}
        }
        if tags > MOST_TAGS || open > DEEPEST {
            return false;
        }
    }
    true
}

/// How many attributes the tag may have, and where it ends. Quotes hold a value only after an equals sign, as in HTML.
fn tag(text: &[u8]) -> (usize, usize) {
    let mut attributes = 0;
    let mut quote = None;
    let mut after_equals = false;
    for (at, byte) in text.iter().enumerate() {
        match (quote, byte) {
            (Some(open), byte) if open == byte => {
                quote = None;
                attributes += 1;
            }
            (None, b'>') => return (attributes, at),
            (None, b'"' | b'\'') if after_equals => quote = Some(byte),
            (None, byte) if byte.is_ascii_whitespace() => {
                attributes += 1;
                continue;
            }
            (None, b'/') => attributes += 1,
            _ => {}
        }
        after_equals = *byte == b'=';
    }
    (attributes, text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pages_like_the_sites_are_read() {
        let row = r#"<tr><td class="name">A<br>b</td><td><a href='/x?a=1&b=">"'>c</a></td></tr>"#;
        assert!(is_readable(&row.repeat(500)));
        assert!(is_readable("<p>".repeat(DEEPEST).as_str()));
        let script = format!(
            "<script>{}</script>",
            "if (a < 7 && b > c) { d(); } ".repeat(5_000)
        );
        assert!(is_readable(&script));
    }

    #[test]
    fn what_would_take_for_ever_is_not() {
        assert!(!is_readable(&"<b>".repeat(DEEPEST + 1)));
        assert!(!is_readable(&"<b></b>".repeat(MOST_TAGS)));
        for attribute in [" a", "/a", " a=\"\"", "a=''", "\n\ta = \"x>y\" "] {
            let attributes = attribute.repeat(MOST_ATTRIBUTES + 1);
            assert!(!is_readable(&format!("<p x=1{attributes}>")), "{attribute}");
            // A bracket within quotes does not end the tag.
            assert!(
                !is_readable(&format!("<p x=\">\"{attributes}>")),
                "{attribute}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_looked_through(html in "[<>/='\" a-z\\PC]{0,300}") {
            prop_assert!(is_readable(&html));
        }
    }
}
