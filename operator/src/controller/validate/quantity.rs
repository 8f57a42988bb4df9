//! Kubernetes quantities in the form in which the API server gives them back: what is compared must be written alike.

use std::cmp::Ordering;

/// What is not a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a quantity: write a number and, if need be, a unit, such as 100m, 0.5, 64Mi or 1G")]
pub struct InvalidQuantity;

/// Billionths in one: the least that a quantity knows is `1n`.
const NANO: i128 = 1_000_000_000;

/// Decimal units from the greatest to the least, in powers of ten.
const DECIMAL: [(&str, i32); 10] = [
    ("E", 18),
    ("P", 15),
    ("T", 12),
    ("G", 9),
    ("M", 6),
    ("k", 3),
    ("", 0),
    ("m", -3),
    ("u", -6),
    ("n", -9),
];

/// Binary units from the greatest to the least, in powers of two.
const BINARY: [(&str, u32); 6] = [
    ("Ei", 60),
    ("Pi", 50),
    ("Ti", 40),
    ("Gi", 30),
    ("Mi", 20),
    ("Ki", 10),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Decimal,
    Binary,
    Exponent,
}

struct Parsed {
    /// Billionths.
    value: i128,
    format: Format,
}

/// `quantity` as the API server writes it: without a fraction, with the greatest unit that allows this.
pub fn canonical(quantity: &str) -> Result<String, InvalidQuantity> {
    let Parsed { value, format } = parse(quantity)?;
    if value == 0 {
        return Ok("0".to_owned());
    }
    let whole = value % NANO == 0;
    if format == Format::Binary && whole && value.abs() >= 1024 * NANO {
        let bytes = value / NANO;
        let (unit, power) = BINARY
            .into_iter()
            .find(|(_, power)| bytes % (1_i128 << power) == 0)
            .unwrap_or(("", 0));
        return Ok(format!("{}{unit}", bytes >> power));
    }
    let (unit, power) = DECIMAL
        .into_iter()
        .find(|(_, power)| value % ten_to(power + 9) == 0)
        .unwrap_or(("n", -9));
    let mantissa = value / ten_to(power + 9);
    Ok(match format {
        Format::Exponent if power != 0 => format!("{mantissa}e{power}"),
        _ => format!("{mantissa}{unit}"),
    })
}

/// Which of two quantities is the greater.
pub(super) fn compare(left: &str, right: &str) -> Result<Ordering, InvalidQuantity> {
    Ok(parse(left)?.value.cmp(&parse(right)?.value))
}

fn parse(text: &str) -> Result<Parsed, InvalidQuantity> {
    let number_end = text
        .char_indices()
        .find(|(index, c)| {
            !(c.is_ascii_digit() || *c == '.' || (*index == 0 && matches!(c, '+' | '-')))
        })
        .map_or(text.len(), |(index, _)| index);
    let (number, unit) = text.split_at(number_end);
    let (format, numerator, power) = unit_of(unit)?;

    let (negative, number) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction}");
    // 24 digits times the greatest unit still fit; the API server caps at 2^63-1 anyway.
    if digits.is_empty() || digits.len() > 24 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(InvalidQuantity);
    }
    let digits: i128 = digits.parse().map_err(|_| InvalidQuantity)?;
    let places = i32::try_from(fraction.len()).map_err(|_| InvalidQuantity)?;
    let exponent = power + 9 - places;
    let value = digits.checked_mul(numerator).ok_or(InvalidQuantity)?;
    let value = if exponent >= 0 {
        value
            .checked_mul(checked_ten_to(exponent)?)
            .ok_or(InvalidQuantity)?
    } else {
        // What is finer than a billionth is rounded up, as the API server does.
        let divisor = checked_ten_to(-exponent)?;
        value / divisor + i128::from(value % divisor != 0)
    };
    Ok(Parsed {
        value: if negative { -value } else { value },
        format,
    })
}

/// The format that a unit stands for, and what it multiplies by: a number times a power of ten.
fn unit_of(unit: &str) -> Result<(Format, i128, i32), InvalidQuantity> {
    if let Some((_, power)) = DECIMAL.into_iter().find(|(name, _)| *name == unit) {
        return Ok((Format::Decimal, 1, power));
    }
    if let Some((_, power)) = BINARY.into_iter().find(|(name, _)| *name == unit) {
        return Ok((Format::Binary, 1 << power, 0));
    }
    let exponent = unit.strip_prefix(['e', 'E']).ok_or(InvalidQuantity)?;
    let exponent: i32 = exponent.parse().map_err(|_| InvalidQuantity)?;
    if exponent.abs() > 18 {
        return Err(InvalidQuantity);
    }
    Ok((Format::Exponent, 1, exponent))
}

fn checked_ten_to(power: i32) -> Result<i128, InvalidQuantity> {
    let power = u32::try_from(power).map_err(|_| InvalidQuantity)?;
    10_i128.checked_pow(power).ok_or(InvalidQuantity)
}

/// For the powers of the table above, which all fit.
fn ten_to(power: i32) -> i128 {
    10_i128.pow(power.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_written_as_the_api_server_writes_them() {
        for (written, expected) in [
            ("0.1", "100m"),
            ("1000m", "1"),
            ("100m", "100m"),
            ("1.5", "1500m"),
            ("2", "2"),
            ("0", "0"),
            ("0Mi", "0"),
            ("1024Mi", "1Gi"),
            ("1.5Gi", "1536Mi"),
            ("0.5Gi", "512Mi"),
            ("0.5Ki", "512"),
            ("64Mi", "64Mi"),
            ("1000000", "1M"),
            ("1000Ki", "1000Ki"),
            ("128000000", "128M"),
            ("134217728", "134217728"),
            ("1e3", "1e3"),
            ("10e2", "1e3"),
            ("1E3", "1e3"),
            ("1E", "1E"),
            ("12345678901", "12345678901"),
            ("0.0005", "500u"),
            ("0.0000000001", "1n"),
            ("+5", "5"),
            (".5", "500m"),
            ("5.", "5"),
        ] {
            assert_eq!(canonical(written).as_deref(), Ok(expected), "{written}");
        }
    }

    #[test]
    fn what_is_canonical_stays() {
        for written in ["100m", "64Mi", "1536Mi", "1", "1500m", "1Gi", "1e3", "500u"] {
            assert_eq!(canonical(written).as_deref(), Ok(written));
        }
    }

    #[test]
    fn what_is_not_a_quantity_is_refused() {
        for written in ["", "Mi", "1 Gi", "1GiB", "one", "1..5", "--1", "1e99", "."] {
            assert_eq!(canonical(written), Err(InvalidQuantity), "{written}");
        }
    }

    #[test]
    fn quantities_of_different_units_are_compared_by_value() {
        assert_eq!(compare("64Mi", "0.1Gi"), Ok(Ordering::Less));
        assert_eq!(compare("1", "1000m"), Ok(Ordering::Equal));
        assert_eq!(compare("1G", "1000Mi"), Ok(Ordering::Less));
    }
}
