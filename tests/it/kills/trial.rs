//! A lab that is deployed and destroyed again and again, each time disturbed elsewhere.

use std::collections::BTreeSet;

use super::points::{Point, Verb};
use crate::support::proxy::{Proxy, Signal};
use crate::support::{Asking, Clients, CommandResult, State, World, differences};

/// A lab's name, and the parameters its deploy is given.
#[derive(Clone, Copy)]
pub struct Lab(pub &'static str, pub &'static [&'static str]);

/// The lab in an account of its own, and how it goes when nobody disturbs it.
pub struct Trial {
    pub world: World,
    pub proxy: Proxy,
    pub clients: Clients,
    /// How many requests a deploy makes, and how many of these change something.
    pub deploying: (usize, usize),
    /// The same of a destroy.
    pub destroying: (usize, usize),
    /// The live state after a deploy.
    whole: State,
    lab: Lab,
}

impl Trial {
    /// Deploys and destroys it once. The account is empty then.
    pub async fn of(test: &str, lab: Lab) -> Self {
        let world = World::new(test);
        world.set("API_KEY", "k-1");
        let proxy = Proxy::before(&world.endpoint);
        let clients = world.clients().await;
        let mut trial = Self {
            world,
            proxy,
            clients,
            deploying: (0, 0),
            destroying: (0, 0),
            whole: State::new(),
            lab,
        };
        trial.run(Verb::Deploy).ends(0);
        trial.deploying = trial.counted();
        trial.whole = trial.state().await;
        assert!(trial.whole.len() > 3);
        trial.run(Verb::Destroy).ends(0);
        trial.destroying = trial.counted();
        assert_eq!(trial.clients.everything().await, Vec::<String>::new());
        trial
    }

    /// How many requests there were since the last time, and how many of these change something.
    fn counted(&self) -> (usize, usize) {
        let changes = self.proxy.changes().len();
        (self.proxy.take().len(), changes)
    }

    fn of_verb(&self, verb: Verb) -> (usize, usize) {
        match verb {
            Verb::Deploy => self.deploying,
            Verb::Destroy => self.destroying,
        }
    }

    /// How many requests it makes.
    pub fn calls(&self, verb: Verb) -> usize {
        self.of_verb(verb).0
    }

    /// How many of them change something.
    pub fn changes(&self, verb: Verb) -> usize {
        self.of_verb(verb).1
    }

    async fn state(&self) -> State {
        Asking::new(&self.clients).state().await
    }

    fn arguments(&self, verb: Verb) -> Vec<String> {
        let Lab(name, parameters) = self.lab;
        let stack = format!("stacks/{name}.yaml");
        let sets = parameters.iter().flat_map(|given| ["--set", given]);
        let mut words = match verb {
            Verb::Deploy => vec!["deploy", &stack, "--yes"],
            Verb::Destroy => vec!["destroy", name, "--yes"],
        };
        if verb == Verb::Deploy {
            words.extend(sets);
        }
        words.into_iter().map(String::from).collect()
    }

    /// Runs the verb to its end, or to the signal that a rule of the proxy sends.
    pub fn run(&self, verb: Verb) -> CommandResult {
        let arguments = self.arguments(verb);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command = self.world.command_at(&self.proxy.endpoint, &arguments);
        let ran = self.proxy.runs(&mut command);
        self.proxy.settled();
        ran
    }

    /// Makes the account what a point begins from.
    fn begun(&self, verb: Verb) -> Result<(), String> {
        match verb {
            Verb::Deploy => Ok(()),
            Verb::Destroy => ended(&self.run(Verb::Deploy), 0, "the deploy to begin from"),
        }
    }

    /// Kills it there, lets follow what follows, and says what is wrong then. The account is empty
    /// before and after, unless something is wrong.
    pub async fn kill(&self, point: &Point) -> Result<(), String> {
        self.begun(point.killed)?;
        let here = || {
            self.proxy
                .on("*:*")
                .when(|call| call.mutating)
                .nth(point.nth)
        };
        here().signal(point.when, Signal::Kill);
        here().drop(point.when);
        let killed = self.run(point.killed);
        self.proxy.forget();
        if killed.code != -1 {
            return Err(format!("it was not killed: {}", killed.err));
        }
        match point.then {
            Verb::Deploy => {
                self.deploys().await?;
                self.destroys().await
            }
            Verb::Destroy => self.destroys().await,
        }
    }

    /// Deploys to the state it always has, with nothing left to do.
    pub async fn deploys(&self) -> Result<(), String> {
        ended(&self.run(Verb::Deploy), 0, "the next deploy")?;
        let differ = differences(&self.whole, &self.state().await);
        if !differ.is_empty() {
            return Err(format!("the live state differs:\n{}", differ.join("\n")));
        }
        let arguments = self.arguments(Verb::Deploy);
        let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        arguments[0] = "plan";
        arguments[2] = "--exit-code";
        let plan = self.world.treino_at(&self.proxy.endpoint, &arguments);
        ended(&plan, 0, "the next plan")
    }

    /// Destroys to an empty account, with a receipt of all that stood.
    pub async fn destroys(&self) -> Result<(), String> {
        let stood = self.clients.everything().await;
        let ran = self.run(Verb::Destroy);
        // By a name that nothing has, as after a kill before the first request was done, a destroy fails.
        let code = i32::from(!ran.events("nothing_owned").is_empty());
        ended(&ran, code, "the next destroy")?;
        let left = self.clients.everything().await;
        if !left.is_empty() {
            return Err(format!("destroy left {left:?}\n{}", ran.err));
        }
        let receipt = &ran.event("receipt")["receipt"];
        let named = receipt["resources"].as_array().unwrap().iter();
        let named: Vec<String> = named
            .map(|gone| {
                let kind = gone["kind"].as_str().unwrap().replace('_', " ");
                format!("{kind} {}", gone["name"].as_str().unwrap())
            })
            .collect();
        let remains = &receipt["remains"];
        // What a destroy remembers while it is under way is nothing of the stack, and the reaper is of no stack.
        let is_memory = |name: &String| {
            let is_kept_last = ["destroying", "inventory"]
                .iter()
                .any(|kept| name.starts_with(&format!("log group /treino/{kept}/")));
            is_kept_last || name.ends_with(" treino-reaper")
        };
        let of_stack = |names: Vec<String>| -> BTreeSet<String> {
            names.into_iter().filter(|name| !is_memory(name)).collect()
        };
        let (stood, named) = (of_stack(stood), of_stack(named));
        // Of what an earlier destroy has deleted it remembers what can come back.
        let known = stood.union(&self.names()).cloned().collect();
        if !named.is_superset(&stood)
            || !named.is_subset(&known)
            || *remains != serde_json::json!([])
        {
            return Err(format!(
                "the receipt is not complete: {stood:?} stood, {receipt}"
            ));
        }
        Ok(())
    }

    /// The names of all the lab has.
    fn names(&self) -> BTreeSet<String> {
        self.whole.keys().cloned().collect()
    }

    /// Empties the account after something was wrong.
    pub async fn cleared(&self) -> Result<(), String> {
        self.proxy.forget();
        self.run(Verb::Deploy);
        self.destroys().await
    }
}

fn ended(ran: &CommandResult, code: i32, what: &str) -> Result<(), String> {
    if ran.code == code {
        return Ok(());
    }
    let last: Vec<&str> = ran.out.lines().rev().take(4).collect();
    Err(format!(
        "{what} ended with {}\n{}\n{}",
        ran.code,
        last.join("\n"),
        ran.err
    ))
}
