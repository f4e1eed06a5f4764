//! `treino run`

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use clap::Args;
use serde_json::{Value, json};

use super::session::{Named, Session};
use super::{Common, End, Error, ask};
use crate::aws::{Cloud, follow};
use crate::engine::{Ending, Fault, Residue, Told, Trace, owned};
use crate::plan::Owned;
use crate::report::{self, Out};
use crate::stack::Kind;

/// Show a stack working: put a file, follow the execution it starts, show the item it leaves
#[derive(Debug, Args)]
pub struct Run {
    /// The stack file, or the stack's name
    #[arg(value_name = "STACK")]
    stack: String,
    /// The file to put into the stack's bucket
    #[arg(
        value_name = "FILE",
        required_unless_present = "input",
        conflicts_with = "input"
    )]
    file: Option<PathBuf>,
    /// Start an execution directly with this JSON, or with that of @FILE
    #[arg(long, value_name = "JSON|@FILE")]
    input: Option<String>,
    /// The object's key; the file's name without one
    #[arg(long, value_name = "KEY", conflicts_with = "input")]
    key: Option<String>,
    /// The bucket's key in the stack file, where there are several
    #[arg(long, value_name = "NAME")]
    bucket: Option<String>,
    /// The state machine's key in the stack file, where there are several
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,
    /// How long to wait for the event to start an execution
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    wait: Option<Duration>,
}

/// On AWS a trail's first data events take minutes to reach `EventBridge`; here they do not.
const WAIT_AWS: Duration = Duration::from_mins(10);
const WAIT_LOCAL: Duration = Duration::from_secs(20);
const POLL_AWS: Duration = Duration::from_secs(1);
const POLL_LOCAL: Duration = Duration::from_millis(150);

impl Run {
    pub(super) async fn run(self, common: &Common, out: Out) -> Result<End, Error> {
        let stack = Named::of(&self.stack).stack()?;
        let input = self.input.as_deref().map(read_input).transpose()?;
        if let Some(file) = &self.file
            && !file.is_file()
        {
            return Err(Error::Usage(format!("{}: no such file", file.display())));
        }
        let session = Session::open(common, out).await?;
        let site = session.site(&stack);
        let cloud = session.cloud(site.clone());
        let resources = owned(&cloud, &site).await?;
        if resources.is_empty() {
            let fault = Fault::ours(format!(
                "{stack} does not stand in {}, account {}",
                site.region, site.account
            ));
            return Err(fault
                .help("deploy it first: treino deploy STACK.yaml")
                .leaving(Residue::Nothing)
                .into());
        }
        let poll = if common.local { POLL_LOCAL } else { POLL_AWS };
        let machine = pick(
            &resources,
            Kind::StateMachine,
            self.machine.as_deref(),
            "--machine",
        )?;
        let following = async {
            let (execution, key) = match (&self.file, input) {
                (Some(file), _) => {
                    let bucket =
                        pick(&resources, Kind::Bucket, self.bucket.as_deref(), "--bucket")?;
                    let wait =
                        self.wait
                            .unwrap_or(if common.local { WAIT_LOCAL } else { WAIT_AWS });
                    let key = self.object_key(file)?;
                    (
                        started_by(&cloud, out, (&machine, &bucket), (file, &key), wait, poll)
                            .await?,
                        Some(key),
                    )
                }
                (None, input) => (
                    follow::start(&cloud.0, &machine, &input.unwrap_or_default()).await?,
                    None,
                ),
            };
            out.say(format!(
                "execution {}",
                execution.rsplit(':').next().unwrap_or(&execution)
            ));
            out.event(&json!({ "event": "execution", "arn": execution }));
            let ending = watch(&cloud, out, &execution, poll).await?;
            Ok::<_, Error>((ending, key))
        };
        let (ending, key) = tokio::select! {
            done = following => done?,
            () = ask::signal() => {
                out.aside("no longer followed; the execution itself goes on");
                return Ok(End::Stopped);
            }
        };
        if let Some(output) = &ending.output {
            out.say(format!(
                "{} {}",
                report::bold("output"),
                shortened(output, out.verbose)
            ));
        }
        if let Some(key) = key {
            items(&cloud, out, &resources, &key).await?;
        }
        Ok(if ending.status == "SUCCEEDED" {
            End::Done
        } else {
            End::Failed
        })
    }

    fn object_key(&self, file: &std::path::Path) -> Result<String, Error> {
        match (&self.key, file.file_name()) {
            (Some(key), _) => Ok(key.clone()),
            (None, Some(name)) => Ok(name.to_string_lossy().into_owned()),
            (None, None) => Err(Error::Usage(format!(
                "{} has no file name: give a --key",
                file.display()
            ))),
        }
    }
}

fn read_input(text: &str) -> Result<String, Error> {
    let text = match text.strip_prefix('@') {
        None => text.to_owned(),
        Some(path) => std::fs::read_to_string(path)
            .map_err(|error| Error::Usage(format!("{path}: {error}")))?,
    };
    match serde_json::from_str::<Value>(&text) {
        Ok(_) => Ok(text),
        Err(error) => Err(Error::Usage(format!("--input is no JSON: {error}"))),
    }
}

/// The one resource of a kind that the stack file declares, or the one named by its key.
fn pick(resources: &[Owned], kind: Kind, key: Option<&str>, option: &str) -> Result<String, Error> {
    let declared: Vec<&Owned> = resources
        .iter()
        .filter(|owned| owned.kind == kind && owned.address.of_owner().is_none())
        .collect();
    let keys: Vec<&str> = declared.iter().map(|owned| owned.address.key()).collect();
    match (key, declared.as_slice()) {
        (Some(key), all) => match all.iter().find(|owned| owned.address.key() == key) {
            Some(owned) => Ok(owned.name.clone()),
            None => Err(Error::Usage(format!(
                "the stack has no {kind} `{key}`; it has {}",
                keys.join(", ")
            ))),
        },
        (None, [only]) => Ok(only.name.clone()),
        (None, []) => Err(Error::Usage(format!("the stack has no {kind}"))),
        (None, _) => Err(Error::Usage(format!(
            "the stack has several {kind}s ({}): name one with {option}",
            keys.join(", ")
        ))),
    }
}

/// Puts the file and waits for the execution its event starts.
async fn started_by(
    cloud: &Cloud,
    out: Out,
    (machine, bucket): (&str, &str),
    (file, key): (&std::path::Path, &str),
    wait: Duration,
    poll: Duration,
) -> Result<String, Error> {
    let known = follow::running(&cloud.0, machine).await?;
    let began = Instant::now();
    let since = SystemTime::now();
    follow::put(&cloud.0, bucket, key, file).await?;
    out.say(format!("put {} as s3://{bucket}/{key}", file.display()));
    out.event(&json!({ "event": "put", "bucket": bucket, "key": key }));
    let mut said = false;
    loop {
        if let Some(execution) =
            follow::execution_of(&cloud.0, machine, since, (bucket, key), &known).await?
        {
            return Ok(execution);
        }
        if began.elapsed() > wait {
            let waited = humantime::format_duration(Duration::from_secs(began.elapsed().as_secs()));
            return Err(Fault::ours(format!("the file was put, but no execution started within {waited}"))
                .help(
                    "see with `treino plan` whether the trail records, its selectors name the bucket and the rule is \
                     on; a new trail's first events can take minutes (--wait 15m); --input starts the machine directly",
                )
                .leaving(Residue::Nothing)
                .into());
        }
        if !said && began.elapsed() > Duration::from_secs(3) {
            out.aside(report::dim(
                "waiting for the event to start an execution (on AWS a new trail can take minutes)",
            ));
            said = true;
        }
        tokio::time::sleep(poll).await;
    }
}

async fn watch(cloud: &Cloud, out: Out, execution: &str, poll: Duration) -> Result<Ending, Error> {
    let mut trace = Trace::default();
    loop {
        for told in trace.read(&follow::history(&cloud.0, execution).await?) {
            out.event(&told);
            out.say(report::told(&told));
            if let Told::ExecutionEnded { ending, .. } = told {
                return Ok(ending);
            }
        }
        tokio::time::sleep(poll).await;
    }
}

async fn items(cloud: &Cloud, out: Out, resources: &[Owned], key: &str) -> Result<(), Error> {
    for table in resources.iter().filter(|owned| owned.kind == Kind::Table) {
        if let Some(item) = follow::item(&cloud.0, &table.name, key).await? {
            out.say(report::item(&table.name, &item));
            out.event(&json!({ "event": "item", "table": table.name, "item": item }));
        }
    }
    Ok(())
}

fn shortened(output: &Value, whole: bool) -> String {
    let text = output.to_string();
    if whole || text.chars().count() <= 200 {
        return text;
    }
    format!(
        "{}... (-v shows all)",
        text.chars().take(200).collect::<String>()
    )
}
