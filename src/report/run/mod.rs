//! An execution as it goes, and the item it left.

mod cause;
mod item;
mod live;
mod maps;
mod story;
mod words;

pub use item::item;
pub use live::Live;
pub use story::Story;
pub use words::output;

/// A text for one line, cut where it is long.
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
