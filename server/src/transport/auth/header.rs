//! The token that a request shows. It is read strictly: what two programs could read differently is no token.

use axum::http::{HeaderMap, header};

/// Longest token. What issuers give is a tenth of it.
pub const LONGEST_TOKEN: usize = 16 * 1024;

/// Why there is no token in a header that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// The token after `Authorization: Bearer`; `None` without such a header.
pub fn token(headers: &HeaderMap) -> Result<Option<&str>, Malformed> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = all.next() else {
        return Ok(None);
    };
    // Which of two is meant a proxy before us may see differently.
    if all.next().is_some() {
        return Err(Malformed);
    }
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .ok_or(Malformed)?;
    let token = token.trim_matches(' ');
    if scheme.eq_ignore_ascii_case("bearer") && is_token(token) {
        Ok(Some(token))
    } else {
        Err(Malformed)
    }
}

/// Whether a client can send this: RFC 6750's `b64token`, of a sane length.
pub fn is_token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty()
        && text.len() <= LONGEST_TOKEN
        && body
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn read(values: &[&[u8]]) -> Result<Option<String>, Malformed> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(
                header::AUTHORIZATION,
                HeaderValue::from_bytes(value).unwrap(),
            );
        }
        token(&headers).map(|token| token.map(str::to_owned))
    }

    #[test]
    fn a_token_is_read_however_its_scheme_is_written() {
        for value in [
            "Bearer abc.DEF-_~+/9==",
            "bearer abc.DEF-_~+/9==",
            "BEARER   abc.DEF-_~+/9== ",
        ] {
            assert_eq!(
                read(&[value.as_bytes()]),
                Ok(Some("abc.DEF-_~+/9==".to_owned()))
            );
        }
        assert_eq!(read(&[]), Ok(None));
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_no_token() {
        let long = format!("Bearer {}", "a".repeat(64 * 1024));
        for values in [
            &[b"Bearer one".as_slice(), b"Bearer one"][..],
            &[b"Bearer one, Bearer two"],
            &[b"Bearer"],
            &[b"Bearer "],
            &[b"Bearer ="],
            &[b"Bearer a=b"],
            &[b"Bearer\tabc"],
            &[b"Basic YTpi"],
            &[b"abc"],
            &[b""],
            &[b"Bearer \xc3\xa9\xc3\xa9"],
            &[long.as_bytes()],
        ] {
            assert_eq!(read(values), Err(Malformed), "{values:?}");
        }
    }

    proptest! {
        #[test]
        fn any_header_is_a_token_or_none(value in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value)]);
                if let Ok(token) = token(&headers) {
                    prop_assert!(token.is_some_and(is_token));
                }
            }
        }
    }
}
