//! Names with a label before each part, as in a form: `Apellidos: … Nombre: …`, "last name is …".

use super::cues::{own, third};
use super::naming::{LONGEST, is_name_word, leads_on};
use super::split::{self, Name};
use super::token::{Kind, Range, Tokens};

/// Names with a label before each part: `Apellidos: … Nombre: …`.
pub fn labelled(text: &mut Tokens) -> Option<Name> {
    let mut name = Name::default();
    let has_last =
        (0..text.len()).any(|at| label(text, at).is_some_and(|(part, _)| part == Part::Last));
    let mut at = 0;
    while at < text.len() {
        let Some((part, from)) = label(text, at) else {
            at += 1;
            continue;
        };
        let part = if part == Part::Full && has_last {
            Part::First
        } else {
            part
        };
        let range = value(text, from, part);
        at = from.max(at + 1);
        if range.is_empty() || own(text, range.start) || third(text, at) {
            continue;
        }
        match part {
            Part::First => name.first.get_or_insert_with(Vec::new).push(range.clone()),
            Part::Middle => name.middle.get_or_insert_with(Vec::new).push(range.clone()),
            Part::Last => name.last.get_or_insert_with(Vec::new).push(range.clone()),
            Part::Full => continue,
        }
        at = range.end;
    }
    // A first name said once is not said again.
    for ranges in [&mut name.first, &mut name.middle].into_iter().flatten() {
        ranges.truncate(1);
    }
    if let Some(last) = &mut name.last {
        last.truncate(2);
        let again = matches!(&last[..], [one, other] if text.written(one.clone()).to_lowercase() == text.written(other.clone()).to_lowercase());
        if again {
            last.truncate(1);
        }
    }
    (name.first.is_some() || name.last.is_some()).then_some(name)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    First,
    Middle,
    Last,
    Full,
}

/// The label there, and where what it labels begins.
fn label(text: &Tokens, at: usize) -> Option<(Part, usize)> {
    let (part, mut end) = match (text.word(at), text.word(at + 1)) {
        ("first" | "given", "name" | "names") | ("primer", "nombre") => (Part::First, at + 2),
        ("last" | "family" | "sur", "name" | "names")
        | ("primer" | "segundo" | "sus" | "2do" | "ultimo", "apellido" | "apellidos" | "apeyido") => {
            (Part::Last, at + 2)
        }
        ("middle", "name" | "initial") | ("segundo", "nombre") => (Part::Middle, at + 2),
        ("firstname", _) => (Part::First, at + 1),
        (
            "lastname" | "surname" | "surnames" | "apellido" | "apellidos" | "apeyido" | "apeyidos"
            | "apellida",
            _,
        ) => (Part::Last, at + 1),
        ("nombre" | "nombres" | "name" | "names", _) => (Part::Full, at + 1),
        _ => return None,
    };
    // "Her name is", "su nombre completo es": the words between label and name.
    let last = end + 5;
    while end < last {
        let filler = matches!(
            text.word(end),
            "is" | "are"
                | "es"
                | "son"
                | "was"
                | "paterno"
                | "materno"
                | "s"
                | "de"
                | "pila"
                | "completo"
                | "completos"
                | "nombre"
                | "name"
                | "names"
                | "apellido"
                | "apellidos"
                | "first"
                | "last"
        ) && text.word(end) != "de"
            || text.says(end, &["de", "pila"])
            || matches!(
                text.mark(end),
                Some(':' | '=' | '-' | '/' | '(' | ')' | '–' | '—' | '\'' | '"' | '“' | '*' | '.')
            )
            || text.get(end).is_some_and(|token| token.kind == Kind::Line)
                && end > at + 1
                && text.mark(end - 1) == Some(':');
        if !filler || label_starts(text, end) {
            break;
        }
        end += 1;
    }
    Some((part, end))
}

fn label_starts(text: &Tokens, at: usize) -> bool {
    matches!(
        (text.word(at), text.word(at + 1)),
        ("first" | "last" | "middle", "name" | "names")
    )
}

/// The words that a label labels.
fn value(text: &Tokens, from: usize, part: Part) -> Range {
    let mut end = from;
    while end < text.len() && end - from < LONGEST {
        let particle = split::is_particle(text.word(end)) && !text.is_taken(end);
        let takes = is_name_word(text, end, true)
            || particle && part != Part::First && leads_on(text, end)
            || particle && end > from && leads_on(text, end);
        if !takes {
            break;
        }
        end += 1;
    }
    from..end
}
