//! Bytes as text, whatever charset they claim to be in.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// How much of a page is looked through for the charset that it names.
const HEAD: usize = 1024;

/// A page as text: a byte order mark wins; then UTF-8 where it is that, whatever is claimed; then the header's charset, then
/// the page's own, then what browsers take.
pub fn decoded(content_type: Option<&str>, body: Vec<u8>) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(&body) {
        return encoding
            .decode_without_bom_handling(&body[mark..])
            .0
            .into_owned();
    }
    let declared = content_type.and_then(charset).and_then(named);
    // Not a superset of ASCII: such a page can look like UTF-8 that it is not.
    if let Some(encoding) = declared.filter(|encoding| !encoding.is_ascii_compatible()) {
        return encoding.decode_without_bom_handling(&body).0.into_owned();
    }
    String::from_utf8(body).unwrap_or_else(|error| {
        let body = error.as_bytes();
        let encoding = declared
            .filter(|encoding| *encoding != UTF_8)
            .or_else(|| of_page(body))
            .unwrap_or(WINDOWS_1252);
        encoding.decode_without_bom_handling(body).0.into_owned()
    })
}

/// What the page itself says, in one of its first tags: `<meta charset=…>` or within `<meta http-equiv=… content=…>`.
fn of_page(body: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&body[..body.len().min(HEAD)]).to_ascii_lowercase();
    let metas = head.split("<meta").skip(1);
    metas
        .filter_map(|rest| charset(rest.split('>').next()?))
        .find_map(named)
        // What was read to here was read as ASCII: it is none of these.
        .filter(|encoding| *encoding != UTF_8 && encoding.is_ascii_compatible())
}

/// What follows `charset=`.
fn charset(text: &str) -> Option<&str> {
    let at = text.to_ascii_lowercase().find("charset=")?;
    let value = text
        .get(at + "charset=".len()..)?
        .trim_start_matches(['"', '\'']);
    value
        .split(|c: char| c.is_whitespace() || matches!(c, ';' | '"' | '\'' | '/' | '>'))
        .next()
}

fn named(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label(label.as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_charset_that_a_page_has_wins_over_the_one_it_claims() {
        let latin = b"Pe\xf1a".to_vec();
        let utf8 = "Peña".as_bytes().to_vec();
        for charset in [
            "text/html; charset=utf-8",
            "text/html",
            "text/html; charset=iso-8859-1",
            "text/html; Charset=\"latin1\"; x=y",
            "text/html; charset=none-such",
            "text/html; charset=",
        ] {
            assert_eq!(decoded(Some(charset), latin.clone()), "Peña", "{charset}");
            assert_eq!(decoded(Some(charset), utf8.clone()), "Peña", "{charset}");
        }
        assert_eq!(decoded(None, latin), "Peña");
    }

    #[test]
    fn a_page_may_name_its_charset_itself() {
        for meta in [
            "<meta charset=windows-1250>",
            "<META CHARSET='windows-1250'/>",
            r#"<meta http-equiv="content-type" content="text/html; charset=windows-1250">"#,
            r#"<meta name=viewport content=x><meta charset="windows-1250">"#,
        ] {
            let page = [meta.as_bytes(), b"Nov\xe1k, Ji\xf8\xed"].concat();
            assert!(
                decoded(None, page.clone()).ends_with("Novák, Jiří"),
                "{meta}"
            );
            let claimed = decoded(Some("text/html; charset=utf-8"), page.clone());
            assert!(claimed.ends_with("Novák, Jiří"), "{meta}");
            let header = decoded(Some("text/html; charset=iso-8859-1"), page);
            assert!(
                header.ends_with("Novák, Jiøí"),
                "the header comes first: {meta}"
            );
        }
    }

    #[test]
    fn a_byte_order_mark_wins_over_everything_and_is_taken_off() {
        let utf16 = [b"\xff\xfeP\0e\0\xf1\0a\0".as_slice()].concat();
        let utf8 = "\u{feff}Peña".as_bytes().to_vec();
        for charset in [None, Some("text/html; charset=iso-8859-1")] {
            assert_eq!(decoded(charset, utf16.clone()), "Peña");
            assert_eq!(decoded(charset, utf8.clone()), "Peña");
        }
        let unmarked = b"P\0e\0\xf1\0a\0".to_vec();
        assert_eq!(
            decoded(Some("text/html; charset=utf-16le"), unmarked),
            "Peña"
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_some_text(body in prop::collection::vec(any::<u8>(), 0..200), claim in "\\PC{0,40}") {
            let _ = decoded(Some(&claim), body.clone());
            let _ = decoded(Some(&format!("text/html; charset={claim}")), body);
        }
    }
}
