//! The data that is deleted with resources, as text.

use super::cost::grouped;
use super::style::warning;
use crate::ops::{ResourceContents, bytes};
use crate::source::{counted, plural};

/// A line for each resource that contains something.
pub(super) fn contents(contents: &[ResourceContents]) -> String {
    let width = contents.iter().map(|one| one.address.as_str().len()).max();
    let width = width.unwrap_or(0);
    let mut lines = vec![warning("this data is deleted, too:")];
    for of_one in contents.chunk_by(|a, b| a.address == b.address) {
        let address = of_one.first().map_or("", |one| one.address.as_str());
        let amounts: Vec<String> = of_one.iter().map(amount).collect();
        lines.push(format!("  {address:width$}  {}", amounts.join(", ")));
    }
    lines.join("\n")
}

/// The sums of each kind of thing: `3 objects and 12 items`; empty where there is nothing.
pub(super) fn in_all(contents: &[ResourceContents]) -> String {
    let mut sums: Vec<ResourceContents> = Vec::new();
    for one in contents.iter().filter(|one| one.count > 0) {
        match sums.iter_mut().find(|sum| sum.what == one.what) {
            Some(sum) => {
                sum.count += one.count;
                sum.more |= one.more;
                sum.about |= one.about;
            }
            None => sums.push(one.clone()),
        }
    }
    let parts: Vec<String> = sums.iter().map(count).collect();
    parts.join(" and ")
}

fn count(one: &ResourceContents) -> String {
    match (one.more, one.about) {
        (true, _) => format!("more than {} {}", grouped(one.count), plural(one.what)),
        (false, true) => format!("about {}", counted(one.count, one.what)),
        (false, false) => counted(one.count, one.what),
    }
}

pub(super) fn amount(one: &ResourceContents) -> String {
    let count = count(one);
    match one.bytes {
        Some(size) => format!("{count} ({})", bytes(size)),
        None => count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::{Address, Kind};

    fn one(kind: Kind, what: &'static str, count: u64) -> ResourceContents {
        ResourceContents {
            address: Address::new(kind, "main"),
            kind,
            name: String::new(),
            what,
            count,
            bytes: None,
            more: false,
            about: false,
        }
    }

    #[test]
    fn what_goes_is_counted_as_exactly_as_it_is_known() {
        let mut objects = one(Kind::Bucket, "object", 3);
        objects.bytes = Some(1_234_567);
        let mut many = one(Kind::Bucket, "object version", 1000);
        many.more = true;
        let mut messages = one(Kind::Queue, "message", 1);
        messages.about = true;
        let shown = contents(&[objects, many, one(Kind::Table, "item", 1), messages]);
        assert_eq!(
            anstream::adapter::strip_str(&shown).to_string(),
            "this data is deleted, too:\n  bucket.main  3 objects (1.2 MB), more than 1,000 object \
             versions\n  table.main   1 item\n  queue.main   about 1 message"
        );
    }
}
