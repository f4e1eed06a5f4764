//! What every verb that speaks to AWS begins with.

use std::path::{Path, PathBuf};

use super::{Common, Error};
use crate::aws::{Aws, Cloud, Connection, Target, connect};
use crate::engine::{Fault, Listing, Provider, Residue, listing};
use crate::local::{self, Folders};
use crate::plan::{Owned, Unseen};
use crate::report::{self, Out};
use crate::source::{Problem, Source};
use crate::stack::Site;

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
    pub(super) fn of(text: &str) -> Self {
        let path = Path::new(text);
        let ending = path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("yaml") || e.eq_ignore_ascii_case("yml"));
        if ending || text.contains(['/', '\\']) || path.is_file() {
            Self::File(path.to_path_buf())
        } else {
            Self::Name(text.to_owned())
        }
    }

    /// The stack's name. Of a file, only its `stack:` is read: whatever else is wrong with it does
    /// not keep a stack from being taken down.
    pub(super) fn stack(&self) -> Result<String, Error> {
        match self {
            Self::Name(name) => Ok(name.clone()),
            Self::File(path) => {
                let source = Source::read(path, 4 * 1024 * 1024).map_err(|problem| {
                    let help = "if it is lost, the stack's name does as well: treino destroy NAME";
                    Error::Problems(problem.help(help).into())
                })?;
                // What executions put out and functions log may hold them.
                crate::report::hide(crate::stack::secrets_of(path).values());
                let root = crate::source::parse(&source)?;
                match root.get("stack").and_then(crate::source::Node::as_str) {
                    Some(name) => Ok(name.to_owned()),
                    None => Err(Error::Problems(
                        Problem::error("the file names no stack")
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
    /// Starts the local AWS if it is meant, finds credentials and account.
    pub(super) async fn open(common: &Common, out: Out) -> Result<Self, Error> {
        let mut target = Target {
            region: common.region.clone(),
            profile: common.profile.clone(),
            endpoint: common.endpoint_url.clone(),
            local_account: None,
            local_secret: String::new(),
        };
        if common.local {
            if common.endpoint_url.is_some() {
                return Err(Error::Usage(
                    "--local and --endpoint-url name two places: give one of them".to_owned(),
                ));
            }
            let say = |text: &str| out.aside(report::dim(text));
            let folders = Folders::of_user()?;
            let running = local::up(&folders, local::Options::default(), &say).await?;
            if let Some(chaos) = &running.chaos {
                say(&format!(
                    "the local AWS fails on purpose: {}",
                    chaos.settings
                ));
            }
            target.endpoint = Some(running.endpoint);
            target.local_account = Some(local_account()?);
            target.local_secret = local::secret(&folders)?;
        }
        let connection = connect(&target, &crate::report::hide_credential).await?;
        Ok(Self {
            connection,
            owner: common.owner.clone(),
        })
    }

    /// The site of a stack on this connection.
    pub(super) fn site(&self, stack: &str) -> Site {
        Site {
            partition: Site::partition_of(&self.connection.region).to_owned(),
            region: self.connection.region.clone(),
            account: self.connection.account.clone(),
            stack: stack.to_owned(),
            owner: self.owner.clone(),
        }
    }

    /// AWS, for a stack's site.
    pub(super) fn cloud(&self, site: Site) -> Cloud {
        Cloud(Aws::new(
            &self.connection.config,
            site,
            self.connection.path_style,
        ))
    }
}

/// A stack that stands.
pub(super) struct Standing {
    pub(super) cloud: Cloud,
    pub(super) resources: Vec<Owned>,
}

impl Standing {
    /// The stack of this name, found by its name alone.
    pub(super) async fn find(common: &Common, out: Out, stack: &str) -> Result<Self, Error> {
        let session = Session::open(common, out).await?;
        let site = session.site(stack);
        let cloud = session.cloud(site.clone());
        let resources = owned(&cloud, &site, out).await?;
        if resources.is_empty() {
            let (region, account) = (&site.region, &site.account);
            let fault = format!("{stack} does not stand in {region}, account {account}");
            return Err(Fault::ours(fault)
                .help("deploy it first: treino deploy STACK.yaml")
                .leaving(Residue::Nothing)
                .into());
        }
        Ok(Self { cloud, resources })
    }
}

/// Everything a stack owns, by its name alone; what could not be looked for is said.
pub(super) async fn owned(
    provider: &dyn Provider,
    site: &Site,
    out: Out,
) -> Result<Vec<Owned>, Error> {
    let Listing { owned, unseen } = listing(provider, site).await?;
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
