//! The labs of the repository, and what it takes to deploy and run each.

use std::path::Path;

use crate::support::{Api, World, repository, sample};

/// A lab, ready to be deployed in a world.
pub struct Prepared {
    pub name: String,
    /// The arguments of `deploy`, without the verb.
    pub deploy: Vec<String>,
    /// The arguments of each `run`, without the verb.
    pub runs: Vec<Vec<String>>,
    /// What it calls, which has to live as long.
    _api: Option<Api>,
}

/// The names of all stacks in the repository.
pub fn names() -> Vec<String> {
    let files = std::fs::read_dir(repository("stacks")).unwrap();
    let name = |path: &Path| Some(path.file_stem()?.to_str()?.to_owned());
    let mut names: Vec<String> = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        .filter_map(|path| name(&path))
        .collect();
    names.sort();
    assert!(names.contains(&"image-metadata".to_owned()), "{names:?}");
    names
}

/// What the lab of this name needs; a new one has to be added here.
pub fn prepared(world: &World, name: &str) -> Prepared {
    let mut deploy = vec![format!("stacks/{name}.yaml"), "--yes".to_owned()];
    let mut api = None;
    let input = |json: &str| vec!["--input".to_owned(), json.to_owned()];
    let run = match name {
        "api-externa" => {
            world.set("API_KEY", "no secret");
            let answering = Api::answering(|_| (200, r#"{"id":1,"name":"Ana"}"#.to_owned()));
            deploy.push("--set".to_owned());
            deploy.push(format!("api_url={}/users/1", answering.address));
            api = Some(answering);
            input("{}")
        }
        "conta-banco" => input(r#"{"conta":"0001-9","titular":"Ana","saldo":150}"#),
        "image-metadata" => vec![sample("coffee.jpg").to_str().unwrap().to_owned()],
        "microservices" => input(r#"{"name":"Ada"}"#),
        "order-processing" => input(r#"{"orderId":"12345"}"#),
        other => panic!("say here how the lab {other} is deployed and run"),
    };
    Prepared {
        name: name.to_owned(),
        deploy,
        runs: vec![[vec![name.to_owned()], run].concat()],
        _api: api,
    }
}

/// Whether treino can read the lab's stack file: a lab may wait in the repository for a kind of
/// resource that treino does not know yet. Any other error of the file fails the test.
#[track_caller]
pub fn is_known(world: &World, lab: &Prepared) -> bool {
    let stack = lab.deploy.iter().filter(|word| *word != "--yes");
    let stack: Vec<String> = stack.cloned().collect();
    let ran = world.treino(&words("plan", &stack));
    let unknown = ran.code == 2 && ran.err.contains("the stack file has no key `");
    if unknown {
        eprintln!(
            "{} has a kind that is not known yet:\n{}",
            lab.name, ran.err
        );
        return false;
    }
    ran.ends(0);
    true
}

/// A verb with its arguments, as the binary takes them.
pub fn words<'a>(verb: &'a str, arguments: &'a [String]) -> Vec<&'a str> {
    let arguments = arguments.iter().map(String::as_str);
    std::iter::once(verb).chain(arguments).collect()
}
