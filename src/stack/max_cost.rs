//! `max_cost`: the most that a stack may be estimated to cost.

use std::sync::Arc;

use super::usage::{Assumed, MAX_DAYS, Usd, estimate, price_regions};
use super::{DesiredState, Loaded, StackFile};
use crate::source::{Diagnostic, Diagnostics, Node, Source, Span, counted};

/// Reports a `max_cost` that is no amount.
pub fn check(source: &Arc<Source>, root: &Node, file: &StackFile, diagnostics: &mut Diagnostics) {
    if let Some(text) = &file.max_cost
        && amount(text).is_none()
    {
        let wrong = Diagnostic::error(format!("`{text}` is not an amount of US dollars"));
        diagnostics.push(
            wrong
                .at(source, place(root))
                .help("write it like 5 USD or 0.50 USD"),
        );
    }
}

impl Loaded {
    /// What is to be said of `max_cost` of a stack that is deployed to AWS: an error where the estimate is above.
    ///
    /// 100 runs are estimated within the time of `expires`, or within a day, and nothing of what is free each month is
    /// taken off: the sum of `treino cost` without options.
    #[must_use]
    pub fn check_cost(&self, desired: &DesiredState) -> Diagnostics {
        let Some(most) = self.file.max_cost.as_deref().and_then(amount) else {
            return Diagnostics::default();
        };
        let region = &desired.target.region;
        let at = |diagnostic: Diagnostic| diagnostic.at(&self.source, place(&self.root));
        if !price_regions().contains(region) {
            let what = format!("no prices of {region} are known, so `max_cost` says nothing there");
            return at(Diagnostic::warning(what))
                .help(format!("those of {} are", price_regions().join(", ")))
                .into();
        }
        let seconds = self.expires.map_or(1, |expires| expires.as_secs());
        let days = seconds.div_ceil(86_400).clamp(1, MAX_DAYS);
        let assumed = Assumed {
            days,
            ..Assumed::default()
        };
        let estimate = estimate(desired, &assumed);
        let mut found = Diagnostics::default();
        if estimate.in_use > most {
            let what = format!(
                "the stack is estimated to cost {} USD in {} with {} runs, and `max_cost` is {} USD",
                estimate.in_use.in_cents(),
                counted(days, "day"),
                assumed.runs,
                most.in_cents()
            );
            let help = format!(
                "`treino cost --days {days}` shows what costs: change it, or raise `max_cost`"
            );
            found.push(at(Diagnostic::error(what)).help(help));
        } else if !estimate.unknown.is_empty() {
            let all = estimate.unknown.join(", ");
            let what = format!(
                "the price of {all} in {region} is not known, so `max_cost` is compared without it"
            );
            found.push(at(Diagnostic::warning(what)).help("look it up, and leave room for it"));
        }
        found
    }
}

/// `5 USD`, `USD 5` or `5`.
pub(super) fn amount(text: &str) -> Option<Usd> {
    let text = text.trim();
    let number = text
        .strip_suffix("USD")
        .or_else(|| text.strip_prefix("USD"));
    Usd::parse(number.unwrap_or(text).trim())
}

fn place(root: &Node) -> Span {
    root.get("max_cost")
        .map(|node| node.span)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn amounts_are_dollars() {
        for (text, usd) in [
            ("5 USD", "5"),
            ("0.50USD", "0.5"),
            ("USD 12", "12"),
            ("0", "0"),
            (" 3 ", "3"),
        ] {
            assert_eq!(
                amount(text).map(|usd| usd.to_string()).as_deref(),
                Some(usd),
                "{text}"
            );
        }
        for wrong in [
            "",
            "USD",
            "5 EUR",
            "-1 USD",
            "1,5 USD",
            "five",
            "1e3 USD",
            "5 USD USD",
        ] {
            assert_eq!(amount(wrong), None, "{wrong}");
        }
    }
}
