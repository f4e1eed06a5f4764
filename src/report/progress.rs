//! Events as they happen: a line per resource under way and a bar in a terminal, plain lines
//! elsewhere.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::time::Duration;

use super::Out;
use super::style::{self, bold, dim, success, warning};
use crate::engine::{EngineEvent, strip_terminal_commands};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Shows what happens while a plan is carried out.
pub(super) struct Progress {
    out: Out,
    bars: Option<Bars>,
}

struct Bars {
    all: MultiProgress,
    total: ProgressBar,
    under_way: BTreeMap<String, ProgressBar>,
}

impl Progress {
    /// A progress over this many changes.
    pub(super) fn new(out: Out, changes: usize) -> Self {
        let live = std::io::stderr().is_terminal() && !out.verbose;
        let bars = live.then(|| {
            let all = MultiProgress::new();
            let total = all.add(ProgressBar::new(changes as u64));
            let style = ProgressStyle::with_template(if changes == 0 {
                // After the changes, what was deleted is looked for.
                "  {spinner} {msg}  {elapsed}"
            } else {
                "  [{bar:30}] {pos}/{len} {msg}  {elapsed}"
            });
            total.set_style(
                style
                    .unwrap_or_else(|_| ProgressStyle::default_bar())
                    .progress_chars("=> "),
            );
            total.set_message("done");
            total.enable_steady_tick(Duration::from_millis(100));
            Bars {
                all,
                total,
                under_way: BTreeMap::new(),
            }
        });
        Self { out, bars }
    }

    /// Takes away what is drawn.
    pub(super) fn end(self) {
        if let Some(bars) = self.bars {
            bars.total.finish_and_clear();
        }
    }

    /// Prints a line above what is drawn.
    pub(super) fn line(&self, text: &str) {
        match &self.bars {
            Some(bars) => {
                // The bars' own writer knows nothing of --color; anstream does.
                bars.all.suspend(|| self.out.aside(text));
            }
            None => self.out.aside(text),
        }
    }

    /// Shows an event.
    pub(super) fn show(&mut self, event: &EngineEvent) {
        match event {
            EngineEvent::Started {
                address,
                name,
                action,
                ..
            } => {
                if let Some(bars) = &mut self.bars {
                    let bar = bars
                        .all
                        .insert_before(&bars.total, ProgressBar::new_spinner());
                    let style =
                        ProgressStyle::with_template("  {spinner} {prefix} {msg} {elapsed}");
                    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
                    bar.set_prefix(format!("{} {address}", doing(action)));
                    bar.enable_steady_tick(Duration::from_millis(100));
                    bars.under_way.insert(name.clone(), bar);
                } else if self.out.verbose {
                    self.line(&dim(&format!("  {} {address}", doing(action))));
                }
            }
            EngineEvent::Note { name, text } => {
                let shown = self.bars.as_ref().and_then(|bars| bars.under_way.get(name));
                match shown {
                    Some(bar) => {
                        bar.set_message(format!("({})", strip_terminal_commands(text)));
                    }
                    None => self.line(&dim(&format!("  {name}: {text}"))),
                }
            }
            EngineEvent::Done {
                address,
                name,
                action,
                seconds,
                ..
            } => {
                self.finish_bar(name);
                self.line(&format!(
                    "  {} {address} {}",
                    success(&format!("{:9}", done(action))),
                    dim(&format!("{seconds:.1} s"))
                ));
            }
            EngineEvent::Failed {
                address,
                name,
                action,
                error,
                ..
            } => {
                self.finish_bar(name);
                self.line(&format!(
                    "  {} {address} ({action}): {error}",
                    style::error("failed   ")
                ));
            }
            EngineEvent::Skipped {
                address, because, ..
            } => {
                self.line(&format!("  {} {address}: {because}", warning("skipped  ")));
            }
            EngineEvent::Verifying { look, resources } => {
                if let Some(bars) = &self.bars {
                    bars.total.set_message(format!("verifying (look {look})"));
                }
                if *look == 1 {
                    self.line(&bold(&format!(
                        "  looking again for {}, service by service",
                        super::all(*resources, "", "")
                    )));
                }
            }
        }
    }

    fn finish_bar(&mut self, name: &str) {
        if let Some(bars) = &mut self.bars {
            bars.total.inc(1);
            if Some(bars.total.position()) == bars.total.length() {
                // Nothing is under way, and the verb goes on: it looks at the result.
                bars.total.set_message("done, looking at the result");
            }
            if let Some(bar) = bars.under_way.remove(name) {
                bar.finish_and_clear();
                bars.all.remove(&bar);
            }
        }
    }
}

fn doing(action: &str) -> &'static str {
    match action {
        "create" => "creating ",
        "update" => "updating ",
        "replace" => "replacing",
        _ => "deleting ",
    }
}

fn done(action: &str) -> &'static str {
    match action {
        "create" => "created",
        "update" => "updated",
        "replace" => "replaced",
        _ => "deleted",
    }
}
