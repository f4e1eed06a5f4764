//! The receipt of a destroy as text.

use super::style::{bold, dim, error, good};
use crate::engine::Receipt;

/// How far a long name moves what comes after it to the right.
const LONGEST_NAME: usize = 64;

/// Each resource with how its absence was seen, then the verdict.
#[must_use]
pub fn receipt(receipt: &Receipt) -> String {
    let width = receipt
        .resources
        .iter()
        .map(|gone| gone.address.as_str().len())
        .max()
        .unwrap_or(0);
    let names = receipt
        .resources
        .iter()
        .map(|gone| gone.name.len())
        .max()
        .unwrap_or(0)
        .min(LONGEST_NAME);
    let mut lines = vec![format!(
        "{} {} in {}, account {}, {}",
        bold("receipt:"),
        receipt.site.stack,
        receipt.site.region,
        receipt.site.account,
        receipt.ended
    )];
    for gone in &receipt.resources {
        let head = format!("  {:width$}  {:names$}", gone.address.as_str(), gone.name);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Absence;
    use crate::stack::{Address, Kind, Site};

    #[test]
    fn how_absence_was_seen_stands_in_one_column() {
        let absence = |key: &str, name: &str| Absence {
            address: Address::new(Kind::Table, key),
            kind: Kind::Table,
            name: name.to_owned(),
            seen: "not listed".to_owned(),
            at: String::new(),
        };
        let shown = receipt(&Receipt {
            site: Site {
                partition: "aws".to_owned(),
                region: "us-east-1".to_owned(),
                account: "123456789012".to_owned(),
                stack: "shelf".to_owned(),
                owner: None,
            },
            began: String::new(),
            ended: String::new(),
            resources: vec![
                absence("a", "shelf-with-a-long-name"),
                absence("books", "b"),
            ],
            remains: Vec::new(),
        });
        let columns = shown.lines().filter_map(|line| line.find("not listed"));
        let columns: Vec<usize> = columns.collect();
        assert_eq!(columns.len(), 2);
        assert_eq!(columns[0], columns[1], "{shown}");
    }
}
