//! Takes off what characters are escaped with: in URLs, in HTML, in JSON.

use super::trace::Trace;

/// How often text may have been escaped.
const MOST: usize = 3;
/// Longest name of an HTML entity.
const LONGEST_ENTITY: usize = 9;

/// `text` without it, layer by layer, if there is any. Where what is left comes from is added to `traces`.
pub fn unescape(text: &str, traces: &mut Vec<Trace>) -> Option<String> {
    let mut last: Option<String> = None;
    for _ in 0..MOST {
        let Some((next, trace)) = once(last.as_deref().unwrap_or(text)) else {
            break;
        };
        traces.push(trace);
        last = Some(next);
    }
    last
}

/// Whether it is a sign, as a number: without branches, so that the compiler compares many bytes at once.
fn is_sign(byte: u8) -> u8 {
    let is = |sign: u8| u8::from(byte == sign);
    is(b'%') | is(b'&') | is(b'\\') | is(b'=')
}

/// The first sign at `at` or after it. Whole blocks without one, as most are, are passed at once.
fn sign(bytes: &[u8], mut at: usize) -> Option<usize> {
    const BLOCK: usize = 32;
    while let Some(block) = bytes[at..].first_chunk::<BLOCK>()
        && block.iter().fold(0, |any, byte| any | is_sign(*byte)) == 0
    {
        at += BLOCK;
    }
    let next = bytes[at..].iter().position(|byte| is_sign(*byte) > 0)?;
    Some(at + next)
}

fn once(text: &str) -> Option<(String, Trace)> {
    let mut left = String::new();
    let mut trace = Trace::default();
    let (mut at, mut from) = (0, 0);
    while let Some(found) = sign(text.as_bytes(), at) {
        let rest = &text.as_bytes()[found..];
        let decoded = match rest[0] {
            b'%' => bytes(rest, b"%"),
            b'=' => bytes(rest, b"="),
            b'&' => entity(&text[found..]),
            _ => backslash(rest),
        };
        let Some((character, taken)) = decoded else {
            at = found + 1;
            continue;
        };
        if left.is_empty() {
            left.reserve(text.len());
        }
        if from < found {
            trace.copied(left.len(), from);
            left.push_str(&text[from..found]);
        }
        trace.whole(left.len(), found, found + taken);
        left.push(character);
        at = found + taken;
        from = at;
    }
    if left.is_empty() {
        return None;
    }
    if from < text.len() {
        trace.copied(left.len(), from);
        left.push_str(&text[from..]);
    }
    Some((left, trace))
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number: u32, digit| {
        Some(number.checked_mul(16)? + char::from(*digit).to_digit(16)?)
    })
}

/// `%C3%A9`, `=C3=A9` in mail, `\xC3\xA9` in code. A single byte above ASCII is taken for Latin-1 where it is not UTF-8.
fn bytes(rest: &[u8], sign: &[u8]) -> Option<(char, usize)> {
    let size = sign.len() + 2;
    let byte = |index: usize| {
        let part = rest.get(index * size..index * size + size)?;
        u8::try_from(hex(part.strip_prefix(sign)?)?).ok()
    };
    let first = byte(0)?;
    let in_mail = sign == b"=";
    if in_mail && first.is_ascii() {
        return None;
    }
    let length = match first {
        0..0x80 => return Some((char::from(first), size)),
        0xc2..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf8 => 4,
        _ => 1,
    };
    let mut whole = [0; 4];
    let read = (0..length).try_for_each(|index| {
        whole[index] = byte(index)?;
        Some(())
    });
    let decoded = read
        .and_then(|()| std::str::from_utf8(&whole[..length]).ok())
        .and_then(|text| text.chars().next());
    match decoded {
        Some(character) => Some((character, length * size)),
        None if in_mail => None,
        None => Some((char::from(first), size)),
    }
}

fn entity(text: &str) -> Option<(char, usize)> {
    let length = text
        .bytes()
        .take(LONGEST_ENTITY + 2)
        .position(|byte| byte == b';')?;
    let name = &text[1..length];
    let character = if let Some(number) = name.strip_prefix('#') {
        let number = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        char::from_u32(number)?
    } else {
        named(name)?
    };
    Some((character, length + 1))
}

/// An accent changes nothing once text is folded, so a letter with a name for its accent is the letter.
fn named(name: &str) -> Option<char> {
    const ACCENTS: [&str; 10] = [
        "acute", "grave", "uml", "tilde", "circ", "cedil", "ring", "slash", "caron", "ogon",
    ];
    let mut letters = name.chars();
    let first = letters.next()?;
    if first.is_ascii_alphabetic() && ACCENTS.contains(&letters.as_str()) {
        return Some(first);
    }
    Some(match name {
        "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" | "lsquo" | "rsquo" => '\'',
        "commat" => '@',
        "period" => '.',
        "comma" => ',',
        "colon" => ':',
        "sol" => '/',
        "lowbar" => '_',
        "plus" => '+',
        "num" => '#',
        "hyphen" | "ndash" | "mdash" | "dash" => '-',
        "lpar" => '(',
        "rpar" => ')',
        "Tab" => '\t',
        "NewLine" => '\n',
        "shy" | "zwnj" | "zwj" => '\u{200b}',
        "szlig" => 'ß',
        "aelig" => 'æ',
        "oelig" => 'œ',
        _ => return None,
    })
}

fn backslash(rest: &[u8]) -> Option<(char, usize)> {
    let next = *rest.get(1)?;
    match next {
        b'u' if *rest.get(2)? == b'{' => {
            let length = rest.iter().take(11).position(|byte| *byte == b'}')?;
            let character = char::from_u32(hex(&rest[3..length])?)?;
            (length > 3).then_some((character, length + 1))
        }
        b'u' => {
            let first = hex(rest.get(2..6)?)?;
            if let Some(character) = char::from_u32(first) {
                return Some((character, 6));
            }
            let second = rest.get(6..12)?;
            let is_pair = second.starts_with(b"\\u");
            let second = u16::try_from(hex(&second[2..]).filter(|_| is_pair)?).ok()?;
            let pair = [u16::try_from(first).ok()?, second];
            let character = char::decode_utf16(pair).next()?.ok()?;
            Some((character, 12))
        }
        b'x' => bytes(rest, br"\x"),
        b'n' | b'r' => Some(('\n', 2)),
        b't' => Some(('\t', 2)),
        b'"' | b'\'' | b'/' | b'\\' => Some((char::from(next), 2)),
        _ => None,
    }
}
