//! `treino logs`

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::{Duration, SystemTime};

use clap::Args;
use serde_json::json;

use super::run::Place;
use super::session::{Named, Standing};
use super::{Common, End, Error, ask, value_parsers};
use crate::aws::logs::{Invocations, Line, Tail, invocations};
use crate::aws::transport::error_codes;
use crate::plan::Owned;
use crate::report::{self, Columns, Out};
use crate::stack::Kind;

/// Show what the stack's functions and state machines logged
///
/// Lambda's own START, END and REPORT lines are left out unless something went wrong; -v shows them.
/// State machines log if they have `logging`. Times are UTC.
///
/// With --execution, the lines are those of the function calls whose request ids the execution's
/// history names: of `lambda:invoke` tasks, and of errors that name theirs. Where the history leaves
/// some out (tasks whose resource is a function's ARN), lines are chosen by the execution's time
/// alone, and may be those of another execution at the same time; this is then said.
///
/// With -f it ends by Ctrl-C, with exit code 130, or when nobody reads its output any longer.
#[derive(Debug, Args)]
pub struct Logs {
    /// The stack file, or the stack's name
    #[arg(value_name = "STACK")]
    stack: OsString,
    /// Go on with what is logged from now on
    #[arg(short, long)]
    follow: bool,
    /// How far to look back: 10m, 2h, or a time like 2026-01-31T12:00:00Z [default: 1h]
    #[arg(long, value_name = "TIME", value_parser = value_parsers::since, conflicts_with = "execution")]
    since: Option<SystemTime>,
    /// Only this function, by its key in the stack file; may be repeated
    #[arg(long, value_name = "KEY")]
    function: Vec<String>,
    /// Only this state machine, by its key in the stack file
    #[arg(long, value_name = "KEY", conflicts_with = "function")]
    machine: Option<String>,
    /// Only what belongs to this execution, by its name or ARN
    #[arg(long, value_name = "EXECUTION", conflicts_with = "follow")]
    execution: Option<String>,
}

/// How far to look back where nothing is said.
const SINCE: Duration = Duration::from_hours(1);
/// How long after its end lines of an execution may still be dated.
const AFTER: f64 = 2.0;
/// `FilterLogEvents` may be called a few times a second, all users of an account together.
const PAUSE: Duration = Duration::from_secs(1);
const PAUSE_OF_GROUP: Duration = Duration::from_millis(250);
const PAUSE_LOCAL: Duration = Duration::from_millis(250);

/// Where something logs.
struct Group {
    name: String,
    key: String,
    kind: Kind,
}

/// Which lines belong to an execution.
struct Chosen {
    invocations: Invocations,
    /// The request each stream is working on.
    working_on: BTreeMap<(usize, String), String>,
}

impl Logs {
    pub(super) async fn run(self, common: &Common, out: Out) -> Result<End, Error> {
        let stack = Named::of(&self.stack).stack("logs")?;
        let Standing { cloud, resources } = Standing::find(common, out, &stack).await?;
        let groups = self.groups(&resources)?;
        if groups.is_empty() {
            out.say(format!("nothing of {stack} logs"));
            return Ok(End::Done);
        }
        let place = Place {
            cloud: &cloud,
            out,
            local: common.local,
            stack: &self.stack.to_string_lossy(),
            resources: &resources,
        };
        let reading = async {
            let mut from = self.since.unwrap_or_else(|| SystemTime::now() - SINCE);
            let mut until = None;
            let mut chosen = None;
            if let Some(execution) = &self.execution {
                let found = place.found(self.machine.as_deref(), execution).await?;
                let invocations = invocations(&cloud.0, &found.arn).await?;
                if invocations.unnamed > 0 {
                    let n = invocations.unnamed;
                    let text = format!(
                        "the history gives no request id of {n} calls: lines are chosen by the execution's time"
                    );
                    out.aside(report::dim(&text));
                }
                from = at(found.started);
                until = found.ended.map(|ended| millis(at(ended + AFTER)));
                chosen = Some(Chosen {
                    invocations,
                    working_on: BTreeMap::new(),
                });
            }
            let names: Vec<String> = groups.iter().map(|group| group.name.clone()).collect();
            let tail = Tail::of(&names, millis(from), until);
            self.read(&place, &groups, tail, chosen).await
        };
        tokio::select! {
            done = reading => done,
            () = ask::signal() => Ok(End::Stopped),
            () = report::unread() => Ok(End::Done),
        }
    }

    /// Where the stack's functions and machines log.
    fn groups(&self, resources: &[Owned]) -> Result<Vec<Group>, Error> {
        let mut groups: Vec<Group> = Vec::new();
        for owned in resources {
            let key = owned.address.key().to_owned();
            let (name, kind) = match owned.kind {
                // Lambda makes it, where the stack did not.
                Kind::Function => (format!("/aws/lambda/{}", owned.name), Kind::Function),
                Kind::LogGroup => {
                    let of = owned.address.as_str().split('.').next().unwrap_or_default();
                    let kind = Kind::of_noun(of).unwrap_or(Kind::LogGroup);
                    (owned.name.clone(), kind)
                }
                _ => continue,
            };
            if !groups.iter().any(|group| group.name == name) {
                groups.push(Group { name, key, kind });
            }
        }
        let all = |kind: Kind| {
            let of_kind = groups.iter().filter(move |group| group.kind == kind);
            of_kind.map(|group| group.key.as_str()).collect::<Vec<_>>()
        };
        for key in &self.function {
            if !all(Kind::Function).contains(&key.as_str()) {
                return Err(unknown("function", key, &all(Kind::Function)));
            }
        }
        if let Some(key) = self.machine.as_deref().filter(|_| self.execution.is_none()) {
            if !all(Kind::StateMachine).contains(&key) {
                return Err(unknown(
                    "state machine that logs",
                    key,
                    &all(Kind::StateMachine),
                ));
            }
            groups.retain(|group| group.kind == Kind::StateMachine && group.key == key);
        }
        if !self.function.is_empty() {
            groups
                .retain(|group| group.kind == Kind::Function && self.function.contains(&group.key));
        }
        groups.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(groups)
    }

    async fn read(
        &self,
        place: &Place<'_>,
        groups: &[Group],
        mut tail: Tail,
        mut chosen: Option<Chosen>,
    ) -> Result<End, Error> {
        let out = place.out;
        let labels = groups.iter().map(|group| group.key.clone()).collect();
        let mut columns = Columns::of(out, labels);
        let (mut any, mut called) = (false, false);
        let mut said = false;
        loop {
            let next = match tail.next(&place.cloud.0).await {
                // A passing error ends one look, not the following.
                Err(error) if said && error_codes::is_transient(&error) => {
                    out.aside(report::dim(&format!("asking again: {error}")));
                    None
                }
                next => next?,
            };
            if let Some((number, line)) = next {
                let belongs = chosen
                    .as_mut()
                    .is_none_or(|chosen| chosen.has(number, &line));
                if belongs && let Some(group) = groups.get(number) {
                    event(out, group, &line);
                    if columns.print(number, line.at, &line.message) {
                        any = true;
                    } else {
                        called = true;
                    }
                }
                continue;
            }
            if !said && !any {
                out.aside(report::dim(&self.nothing(groups, &tail, called)));
            }
            said = true;
            if !self.follow {
                return Ok(End::Done);
            }
            let groups = u32::try_from(groups.len()).unwrap_or(u32::MAX);
            let pause = PAUSE.max(PAUSE_OF_GROUP.saturating_mul(groups));
            tokio::time::sleep(if place.local { PAUSE_LOCAL } else { pause }).await;
            tail.look_again();
        }
    }

    /// What is said where there is nothing to show.
    fn nothing(&self, groups: &[Group], tail: &Tail, called: bool) -> String {
        let missing: Vec<&str> = tail.missing().collect();
        let what = if missing.len() == groups.len() {
            "nothing was logged yet: there is no log group".to_owned()
        } else if called {
            "functions were called, and logged nothing of their own (-v shows Lambda's lines)"
                .to_owned()
        } else if self.execution.is_some() {
            "the execution's functions logged nothing".to_owned()
        } else if self.since.is_some() {
            "nothing was logged since then".to_owned()
        } else {
            "nothing was logged in the last hour (--since 1d looks further back)".to_owned()
        };
        if self.follow {
            format!("{what}; waiting for more, until Ctrl-C")
        } else {
            what
        }
    }
}

impl Chosen {
    fn has(&mut self, number: usize, line: &Line) -> bool {
        // A stream is one copy of a function, which works on one request at a time.
        let stream = (number, line.stream.clone());
        if let Some(rest) = line.message.strip_prefix("START RequestId: ") {
            let id = rest.split_whitespace().next().unwrap_or_default();
            self.working_on.insert(stream.clone(), id.to_owned());
        }
        if self.invocations.unnamed > 0 {
            return true;
        }
        let ids = &self.invocations.ids;
        let working_on = self.working_on.get(&stream);
        working_on.is_some_and(|id| ids.contains(id))
            || ids.iter().any(|id| line.message.contains(id.as_str()))
    }
}

fn event(out: Out, group: &Group, line: &Line) {
    out.event(&json!({
        "event": "log",
        "at": report::time(line.at),
        "kind": group.kind,
        "key": group.key,
        "group": group.name,
        "stream": line.stream,
        "message": line.message,
    }));
}

fn unknown(what: &str, key: &str, has: &[&str]) -> Error {
    let has = match has {
        [] => "it has none".to_owned(),
        has => format!("it has {}", has.join(", ")),
    };
    Error::Usage(format!("the stack has no {what} `{key}`; {has}"))
}

fn at(seconds: f64) -> SystemTime {
    let since = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    let epoch = SystemTime::UNIX_EPOCH;
    epoch.checked_add(since).unwrap_or(epoch)
}

fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}
