//! Strings of protobuf: what stands after one, a tag, may look like a letter or a digit of it.

/// How deep messages lie within each other.
const DEEPEST: usize = 16;

/// Whether there are bytes that no text has: looked for at the beginning, where a message has its first tags and lengths.
pub fn is_binary(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .take(256)
        .any(|byte| *byte < b' ' && !b"\t\n\r".contains(byte) || *byte == 0x7f)
}

/// A number of seven bits a byte, and its length.
fn varint(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (at, byte) in bytes.iter().take(9).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    None
}

/// The first field of a message: its content if it has a length, and where the next begins.
fn field(bytes: &[u8]) -> Option<(Option<&[u8]>, usize)> {
    let (tag, from) = varint(bytes)?;
    let rest = &bytes[from..];
    let (content, length) = match (tag >> 3, tag & 7) {
        (0, _) => return None,
        (_, 0) => (None, varint(rest)?.1),
        (_, 1) => (None, 8),
        (_, 5) => (None, 4),
        (_, 2) => {
            let (length, start) = varint(rest)?;
            let end = start.checked_add(length)?;
            (Some(rest.get(start..end)?), end)
        }
        _ => return None,
    };
    (length <= rest.len()).then_some((content, from + length))
}

/// The first thing that `look` finds in a string of a message.
pub fn find<T>(bytes: &[u8], look: &impl Fn(&[u8]) -> Option<T>) -> Option<T> {
    within(bytes, DEEPEST, look)
}

fn within<T>(mut bytes: &[u8], depth: usize, look: &impl Fn(&[u8]) -> Option<T>) -> Option<T> {
    while let Some((content, next)) = field(bytes) {
        if let Some(content) = content.filter(|content| content.len() > 3) {
            let hit = if is_binary(content) {
                None
            } else {
                look(content)
            };
            let hit = hit.or_else(|| within(content, depth.checked_sub(1)?, look));
            if hit.is_some() {
                return hit;
            }
        }
        bytes = &bytes[next..];
    }
    None
}
