//! The stack file: from YAML to every resource it comes to. No call to AWS, no clock.
//!
//! [`load`] reads and checks a file; [`Loaded::expand`] turns it into a [`Desired`] for one
//! [`Site`]. Everything that can be wrong with a file is found here, all at once.

mod address;
mod check;
mod code;
mod expand;
mod file;
mod kind;
pub mod kinds;
mod name;
pub mod policy;
mod reference;
mod runtime;
mod site;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

pub use address::Address;
pub use check::did_you_mean;
pub use file::{StackFile, schema};
pub use kind::{Facts, Kind, NameRule};
pub use name::arn;
pub use site::{Site, TAG_ADDRESS, TAG_EXPIRES, TAG_OWNER, TAG_STACK, Tags};

use crate::source::{self, Node, Problem, Problems, Source, Span};

/// The largest stack file that is read.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// A resource as the stack wants it.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Its place in the stack.
    pub address: Address,
    /// What it is.
    pub kind: Kind,
    /// Its name in AWS.
    pub name: String,
    /// Its ARN, known before it exists.
    pub arn: String,
    /// The kind's spec as plain data.
    pub spec: Value,
    /// Its tags: the stack's and treino's mark.
    pub tags: Tags,
    /// What has to stand before it.
    pub after: BTreeSet<Address>,
}

/// Everything a stack file comes to at one site.
#[derive(Debug, Clone)]
pub struct Desired {
    /// Where and for whom.
    pub site: Site,
    /// What the stack is for.
    pub description: String,
    /// The resources by address.
    pub resources: BTreeMap<Address, Resource>,
    /// What to print after a deploy.
    pub outputs: BTreeMap<String, String>,
    /// Function packages by their hash.
    pub artifacts: BTreeMap<String, Arc<[u8]>>,
}

/// A stack file that was read and whose keys and types are right.
#[derive(Debug)]
pub struct Loaded {
    source: Arc<Source>,
    root: Node,
    folder: PathBuf,
    /// What it says.
    pub file: StackFile,
    /// How long the stack is meant to stand.
    pub expires: Option<std::time::Duration>,
}

/// Reads and checks a stack file, its functions' code and its definitions.
///
/// # Errors
/// Every problem of the file.
pub fn load(path: &Path) -> Result<(Loaded, Problems), Problems> {
    let source = Source::read(path, LARGEST_FILE)?;
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let loaded = read(source, folder)?;
    // Names depend on the account only in their digits, so any account finds the same problems.
    let (_, warnings) = loaded.expand(&Site {
        partition: "aws".into(),
        region: "us-east-1".into(),
        account: "123456789012".into(),
        stack: loaded.file.stack.clone(),
        owner: None,
    })?;
    Ok((loaded, warnings))
}

fn read(source: Arc<Source>, folder: PathBuf) -> Result<Loaded, Problems> {
    let root = source::parse(&source)?;
    let mut problems = Problems::default();
    if root.entries().is_empty() {
        return Err(Problem::error("the stack file is empty")
            .at(&source, Span::default())
            .help("begin with `stack: NAME` and a section such as `buckets:`")
            .into());
    }
    check::check(&source, &root, &schema(), &mut problems);
    if problems.has_errors() {
        return Err(problems);
    }
    let file: StackFile = serde_json::from_value(defaulted(&root)).map_err(|error| {
        Problem::error(error.to_string())
            .at(&source, Span::default())
            .help("`treino schema` prints what a stack file may hold")
    })?;
    let at = |key: &str| root.get(key).map(|node| node.span).unwrap_or_default();
    check_stack_name(&source, &file, at("stack"), &mut problems);
    check_keys(&source, &root, &mut problems);
    check_tags(&source, &root, &mut problems);
    let expires = file.expires.as_ref().and_then(|text| {
        humantime::parse_duration(text)
            .map_err(|error| {
                problems.push(
                    Problem::error(format!("`{text}` is no length of time: {error}"))
                        .at(&source, at("expires"))
                        .help("write it like 90m, 4h or 2d"),
                );
            })
            .ok()
    });
    let loaded = Loaded {
        source,
        root,
        folder,
        file,
        expires,
    };
    problems.or(loaded).map(|(loaded, _)| loaded)
}

impl Loaded {
    /// Every resource of the file at one site.
    ///
    /// # Errors
    /// All problems that show only with names and references in place.
    pub fn expand(&self, site: &Site) -> Result<(Desired, Problems), Problems> {
        expand::expand(
            &self.source,
            &self.root,
            &self.file,
            self.folder.clone(),
            site,
        )
    }
}

/// Nothing written under a resource's key means its defaults.
fn defaulted(root: &Node) -> Value {
    let mut json = root.to_json();
    let sections = json.as_object_mut().into_iter().flatten();
    for (section, value) in sections {
        if value.is_null() {
            *value = Value::Object(serde_json::Map::new());
        }
        if Kind::of_section(section).is_some() {
            for (_, resource) in value.as_object_mut().into_iter().flatten() {
                if resource.is_null() {
                    *resource = Value::Object(serde_json::Map::new());
                }
            }
        }
    }
    json
}

fn check_stack_name(source: &Arc<Source>, file: &StackFile, span: Span, problems: &mut Problems) {
    let name = &file.stack;
    let fits = (2..=32).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !fits {
        problems.push(
            Problem::error(format!("`{name}` cannot be a stack's name"))
                .at(source, span)
                .help("use 2 to 32 small letters, digits and hyphens, a letter first"),
        );
    }
}

/// Keys become parts of names and of references, and are unique across the stack.
fn check_keys(source: &Arc<Source>, root: &Node, problems: &mut Problems) {
    let mut seen: BTreeMap<&str, (&str, Span)> = BTreeMap::new();
    let mut count = 0;
    for section in root
        .entries()
        .iter()
        .filter(|e| Kind::of_section(&e.key).is_some())
    {
        for entry in section.value.entries() {
            count += 1;
            let key = entry.key.as_str();
            let fits = key.len() <= 40
                && key.starts_with(|c: char| c.is_ascii_alphabetic())
                && key
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
            if !fits {
                problems.push(
                    Problem::error(format!("`{key}` cannot be a resource's key"))
                        .at(source, entry.key_span)
                        .help("use up to 40 letters, digits, `-` and `_`, a letter first"),
                );
            }
            if ["account", "region", "partition", "stack"].contains(&key) {
                problems.push(
                    Problem::error(format!("`{key}` means something else in references"))
                        .at(source, entry.key_span)
                        .help("choose another key"),
                );
            }
            if let Some((other, span)) = seen.insert(key, (section.key.as_str(), entry.key_span)) {
                let (line, _) = span.line_column(&source.text);
                problems.push(
                    Problem::error(format!(
                        "the key `{key}` stands under `{other}` too (line {line})"
                    ))
                    .at(source, entry.key_span)
                    .label("again here")
                    .help("keys are unique across the stack, as references use them: rename one"),
                );
            }
        }
    }
    if count == 0 && !problems.has_errors() {
        problems.push(
            Problem::error("the stack has no resources")
                .at(source, root.span)
                .help(
                    "add a section such as `buckets:`; to take a stack down, use `treino destroy`",
                ),
        );
    }
}

/// <https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html>
fn check_tags(source: &Arc<Source>, root: &Node, problems: &mut Problems) {
    let tags = root.get("tags").map(Node::entries).unwrap_or_default();
    for entry in tags {
        let value = entry.value.as_str().unwrap_or_default();
        let letters = |text: &str| {
            text.chars()
                .all(|c| c.is_alphanumeric() || " _.:/=+-@${}".contains(c))
        };
        let why = if entry.key.starts_with("aws:") || entry.key.starts_with("treino:") {
            Some("the prefixes `aws:` and `treino:` are taken")
        } else if entry.key.is_empty()
            || entry.key.chars().count() > 128
            || value.chars().count() > 256
        {
            Some("a tag has a key of 1 to 128 characters and a value of up to 256")
        } else if !letters(&entry.key) || !letters(value) {
            Some("tags hold letters, digits, spaces and _ . : / = + - @")
        } else {
            None
        };
        if let Some(why) = why {
            problems.push(
                Problem::error(format!("AWS would refuse the tag `{}`", entry.key))
                    .at(source, entry.key_span)
                    .help(why),
            );
        }
    }
    if tags.len() > 40 {
        problems.push(
            Problem::error("over 40 tags").help("AWS allows 50 a resource, treino's own included"),
        );
    }
}
