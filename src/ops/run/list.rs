//! The executions of a stack's state machines.

use std::time::{Duration, UNIX_EPOCH};

use super::{RunContext, RunEnd, select};
use crate::aws::executions::{self, Listed};
use crate::engine::{Leftover, ProviderError};
use crate::ops::{Error, Event, ListedExecution, ListedExecutions};

impl RunContext<'_> {
    /// Lists the latest executions, at most this many in all.
    pub(super) async fn list(&self, machine: Option<&str>, limit: usize) -> Result<RunEnd, Error> {
        let mut found = Vec::new();
        let mut more = false;
        let machines = self.with_history(machine).await?;
        for (key, name) in &machines {
            let (executions, is_cut) = executions::list(self.aws, name, limit).await?;
            more |= is_cut;
            found.extend(executions.into_iter().map(|one| (key.clone(), one)));
        }
        found.sort_by(|(_, a), (_, b)| b.started.total_cmp(&a.started));
        more |= found.len() > limit;
        found.truncate(limit);
        self.out.send(Event::Executions(ListedExecutions {
            stack: self.stack.to_owned(),
            machines: machines.into_iter().map(|(key, _)| key).collect(),
            executions: found
                .into_iter()
                .map(|(key, one)| listed(key, one))
                .collect(),
            more,
        }));
        Ok(RunEnd::Succeeded)
    }

    /// The ARN of the latest execution.
    pub(super) async fn latest(&self, machine: Option<&str>) -> Result<String, Error> {
        let machines = self.with_history(machine).await?;
        let mut latest: Option<Listed> = None;
        for (_, name) in &machines {
            if let Some(one) = executions::latest(self.aws, name).await?
                && latest
                    .as_ref()
                    .is_none_or(|known| known.started < one.started)
            {
                latest = Some(one);
            }
        }
        let Some(latest) = latest else {
            let names: Vec<&str> = machines.iter().map(|(_, name)| name.as_str()).collect();
            return Err(ProviderError::new(format!(
                "there is no execution of {} yet",
                names.join(" or ")
            ))
            .help(
                "start one with a FILE or --input; AWS forgets an execution 90 days after its end",
            )
            .with_leftover(Leftover::Nothing)
            .into());
        };
        Ok(latest.arn)
    }

    /// The keys and names of the machines that are meant and whose executions can be listed. That there are express
    /// machines, too, is said.
    async fn with_history(&self, machine: Option<&str>) -> Result<Vec<(String, String)>, Error> {
        let machines = select::machines(self.resources, machine)?;
        let described = self.describe_all(&machines).await?;
        let (express, standard): (Vec<_>, Vec<_>) =
            described.into_iter().partition(|machine| machine.express);
        let express: Vec<String> = express.into_iter().map(|machine| machine.name).collect();
        if standard.is_empty() {
            return Err(select::no_history(&express.join(", ")).into());
        }
        for name in express {
            self.out.info(format!(
                "{name} is an express machine: AWS keeps no list of its executions"
            ));
        }
        let keyed = standard.into_iter().map(|machine| {
            let owned = self
                .resources
                .iter()
                .find(|owned| owned.name == machine.name);
            let key = owned.map_or(machine.name.as_str(), |owned| owned.address.key());
            (key.to_owned(), machine.name)
        });
        Ok(keyed.collect())
    }
}

fn listed(machine: String, one: Listed) -> ListedExecution {
    ListedExecution {
        name: one.name,
        arn: one.arn,
        machine,
        status: one.status,
        started: time(one.started),
        ended: one.ended.map(time),
        seconds: one
            .ended
            .map(|ended| ((ended - one.started) * 1000.0).round() / 1000.0),
    }
}

/// Seconds since 1970 as an RFC 3339 time, in whole milliseconds as AWS gives them.
fn time(seconds: f64) -> String {
    let since = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or_default();
    let at = UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH);
    humantime::format_rfc3339_millis(at).to_string()
}
