//! AWS as the engine's provider.

use super::Aws;
use super::kinds::{self, At};
use crate::engine::{Events, Fault, Provider, Scope, Task};
use crate::plan::{Live, Owned};
use crate::stack::{Kind, Resource};

/// AWS, kind by kind.
#[derive(Debug, Clone)]
pub struct Cloud(pub Aws);

impl Provider for Cloud {
    fn read<'a>(&'a self, kind: Kind, name: &'a str) -> Task<'a, Option<Live>> {
        kinds::of(kind).read(&self.0, name)
    }

    fn create<'a>(&'a self, want: &'a Resource, events: &'a Events) -> Task<'a, ()> {
        let at = At {
            name: &want.name,
            arn: &want.arn,
            tags: &want.tags,
            events,
        };
        kinds::of(want.kind).create(&self.0, at, &want.spec)
    }

    fn update<'a>(
        &'a self,
        want: &'a Resource,
        live: &'a Live,
        events: &'a Events,
    ) -> Task<'a, ()> {
        let at = At {
            name: &want.name,
            arn: &want.arn,
            tags: &want.tags,
            events,
        };
        kinds::of(want.kind).update(&self.0, at, &want.spec, live)
    }

    fn delete<'a>(&'a self, kind: Kind, name: &'a str, events: &'a Events) -> Task<'a, ()> {
        kinds::of(kind).delete(&self.0, name, events)
    }

    fn owned<'a>(&'a self, kind: Kind, scope: &'a Scope) -> Task<'a, Vec<Owned>> {
        kinds::of(kind).owned(&self.0, scope)
    }

    fn too_many(&self, kind: Kind, more: usize) -> Task<'_, Option<Fault>> {
        kinds::of(kind).too_many(&self.0, more)
    }

    fn listed<'a>(&'a self, kind: Kind, names: &'a [String]) -> Task<'a, Vec<String>> {
        kinds::of(kind).listed(&self.0, names)
    }

    fn stands<'a>(&'a self, kind: Kind, name: &'a str) -> Task<'a, bool> {
        kinds::of(kind).stands(&self.0, name)
    }

    fn kept<'a>(&'a self, kind: Kind, name: &'a str) -> Task<'a, Vec<String>> {
        kinds::of(kind).kept(&self.0, name)
    }
}
