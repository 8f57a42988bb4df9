//! Profiles in the form of `go tool pprof`: protobuf, packed.

use std::collections::HashMap;
use std::hash::Hash;
use std::io::{self, Write as _};
use std::time::{Duration, UNIX_EPOCH};

use flate2::Compression;
use flate2::write::GzEncoder;
use prost::Message;

use super::{FREQUENCY, Frame, Profile};

/// A profile's message, `perftools.profiles.Profile`.
#[derive(Clone, PartialEq, Message)]
pub struct Proto {
    /// What a sample's values are.
    #[prost(message, repeated, tag = "1")]
    pub sample_type: Vec<ValueType>,
    /// The samples.
    #[prost(message, repeated, tag = "2")]
    pub sample: Vec<Sample>,
    /// Places in the program.
    #[prost(message, repeated, tag = "4")]
    pub location: Vec<Location>,
    /// The functions that they are in.
    #[prost(message, repeated, tag = "5")]
    pub function: Vec<Function>,
    /// All texts; the first is empty.
    #[prost(string, repeated, tag = "6")]
    pub string_table: Vec<String>,
    /// When it began, in nanoseconds since 1970.
    #[prost(int64, tag = "9")]
    pub time_nanos: i64,
    /// How long it took, in nanoseconds.
    #[prost(int64, tag = "10")]
    pub duration_nanos: i64,
    /// What lies between samples.
    #[prost(message, optional, tag = "11")]
    pub period_type: Option<ValueType>,
    /// How much of it.
    #[prost(int64, tag = "12")]
    pub period: i64,
}

/// What a value is.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct ValueType {
    /// Its name, by its place among the texts.
    #[prost(int64, tag = "1")]
    pub r#type: i64,
    /// Its unit, by its place among the texts.
    #[prost(int64, tag = "2")]
    pub unit: i64,
}

/// A stack and how often it was met.
#[derive(Clone, PartialEq, Message)]
pub struct Sample {
    /// The innermost first.
    #[prost(uint64, repeated, tag = "1")]
    pub location_id: Vec<u64>,
    /// One for each of [`Proto::sample_type`].
    #[prost(int64, repeated, tag = "2")]
    pub value: Vec<i64>,
    /// More about it.
    #[prost(message, repeated, tag = "3")]
    pub label: Vec<Label>,
}

/// A name and a text, by their places among the texts.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct Label {
    /// The name.
    #[prost(int64, tag = "1")]
    pub key: i64,
    /// The text.
    #[prost(int64, tag = "2")]
    pub str: i64,
}

/// A place in the program.
#[derive(Clone, PartialEq, Message)]
pub struct Location {
    /// Its number, from 1.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// Its line.
    #[prost(message, repeated, tag = "4")]
    pub line: Vec<Line>,
}

/// A line of a function.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct Line {
    /// The function's number.
    #[prost(uint64, tag = "1")]
    pub function_id: u64,
    /// The line in its file.
    #[prost(int64, tag = "2")]
    pub line: i64,
}

/// A function. Texts by their places.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct Function {
    /// Its number, from 1.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// Its name.
    #[prost(int64, tag = "2")]
    pub name: i64,
    /// Its name as the program has it.
    #[prost(int64, tag = "3")]
    pub system_name: i64,
    /// Its file.
    #[prost(int64, tag = "4")]
    pub filename: i64,
}

/// Writes a profile.
pub fn encode(profile: &Profile) -> io::Result<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(&message(profile).encode_to_vec())?;
    packed.finish()
}

fn message(profile: &Profile) -> Proto {
    let mut texts = Numbers::from([String::new()]);
    let [samples, count, cpu, nanoseconds, thread] =
        ["samples", "count", "cpu", "nanoseconds", "thread"].map(|text| texts.of(text.to_owned()));
    let period = 1_000_000_000 / i64::from(FREQUENCY);
    let mut frames: Numbers<&Frame> = Numbers::default();
    let sample = profile.stacks.iter().map(|stack| {
        let count = i64::from(stack.count);
        Sample {
            location_id: stack
                .frames
                .iter()
                .map(|frame| id(frames.of(frame)))
                .collect(),
            value: vec![count, count * period],
            label: vec![Label {
                key: thread,
                str: texts.of(stack.thread.clone()),
            }],
        }
    });
    let sample = sample.collect();
    let mut functions = Numbers::default();
    let location = frames
        .in_order()
        .into_iter()
        .zip(1..)
        .map(|(frame, number)| {
            let function = (
                texts.of(frame.function.clone()),
                texts.of(frame.symbol.clone()),
                texts.of(frame.file.clone().unwrap_or_default()),
            );
            Location {
                id: number,
                line: vec![Line {
                    function_id: id(functions.of(function)),
                    line: frame.line.unwrap_or_default().into(),
                }],
            }
        });
    let location = location.collect();
    let function = functions.in_order().into_iter().zip(1..);
    Proto {
        sample_type: vec![
            ValueType {
                r#type: samples,
                unit: count,
            },
            ValueType {
                r#type: cpu,
                unit: nanoseconds,
            },
        ],
        sample,
        location,
        function: function
            .map(|((name, system_name, filename), number)| Function {
                id: number,
                name,
                system_name,
                filename,
            })
            .collect(),
        string_table: texts.in_order(),
        time_nanos: nanos(profile.began.duration_since(UNIX_EPOCH).unwrap_or_default()),
        duration_nanos: nanos(profile.duration),
        period_type: Some(ValueType {
            r#type: cpu,
            unit: nanoseconds,
        }),
        period,
    }
}

/// Numbers for things, from 0, in the order in which they are met.
pub(crate) struct Numbers<T>(HashMap<T, usize>);

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Hash + Eq> Numbers<T> {
    /// The number of a thing.
    pub(crate) fn index(&mut self, thing: T) -> usize {
        let next = self.0.len();
        *self.0.entry(thing).or_insert(next)
    }

    fn of(&mut self, thing: T) -> i64 {
        i64::try_from(self.index(thing)).unwrap_or(i64::MAX)
    }

    /// All things by their numbers.
    pub(crate) fn in_order(self) -> Vec<T> {
        let mut all: Vec<_> = self.0.into_iter().collect();
        all.sort_unstable_by_key(|(_, number)| *number);
        all.into_iter().map(|(thing, _)| thing).collect()
    }
}

impl<T: Hash + Eq, const N: usize> From<[T; N]> for Numbers<T> {
    fn from(things: [T; N]) -> Self {
        Self(things.into_iter().zip(0..).collect())
    }
}

/// Ids begin with 1.
fn id(number: i64) -> u64 {
    number.unsigned_abs() + 1
}

fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}
