//! A stack that is deployed on the local AWS, where `--local` was probably forgotten.

use std::time::Duration;

use super::frontend::Reporter;
use super::session::Session;
use super::{Error, SeenStack};
use crate::aws::{AwsConnection, AwsProvider};
use crate::engine::list_owned;
use crate::local::{self, LocalStatus};
use crate::stack::PossibleKinds;

/// How long a look may take: a local AWS that runs answers at once.
const LOOK: Duration = Duration::from_secs(3);

/// What the verb is about: a stack's name, if one is given, and the verb of the command that is suggested.
pub(super) type Meant<'a> = (Option<&'a str>, &'a str);

/// [`Session::connected_if_running`], whose error names the local AWS if the stack is there.
pub(super) async fn connected_if_running<'s>(
    session: &'s Session,
    meant: Meant<'_>,
    out: &Reporter<'_>,
) -> Result<Option<&'s AwsConnection>, Error> {
    match session.connected_if_running(out).await {
        Err(error) => Err(with_hint(session, error, meant, out).await),
        connection => connection,
    }
}

/// The error of a connection, with where the stack is, if that is the local AWS.
pub(super) async fn with_hint(
    session: &Session,
    mut error: Error,
    (stack, verb): Meant<'_>,
    out: &Reporter<'_>,
) -> Error {
    let Error::Provider(wrong) = &mut error else {
        return error;
    };
    let hint = match stack {
        Some(stack) => seen(session, stack, verb, out)
            .await
            .map(|one| format!("{stack} is deployed on the local AWS: `{}`", one.command)),
        None => runs(session).await.then(|| {
            let command = out.commands().on_local().write_here(verb, &[]);
            format!("a local AWS runs: `{command}`")
        }),
    };
    let help = hint.into_iter().chain(wrong.help.take());
    let help = help.collect::<Vec<_>>().join("; ");
    wrong.help = (!help.is_empty()).then_some(help);
    error
}

/// The stack on the local AWS, if one runs and the session is not for it; none is started.
pub(super) async fn seen(
    session: &Session,
    stack: &str,
    verb: &str,
    out: &Reporter<'_>,
) -> Option<SeenStack> {
    let look = tokio::time::timeout(LOOK, found(session, stack));
    let (region, resources) = look.await.ok().flatten()?;
    Some(SeenStack {
        stack: stack.to_owned(),
        owner: session.owner().map(String::from),
        region,
        resources,
        certain: true,
        local: true,
        command: out.commands().on_local().write(verb, &[]),
    })
}

/// Whether a local AWS runs, and the session is not for it.
async fn runs(session: &Session) -> bool {
    let Some(local) = session.or_local().and_then(|or| or.local.as_ref()) else {
        return false;
    };
    let status = local::status(&local.folders, &|_| {});
    let status = tokio::time::timeout(LOOK, status).await;
    matches!(status, Ok(Ok(LocalStatus::Running(_))))
}

/// The region, and what the stack owns there, each as kind and name.
async fn found(session: &Session, stack: &str) -> Option<(String, Vec<String>)> {
    if !runs(session).await {
        return None;
    }
    let local = Session::new(session.or_local()?.clone());
    let connection = local.connected_quietly().await?;
    let target = local.target(connection, stack);
    let provider = AwsProvider::for_name(connection, &target);
    let owned = list_owned(&provider, &target, &PossibleKinds::all()).await;
    let owned = owned.ok()?.owned;
    let names = owned.iter().map(|one| format!("{} {}", one.kind, one.name));
    (!owned.is_empty()).then(|| (target.region.clone(), names.collect()))
}
