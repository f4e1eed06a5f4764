//! A list of executions.

use super::format::duration;
use crate::ops::ListedExecution;
use crate::report::style::{bold, dim, error, success, warning};
use crate::report::time::local;

/// A line for each execution, the latest first.
#[must_use]
pub fn executions(machines: &[String], executions: &[ListedExecution], more: bool) -> String {
    let of = machines.join(" or ");
    if executions.is_empty() {
        return format!("no execution of {of} in the last 90 days");
    }
    let has_several = machines.len() > 1;
    let mut head = vec!["started", "ended", "took"];
    head.extend(has_several.then_some("machine"));
    head.push("execution");
    let mut rows = vec![head.into_iter().map(String::from).collect::<Vec<_>>()];
    for one in executions {
        let mut row = vec![
            local(&one.started),
            one.status.to_lowercase().replace('_', " "),
            one.seconds.map(took).unwrap_or_default(),
        ];
        row.extend(has_several.then(|| one.machine.clone()));
        row.push(one.name.clone());
        rows.push(row);
    }
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut lines = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).enumerate();
        let cells = cells.map(|(column, (cell, width))| {
            // The last column has names of up to 80 characters.
            let cell = if column + 1 == columns {
                cell.clone()
            } else {
                format!("{cell:width$}")
            };
            match (number, column) {
                (0, _) => bold(&cell),
                (_, 1) => painted(&cell),
                _ => cell,
            }
        });
        lines.push(cells.collect::<Vec<_>>().join("  "));
    }
    if more {
        let most = executions.len().saturating_mul(2);
        lines.push(dim(&format!("there are older ones: --limit {most}")));
    }
    lines.join("\n")
}

fn painted(status: &str) -> String {
    match status.trim_end() {
        "succeeded" => success(status),
        "running" | "pending redrive" => warning(status),
        _ => error(status),
    }
}

fn took(seconds: f64) -> String {
    if seconds < 120.0 {
        return format!("{seconds:.1} s");
    }
    duration(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(machine: &str, name: &str, status: &str, seconds: Option<f64>) -> ListedExecution {
        ListedExecution {
            name: name.to_owned(),
            arn: String::new(),
            machine: machine.to_owned(),
            status: status.to_owned(),
            started: "no time".to_owned(),
            ended: None,
            seconds,
        }
    }

    fn plain(machines: &[&str], listed: &[ListedExecution], more: bool) -> String {
        let machines: Vec<String> = machines.iter().map(|&key| key.to_owned()).collect();
        anstream::adapter::strip_str(&executions(&machines, listed, more)).to_string()
    }

    #[test]
    fn executions_stand_in_columns() {
        let first = one("main", "a", "RUNNING", None);
        let second = one("other", "b", "TIMED_OUT", Some(7200.0));
        assert_eq!(
            plain(&["main", "other"], &[first.clone(), second], true),
            "started  ended      took  machine  execution\n\
             no time  running          main     a\n\
             no time  timed out  2h    other    b\n\
             there are older ones: --limit 4"
        );
        assert_eq!(
            plain(&["main"], &[first], false),
            "started  ended    took  execution\nno time  running        a"
        );
        assert_eq!(
            plain(&["main"], &[], false),
            "no execution of main in the last 90 days"
        );
    }
}
