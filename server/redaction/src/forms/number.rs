//! Numbers that identify: A-numbers, Social Security numbers, telephones, documents, dates in digits.

use super::group::{Group, MOST_DIGITS, apart, goes_on, group, mark};
use super::{Finding, date};
use crate::Kind;
use crate::token::{Case, Tokens};
use crate::words::{self, Class};

/// Most groups that one number is written in.
const MOST_GROUPS: usize = 20;
/// Fewest digits of something that identifies and is not a date.
const FEWEST: usize = 4;
/// Fewest digits of what is told by how it is grouped.
const SHORTEST_GROUPED: usize = 7;

/// How documents' numbers are grouped: DPI, DUI, cards, cedulas, the Honduran identity number.
const DOCUMENTS: [&[usize]; 10] = [
    &[4, 5, 4],
    &[4, 9],
    &[8, 1],
    &[4, 4, 4, 4],
    &[4, 6, 5],
    &[3, 6, 4],
    &[3, 7, 1],
    &[4, 4, 5],
    &[4, 5, 2],
    &[4, 5, 4, 2],
];
/// How telephone numbers are, with a country's code or without.
const PHONES: [&[usize]; 19] = [
    &[3, 3, 4],
    &[1, 3, 3, 4],
    &[2, 3, 3, 4],
    &[3, 3, 3, 4],
    &[3, 3, 2, 2],
    &[1, 2, 4, 4],
    &[2, 2, 4, 4],
    &[3, 2, 4, 4],
    &[1, 3, 4, 3],
    &[2, 4, 4],
    &[3, 4, 4],
    &[1, 4, 4],
    &[2, 8],
    &[3, 8],
    &[1, 10],
    &[2, 10],
    &[4, 6],
    &[6, 4],
    &[2, 1, 4, 4],
];

/// What announces digits that have no form of their own.
const CUES: Class = Class::SECRET
    .and(Class::ALIEN)
    .and(Class::DOCUMENT)
    .and(Class::PHONE);

/// Looks at the run of groups that begins at token `at`; `groups` is room for it. Tells the token after it.
pub fn find(
    tokens: &Tokens,
    at: usize,
    groups: &mut Vec<Group>,
    found: &mut Vec<Finding>,
) -> usize {
    groups.clear();
    if !tokens.all[at].is_digits() && !goes_on(tokens, at) {
        return at + 1;
    }
    let mut next = at;
    while let Some((mut group, end)) = group(tokens, next) {
        if !groups.is_empty() {
            match mark(tokens.gap(group.first), group.spelled) {
                Some(mark) => group.mark = mark,
                None => break,
            }
        }
        groups.push(group);
        next = end;
    }
    let nothing = groups.len() < 2 && groups.iter().all(|group| group.digits.len() < FEWEST);
    let mut from = if nothing { groups.len() } else { 0 };
    while from < groups.len() {
        let mut total = 0;
        let most = groups[from..]
            .iter()
            .take(MOST_GROUPS)
            .take_while(|group| {
                total += group.digits.len();
                total <= MOST_DIGITS
            })
            .count();
        let hit = (1..=most).rev().find_map(|count| {
            let window = Window::new(tokens, groups, from, count);
            window.kind().map(|(kind, value)| (count, kind, value))
        });
        let Some((count, kind, value)) = hit else {
            from += 1;
            continue;
        };
        let (first, last) = (&groups[from], &groups[from + count - 1]);
        let (mut start, mut end) = (tokens.all[first.first].start, tokens.all[last.last].end);
        if kind == Kind::AlienNumber
            && let Some(letter) = letter_before(tokens, first.first)
        {
            start = letter;
        }
        if kind == Kind::Phone {
            let before = &tokens.folded.bytes[..start];
            let signs = before
                .iter()
                .rev()
                .take_while(|byte| matches!(byte, b'+' | b'('));
            start -= signs.count().min(2);
        }
        if kind == Kind::Date {
            end = date::with_time(&tokens.folded.bytes, end);
        }
        found.push(Finding {
            start,
            end,
            kind,
            value,
        });
        from += count;
    }
    next.max(at + 1)
}

/// Where the A of an A-number begins, if one is before the token.
fn letter_before(tokens: &Tokens, at: usize) -> Option<usize> {
    let gap = tokens.gap(at);
    let before = at.checked_sub(1)?;
    let near = gap.len() <= 3 && gap.iter().all(|byte| b" -#:.()_".contains(byte));
    let alone = !tokens.all[before].glued;
    (near && alone && tokens.text(before) == b"a").then_some(tokens.all[before].start)
}

/// Some groups of a run, looked at as one number.
struct Window<'a> {
    tokens: &'a Tokens<'a>,
    groups: &'a [Group],
    total: usize,
    /// The marks around it, where the run goes on.
    around: [u8; 2],
}

impl<'a> Window<'a> {
    fn new(tokens: &'a Tokens<'a>, run: &'a [Group], from: usize, count: usize) -> Self {
        let groups = &run[from..from + count];
        let before = if from == 0 { 0 } else { run[from].mark };
        let after = run.get(from + count).map_or(0, |next| next.mark);
        Self {
            tokens,
            groups,
            total: groups.iter().map(|group| group.digits.len()).sum(),
            around: [before, after].map(|mark| if mark == b',' { 0 } else { mark }),
        }
    }

    fn sizes(&self) -> [usize; MOST_GROUPS] {
        let mut sizes = [0; MOST_GROUPS];
        for (size, group) in sizes.iter_mut().zip(self.groups) {
            *size = group.digits.len();
        }
        sizes
    }

    fn first(&self) -> usize {
        self.groups[0].first
    }

    fn cue(&self, class: Class) -> bool {
        self.tokens.cue_before(self.first(), 5, class)
    }

    /// The one mark between all groups.
    fn mark(&self) -> Option<u8> {
        let mark = self.groups.get(1)?.mark;
        let same = self.groups[1..].iter().all(|group| group.mark == mark);
        same.then_some(mark)
    }

    fn byte_before(&self) -> u8 {
        let start = self.tokens.all[self.first()].start;
        start
            .checked_sub(1)
            .map_or(0, |at| self.tokens.folded.bytes[at])
    }

    fn kind(&self) -> Option<(Kind, Option<String>)> {
        if self.groups[1..].iter().any(|group| group.mark == b',') {
            return Some((self.listed()?, None));
        }
        if let Some(date) = apart(self.groups)
            .and_then(|groups| date::digits(self.tokens, self.first(), &groups, self.around))
        {
            return Some((Kind::Date, Some(date)));
        }
        if let Some(date) = date::digits(self.tokens, self.first(), self.groups, self.around) {
            return Some((Kind::Date, Some(date)));
        }
        if self.groups.len() > 1 && self.total < SHORTEST_GROUPED {
            return None;
        }
        let last = self.groups[self.groups.len() - 1].last;
        let followed = self.tokens.all.get(last + 1).is_some_and(|next| next.glued);
        let preceded = self.tokens.all[self.first()].glued;
        if followed || self.around.contains(&b'.') {
            return None;
        }
        let letter = letter_before(self.tokens, self.first()).is_some();
        if preceded && !letter {
            return None;
        }
        let kind = if letter && (7..=9).contains(&self.total) && self.mark() != Some(b'/') {
            Some(Kind::AlienNumber)
        } else if self.groups.iter().any(|group| group.spelled) {
            self.spelled()
        } else if self.groups.len() == 1 {
            self.whole()
        } else {
            self.grouped()
        };
        Some((kind?, None))
    }

    /// What groups with commas between them are: only what is announced.
    fn listed(&self) -> Option<Kind> {
        if self.mark() != Some(b',') {
            return None;
        }
        match self.sizes()[..self.groups.len()] {
            [3, 3, 3] | [3, 2, 4] if self.cue(Class::SSN.and(Class::ALIEN)) => Some(self.nine()),
            [3, 3, 4] if self.cue(Class::PHONE) => Some(Kind::Phone),
            _ => None,
        }
    }

    fn nine(&self) -> Kind {
        if self.cue(Class::SSN) {
            Kind::Ssn
        } else {
            Kind::AlienNumber
        }
    }

    fn spelled(&self) -> Option<Kind> {
        match self.total {
            9 => Some(self.nine()),
            7.. if self.groups.len() > 3 => Some(Kind::Phone),
            8 if self.cue(Class::ALIEN) => Some(Kind::AlienNumber),
            _ => None,
        }
    }

    fn whole(&self) -> Option<Kind> {
        let digits = self.groups[0].digits.as_str();
        let cued = |class: Class, kind: Kind| self.cue(class).then_some(kind);
        let any_cue = || {
            if !self.cue(CUES) {
                return None;
            }
            cued(Class::SECRET, Kind::Credential)
                .or_else(|| cued(Class::ALIEN, Kind::AlienNumber))
                .or_else(|| cued(Class::DOCUMENT, Kind::Document))
                .or_else(|| cued(Class::PHONE, Kind::Phone))
        };
        // Seconds, milliseconds, microseconds and nanoseconds since 1970.
        let is_clock =
            matches!(digits.len(), 10 | 13 | 16 | 19) && ("15".."20").contains(&&digits[..2]);
        match self.total {
            _ if (4..=8).contains(&self.total) && self.of_alien_number() => Some(Kind::AlienNumber),
            4..=6 => cued(Class::SECRET, Kind::Credential),
            7 => any_cue(),
            8..=11 if self.is_amount() && !is_clock => None,
            8 => any_cue().or(Some(Kind::Phone)),
            9 => Some(self.nine()),
            _ if is_clock => any_cue(),
            10 | 11 => Some(Kind::Phone),
            12 | 13 if self.byte_before() == b'+' => Some(Kind::Phone),
            12 | 13 => Some(any_cue().unwrap_or(Kind::Document)),
            14..=19 if is_card(digits) => Some(Kind::Document),
            _ => any_cue(),
        }
    }

    /// Whether "A number" stands before, and not "a number of".
    fn of_alien_number(&self) -> bool {
        let first = self.first();
        (first.saturating_sub(8)..first.saturating_sub(1)).any(|at| {
            let next = at + 1;
            let of = || words::one_of(self.tokens.text(next + 1), "of de");
            self.tokens.text(at) == b"a"
                && self.tokens.all[at].case == Case::Capital
                && words::one_of(
                    self.tokens.text(next),
                    "number numbers numero num no nro file",
                )
                && !of()
        })
    }

    /// Whether what follows says that something was measured.
    fn is_amount(&self) -> bool {
        let last = self.groups[self.groups.len() - 1].last;
        let unit = self.tokens.all.get(last + 1).is_some_and(|_| {
            words::one_of(self.tokens.text(last + 1), "bytes ms ns us kb mb rows requests items records seconds nanoseconds microseconds usd dollars pesos lempiras")
        });
        unit || self.byte_before() == b'$'
    }

    fn grouped(&self) -> Option<Kind> {
        let mark = self.mark();
        let sizes = &self.sizes()[..self.groups.len()];
        let phone = || self.cue(Class::PHONE) || self.byte_before() == b'+';
        let slash = self.groups[1..].iter().any(|group| group.mark == b'/');
        let value = |at: usize| self.groups[at].digits.number().unwrap_or(u32::MAX);
        if mark == Some(b'.')
            && sizes.len() == 4
            && (0..4).all(|at| sizes[at] <= 3 && value(at) < 256)
        {
            return None;
        }
        let small = sizes.iter().all(|size| *size <= 2);
        Some(match sizes {
            [3, 2, 4] if !slash => Kind::Ssn,
            [3, 3, 3] => self.nine(),
            _ if slash => return None,
            _ if DOCUMENTS.contains(&sizes) => Kind::Document,
            _ if PHONES.contains(&sizes) => Kind::Phone,
            [3, 4] if phone() || mark == Some(b'-') && value(0) > 199 => Kind::Phone,
            [4, 4] if (1900..2100).contains(&value(0)) && !phone() => return None,
            [4, 4] if phone() || matches!(mark, Some(b'-' | b' ')) => Kind::Phone,
            [5, 4] | [4, 5] | [6, 3] | [3, 6] if mark != Some(b'.') => self.nine(),
            _ if self.byte_before() == b'+' && (8..=15).contains(&self.total) => Kind::Phone,
            _ if (7..=13).contains(&self.total) && phone() => Kind::Phone,
            _ if (7..=9).contains(&self.total) && self.cue(Class::ALIEN.and(Class::SSN)) => {
                self.nine()
            }
            _ if self.total == 9 && (mark == Some(b'-') || small) => self.nine(),
            _ if small && self.total == 8 && mark == Some(b'-') => Kind::Phone,
            _ if small && (8..=13).contains(&self.total) && sizes.len() >= 5 => Kind::Phone,
            _ => return None,
        })
    }
}

/// Whether the last digit is the check digit of a payment card.
fn is_card(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let digit = u32::from(digit - b'0') * if at % 2 == 1 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    sum.is_multiple_of(10)
}
