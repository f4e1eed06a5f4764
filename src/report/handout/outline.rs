//! The states of a machine as a list, with those of the machines inside it.

use maud::{Markup, html};

use super::texts::HandoutTexts;
use super::{filled, name, person};
use crate::asl::{MachineOutline, OutlinedRetry, OutlinedState, OutlinedWay, WayTaken};
use crate::ops::HandoutMachine;

/// The error that stands for every error.
const ANY_ERROR: &str = "States.ALL";

pub(super) fn machine(of: &HandoutMachine, number: usize, texts: &HandoutTexts) -> Markup {
    html! {
        section {
            h2 { (filled(texts.states, &[name(&of.name)])) }
            p { (texts.outline) }
            (states(&of.outline, &format!("m{number}"), false, texts))
        }
    }
}

/// `id` begins the ids of the states: a state may have the name of one in another machine.
fn states(outline: &MachineOutline, id: &str, is_inside: bool, texts: &HandoutTexts) -> Markup {
    html! {
        ol.states {
            @for (place, state) in outline.states.iter().enumerate() {
                li id=(format!("{id}-{place}")) {
                    p {
                        strong dir="auto" { (state.name) }
                        @if !state.type_name.is_empty() { " " span.type { (state.type_name) } }
                        @if state.is_unreached { " " em { (texts.unreached) } }
                    }
                    @if let Some(comment) = &state.comment { p.comment dir="auto" { (comment) } }
                    (facts(state, texts))
                    (inside(state, &format!("{id}-{place}"), texts))
                    (ways(state, outline, id, is_inside, texts))
                }
            }
        }
    }
}

fn facts(state: &OutlinedState, texts: &HandoutTexts) -> Markup {
    let cause = state.cause.as_ref();
    let detail = state.detail.as_ref().map(|detail| {
        let text = match state.type_name.as_str() {
            "Wait" => texts.waits,
            "Fail" => texts.fails,
            _ => texts.items,
        };
        filled(text, &[name(detail)])
    });
    html! {
        @if let Some(calls) = &state.calls {
            p.fact {
                (filled(texts.calls, &[name(calls)]))
                @for (number, one) in state.on.iter().enumerate() {
                    @if number == 0 { " " (texts.on) " " } @else { ", " }
                    (name(one))
                }
            }
        }
        @if let Some(detail) = &detail { p.fact { (detail) } }
        @if let Some(cause) = cause { p.fact { (filled(texts.cause, &[person(cause)])) } }
        @for (number, one) in state.retries.iter().enumerate() { p.fact { (retried(one, number == 0, texts)) } }
    }
}

fn retried(of: &OutlinedRetry, is_first: bool, texts: &HandoutTexts) -> Markup {
    let [once, often] = texts.retries;
    let is_any = of.errors.iter().any(|error| error == ANY_ERROR);
    html! {
        @if of.times == 1 { (once) } @else { (filled(often, &[html! { (of.times) }])) }
        " "
        @if !is_any { (texts.after_error) " " (any_of(&of.errors, texts)) }
        @else if is_first { (texts.after_error) }
        @else { (texts.after_other_error) }
    }
}

/// Names with commas, and a word before the last.
fn any_of(names: &[String], texts: &HandoutTexts) -> Markup {
    html! {
        @for (number, one) in names.iter().enumerate() {
            @if number > 0 {
                @if number + 1 == names.len() { " " (texts.or) " " } @else { ", " }
            }
            (name(one))
        }
    }
}

fn inside(state: &OutlinedState, id: &str, texts: &HandoutTexts) -> Markup {
    html! {
        @for (number, child) in state.inside.iter().enumerate() {
            div.inside {
                p.part {
                    @if child.is_branch { (filled(texts.branch, &[html! { (number + 1) }])) }
                    @else { (texts.for_each) }
                }
                (states(&child.outline, &format!("{id}-{number}"), true, texts))
            }
        }
    }
}

fn ways(
    state: &OutlinedState,
    outline: &MachineOutline,
    id: &str,
    is_inside: bool,
    texts: &HandoutTexts,
) -> Markup {
    let is_terminal = ["Succeed", "Fail"].contains(&state.type_name.as_str());
    html! {
        ul.ways {
            @if state.ends {
                li {
                    @if !is_terminal { (texts.next) " → " }
                    (if is_inside { texts.end_of_part } else { texts.end_of_execution })
                }
            }
            @for way in &state.ways { li { (way_of(way, outline, id, texts)) } }
        }
    }
}

fn way_of(way: &OutlinedWay, outline: &MachineOutline, id: &str, texts: &HandoutTexts) -> Markup {
    let to = |place: usize| outline.states.get(place).map(|state| state.name.as_str());
    html! {
        @match &way.when {
            WayTaken::Next => (texts.next),
            WayTaken::If(condition) => { (texts.condition) " " (name(&condition.in_words(texts.logic))) },
            WayTaken::Otherwise => (texts.otherwise),
            WayTaken::Caught(errors) if errors.iter().any(|error| error == ANY_ERROR) => (texts.any_error),
            WayTaken::Caught(errors) => {
                (texts.caught) " " (any_of(errors, texts))
            },
        }
        " → "
        @match way.place.filter(|place| to(*place).is_some()) {
            Some(place) => a href=(format!("#{id}-{place}")) { (place + 1) ". " bdi { (way.to) } },
            None => (name(&way.to)),
        }
    }
}
