//! Tokens, passwords and keys.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::Finding;
use crate::Kind;
use crate::token::Tokens;
use crate::words::{self, Class};

/// Forms that nothing else has. Each begins with letters that are searched for first.
pub const FORMS: &str = r"(?x-u)
      eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?
    | \b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b
    | \bgh[pousr]_[A-Za-z0-9]{20,}
    | \bgithub_pat_[A-Za-z0-9_]{20,}
    | \bglpat-[A-Za-z0-9_-]{16,}
    | \bxox[abeoprs]-[A-Za-z0-9-]{8,}
    | \bxapp-[A-Za-z0-9-]{8,}
    | hooks\.slack\.com/services/[A-Za-z0-9/]{8,}
    | \b(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{10,}
    | \bwhsec_[A-Za-z0-9]{16,}
    | \bAIza[A-Za-z0-9_-]{30,}
    | \bya29\.[A-Za-z0-9_-]{16,}
    | \bGOCSPX-[A-Za-z0-9_-]{16,}
    | \bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,}
    | \bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}
    | \bnpm_[A-Za-z0-9]{30,}
    | \bdckr_pat_[A-Za-z0-9_-]{16,}
    | \bhvs\.[A-Za-z0-9_-]{16,}
    | \bdop_v1_[a-f0-9]{32,}
    | -----BEGIN\x20[A-Z\x20]*PRIVATE\x20KEY-----(?:[^-]+-----END\x20[A-Z\x20]*PRIVATE\x20KEY-----)?
";

static KNOWN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(FORMS).ok());

/// `user:password@` in an address.
pub const USER_FORM: &str = r#"://[^\s/@:"'<>]*:[^\s/@"'<>]+@"#;
static URL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!("(?-u){USER_FORM}")).ok());

/// `Bearer abc`, `Basic abc`, `Cookie: a=b`.
const HEADER: &str = r#"(?i-u)\b(?:bearer|basic)[ =:]{1,3}([A-Za-z0-9._~+/=-]{8,})|\b(?:set-)?cookie"?\s?[:=]\s?"?([^\r\n"]{4,400})"#;
static HEADERS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(HEADER).ok());

/// A key in base64: long, and padded.
static PADDED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?-u)\b[A-Za-z0-9+/]{40,}={1,2}").ok());

/// Bytes of `text`, not folded, that are secrets.
pub fn find(text: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    if let Some(known) = &*KNOWN {
        found.extend(known.find_iter(text).map(|hit| (hit.start(), hit.end())));
    }
    if let Some(padded) = &*PADDED
        && text.contains(&b'=')
    {
        found.extend(padded.find_iter(text).map(|hit| (hit.start(), hit.end())));
    }
    if let Some(url) = &*URL {
        found.extend(
            url.find_iter(text)
                .map(|hit| (hit.start() + 3, hit.end() - 1)),
        );
    }
    if let Some(headers) = &*HEADERS {
        for hit in headers.captures_iter(text) {
            let secret = hit.get(1).or_else(|| hit.get(2));
            found.extend(
                secret
                    .filter(|one| !is_told(one.as_bytes()))
                    .map(|one| (one.start(), one.end())),
            );
        }
    }
    found
}

/// Words that follow "basic" or "bearer" in plain text.
fn is_told(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_lowercase)
}

/// Words between a word for a secret and the secret.
const SMALL: &str = "token key password id value de del la el for my mi acceso secret code number api access client";

/// Whether a token is the second word of "API key".
pub fn is_key(tokens: &Tokens, at: usize) -> bool {
    at > 0
        && tokens.all[at].class.any(Class::KEY)
        && words::one_of(tokens.text(at - 1), "api secret access private auth client")
}

/// A secret that follows a word for one: "password: hunter2", "la contraseña es hunter2".
pub fn after_cue(tokens: &Tokens, cue: usize, found: &mut Vec<Finding>) {
    let bytes = &tokens.folded.bytes;
    let mut at = tokens.all[cue].end;
    let mut sign = false;
    let mut steps = 0;
    // "the password for the PDF is hunter2".
    let is_far = words::one_of(tokens.text(cue), "password passwd contrasena clave token");
    let reach = if is_far { 8 } else { 3 };
    let mut far = false;
    // Signs and small words between the cue and the secret.
    loop {
        while at < bytes.len() && b" \t\"'`(,".contains(&bytes[at]) {
            at += 1;
        }
        match bytes.get(at) {
            Some(b':' | b'=') => {
                sign = true;
                at += 1;
            }
            Some(byte) if !sign && byte.is_ascii_alphabetic() && steps < reach => {
                let length = bytes[at..]
                    .iter()
                    .take_while(|byte| byte.is_ascii_alphanumeric())
                    .count();
                let word = &bytes[at..at + length];
                let linked = bytes
                    .get(at + length)
                    .is_none_or(|byte| b" :=\"'".contains(byte));
                let is = words::one_of(word, "is es was era");
                sign = is;
                if !linked {
                    break;
                }
                if !is && !words::one_of(word, SMALL) {
                    if !is_far || !word.iter().all(u8::is_ascii_alphabetic) {
                        break;
                    }
                    far = true;
                }
                at += length;
                steps += 1;
            }
            _ => break,
        }
    }
    let length = bytes[at..]
        .iter()
        .take(400)
        .take_while(|byte| !b" \t\n\r\"'`,;)]}<>".contains(byte))
        .count();
    let end = at + length
        - bytes[at..at + length]
            .iter()
            .rev()
            .take_while(|byte| b".?:".contains(byte))
            .count();
    let secret = &bytes[at..end];
    let digit = secret.iter().any(u8::is_ascii_digit);
    let letter = secret.iter().any(u8::is_ascii_alphabetic);
    let strange = secret
        .iter()
        .any(|byte| byte.is_ascii_punctuation() && !b"-'./".contains(byte));
    let short = words::one_of(
        tokens.text(cue),
        "pass session key clave token pin auth authorization bearer secret credential credentials cookie sessionid jwt credencial",
    );
    let telling = digit || strange;
    let fits = if far {
        sign && secret.len() >= 6 && digit && letter
    } else if sign {
        let plain = short || is_common(secret);
        secret.len() >= 4 && (telling || !plain)
    } else {
        secret.len() >= 6 && digit && (letter || strange)
    };
    if fits && !secret.starts_with(b"[") {
        found.push(Finding {
            start: at,
            end,
            kind: Kind::Credential,
            value: None,
        });
    }
}

/// What is said of a password, rather than the password.
fn is_common(word: &[u8]) -> bool {
    let class = words::class(word);
    class.any(Class::FUNCTION)
        || words::one_of(
            word,
            "required wrong invalid expired incorrect missing empty null none true false correct valid incorrecta invalida requerida weak strong reset denied unknown string needed optional",
        )
}
