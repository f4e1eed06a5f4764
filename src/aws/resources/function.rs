//! Lambda functions.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    Architecture as SdkArchitecture, Environment, FunctionCode, LastUpdateStatus, LoggingConfig,
    Runtime, State,
};

use super::{At, AwsKind, Observed, TagChanges, absent, partial};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::aws::transport::waiter::{self, retry_while, wait_for};
use crate::aws::{Aws, transport::error_codes};
use crate::engine::{Events, Leftover, ProviderError};
use crate::stack::kinds::{
    Architecture, FunctionSpec, SecretVariable, secret_variable, variable_kept_as,
};
use crate::stack::{Kind, Tags};

mod mappings;

pub struct Functions;

const GONE: &[&str] = &["ResourceNotFoundException"];
/// Our own code for AWS's two-meaning `ResourceConflictException` when it means "exists".
const FUNCTION_EXISTS: &str = "FunctionExists";

impl AwsKind for Functions {
    const KIND: Kind = Kind::Function;
    const EXISTS: &'static [&'static str] = &[FUNCTION_EXISTS];
    type Spec = FunctionSpec;

    async fn read(aws: &Aws, name: &str) -> Result<Option<Observed<FunctionSpec>>, ProviderError> {
        let answer = aws
            .lambda
            .get_function()
            .function_name(name)
            .send()
            .await
            .for_call("Lambda", "GetFunction");
        let Some(answer) = absent(answer, GONE)? else {
            return Ok(None);
        };
        let reserved_concurrency = answer
            .concurrency()
            .and_then(|c| c.reserved_concurrent_executions);
        let tags = answer
            .tags
            .clone()
            .unwrap_or_default()
            .into_iter()
            .collect();
        let Some(seen) = answer.configuration else {
            return Ok(None);
        };
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        let environment = seen.environment().and_then(|all| all.variables());
        let environment = environment.cloned().unwrap_or_default();
        let (environment, secret_environment) = apart(aws, name, environment);
        let group = seen.logging_config().and_then(|config| config.log_group());
        Ok(Some(Observed {
            spec: FunctionSpec {
                code: text(seen.code_sha256()),
                handler: text(seen.handler()),
                runtime: text(seen.runtime().map(Runtime::as_str)),
                description: text(seen.description()),
                architecture: match seen.architectures() {
                    [SdkArchitecture::Arm64, ..] => Architecture::Arm,
                    _ => Architecture::X86,
                },
                memory: seen.memory_size().unwrap_or(128),
                timeout: seen.timeout().unwrap_or(3),
                environment,
                secret_environment,
                role: text(seen.role()),
                log_group: group.map_or_else(|| format!("/aws/lambda/{name}"), String::from),
                reserved_concurrency,
            },
            tags,
            created: seen.last_modified.clone(),
            unready: unready(seen.state(), seen.last_update_status()),
        }))
    }

    async fn create(aws: &Aws, at: At<'_>, want: &FunctionSpec) -> Result<(), ProviderError> {
        let code = FunctionCode::builder()
            .zip_file(package(aws, want)?)
            .build();
        let tags: HashMap<String, String> = at.tags.clone().into_iter().collect();
        let waits = (at.events, at.name, "Lambda does not know the new role yet");
        let passing = |error: &ProviderError| {
            error_codes::is_role_not_assumable_by_lambda(error)
                || error_codes::is_function_update_in_progress(error)
        };
        let created = retry_while(waiter::ROLE_PROPAGATION_TIMEOUT, waits, passing, || async {
            let call = aws
                .lambda
                .create_function()
                .function_name(at.name)
                .code(code.clone())
                .handler(&want.handler)
                .runtime(Runtime::from(want.runtime.as_str()))
                .description(&want.description)
                .architectures(architecture(want))
                .memory_size(want.memory)
                .timeout(want.timeout)
                .environment(environment(aws, at.name, want))
                .role(&want.role)
                .set_logging_config(elsewhere(at.name, want))
                .set_tags(Some(tags.clone()));
            let answer = call.send().await.for_call("Lambda", "CreateFunction");
            answer.map_err(|error| {
                if error_codes::function_already_exists(&error) {
                    ProviderError {
                        code: FUNCTION_EXISTS.into(),
                        ..error
                    }
                } else {
                    error
                }
            })
        })
        .await
        .map_err(|error| explained(error, want))?;
        if created.state != Some(State::Active) {
            settled(aws, at).await.map_err(partial)?;
        }
        if want.reserved_concurrency.is_some() {
            reserve(aws, at, want).await.map_err(partial)?;
        }
        Ok(())
    }

    async fn update(
        aws: &Aws,
        at: At<'_>,
        want: &FunctionSpec,
        live: &FunctionSpec,
    ) -> Result<(), ProviderError> {
        let failed = quiet(aws, at).await?;
        if want.code != live.code || want.architecture != live.architecture || failed {
            let zip = package(aws, want)?;
            changed(at, || {
                let call = aws
                    .lambda
                    .update_function_code()
                    .function_name(at.name)
                    .zip_file(zip.clone());
                let call = call.architectures(architecture(want));
                async {
                    call.send()
                        .await
                        .for_call("Lambda", "UpdateFunctionCode")
                        .map(drop)
                }
            })
            .await?;
            settled(aws, at).await.map_err(partial)?;
        }
        let rest = FunctionSpec {
            code: live.code.clone(),
            architecture: live.architecture,
            reserved_concurrency: live.reserved_concurrency,
            ..want.clone()
        };
        if rest != *live {
            changed(at, || {
                let call = aws
                    .lambda
                    .update_function_configuration()
                    .function_name(at.name)
                    .handler(&want.handler)
                    .runtime(Runtime::from(want.runtime.as_str()))
                    .description(&want.description)
                    .memory_size(want.memory)
                    .timeout(want.timeout)
                    .environment(environment(aws, at.name, want))
                    .role(&want.role);
                // Only where someone pointed it elsewhere: the default needs no word.
                let call = if want.log_group == live.log_group {
                    call
                } else {
                    call.logging_config(logging(want))
                };
                async {
                    call.send()
                        .await
                        .for_call("Lambda", "UpdateFunctionConfiguration")
                        .map(drop)
                }
            })
            .await
            .map_err(|error| explained(error, want))?;
            settled(aws, at).await.map_err(partial)?;
        }
        if want.reserved_concurrency != live.reserved_concurrency {
            reserve(aws, at, want).await?;
        }
        Ok(())
    }

    async fn retag(aws: &Aws, at: At<'_>, changes: &TagChanges) -> Result<(), ProviderError> {
        // The mark first: whoever deploys may be allowed the rest on what carries it alone.
        if !changes.set.is_empty() {
            let tags: HashMap<String, String> = changes.set.clone().into_iter().collect();
            let call = aws
                .lambda
                .tag_resource()
                .resource(at.arn)
                .set_tags(Some(tags));
            call.send().await.for_call("Lambda", "TagResource")?;
        }
        if !changes.remove.is_empty() {
            let call = aws
                .lambda
                .untag_resource()
                .resource(at.arn)
                .set_tag_keys(Some(changes.remove.clone()));
            call.send().await.for_call("Lambda", "UntagResource")?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, name: &str, events: &Events) -> Result<(), ProviderError> {
        mappings::delete(aws, name, events).await?;
        let waits = (events, name, "the function is being changed");
        let deleted = retry_while(
            waiter::STATUS_TIMEOUT,
            waits,
            error_codes::is_function_update_in_progress,
            || async {
                let call = aws.lambda.delete_function().function_name(name);
                call.send().await.for_call("Lambda", "DeleteFunction")
            },
        )
        .await;
        absent(deleted, GONE).map(drop)
    }

    async fn remains(aws: &Aws, names: &[String]) -> Result<Vec<String>, ProviderError> {
        mappings::left_of(aws, names).await
    }

    async fn names(aws: &Aws, _: Option<&str>) -> Result<Vec<String>, ProviderError> {
        let mut names = Vec::new();
        let mut seen = Pages::of("Lambda", "ListFunctions");
        let mut pages = aws.lambda.list_functions().into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.for_call("Lambda", "ListFunctions")?;
            seen.next(page.next_marker())?;
            names.extend(
                page.functions()
                    .iter()
                    .filter_map(|function| function.function_name.clone()),
            );
        }
        Ok(names)
    }

    async fn tags(aws: &Aws, name: &str) -> Result<Option<Tags>, ProviderError> {
        let call = aws
            .lambda
            .list_tags()
            .resource(aws.arn(Kind::Function, name));
        let answer = absent(call.send().await.for_call("Lambda", "ListTags"), GONE)?;
        Ok(answer.map(|answer| answer.tags.unwrap_or_default().into_iter().collect()))
    }
}

fn package(aws: &Aws, want: &FunctionSpec) -> Result<Blob, ProviderError> {
    match aws.artifacts.get(&want.code) {
        Some(zip) => Ok(Blob::new(zip.to_vec())),
        None => Err(ProviderError::new("the function's package is not at hand")
            .with_leftover(Leftover::Nothing)),
    }
}

fn architecture(want: &FunctionSpec) -> SdkArchitecture {
    match want.architecture {
        Architecture::X86 => SdkArchitecture::X8664,
        Architecture::Arm => SdkArchitecture::Arm64,
    }
}

/// The variables with the secrets among them.
fn environment(aws: &Aws, name: &str, want: &FunctionSpec) -> Environment {
    let shown = want.environment.clone().into_iter();
    let unshown = want.secret_environment.keys().map(|variable| {
        let value = aws
            .secrets
            .get(Kind::Function, name, &secret_variable(variable));
        (variable.clone(), value.to_owned())
    });
    Environment::builder()
        .set_variables(Some(shown.chain(unshown).collect()))
        .build()
}

/// Variables as they stand, those that the stack calls secret only as what they are to it.
fn apart(
    aws: &Aws,
    name: &str,
    all: HashMap<String, String>,
) -> (BTreeMap<String, String>, BTreeMap<String, SecretVariable>) {
    let mut shown: BTreeMap<String, String> = all.into_iter().collect();
    let mut unshown = BTreeMap::new();
    for (field, given) in aws.secrets.fields(Kind::Function, name) {
        let Some(variable) = variable_kept_as(field) else {
            continue;
        };
        if let Some(value) = shown.remove(variable) {
            let is = if value == given {
                SecretVariable::AsGiven
            } else {
                SecretVariable::Another
            };
            unshown.insert(variable.to_owned(), is);
        }
    }
    (shown, unshown)
}

fn logging(want: &FunctionSpec) -> LoggingConfig {
    LoggingConfig::builder().log_group(&want.log_group).build()
}

/// The logging of a function that does not log where Lambda lets it log by itself.
fn elsewhere(name: &str, want: &FunctionSpec) -> Option<LoggingConfig> {
    (want.log_group != format!("/aws/lambda/{name}")).then(|| logging(want))
}

/// Makes a change, waiting while another one or a new role stands in the way.
async fn changed<F, Fut>(at: At<'_>, call: F) -> Result<(), ProviderError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<(), ProviderError>>,
{
    let passing = |error: &ProviderError| {
        error_codes::is_role_not_assumable_by_lambda(error)
            || error_codes::is_function_update_in_progress(error)
    };
    let waits = (
        at.events,
        at.name,
        "Lambda is not ready for this change yet",
    );
    retry_while(waiter::ROLE_PROPAGATION_TIMEOUT, waits, passing, call).await
}

/// What Lambda calls the state of a function that cannot be used, or is not what it was last made.
fn unready(state: Option<&State>, last: Option<&LastUpdateStatus>) -> Option<String> {
    match (state, last) {
        (Some(state @ (State::Pending | State::Failed)), _) => Some(state.as_str().to_owned()),
        (_, Some(last @ (LastUpdateStatus::InProgress | LastUpdateStatus::Failed))) => {
            Some(last.as_str().to_owned())
        }
        _ => None,
    }
}

/// Waits until no change is under way; answers whether the last one failed.
async fn quiet(aws: &Aws, at: At<'_>) -> Result<bool, ProviderError> {
    let seen = settling(aws, at).await?;
    Ok(failed(at.name, &seen).is_err())
}

/// Waits until the function is active and no change is under way.
async fn settled(aws: &Aws, at: At<'_>) -> Result<(), ProviderError> {
    let seen = settling(aws, at).await?;
    failed(at.name, &seen)
}

async fn settling(aws: &Aws, at: At<'_>) -> Result<GetFunctionConfigurationOutput, ProviderError> {
    wait_for(
        waiter::STATUS_TIMEOUT,
        (at.events, at.name, "the function is not ready yet"),
        || async {
            let answer = aws
                .lambda
                .get_function_configuration()
                .function_name(at.name)
                .send()
                .await;
            let seen = answer.for_call("Lambda", "GetFunctionConfiguration")?;
            let still = seen.last_update_status == Some(LastUpdateStatus::InProgress);
            let ready = !matches!(seen.state, Some(State::Pending)) && !still;
            Ok(ready.then_some(seen))
        },
    )
    .await
}

fn failed(name: &str, seen: &GetFunctionConfigurationOutput) -> Result<(), ProviderError> {
    let why = match (&seen.state, &seen.last_update_status) {
        (Some(State::Failed), _) => seen.state_reason(),
        (_, Some(LastUpdateStatus::Failed)) => seen.last_update_status_reason(),
        _ => return Ok(()),
    };
    let why = why.filter(|why| !why.is_empty());
    let why = why.unwrap_or("Lambda gives no reason");
    Err(
        ProviderError::new(format!("Lambda could not make {name} ready: {why}"))
            .with_leftover(Leftover::Partial),
    )
}

async fn reserve(aws: &Aws, at: At<'_>, want: &FunctionSpec) -> Result<(), ProviderError> {
    if let Some(executions) = want.reserved_concurrency {
        let call = aws.lambda.put_function_concurrency().function_name(at.name);
        let call = call.reserved_concurrent_executions(executions);
        let answer = call
            .send()
            .await
            .for_call("Lambda", "PutFunctionConcurrency");
        match answer {
            Err(error) if error_codes::is_reserved_concurrency_too_high(&error) => {
                Err(error.help(concurrency(aws).await))
            }
            other => other.map(drop),
        }
    } else {
        let call = aws
            .lambda
            .delete_function_concurrency()
            .function_name(at.name);
        call.send()
            .await
            .for_call("Lambda", "DeleteFunctionConcurrency")
            .map(drop)
    }
}

/// Why so many executions cannot be kept, and the way out.
async fn concurrency(aws: &Aws) -> String {
    let asked = aws.lambda.get_account_settings().send().await;
    let asked = asked.for_call("Lambda", "GetAccountSettings").ok();
    let has = match asked.and_then(|answer| answer.account_limit) {
        Some(limit) => format!(
            "the account has {} concurrent executions, {} of them not reserved yet",
            limit.concurrent_executions,
            limit.unreserved_concurrent_executions.unwrap_or_default()
        ),
        // One that may not be asked for its settings has its limit all the same.
        None => "the account has too few concurrent executions to keep these".to_owned(),
    };
    format!("{has}: ask for a lower `reserved_concurrency`, or AWS for a higher quota")
}

fn explained(error: ProviderError, want: &FunctionSpec) -> ProviderError {
    if error_codes::is_role_not_assumable_by_lambda(&error) {
        let help = format!(
            "the role {} does not let lambda.amazonaws.com assume it: mend its trust policy",
            want.role
        );
        return error.help(help);
    }
    error
}
