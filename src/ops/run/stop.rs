//! Stopping executions.

use super::{RunContext, RunEnd, select};
use crate::aws::executions;
use crate::ops::{Error, Event};

impl RunContext<'_> {
    /// Stops the execution that is named, or all that are under way.
    pub(super) async fn stop(
        &self,
        machine: Option<&str>,
        execution: Option<&str>,
    ) -> Result<RunEnd, Error> {
        if let Some(execution) = execution {
            return self.stop_one(machine, execution).await;
        }
        let names = select::machines(self.resources, machine)?;
        let machines = self.describe_all(&names).await?;
        let mut stopped = 0;
        for machine in &machines {
            if machine.express {
                if machines.len() == 1 {
                    return Err(select::no_history(&machine.name).into());
                }
                self.out.info(format!(
                    "{} is express: its executions cannot be listed or stopped",
                    machine.name
                ));
                continue;
            }
            for arn in executions::running(self.aws, &machine.name).await? {
                if self.is_stopped(&arn).await? {
                    stopped += 1;
                }
            }
        }
        if stopped == 0 {
            self.out.send(Event::NothingToStop {});
        }
        Ok(RunEnd::Succeeded)
    }

    async fn stop_one(&self, machine: Option<&str>, execution: &str) -> Result<RunEnd, Error> {
        let found = self.execution(machine, execution).await?;
        if found.is_running() && self.is_stopped(&found.arn).await? {
            return Ok(RunEnd::Succeeded);
        }
        // It may have ended between the two looks.
        let now = executions::describe(self.aws, &found.arn).await?;
        let now = now.unwrap_or(found);
        self.out.send(Event::AlreadyEnded {
            name: now.name,
            status: now.result.status,
        });
        Ok(RunEnd::Succeeded)
    }

    /// Stops an execution; answers whether it was under way.
    async fn is_stopped(&self, arn: &str) -> Result<bool, Error> {
        if !executions::stop(self.aws, arn).await? {
            return Ok(false);
        }
        self.out.send(Event::Stopped {
            name: select::name_of_execution(arn).to_owned(),
            arn: arn.to_owned(),
        });
        Ok(true)
    }
}
