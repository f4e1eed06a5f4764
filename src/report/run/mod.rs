//! What `treino run` prints: the states of an execution, its output, and the item it wrote.

mod cause;
mod executions;
mod format;
mod item;
mod map_events;
mod run_renderer;
mod status_line;

pub use executions::executions;
pub use format::output;
pub use item::{item, item_deleted};
pub use run_renderer::RunRenderer;
pub use status_line::StatusLine;

/// A text on one line, cut after `most` characters.
#[must_use]
pub fn shortened(text: &str, most: usize) -> String {
    let flat: Vec<&str> = text.split_whitespace().collect();
    let flat = flat.join(" ");
    if flat.chars().count() <= most {
        return flat;
    }
    let kept: String = flat.chars().take(most).collect();
    format!("{}... (-v shows all)", kept.trim_end())
}

#[cfg(test)]
mod tests;
