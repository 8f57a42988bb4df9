//! Encoded items as one body.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

/// A JSON array of items that are JSON.
pub fn json_array(items: &[Vec<u8>]) -> Vec<u8> {
    join(b"[", items, b",", b"]")
}

/// A line for each item.
pub fn lines(items: &[Vec<u8>]) -> Vec<u8> {
    join(b"", items, b"\n", b"\n")
}

/// Items with something around and between them.
pub fn join(before: &[u8], items: &[Vec<u8>], between: &[u8], after: &[u8]) -> Vec<u8> {
    let size: usize = items.iter().map(|item| item.len() + between.len()).sum();
    let mut body = Vec::with_capacity(before.len() + size + after.len());
    body.extend_from_slice(before);
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            body.extend_from_slice(between);
        }
        body.extend_from_slice(item);
    }
    body.extend_from_slice(after);
    body
}

pub(crate) fn gzip(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    packed.write_all(body)?;
    packed.finish()
}
