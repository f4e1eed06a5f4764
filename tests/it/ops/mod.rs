//! Operations called by a program, in this process: no terminal, no command line.

mod days;
mod documented;
mod problems;
mod recorder;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;
use treino::aws::RateLimiter;
use treino::local::Folders;
use treino::ops::{
    Completion, DeployOptions, DestroyOptions, DoctorOptions, Error, Event, Input, LocalAccount,
    LogsEnd, LogsOptions, PlanOptions, RunAction, RunEnd, RunOptions, Session, SessionOptions,
    StackRef, deploy, destroy, doctor, logs, plan, run, status,
};

use self::recorder::Recorder;
use crate::support::World;

/// A function that tells its secret, and a state machine that calls it.
const CODE: &[u8] = br#"
import os


def handler(event, context):
    print("the secret is", os.environ["TOKEN"])
    return {"token": os.environ["TOKEN"], "name": event.get("name")}
"#;

/// A stack of somebody's, and the session to work on it.
struct Somebody {
    stack: &'static str,
    owner: &'static str,
    secret: &'static str,
    file: PathBuf,
    session: Session,
}

impl Somebody {
    fn new(
        world: &World,
        rate_limiter: &RateLimiter,
        stack: &'static str,
        owner: &'static str,
        secret: &'static str,
    ) -> Self {
        let definition = json!({
            "StartAt": "Ask",
            "States": { "Ask": { "Type": "Task", "Resource": "${teller.arn}", "End": true } },
        });
        let text = json!({
            "stack": stack,
            "params": { "token": { "secret": true } },
            "functions": { "teller": {
                "code": "code", "handler": "app.handler", "runtime": "python3.13",
                "environment": { "TOKEN": "${param.token}" },
            } },
            "state_machines": { "ask": { "definition": "ask.asl.json" } },
            "outputs": { "function": "${teller.name}" },
        });
        world.file(&format!("{stack}/code/app.py"), CODE);
        let folder = format!("{stack}/ask.asl.json");
        world.file(&folder, definition.to_string().as_bytes());
        let file = world.file(
            &format!("{stack}/{stack}.yaml"),
            text.to_string().as_bytes(),
        );
        let session = Session::new(SessionOptions {
            owner: Some(owner.to_owned()),
            local: Some(LocalAccount {
                folders: Folders {
                    cache: Folders::of_user().unwrap().cache,
                    state: world.state().to_owned(),
                },
                account: world.account.clone(),
            }),
            rate_limiter: rate_limiter.clone(),
            ..SessionOptions::default()
        });
        Self {
            stack,
            owner,
            secret,
            file,
            session,
        }
    }

    fn set(&self) -> BTreeMap<String, String> {
        BTreeMap::from([("token".to_owned(), self.secret.to_owned())])
    }

    fn by_name(&self) -> StackRef {
        StackRef::Name(self.stack.to_owned())
    }

    fn deploy_options(&self, yes: bool) -> DeployOptions {
        DeployOptions {
            file: self.file.clone(),
            set: self.set(),
            yes,
            ..DeployOptions::default()
        }
    }

    /// From the first plan to the destroy; what it all told.
    async fn whole_life(&self) -> Recorder {
        let (session, frontend) = (&self.session, Recorder::answering(true));
        let planned = PlanOptions {
            file: self.file.clone(),
            set: self.set(),
            explain: true,
            ..PlanOptions::default()
        };
        let planned = plan(session, &planned, &frontend).await.unwrap().plan;
        assert!(planned.count("create") == planned.steps.len());
        let deployed = deploy(session, &self.deploy_options(false), &frontend).await;
        assert_eq!(deployed.unwrap().completion, Completion::Complete);
        let input = json!({ "name": format!("{} {}", self.owner, self.secret) });
        let options = RunOptions {
            stack: self.by_name(),
            action: RunAction::Start {
                input: Input {
                    bytes: input.to_string().into_bytes(),
                    origin: "the test".to_owned(),
                },
                name: None,
            },
            machine: None,
            data: true,
        };
        let ran = run(session, &options, &frontend).await.unwrap();
        assert_eq!(ran, RunEnd::Succeeded);
        let options = LogsOptions {
            stack: self.by_name(),
            follow: false,
            since: None,
            functions: vec!["teller".to_owned()],
            machine: None,
            execution: None,
        };
        let logged = logs(session, &options, &frontend).await.unwrap();
        assert_eq!(logged, LogsEnd::Done);
        let up = status(session, None, &frontend).await.unwrap();
        let up: Vec<&str> = up.stacks.iter().map(|one| one.stack.as_str()).collect();
        assert_eq!(up, [self.stack], "of this owner alone");
        let options = DestroyOptions {
            bypass_governance: false,
            stack: self.by_name(),
            yes: false,
        };
        let destroyed = destroy(session, &options, &frontend).await.unwrap();
        assert_eq!(destroyed.completion, Completion::Complete);
        assert!(destroyed.receipt.unwrap().is_proved());
        frontend
    }
}

#[tokio::test]
async fn two_stacks_at_once_know_nothing_of_each_other() {
    let world = World::new("two_stacks_at_once_know_nothing_of_each_other");
    let clients = world.clients().await;
    let rate_limiter = RateLimiter::default();
    let ana = Somebody::new(
        &world,
        &rate_limiter,
        "harbour",
        "anabela",
        "kept-back-by-ana-1",
    );
    let bruno = Somebody::new(
        &world,
        &rate_limiter,
        "meadow",
        "bernardo",
        "kept-back-by-bruno-2",
    );

    let (of_ana, of_bruno) = tokio::join!(ana.whole_life(), bruno.whole_life());

    for (one, frontend, other) in [(&ana, &of_ana, &bruno), (&bruno, &of_bruno, &ana)] {
        for name in [
            "plan",
            "roles",
            "started",
            "done",
            "summary",
            "outputs",
            "created",
            "execution",
            "execution_ended",
            "log",
            "stack",
            "receipt",
        ] {
            assert!(frontend.count(name) > 0, "{name} of {}", one.stack);
        }
        assert_eq!(frontend.questions().len(), 2, "{:?}", frontend.questions());
        let seen = frontend.everything();
        assert!(seen.contains(one.stack) && seen.contains(one.owner));
        assert!(seen.contains("(secret)"), "the function told it");
        for never in [one.secret, other.secret, other.stack, other.owner] {
            assert!(
                !seen.contains(never),
                "{never} was told to {}:\n{seen}",
                one.owner
            );
        }
    }
    assert_eq!(clients.everything().await, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_answered_with_no_changes_nothing() {
    let world = World::new("what_is_answered_with_no_changes_nothing");
    let clients = world.clients().await;
    let limits = RateLimiter::default();
    let carla = Somebody::new(&world, &limits, "orchard", "carla", "kept-back-by-carla-3");

    let frontend = Recorder::answering(false);
    let deployed = deploy(&carla.session, &carla.deploy_options(false), &frontend).await;
    let deployed = deployed.unwrap();
    assert_eq!(deployed.completion, Completion::Declined);
    assert_eq!(deployed.summary, None);
    assert_eq!((frontend.count("plan"), frontend.count("declined")), (1, 1));
    assert_eq!(frontend.count("started"), 0);
    assert_eq!(frontend.questions(), ["make these changes?"]);
    assert_eq!(clients.everything().await, Vec::<String>::new());

    let unasked = Recorder::answering(true);
    let deployed = deploy(&carla.session, &carla.deploy_options(true), &unasked).await;
    assert_eq!(deployed.unwrap().completion, Completion::Complete);
    assert_eq!(unasked.questions(), Vec::<String>::new());
    let before = clients.everything().await;

    let frontend = Recorder::answering(false);
    let mut options = DestroyOptions {
        bypass_governance: false,
        stack: carla.by_name(),
        yes: false,
    };
    let kept = destroy(&carla.session, &options, &frontend).await.unwrap();
    assert_eq!(kept.completion, Completion::Declined);
    assert_eq!(kept.receipt, None);
    assert_eq!(frontend.questions(), ["delete all of this?"]);
    assert_eq!(clients.everything().await, before);

    options.yes = true;
    let gone = destroy(&carla.session, &options, &frontend).await.unwrap();
    assert_eq!(gone.completion, Completion::Complete);
    assert_eq!(clients.everything().await, Vec::<String>::new());
}

#[tokio::test]
async fn errors_hold_no_secret() {
    let world = World::new("errors_hold_no_secret");
    let limits = RateLimiter::default();
    let dora = Somebody::new(&world, &limits, "lantern", "dora", "kept-back-by-dora-4");
    let frontend = Recorder::answering(true);
    let deployed = deploy(&dora.session, &dora.deploy_options(true), &frontend).await;
    assert_eq!(deployed.unwrap().completion, Completion::Complete);
    let options = |bytes: String| RunOptions {
        stack: dora.by_name(),
        action: RunAction::Start {
            input: Input {
                bytes: bytes.into_bytes(),
                origin: "the test".to_owned(),
            },
            name: None,
        },
        machine: None,
        data: false,
    };
    // The error shows the line.
    let wrong = options(format!("{{ \"name\": {} }}", dora.secret));
    let refused = run(&dora.session, &wrong, &frontend).await.unwrap_err();
    let text = format!("{refused} {refused:?}");
    assert!(matches!(refused, Error::Usage(_)), "{text}");
    assert!(
        text.contains("(secret)") && !text.contains(dora.secret),
        "{text}"
    );
    let event = serde_json::to_string(&Event::from(&refused)).unwrap();
    assert!(
        event.starts_with(r#"{"event":"error","message":"the test is not valid JSON"#),
        "{event}"
    );

    let options = DestroyOptions {
        bypass_governance: false,
        stack: dora.by_name(),
        yes: true,
    };
    let gone = destroy(&dora.session, &options, &frontend).await.unwrap();
    assert_eq!(gone.completion, Completion::Complete);
}

/// A program may run each operation as a task of a runtime with several threads.
#[test]
fn operations_can_be_spawned() {
    fn spawnable<T: Send>(_: T) {}
    let session = Session::new(SessionOptions::default());
    let frontend = Recorder::answering(true);
    let stack = StackRef::Name("any".to_owned());
    let (file, data) = (PathBuf::new(), false);
    spawnable(plan(&session, &PlanOptions::default(), &frontend));
    spawnable(deploy(&session, &DeployOptions::default(), &frontend));
    spawnable(status(&session, Some(&stack), &frontend));
    spawnable(doctor(&session, &DoctorOptions::default(), &frontend));
    let options = DestroyOptions {
        bypass_governance: false,
        stack: stack.clone(),
        yes: true,
    };
    spawnable(destroy(&session, &options, &frontend));
    let options = RunOptions {
        stack: StackRef::File(file),
        action: RunAction::Stop(None),
        machine: None,
        data,
    };
    spawnable(run(&session, &options, &frontend));
    let options = LogsOptions {
        stack,
        follow: true,
        since: None,
        functions: Vec::new(),
        machine: None,
        execution: None,
    };
    spawnable(logs(&session, &options, &frontend));
}
