//! What announces a name, and what says that a word is a place.

use super::inflected::is_inflected;
use super::{Belief, Search};
use crate::token::{Case, Shape};
use crate::words::{self, Class};

/// Words of a place's name.
const PLACE: usize = 4;
/// Words of a facility's name.
const FACILITY: usize = 3;
/// Words of an announced name.
const NAME: usize = 5;

/// Places are none, whatever their words.
pub fn places(search: &mut Search) {
    for at in 0..search.tokens.all.len() {
        let class = search.token(at).class;
        if class.any(Class::PHRASE) {
            phrase(search, at);
        }
        if class.any(Class::FACILITY)
            && search.token(at).case != Case::Small
            && !is_surname(search, at)
        {
            facility(search, at);
        }
        if search.belief[at] >= Belief::Beside
            && !class.any(Class::COMMON_NAME)
            && is_town(search, at)
        {
            search.belief[at] = Belief::Never;
        }
    }
}

/// "Grace Field" rather than "Field Office", "Rich Law" rather than "Law Center".
fn is_surname(search: &Search, at: usize) -> bool {
    let next = at + 1;
    matches!(search.tokens.text(at), b"field" | b"law")
        && !search
            .tokens
            .all
            .get(next)
            .is_some_and(|one| one.class.any(Class::FACILITY) && search.tokens.gap(next) == b" ")
}

/// "in Lumpkin, Georgia"; "Processing Center, Pearsall".
fn is_town(search: &Search, at: usize) -> bool {
    let facility = at > 0
        && search.tokens.gap(at) == b", "
        && search.token(at - 1).case != Case::Small
        && search.token(at - 1).class.any(Class::FACILITY);
    if facility {
        return true;
    }
    let next = at + 1;
    let region = search.tokens.all.get(next).is_some_and(|token| {
        token.class.any(Class::TERM) || token.case == Case::Upper && token.len() == 2
    });
    at > 0
        && words::one_of(search.tokens.text(at - 1), "in near from en de desde")
        && region
        && search.tokens.gap(next) == b", "
}

fn phrase(search: &mut Search, at: usize) {
    let named = at > 0
        && search.tokens.gap(at) == b" "
        && search.belief[at - 1] == Belief::Yes
        && !search.token(at - 1).class.is_unknown();
    if named {
        return;
    }
    let mut joined = search.tokens.text(at).to_vec();
    for next in at + 1..(at + PLACE).min(search.tokens.all.len()) {
        if !matches!(search.tokens.gap(next), b" " | b"-" | b"_" | b". ") {
            return;
        }
        joined.push(b'_');
        joined.extend_from_slice(search.tokens.text(next));
        if words::class(&joined).any(Class::TERM) {
            search.belief[at..=next].fill(Belief::Never);
        }
    }
}

/// Words before "Detention Center", or after "Centro de Detención".
fn facility(search: &mut Search, at: usize) {
    let holds = words::one_of(
        search.tokens.text(at),
        "detention detencion processing procesamiento correctional jail county parish staging prison ipc spc icdc residential regional",
    );
    let may = |search: &Search, one: usize| {
        let token = search.token(one);
        let sure = search.belief[one] == Belief::Yes && token.class.any(Class::COMMON_NAME);
        token.shape == Shape::Word
            && token.case != Case::Small
            && !token.class.any(Class::PERSON)
            && !(search.shouting && token.class.any(Class::FUNCTION))
            && (holds || !sure)
    };
    let mut first = at;
    while first > 0
        && at - first < FACILITY
        && search.tokens.gap(first) == b" "
        && may(search, first - 1)
    {
        first -= 1;
        search.belief[first] = Belief::Never;
    }
    let of = search
        .tokens
        .all
        .get(at + 1)
        .is_some_and(|_| words::one_of(search.tokens.text(at + 1), "de of del"));
    let spanish = words::one_of(
        search.tokens.text(at),
        "detencion procesamiento correccional carcel prision condado municipio departamento",
    );
    if !of && !spanish {
        return;
    }
    let from = at + 1 + usize::from(of);
    for next in from..(from + 2).min(search.tokens.all.len()) {
        if search.tokens.gap(next) != b" " || !may(search, next) {
            return;
        }
        search.belief[next] = Belief::Never;
    }
}

/// Names that "my brother", "se llama" or "nombre:" announces.
pub fn after_cues(search: &mut Search) {
    for cue in 0..search.tokens.all.len() {
        if search.token(cue).class.any(Class::PERSON) && search.belief[cue] != Belief::Yes {
            after_cue(search, cue);
            before_cue(search, cue);
        } else if is_personal(search, cue) {
            after_cue(search, cue);
        }
    }
}

/// Whether it is the "a" of "busco a", which stands before a person only.
fn is_personal(search: &Search, at: usize) -> bool {
    at > 0
        && search.tokens.text(at) == b"a"
        && search.tokens.gap(at) == b" "
        && words::one_of(
            search.tokens.text(at - 1),
            "busco busca buscan buscar buscando buscamos busque busquen encontrar localizar",
        )
}

/// "Rosa es mi esposa", "Grace, my sister".
fn before_cue(search: &mut Search, cue: usize) {
    let Some(article) = cue
        .checked_sub(1)
        .filter(|_| search.tokens.gap(cue) == b" ")
    else {
        return;
    };
    if !words::one_of(
        search.tokens.text(article),
        "my his her our their mi su nuestro nuestra",
    ) {
        return;
    }
    let Some(before) = article.checked_sub(1) else {
        return;
    };
    let is = words::one_of(search.tokens.text(before), "is was es era");
    let name = match search.tokens.gap(article) {
        b", " => before,
        b" " if is && before > 0 && search.tokens.gap(before) == b" " => before - 1,
        _ => return,
    };
    if search.belief[name] >= Belief::Beside
        && search.is_capital(name)
        && is_any_name(search, name)
        && search.token(name).class.any(Class::NAME)
    {
        search.belief[name] = Belief::Yes;
    }
}

fn after_cue(search: &mut Search, cue: usize) {
    let vague = words::one_of(
        search.tokens.text(cue),
        "first last given middle family person persona agent officer lawyer attorney judge deputy sheriff sgt sergeant lieutenant jueza fiscal sargento client cliente name names ing called relative find search locate papa mama detainee nombre nombres familiar alias friend",
    );
    if search.tokens.text(cue) == b"agent" && cue > 0 && search.tokens.text(cue - 1) == b"user" {
        return;
    }
    let before = cue.checked_sub(1).map(|before| search.tokens.text(before));
    let of_name = words::one_of(
        search.tokens.text(cue),
        "surname lastname apellido apellidos llama llamo llamaba named alias aka apodo",
    ) || search.tokens.text(cue) == b"name"
        && before.is_some_and(|before| {
            words::one_of(before, "last first full given middle legal maiden")
        });
    let personal = is_personal(search, cue);
    let called = words::one_of(
        search.tokens.text(cue),
        "named llama llamo llamaba llamado llamada apodo",
    );
    let mut linked = of_name;
    let mut at = cue + 1;
    for _ in 0..4 {
        let Some(token) = search.tokens.all.get(at) else {
            return;
        };
        let gap = search.tokens.gap(at);
        if gap.len() > 5
            || gap.contains(&b'\n') && !gap.contains(&b':')
            || gap.contains(&b'.') && !is_title(search, at - 1)
            || gap.contains(&b'?')
        {
            return;
        }
        let explicit = gap.iter().any(|byte| b":=\"".contains(byte));
        linked |= explicit;
        let link = token.class.any(Class::LINK.and(Class::PERSON))
            && (token.case == Case::Small || search.shouting || token.class.any(Class::PERSON))
            && search.belief[at] != Belief::Yes;
        if !link {
            break;
        }
        linked |= words::one_of(
            search.tokens.text(at),
            "is es was llama llamo llamaba named called llamado llamada",
        );
        at += 1;
    }
    let mut last = None;
    for next in at..(at + NAME).min(search.tokens.all.len()) {
        let gap = search.tokens.gap(next);
        let near = next == at
            || matches!(gap, b" " | b"-" | b"'" | b". " | b"." | b"_" | b"+")
            || gap == b", " && search.is_capital(next);
        if !near || search.belief[next] == Belief::Never && !linked {
            break;
        }
        if search.token(next).class.any(Class::PARTICLE) && search.token(next).case == Case::Small {
            continue;
        }
        let first = last.is_none() && next == at;
        let named = of_name && first && is_any_name(search, next)
            || personal && may_be_name(search, next)
            || called && first && may_be_name(search, next)
            || linked && first && next + 1 < search.tokens.all.len() && is_pair(search, next);
        if !named && !accepts(search, next, vague && !linked, first && linked) {
            break;
        }
        last = Some(next);
    }
    if let Some(last) = last {
        for one in at..=last {
            if search.token(one).shape == Shape::Word {
                search.belief[one] = Belief::Yes;
            }
        }
    }
}

/// Whether a word may be a name for no other reason than that one is announced.
fn is_any_name(search: &Search, at: usize) -> bool {
    search.token(at).case == Case::Capital && is_no_other(search, at)
}

fn may_be_name(search: &Search, at: usize) -> bool {
    search.token(at).class.any(Class::NAME) && is_no_other(search, at)
}

/// "chance woods": small, and words, but two that may be names.
fn is_pair(search: &Search, at: usize) -> bool {
    let next = at + 1;
    let both = may_be_name(search, at) && may_be_name(search, next);
    both && search.tokens.gap(next) == b" " && search.tokens.after(next) != b" "
}

fn is_no_other(search: &Search, at: usize) -> bool {
    let token = search.token(at);
    let other = Class::FUNCTION
        .and(Class::PERSON)
        .and(Class::FACILITY)
        .and(Class::TERM);
    token.shape == Shape::Word && !token.class.any(other)
}

fn is_title(search: &Search, at: usize) -> bool {
    words::one_of(
        search.tokens.text(at),
        "mr mrs ms dr sr sra srta dra lic licda ing jr prof mx sgt",
    )
}

fn accepts(search: &Search, at: usize, vague: bool, first: bool) -> bool {
    let token = search.token(at);
    let class = token.class;
    if token.shape != Shape::Word || search.belief[at] == Belief::Yes {
        return token.shape == Shape::Word;
    }
    if class.any(Class::FUNCTION)
        && !(first && class.any(Class::COMMON_NAME) && search.is_capital(at))
    {
        return false;
    }
    let name = class.any(Class::NAME);
    if search.is_capital(at) {
        let harmless = class.any(Class::ORDINARY.and(Class::TERM));
        return !harmless && token.len() > 1 || name || search.is_initial(at);
    }
    if class.is_unknown() {
        return !vague && token.len() > 2 && !is_inflected(search.tokens.text(at));
    }
    let plain = class.any(Class::ORDINARY.and(Class::TERM));
    name && !vague && (!plain || class.any(Class::COMMON_NAME))
}
