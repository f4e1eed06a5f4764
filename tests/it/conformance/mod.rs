//! One suite for every kind: what treino makes of a spec, AWS answers back as that spec.
//!
//! Against the local AWS, and against moto as a second opinion. Where one of them does not do
//! what AWS does, the kind's test lists the step with the reason; a listed step that works is a
//! failure too, so that no list outlives its reason.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says where by itself"
)]

mod bucket;
mod connection;
mod directory_bucket;
mod function;
mod log_group;
mod place;
mod role;
mod rule;
mod state_machine;
mod steps;
mod suite;
mod table;
mod trail;
mod vault;

use serde_json::Value;
use treino::stack::{Kind, Target};

use crate::support::Clients;
use place::Place;
use suite::conforms;

/// A kind, as the suite needs to know it.
trait Case {
    const KIND: Kind;
    /// Fields that treino reads but never writes, so that only drift shows them.
    const ONLY_READ: &'static [&'static str] = &[];

    /// Its secret fields.
    const SECRETS: &'static [(&'static str, &'static str)] = &[];

    /// Its name in AWS, where the kind does not leave that to the user.
    fn name(target: &Target) -> String {
        format!("{}-subject", target.stack)
    }

    /// Makes what a resource of the kind needs to exist beside it.
    async fn prepare(_: &Clients) {}

    /// What it is at first.
    fn base(place: &Place) -> Value;

    /// The same spec with something changed, by a word for it.
    fn variants(place: &Place) -> Vec<(&'static str, Value)>;

    /// What somebody may do to it without treino, by a word for it, and the paths by which the
    /// difference is then named.
    const OUTSIDE: &'static [(&'static str, &'static [&'static str])];

    /// Does so.
    async fn outside(clients: &Clients, name: &str, what: &str);

    /// Function packages by hash.
    fn artifacts() -> Vec<Vec<u8>> {
        Vec::new()
    }
}

/// A spec with some fields replaced.
fn with(base: &Value, fields: &[(&str, Value)]) -> Value {
    let mut spec = base.clone();
    for (field, value) in fields {
        let known = spec.get(*field).is_some();
        assert!(known, "the spec has no field {field}");
        spec[*field] = value.clone();
    }
    spec
}
