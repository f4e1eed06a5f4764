//! What several operations share: how AWS is reached, the connection, and what is masked.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;

use super::command::{Commands, GivenOptions};
use super::frontend::{Frontend, FrontendFuture, Question, Reporter};
use super::installing::Installing;
use super::masking::Masker;
use super::{Error, Event, bytes, today};
use crate::aws::{
    AwsConnection, AwsProvider, ConnectOptions, HttpSettings, LivenessCheck, RateLimiter,
    SharedLists, connect,
};
use crate::local::{self, Folders, Kept, LocalStatus, Running};
use crate::source::Diagnostic;
use crate::stack::{DesiredState, Given, Target};

/// How AWS is reached, and for whom.
#[derive(Debug, Clone, Default)]
pub struct SessionOptions {
    /// The region's code; else the profile's or `AWS_REGION`, and of a local AWS `us-east-1`.
    pub region: Option<String>,
    /// That of the environment, where it counts: what is refused of regions is then refused before AWS is asked.
    pub region_of_environment: Option<String>,
    /// The profile of the AWS configuration files.
    pub profile: Option<String>,
    /// The ARN of a role that is assumed with the credentials.
    pub role_arn: Option<String>,
    /// An AWS-compatible endpoint to use instead of AWS. Not together with `local`.
    pub endpoint_url: Option<String>,
    /// Whose copy of a stack it is, where several people share an account.
    pub owner: Option<String>,
    /// The local AWS to use instead of AWS.
    pub local: Option<LocalAccount>,
    /// Where packages of functions are kept that were installed once; else in that of the local AWS. Needed only
    /// for functions with a `requirements.txt` or `package.json`.
    pub cache: Option<PathBuf>,
    /// How HTTP requests are made.
    pub http: HttpSettings,
    /// The day that stack files are read for, such as `2026-11-28`; else today, in UTC.
    pub today: Option<String>,
    /// The rates of calls. Sessions in the same account are given clones of one.
    pub rate_limiter: RateLimiter,
    /// The options that the commands in messages repeat.
    pub given: GivenOptions,
    /// The same for the local AWS: what is not found on AWS may be deployed there. It is never started for that.
    pub or_local: Option<Box<SessionOptions>>,
}

/// An account on a local AWS. Any 12-digit account exists there; another one is another empty account.
#[derive(Debug, Clone)]
pub struct LocalAccount {
    /// Where the local AWS is installed, and where its state is.
    pub folders: Folders,
    /// The 12-digit account id.
    pub account: String,
}

/// What several operations share. Sessions have nothing in common but what they are given: many can
/// work in one process, at the same time.
#[derive(Debug, Default)]
pub struct Session {
    options: SessionOptions,
    masker: Arc<Masker>,
    connection: OnceCell<AwsConnection>,
}

impl Session {
    /// A session that connects when an operation first needs it: what is wrong with a file is said
    /// without a call.
    #[must_use]
    pub fn new(options: SessionOptions) -> Self {
        Self {
            options,
            ..Self::default()
        }
    }

    /// A session for another owner's copy, with the same connection. Both know each other's secrets.
    #[must_use]
    pub fn of_owner(&self, owner: Option<&str>) -> Self {
        let given = GivenOptions {
            owner: owner.map(String::from),
            ..self.options.given.clone()
        };
        Self {
            options: SessionOptions {
                owner: owner.map(String::from),
                given,
                or_local: None,
                ..self.options.clone()
            },
            masker: Arc::clone(&self.masker),
            connection: OnceCell::new_with(self.connection.get().cloned()),
        }
    }

    /// Connects, unless it has; a local AWS is started only if `start` says so. Returns account and region; nothing where
    /// no local AWS runs.
    ///
    /// # Errors
    /// AWS cannot be reached, or the local AWS cannot be started.
    pub async fn place(
        &self,
        start: bool,
        frontend: &dyn Frontend,
    ) -> Result<Option<(String, String)>, Error> {
        let out = self.reporter(frontend);
        let found = async {
            if start {
                self.connected(&out).await.map(Some)
            } else {
                self.connected_if_running(&out).await
            }
        };
        let found = found.await;
        let place = |one: &AwsConnection| (one.account.clone(), one.region.clone());
        out.answer(found.map(|found| found.map(place)))
    }

    /// The lists that plans from its connection share, once it has connected.
    #[must_use]
    pub fn lists(&self) -> Option<&SharedLists> {
        self.connection.get().map(|connection| &connection.lists)
    }

    /// Whose copies of stacks it works on.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        self.options.owner.as_deref()
    }

    /// Whether it works on a local AWS.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.options.local.is_some()
    }

    /// The endpoint that is used instead of AWS.
    pub(super) fn endpoint_url(&self) -> Option<&str> {
        self.options.endpoint_url.as_deref()
    }

    /// The region that is given.
    pub(super) fn region(&self) -> Option<&str> {
        self.options.region.as_deref()
    }

    /// The region, where it is known before AWS is asked: that of a profile is not.
    pub(super) fn region_before_connecting(&self) -> Option<String> {
        let of_environment = || self.options.region_of_environment.clone();
        self.options.region.clone().or_else(of_environment)
    }

    /// Whether the options that commands repeat are of a local AWS.
    pub(super) fn is_for_local(&self) -> bool {
        self.is_local() || self.options.given.local
    }

    /// The day that stack files are read for.
    pub(super) fn today(&self) -> String {
        self.options.today.clone().unwrap_or_else(today)
    }

    /// Whether a stack may expire after any time: it costs nothing to make it again.
    pub(super) fn takes_any_expiry(&self) -> bool {
        self.is_local() || self.options.given.local || self.options.endpoint_url.is_some()
    }

    /// The shortest time after which a stack may expire.
    #[must_use]
    pub fn shortest_expiry(&self) -> Duration {
        Given {
            any_expiry: self.takes_any_expiry(),
            ..Given::default()
        }
        .shortest_expiry()
    }

    /// The options for the local AWS, where the session is for AWS.
    pub(super) fn or_local(&self) -> Option<&SessionOptions> {
        self.options.or_local.as_deref()
    }

    pub(super) fn local(&self) -> Option<&LocalAccount> {
        self.options.local.as_ref()
    }

    /// Where installed packages are kept.
    pub(super) fn cache(&self) -> Option<&Path> {
        let of_local = self.local().map(|local| local.folders.cache.as_path());
        self.options.cache.as_deref().or(of_local)
    }

    pub(super) fn masker(&self) -> &Masker {
        &self.masker
    }

    pub(super) fn reporter<'a>(&'a self, frontend: &'a dyn Frontend) -> Reporter<'a> {
        Reporter::new(frontend, &self.masker, self.commands())
    }

    /// Writes the commands in messages.
    pub(super) fn commands(&self) -> Commands {
        Commands::with(&self.options.given)
    }

    /// Finds credentials and account. A local AWS is started if none runs.
    pub(super) async fn connected(&self, out: &Reporter<'_>) -> Result<&AwsConnection, Error> {
        if let Some(connection) = self.connection.get() {
            return Ok(connection);
        }
        let mut running = None;
        if let Some(local) = self.local() {
            let installing = Installing::new(out);
            let started = local::up(&local.folders, local::Options::default(), &installing);
            running = Some(installing.ended(started.await)?);
        }
        self.connect(running, out).await
    }

    /// The same, but no local AWS is started: nothing where there is none, nor anything that one has
    /// left.
    pub(super) async fn connected_if_running(
        &self,
        out: &Reporter<'_>,
    ) -> Result<Option<&AwsConnection>, Error> {
        if let Some(connection) = self.connection.get() {
            return Ok(Some(connection));
        }
        let mut running = None;
        if let Some(local) = self.local() {
            let say = |text: &str| out.info(text);
            match local::status(&local.folders, &say).await? {
                LocalStatus::Running(found) => running = Some(*found),
                LocalStatus::Kept(kept) => return Err(not_running_but_kept(&kept).into()),
                LocalStatus::Nothing => return Ok(None),
            }
        }
        self.connect(running, out).await.map(Some)
    }

    /// The local AWS, if it runs. Nothing is said, whatever fails.
    pub(super) async fn connected_quietly(&self) -> Option<&AwsConnection> {
        let silent = Silent;
        self.connected_if_running(&self.reporter(&silent))
            .await
            .ok()?
    }

    async fn connect(
        &self,
        running: Option<Running>,
        out: &Reporter<'_>,
    ) -> Result<&AwsConnection, Error> {
        let mut options = ConnectOptions {
            region: self.options.region.clone(),
            profile: self.options.profile.clone(),
            role_arn: self.options.role_arn.clone(),
            endpoint: self.options.endpoint_url.clone(),
            http: self.options.http.clone(),
            rate_limiter: self.options.rate_limiter.clone(),
            ..ConnectOptions::default()
        };
        if let (Some(running), Some(local)) = (running, self.local()) {
            if let Some(chaos) = &running.chaos {
                out.info(format!(
                    "the local AWS fails on purpose: {}",
                    chaos.settings
                ));
            }
            if let Some(unsaved) = &running.unsaved {
                out.warn(unsaved);
            }
            let folders = local.folders.clone();
            options.endpoint = Some(running.endpoint.clone());
            options.local_account = Some(local.account.clone());
            options.local_secret = local::secret(&folders)?;
            options.local_ended = Some(LivenessCheck::new(move || {
                local::why_ended(&folders, running.pid)
            }));
        }
        let hide = |credential: &str| self.masker.hide_credential(credential);
        let connection = connect(&options, &hide).await?;
        Ok(self.connection.get_or_init(async || connection).await)
    }

    /// The target of a stack on a connection.
    pub(super) fn target(&self, connection: &AwsConnection, stack: &str) -> Target {
        Target {
            partition: connection.partition.clone(),
            region: connection.region.clone(),
            account: connection.account.clone(),
            stack: stack.to_owned(),
            owner: self.options.owner.clone(),
        }
    }

    /// AWS, for a stack whose file is known; its secrets are masked from now on.
    pub(super) fn provider_of(
        &self,
        connection: &AwsConnection,
        desired: &DesiredState,
    ) -> AwsProvider {
        self.masker.hide(desired.secrets.values());
        AwsProvider::for_stack(connection, desired)
    }
}

/// Hears nothing, and agrees to nothing.
pub(super) struct Silent;

impl Frontend for Silent {
    fn event(&self, _: &Event) {}

    fn confirm<'a>(&'a self, _: &'a Question) -> FrontendFuture<'a, Result<bool, Error>> {
        Box::pin(async { Ok(false) })
    }
}

/// The error if the local AWS is needed and does not run.
pub(super) fn not_running() -> Diagnostic {
    Diagnostic::error_with_help(
        "the local AWS is not running, and keeps no data",
        "`treino local up` starts it, and so does a deploy with --local",
    )
}

/// The error if the local AWS is needed and does not run, but its data is kept.
pub(super) fn not_running_but_kept(kept: &Kept) -> Diagnostic {
    Diagnostic::error_with_help(
        format!(
            "the local AWS is not running; what it held ({}) is kept in {}",
            bytes(kept.bytes),
            kept.data.display()
        ),
        "`treino local up` brings it back, `treino local down` deletes it",
    )
}
