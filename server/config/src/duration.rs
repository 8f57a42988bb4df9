//! A span of time as people write it: `500ms`, `30s`, `15m`, `1h`, `30d`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Value, json};

use crate::check::{FieldError, FieldPath};

/// A span of time with one unit: a whole number and `ms`, `s`, `m`, `h` or `d`. Written back in the largest unit that
/// divides it, so that `60s` and `1m` are the same setting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(time::Duration);

/// What is not a [`Duration`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a duration: write a whole number of at most six digits and ms, s, m, h or d, such as 500ms, 30s, 15m, 1h or 30d"
)]
pub struct InvalidDuration;

/// Milliseconds of each unit, largest first.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

impl Duration {
    /// As many milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(time::Duration::from_millis(millis))
    }

    /// As many seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(time::Duration::from_secs(seconds))
    }

    /// As many minutes.
    pub const fn from_mins(minutes: u64) -> Self {
        Self::from_secs(minutes * 60)
    }

    /// As many hours.
    pub const fn from_hours(hours: u64) -> Self {
        Self::from_mins(hours * 60)
    }

    /// As many days.
    pub const fn from_days(days: u64) -> Self {
        Self::from_hours(days * 24)
    }

    /// The same span for the standard library.
    pub const fn get(self) -> time::Duration {
        self.0
    }

    /// The span in seconds.
    pub fn as_secs_f64(self) -> f64 {
        self.0.as_secs_f64()
    }
}

impl From<Duration> for time::Duration {
    fn from(value: Duration) -> Self {
        value.0
    }
}

impl FromStr for Duration {
    type Err = InvalidDuration;

    fn from_str(text: &str) -> Result<Self, InvalidDuration> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 6 {
            return Err(InvalidDuration);
        }
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().map_err(|_| InvalidDuration)?;
        let (_, millis) = UNITS
            .into_iter()
            .find(|(name, _)| *name == unit)
            .ok_or(InvalidDuration)?;
        Ok(Self::from_millis(number * millis))
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        if millis == 0 {
            return f.write_str("0s");
        }
        let (unit, size) = UNITS
            .into_iter()
            .find(|(_, size)| millis.is_multiple_of(u128::from(*size)))
            .unwrap_or(("ms", 1));
        write!(f, "{}{unit}", millis / u128::from(size))
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl JsonSchema for Duration {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[0-9]{1,6}(ms|s|m|h|d)$",
            "maxLength": 8,
        })
    }
}

/// The least and the greatest span that a field takes.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The least span, itself allowed.
    pub min: Duration,
    /// The greatest span, itself allowed.
    pub max: Duration,
}

impl Bounds {
    /// Both ends are allowed.
    pub const fn new(min: Duration, max: Duration) -> Self {
        Self { min, max }
    }

    /// The bounds as a rule for `x-kubernetes-validations`. CEL's durations know no days, so days are counted.
    pub fn rules(self) -> Value {
        let Self { min, max } = self;
        let day = Duration::from_days(1).0.as_millis();
        let (low, high) = (min.0.as_millis(), max.0.as_millis());
        let (fewest, most) = (low.div_ceil(day), high / day);
        let days = "int(self.substring(0, size(self) - 1))";
        json!([{
            "rule": format!(
                "self.endsWith('d') ? {days} >= {fewest} && {days} <= {most} \
                 : duration(self) >= duration('{low}ms') && duration(self) <= duration('{high}ms')"
            ),
            "message": format!("must lie between {min} and {max}"),
            "reason": "FieldValueInvalid",
        }])
    }

    /// Adds an error unless `value` lies within.
    pub fn check(self, value: Duration, at: &FieldPath, errors: &mut Vec<FieldError>) {
        let Self { min, max } = self;
        if value < min || value > max {
            errors.push(at.error(format!(
                "{value} is out of range: it must lie between {min} and {max}"
            )));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read_and_written_in_the_largest_that_divides_it() {
        for (text, written) in [
            ("500ms", "500ms"),
            ("1000ms", "1s"),
            ("30s", "30s"),
            ("60s", "1m"),
            ("15m", "15m"),
            ("1h", "1h"),
            ("24h", "1d"),
            ("30d", "30d"),
            ("0ms", "0s"),
        ] {
            let duration: Duration = text.parse().unwrap();
            assert_eq!(duration.to_string(), written, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_duration_is_refused() {
        for text in [
            "", "5", "s", "-5s", "1.5h", "1h30m", "5 s", "1234567s", "5S", "5w",
        ] {
            assert_eq!(text.parse::<Duration>(), Err(InvalidDuration), "{text}");
        }
    }

    #[test]
    fn bounds_include_their_ends() {
        let bounds = Bounds::new(Duration::from_secs(1), Duration::from_mins(5));
        for (value, errors) in [(999, 1), (1_000, 0), (300_000, 0), (300_001, 1)] {
            let mut found = Vec::new();
            bounds.check(
                Duration::from_millis(value),
                &FieldPath::root().field("timeout"),
                &mut found,
            );
            assert_eq!(found.len(), errors, "{value} ms: {found:?}");
        }
    }
}
