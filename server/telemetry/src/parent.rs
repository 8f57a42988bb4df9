//! The caller's trace context, as far as we take it.

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

/// Most times that a digit of a random id follows itself, and most zeros at both of its ends together.
const LONGEST_RUN: usize = 5;
/// Longest part that an id is not a repetition of: an A-number with its letter.
const LONGEST_PERIOD: usize = 10;

/// Reads a W3C `traceparent`. `None` for anything malformed, and where an id does not look random: it may be the number
/// of a person, and ids go everywhere that spans and log lines go.
///
/// `tracestate` and baggage are not taken: they are free text of the caller's, and nothing of it may be recorded or
/// passed on. The sampled flag is read, but no decision of ours follows it.
pub fn parent_from(traceparent: &str) -> Option<SpanContext> {
    let mut parts = traceparent.trim().split('-');
    let version = hex(parts.next()?, 2)?;
    let trace_id = hex(parts.next()?, 32).filter(|id| looks_random(id))?;
    let span_id = hex(parts.next()?, 16).filter(|id| looks_random(id))?;
    let flags = hex(parts.next()?, 2)?;
    // Version 00 ends here; later versions may go on, ff is reserved.
    if version == "ff" || (version == "00" && parts.next().is_some()) {
        return None;
    }
    let context = SpanContext::new(
        TraceId::from_hex(trace_id).ok()?,
        SpanId::from_hex(span_id).ok()?,
        TraceFlags::new(u8::from_str_radix(flags, 16).ok()? & 1),
        true,
        TraceState::NONE,
    );
    context.is_valid().then_some(context)
}

fn hex(text: &str, length: usize) -> Option<&str> {
    let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    (text.len() == length && text.bytes().all(lower_hex)).then_some(text)
}

/// Whether nobody seems to have filled an id up with something shorter than it. Of a hundred thousand random ids three at
/// most are taken for such, nearly all for a digit that is there six times in a row. So is every id of 64 bits that was made
/// longer with zeros.
///
/// Sixteen decimal digits are not told from chance: of random span ids one in two thousand has no others.
fn looks_random(id: &str) -> bool {
    let digits = id.as_bytes();
    let inner = id.trim_matches('0').len();
    let has_run = digits
        .windows(LONGEST_RUN + 1)
        .any(|run| run.iter().all(|digit| *digit == run[0]));
    let is_padded = digits.len() - inner > LONGEST_RUN;
    let repeats =
        (1..=LONGEST_PERIOD).any(|period| digits[period..] == digits[..digits.len() - period]);
    let is_decimal = digits.len() > 16 && digits.iter().all(u8::is_ascii_digit);
    !(has_run || is_padded || repeats || is_decimal)
}
