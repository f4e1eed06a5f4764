//! What stays free for everybody, each month.

use schemars::JsonSchema;
use serde::Serialize;

use super::estimate::CostLine;
use crate::data::prices::{FreeAmount, Quantity, Usd, free_amounts};

/// How much of a free amount is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FreeUse {
    /// The service, in words.
    pub service: String,
    /// The items of the price list that share it.
    pub items: Vec<String>,
    /// What is free in a month.
    pub a_month: u64,
    /// Its unit.
    pub unit: String,
    /// How much of it the runs use.
    pub used: Quantity,
    /// How much of that is free.
    pub free: Quantity,
}

/// Days of a month.
const MONTH: u64 = 30;

/// What the lines cost without what is free for everybody, and what that is.
pub(super) fn without_free(lines: &[&CostLine], days: u64) -> (Usd, Vec<FreeUse>) {
    let mut left: Vec<Quantity> = lines.iter().map(|line| line.quantity).collect();
    let mut uses = Vec::new();
    for amount in free_amounts() {
        let shares = |line: &CostLine| amount.items.contains(&line.item);
        let sharing = lines.iter().filter(|line| shares(line));
        let quantity = sharing.fold(Quantity::default(), |sum, line| sum.plus(line.quantity));
        if quantity == Quantity::default() {
            continue;
        }
        let free = free_of(quantity, amount, days);
        let mut rest = free;
        for (line, left) in lines.iter().zip(&mut left).filter(|(line, _)| shares(line)) {
            let taken = rest.min(line.quantity);
            *left = left.minus(taken);
            rest = rest.minus(taken);
        }
        uses.push(FreeUse {
            service: amount.service.clone(),
            items: amount.items.clone(),
            a_month: amount.quantity,
            unit: amount.unit.clone(),
            used: quantity,
            free,
        });
    }
    let costs = lines.iter().zip(left);
    let costs = costs.filter_map(|(line, left)| Some(left.times(line.price?)));
    (costs.fold(Usd::default(), Usd::plus), uses)
}

/// How much of what is used evenly over some days is free.
fn free_of(used: Quantity, amount: &FreeAmount, days: u64) -> Quantity {
    let a_month = Quantity::of(amount.quantity.into(), 1);
    let (months, rest) = (days / MONTH, days % MONTH);
    if days <= MONTH {
        return used.min(a_month);
    }
    let of_month = used.share(MONTH, days).min(a_month);
    let of_rest = used.share(rest, days).min(a_month);
    (0..months).fold(of_rest, |sum, _| sum.plus(of_month))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_month_has_its_own_free_amount() {
        let amount = FreeAmount {
            service: String::new(),
            items: vec!["states.transitions".to_owned()],
            quantity: 4_000,
            unit: "state transitions".to_owned(),
            source: String::new(),
        };
        let of = |used: u64, days| free_of(Quantity::of(used.into(), 1), &amount, days).to_string();
        assert_eq!(of(3_000, 1), "3000");
        assert_eq!(of(9_000, 30), "4000");
        // 6,000 in 30 days and 3,000 in 15.
        assert_eq!(of(9_000, 45), "7000");
        assert_eq!(of(120_000, 60), "8000");
    }
}
