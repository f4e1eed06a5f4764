//! The teacher's page: every student of the roster, with a link to the student's page.

use maud::{Markup, html};

use super::texts::HandoutTexts;
use super::{HandoutLanguage, document, filled, filled_text, footer, in_words, name, person};
use crate::ops::{Handout, HandoutExtent};

/// What the teacher's page says of a class.
pub struct IndexPage<'a> {
    /// The stack.
    pub stack: &'a str,
    /// What it is for.
    pub description: &'a str,
    /// The students, in the order of the roster.
    pub students: Vec<IndexEntry<'a>>,
    /// How many the roster has.
    pub of_roster: usize,
}

/// A student on the teacher's page.
pub struct IndexEntry<'a> {
    /// The owner.
    pub owner: &'a str,
    /// What the student is called.
    pub name: Option<&'a str>,
    /// The handout, where one was made now.
    pub handout: Option<&'a Handout>,
    /// The file of the student's page, in the same folder, where there is one.
    pub file: Option<String>,
    /// Why there is no page.
    pub reason: Option<String>,
}

/// The teacher's page, as HTML.
#[must_use]
pub fn index(of: &IndexPage<'_>, language: HandoutLanguage) -> String {
    let texts = language.texts();
    let body = html! {
        header {
            h1 { (filled(texts.index, &[person(of.stack)])) }
            @if !of.description.is_empty() { p.about dir="auto" { (of.description) } }
            p {
                (texts.index_about)
                @if of.students.len() < of.of_roster {
                    " " (filled(texts.index_some, &[html! { (of.students.len()) }, html! { (of.of_roster) }]))
                }
            }
        }
        table {
            thead {
                tr {
                    th scope="col" { (texts.student) }
                    th scope="col" { (texts.state) }
                    th scope="col" { (texts.ends) }
                    th.key scope="col" { (texts.account) ", " (lower(texts.region)) }
                }
            }
            tbody { @for one in &of.students { (row(one, texts)) } }
        }
        (footer(texts))
    };
    let title = filled_text(texts.index, &[of.stack]);
    document(texts, &title, Some(of.stack), &body)
}

fn lower(text: &str) -> String {
    text.to_lowercase()
}

fn row(of: &IndexEntry<'_>, texts: &HandoutTexts) -> Markup {
    let ends = |handout: &Handout| {
        let is_there = handout.deployed != HandoutExtent::Nothing;
        let at = handout.expires.as_ref().filter(|_| is_there);
        at.map_or("–".to_owned(), |at| in_words(at, texts))
    };
    let state = |handout: &Handout| match handout.deployed {
        HandoutExtent::All => texts.is_deployed,
        HandoutExtent::Part => texts.is_incomplete,
        HandoutExtent::Nothing => texts.is_not_deployed,
    };
    html! {
        @let student = html! { (person(of.name.unwrap_or(of.owner))) };
        tr {
            td.who {
                @if let Some(file) = &of.file { a href=(file) { (student) } } @else { (student) }
                @if of.name.is_some() { " (" (name(of.owner)) ")" }
                @if let Some(reason) = &of.reason { p { (filled(texts.no_page, &[html! { (reason) }])) } }
            }
            @match of.handout {
                Some(handout) => {
                    td { (state(handout)) }
                    td { (ends(handout)) }
                    td.key { (name(&handout.account)) ", " span.word { (name(&handout.region)) } }
                }
                None => {
                    td { @if of.file.is_some() { (texts.earlier_page) } }
                    td {}
                    td.key {}
                }
            }
        }
    }
}
