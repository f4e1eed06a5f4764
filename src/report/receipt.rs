//! The receipt of a destroy as text.

use super::style::{bold, dim, error, success, warning};
use super::time::local;
use crate::engine::Receipt;

/// Each resource that was seen to be gone, then the verdict. On the local AWS there is no bill.
#[must_use]
pub fn receipt(receipt: &Receipt, is_local: bool) -> String {
    let width = receipt
        .resources
        .iter()
        .map(|gone| gone.address.as_str().len())
        .max()
        .unwrap_or(0);
    let owner = receipt.target.owner.as_ref();
    let mut lines = vec![format!(
        "{} {}{} in {}, account {}, {}",
        bold("receipt:"),
        receipt.target.stack,
        owner.map_or_else(String::new, |owner| format!(" of {owner}")),
        receipt.target.region,
        receipt.target.account,
        local(&receipt.ended)
    )];
    if !receipt.resources.is_empty() {
        // The text says it once; the receipt as JSON has it for each resource.
        lines.push(dim("  confirmed deleted:"));
    }
    for gone in &receipt.resources {
        let address = gone.address.as_str();
        let another = gone.another.as_ref().map_or_else(String::new, |whose| {
            format!("  (another one has this name now: {whose})")
        });
        lines.push(format!("  {address:width$}  {}{another}", gone.name));
    }
    lines.extend(
        receipt
            .kept
            .iter()
            .map(|kept| format!("  {} {kept}", warning("kept:"))),
    );
    if !receipt.not_looked_for.is_empty() {
        lines.push(dim(&format!(
            "  not looked for, as the stack file has none: {}; where an earlier version of it had some, allow these \
             credentials to list them and run the same command again",
            receipt.not_looked_for.join(", ")
        )));
    }
    if receipt.is_proved() {
        let them = match receipt.resources.len() {
            1 => "it",
            _ => "they",
        };
        let charged = match (is_local, receipt.kept.is_empty()) {
            (true, _) => String::new(),
            (false, true) => format!("; what {them} cost until now is on the bill"),
            (false, false) => format!(
                "; what {them} cost until now is on the bill, and what is kept, which nobody asked to delete, is still \
                 charged"
            ),
        };
        lines.push(success(&format!(
            "verified: {} deleted{charged}",
            super::all(receipt.resources.len(), " is", " are")
        )));
    } else {
        lines.extend(
            receipt
                .remains
                .iter()
                .map(|left| format!("  {} {left}", error("left:"))),
        );
        lines.push(error("not everything could be confirmed deleted: run the same command again, or look at the above by hand"));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::AbsenceRecord;
    use crate::stack::{Address, Kind, Target};

    #[test]
    fn names_stand_in_one_column() {
        let absence = |key: &str, name: &str| AbsenceRecord {
            address: Address::new(Kind::Table, key),
            kind: Kind::Table,
            name: name.to_owned(),
            seen: "not listed".to_owned(),
            another: None,
            at: String::new(),
        };
        let shown = receipt(
            &Receipt {
                target: Target {
                    partition: "aws".to_owned(),
                    region: "us-east-1".to_owned(),
                    account: "123456789012".to_owned(),
                    stack: "shelf".to_owned(),
                    owner: Some("ana".to_owned()),
                },
                began: String::new(),
                ended: String::new(),
                resources: vec![
                    absence("a", "shelf-with-a-long-name"),
                    absence("books", "shelf-b"),
                ],
                remains: Vec::new(),
                kept: Vec::new(),
                not_looked_for: Vec::new(),
            },
            true,
        );
        assert!(shown.contains(" shelf of ana in us-east-1, "), "{shown}");
        let columns = shown.lines().filter_map(|line| line.find("shelf-"));
        let columns: Vec<usize> = columns.collect();
        assert_eq!(columns.len(), 2);
        assert_eq!(columns[0], columns[1], "{shown}");
    }
}
