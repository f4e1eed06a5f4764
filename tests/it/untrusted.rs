//! Stack files from untrusted authors: access to secrets and to files outside is refused, left out or
//! reported.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use treino::stack;

use crate::support::{CommandResult, World, at_a_terminal, repository};

/// A secret.
const KEY: &str = "k3y-of-the-user";

const RIGHT: &str = r#"{ "StartAt": "A", "States": { "A": { "Type": "Succeed" } } }"#;
const TAKES: &str = r#"{ "StartAt": "A", "States": { "A": {
    "Type": "Pass", "Parameters": { "token": "${env:AWS_SESSION_TOKEN}" }, "End": true } } }"#;

/// A user's files, with a downloaded lab among them.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        home.file(".ssh/id_rsa", KEY);
        home.file(".aws/credentials", KEY);
        home.file("outside.asl.json", RIGHT);
        home.file("outside.yaml", &format!("stack: {KEY}\n"));
        home.file("downloads/lab/code/app.py", "handler = print");
        home.file("downloads/lab/with-link/app.py", "handler = print");
        home.file("downloads/lab/takes.asl.json", TAKES);
        let archive = repository("tests/samples/other-function.zip");
        std::fs::copy(archive, home.path("outside.zip")).unwrap();
        home.link("downloads/lab/chain", "../../.ssh");
        home.link("downloads/lab/linked", "chain");
        home.link("downloads/lab/with-link/keys", "../chain");
        home.link("downloads/lab/linked.asl.json", "../../outside.asl.json");
        home.link("downloads/lab/linked.yaml", "../../outside.yaml");
        home
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn file(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn link(&self, path: &str, to: &str) {
        symlink(to, self.path(path)).unwrap();
    }

    /// The stack file of this text, in the lab.
    fn stack(&self, text: &str) {
        let home = self.0.path().to_str().unwrap();
        self.file("downloads/lab/stack.yaml", &text.replace("HOME", home));
    }

    /// Runs treino in the lab, as a user with AWS credentials; none of them may be printed.
    fn treino(&self, arguments: &[&str]) -> CommandResult {
        let mut command = Command::new(env!("CARGO_BIN_EXE_treino"));
        command
            .current_dir(self.path("downloads/lab"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.0.path())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_REGION", "eu-west-1")
            .env("LAB_PAGE", KEY)
            .env("LAB_TOKEN", KEY);
        for name in [
            "AWS_ACCESS_KEY_ID",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SECURITY_TOKEN",
            "AWS_SESSION_TOKEN",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "aws_secret_access_key",
        ] {
            command.env(name, KEY);
        }
        let ran = CommandResult::of(&mut command);
        assert!(!ran.out.contains(KEY) && !ran.err.contains(KEY), "{ran:?}");
        ran
    }
}

fn folder() -> PathBuf {
    repository("tests/it/cases/untrusted")
}

/// Refused by `check`, and by what would call AWS, all at once.
fn refused(name: &str, home: &Home) {
    let file = folder().join(format!("{name}.yaml"));
    home.stack(&std::fs::read_to_string(file).unwrap());
    // Without a file, `check` takes stack.yaml as the other verbs do.
    let checked = home.treino(&["check"]).ends(2);
    let planned = home.treino(&["plan", "stack.yaml"]).ends(2);
    home.treino(&["deploy", "stack.yaml", "--yes"]).ends(2);
    let errors = |text: &str| text.matches("error: ").count();
    assert_eq!(errors(&checked.out), errors(&planned.err));
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"/[^ `\n]*/\.tmp[A-Za-z0-9]+", "[home]");
    // As long as the path of the folder.
    settings.add_filter(r"\^{5,}", "^^^^^");
    settings.bind(|| insta::assert_snapshot!(name, checked.out));
}

macro_rules! files {
    ($($name:ident)*) => {
        $(#[test] fn $name() { refused(stringify!($name), &Home::new()); })*

        #[test]
        fn every_file_is_tried() {
            for entry in std::fs::read_dir(folder()).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|e| e == "yaml") {
                    let name = path.file_stem().unwrap().to_str().unwrap();
                    assert!([$(stringify!($name)),*, "repository"].contains(&name), "{name} is not tried");
                }
            }
        }
    };
}

files! { code credentials definition readable }

#[test]
fn secrets_of_the_repository() {
    let home = Home::new();
    std::fs::create_dir(home.path(".git")).unwrap();
    std::fs::remove_dir_all(home.path("downloads/lab/with-link")).unwrap();
    refused("repository", &home);
}

#[test]
fn a_linked_stack_file_outside_is_refused() {
    let home = Home::new();
    for verb in ["check", "plan"] {
        home.treino(&[verb, "linked.yaml"])
            .ends(2)
            .says("`linked.yaml` is a link to `")
            .says("name the file itself");
    }
    // Inside the boundary it is one file with two names.
    home.stack("stack: lab\nbuckets: { b: {} }\n");
    home.link("downloads/lab/again.yaml", "stack.yaml");
    home.treino(&["check", "again.yaml"]).ends(0);
}

const SHARED: &str = "stack: lab\ninclude: [INCLUDE]\nfunctions:\n  \
    f: { code: CODE, handler: app.handler, runtime: python3.13 }\n";

/// A repository inside the download narrows what may be read; included paths are read.
#[test]
fn included_files_are_read() {
    let home = Home::new();
    home.file("downloads/shared/app.py", "handler = print");
    home.file("common/app.py", "handler = print");
    let stack = |include: &str, code: &str| {
        home.stack(&SHARED.replace("INCLUDE", include).replace("CODE", code));
        home.treino(&["check", "--strict", "stack.yaml"])
    };
    stack("", "../shared").ends(0);
    stack("", "../../common")
        .ends(2)
        .says("include: [../../common]");
    stack("../../common", "../../common").ends(0);
    stack("with-link/keys", "with-link").ends(0);
    home.file("downloads/lab/.git", "gitdir: ../../.git/worktrees/lab");
    stack("", "../shared").ends(2).says("out of the repository");
    stack("../shared", "../shared").ends(0);
}

/// The names in the package of the only function.
fn packaged(home: &Home) -> Vec<String> {
    let file = home.path("downloads/lab/stack.yaml");
    let (loaded, _) = stack::load(&file, None).unwrap();
    let target = stack::Target {
        partition: "aws".into(),
        region: "eu-west-1".into(),
        account: "123456789012".into(),
        stack: "lab".into(),
        owner: None,
    };
    let (desired, _) = loaded.expand(&target).unwrap();
    let zip = desired.artifacts.into_values().next().unwrap();
    let zip = zip::ZipArchive::new(std::io::Cursor::new(&zip.zip)).unwrap();
    let mut names: Vec<String> = zip.file_names().flatten().map(String::from).collect();
    names.sort();
    names
}

#[test]
fn secrets_next_to_the_code_are_not_packaged() {
    let home = Home::new();
    for name in [
        ".aws/credentials",
        ".env",
        ".env.local",
        ".ssh/config",
        ".terraform/x",
        "deep/id_rsa",
        "key.pem",
        "terraform.tfstate",
        "App.KDBX",
    ] {
        home.file(&format!("downloads/lab/code/{name}"), KEY);
    }
    for name in [
        ".app.py.swp",
        "app.py~",
        ".git/config",
        "env/pyvenv.cfg",
        "env/lib/x.py",
        "__pycache__/app.pyc",
    ] {
        home.file(&format!("downloads/lab/code/{name}"), "");
    }
    let right = ["app.py", "cacert.pem", ".env.example"];
    home.file("downloads/lab/code/.env.example", "KEY=");
    home.file(
        "downloads/lab/code/cacert.pem",
        "-----BEGIN CERTIFICATE-----\n",
    );
    let stack = |include: &str| {
        home.stack(&SHARED.replace("INCLUDE", include).replace("CODE", "code"));
        home.treino(&["check", "--strict", "stack.yaml"]).ends(2)
    };
    let ran = stack("");
    for left in [
        "`.aws`",
        "`.env`",
        "`.env.local`",
        "`.ssh`",
        "`.terraform`",
        "`deep/id_rsa`",
        "`key.pem`",
        "`terraform.tfstate`",
        "`App.KDBX`",
    ] {
        assert!(ran.out.contains(left), "{left} in {}", ran.out);
    }
    let mut names = right.map(str::to_owned).to_vec();
    names.sort();
    assert_eq!(packaged(&home), names);
    // Included files are packaged; an included folder does not include the secrets in it.
    stack("code, code/.env, code/.aws");
    names.extend([".aws/credentials".to_owned(), ".env".to_owned()]);
    names.sort();
    assert_eq!(packaged(&home), names);
}

const TAKING: &str = r#"stack: lab
include: [../../shared, code/.env]
params: { page: { default: "${env:LAB_PAGE}" }, set: { default: "${env:LAB_NAME}" } }
functions:
  f:
    code: code
    handler: app.handler
    runtime: python3.13
    environment: { WORD: "${env:LAB_WORD}", PAGE: "${param.page}", SET: "${param.set}" }
  g: { code: ../../shared, handler: app.handler, runtime: python3.13 }
connections: { c: { api_key: { header: x-key, value: "${env:LAB_KEY}" } } }
state_machines: { m: { definition: m.asl.json } }
"#;

#[test]
fn a_plan_lists_external_inputs_without_values() {
    let world = World::new("a_plan_lists_external_inputs_without_values");
    let variables = [
        ("LAB_WORD", "w0rd-kept-back"),
        ("LAB_PAGE", "page-kept-back"),
        ("LAB_KEY", "k3y-kept-back"),
        ("LAB_NAME", "lab"),
    ];
    for (name, value) in variables {
        world.set(name, value);
    }
    let definition = RIGHT.replace(
        "\"Succeed\"",
        "\"Succeed\", \"Comment\": \"${env:LAB_NAME}\"",
    );
    world.file("deep/lab/m.asl.json", definition.as_bytes());
    world.file("deep/lab/code/app.py", b"handler = print");
    world.file("deep/lab/code/.env", b"A=b");
    world.file("shared/app.py", b"handler = print");
    let stack = world.file("deep/lab/stack.yaml", TAKING.as_bytes());
    let stack = stack.to_str().unwrap();
    let plan = ["plan", stack, "--set", "set=given"];
    let ran = world.treino_json(&plan).ends(0);
    let variable = |variable: &str, address: &str, field: &str| json!({ "variable": variable, "address": address, "field": field });
    let mut page = variable("LAB_PAGE", "function.f", "environment.PAGE");
    page["parameter"] = "page".into();
    let real = world.folder.path().join("shared").canonicalize().unwrap();
    assert_eq!(
        ran.event("plan")["reads"],
        json!({
            "environment": [
                variable("LAB_KEY", "connection.c", "api_key.value"),
                variable("LAB_NAME", "state_machine.m", "definition.States.A.Comment"),
                page,
                variable("LAB_WORD", "function.f", "environment.WORD"),
            ],
            "outside": [{ "path": "../../shared", "leads_to": real }],
            "secrets": ["code/.env"],
        })
    );
    let ran = world.treino(&plan).ends(0);
    assert!(
        ran.out.ends_with(&format!(
            "\nreads from your environment:
  LAB_KEY -> connection.c api_key.value
  LAB_NAME -> state_machine.m definition.States.A.Comment
  LAB_PAGE -> function.f environment.PAGE (by the parameter page)
  LAB_WORD -> function.f environment.WORD
reads files outside of the repository:
  ../../shared ({})
packages what usually contains secrets:
  code/.env
stays until destroyed\n",
            real.display()
        )),
        "{}",
        ran.out
    );
    let deploy = ["--local", "deploy", stack, "--set", "set=given"];
    let ran = at_a_terminal(world.command().args(deploy), "n", || {}).ends(1);
    let ran = ran.says(
        "make these changes, and use LAB_KEY, LAB_NAME, LAB_PAGE, LAB_WORD of your environment, and read \
         ../../shared, code/.env?",
    );
    for (_, value) in &variables[..3] {
        assert!(!ran.out.contains(value), "{value} in {}", ran.out);
    }
}

/// Files read from a folder that looks like the user's own.
#[test]
fn a_lab_copied_without_its_repository_is_valid() {
    let world = World::new("a_lab_copied_without_its_repository_is_valid");
    let lab = crate::support::Lab::copy(&world);
    let check = |file: &Path| world.as_written(&["check", "--strict", file.to_str().unwrap()]);
    for stack in std::fs::read_dir(lab.path("stacks")).unwrap() {
        check(&stack.unwrap().path()).ends(0);
    }
}
