//! What a deployed stack has cost so far.

mod events;
mod read_once;

use std::time::SystemTime;

use futures_util::{StreamExt as _, stream};

use self::read_once::ReadOnce;
use super::ages::Ages;
use super::frontend::{Frontend, Reporter};
use super::progress::slow;
use super::session::{Session, Silent};
use super::stack_ref::{DeployedStack, StackRef};
use super::{Error, Event, StackStatus, bytes, ending};
use crate::aws::spent::{ExecutionsCount, ObjectsCount};
use crate::aws::{AwsProvider, spent};
use crate::engine::{Provider, ProviderError, is_journal_name};
use crate::plan::Owned;
use crate::stack::usage::{
    CostSoFar, CountedUse, Metered, Quantity, Usd, billed_item, billed_of_role, transitions_of,
};
use crate::stack::{Address, Kind};

/// Seconds of a day, and days of a month as storage is billed here.
const DAY: u128 = 86_400;
const MONTH: u128 = 30 * DAY;
const GB: u128 = 1 << 30;

/// How many resources are counted at once.
const AT_ONCE: usize = 8;

/// Counts what has happened to the resources of a deployed stack, and says what that costs. Nothing is changed.
///
/// # Errors
/// The stack is not deployed, AWS cannot be reached, or a call fails. What may not be read, or is not offered, is in
/// [`CostSoFar::unknown`].
pub async fn cost_so_far(
    session: &Session,
    stack: &StackRef,
    frontend: &dyn Frontend,
) -> Result<CostSoFar, Error> {
    let out = session.reporter(frontend).about(stack);
    let spent = spent_by(session, stack, &out).await;
    out.answer(spent)
}

async fn spent_by(
    session: &Session,
    stack: &StackRef,
    out: &Reporter<'_>,
) -> Result<CostSoFar, Error> {
    let found = DeployedStack::find(session, out, (stack, "status")).await?;
    ending::tell(&found.provider, &found.resources, out).await;
    if session.is_local() {
        out.info("the local AWS costs nothing: this is what AWS charges");
    }
    let counter = SpentCounter {
        provider: &found.provider,
        resources: &found.resources,
        now: SystemTime::now(),
        objects: ReadOnce::default(),
        executions: ReadOnce::default(),
    };
    let what = format!("what has happened in {}", found.provider.0.target.stack);
    let (all, unknown) = slow(out, &what, counter.all()).await?;
    let since = Ages::new(&found.provider).oldest(&found.resources).await?;
    let spent = CostSoFar::of(&found.provider.0.target, since, all, unknown);
    out.send(Event::CostSoFar(Box::new(spent.clone())));
    Ok(spent)
}

/// The same of a copy whose resources were listed already. Nothing is told.
///
/// # Errors
/// AWS cannot be reached, or a call fails.
pub async fn cost_of_copy(session: &Session, copy: &StackStatus) -> Result<CostSoFar, Error> {
    let silent = Silent;
    let out = session.reporter(&silent);
    let connection = session.connected(&out).await?;
    let target = session.target(connection, &copy.stack);
    let provider = AwsProvider::for_name(connection, &target);
    let counter = SpentCounter {
        provider: &provider,
        resources: &copy.resources,
        now: SystemTime::now(),
        objects: ReadOnce::default(),
        executions: ReadOnce::default(),
    };
    let (all, unknown) = counter.all().await?;
    Ok(CostSoFar::of(&target, copy.since.clone(), all, unknown))
}

type OfResource = (Address, Kind, Vec<CountedUse>);

struct SpentCounter<'a> {
    provider: &'a AwsProvider,
    resources: &'a [Owned],
    now: SystemTime,
    /// Of each bucket: a trail counts them, too.
    objects: ReadOnce<ObjectsCount>,
    /// Of each machine: a rule counts them, too.
    executions: ReadOnce<ExecutionsCount>,
}

impl SpentCounter<'_> {
    /// What was counted of each resource, and what could not be.
    async fn all(&self) -> Result<(Vec<OfResource>, Vec<String>), ProviderError> {
        let (mut all, mut unknown) = (Vec::new(), Vec::new());
        let mut resources: Vec<&Owned> = self.resources.iter().collect();
        resources.sort_by(|a, b| a.address.cmp(&b.address));
        resources.retain(|one| !is_journal_name(one.kind, &one.name));
        let each = stream::iter(resources.into_iter().map(|owned| async move {
            let mut unknown = Vec::new();
            let counted = self.one(owned, &mut unknown).await;
            (owned, counted, unknown)
        }));
        let each: Vec<_> = each.buffered(AT_ONCE).collect().await;
        for (owned, counted, unknown_here) in each {
            match counted {
                Ok(counted) => {
                    all.push((owned.address.clone(), owned.kind, counted));
                    unknown.extend(unknown_here);
                }
                Err(error) if error.is_denied() || self.provider.0.does_not_offer(&error) => {
                    unknown.push(format!(
                        "what {} has cost: {} {} is not allowed to you",
                        owned.address, error.service, error.operation
                    ));
                }
                Err(error) => return Err(error),
            }
        }
        Ok((all, unknown))
    }

    async fn one(
        &self,
        owned: &Owned,
        unknown: &mut Vec<String>,
    ) -> Result<Vec<CountedUse>, ProviderError> {
        match owned.kind {
            Kind::StateMachine => self.machine(owned, unknown).await,
            Kind::Function => self.function(owned, unknown).await,
            Kind::Bucket => self.bucket(owned).await,
            Kind::Table => self.table(owned, unknown).await,
            Kind::LogGroup => self.log_group(owned, unknown).await,
            Kind::Trail => self.trail(owned).await,
            Kind::Rule => self.rule(owned).await,
            Kind::Topic | Kind::Queue | Kind::Vault | Kind::DirectoryBucket => {
                unknown.push(format!("requests to {}", owned.address));
                Ok(Vec::new())
            }
            Kind::Connection | Kind::Role => Ok(Vec::new()),
        }
    }

    async fn machine(
        &self,
        owned: &Owned,
        unknown: &mut Vec<String>,
    ) -> Result<Vec<CountedUse>, ProviderError> {
        let live = self.provider.read(owned.kind, &owned.name).await?;
        let spec = live.map(|live| live.spec).unwrap_or_default();
        if spec["type"] == "express" {
            unknown.push(format!(
                "executions of {}, an Express workflow: AWS lists none",
                owned.address
            ));
            return Ok(Vec::new());
        }
        let found = self.executions_of(&owned.name).await?;
        let runs = counted(found.executions, found.more, "execution");
        let of_all = |part: u64| {
            let all = u128::from(part) * u128::from(found.executions);
            u64::try_from(all / u128::from(found.read.max(1))).unwrap_or(u64::MAX)
        };
        let (what, transitions) = if found.read == found.executions {
            (runs.clone(), found.transitions)
        } else if found.read > 0 {
            let what = format!("{runs}, of which the latest {} were read", found.read);
            (what, of_all(found.transitions))
        } else {
            let each = transitions_of(&spec["definition"]);
            let what = format!("{runs} of {each} transitions, by the definition");
            (what, found.executions.saturating_mul(each))
        };
        let mut all = vec![CountedUse {
            what,
            used: Metered::count("states.transitions", transitions),
        }];
        for ((service, action), times) in &found.calls {
            if let Some(item) = billed_item(service, action) {
                let times = of_all(*times);
                all.push(CountedUse {
                    what: format!("{service}:{action}, called by {runs}"),
                    used: Metered::count(&item, times),
                });
            }
        }
        Ok(all)
    }

    async fn function(
        &self,
        owned: &Owned,
        unknown: &mut Vec<String>,
    ) -> Result<Vec<CountedUse>, ProviderError> {
        let live = self.provider.read(owned.kind, &owned.name).await?;
        let spec = live.map(|live| live.spec).unwrap_or_default();
        let group = spec["log_group"].as_str().map(String::from);
        let group = group.unwrap_or_else(|| format!("/aws/lambda/{}", owned.name));
        let found = spent::calls(&self.provider.0, &group).await?;
        let role = self.role_of(&spec).await?;
        let region = &self.provider.0.target.region;
        let billed = role.map(|spec| billed_of_role(&spec, found.calls, region));
        let billed = billed.unwrap_or_default();
        if found.calls > 0 && !billed.is_empty() {
            let names: Vec<&str> = billed.iter().map(|(name, _)| name.as_str()).collect();
            let costs: Option<Vec<Usd>> = billed.iter().map(|(_, cost)| *cost).collect();
            let once = costs.map_or_else(String::new, |costs| {
                let cost = costs.into_iter().fold(Usd::default(), Usd::plus);
                format!("; each once in every call would be {} USD", cost.in_cents())
            });
            unknown.push(format!(
                "how often {} makes calls that are billed: its role allows {}{once}",
                owned.address,
                names.join(", ")
            ));
        }
        let calls = counted(found.calls, found.more, "call");
        let architecture = spec["architecture"].as_str().unwrap_or("x86_64");
        Ok(vec![
            CountedUse {
                what: format!("{calls} in its log"),
                used: Metered::count("lambda.requests", found.calls),
            },
            CountedUse {
                what: format!("billed duration of {calls}"),
                used: Metered {
                    item: format!("lambda.gb_seconds.{architecture}"),
                    amount: found.megabyte_milliseconds,
                    per: 1024 * 1000,
                },
            },
        ])
    }

    /// The role of the stack that a resource has.
    async fn role_of(
        &self,
        spec: &serde_json::Value,
    ) -> Result<Option<serde_json::Value>, ProviderError> {
        let arn = spec["role"].as_str().unwrap_or_default();
        let name = arn.rsplit('/').next().unwrap_or_default();
        let mut roles = self.resources.iter().filter(|one| one.kind == Kind::Role);
        let Some(role) = roles.find(|one| one.name == name) else {
            return Ok(None);
        };
        let live = self.provider.read(Kind::Role, &role.name).await?;
        Ok(live.map(|live| live.spec))
    }

    async fn bucket(&self, owned: &Owned) -> Result<Vec<CountedUse>, ProviderError> {
        let found = self.objects_in(&owned.name).await?;
        let objects = counted(found.objects, found.more, "object");
        Ok(vec![
            CountedUse {
                what: format!("{objects} put, old versions included"),
                used: Metered::count("s3.requests.put", found.objects),
            },
            CountedUse {
                what: format!("{} since each was put", bytes(found.bytes)),
                used: Metered {
                    item: "s3.storage".to_owned(),
                    amount: found.byte_seconds,
                    per: GB * MONTH,
                },
            },
        ])
    }

    async fn objects_in(&self, bucket: &str) -> Result<ObjectsCount, ProviderError> {
        let read = spent::objects(&self.provider.0, bucket, self.now);
        self.objects.of(bucket, read).await
    }

    async fn executions_of(&self, machine: &str) -> Result<ExecutionsCount, ProviderError> {
        let read = spent::executions(&self.provider.0, machine);
        self.executions.of(machine, read).await
    }

    async fn table(
        &self,
        owned: &Owned,
        unknown: &mut Vec<String>,
    ) -> Result<Vec<CountedUse>, ProviderError> {
        let contents = self.provider.contents(owned.kind, &owned.name).await?;
        let items = contents.iter().find(|one| one.what == "item");
        let (count, more) = items.map_or((0, false), |one| (one.count, one.more));
        let size = spent::table(&self.provider.0, &owned.name, self.now).await?;
        if count > 0 && size.bytes == 0 {
            unknown.push(format!(
                "the storage of {}: DynamoDB measures it every six hours",
                owned.address
            ));
        }
        let items = counted(count, more, "item");
        Ok(vec![
            CountedUse {
                what: format!("{items}, each written once"),
                used: Metered::count("dynamodb.write_units", count),
            },
            CountedUse {
                what: format!("{} since it was made", bytes(size.bytes)),
                used: kept("dynamodb.storage", size),
            },
        ])
    }

    async fn log_group(
        &self,
        owned: &Owned,
        unknown: &mut Vec<String>,
    ) -> Result<Vec<CountedUse>, ProviderError> {
        let size = spent::log_group(&self.provider.0, &owned.name, self.now).await?;
        if size.bytes == 0 {
            unknown.push(format!(
                "the bytes of {}: CloudWatch Logs says none, which it may do late",
                owned.address
            ));
        }
        Ok(vec![
            CountedUse {
                what: format!("{} stored", bytes(size.bytes)),
                used: Metered::bytes("logs.ingestion", size.bytes),
            },
            CountedUse {
                what: format!("{} since it was made", bytes(size.bytes)),
                used: kept("logs.storage", size),
            },
        ])
    }
}

/// `over 10,000 executions`.
fn counted(count: u64, more: bool, noun: &str) -> String {
    let over = if more { "over " } else { "" };
    let end = if count == 1 { "" } else { "s" };
    format!(
        "{over}{} {noun}{end}",
        Quantity::of(count.into(), 1).in_words()
    )
}

fn kept(item: &str, stored: spent::StoredBytes) -> Metered {
    Metered {
        item: item.to_owned(),
        amount: u128::from(stored.bytes) * u128::from(stored.seconds),
        per: GB * MONTH,
    }
}
