//! The executions of a standard machine.

use std::time::SystemTime;

use aws_sdk_sfn::types::ExecutionListItem;

use crate::aws::Aws;
use crate::aws::resources::absent;
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::engine::ProviderError;
use crate::stack::Kind;

/// The most executions that Step Functions lists on a page.
///
/// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html>
const PAGE: i32 = 1000;

/// An execution as Step Functions lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// `RUNNING`, `PENDING_REDRIVE`, or how it ended.
    pub status: String,
    /// When it started, in seconds since 1970.
    pub started: f64,
    /// When it ended, in seconds since 1970; none while it runs.
    pub ended: Option<f64>,
}

/// The latest executions of a machine, the latest first: at most `most`, and whether there are more. Step Functions
/// lists those that run, and those that ended in the last 90 days.
///
/// # Errors
/// What Step Functions answers.
pub async fn list(
    aws: &Aws,
    machine: &str,
    most: usize,
) -> Result<(Vec<Listed>, bool), ProviderError> {
    let mut found: Vec<Listed> = Vec::new();
    let mut pages = Pages::of("Step Functions", "ListExecutions");
    let mut token = None;
    loop {
        let wanted = i32::try_from(most - found.len()).unwrap_or(PAGE).min(PAGE);
        let page = aws
            .states
            .list_executions()
            .state_machine_arn(aws.arn(Kind::StateMachine, machine))
            .max_results(wanted)
            .set_next_token(token)
            .send()
            .await
            .for_call("Step Functions", "ListExecutions")?;
        token = pages.next(page.next_token())?;
        found.extend(page.executions.into_iter().map(listed));
        if token.is_none() || found.len() >= most {
            let more = token.is_some() || found.len() > most;
            found.truncate(most);
            return Ok((found, more));
        }
    }
}

/// The latest execution of a machine; none if it has had none.
///
/// # Errors
/// What Step Functions answers.
pub async fn latest(aws: &Aws, machine: &str) -> Result<Option<Listed>, ProviderError> {
    Ok(list(aws, machine, 1).await?.0.pop())
}

/// How many executions of a machine, by its ARN, have begun since a time: at most `most`, and whether there are more.
/// None of a machine that does not exist.
///
/// # Errors
/// What Step Functions answers.
pub async fn count_since(
    aws: &Aws,
    arn: &str,
    since: Option<SystemTime>,
    most: usize,
) -> Result<(u64, bool), ProviderError> {
    let since = since.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    let since = since.map_or(0.0, |time| time.as_secs_f64());
    let mut pages = Pages::of("Step Functions", "ListExecutions");
    let (mut count, mut token) = (0, None);
    loop {
        let call = aws.states.list_executions().state_machine_arn(arn);
        let call = call.max_results(PAGE).set_next_token(token);
        let answer = call.send().await;
        let answer = answer.for_call("Step Functions", "ListExecutions");
        let Some(page) = absent(answer, &["StateMachineDoesNotExist"])? else {
            return Ok((0, false));
        };
        let is_later = |one: &&ExecutionListItem| one.start_date.as_secs_f64() >= since;
        // The latest are listed first.
        let later = page.executions.iter().take_while(is_later).count();
        count += later;
        token = pages.next(page.next_token())?;
        if later < page.executions.len() || token.is_none() || count >= most {
            let more = count > most || (count == most && token.is_some());
            let counted = u64::try_from(count.min(most)).unwrap_or(u64::MAX);
            return Ok((counted, more));
        }
    }
}

fn listed(item: ExecutionListItem) -> Listed {
    Listed {
        arn: item.execution_arn,
        name: item.name,
        status: item.status.as_str().to_owned(),
        started: item.start_date.as_secs_f64(),
        ended: item.stop_date.map(|date| date.as_secs_f64()),
    }
}
