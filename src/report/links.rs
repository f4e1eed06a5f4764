//! Links to the AWS console: behind words in terminals that show such links, else as addresses.

use super::Out;
use super::style::{bold, dim};
use super::written;
use crate::engine::strip_terminal_commands;
use crate::ops::ConsoleLink;

/// The most addresses that are shown without `-v`.
const SHOWN: usize = 6;

/// Prints where the console shows the resources of a stack.
pub(super) fn console(links: &[ConsoleLink], out: Out) {
    if written::shows_links(out.stream()) {
        print(&in_words(links), out);
    } else {
        out.say(format!("\n{}", addresses(links, out.verbose)));
    }
}

/// Prints where the console shows an execution.
pub(super) fn execution(url: &str, out: Out) {
    if written::shows_links(out.stream()) {
        print(
            &format!("  {}", link("show it in the AWS console", url)),
            out,
        );
    } else {
        out.say(dim(&format!("  {url}")));
    }
}

/// Prints text that has links in it; the names in it are harmless.
fn print(text: &str, out: Out) {
    if out.text {
        written::line(out.stream(), text);
    }
}

fn in_words(links: &[ConsoleLink]) -> String {
    let words = links.iter().map(|one| link(one.address.as_str(), &one.url));
    let words: Vec<String> = words.collect();
    format!("\n{} {}", bold("AWS console:"), words.join(", "))
}

/// A word that leads to an address, as an OSC 8 sequence.
///
/// <https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda>
fn link(word: &str, url: &str) -> String {
    let [word, url] = [word, url].map(|text| strip_terminal_commands(text).replace('\n', " "));
    format!("\u{1b}]8;;{url}\u{1b}\\{word}\u{1b}]8;;\u{1b}\\")
}

fn addresses(links: &[ConsoleLink], verbose: bool) -> String {
    let shown = if verbose { links.len() } else { SHOWN };
    let mut lines = vec![bold("AWS console")];
    for one in links.iter().take(shown) {
        lines.push(format!("  {}: {}", one.address, one.url));
    }
    if links.len() > shown {
        lines.push(dim(&format!(
            "  and {} more (-v shows all)",
            links.len() - shown
        )));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::{Address, Kind};

    fn links(count: usize) -> Vec<ConsoleLink> {
        let one = |number| ConsoleLink {
            address: Address::new(Kind::Table, &format!("t{number}")),
            kind: Kind::Table,
            name: String::new(),
            url: format!("https://x/{number}"),
        };
        (1..=count).map(one).collect()
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn links_are_words_or_addresses() {
        let words = in_words(&links(2));
        let first = "\u{1b}]8;;https://x/1\u{1b}\\table.t1\u{1b}]8;;\u{1b}\\";
        assert!(words.contains(first), "{words:?}");
        assert_eq!(plain(&words), "\nAWS console: table.t1, table.t2");
        assert_eq!(
            plain(&addresses(&links(2), false)),
            "AWS console\n  table.t1: https://x/1\n  table.t2: https://x/2"
        );
        let many = plain(&addresses(&links(8), false));
        assert!(
            many.ends_with("t6: https://x/6\n  and 2 more (-v shows all)"),
            "{many}"
        );
        assert!(plain(&addresses(&links(8), true)).ends_with("/8"));
        // Nothing gets out of the sequence.
        let bad = link("a\u{7}\u{1b}]0;x", "https://x/\u{1b}\\\u{7}");
        assert_eq!(bad.matches('\u{1b}').count(), 4, "{bad:?}");
        assert!(!bad.contains('\u{7}'));
    }
}
