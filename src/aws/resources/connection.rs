//! EventBridge connections.

mod calls;
mod mark;
mod secret;

use aws_sdk_eventbridge::operation::describe_connection::DescribeConnectionOutput;
use aws_sdk_eventbridge::types::ConnectionState;

use super::{
    CallContext, Observed, RequiredField, ResourceCalls, absent, deleted_since_plan, partial, time,
};
use crate::aws::Aws;
use crate::aws::transport::error::ForCall;
use crate::aws::transport::error_codes;
use crate::aws::transport::pages::Pages;
use crate::aws::transport::waiter::{self, DeletionStatus, retry_while};
use crate::engine::{Events, ProviderError};
use crate::stack::kinds::ConnectionSpec;
use crate::stack::{Kind, Tags};
use mark::Mark;

pub struct Connections;

const GONE: &[&str] = &["ResourceNotFoundException"];

/// The value that replaces the fingerprint of secrets that AWS has deleted.
const DEAUTHORIZED: &str = "deauthorized";

impl ResourceCalls for Connections {
    const KIND: Kind = Kind::Connection;
    const EXISTS: &'static [&'static str] = &["ResourceAlreadyExistsException"];
    const REQUIRED: &'static [RequiredField] = &[
        RequiredField::json("EventBridge", "DescribeConnection", "ConnectionArn"),
        RequiredField::json("EventBridge", "ListConnections", "Connections"),
        RequiredField::json("Secrets Manager", "ListSecrets", "SecretList"),
    ];
    const TAGS_ARE_REPLACED: bool = true;
    type Spec = ConnectionSpec;

    async fn read(
        aws: &Aws,
        name: &str,
    ) -> Result<Option<Observed<ConnectionSpec>>, ProviderError> {
        let Some(seen) = described(aws, name).await? else {
            return Ok(None);
        };
        let mark = Mark::read(seen.description().unwrap_or_default());
        let secret = match seen.connection_state() {
            Some(ConnectionState::Deauthorized | ConnectionState::Deauthorizing) => {
                DEAUTHORIZED.to_owned()
            }
            _ => mark.secret,
        };
        let (authorization, parameters) = calls::spec_of(&seen);
        Ok(Some(Observed {
            spec: ConnectionSpec {
                arn: seen.connection_arn().unwrap_or_default().to_owned(),
                description: mark.text,
                authorization,
                parameters,
                secret,
            },
            tags: mark.tags,
            created: time(seen.creation_time()),
            unready: seen.connection_state().and_then(unready),
        }))
    }

    async fn create(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &ConnectionSpec,
    ) -> Result<(), ProviderError> {
        let description = mark::written(&want.description, cx.tags, &want.secret);
        calls::create(aws, cx, want, &description).await?;
        authorized(aws, cx).await.map_err(partial)
    }

    async fn update(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &ConnectionSpec,
        live: &ConnectionSpec,
    ) -> Result<(), ProviderError> {
        let same = ConnectionSpec {
            arn: live.arn.clone(),
            ..want.clone()
        };
        if same != *live {
            let description = mark::written(&want.description, cx.tags, &want.secret);
            calls::update(aws, cx, want, &description).await?;
        }
        authorized(aws, cx).await
    }

    async fn tag(aws: &Aws, cx: CallContext<'_>, tags: &Tags) -> Result<(), ProviderError> {
        let Some(seen) = described(aws, cx.name).await? else {
            return Ok(());
        };
        let mark = Mark::read(seen.description().unwrap_or_default());
        let description = mark::written(&mark.text, tags, &mark.secret);
        retry_while(
            waiter::STATUS_TIMEOUT,
            busy(cx),
            error_codes::is_concurrent_modification,
            || async {
                let call = aws.events.update_connection().name(cx.name);
                let call = call.description(&description);
                call.send()
                    .await
                    .for_call("EventBridge", "UpdateConnection")
            },
        )
        .await
        .map(drop)
    }

    async fn delete(aws: &Aws, name: &str, events: &Events) -> Result<(), ProviderError> {
        let Some(seen) = looked_up(aws, name).await? else {
            return Ok(());
        };
        let say = (events, name, "the connection is being changed");
        let delete = || async {
            let deleted = retry_while(
                waiter::STATUS_TIMEOUT,
                say,
                error_codes::is_concurrent_modification,
                || async {
                    let call = aws.events.delete_connection().name(name);
                    call.send()
                        .await
                        .for_call("EventBridge", "DeleteConnection")
                },
            );
            absent(deleted.await, GONE).map(drop)
        };
        if !is_deleting(&seen) {
            delete().await?;
        }
        let look = || async {
            Ok(match looked_up(aws, name).await? {
                None => DeletionStatus::Deleted,
                Some(seen) if is_deleting(&seen) => DeletionStatus::Deleting,
                Some(_) => DeletionStatus::Exists,
            })
        };
        let say = (events, name, "the connection is being deleted");
        waiter::wait_deleted(waiter::STATUS_TIMEOUT, say, look, delete).await?;
        match seen.secret_arn() {
            Some(secret) => secret::wait_secret_deleted(aws, secret, say).await,
            None => Ok(()),
        }
    }

    async fn exists(aws: &Aws, name: &str) -> Result<bool, ProviderError> {
        Ok(looked_up(aws, name).await?.is_some() || secret::stands(aws, name).await?)
    }

    async fn left_behind(aws: &Aws, names: &[String]) -> Result<Vec<String>, ProviderError> {
        secret::left_of(aws, names).await
    }

    async fn list(aws: &Aws, _: Option<&str>) -> Result<Vec<String>, ProviderError> {
        let mut names = Vec::new();
        let mut pages = Pages::of("EventBridge", "ListConnections");
        let mut next = None;
        loop {
            let call = aws
                .events
                .list_connections()
                .set_next_token(next)
                .limit(100);
            let page = call
                .send()
                .await
                .for_call("EventBridge", "ListConnections")?;
            let listed = page.connections().iter();
            names.extend(listed.filter_map(|one| one.name.clone()));
            next = pages.next(page.next_token())?;
            if next.is_none() {
                return Ok(names);
            }
        }
    }

    async fn read_tags(aws: &Aws, name: &str) -> Result<Option<Tags>, ProviderError> {
        let seen = described(aws, name).await?;
        Ok(seen.map(|seen| Mark::read(seen.description().unwrap_or_default()).tags))
    }
}

/// The connection; `None` if it does not exist or is being deleted.
async fn described(
    aws: &Aws,
    name: &str,
) -> Result<Option<DescribeConnectionOutput>, ProviderError> {
    let seen = looked_up(aws, name).await?;
    Ok(seen.filter(|seen| !is_deleting(seen)))
}

async fn looked_up(
    aws: &Aws,
    name: &str,
) -> Result<Option<DescribeConnectionOutput>, ProviderError> {
    let call = aws.events.describe_connection().name(name);
    let seen = call
        .send()
        .await
        .for_call("EventBridge", "DescribeConnection");
    absent(seen, GONE)
}

fn is_deleting(seen: &DescribeConnectionOutput) -> bool {
    seen.connection_state() == Some(&ConnectionState::Deleting)
}

/// The state of a connection that cannot be used yet. A deauthorised connection is not one: its spec
/// differs.
fn unready(state: &ConnectionState) -> Option<String> {
    let lost = matches!(
        state,
        ConnectionState::Deauthorized | ConnectionState::Deauthorizing
    );
    (!lost && !is_usable(state)).then(|| state.as_str().to_owned())
}

fn is_usable(state: &ConnectionState) -> bool {
    matches!(state, ConnectionState::Authorized | ConnectionState::Active)
}

/// Waits until the connection can be used. One that authorises by a token asks for it first.
async fn authorized(aws: &Aws, cx: CallContext<'_>) -> Result<(), ProviderError> {
    let unseen = (cx.events, cx.name, "the connection is not seen yet");
    let first = waiter::wait_for(waiter::READ_AFTER_CREATE_TIMEOUT, unseen, || {
        described(aws, cx.name)
    })
    .await?;
    if is_authorized(&first)? {
        return Ok(());
    }
    let say = (cx.events, cx.name, "the connection is not authorised yet");
    waiter::wait_for(waiter::STATUS_TIMEOUT, say, || async {
        match described(aws, cx.name).await? {
            Some(seen) => Ok(is_authorized(&seen)?.then_some(())),
            None => Err(deleted_since_plan(Kind::Connection, cx)),
        }
    })
    .await
}

fn is_authorized(seen: &DescribeConnectionOutput) -> Result<bool, ProviderError> {
    match seen.connection_state() {
        Some(state) if is_usable(state) => Ok(true),
        Some(ConnectionState::Deauthorized | ConnectionState::FailedConnectivity) => {
            let reason = seen
                .state_reason()
                .unwrap_or("EventBridge does not say why");
            Err(
                ProviderError::new(format!("it could not be authorised: {reason}"))
                    .help("look at the authorisation's endpoint and credentials"),
            )
        }
        _ => Ok(false),
    }
}

fn busy(cx: CallContext<'_>) -> (&Events, &str, &'static str) {
    (cx.events, cx.name, "the connection is being changed")
}
