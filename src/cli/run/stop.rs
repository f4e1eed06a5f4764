//! `treino run STACK --stop`

use serde_json::json;

use super::{Place, select};
use crate::aws::executions;
use crate::cli::{End, Error};
use crate::report;

impl Place<'_> {
    /// Stops the execution that is named, or all that are under way.
    pub(super) async fn stop(
        &self,
        machine: Option<&str>,
        execution: Option<&str>,
    ) -> Result<End, Error> {
        if let Some(execution) = execution {
            let found = self.found(machine, execution).await?;
            if found.is_running() && self.stopped(&found.arn).await? {
                return Ok(End::Done);
            }
            // It may have ended between the two looks.
            let name = found.name.clone();
            let now = executions::describe(&self.cloud.0, &found.arn).await?;
            let status = now.unwrap_or(found).result.status;
            let status = status.to_lowercase().replace('_', " ");
            let text = format!("{name} has ended already ({status}): there is nothing to stop");
            self.out.say(text);
            return Ok(End::Done);
        }
        let names = select::machines(self.resources, machine)?;
        let known = self.known(&names).await?;
        let mut stopped = 0;
        for machine in &known {
            if machine.express {
                if known.len() == 1 {
                    return Err(select::no_history(&machine.name).into());
                }
                let text = format!(
                    "{} is express: its executions cannot be listed or stopped",
                    machine.name
                );
                self.out.aside(report::dim(&text));
                continue;
            }
            for arn in executions::running(&self.cloud.0, &machine.name).await? {
                if self.stopped(&arn).await? {
                    stopped += 1;
                }
            }
        }
        if stopped == 0 {
            self.out.say("no execution is under way");
        }
        Ok(End::Done)
    }

    async fn stopped(&self, arn: &str) -> Result<bool, Error> {
        if !executions::stop(&self.cloud.0, arn).await? {
            return Ok(false);
        }
        let name = select::name_of(arn);
        self.out
            .say(format!("{} {name}", report::warning("stopped")));
        self.out
            .event(&json!({ "event": "stopped", "name": name, "arn": arn }));
        Ok(true)
    }
}
