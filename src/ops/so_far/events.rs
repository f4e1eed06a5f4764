//! What a trail records, and what a rule hears of.

use super::{SpentCounter, counted};
use crate::engine::{Provider, ProviderError};
use crate::plan::Owned;
use crate::stack::Kind;
use crate::stack::usage::{CountedUse, Metered};

impl SpentCounter<'_> {
    /// Objects put into the stack's buckets that it records.
    pub(super) async fn trail(&self, owned: &Owned) -> Result<Vec<CountedUse>, ProviderError> {
        let live = self.provider.read(owned.kind, &owned.name).await?;
        let recorded = live.map(|live| live.spec["selectors"].to_string());
        let recorded = recorded.unwrap_or_default();
        let buckets = self.resources.iter().filter(|one| one.kind == Kind::Bucket);
        let buckets = buckets.filter(|one| recorded.contains(&format!(":{}/", one.name)));
        let (mut objects, mut more) = (0, false);
        for bucket in buckets {
            let found = self.objects_in(&bucket.name).await?;
            objects += found.objects;
            more |= found.more;
        }
        Ok(vec![CountedUse {
            what: format!("{} put that it records", counted(objects, more, "object")),
            used: Metered::count("cloudtrail.data_events", objects),
        }])
    }

    /// Executions of the machines that it starts, where its events are billed: those by way of CloudTrail.
    pub(super) async fn rule(&self, owned: &Owned) -> Result<Vec<CountedUse>, ProviderError> {
        let live = self.provider.read(owned.kind, &owned.name).await?;
        let spec = live.map(|live| live.spec).unwrap_or_default();
        if !spec["pattern"].to_string().contains("via CloudTrail") {
            return Ok(Vec::new());
        }
        let targets = spec["targets"].as_array().into_iter().flatten();
        let started: Vec<&str> = targets.filter_map(|one| one["arn"].as_str()).collect();
        let machines = self.resources.iter();
        let machines = machines.filter(|one| {
            let of = self.provider.0.arn(one.kind, &one.name);
            one.kind == Kind::StateMachine && started.contains(&of.as_str())
        });
        let (mut events, mut more) = (0, false);
        for machine in machines {
            let live = self.provider.read(machine.kind, &machine.name).await?;
            // AWS lists no executions of an Express workflow, which the machine says.
            if live.is_some_and(|live| live.spec["type"] == "express") {
                continue;
            }
            let found = self.executions_of(&machine.name).await?;
            events += found.executions;
            more |= found.more;
        }
        let runs = counted(events, more, "execution");
        Ok(vec![CountedUse {
            what: format!("{runs} of what it starts, one event each"),
            used: Metered::count("events.custom", events),
        }])
    }
}
