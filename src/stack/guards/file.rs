//! What may be written in a file of guards.

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::GuardsFile;
use crate::data::partitions;
use crate::source::{self, Diagnostic, Diagnostics, Node, Source, Span, Value};
use crate::stack::StackLifetime;
use crate::stack::check::check_as;
use crate::stack::suggest::suggestion;

/// How the file is named in messages.
const WHAT: &str = "the file of guards";

/// What the stacks beside this file, and in the folders below it, have to keep to.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct WrittenGuards {
    /// The longest time after which a stack expires, such as `8h`. Refused are a stack without `expires`, one with a longer
    /// time or `never`, one with `self_destruct: off`, and an extension beyond it from now.
    require_expiry: Option<String>,
    /// The ids of the AWS accounts that stacks may be deployed to.
    #[schemars(inner(length(min = 12, max = 12)))]
    accounts: Option<Vec<String>>,
    /// The codes of the regions that stacks may be deployed to, such as `us-east-1`.
    regions: Option<Vec<String>>,
}

/// The JSON Schema of a file of guards, for editors and other tools.
#[must_use]
pub fn schema() -> Json {
    let mut schema = schemars::schema_for!(WrittenGuards).to_value();
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("title".into(), "treino.yaml".into());
    }
    schema
}

/// The file and warnings, or what is wrong with it.
pub(super) fn checked(
    source: Arc<Source>,
    mut root: Node,
) -> Result<(GuardsFile, Diagnostics), Diagnostics> {
    let mut found = source::odd_characters(&source, &root);
    found.extend(source::duplicates(&source, &root));
    if let Some(wrong) = no_mapping(&root) {
        found.push(wrong.at(&source, root.span));
        return Err(found);
    }
    found.extend(one_for_list(&source, &mut root));
    numbers_as_text(&source, &mut root);
    let json = check_as(WHAT, &source, &root, &schema(), &mut found);
    let written: WrittenGuards = serde_json::from_value(json).unwrap_or_default();
    for entry in root.entries() {
        let is_empty = match &entry.value.value {
            Value::Null => true,
            Value::List(items) => items.is_empty(),
            _ => false,
        };
        if is_empty {
            let what = format!("`{}` says nothing", entry.key);
            let wrong = Diagnostic::error(what).at(&source, entry.key_span);
            found.push(wrong.help("write what is allowed, or remove the key"));
        }
    }
    let longest = longest(&written, &source, &root, &mut found);
    let items = |key| root.get(key).map(Node::items).unwrap_or_default();
    for item in items("accounts") {
        let id = item.as_str().unwrap_or_default();
        if item.as_str().is_some() && !(id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit())) {
            let what = format!("`{id}` is not the id of an AWS account");
            let wrong = Diagnostic::error(what).at(&source, item.span);
            found.push(wrong.help("it has 12 digits: `aws sts get-caller-identity` shows yours"));
        }
    }
    for item in items("regions") {
        let Some(code) = item.as_str() else { continue };
        found.extend(region(code).map(|wrong| wrong.at(&source, item.span)));
    }
    let (accounts, regions) = (written.accounts, written.regions);
    let file = GuardsFile {
        source,
        root,
        longest,
        accounts,
        regions,
    };
    found.into_result(file)
}

/// An empty file says nothing; a list or a text is none.
fn no_mapping(root: &Node) -> Option<Diagnostic> {
    let what = match &root.value {
        Value::Map(_) | Value::Null => return None,
        _ => format!("{WHAT} is {}, not a mapping", root.describe()),
    };
    Some(Diagnostic::error(what).help("write it like `require_expiry: 8h`"))
}

/// An account's id is also taken without quotes, as it is written: it may begin with a zero.
fn numbers_as_text(source: &Source, root: &mut Node) {
    let entries = root.entries_mut().iter_mut();
    let accounts = entries.filter(|entry| entry.key == "accounts");
    for item in accounts.flat_map(|entry| entry.value.items_mut()) {
        if let Value::Number(_) = item.value {
            let Span { start, end } = item.span;
            let text = source.text.get(start..end).unwrap_or_default();
            item.value = Value::String(text.trim().to_owned());
        }
    }
}

/// What is written as one value where a list is meant; it is read as a list of one.
fn one_for_list(source: &Arc<Source>, root: &mut Node) -> Diagnostics {
    let entries = root.entries_mut().iter_mut();
    let lists = entries.filter(|entry| matches!(entry.key.as_str(), "accounts" | "regions"));
    let single =
        lists.filter(|entry| matches!(entry.value.value, Value::String(_) | Value::Number(_)));
    let wrong = single.map(|entry| {
        let one = entry.value.clone();
        let (key, span) = (&entry.key, one.span);
        let written = source.text.get(span.start..span.end).unwrap_or_default();
        let what = format!("`{key}` is one value, not a list");
        let help = format!("write it in brackets: {key}: [{}]", written.trim());
        entry.value.value = Value::List(vec![one]);
        Diagnostic::error(what).at(source, span).help(help)
    });
    wrong.collect()
}

fn longest(
    written: &WrittenGuards,
    source: &Arc<Source>,
    root: &Node,
    found: &mut Diagnostics,
) -> Option<Duration> {
    let text = written.require_expiry.as_deref()?;
    let span = root.get("require_expiry").map(|node| node.span);
    let (message, help) = match StackLifetime::parse(text, Duration::from_secs(1)) {
        Ok(StackLifetime::For(longest)) => return Some(longest),
        Ok(StackLifetime::Never) => (
            "`never` is no time after which stacks expire".to_owned(),
            "write it like 90m, 4h or 2d; without a limit, remove the key".to_owned(),
        ),
        Err(wrong) => (
            wrong.message.replace(" for a stack", ""),
            "write it like 90m, 4h or 2d, up to 360d".to_owned(),
        ),
    };
    let wrong = Diagnostic::error(message).at(source, span.unwrap_or_default());
    found.push(wrong.help(help));
    None
}

/// What is wrong with a region's code.
fn region(code: &str) -> Option<Diagnostic> {
    let all = partitions::all().values();
    let known: Vec<&str> = all
        .flat_map(|partition| partition.regions.keys().map(String::as_str))
        .collect();
    if known.contains(&code) {
        return None;
    }
    let help = suggestion(code, &known).map_or_else(
        || "regions look like us-east-1, eu-west-1 or sa-east-1".to_owned(),
        |known| format!("did you mean `{known}`?"),
    );
    let last = code.rsplit('-').next().unwrap_or_default();
    let has_form = code.split('-').count() >= 3 && last.bytes().all(|b| b.is_ascii_digit());
    // One may be newer than the list.
    Some(if has_form {
        Diagnostic::warning(format!("`{code}` is a region that treino does not know")).help(help)
    } else {
        Diagnostic::error(format!("`{code}` is not a region of AWS")).help(help)
    })
}
