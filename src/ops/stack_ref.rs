//! A stack by its file or by its name, and what stands of it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Error;
use super::absent::look_elsewhere;
use super::forgotten_local::connected_if_running;
use super::frontend::Reporter;
use super::init::{STACK_FILE, stack_file};
use super::progress::reading;
use super::session::{Session, not_running};
use crate::aws::AwsProvider;
use crate::engine::{Leftover, OwnedResources, Provider, ProviderError, list_owned};
use crate::plan::{Orphan, Owned, Unseen};
use crate::source::{Diagnostic, Node, Source, parse};
use crate::stack::{
    Kind, PossibleKinds, StackLifetime, Target, not_a_stack, secrets_of, stack_name_error,
};

/// The largest stack file that is read.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// Among so many files of a folder a stack's file is looked for.
const MOST_NEARBY: usize = 1000;

/// A stack by its file or by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StackRef {
    /// By its file.
    File(PathBuf),
    /// By its name: the file may be lost.
    Name(String),
}

impl StackRef {
    /// A path; or a name, if there is no such file and it does not look like a path. A folder of that name may be
    /// the one that `treino init` has made.
    #[must_use]
    pub fn parse(text: &OsStr) -> Self {
        let path = Path::new(text);
        match text.to_str() {
            // No stack's name has a dot.
            Some(name) if !name.contains(['/', '\\', '.']) && !is_path(path) => {
                Self::Name(name.to_owned())
            }
            // Stack names are UTF-8.
            _ => Self::File(path.to_path_buf()),
        }
    }

    /// The same; without a text, the stack file of this folder. The session gives the options of commands in errors.
    ///
    /// # Errors
    /// None is named, and this folder has none; or no stack can have this name, and it is no folder's either.
    pub fn named_or_here(text: Option<&OsStr>, session: &Session) -> Result<Self, Error> {
        let Some(text) = text else {
            let or_by_name = |error| match error {
                Error::Usage(text) => {
                    let status = session.commands().write_here("status", &[]);
                    Error::Usage(format!(
                        "{text}; or name the stack: `{status}` lists what is deployed"
                    ))
                }
                error => error,
            };
            return Ok(Self::File(stack_file(None).map_err(or_by_name)?));
        };
        let path = match Self::parse(text) {
            Self::File(path) => path,
            Self::Name(name) => match stack_name_error(&name) {
                None => return Ok(Self::Name(name)),
                Some(_) if Path::new(&name).is_dir() => PathBuf::from(name),
                Some(wrong) => return Err(Error::Usage(wrong)),
            },
        };
        Ok(Self::File(stack_file(Some(&path))?))
    }

    /// The error of a folder without a stack file, where the word is no stack's name that was seen.
    pub(super) fn folder_without_file(&self) -> Option<Error> {
        let Self::Name(name) = self else {
            return None;
        };
        let folder = Path::new(name);
        folder
            .is_dir()
            .then(|| stack_file(Some(folder)).err())
            .flatten()
    }

    /// The argument as the user gave it.
    pub(super) fn as_given(&self) -> String {
        match self {
            Self::File(path) => path.to_string_lossy().into_owned(),
            Self::Name(name) => name.clone(),
        }
    }

    /// The folder whose guards count for it: of its file, else this one.
    pub(super) fn folder(&self) -> PathBuf {
        let path = match self {
            Self::File(path) => Some(path.clone()),
            Self::Name(name) => Self::file_nearby(name),
        };
        let folder = path.as_deref().and_then(Path::parent);
        folder.map(Path::to_path_buf).unwrap_or_default()
    }

    /// The parameters that its file has no default for; none where it cannot be read.
    pub(super) fn required_parameters(&self) -> Vec<String> {
        let Self::File(path) = self else {
            return Vec::new();
        };
        let root = Source::read(path, LARGEST_FILE).ok();
        let root = root.and_then(|source| parse(&source).ok());
        let params = root.as_ref().and_then(|root| root.get("params"));
        let entries = params.map(Node::entries).unwrap_or_default().iter();
        let required = entries.filter(|entry| entry.value.get("default").is_none());
        required.map(|entry| entry.key.clone()).collect()
    }

    /// What its file says of its end, where it can be read.
    pub(super) fn lifetime(&self) -> Option<StackLifetime> {
        let path = match self {
            Self::File(path) => path.clone(),
            Self::Name(name) => Self::file_nearby(name)?,
        };
        let root = parse(&Source::read(&path, LARGEST_FILE).ok()?).ok()?;
        let expires = root.get("expires").and_then(Node::as_str)?;
        StackLifetime::parse(expires, Duration::ZERO).ok()
    }

    /// The file of a stack that is known by its name, if it is in this folder, or that of `treino init`.
    pub(super) fn file_nearby(name: &str) -> Option<PathBuf> {
        let of_init = Path::new(name).join(STACK_FILE);
        let here = std::fs::read_dir(".").ok()?.take(MOST_NEARBY);
        let here = here.filter_map(|entry| Some(PathBuf::from(entry.ok()?.file_name())));
        let mut here: Vec<PathBuf> = here
            .filter(|path| {
                path.extension()
                    .is_some_and(|end| end == "yaml" || end == "yml")
            })
            .collect();
        here.sort();
        let is_its = |path: &PathBuf| {
            let source = Source::read(path, LARGEST_FILE).ok();
            let root = source.and_then(|source| parse(&source).ok());
            let named = root.as_ref().and_then(|root| root.get("stack"));
            named.and_then(Node::as_str) == Some(name)
        };
        here.into_iter().chain([of_init]).find(is_its)
    }

    /// The stack of the file in a folder of this name, as `treino init LAB FOLDER` makes it.
    pub(super) fn stack_of_folder(name: &str) -> Option<String> {
        let source = Source::read(&Path::new(name).join(STACK_FILE), LARGEST_FILE).ok()?;
        let root = parse(&source).ok()?;
        Some(root.get("stack")?.as_str()?.to_owned())
    }

    /// Whether its file is given.
    #[must_use]
    pub fn is_file(&self) -> bool {
        matches!(self, Self::File(_))
    }

    /// The stack's name.
    ///
    /// # Errors
    /// The stack file names none.
    pub fn name(&self, session: &Session) -> Result<String, Error> {
        Ok(self.name_and_kinds(session)?.0)
    }

    /// Whether the stack's file has a kind; that of a stack by its name is not known.
    #[must_use]
    pub fn has_kind(&self, session: &Session, kind: Kind) -> Option<bool> {
        let of_file = self
            .is_file()
            .then(|| self.name_and_kinds(session).ok())
            .flatten();
        of_file.map(|(_, possible)| possible.has(kind))
    }

    /// The stack's name, and the kinds of resources that it may have: those of the file, or any. Of a file, only
    /// `stack:` and the names of its sections are read: whatever else is wrong with it does not keep a stack from
    /// being taken down. The file's secrets are masked from now on.
    pub(super) fn name_and_kinds(
        &self,
        session: &Session,
    ) -> Result<(String, PossibleKinds), Error> {
        let path = match self {
            Self::Name(name) => return Ok((name.clone(), PossibleKinds::all())),
            Self::File(path) => path,
        };
        let source = Source::read(path, LARGEST_FILE).map_err(|diagnostic| {
            let help = "without the file, use the stack's name";
            Error::Diagnostics(diagnostic.help(help).into())
        })?;
        // The output of executions and the logs of functions may contain them.
        session.masker().hide(secrets_of(path).values());
        let root = parse(&source)?;
        if let Some(name) = root.get("stack").and_then(Node::as_str) {
            return Ok((name.to_owned(), PossibleKinds::of_file(&root)));
        }
        let unnamed = || {
            Diagnostic::error("the file names no stack")
                .at(&source, root.span)
                .help("add `stack: NAME`")
        };
        let wrong = not_a_stack(&source, &root).unwrap_or_else(unnamed);
        Err(Error::Diagnostics(wrong.into()))
    }
}

/// Whether a word is the path of a file, or of this folder or the one above.
fn is_path(path: &Path) -> bool {
    path.is_file() || path == Path::new(".") || path == Path::new("..")
}

/// A stack that was found by its name alone.
pub(super) struct DeployedStack {
    pub(super) provider: AwsProvider,
    pub(super) resources: Vec<Owned>,
    /// Its inventory, where it has one.
    pub(super) inventory: Option<Orphan>,
    /// Where it is; nothing where the AWS console does not show it, as on the local AWS.
    pub(super) console: Option<Target>,
}

impl DeployedStack {
    /// The stack that a verb is about.
    pub(super) async fn find(
        session: &Session,
        out: &Reporter<'_>,
        (reference, verb): (&StackRef, &str),
    ) -> Result<Self, Error> {
        let (stack, possible) = &reference.name_and_kinds(session)?;
        let connection = connected_if_running(session, (Some(stack), verb), out).await?;
        let connection = connection.ok_or_else(not_running)?;
        let target = session.target(connection, stack);
        let provider = AwsProvider::for_name(connection, &target);
        let OwnedResources {
            owned,
            others,
            unseen,
            inventory,
        } = listed(&provider, &target, possible, out).await?;
        tell_unseen(&unseen, possible, out);
        if owned.is_empty() {
            let (region, account) = (&target.region, &target.account);
            let complete = !unseen.iter().any(|one| possible.has(one.kind));
            let not_deployed = if complete {
                "is not deployed"
            } else {
                "was not found"
            };
            let error = format!("{stack} {not_deployed} in {region}, account {account}");
            let absence =
                look_elsewhere(&provider, &target, (session, reference), verb, &others, out).await;
            if complete {
                absence.check_folder(reference)?;
            }
            return Err(ProviderError::new(error)
                .help(absence.help(&target, out.commands()))
                .with_leftover(Leftover::Nothing)
                .into());
        }
        Ok(Self {
            provider,
            resources: owned,
            inventory: inventory.into_iter().next().map(|owned| Orphan {
                address: owned.address,
                kind: owned.kind,
                name: owned.name,
                spec: None,
            }),
            console: connection.is_aws.then_some(target),
        })
    }
}

/// Everything a stack owns, found without its file.
pub(super) async fn listed(
    provider: &dyn Provider,
    target: &Target,
    possible: &PossibleKinds,
    out: &Reporter<'_>,
) -> Result<OwnedResources, Error> {
    let what = format!("all that {} may own", target.stack);
    let (list, pending) = (list_owned(provider, target, possible), || {
        provider.pending_reads()
    });
    Ok(reading(out, (Some(&what), 1), pending, list).await?)
}

/// Warns of the kinds that could not be listed. Of those that the stack cannot have, one note says so.
pub(super) fn tell_unseen(unseen: &[Unseen], possible: &PossibleKinds, out: &Reporter<'_>) {
    warn_of_unseen(unseen, possible, out);
    let others: Vec<&Unseen> = unseen
        .iter()
        .filter(|one| !possible.has(one.kind))
        .collect();
    if !others.is_empty() {
        out.info(Unseen::note(&others));
    }
}

/// Warns of the kinds that could not be listed, and that the stack may have.
pub(super) fn warn_of_unseen(unseen: &[Unseen], possible: &PossibleKinds, out: &Reporter<'_>) {
    for one in unseen.iter().filter(|one| possible.has(one.kind)) {
        out.warn(format!(
            "{one}; what the stack may have of them is not seen"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_a_stack_file_is_no_stack() {
        // Tests run in the folder of the package.
        let error = StackRef::Name("src".to_owned()).folder_without_file();
        let error = error.unwrap().to_string();
        assert!(
            error.starts_with("the folder src has no stack.yaml: "),
            "{error}"
        );
        assert_eq!(StackRef::Name("lab".to_owned()).folder_without_file(), None);
    }

    #[test]
    fn a_stack_may_be_named_where_no_file_is() {
        let session = Session::new(crate::ops::SessionOptions {
            given: crate::ops::GivenOptions {
                local: true,
                ..crate::ops::GivenOptions::default()
            },
            ..crate::ops::SessionOptions::default()
        });
        let error = StackRef::named_or_here(None, &session).unwrap_err();
        let error = error.to_string();
        assert!(error.starts_with("no stack file is named, and this folder has no stack.yaml: "));
        let help = "; or name the stack: `treino status --local` lists what is deployed";
        assert!(error.ends_with(help), "{error}");
    }
}
