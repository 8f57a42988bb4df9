//! A share of a whole.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

/// A number from 0 to 1, ends included.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
pub struct Ratio(f64);

/// What is not a [`Ratio`].
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("not a ratio: write a number from 0 to 1, such as 0.95")]
pub struct InvalidRatio;

impl Ratio {
    /// The whole.
    pub const ONE: Self = Self(1.0);

    /// A ratio known when this program is built, in thousandths.
    ///
    /// # Panics
    /// With more than 1000, which in a constant the compiler says.
    pub const fn per_mille(thousandths: u16) -> Self {
        assert!(thousandths <= 1000, "a ratio is at most 1");
        // Division rounds to the nearest number, which is what the decimal literal would be read as.
        Self(thousandths as f64 / 1000.0)
    }

    /// The number itself.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Ratio {
    type Error = InvalidRatio;

    fn try_from(value: f64) -> Result<Self, InvalidRatio> {
        if (0.0..=1.0).contains(&value) {
            Ok(Self(value))
        } else {
            Err(InvalidRatio)
        }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer)?
            .try_into()
            .map_err(de::Error::custom)
    }
}

impl JsonSchema for Ratio {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Ratio".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "number", "minimum": 0.0, "maximum": 1.0})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_from_zero_to_one_are_ratios() {
        assert_eq!(Ratio::try_from(0.0).map(Ratio::get), Ok(0.0));
        assert_eq!(Ratio::try_from(1.0), Ok(Ratio::ONE));
        for wrong in [-0.1, 1.001, f64::NAN, f64::INFINITY] {
            assert_eq!(Ratio::try_from(wrong), Err(InvalidRatio), "{wrong}");
        }
    }

    #[test]
    fn thousandths_are_exactly_the_decimal_that_a_person_writes() {
        assert_eq!(Ratio::try_from(0.995), Ok(Ratio::per_mille(995)));
        assert_eq!(Ratio::try_from(0.1), Ok(Ratio::per_mille(100)));
    }
}
