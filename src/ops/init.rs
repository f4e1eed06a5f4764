//! Writing one of the embedded labs into a folder, as a stack to begin with.

mod labs;
mod write;

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use self::labs::{LABS, Lab};
use super::frontend::{Frontend, Reporter};
use super::session::Session;
use super::stack_ref::StackRef;
use super::{Error, Event, shell_word};
use crate::stack::{self, Given, Missing, did_you_mean};

/// The stack file of a lab in a folder of its own, which verbs also find without its name.
pub(super) const STACK_FILE: &str = "stack.yaml";

/// Which lab is written, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InitOptions {
    /// The lab's name; the labs are listed without one.
    pub lab: Option<String>,
    /// Its folder, which may exist; one of the lab's name without.
    pub folder: Option<PathBuf>,
}

/// A lab that can be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LabSummary {
    /// Its name.
    pub name: String,
    /// What it shows.
    pub about: String,
}

/// Writes a lab into a folder, or lists the labs. No file is overwritten: all are looked for before one is
/// written, and what was written is deleted again if another one cannot be.
///
/// # Errors
/// There is no such lab, or something is in the way.
pub fn init(
    session: &Session,
    options: &InitOptions,
    frontend: &dyn Frontend,
) -> Result<(), Error> {
    let out = session.reporter(frontend);
    let Some(name) = &options.lab else {
        out.send(Event::Labs {
            labs: LABS.iter().map(summary).collect(),
        });
        return Ok(());
    };
    let lab = find(name)?;
    let folder = options.folder.as_deref().unwrap_or(Path::new(lab.name));
    written(session, lab, folder, &out)
}

fn summary(lab: &Lab) -> LabSummary {
    LabSummary {
        name: lab.name.to_owned(),
        about: lab.about.to_owned(),
    }
}

fn find(name: &str) -> Result<&'static Lab, Error> {
    if let Some(lab) = LABS.iter().find(|lab| lab.name == name) {
        return Ok(lab);
    }
    let known: Vec<&str> = LABS.iter().map(|lab| lab.name).collect();
    Err(Error::Usage(format!(
        "there is no lab {}: {}",
        shell_word(name),
        did_you_mean(name, &known)
    )))
}

fn written(session: &Session, lab: &Lab, folder: &Path, out: &Reporter<'_>) -> Result<(), Error> {
    let files = lab.files();
    write::all(folder, &files)?;
    out.send(Event::Initialized {
        lab: lab.name.to_owned(),
        folder: folder.display().to_string(),
        files: files.iter().map(|(path, _)| (*path).to_owned()).collect(),
        next: next(session, lab, folder)?,
    });
    Ok(())
}

/// The commands that try a lab and delete it again, each as a shell takes it.
fn next(session: &Session, lab: &Lab, folder: &Path) -> Result<Vec<String>, Error> {
    let given = Given {
        owner: session.owner().map(String::from),
        missing: Missing::Later,
        today: Some(session.today()),
        ..Given::default()
    };
    let (loaded, _) = stack::load(&folder.join(STACK_FILE), given)?;
    let mut machines = loaded.file.state_machines.values();
    let example = machines.find_map(|machine| machine.example.as_ref());
    let mut commands = Vec::new();
    if folder != Path::new(".") {
        commands.push(format!("cd {}", shell_word(&path_word(folder))));
    }
    let variables = lab.variables.iter();
    commands.extend(variables.map(|(name, value)| {
        if cfg!(windows) {
            format!("$env:{name} = '{value}'")
        } else {
            format!("export {name}={}", shell_word(value))
        }
    }));
    let writer = session.commands().local_unless_aws();
    let set = lab
        .set
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    let set: Vec<String> = set.collect();
    let set = set.iter().flat_map(|pair| ["--set", pair]);
    let deploy: Vec<&str> = set.chain(["--yes"]).collect();
    commands.push(writer.write_here("deploy", &deploy));
    let writer = writer.about(&StackRef::Name(lab.name.to_owned()));
    commands.push(match (lab.photo(), example) {
        (Some(photo), _) => writer.write("run", &[photo]),
        (None, example) => {
            let input = example.map_or_else(|| "{}".to_owned(), ToString::to_string);
            writer.write("run", &["--input", &input])
        }
    });
    commands.push(writer.write("destroy", &["--yes"]));
    Ok(commands)
}

/// A folder as an argument: one that begins like an option would be taken for one.
fn path_word(folder: &Path) -> String {
    let text = folder.display().to_string();
    if text.starts_with(['-', '+', '~']) {
        return format!("./{text}");
    }
    text
}

/// The stack file that is meant: the one that is named, the one in the folder that is named, or without any name
/// the one in this folder.
///
/// # Errors
/// There is none in that folder.
pub fn stack_file(named: Option<&Path>) -> Result<PathBuf, Error> {
    let folder = match named {
        Some(path) if !path.is_dir() => return Ok(path.to_path_buf()),
        Some(folder) => folder,
        None => Path::new(""),
    };
    let mut paths = [STACK_FILE, "stack.yml"]
        .map(|name| folder.join(name))
        .into_iter();
    if let Some(found) = paths.find(|path| path.is_file()) {
        return Ok(found);
    }
    let (place, what) = match named {
        Some(folder) => (format!("the folder {}", folder.display()), ""),
        None => ("this folder".to_owned(), "no stack file is named, and "),
    };
    let shown = |path: &PathBuf| shell_word(&path.display().to_string());
    let ways = match &others(folder)[..] {
        [one] => format!("did you mean {}?", shown(one)),
        [first, ..] => format!("name one, such as {}", shown(first)),
        [] => "name one, or begin with one of treino's labs: `treino init` lists them".to_owned(),
    };
    Err(Error::Usage(format!(
        "{what}{place} has no {STACK_FILE}: {ways}"
    )))
}

/// The other files of a folder, or of `stacks` in it, that look like stack files.
fn others(folder: &Path) -> Vec<PathBuf> {
    let within = |folder: PathBuf| {
        let shown = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &folder
        };
        let entries = std::fs::read_dir(shown).into_iter().flatten().flatten();
        let names = entries.map(|entry| folder.join(entry.file_name()));
        let is_stack = |path: &PathBuf| {
            let ending = path.extension();
            ending.is_some_and(|end| end == "yaml" || end == "yml")
                && path.is_file()
                && std::fs::read_to_string(path)
                    .is_ok_and(|text| text.lines().any(|line| line.starts_with("stack:")))
        };
        let mut found: Vec<PathBuf> = names.filter(is_stack).collect();
        found.sort();
        found
    };
    let here = within(folder.to_path_buf());
    if here.is_empty() {
        return within(folder.join("stacks"));
    }
    here
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{GivenOptions, SessionOptions};

    fn said(result: Result<PathBuf, Error>) -> String {
        match result {
            Ok(path) => path.display().to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_stack_file_of_a_folder_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let none = said(stack_file(Some(at)));
        assert!(
            none.ends_with(
                "has no stack.yaml: name one, or begin with one of treino's labs: `treino init` lists them"
            ),
            "{none}"
        );
        std::fs::write(at.join("compose.yaml"), "services: {}\n").unwrap();
        std::fs::write(at.join("orders.yaml"), "# a lab\nstack: orders\n").unwrap();
        let other = said(stack_file(Some(at)));
        assert!(other.ends_with("/orders.yaml?"), "{other}");
        std::fs::write(at.join("photos.yml"), "stack: photos\n").unwrap();
        let others = said(stack_file(Some(at)));
        assert!(
            others.contains(": name one, such as ") && others.ends_with("/orders.yaml"),
            "{others}"
        );
        std::fs::write(at.join("stack.yml"), "").unwrap();
        assert!(said(stack_file(Some(at))).ends_with("/stack.yml"));
        std::fs::write(at.join("stack.yaml"), "").unwrap();
        assert!(said(stack_file(Some(at))).ends_with("/stack.yaml"));
        // What is named and no folder is taken as it is: what is wrong with it is said when it is read.
        assert_eq!(
            said(stack_file(Some(Path::new("/no/such.yaml")))),
            "/no/such.yaml"
        );
    }

    #[test]
    fn a_misspelt_lab_gets_a_suggestion() {
        let said = |name: &str| find(name).unwrap_err().to_string();
        assert_eq!(
            said("image-metdata"),
            "there is no lab image-metdata: did you mean `image-metadata`?"
        );
        assert_eq!(
            said("Order_Processing"),
            "there is no lab Order_Processing: did you mean `order-processing`?"
        );
        assert!(said("my lab").starts_with("there is no lab 'my lab': use one of: api-externa, "));
    }

    #[test]
    fn the_commands_are_for_a_shell() {
        let folder = tempfile::tempdir().unwrap();
        let ana = GivenOptions {
            owner: Some("ana".to_owned()),
            ..GivenOptions::default()
        };
        let of = |lab: &str, name: &str, given: GivenOptions| {
            let session = Session::new(SessionOptions {
                given,
                ..SessionOptions::default()
            });
            let (lab, folder) = (find(lab).unwrap(), folder.path().join(name));
            write::all(&folder, &lab.files()).unwrap();
            let commands = next(&session, lab, &folder).unwrap();
            let root = folder.parent().unwrap().display().to_string();
            commands.join("\n").replace(&root, "")
        };
        assert_eq!(
            of("conta-banco", "it's mine", ana),
            r#"cd '/it'\''s mine'
treino deploy --yes --owner ana --local
treino run conta-banco --input '{"conta":"0001-9","titular":"Ana","saldo":150}' --owner ana --local
treino destroy conta-banco --yes --owner ana --local"#
        );
        assert_eq!(
            of("api-externa", "api", GivenOptions::default()),
            "cd /api
export API_KEY=none-is-asked-for
treino deploy --set api_url=https://jsonplaceholder.typicode.com/users/1 --yes --local
treino run api-externa --input '{}' --local
treino destroy api-externa --yes --local"
        );
        let on_aws = GivenOptions {
            profile: Some("lab".to_owned()),
            ..GivenOptions::default()
        };
        let photo = of("image-metadata", "photo", on_aws);
        assert!(
            photo.contains("\ntreino run image-metadata photo.jpg --profile lab\n"),
            "{photo}"
        );
        assert_eq!(path_word(Path::new("-lab")), "./-lab");
    }
}
