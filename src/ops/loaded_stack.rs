//! A stack file that was read, for any number of owners.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::Value;

use super::Error;
use super::copies::answered;
use super::forgotten_local::with_hint;
use super::frontend::{Frontend, Reporter};
use super::packages::install_packages;
use super::plan::{ExpandedStack, Expiry, check_is_file, refused, send_warnings};
use super::session::Session;
use super::stack_ref::StackRef;
use crate::aws::AwsProvider;
use crate::engine::Provider;
use crate::source::Diagnostics;
use crate::stack::kinds::Rule;
use crate::stack::{
    self, Address, DesiredState, Given, Guards, Kind, Loaded, Missing, SelfDestruct, StackLifetime,
    TAG_EXPIRES, Target, class_target, recorded, records_all, shared_trail_name,
};

/// The trail of a class that records the objects of a copy.
pub(super) struct SharedTrail {
    name: String,
    expires: Option<SystemTime>,
}

impl SharedTrail {
    /// Warns if it ends before the stack.
    pub(super) fn warn_of_end(&self, until: Option<SystemTime>, out: &Reporter<'_>) {
        let ends_first = match (self.expires, until) {
            (Some(trail), Some(stack)) => trail < stack,
            (ends, None) => ends.is_some(),
            (None, _) => false,
        };
        if ends_first {
            let name = &self.name;
            out.warn(format!(
                "the trail {name} of the class expires before this stack, which then hears of no object: deploy the class \
                 again (`treino class deploy`), and the trail lasts as long as its last stack"
            ));
        }
    }
}

/// What a command says of the end of the stacks that it deploys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GivenEnd {
    /// How long they are deployed, from now; else as the file or the deployed stack says.
    pub lifetime: Option<StackLifetime>,
    /// Whether `expires` counts from now again.
    pub renew: bool,
}

/// A stack file that was read, and whose packages are built: once, for any number of owners.
#[derive(Debug)]
pub struct LoadedStack {
    pub(super) end: GivenEnd,
    loaded: Loaded,
    guards: Guards,
    pub(super) file: PathBuf,
    pub(super) set: BTreeMap<String, String>,
}

impl LoadedStack {
    /// Reads and checks a stack file of which nothing is deployed: without guards, and without packages that would have to
    /// be built.
    ///
    /// # Errors
    /// Something is wrong with the file.
    pub fn read(
        session: &Session,
        file: &Path,
        set: &BTreeMap<String, String>,
        frontend: &dyn Frontend,
    ) -> Result<Self, Error> {
        let stack = StackRef::File(file.to_path_buf());
        let out = session.reporter(frontend).about(&stack);
        let read = || {
            check_is_file(file)?;
            let (loaded, _) = stack::load(file, Self::given(session, None, set))?;
            Ok(Self::of(loaded, file, set))
        };
        answered(&out.with_set(set.keys()), read())
    }

    pub(super) fn of(loaded: Loaded, file: &Path, set: &BTreeMap<String, String>) -> Self {
        Self {
            end: GivenEnd::default(),
            loaded,
            guards: Guards::default(),
            file: file.to_path_buf(),
            set: set.clone(),
        }
    }

    fn given(session: &Session, owner: Option<&str>, set: &BTreeMap<String, String>) -> Given {
        Given {
            owner: owner.map(String::from),
            set: set.clone(),
            missing: Missing::Error,
            today: Some(session.today()),
            may_exist: true,
            any_expiry: session.takes_any_expiry(),
            without_samples: false,
        }
    }

    /// Reads and checks a stack file, connects, and builds packages. A local AWS is started if none runs.
    ///
    /// # Errors
    /// Something is wrong with the file, AWS cannot be reached, or a package cannot be built.
    pub async fn load(
        session: &Session,
        file: &Path,
        set: &BTreeMap<String, String>,
        frontend: &dyn Frontend,
    ) -> Result<Self, Error> {
        Self::load_for(session, (file, GivenEnd::default()), set, frontend).await
    }

    /// The same for stacks of which the command says when they end.
    ///
    /// # Errors
    /// The same.
    pub async fn load_for(
        session: &Session,
        (file, end): (&Path, GivenEnd),
        set: &BTreeMap<String, String>,
        frontend: &dyn Frontend,
    ) -> Result<Self, Error> {
        let stack = StackRef::File(file.to_path_buf());
        let out = session.reporter(frontend).about(&stack);
        let of = (file, None, end.lifetime);
        // Where each copy may be is said where it is planned.
        let loaded = Self::loaded_for(session, of, set, false, &out).await;
        let loaded = loaded.map(|loaded| Self { end, ..loaded });
        loaded.map_err(|error| match out.answer::<()>(Err(error)) {
            Err(error) => error,
            Ok(()) => Error::outdated(),
        })
    }

    pub(super) async fn loaded(
        session: &Session,
        (file, owner, lifetime): (&Path, Option<&str>, Option<StackLifetime>),
        set: &BTreeMap<String, String>,
        out: &Reporter<'_>,
    ) -> Result<Self, Error> {
        Self::loaded_for(session, (file, owner, lifetime), set, true, out).await
    }

    async fn loaded_for(
        session: &Session,
        (file, owner, lifetime): (&Path, Option<&str>, Option<StackLifetime>),
        set: &BTreeMap<String, String>,
        is_here: bool,
        out: &Reporter<'_>,
    ) -> Result<Self, Error> {
        check_is_file(file)?;
        let (mut loaded, _) = stack::load(file, Self::given(session, owner, set))?;
        let guards = Guards::of_folder(file.parent().unwrap_or(Path::new("")))?;
        let found = guards.check_stack(&loaded, lifetime).into_result(());
        let ((), warnings) = found.map_err(Error::Diagnostics)?;
        send_warnings(file, warnings, out);
        let region = session.region_before_connecting();
        if let Some(region) = region.filter(|_| is_here) {
            refused(guards.check_region(&region))?;
        }
        if let Some(lifetime) = lifetime {
            loaded.set_lifetime(lifetime);
        }
        let connection = match session.connected(out).await {
            Ok(connection) => connection,
            Err(error) => {
                let meant = (Some(loaded.file.stack.as_str()), "status");
                return Err(with_hint(session, error, meant, out).await);
            }
        };
        if is_here {
            refused(guards.check_place(&connection.account, &connection.region))?;
        }
        if connection.is_aws && connection.is_root {
            out.warn(
                "these are the credentials of the account's root user, who may do anything: use those of an IAM user or role",
            );
        }
        install_packages(session, &mut loaded, out).await?;
        Ok(Self {
            end: GivenEnd::default(),
            loaded,
            guards,
            file: file.to_path_buf(),
            set: set.clone(),
        })
    }

    /// The stack's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.loaded.file.stack
    }

    /// What it is for.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.loaded.file.description
    }

    /// Whether it has trails.
    #[must_use]
    pub fn has_trails(&self) -> bool {
        !self.loaded.file.trails.is_empty()
    }

    /// Its rules, by their keys.
    pub(super) fn rules(&self) -> &BTreeMap<String, Rule> {
        &self.loaded.file.rules
    }

    /// An input to try this state machine with.
    pub(super) fn example_of(&self, machine: &str) -> Option<&Value> {
        self.loaded
            .file
            .state_machines
            .get(machine)?
            .example
            .as_ref()
    }

    /// The parameters that are given, with their values; nothing in place of one that is secret.
    pub(super) fn given_values(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.set.iter().map(|(name, value)| {
            let is_secret = self
                .loaded
                .file
                .params
                .get(name)
                .is_none_or(|one| one.secret);
            (name.as_str(), (!is_secret).then_some(value.as_str()))
        })
    }

    pub(super) fn self_destruct(&self) -> SelfDestruct {
        self.loaded.file.self_destruct
    }

    pub(super) fn default_role(&self, target: &Target) -> Option<String> {
        self.loaded.default_role(target)
    }

    /// These owners' copies in the session's account and region, as they are to be. What is wrong with a copy is told where
    /// it is planned.
    ///
    /// # Errors
    /// AWS cannot be reached.
    pub async fn copies(
        &self,
        session: &Session,
        owners: &[Option<String>],
        sharing: bool,
    ) -> Result<Vec<DesiredState>, Error> {
        let silent = super::session::Silent;
        let target = self.target(session, &session.reporter(&silent)).await?;
        let copies = owners.iter().filter_map(|owner| {
            let of_owner = Target {
                owner: owner.clone(),
                ..target.clone()
            };
            let (desired, _) = self.expand(&of_owner, sharing).ok()?;
            Some(desired)
        });
        Ok(copies.collect())
    }

    /// Where the stack file says what this resource's role is allowed: file, line and column.
    #[must_use]
    pub fn place_of_allow(&self, role: &Address) -> Option<String> {
        self.loaded.place_of_allow(role)
    }

    /// Whether the trail of a class records the objects of the session's copy.
    ///
    /// # Errors
    /// AWS cannot be reached.
    pub async fn is_on_shared_trail(&self, session: &Session) -> Result<bool, Error> {
        let silent = super::session::Silent;
        let out = session.reporter(&silent);
        Ok(self.shares_trail(session, &out).await?.is_some())
    }

    pub(super) async fn target(
        &self,
        session: &Session,
        out: &Reporter<'_>,
    ) -> Result<Target, Error> {
        let connection = session.connected(out).await?;
        Ok(session.target(connection, self.name()))
    }

    pub(super) fn expand(
        &self,
        target: &Target,
        sharing: bool,
    ) -> Result<(DesiredState, Diagnostics), Diagnostics> {
        if sharing {
            self.loaded.expand_sharing_trail(target)
        } else {
            self.loaded.expand(target)
        }
    }

    /// Everything it describes for the session's owner; `sharing` says whether a class's trail records its objects.
    pub(super) async fn expanded(
        &self,
        session: &Session,
        sharing: bool,
        out: &Reporter<'_>,
    ) -> Result<ExpandedStack<'_>, Error> {
        let target = self.target(session, out).await?;
        // A class has students in other accounts and regions than the one that was connected first.
        refused(self.guards.check_place(&target.account, &target.region))?;
        let (desired, warnings) = self.expand(&target, sharing)?;
        session.masker().hide(desired.secrets.values());
        send_warnings(&self.file, warnings, out);
        if !session.is_local() {
            let ((), warnings) = self.loaded.check_cost(&desired).into_result(())?;
            send_warnings(&self.file, warnings, out);
        }
        let (limits, warnings) = self.loaded.limits(&desired)?;
        send_warnings(&self.file, warnings, out);
        let mut machines = self.loaded.file.state_machines.values();
        Ok(ExpandedStack {
            default_role: self.loaded.default_role(&target),
            example: machines.find_map(|machine| machine.example.clone()),
            end: Expiry::OfFile(&self.loaded),
            limits,
            desired,
        })
    }

    /// Whether the objects of the session's copy are recorded by the trail of a class, so that it needs none of its own.
    pub(super) async fn shares_trail(
        &self,
        session: &Session,
        out: &Reporter<'_>,
    ) -> Result<Option<SharedTrail>, Error> {
        if session.owner().is_none() || !self.has_trails() {
            return Ok(None);
        }
        let connection = session.connected(out).await?;
        let target = session.target(connection, self.name());
        let class = class_target(&target);
        let provider = AwsProvider::for_name(connection, &class);
        let name = shared_trail_name(&target);
        // Where trails may not be read, none is shared.
        let Ok(Some(live)) = provider.read(Kind::Trail, &name).await else {
            return Ok(None);
        };
        let (alone, _) = self.expand(&target, false)?;
        let is_shared = class.owns(&live.tags) && records_all(&live.spec, &recorded(&alone));
        if is_shared {
            out.info(format!(
                "the trail {name} of the class records the objects of this stack: it has none of its own"
            ));
        }
        let expires = live.tags.get(TAG_EXPIRES);
        let expires = expires.and_then(|at| humantime::parse_rfc3339(at).ok());
        Ok(is_shared.then_some(SharedTrail { name, expires }))
    }
}
