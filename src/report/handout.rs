//! Handouts as web pages: one for each student, and one with links to them for the teacher. A page is one file, which reads
//! nothing else: no script, no font, no image.

mod folder;
mod index;
mod outline;
mod page;
mod texts;
mod tries;

use maud::{DOCTYPE, Markup, PreEscaped, html};

pub use folder::{HandoutFolder, UnwrittenPage};
pub use index::{IndexEntry, IndexPage, index};
pub use page::page;
pub use texts::HandoutLanguage;

use self::texts::HandoutTexts;
use crate::report::time;

/// What says in a page that treino wrote it, and may write it again.
const GENERATOR: &str = "treino";

/// What says of which stack a teacher's page is.
const STACK: &str = "treino-stack";

const STYLE: &str = include_str!("handout/style.css");

/// A whole page. A teacher's says of which stack it is.
fn document(texts: &HandoutTexts, title: &str, stack: Option<&str>, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(texts.tag) {
            head {
                meta charset="utf-8";
                meta name="generator" content=(GENERATOR);
                @if let Some(stack) = stack { meta name=(STACK) content=(stack); }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                meta name="referrer" content="no-referrer";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { (body) } }
        }
    };
    page.into_string() + "\n"
}

/// Whether treino wrote a page.
fn is_page(text: &str) -> bool {
    let generator = format!("<meta name=\"generator\" content=\"{GENERATOR}\">");
    text.contains(&generator)
}

/// The stack of a teacher's page that treino wrote.
fn stack_of(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once(&format!("<meta name=\"{STACK}\" content=\""))?;
    rest.split('"').next().filter(|_| is_page(text))
}

/// A text with what stands in place of `{0}` and `{1}`.
fn filled(text: &str, values: &[Markup]) -> Markup {
    let mut parts = text.split('{');
    let first = parts.next().unwrap_or_default();
    html! {
        (first)
        @for part in parts {
            @if let Some((number, rest)) = part.split_once('}') {
                @if let Some(value) = number.parse().ok().and_then(|number: usize| values.get(number)) { (value) }
                (rest)
            }
        }
    }
}

/// The same where all of it is text.
fn filled_text(text: &str, values: &[&str]) -> String {
    let mut whole = text.to_owned();
    for (number, value) in values.iter().enumerate() {
        // What a value says is no place for another.
        let value = value.replace('{', "\u{1}");
        whole = whole.replace(&format!("{{{number}}}"), &value);
    }
    whole.replace('\u{1}', "{")
}

/// A name, which may be written from right to left, in the midst of other text.
fn name(text: &str) -> Markup {
    html! { code { bdi { (text) } } }
}

/// What people are called.
fn person(text: &str) -> Markup {
    html! { bdi { (text) } }
}

/// An RFC 3339 time in words, in the zone of this machine, which is named.
fn in_words(at: &str, texts: &HandoutTexts) -> String {
    time::local_parts(at).map_or_else(
        || at.to_owned(),
        |parts| {
            let weekday = texts.weekdays[parts.weekday % 7];
            let month = texts.months[parts.month % 12];
            let [day, year] = [parts.day.to_string(), parts.year.to_string()];
            let values = [weekday, &day, month, &year, &parts.clock, &parts.zone];
            filled_text(texts.date, &values)
        },
    )
}

/// Now, as an RFC 3339 time.
fn now() -> String {
    humantime::format_rfc3339_seconds(std::time::SystemTime::now()).to_string()
}

/// When a page was written.
fn footer(texts: &HandoutTexts) -> Markup {
    html! { footer { p { (filled_text(texts.written, &[&in_words(&now(), texts)])) } } }
}

#[cfg(test)]
mod tests;
