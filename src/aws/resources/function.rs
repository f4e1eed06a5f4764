//! Lambda functions.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::types::{Architecture as SdkArchitecture, Environment, Runtime, State};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use super::{
    CallContext, Observed, RequiredField, ResourceCalls, absent, has_code, partial,
    retry_unsettled, time,
};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::aws::transport::waiter::{self, retry_while};
use crate::aws::{Aws, transport::error_codes};
use crate::engine::{Events, ProviderError};
use crate::stack::kinds::{Architecture, FunctionSpec, PermissionSpec};
use crate::stack::{Kind, Tags};

mod code;
mod concurrency;
mod configuration;
mod mappings;
mod permissions;
mod readiness;

pub use mappings::ListingMappings;

use code::PackageLocation;
use concurrency::reserve;
use configuration::{architecture, elsewhere, environment, logging, split_secret_variables};
use readiness::{changed, last_update_failed, unready, wait_updated};

pub struct Functions;

const GONE: &[&str] = &["ResourceNotFoundException"];
/// Our own code for AWS's two-meaning `ResourceConflictException` when it means "exists".
const FUNCTION_EXISTS: &str = "FunctionExists";

impl ResourceCalls for Functions {
    const KIND: Kind = Kind::Function;
    const EXISTS: &'static [&'static str] = &[FUNCTION_EXISTS];
    const REQUIRED: &'static [RequiredField] = &[
        RequiredField::json("Lambda", "GetFunction", "Configuration"),
        RequiredField::json("Lambda", "GetPolicy", "Policy"),
        RequiredField::json("Lambda", "ListEventSourceMappings", "EventSourceMappings"),
        RequiredField::json("Lambda", "ListFunctions", "Functions"),
        RequiredField::json("Lambda", "ListTags", "Tags"),
    ];
    type Spec = FunctionSpec;

    async fn read(aws: &Aws, name: &str) -> Result<Option<Observed<FunctionSpec>>, ProviderError> {
        // One request where there is none.
        let Some(answer) = found(aws, name).await? else {
            return Ok(None);
        };
        observed(aws, name, answer, permissions::read(aws, name).await?).await
    }

    async fn read_again(
        aws: &Aws,
        name: &str,
    ) -> Result<Option<Observed<FunctionSpec>>, ProviderError> {
        let (answer, permissions) = tokio::join!(found(aws, name), permissions::read(aws, name));
        match answer? {
            Some(answer) => observed(aws, name, answer, permissions?).await,
            None => Ok(None),
        }
    }

    async fn create(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &FunctionSpec,
    ) -> Result<(), ProviderError> {
        let package = PackageLocation::prepare(aws, cx, want).await?;
        let code = package.of_new();
        let tags: HashMap<String, String> = cx.tags.clone().into_iter().collect();
        let waits = (cx.events, cx.name, "Lambda does not know the new role yet");
        let passing = readiness::is_not_ready;
        let created = retry_while(waiter::ROLE_PROPAGATION_TIMEOUT, waits, passing, || async {
            let call = aws
                .lambda
                .create_function()
                .function_name(cx.name)
                .code(code.clone())
                .handler(&want.handler)
                .runtime(Runtime::from(want.runtime.as_str()))
                .description(&want.description)
                .architectures(architecture(want))
                .memory_size(want.memory)
                .timeout(want.timeout)
                .environment(environment(aws, cx.name, want))
                .role(&want.role)
                .set_logging_config(elsewhere(cx.name, want))
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
        .await;
        // Of a failure too: the bucket would keep it until the next upload.
        package.clean_up(aws).await;
        let created = created.map_err(|error| explained(error, want))?;
        if created.state != Some(State::Active) {
            wait_updated(aws, cx).await.map_err(partial)?;
        }
        if want.reserved_concurrency.is_some() {
            reserve(aws, cx, want).await.map_err(partial)?;
        }
        let none = BTreeMap::new();
        permissions::change(aws, cx, &want.permissions, &none)
            .await
            .map_err(partial)
    }

    async fn update(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &FunctionSpec,
        live: &FunctionSpec,
    ) -> Result<(), ProviderError> {
        // New code is uploaded whether the last upload failed or not, and again while Lambda is busy.
        let is_new = want.code != live.code || want.architecture != live.architecture;
        let uploads = is_new || last_update_failed(aws, cx).await?;
        if live.role.is_empty() {
            // The role was made again: Lambda asks KMS to let it read the variables as they are set anew.
            // <https://repost.aws/knowledge-center/lambda-kmsaccessdeniedexception-errors>
            let none = Environment::builder().set_variables(Some(HashMap::new()));
            configure(aws, cx, want, live, none.build()).await?;
        }
        if uploads {
            let package = PackageLocation::prepare(aws, cx, want).await?;
            let changed = changed(cx, || {
                let call = aws.lambda.update_function_code().function_name(cx.name);
                let call = package.of_update(call).architectures(architecture(want));
                async {
                    call.send()
                        .await
                        .for_call("Lambda", "UpdateFunctionCode")
                        .map(drop)
                }
            })
            .await;
            package.clean_up(aws).await;
            changed?;
            wait_updated(aws, cx).await.map_err(partial)?;
        }
        let rest = FunctionSpec {
            code: live.code.clone(),
            architecture: live.architecture,
            reserved_concurrency: live.reserved_concurrency,
            permissions: live.permissions.clone(),
            ..want.clone()
        };
        if rest != *live {
            configure(aws, cx, want, live, environment(aws, cx.name, want)).await?;
        }
        if want.reserved_concurrency != live.reserved_concurrency {
            reserve(aws, cx, want).await?;
        }
        permissions::change(aws, cx, &want.permissions, &live.permissions).await
    }

    async fn tag(aws: &Aws, cx: CallContext<'_>, tags: &Tags) -> Result<(), ProviderError> {
        let tags: HashMap<String, String> = tags.clone().into_iter().collect();
        settled(cx, || async {
            let call = aws.lambda.tag_resource().resource(cx.arn);
            let answer = call.set_tags(Some(tags.clone())).send().await;
            answer.for_call("Lambda", "TagResource").map(drop)
        })
        .await
    }

    async fn untag(aws: &Aws, cx: CallContext<'_>, keys: &[String]) -> Result<(), ProviderError> {
        settled(cx, || async {
            let call = aws.lambda.untag_resource().resource(cx.arn);
            let answer = call.set_tag_keys(Some(keys.to_vec())).send().await;
            answer.for_call("Lambda", "UntagResource").map(drop)
        })
        .await
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

    async fn exists(aws: &Aws, name: &str) -> Result<bool, ProviderError> {
        let names = [name.to_owned()];
        let (seen, left) = tokio::join!(found(aws, name), mappings::left_of(aws, &names));
        Ok(seen?.is_some() || !left?.is_empty())
    }

    async fn left_behind(aws: &Aws, names: &[String]) -> Result<Vec<String>, ProviderError> {
        mappings::left_of(aws, names).await
    }

    async fn list(aws: &Aws, _: Option<&str>) -> Result<Vec<String>, ProviderError> {
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

    async fn read_tags(aws: &Aws, name: &str) -> Result<Option<Tags>, ProviderError> {
        let call = aws
            .lambda
            .list_tags()
            .resource(aws.arn(Kind::Function, name));
        let answer = absent(call.send().await.for_call("Lambda", "ListTags"), GONE)?;
        Ok(answer.map(|answer| answer.tags.unwrap_or_default().into_iter().collect()))
    }
}

async fn found(aws: &Aws, name: &str) -> Result<Option<GetFunctionOutput>, ProviderError> {
    let answer = aws.lambda.get_function().function_name(name).send().await;
    absent(answer.for_call("Lambda", "GetFunction"), GONE)
}

/// A function, and the statements of its policy; nothing if it was deleted meanwhile.
async fn observed(
    aws: &Aws,
    name: &str,
    answer: GetFunctionOutput,
    permissions: BTreeMap<String, PermissionSpec>,
) -> Result<Option<Observed<FunctionSpec>>, ProviderError> {
    let reserved_concurrency = answer
        .concurrency()
        .and_then(|c| c.reserved_concurrent_executions);
    let tags = match &answer.tags_error {
        None => answer
            .tags
            .clone()
            .unwrap_or_default()
            .into_iter()
            .collect(),
        // Without `lambda:ListTags`, tags are left out of a success. The call for them says why.
        Some(_) => match Functions::read_tags(aws, name).await? {
            Some(tags) => tags,
            None => return Ok(None),
        },
    };
    let Some(seen) = answer.configuration else {
        return Ok(None);
    };
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let environment = seen.environment().and_then(|all| all.variables());
    let environment = environment.cloned().unwrap_or_default();
    let (environment, secret_environment) = split_secret_variables(aws, name, environment);
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
            permissions,
        },
        tags,
        created: seen.last_modified().and_then(last_modified),
        unready: unready(seen.state(), seen.last_update_status()),
    }))
}

/// Lambda's time of the last change, as RFC 3339. Lambda writes its zone without a colon.
fn last_modified(text: &str) -> Option<String> {
    let text = match text.strip_suffix("+0000") {
        Some(text) => format!("{text}Z"),
        None => text.to_owned(),
    };
    let at = DateTime::from_str(&text, Format::DateTimeWithOffset);
    time(at.ok().as_ref())
}

/// Updates the configuration, with these environment variables.
async fn configure(
    aws: &Aws,
    cx: CallContext<'_>,
    want: &FunctionSpec,
    live: &FunctionSpec,
    environment: Environment,
) -> Result<(), ProviderError> {
    changed(cx, || {
        let call = aws
            .lambda
            .update_function_configuration()
            .function_name(cx.name)
            .handler(&want.handler)
            .runtime(Runtime::from(want.runtime.as_str()))
            .description(&want.description)
            .memory_size(want.memory)
            .timeout(want.timeout)
            .environment(environment.clone())
            .role(&want.role);
        // Only if the function logs elsewhere: the default needs no setting.
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
    wait_updated(aws, cx).await.map_err(partial)
}

/// Makes a change of a function that Lambda may not see everywhere yet, or is busy with.
async fn settled<T, F, Fut>(cx: CallContext<'_>, call: F) -> Result<T, ProviderError>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<T, ProviderError>>,
{
    let errors = (has_code(GONE), error_codes::is_function_update_in_progress);
    retry_unsettled(cx, waiter::STATUS_TIMEOUT, errors, call).await
}

fn explained(error: ProviderError, want: &FunctionSpec) -> ProviderError {
    let role = &want.role;
    if error_codes::is_role_not_assumable_by_lambda(&error) {
        let help = format!(
            "the role {role} does not let lambda.amazonaws.com assume it: mend its trust policy"
        );
        return error.help(help);
    }
    if error_codes::is_role_unknown_to_kms(&error) {
        let help = format!(
            "KMS still does not know the role {role}, which is to read the environment variables: run the same \
             command again, or delete the role, so that it is made again"
        );
        return error.help(help);
    }
    error
}
