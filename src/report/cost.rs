//! What a stack costs, as text.

use super::style::{bold, warning};
use crate::ops::PlanCost;
use crate::stack::usage::{CostEstimate, CostLine, Quantity, ResourceCost, Usd};

/// The width of a line.
const WIDTH: usize = 78;

/// The digits after the point of an amount that sums are made of.
const DIGITS: usize = 6;

/// An estimate: each resource with what it is made of, the sums, and what is assumed.
#[must_use]
pub fn cost(of: &CostEstimate) -> String {
    let (runs, days) = (grouped(of.runs), counted(of.days, "day"));
    let noun = if of.runs == 1 { "run" } else { "runs" };
    let mut lines = vec![format!(
        "{} in {}: {runs} {noun} in {days}, in USD before tax",
        bold(&of.stack),
        of.region
    )];
    let run = match &of.run[..] {
        [] => "Nothing of it is used from outside, as far as the file shows.".to_owned(),
        all => format!("A run: {}.", all.join(", and ")),
    };
    lines.extend(wrapped(&run, "", ""));
    lines.push(String::new());
    lines.push(row("", "idle a day", "in use"));
    let (billed, nothing): (Vec<&ResourceCost>, Vec<&ResourceCost>) =
        of.resources.iter().partition(|one| !one.lines.is_empty());
    for one in billed {
        let (idle, in_use) = (amount(one.idle_a_day), amount(one.in_use));
        lines.push(row(one.address.as_str(), &idle, &in_use));
        lines.extend(one.lines.iter().map(line));
    }
    if !nothing.is_empty() {
        let all: Vec<&str> = nothing.iter().map(|one| one.address.as_str()).collect();
        lines.extend(wrapped(&format!("nothing: {}", all.join(", ")), "", "    "));
    }
    lines.push(String::new());
    lines.extend(sums(of));
    lines.extend(remarks(of));
    lines.join("\n")
}

fn sums(of: &CostEstimate) -> Vec<String> {
    let mut lines = vec![
        bold(&row("in all", &amount(of.idle_a_day), &amount(of.in_use))),
        row(
            "without what is free each month for everybody",
            "",
            &amount(of.without_free),
        ),
    ];
    if of.worst > of.in_use {
        lines.push(row(
            "in all, if every state fails and is retried",
            "",
            &amount(of.worst),
        ));
    }
    if !of.unknown.is_empty() {
        let all = of.unknown.join(", ");
        let text = format!(
            "The sums are without {all}: no price is known in {}.",
            of.region
        );
        lines.extend(wrapped(&text, "", "").iter().map(|text| warning(text)));
    }
    lines
}

fn remarks(of: &CostEstimate) -> Vec<String> {
    let mut lines = Vec::new();
    let mut list = |head: &str, items: Vec<String>| {
        if !items.is_empty() {
            lines.push(String::new());
            lines.extend(wrapped(head, "", ""));
            lines.extend(items.iter().flat_map(|item| wrapped(item, "- ", "  ")));
        }
    };
    let machines = of.machines.iter().map(|one| {
        let way = one.way.join(", ");
        let (fewest, most) = (grouped(one.fewest), grouped(one.most));
        let counted = grouped(one.counted);
        format!(
            "{}: {counted} counted ({way}); {fewest} at least, {most} at most",
            one.address
        )
    });
    list("State transitions of an execution:", machines.collect());
    let free = of.free.iter().map(|one| {
        let (used, a_month) = (one.used.in_words(), grouped(one.a_month));
        format!("{}: {used} used of {a_month} {}", one.service, one.unit)
    });
    list(
        "Free each month, for everybody, if nothing else in the account uses it:",
        free.collect(),
    );
    list("Assumed:", of.assumed.clone());
    list("Note:", of.notes.clone());
    lines.push(String::new());
    lines.extend(wrapped(&of.credit, "", ""));
    lines.push(format!("The prices are those of {}.", of.prices_of));
    lines
}

/// What a planned stack costs, in a line without colours.
#[must_use]
pub fn plan_cost(of: &PlanCost) -> String {
    let Some(idle) = of.idle_a_day else {
        return format!(
            "what it costs is not known: there are no prices of {}",
            of.region
        );
    };
    let without = match &of.unknown[..] {
        [] => String::new(),
        all => format!(", without {}", all.join(", ")),
    };
    let idle = idle_a_day(idle);
    let runs = of
        .of_1000_runs
        .map(|runs| format!(", {} USD per 1,000 runs", short(runs)));
    format!("costs {idle}{}{without}", runs.unwrap_or_default())
}

/// What something costs a day while nobody uses it.
pub(super) fn idle_a_day(usd: Usd) -> String {
    match short(usd).as_str() {
        "0.00" => "nothing idle".to_owned(),
        amount => format!("{amount} USD a day idle"),
    }
}

/// An amount that sums are made of.
pub(super) fn amount(usd: Usd) -> String {
    if usd == Usd::default() {
        "0".to_owned()
    } else {
        usd.rounded(DIGITS)
    }
}

/// An amount in cents; what is less than a cent is not nothing.
fn short(usd: Usd) -> String {
    let text = usd.rounded(2);
    match text.as_str() {
        "0.00" if usd > Usd::default() => "less than 0.01".to_owned(),
        "0.00" => text,
        _ => format!("about {text}"),
    }
}

fn row(name: &str, idle: &str, in_use: &str) -> String {
    format!("{name:<52} {idle:>12} {in_use:>12}")
}

fn line(of: &CostLine) -> String {
    let (quantity, unit) = (of.quantity.in_words(), &of.unit);
    let Some((price, cost)) = of.price.zip(of.cost) else {
        let text = format!("    {quantity:>14} {}: price not known", of.item);
        return warning(&text);
    };
    let (price, cost) = (price.to_string(), amount(cost));
    let text = format!("    {quantity:>14} x {price:<12} {unit}");
    format!("{text:<66} {cost:>11}")
}

fn counted(count: u64, noun: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{} {noun}{end}", grouped(count))
}

/// A number with its thousands apart.
pub(super) fn grouped(number: u64) -> String {
    Quantity::of(number.into(), 1).in_words()
}

/// A text in lines, each with what it begins with.
pub(super) fn wrapped(text: &str, first: &str, others: &str) -> Vec<String> {
    let mut lines = vec![first.to_owned()];
    for word in text.split_whitespace() {
        let line = lines.last().map_or(0, |line| line.chars().count());
        let is_begun = line > others.chars().count().max(first.chars().count());
        if is_begun && line + 1 + word.chars().count() > WIDTH {
            lines.push(others.to_owned());
        }
        if let Some(line) = lines.last_mut() {
            let blank = !line.is_empty() && !line.ends_with(' ');
            *line = format!("{line}{}{word}", if blank { " " } else { "" });
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_amounts_do_not_run_together() {
        let amount = "1,234,567,890.00";
        let text = row(
            "the whole stack, in a region of another continent far",
            amount,
            amount,
        );
        assert!(text.ends_with(&format!(" {amount} {amount}")), "{text}");
    }

    #[test]
    fn a_plan_says_what_it_costs_in_a_line() {
        let of = |idle: Option<&str>, runs: Option<&str>, unknown: &[&str]| {
            let usd = |text: Option<&str>| text.and_then(Usd::parse);
            plan_cost(&PlanCost {
                region: "sa-east-1".to_owned(),
                idle_a_day: usd(idle),
                of_1000_runs: usd(runs),
                unknown: unknown.iter().map(|one| (*one).to_owned()).collect(),
            })
        };
        assert_eq!(
            of(Some("0"), Some("2.098705"), &[]),
            "costs nothing idle, about 2.10 USD per 1,000 runs"
        );
        assert_eq!(
            of(Some("0.001"), Some("1234"), &["rekognition.image.group2"]),
            "costs less than 0.01 USD a day idle, about 1,234.00 USD per 1,000 runs, without rekognition.image.group2"
        );
        assert_eq!(
            of(Some("1.446"), None, &[]),
            "costs about 1.45 USD a day idle"
        );
        assert_eq!(
            of(None, None, &[]),
            "what it costs is not known: there are no prices of sa-east-1"
        );
    }

    #[test]
    fn lines_are_wrapped_at_words() {
        let lines = wrapped(&"word ".repeat(40), "- ", "  ");
        assert!(lines.iter().all(|line| line.len() <= WIDTH), "{lines:?}");
        assert!(
            lines[0].starts_with("- word") && lines[1].starts_with("  word"),
            "{lines:?}"
        );
        let long = "x".repeat(100);
        assert_eq!(
            wrapped(&format!("{long} y"), "- ", "  "),
            [format!("- {long}"), "  y".to_owned()]
        );
    }
}
