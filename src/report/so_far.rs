//! What a deployed stack has cost so far, as text.

use super::cost::{amount, wrapped};
use super::style::{bold, warning};
use super::time::local;
use crate::stack::usage::{CostSoFar, SpentLine, SpentResource};

/// Each resource with what was counted, the sum, and what is not known.
#[must_use]
pub fn cost_so_far(of: &CostSoFar) -> String {
    let since = of.since.as_ref();
    let since = since.map_or_else(String::new, |at| format!(", up since {}", local(at)));
    let mut lines = vec![
        format!(
            "{} in {}{since}: what it has cost so far, in USD before tax",
            bold(&of.stack),
            of.region
        ),
        String::new(),
    ];
    let (billed, nothing): (Vec<&SpentResource>, Vec<&SpentResource>) =
        of.resources.iter().partition(|one| !one.lines.is_empty());
    for one in billed {
        lines.push(row(one.address.as_str(), &amount(one.cost)));
        lines.extend(one.lines.iter().flat_map(line));
    }
    if !nothing.is_empty() {
        let all: Vec<&str> = nothing.iter().map(|one| one.address.as_str()).collect();
        lines.extend(wrapped(
            &format!("nothing counted: {}", all.join(", ")),
            "",
            "    ",
        ));
    }
    lines.push(String::new());
    lines.push(bold(&row("in all, at least", &amount(of.in_all))));
    if !of.unpriced.is_empty() {
        let text = format!(
            "The sum is without {}: no price is known in {}.",
            of.unpriced.join(", "),
            of.region
        );
        lines.extend(wrapped(&text, "", "").iter().map(|text| warning(text)));
    }
    let mut list = |head: &str, items: &[String]| {
        if !items.is_empty() {
            lines.push(String::new());
            lines.push(head.to_owned());
            lines.extend(items.iter().flat_map(|item| wrapped(item, "- ", "  ")));
        }
    };
    list("Not known, and not in the sum:", &of.unknown);
    list("Note:", &of.notes);
    lines.push(String::new());
    lines.push(format!("The prices are those of {}.", of.prices_of));
    lines.join("\n")
}

fn row(name: &str, cost: &str) -> String {
    format!("{name:<60}{cost:>18}")
}

fn line(of: &SpentLine) -> Vec<String> {
    let line = &of.line;
    let counted = format!("    {}", of.counted);
    let quantity = line.quantity.in_words();
    let Some((price, cost)) = line.price.zip(line.cost) else {
        let text = format!("    {quantity:>14} {}: price not known", line.item);
        return vec![counted, warning(&text)];
    };
    let text = format!("    {quantity:>14} x {price:<12} {}", line.unit);
    vec![counted, format!("{text:<66}{:>12}", amount(cost))]
}
