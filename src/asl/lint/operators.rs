//! The operators of Choice rules
//! (<https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html>).

/// What the value of an operator must be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Operand {
    Text,
    Number,
    Truth,
    Time,
    Path,
}

/// Operators and what their values must be.
#[rustfmt::skip]
pub(super) const OPERATORS: &[(&str, Operand)] = &[
    ("BooleanEquals", Operand::Truth), ("BooleanEqualsPath", Operand::Path),
    ("IsBoolean", Operand::Truth), ("IsNull", Operand::Truth), ("IsNumeric", Operand::Truth),
    ("IsPresent", Operand::Truth), ("IsString", Operand::Truth), ("IsTimestamp", Operand::Truth),
    ("NumericEquals", Operand::Number), ("NumericEqualsPath", Operand::Path),
    ("NumericGreaterThan", Operand::Number), ("NumericGreaterThanPath", Operand::Path),
    ("NumericGreaterThanEquals", Operand::Number), ("NumericGreaterThanEqualsPath", Operand::Path),
    ("NumericLessThan", Operand::Number), ("NumericLessThanPath", Operand::Path),
    ("NumericLessThanEquals", Operand::Number), ("NumericLessThanEqualsPath", Operand::Path),
    ("StringEquals", Operand::Text), ("StringEqualsPath", Operand::Path),
    ("StringGreaterThan", Operand::Text), ("StringGreaterThanPath", Operand::Path),
    ("StringGreaterThanEquals", Operand::Text), ("StringGreaterThanEqualsPath", Operand::Path),
    ("StringLessThan", Operand::Text), ("StringLessThanPath", Operand::Path),
    ("StringLessThanEquals", Operand::Text), ("StringLessThanEqualsPath", Operand::Path),
    ("StringMatches", Operand::Text),
    ("TimestampEquals", Operand::Time), ("TimestampEqualsPath", Operand::Path),
    ("TimestampGreaterThan", Operand::Time), ("TimestampGreaterThanPath", Operand::Path),
    ("TimestampGreaterThanEquals", Operand::Time), ("TimestampGreaterThanEqualsPath", Operand::Path),
    ("TimestampLessThan", Operand::Time), ("TimestampLessThanPath", Operand::Path),
    ("TimestampLessThanEquals", Operand::Time), ("TimestampLessThanEqualsPath", Operand::Path),
];

/// What an operator compares with, if there is an operator of that name.
pub(super) fn operator(name: &str) -> Option<Operand> {
    OPERATORS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, operand)| *operand)
}
