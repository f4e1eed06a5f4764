//! A student's page.

use maud::{Markup, html};

use super::outline::machine;
use super::texts::HandoutTexts;
use super::tries::tries;
use super::{HandoutLanguage, document, filled, footer, in_words, name, now, person};
use crate::ops::{Handout, HandoutExtent, HandoutPlace, HandoutStart, StartCause};

/// A student's page, as HTML.
#[must_use]
pub fn page(of: &Handout, language: HandoutLanguage) -> String {
    let texts = language.texts();
    let body = html! {
        (head(of, texts))
        @if has_end_said(of) { (end(of, texts)) }
        // Of what is not there, nothing can be looked at or tried.
        @if of.deployed != HandoutExtent::Nothing {
            @if !of.resources.is_empty() { (parts(of, texts)) }
            (starts(of, texts))
            @for (number, one) in of.machines.iter().enumerate() { (machine(one, number, texts)) }
            (tries(of, texts))
        }
        (footer(texts))
    };
    let student = of.name.as_ref().unwrap_or(&of.owner);
    document(texts, &format!("{}: {student}", of.stack), None, &body)
}

fn head(of: &Handout, texts: &HandoutTexts) -> Markup {
    let notice = match of.place {
        HandoutPlace::Aws => None,
        HandoutPlace::Local => Some(texts.local),
        HandoutPlace::Endpoint => Some(texts.endpoint),
    };
    let expires = of.expires.as_ref().map(|at| in_words(at, texts));
    html! {
            header {
                p.above { (texts.lab) }
                h1 { bdi { (of.stack) } }
                @if !of.description.is_empty() { p.about dir="auto" { (of.description) } }
                @let student = of.name.as_ref().unwrap_or(&of.owner);
                p.student { (filled(texts.for_student, &[person(student)])) }
            }
            @match of.deployed {
                HandoutExtent::All => {}
                HandoutExtent::Part => p.notice.warning { (texts.incomplete) },
                HandoutExtent::Nothing => p.notice.warning { (texts.not_deployed) },
            }
            @if let Some(notice) = notice.filter(|_| of.deployed != HandoutExtent::Nothing) { p.notice { (notice) } }
            dl {
                (fact(texts.owner, &name(&of.owner)))
                @if of.place != HandoutPlace::Endpoint { (fact(texts.account, &name(&of.account))) }
                (fact(texts.region, &name(&of.region)))
                @if let Some(profile) = &of.profile {
                    @if of.place != HandoutPlace::Local { (fact(texts.profile, &name(profile))) }
                }
    @if has_end_said(of) {
                    (fact(texts.ends, &html! { (expires.as_deref().unwrap_or(texts.has_no_end)) }))
                }
            }
        }
}

/// Whether it is known when it ends, or that it does not: of what is not deployed, nothing says it.
fn has_end_said(of: &Handout) -> bool {
    match of.deployed {
        HandoutExtent::All => true,
        HandoutExtent::Part => of.expires.is_some(),
        HandoutExtent::Nothing => false,
    }
}

fn fact(what: &str, value: &Markup) -> Markup {
    html! { div { dt { (what) } dd { (value) } } }
}

fn end(of: &Handout, texts: &HandoutTexts) -> Markup {
    let destroy = html! { code { "treino destroy" } };
    let text = match &of.expires {
        None => filled(texts.stays, &[destroy]),
        Some(at) => {
            let has_passed = *at < now();
            let at = html! { strong { (in_words(at, texts)) } };
            if has_passed {
                filled(texts.has_ended, &[at])
            } else if of.self_destruct {
                let earlier = filled(texts.ends_earlier, &[destroy]);
                html! { (filled(texts.ends_by_itself, &[at])) " " (earlier) }
            } else {
                filled(texts.expires, &[at, destroy])
            }
        }
    };
    html! { section { h2 { (texts.end) } p { (text) } } }
}

fn parts(of: &Handout, texts: &HandoutTexts) -> Markup {
    let is_linked = of.resources.iter().any(|one| one.console.is_some());
    html! {
        section {
            h2 { (texts.parts) }
            @if is_linked {
                p.screen { (filled(texts.sign_in, &[name(&of.account), name(&of.region)])) }
            }
            table {
                thead {
                    tr {
                        th scope="col" { (texts.part) }
                        th scope="col" { (texts.name) }
                        th.key scope="col" { (texts.key) }
                        @if is_linked { th.screen scope="col" { (texts.console) } }
                    }
                }
                tbody {
                    @for one in &of.resources {
                        tr {
                            @let kind = (texts.kind)(one.kind);
                            td { (kind) }
                            td { (name(&one.name)) }
                            td.key { (name(&one.key)) }
                            @if is_linked {
                                td.screen {
                                    @if let Some(url) = &one.console { (link(url, texts.open, kind, &one.name)) }
                                    @if let Some(url) = &one.logs { " " (link(url, texts.logs, kind, &one.name)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A link into the console, which says by itself where it leads.
fn link(url: &str, word: &str, kind: &str, of: &str) -> Markup {
    html! { a href=(url) rel="noopener noreferrer" aria-label=(format!("{word}: {kind} {of}")) { (word) } }
}

fn starts(of: &Handout, texts: &HandoutTexts) -> Markup {
    if of.starts.is_empty() {
        return html! {
            @if !of.machines.is_empty() {
                section { h2 { (texts.starts) } p { (texts.starts_nothing) } }
            }
        };
    }
    html! {
        section {
            h2 { (texts.starts) }
            @for one in &of.starts { (start(one, of.place, texts)) }
        }
    }
}

fn start(one: &HandoutStart, place: HandoutPlace, texts: &HandoutTexts) -> Markup {
    let started = html! { ((texts.started)(one.kind)) " " (name(&one.name)) };
    html! {
        @match &one.cause {
            StartCause::File { bucket, prefix, suffix, by_trail, .. } => {
                p {
                    (filled(texts.file_starts, &[name(bucket), started]))
                    @if let Some(prefix) = prefix { " " (filled(texts.only_prefix, &[name(prefix)])) }
                    @if let Some(suffix) = suffix { " " (filled(texts.only_suffix, &[name(suffix)])) }
                    @if place == HandoutPlace::Aws {
                        " " (if *by_trail { texts.by_trail } else { texts.by_bucket })
                    }
                }
            }
            StartCause::Schedule(schedule) => { p { (filled(texts.schedule_starts, &[started, name(schedule)])) } }
            StartCause::Pattern(pattern) => {
                p { (filled(texts.pattern_starts, &[started])) }
                pre { code { (pattern) } }
            }
        }
        @if !one.enabled { p.notice { (texts.switched_off) } }
    }
}
