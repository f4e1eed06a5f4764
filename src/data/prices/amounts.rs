//! Amounts of money and quantities, computed with exactly.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount of US dollars before tax, exact to 10^-12.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Usd(u128);

/// How much of an item is used: of its unit, exact to 10^-6.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(u128);

const USD_DIGITS: usize = 12;
const QUANTITY_DIGITS: usize = 6;

impl Usd {
    /// The amount that a decimal says; nothing of what is not one, or has more than 12 digits after the point.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        parse(text, USD_DIGITS).map(Self)
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is left of it; nothing where the other is more.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The amount in cents; what is less than half a cent and not nothing, whole.
    #[must_use]
    pub fn in_cents(self) -> String {
        match self.rounded(2).as_str() {
            "0.00" => self.to_string(),
            text => text.to_owned(),
        }
    }

    /// The amount with so many digits after the point, rounded half up.
    #[must_use]
    pub fn rounded(self, digits: usize) -> String {
        let step = 10_u128.pow(u32::try_from(USD_DIGITS.saturating_sub(digits)).unwrap_or(0));
        let rounded = self.0.saturating_add(step / 2) / step;
        let whole = 10_u128.pow(u32::try_from(digits.min(USD_DIGITS)).unwrap_or(0));
        let text = format!(
            "{}.{:0digits$}",
            thousands(rounded / whole),
            rounded % whole
        );
        text.trim_end_matches('.').to_owned()
    }
}

impl Quantity {
    /// `amount / per`, rounded half up to 10^-6.
    #[must_use]
    pub fn of(amount: u128, per: u128) -> Self {
        let scaled = amount.saturating_mul(10_u128.pow(6));
        Self(scaled.saturating_add(per / 2) / per.max(1))
    }

    /// What it costs at a price for one unit, rounded half up to 10^-12 USD.
    #[must_use]
    pub fn times(self, price: Usd) -> Usd {
        Usd(self.0.saturating_mul(price.0).saturating_add(500_000) / 1_000_000)
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// A part of it: `self * part / whole`.
    #[must_use]
    pub fn share(self, part: u64, whole: u64) -> Self {
        Self(self.0.saturating_mul(part.into()) / u128::from(whole.max(1)))
    }

    /// What is left of it; nothing where the other is more.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The whole part and the decimals that are not zero, thousands apart.
    #[must_use]
    pub fn in_words(self) -> String {
        let text = self.to_string();
        let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
        let whole = thousands(whole.parse().unwrap_or_default());
        if rest.is_empty() {
            whole
        } else {
            format!("{whole}.{rest}")
        }
    }
}

fn thousands(number: u128) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn parse(text: &str, digits: usize) -> Option<u128> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !are_digits(whole) || !are_digits(rest) || rest.len() > digits {
        return None;
    }
    format!("{whole}{rest:0<digits$}").parse().ok()
}

fn written(f: &mut fmt::Formatter, value: u128, digits: usize) -> fmt::Result {
    let whole = 10_u128.pow(u32::try_from(digits).unwrap_or(0));
    let text = format!("{}.{:0digits$}", value / whole, value % whole);
    f.pad(text.trim_end_matches('0').trim_end_matches('.'))
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        written(f, self.0, USD_DIGITS)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        written(f, self.0, QUANTITY_DIGITS)
    }
}

macro_rules! decimal {
    ($of:ident, $digits:expr) => {
        impl Serialize for $of {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $of {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let value = parse(&text, $digits).map(Self);
                value.ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not a decimal")))
            }
        }

        impl JsonSchema for $of {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($of).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                String::json_schema(generator)
            }
        }
    };
}

decimal!(Usd, USD_DIGITS);
decimal!(Quantity, QUANTITY_DIGITS);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        let price = Usd::parse("0.0000166667").unwrap();
        let quantity = Quantity::of(250 * 1024 * 1000, 1024 * 1000);
        assert_eq!(quantity.to_string(), "250");
        assert_eq!(quantity.times(price).to_string(), "0.004166675");
        assert_eq!(quantity.times(price).rounded(6), "0.004167");
        assert_eq!(Usd::parse("1234.5").unwrap().rounded(2), "1,234.50");
        assert_eq!(Usd::parse("0.995").unwrap().rounded(2), "1.00");
        assert_eq!(Quantity::of(1, 3).to_string(), "0.333333");
        assert_eq!(Quantity::of(2_500_000, 1000).in_words(), "2,500");
        let most = Quantity::of(u128::MAX, 1).times(price);
        assert!(!most.rounded(0).is_empty());
        for wrong in ["", ".", "1.", ".5", "-1", "1e3", "0.0000000000001", "1,0"] {
            assert_eq!(Usd::parse(wrong), None, "{wrong}");
        }
    }
}
