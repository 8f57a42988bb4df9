//! Whether a page can be read in good time. A reader of HTML takes time by the square of how deep tags are nested, and of how
//! many attributes one has; pages of the site have some hundreds of tags, a dozen deep.

/// Most tags of a page.
const MOST_TAGS: usize = 10_000;
/// Most tags that are open at one place. Browsers stop at 512, but many tags are never closed.
const DEEPEST: usize = 2_000;
/// Most attributes of one tag.
const MOST_ATTRIBUTES: usize = 1_000;
/// Most bytes of tags, of which those within others count again. Pages are eight times smaller at most.
const MOST_STEPS: usize = 16 * 1024 * 1024;

/// Whether it can. What looks like a tag counts as one that opens, be it in a comment, a script or a value: which it is
/// would take a whole reader to know, and a page could lead astray whoever guesses.
pub fn is_readable(html: &str) -> bool {
    let html = html.as_bytes();
    let (mut tags, mut open, mut steps) = (0, 0usize, 0);
    for (at, _) in html.iter().enumerate().filter(|(_, byte)| **byte == b'<') {
        let rest = &html[at + 1..];
        tags += 1;
        match rest {
            [b'/', letter, ..] if letter.is_ascii_alphabetic() => open = open.saturating_sub(1),
            [letter, ..] if letter.is_ascii_alphabetic() => {
                let (attributes, length) = tag(rest);
                open += 1;
                steps += length;
                if attributes > MOST_ATTRIBUTES {
                    return false;
                }
            }
            _ => {}
        }
        if tags > MOST_TAGS || open > DEEPEST || steps > MOST_STEPS {
            return false;
        }
    }
    true
}

/// Where in a tag a reader of HTML is.
enum Place {
    Name,
    Between,
    Attribute,
    AfterAttribute,
    BeforeValue,
    Value,
    Quoted(u8),
}

/// How many attributes the tag has, and how long it is, as the HTML standard says.
fn tag(text: &[u8]) -> (usize, usize) {
    let mut attributes = 0;
    let mut place = Place::Name;
    for (at, byte) in text.iter().enumerate() {
        let space = byte.is_ascii_whitespace();
        place = match (place, byte) {
            (Place::Quoted(quote), byte) if quote != *byte => Place::Quoted(quote),
            (Place::Quoted(_), _) => Place::Between,
            (_, b'>') => return (attributes, at),
            (Place::BeforeValue, b'"' | b'\'') => Place::Quoted(*byte),
            (Place::BeforeValue, _) if space => Place::BeforeValue,
            (Place::BeforeValue | Place::Value, _) if !space => Place::Value,
            (Place::Attribute | Place::AfterAttribute, b'=') => Place::BeforeValue,
            (Place::Attribute | Place::AfterAttribute, _) if space => Place::AfterAttribute,
            (_, b'/') => Place::Between,
            _ if space => Place::Between,
            (place @ (Place::Name | Place::Attribute), _) => place,
            _ => {
                attributes += 1;
                Place::Attribute
            }
        };
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
            assert!(
                !is_readable(&format!("<p x=1 {attributes}>")),
                "{attribute}"
            );
            // A bracket within quotes does not end the tag.
            assert!(
                !is_readable(&format!("<p x=\">\"{attributes}>")),
                "{attribute}"
            );
        }
    }

    #[test]
    fn what_hides_tags_from_who_guesses_hides_nothing() {
        let many = "<div>".repeat(300_000);
        for hidden in [
            r#"<!--<b x="-->"#,
            r#"<p a==">"#,
            r#"<p a="><p b=""#,
            r#"<script>"<b x='"</script>"#,
        ] {
            assert!(!is_readable(&format!("{hidden}{many}")), "{hidden}");
        }
        let attributes = " a".repeat(MOST_ATTRIBUTES + 1);
        for hidden in [r#"<!--<b x="-->"#, r#"<p a==">"#] {
            let html = format!("{hidden}<p{attributes}>");
            assert!(!is_readable(&html), "{hidden}");
        }
    }

    #[test]
    fn looking_takes_no_longer_than_reading() {
        assert!(!is_readable(&"<b ".repeat(MOST_TAGS)));
        let began = std::time::Instant::now();
        let long = "x".repeat(2 * 1024 * 1024);
        assert!(!is_readable(
            &("<b></b>".repeat(1_000) + &"<b x='".repeat(1_000) + &long)
        ));
        assert!(began.elapsed() < std::time::Duration::from_secs(10));
    }

    proptest! {
        #[test]
        fn any_text_is_looked_through(html in "[<>/='\" a-z\\PC]{0,300}") {
            prop_assert!(is_readable(&html));
        }
    }
}
