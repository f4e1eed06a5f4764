//! The receipt of a destroy as text.

use super::style::{bold, dim, error, good};
use crate::engine::Receipt;

/// Each resource with how its absence was seen, then the verdict.
#[must_use]
pub fn receipt(receipt: &Receipt) -> String {
    let width = receipt
        .resources
        .iter()
        .map(|gone| gone.address.as_str().len())
        .max()
        .unwrap_or(0);
    let mut lines = vec![format!(
        "{} {} in {}, account {}, {}",
        bold("receipt:"),
        receipt.site.stack,
        receipt.site.region,
        receipt.site.account,
        receipt.ended
    )];
    for gone in &receipt.resources {
        let head = format!("  {:width$}  {}", gone.address.as_str(), gone.name);
        lines.push(format!("{head}  {}", dim(&gone.seen)));
    }
    if receipt.is_proved() {
        lines.push(good(&format!(
            "seen empty: all {} resources are gone, nothing is charged",
            receipt.resources.len()
        )));
    } else {
        lines.extend(
            receipt
                .remains
                .iter()
                .map(|left| format!("  {} {left}", error("left:"))),
        );
        lines.push(error("not everything could be proved gone: run the same command again, or look at the above by hand"));
    }
    lines.join("\n")
}
