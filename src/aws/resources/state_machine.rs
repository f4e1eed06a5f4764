//! Step Functions state machines.

use aws_sdk_sfn::operation::describe_state_machine::DescribeStateMachineOutput;
use aws_sdk_sfn::types::{
    CloudWatchLogsLogGroup, LogDestination, LogLevel as SdkLevel, LoggingConfiguration,
    StateMachineStatus, StateMachineType, Tag, TracingConfiguration,
};

use super::ownership::verify_created;
use super::{
    CallContext, Observed, RequiredField, ResourceCalls, absent, contents, has_code, json, never,
    retry_unsettled, time,
};
use crate::asl;
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::aws::transport::waiter::{self, DeletionStatus, retry_while, wait_deleted, wait_for};
use crate::aws::{Aws, transport::error_codes};
use crate::engine::{Contents, Events, Leftover, ProviderError};
use crate::plan::changes;
use crate::stack::kinds::{LogLevel, LoggingSpec, MachineType, StateMachineSpec};
use crate::stack::{Kind, REAPER, Tags};

mod refusals;
mod running;

use refusals::{explained, passing};
pub(in crate::aws) use running::status;
use running::stop_executions;

pub struct StateMachines;

pub(in crate::aws) const GONE: &[&str] = &["StateMachineDoesNotExist", "ResourceNotFound"];
const NEW_ROLE: &str = "Step Functions does not know the new role yet";

impl ResourceCalls for StateMachines {
    const KIND: Kind = Kind::StateMachine;
    const EXISTS: &'static [&'static str] = &["StateMachineAlreadyExists"];
    const REQUIRED: &'static [RequiredField] = &[
        RequiredField::json("SFN", "DescribeExecution", "executionArn"),
        RequiredField::json("SFN", "DescribeStateMachine", "definition"),
        RequiredField::json("SFN", "GetExecutionHistory", "events"),
        RequiredField::json("SFN", "ListExecutions", "executions"),
        RequiredField::json("SFN", "ListStateMachines", "stateMachines"),
        RequiredField::json("SFN", "ListTagsForResource", "tags"),
    ];
    type Spec = StateMachineSpec;

    async fn read(
        aws: &Aws,
        name: &str,
    ) -> Result<Option<Observed<StateMachineSpec>>, ProviderError> {
        // One request where there is none.
        let Some(seen) = described(aws, name).await? else {
            return Ok(None);
        };
        let tags = Self::read_tags(aws, name).await?;
        Ok(tags.map(|tags| observed(&seen, tags)))
    }

    async fn read_again(
        aws: &Aws,
        name: &str,
    ) -> Result<Option<Observed<StateMachineSpec>>, ProviderError> {
        let (seen, tags) = tokio::join!(described(aws, name), Self::read_tags(aws, name));
        // What is answered of the tags of one that is being deleted says nothing.
        let Some(seen) = seen? else {
            return Ok(None);
        };
        Ok(tags?.map(|tags| observed(&seen, tags)))
    }

    async fn create(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &StateMachineSpec,
    ) -> Result<(), ProviderError> {
        make(aws, cx, want).await?;
        // CreateStateMachine also succeeds for an existing machine of the same definition, whatever its tags.
        verify_created::<Self>(aws, cx).await
    }

    async fn update(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &StateMachineSpec,
        live: &StateMachineSpec,
    ) -> Result<(), ProviderError> {
        let differ = |a: &StateMachineSpec, b: &StateMachineSpec| {
            let plain = |spec: &StateMachineSpec| serde_json::to_value(spec).unwrap_or_default();
            !changes(&plain(a), &plain(b)).is_empty()
        };
        if !differ(live, want) {
            return Ok(());
        }
        let waits = (cx.events, cx.name, NEW_ROLE);
        retry_while(waiter::ROLE_PROPAGATION_TIMEOUT, waits, passing, || async {
            let call = aws
                .states
                .update_state_machine()
                .state_machine_arn(cx.arn)
                .definition(definition(want))
                .role_arn(&want.role)
                .logging_configuration(want_logging(want).unwrap_or_else(off))
                .tracing_configuration(tracing(want));
            call.send()
                .await
                .for_call("Step Functions", "UpdateStateMachine")
        })
        .await
        .map_err(|error| explained(error, want))?;
        // An execution started now could still run the old definition.
        wait_for(
            waiter::STATUS_TIMEOUT,
            (cx.events, cx.name, "the old definition is still read"),
            || async {
                let seen = Self::read(aws, cx.name).await?;
                Ok(seen
                    .is_none_or(|seen| !differ(&seen.spec, want))
                    .then_some(()))
            },
        )
        .await
        .map_err(|error| error.with_leftover(Leftover::Partial))
    }

    async fn tag(aws: &Aws, cx: CallContext<'_>, tags: &Tags) -> Result<(), ProviderError> {
        settled(cx, || async {
            let call = aws.states.tag_resource().resource_arn(cx.arn);
            let answer = call.set_tags(Some(sdk_tags(tags))).send().await;
            answer.for_call("Step Functions", "TagResource").map(drop)
        })
        .await
    }

    async fn untag(aws: &Aws, cx: CallContext<'_>, keys: &[String]) -> Result<(), ProviderError> {
        settled(cx, || async {
            let call = aws.states.untag_resource().resource_arn(cx.arn);
            let answer = call.set_tag_keys(Some(keys.to_vec())).send().await;
            answer.for_call("Step Functions", "UntagResource").map(drop)
        })
        .await
    }

    /// A machine with executions under way would linger as `DELETING` until they end.
    async fn contents(aws: &Aws, name: &str) -> Result<Vec<Contents>, ProviderError> {
        contents::of_state_machine(aws, name).await
    }

    async fn delete(aws: &Aws, name: &str, events: &Events) -> Result<(), ProviderError> {
        let arn = aws.arn(Kind::StateMachine, name);
        stop_executions(aws, name, &arn, events).await?;
        let delete = || async {
            let call = aws.states.delete_state_machine().state_machine_arn(&arn);
            let deleted = call
                .send()
                .await
                .for_call("Step Functions", "DeleteStateMachine");
            absent(deleted, GONE).map(drop)
        };
        delete().await?;
        let look = || async {
            let Some(status) = status(aws, &arn).await? else {
                return Ok(DeletionStatus::Deleted);
            };
            // An execution started since also delays the deletion.
            stop_executions(aws, name, &arn, events).await?;
            Ok(match status {
                StateMachineStatus::Deleting => DeletionStatus::Deleting,
                _ => DeletionStatus::Exists,
            })
        };
        let say = (events, name, "the state machine is being deleted");
        wait_deleted(waiter::STATUS_TIMEOUT, say, look, delete).await
    }

    async fn exists(aws: &Aws, name: &str) -> Result<bool, ProviderError> {
        let arn = aws.arn(Kind::StateMachine, name);
        Ok(status(aws, &arn).await?.is_some())
    }

    async fn list(aws: &Aws, _: Option<&str>) -> Result<Vec<String>, ProviderError> {
        let mut names = Vec::new();
        let mut seen = Pages::of("Step Functions", "ListStateMachines");
        let mut pages = aws.states.list_state_machines().into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.for_call("Step Functions", "ListStateMachines")?;
            seen.next(page.next_token())?;
            let all = page.state_machines.into_iter().map(|machine| machine.name);
            // The one that ends stacks is of none; AWS takes one call a second for the tags of each.
            names.extend(all.filter(|name| name != REAPER));
        }
        Ok(names)
    }

    async fn read_tags(aws: &Aws, name: &str) -> Result<Option<Tags>, ProviderError> {
        let call = aws
            .states
            .list_tags_for_resource()
            .resource_arn(aws.arn(Kind::StateMachine, name));
        let answer = absent(
            call.send()
                .await
                .for_call("Step Functions", "ListTagsForResource"),
            GONE,
        )?;
        let tags = answer.map(|answer| answer.tags.unwrap_or_default());
        let pair = |tag: Tag| Some((tag.key?, tag.value.unwrap_or_default()));
        Ok(tags.map(|tags| tags.into_iter().filter_map(pair).collect()))
    }
}

/// A machine that is there, and not being deleted.
async fn described(
    aws: &Aws,
    name: &str,
) -> Result<Option<DescribeStateMachineOutput>, ProviderError> {
    let arn = aws.arn(Kind::StateMachine, name);
    let call = aws.states.describe_state_machine().state_machine_arn(arn);
    let seen = call.send().await;
    let seen = absent(
        seen.for_call("Step Functions", "DescribeStateMachine"),
        GONE,
    )?;
    Ok(seen.filter(|seen| seen.status != Some(StateMachineStatus::Deleting)))
}

fn observed(seen: &DescribeStateMachineOutput, tags: Tags) -> Observed<StateMachineSpec> {
    let tracing = seen.tracing_configuration();
    Observed {
        spec: StateMachineSpec {
            machine_type: match seen.r#type {
                StateMachineType::Express => MachineType::Express,
                _ => MachineType::Standard,
            },
            definition: json(&seen.definition),
            role: seen.role_arn.clone(),
            logging: logging(seen.logging_configuration()),
            tracing: tracing.is_some_and(|tracing| tracing.enabled),
        },
        tags,
        created: time(Some(&seen.creation_date)),
        unready: None,
    }
}

/// Creates a machine as soon as its role can be assumed.
pub(in crate::aws) async fn make(
    aws: &Aws,
    cx: CallContext<'_>,
    want: &StateMachineSpec,
) -> Result<(), ProviderError> {
    let tags = sdk_tags(cx.tags);
    let new_role = (cx.events, cx.name, NEW_ROLE);
    let make = || async {
        let call = aws
            .states
            .create_state_machine()
            .name(cx.name)
            .definition(definition(want))
            .role_arn(&want.role)
            .r#type(match want.machine_type {
                MachineType::Standard => StateMachineType::Standard,
                MachineType::Express => StateMachineType::Express,
            })
            .set_logging_configuration(want_logging(want))
            .tracing_configuration(tracing(want))
            .set_tags(Some(tags.clone()));
        call.send()
            .await
            .for_call("Step Functions", "CreateStateMachine")
    };
    let old_machine = (
        cx.events,
        cx.name,
        "Step Functions is deleting the old machine",
    );
    retry_while(
        waiter::NAME_RELEASE_TIMEOUT,
        old_machine,
        error_codes::is_state_machine_deleting,
        || retry_while(waiter::ROLE_PROPAGATION_TIMEOUT, new_role, passing, make),
    )
    .await
    .map_err(|error| explained(error, want))
    .map(drop)
}

fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    tags.iter().map(tag).collect()
}

/// As its author wrote it, laid out for reading in the console where the limit allows that.
fn definition(want: &StateMachineSpec) -> String {
    let pretty = serde_json::to_string_pretty(&want.definition).unwrap_or_default();
    if pretty.len() > asl::MAX_BYTES {
        return want.definition.to_string();
    }
    pretty
}

fn tracing(want: &StateMachineSpec) -> TracingConfiguration {
    TracingConfiguration::builder()
        .enabled(want.tracing)
        .build()
}

fn off() -> LoggingConfiguration {
    LoggingConfiguration::builder().level(SdkLevel::Off).build()
}

fn want_logging(want: &StateMachineSpec) -> Option<LoggingConfiguration> {
    let group = want.logging.log_group.as_ref()?;
    let group = CloudWatchLogsLogGroup::builder()
        .log_group_arn(group)
        .build();
    let level = match want.logging.level {
        LogLevel::Off => return None,
        LogLevel::Fatal => SdkLevel::Fatal,
        LogLevel::Error => SdkLevel::Error,
        LogLevel::All => SdkLevel::All,
    };
    let configuration = LoggingConfiguration::builder()
        .level(level)
        .include_execution_data(want.logging.include_data)
        .destinations(
            LogDestination::builder()
                .cloud_watch_logs_log_group(group)
                .build(),
        );
    Some(configuration.build())
}

fn logging(seen: Option<&LoggingConfiguration>) -> LoggingSpec {
    let level = match seen.and_then(LoggingConfiguration::level) {
        Some(SdkLevel::Fatal) => LogLevel::Fatal,
        Some(SdkLevel::Error) => LogLevel::Error,
        Some(SdkLevel::All) => LogLevel::All,
        _ => LogLevel::Off,
    };
    let group = seen.and_then(|seen| {
        seen.destinations()
            .first()?
            .cloud_watch_logs_log_group()?
            .log_group_arn
            .clone()
    });
    LoggingSpec {
        level,
        include_data: level != LogLevel::Off
            && seen.is_some_and(|seen| seen.include_execution_data),
        log_group: group.filter(|_| level != LogLevel::Off),
    }
}

/// Makes a change of a machine that Step Functions may not see everywhere yet.
async fn settled<F, Fut>(cx: CallContext<'_>, call: F) -> Result<(), ProviderError>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<(), ProviderError>>,
{
    let errors = (has_code(GONE), never);
    retry_unsettled(cx, waiter::PROPAGATION_TIMEOUT, errors, call).await
}
