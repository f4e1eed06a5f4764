//! What every verb that speaks to AWS begins with.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::looking::looking;
use super::{Common, Error};
use crate::aws::{Aws, AwsProvider, ConnectOptions, Connection, LivenessCheck, connect};
use crate::engine::{Leftover, OwnedResources, Provider, ProviderError, list_owned};
use crate::local::{self, Folders, Kept, LocalStatus, Running};
use crate::plan::{Owned, Unseen};
use crate::report::{self, Out};
use crate::source::{Diagnostic, Source};
use crate::stack::Target;

/// The account on the local AWS where none is named.
const LOCAL_ACCOUNT: &str = "000000000000";

/// A stack as it is named on the command line.
pub(super) enum Named {
    /// By its file.
    File(PathBuf),
    /// By its name: the file may be lost.
    Name(String),
}

impl Named {
    /// A path, or a name where no file stands and none is meant.
    pub(super) fn of(named: &OsStr) -> Self {
        let path = Path::new(named);
        let ending = path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("yaml") || e.eq_ignore_ascii_case("yml"));
        match named.to_str() {
            Some(name) if !ending && !name.contains(['/', '\\']) && !path.is_file() => {
                Self::Name(name.to_owned())
            }
            // No stack's name is anything but UTF-8.
            _ => Self::File(path.to_path_buf()),
        }
    }

    /// The stack's name. Of a file, only its `stack:` is read: whatever else is wrong with it does
    /// not keep a stack from being taken down.
    pub(super) fn stack(&self, verb: &str) -> Result<String, Error> {
        match self {
            Self::Name(name) => Ok(name.clone()),
            Self::File(path) => {
                let source = Source::read(path, 4 * 1024 * 1024).map_err(|diagnostic| {
                    let help =
                        format!("if it is lost, the stack's name does as well: treino {verb} NAME");
                    Error::Diagnostics(diagnostic.help(help).into())
                })?;
                // What executions put out and functions log may hold them.
                crate::report::hide(crate::stack::secrets_of(path).values());
                let root = crate::source::parse(&source)?;
                match root.get("stack").and_then(crate::source::Node::as_str) {
                    Some(name) => Ok(name.to_owned()),
                    None => Err(Error::Diagnostics(
                        Diagnostic::error("the file names no stack")
                            .at(&source, root.span)
                            .help("add `stack: NAME`")
                            .into(),
                    )),
                }
            }
        }
    }
}

/// A connection, and whether it is to this machine.
pub(super) struct Session {
    connection: Connection,
    owner: Option<String>,
}

impl Session {
    /// Finds credentials and account. The local AWS, where it is meant, is started if none runs.
    pub(super) async fn starting(common: &Common, out: Out) -> Result<Self, Error> {
        let mut local = None;
        if is_local(common)? {
            let options = local::Options::default();
            local = Some(local::up(&Folders::of_user()?, options, &aside(out)).await?);
        }
        Self::of(common, out, local).await
    }

    /// The same, but nothing is started: nothing where the local AWS is meant, and there is none, nor
    /// anything that one has left.
    pub(super) async fn existing(common: &Common, out: Out) -> Result<Option<Self>, Error> {
        let mut local = None;
        if is_local(common)? {
            match local::status(&Folders::of_user()?, &aside(out)).await? {
                LocalStatus::Running(running) => local = Some(*running),
                LocalStatus::Kept(kept) => return Err(kept_back(&kept).into()),
                LocalStatus::Nothing => return Ok(None),
            }
        }
        Self::of(common, out, local).await.map(Some)
    }

    async fn of(common: &Common, out: Out, local: Option<Running>) -> Result<Self, Error> {
        let mut options = ConnectOptions {
            region: common.region.clone(),
            profile: common.profile.clone(),
            endpoint: common.endpoint_url.clone(),
            local_account: None,
            local_secret: String::new(),
            local_ended: None,
        };
        if let Some(running) = local {
            if let Some(chaos) = &running.chaos {
                let what = format!("the local AWS fails on purpose: {}", chaos.settings);
                out.aside(report::dim(&what));
            }
            if let Some(unsaved) = &running.unsaved {
                out.aside(format!("{} {unsaved}", report::warning("warning:")));
            }
            options.endpoint = Some(running.endpoint.clone());
            options.local_account = Some(local_account()?);
            let folders = Folders::of_user()?;
            options.local_secret = local::secret(&folders)?;
            options.local_ended = Some(LivenessCheck::new(move || {
                local::why_ended(&folders, running.pid)
            }));
        }
        let connection = connect(&options, &crate::report::hide_credential).await?;
        Ok(Self {
            connection,
            owner: common.owner.clone(),
        })
    }

    /// The target of a stack on this connection.
    pub(super) fn target(&self, stack: &str) -> Target {
        Target {
            partition: Target::partition_of(&self.connection.region).to_owned(),
            region: self.connection.region.clone(),
            account: self.connection.account.clone(),
            stack: stack.to_owned(),
            owner: self.owner.clone(),
        }
    }

    /// AWS, for a stack's target.
    pub(super) fn cloud(&self, target: Target) -> AwsProvider {
        AwsProvider(Aws::new(
            &self.connection.config,
            target,
            self.connection.path_style,
        ))
    }
}

/// Tells what the local AWS is at.
pub(super) fn aside(out: Out) -> impl Fn(&str) {
    move |text| out.aside(report::dim(text))
}

fn is_local(common: &Common) -> Result<bool, Error> {
    if common.local && common.endpoint_url.is_some() {
        return Err(Error::Usage(
            "--local and --endpoint-url name two places: give one of them".to_owned(),
        ));
    }
    Ok(common.local)
}

/// The local AWS is needed, and there is none.
pub(super) fn none_runs() -> Diagnostic {
    Diagnostic::error_with_help(
        "the local AWS is not running, and holds nothing",
        "start it: treino local up, or treino deploy STACK.yaml --local",
    )
}

/// The local AWS is needed; what it held is there.
pub(super) fn kept_back(kept: &Kept) -> Diagnostic {
    Diagnostic::error_with_help(
        format!(
            "the local AWS is not running; what it held ({}) is kept in {}",
            bytes(kept.bytes),
            kept.data.display()
        ),
        "`treino local up` brings it back, `treino local down` deletes it",
    )
}

/// A number of bytes, as a person says it.
pub(super) fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

/// A stack that stands.
pub(super) struct Standing {
    pub(super) cloud: AwsProvider,
    pub(super) resources: Vec<Owned>,
}

impl Standing {
    /// The stack of this name, found by its name alone.
    pub(super) async fn find(common: &Common, out: Out, stack: &str) -> Result<Self, Error> {
        let session = Session::existing(common, out).await?;
        let session = session.ok_or_else(none_runs)?;
        let target = session.target(stack);
        let cloud = session.cloud(target.clone());
        let resources = owned(&cloud, &target, out).await?;
        if resources.is_empty() {
            let (region, account) = (&target.region, &target.account);
            let error = format!("{stack} does not stand in {region}, account {account}");
            return Err(ProviderError::new(error)
                .help("deploy it first: treino deploy STACK.yaml")
                .with_leftover(Leftover::Nothing)
                .into());
        }
        Ok(Self { cloud, resources })
    }
}

/// Everything a stack owns, by its name alone; what could not be looked for is said.
pub(super) async fn owned(
    provider: &dyn Provider,
    target: &Target,
    out: Out,
) -> Result<Vec<Owned>, Error> {
    let what = format!("all that {} may own", target.stack);
    let OwnedResources { owned, unseen } =
        looking(out, &what, list_owned(provider, target)).await?;
    for unseen in &unseen {
        warn(unseen, out);
    }
    Ok(owned)
}

/// Says that a kind could not be looked for.
pub(super) fn warn(unseen: &Unseen, out: Out) {
    let text = format!("{unseen}; what the stack may have of them is not seen");
    out.aside(format!("{} {text}", report::warning("warning:")));
}

/// On the local AWS any 12-digit account exists; another one is another empty account.
pub(super) fn local_account() -> Result<String, Error> {
    let account =
        std::env::var("TREINO_LOCAL_ACCOUNT").unwrap_or_else(|_| LOCAL_ACCOUNT.to_owned());
    if account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(account);
    }
    Err(Error::Usage(format!(
        "TREINO_LOCAL_ACCOUNT is `{account}`: an account id has 12 digits"
    )))
}
