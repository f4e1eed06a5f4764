//! What a stack's functions and state machines logged.

mod chosen;
mod collect;
mod sources;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use self::chosen::Chosen;
pub(super) use self::collect::collected;
use self::sources::sources;
use super::frontend::{Frontend, Reporter};
use super::run::RunContext;
use super::session::Session;
use super::stack_ref::{DeployedStack, StackRef};
use super::{Error, Event, LogSource, LogsRead, ending};
use crate::aws::invocations::invocations;
use crate::aws::logs::{Line, Tail};
use crate::aws::transport::error_codes;
use crate::source::counted;

/// How far to look back where nothing is said.
const SINCE: Duration = Duration::from_hours(1);
/// How long after its end lines of an execution may still be dated, in seconds.
const AFTER: f64 = 2.0;
/// `FilterLogEvents` may be called a few times a second, all users of an account together.
const PAUSE: Duration = Duration::from_secs(1);
const PAUSE_OF_GROUP: Duration = Duration::from_millis(250);
const PAUSE_LOCAL: Duration = Duration::from_millis(250);
/// The last millisecond of the year 9999: RFC 3339 has no later.
const LAST: u64 = 253_402_300_799_999;

/// Which log lines are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogsOptions {
    /// The stack.
    pub stack: StackRef,
    /// Whether to go on with what is logged from now on.
    pub follow: bool,
    /// How far to look back; an hour without it.
    pub since: Option<SystemTime>,
    /// Only these functions, by their keys in the stack file.
    pub functions: Vec<String>,
    /// Only this state machine, by its key in the stack file.
    pub machine: Option<String>,
    /// Only what belongs to this execution, by its name or ARN.
    pub execution: Option<String>,
}

/// How showing logs ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogsEnd {
    /// Everything there was is shown.
    Done,
    /// The frontend asked to stop.
    Stopped,
}

/// Shows what a stack's functions and state machines logged, in the order of time.
///
/// # Errors
/// The options do not fit the stack, AWS cannot be reached, or a call fails.
pub async fn logs(
    session: &Session,
    options: &LogsOptions,
    frontend: &dyn Frontend,
) -> Result<LogsEnd, Error> {
    let out = session.reporter(frontend).about(&options.stack);
    out.answer(shown(session, options, &out).await)
}

async fn shown(
    session: &Session,
    options: &LogsOptions,
    out: &Reporter<'_>,
) -> Result<LogsEnd, Error> {
    let DeployedStack {
        provider,
        resources,
        ..
    } = DeployedStack::find(session, out, (&options.stack, "logs")).await?;
    ending::tell(&provider, &resources, out).await;
    let sources = sources(options, &resources)?;
    if sources.is_empty() {
        let (stack, _) = options.stack.name_and_kinds(session)?;
        out.send(Event::NothingLogs { stack });
        return Ok(LogsEnd::Done);
    }
    let run = RunContext {
        aws: &provider.0,
        out,
        is_local: session.is_local(),
        stack: &options.stack.as_given(),
        resources: &resources,
        console: None,
        data: false,
    };
    let reading = async {
        let (tail, chosen) = tail(&run, options, &sources).await?;
        out.send(Event::LogSources {
            sources: sources.clone(),
        });
        read(&run, options, &sources, tail, chosen).await
    };
    tokio::select! {
        done = reading => done.map(|()| LogsEnd::Done),
        () = out.stop() => Ok(LogsEnd::Stopped),
        () = out.unread() => Ok(LogsEnd::Done),
    }
}

/// Where reading begins, and which lines are chosen.
async fn tail(
    run: &RunContext<'_>,
    options: &LogsOptions,
    sources: &[LogSource],
) -> Result<(Tail, Option<Chosen>), Error> {
    let mut from = options.since.unwrap_or_else(|| SystemTime::now() - SINCE);
    let (mut until, mut chosen) = (None, None);
    if let Some(execution) = &options.execution {
        let found = run.execution(options.machine.as_deref(), execution).await?;
        let invocations = invocations(run.aws, &found.arn).await?;
        if !invocations.unnamed.is_empty() {
            run.out.info(format!(
                "the history gives no request id of {}: lines of their functions are chosen by the time of the call",
                counted(invocations.unnamed.len(), "call")
            ));
        }
        from = at(found.started);
        until = found.ended.map(|ended| millis(at(ended + AFTER)));
        chosen = Some(Chosen::new(invocations, sources, run.resources));
    }
    let groups: Vec<String> = sources.iter().map(|source| source.group.clone()).collect();
    Ok((Tail::of(&groups, millis(from), until), chosen))
}

async fn read(
    run: &RunContext<'_>,
    options: &LogsOptions,
    sources: &[LogSource],
    mut tail: Tail,
    mut chosen: Option<Chosen>,
) -> Result<(), Error> {
    let (mut lines, mut caught_up) = (0, false);
    let mut existed = false;
    loop {
        let next = match tail.next(run.aws).await {
            // A transient error ends one read, not the following of the logs.
            Err(error) if caught_up && error_codes::is_transient(&error) => {
                run.out.info(format!("asking again: {error}"));
                None
            }
            next => next?,
        };
        if let Some((number, line)) = next {
            let mut chosen = chosen.as_mut();
            let belongs = chosen.as_mut().is_none_or(|one| one.has(number, &line));
            if belongs && let Some(source) = sources.get(number) {
                lines += 1;
                run.out.send(log(source, line));
            }
            continue;
        }
        if !caught_up {
            run.out.send(Event::LogsRead(LogsRead {
                lines,
                exists: tail.missing().count() < sources.len(),
                of_execution: options.execution.is_some(),
                since: options.since.is_some(),
                follow: options.follow,
            }));
        }
        caught_up = true;
        let exists = tail.missing().count() < sources.len();
        if options.follow && existed && !exists {
            return Err(run.ended());
        }
        existed |= exists;
        if !options.follow {
            return Ok(());
        }
        let groups = u32::try_from(sources.len()).unwrap_or(u32::MAX);
        let pause = PAUSE.max(PAUSE_OF_GROUP.saturating_mul(groups));
        tokio::time::sleep(if run.is_local { PAUSE_LOCAL } else { pause }).await;
        tail.look_again();
    }
}

fn log(source: &LogSource, line: Line) -> Event {
    let since = Duration::from_millis(u64::try_from(line.at).unwrap_or_default().min(LAST));
    Event::Log {
        at: humantime::format_rfc3339_millis(UNIX_EPOCH + since).to_string(),
        kind: source.kind,
        key: source.key.clone(),
        group: source.group.clone(),
        stream: line.stream,
        message: line.message,
    }
}

fn at(seconds: f64) -> SystemTime {
    let since = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
}

fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}
