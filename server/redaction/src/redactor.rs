//! Text in, text out.

use crate::fold::Folded;
use crate::forms::{self, Finding, credential};
use crate::token::{Shape, Tokens};
use crate::{Key, Kind, Seen, encoded, known, names, normal};

/// How often a text is gone through at most.
const PASSES: usize = 8;
/// How often something encoded is looked into.
const LAYERS: usize = 2;

/// Takes from text what identifies a person. Made once; used by all calls at the same time.
pub struct Redactor {
    key: Key,
}

/// Text without what identifies a person, and how often each kind was hidden.
pub struct Cleaned {
    /// What is left.
    pub text: String,
    /// What was hidden, by kind, in the order of its first place.
    pub hidden: Vec<Kind>,
}

/// Something to hide, by its place in the text.
struct Span {
    start: usize,
    end: usize,
    kind: Kind,
    value: String,
}

impl Redactor {
    /// A redactor whose pseudonyms are made with `key`.
    pub fn new(key: Key) -> Self {
        Self { key }
    }

    /// `text` without what identifies a person.
    pub fn text(&self, text: &str, seen: &Seen) -> Cleaned {
        let mut cleaned = Cleaned {
            text: text.to_owned(),
            hidden: Vec::new(),
        };
        // What is left may look otherwise once something is gone: until nothing is found, so that redacting again changes nothing.
        for _ in 0..PASSES {
            let spans = spans(&cleaned.text, seen, LAYERS);
            if spans.is_empty() {
                break;
            }
            cleaned.text = self.without(&cleaned.text, &spans);
            cleaned.hidden.extend(spans.iter().map(|span| span.kind));
        }
        cleaned
    }

    fn without(&self, text: &str, spans: &[Span]) -> String {
        let mut left = String::with_capacity(text.len());
        let mut from = 0;
        for span in spans {
            left.push_str(&text[from..span.start]);
            left.push_str(&self.told(span.kind, &span.value));
            from = span.end;
        }
        left.push_str(&text[from..]);
        left
    }

    /// What is told in place of a value whose kind is known.
    pub fn value(&self, kind: Kind, value: &str) -> String {
        self.told(kind, &normal::normal(kind, value))
    }

    fn told(&self, kind: Kind, normal: &str) -> String {
        format!("[{}:{}]", kind.as_str(), self.key.pseudonym(kind, normal))
    }
}

/// What is to be hidden in `text`, in order, none over another.
fn spans(text: &str, seen: &Seen, layers: usize) -> Vec<Span> {
    let folded = Folded::new(text);
    let tokens = Tokens::new(&folded);
    let mut found: Vec<Span> = Vec::new();
    // What comes first here counts where two lie over each other.
    for (start, end) in credential::find(text.as_bytes()) {
        found.push(Span {
            start,
            end,
            kind: Kind::Credential,
            value: text[start..end].to_owned(),
        });
    }
    if layers > 0 {
        for one in encoded::find(text) {
            let inner = spans(&one.text, seen, layers - 1);
            if let Some(first) = inner.into_iter().next() {
                found.push(Span {
                    start: one.start,
                    end: one.end,
                    kind: first.kind,
                    value: first.value,
                });
            }
        }
    }
    let placed = known::find(&tokens, seen)
        .into_iter()
        .chain(forms::find(&tokens))
        .chain(names::find(&tokens, seen));
    found.extend(placed.map(|finding| place(finding, text, &tokens)));
    one_each(found, &tokens)
}

fn place(finding: Finding, text: &str, tokens: &Tokens) -> Span {
    let Finding {
        start,
        end,
        kind,
        value,
    } = finding;
    let value = value.unwrap_or_else(|| normal::of_range(kind, tokens, start, end));
    let (start, end) = tokens.folded.origin(start, end);
    let value = if kind == Kind::Credential {
        text[start..end].to_owned()
    } else {
        value
    };
    Span {
        start,
        end,
        kind,
        value,
    }
}

/// Joins what lies over each other, and leaves out what was hidden before.
fn one_each(mut found: Vec<Span>, tokens: &Tokens) -> Vec<Span> {
    let hidden: Vec<(usize, usize)> = tokens
        .all
        .iter()
        .filter(|token| token.shape == Shape::Hidden)
        .map(|token| tokens.folded.origin(token.start, token.end))
        .collect();
    found.retain(|span| {
        let next = hidden.partition_point(|(_, end)| *end <= span.start);
        hidden.get(next).is_none_or(|(start, _)| *start >= span.end)
    });
    found.sort_by_key(|span| span.start);
    let mut spans: Vec<Span> = Vec::with_capacity(found.len());
    for span in found {
        match spans.last_mut() {
            Some(last) if span.start < last.end => {
                if span.end - span.start > last.end - last.start {
                    last.kind = span.kind;
                    last.value = span.value;
                }
                last.end = last.end.max(span.end);
            }
            _ => spans.push(span),
        }
    }
    spans
}
