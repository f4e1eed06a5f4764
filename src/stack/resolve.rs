//! Checks that every `${...}` of a stack file and its definitions has a value.

mod substitutions;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::reference::{self, Reference, ReferenceValues};
use super::substituted_resource::SubstitutedResource;
use super::suggest::{meant, some_of, suggestion};
use super::validate_names::is_key;
use super::{Address, DefinitionUse, Kind, Missing, Param, Resource, environment};
use crate::asl;
use crate::source::{Diagnostic, Entry, Node, Source, Span};

/// Help: references allowed in names. Names are resolved before any resource is known.
const NAME_REFERENCES_HELP: &str = "a name may use ${stack}, ${region}, ${account}, ${partition}, ${param.NAME} and ${env:VARIABLE}";

/// The maximum number of references reported per text.
const MAX_PER_TEXT: usize = 50;

/// The maximum number reported per stack: a suggestion for each is searched among all keys.
const MAX_REPORTED: usize = 200;

/// Checks the references of one stack.
pub struct ReferenceChecker<'a> {
    /// All references with a value.
    pub known: &'a ReferenceValues,
    /// References with a value before any resource is known; allowed in names.
    pub resolved: &'a ReferenceValues,
    /// The kind and entry of each resource's key.
    pub written: &'a HashMap<&'a str, (Kind, &'a Entry)>,
    pub params: &'a BTreeMap<String, Param>,
    /// How an unset environment variable is treated.
    pub missing: Missing,
    /// The resources without errors.
    pub resources: &'a BTreeMap<Address, Resource>,
    /// The machine whose definition is checked, if it is one: it may substitute names.
    pub substitutable: Option<&'a str>,
    /// The names that it substitutes.
    pub substituted: &'a [&'a str],
}

/// Whether every reference of a text has a value.
pub fn is_resolved(text: &str, known: &ReferenceValues) -> bool {
    reference::unclosed(text).is_empty()
        && reference::find(text)
            .iter()
            .all(|found| known.get(&found.path).is_some())
}

impl ReferenceChecker<'_> {
    /// Every reference of the stack file and of these definitions without a value.
    pub fn check(
        &self,
        source: &Arc<Source>,
        root: &Node,
        definitions: &[(DefinitionUse<'_>, &asl::Definition)],
    ) -> Vec<Diagnostic> {
        let mut wrong = Vec::new();
        for section in root.entries() {
            let Some(kind) = Kind::of_section(&section.key) else {
                let texts = match section.key.as_str() {
                    // A parameter's default is resolved before any resource, like a name.
                    "params" => ReferenceChecker {
                        known: self.resolved,
                        ..*self
                    },
                    // A variable is refused there in any case; a check is only run by `treino test`.
                    "tags" | "outputs" | "checks" => ReferenceChecker {
                        missing: Missing::Later,
                        ..*self
                    },
                    _ => ReferenceChecker { ..*self },
                };
                texts.walk(source, &section.value, "", &mut wrong);
                continue;
            };
            for resource in section.value.entries() {
                for field in resource.value.entries() {
                    if field.key == "name" {
                        self.name(source, &resource.key, &field.value, &mut wrong);
                    } else if kind != Kind::StateMachine
                        || field.key != "definition"
                        || field.value.entries().is_empty()
                    {
                        self.walk(source, &field.value, "", &mut wrong);
                    }
                }
            }
        }
        self.check_definitions(definitions, &mut wrong);
        wrong
    }

    /// A definition that several machines use has a value for what all of them substitute.
    fn check_definitions(
        &self,
        definitions: &[(DefinitionUse<'_>, &asl::Definition)],
        wrong: &mut Vec<Diagnostic>,
    ) {
        for (index, (of, definition)) in definitions.iter().enumerate() {
            let is_same =
                |other: &&(DefinitionUse<'_>, &asl::Definition)| std::ptr::eq(other.1, *definition);
            if definitions[..index].iter().any(|other| is_same(&other)) {
                continue;
            }
            let mut known = self.known.clone();
            let mut machine = of.key;
            let names = self.written_substitutions(of.key);
            for name in &names {
                let mut users = definitions.iter().filter(is_same);
                match users.find(|(of, _)| !self.written_substitutions(of.key).contains(name)) {
                    Some((lacking, _)) => machine = lacking.key,
                    None => known.set(*name, ""),
                }
            }
            let checker = ReferenceChecker {
                known: &known,
                substitutable: Some(machine),
                substituted: &names,
                ..*self
            };
            checker.walk(&definition.source, &definition.root, "", wrong);
        }
    }

    /// `field` is the key that the node is under.
    fn walk(&self, source: &Arc<Source>, node: &Node, field: &str, wrong: &mut Vec<Diagnostic>) {
        if let Some(text) = node.as_str() {
            let place = TextValue::new(source, node);
            wrong.extend(unclosed(&place, text));
            let unresolved = reference::find(text).into_iter().filter(|found| {
                // An empty `${}` in a definition is text, as of `States.Format`.
                let is_text =
                    self.substitutable.is_some() && &text[found.start..found.end] == "${}";
                !is_text
                    && self.known.get(&found.path).is_none()
                    && !self.is_reported_elsewhere(&found.path)
            });
            for found in unresolved.take(MAX_PER_TEXT) {
                if wrong.len() > MAX_REPORTED {
                    return;
                }
                let diagnostic = if wrong.len() == MAX_REPORTED {
                    Some(
                        Diagnostic::error("this is not the last reference that means nothing")
                            .help("mend those above, then look again"),
                    )
                } else {
                    let diagnostic = self.unresolved(&found.path, field);
                    diagnostic.map(|one| self.name_escape(one, text, &found.path))
                };
                wrong.extend(diagnostic.map(|diagnostic| place.mark(diagnostic, text, &found)));
            }
        }
        for item in node.items() {
            self.walk(source, item, field, wrong);
        }
        for entry in node.entries() {
            self.walk(source, &entry.value, &entry.key, wrong);
        }
    }

    /// Whether the reference is to a resource or parameter that has an error of its own.
    fn is_reported_elsewhere(&self, path: &str) -> bool {
        if let Some(name) = path.strip_prefix("param.") {
            return self.params.contains_key(name);
        }
        let key = path.split('.').next().unwrap_or(path);
        self.written
            .get(key)
            .is_some_and(|(kind, _)| !self.resources.contains_key(&Address::new(*kind, key)))
    }

    fn name(&self, source: &Arc<Source>, key: &str, node: &Node, wrong: &mut Vec<Diagnostic>) {
        let Some(text) = node.as_str() else { return };
        let place = TextValue::new(source, node);
        wrong.extend(unclosed(&place, text));
        for found in reference::find(text) {
            let is_param =
                found.path.starts_with("param.") && self.is_reported_elsewhere(&found.path);
            if is_param || self.resolved.get(&found.path).is_some() {
                continue;
            }
            let to = found.path.split('.').next().unwrap_or_default();
            let diagnostic = match self.written.get(to) {
                Some(_) if to == key => {
                    Diagnostic::error(format!("the name of `{key}` refers to `{key}` itself"))
                        .help(NAME_REFERENCES_HELP)
                }
                Some((_, other)) if name_refers_to(other, key) => Diagnostic::error(format!(
                    "the names of `{key}` and `{to}` refer to each other"
                ))
                .help(NAME_REFERENCES_HELP),
                Some((kind, _)) => Diagnostic::error(format!(
                    "the name of `{key}` refers to the {kind} `{to}`, and names are settled before any resource"
                ))
                .help(NAME_REFERENCES_HELP),
                None => match self.unresolved(&found.path, "name") {
                    Some(diagnostic) => diagnostic,
                    None => continue,
                },
            };
            wrong.push(place.mark(diagnostic, text, &found));
        }
    }

    /// The diagnostic of a reference without a value; `None` if it gets one later.
    fn unresolved(&self, path: &str, field: &str) -> Option<Diagnostic> {
        let unset = path.strip_prefix("env:").filter(|name| !name.is_empty());
        let Some(name) = unset else {
            return Some(self.unknown_reference(path, field));
        };
        if environment::is_credential(name) {
            return None;
        }
        if std::env::var_os(name).is_some() {
            return Some(
                Diagnostic::error(format!(
                    "the environment variable `{name}` is not UTF-8 text"
                ))
                .label("needed here")
                .help(format!("set it to a text: export {name}=...")),
            );
        }
        let unset = Diagnostic::error(format!("the environment variable `{name}` is not set"))
            .label("needed here")
            .help(format!("set it: export {name}=..."));
        self.missing.if_required(unset)
    }

    fn unknown_reference(&self, path: &str, field: &str) -> Diagnostic {
        let whole = format!("${{{path}}}");
        if path.is_empty() {
            return Diagnostic::error("this reference is empty").help(
                "write `${key.name}` or `${key.arn}`; for the text itself, write two dollars: `$${`",
            );
        }
        if path == "env:" {
            return Diagnostic::error("this reference names no environment variable")
                .help("write `${env:VARIABLE}`");
        }
        if path == "param." {
            return Diagnostic::error("this reference names no parameter")
                .help("write `${param.NAME}`");
        }
        if let Some(name) = path.strip_prefix("param.") {
            let params: Vec<&str> = self.params.keys().map(String::as_str).collect();
            let help = match suggestion(name, &params) {
                Some(near) => format!("did you mean `${{param.{near}}}`?"),
                None => format!("declare it: `params: {{ {name}: {{}} }}`"),
            };
            return Diagnostic::error(format!("the stack has no parameter `{name}`"))
                .label("refers to nothing")
                .help(help);
        }
        if let Some(word) = path.strip_prefix("AWS::") {
            let ours = match word {
                "Region" => "region",
                "AccountId" => "account",
                "Partition" => "partition",
                "StackName" => "stack",
                _ => "account}, ${region}, ${partition} or ${stack",
            };
            return Diagnostic::error(format!("`{whole}` is CloudFormation's, not treino's"))
                .help(format!("write `${{{ours}}}`"));
        }
        let nothing = Diagnostic::error(format!("`{whole}` refers to nothing in this stack"))
            .label("refers to nothing");
        let (key, attribute) = path.split_once('.').unwrap_or((path, ""));
        let within = |key: &str| -> Vec<&str> {
            self.known
                .paths()
                .filter_map(|path| path.strip_prefix(key)?.strip_prefix('.'))
                .collect()
        };
        let attributes = within(key);
        if !attributes.is_empty() {
            let whole: Vec<String> = attributes
                .iter()
                .map(|attribute| format!("${{{key}.{attribute}}}"))
                .collect();
            let help = match suggestion(attribute, &attributes) {
                Some(near) => format!("did you mean `${{{key}.{near}}}`?"),
                None => format!("write {}", whole.join(" or ")),
            };
            let message = if attribute.is_empty() {
                format!(
                    "`{key}` is a resource, and the reference does not say which of its attributes"
                )
            } else {
                format!("`{key}` has no attribute `{attribute}`")
            };
            return Diagnostic::error(message)
                .label("refers to nothing")
                .help(help);
        }
        if self.written.contains_key(key) {
            return Diagnostic::error(format!("`{whole}` cannot be used here"))
                .label("settled before any resource")
                .help("write the value, or ${env:VARIABLE}");
        }
        if let Some(help) = self.substituted_help(path) {
            return nothing.help(help);
        }
        let mut keys: Vec<&str> = self.written.keys().copied().collect();
        keys.sort_unstable();
        let words: Vec<&str> = self.resolved.paths().collect();
        if let Some(near) = suggestion(path, &words) {
            return nothing.help(format!("did you mean `${{{near}}}`?"));
        }
        // A name alone may be one of SAM's.
        if let Some(machine) = self.substitutable.filter(|_| is_key(path)) {
            let resources = self.written.iter().map(|(key, (kind, _))| (*key, *kind));
            let meant = SubstitutedResource::of(path, field, resources);
            return nothing.help(meant.help(path, machine, &within(meant.key)));
        }
        match suggestion(key, &keys) {
            Some(near) if within(near).contains(&attribute) => {
                nothing.help(format!("did you mean `${{{near}.{attribute}}}`?"))
            }
            Some(near) => nothing.help(format!("did you mean `{near}`?")),
            None => nothing.help(match meant(key, &keys) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("use a resource of this stack: {}", some_of(&keys)),
            }),
        }
    }
}

/// Whether a resource's `name` refers to this key.
fn name_refers_to(entry: &Entry, key: &str) -> bool {
    let name = entry.value.get("name").and_then(Node::as_str);
    reference::find(name.unwrap_or_default())
        .iter()
        .any(|found| found.path.split('.').next() == Some(key))
}

fn unclosed<'a>(place: &'a TextValue<'a>, text: &'a str) -> impl Iterator<Item = Diagnostic> + 'a {
    let starts = reference::unclosed(text).into_iter().take(MAX_PER_TEXT);
    starts.map(move |start| {
        let end = start + 2;
        let diagnostic = Diagnostic::error("this reference is not closed")
            .help("end it with `}`; for the text itself, write two dollars: `$${`");
        diagnostic.at(place.source, place.span(text, start, end))
    })
}

/// A text value in its source file.
pub(super) struct TextValue<'a> {
    source: &'a Arc<Source>,
    whole: Span,
    written: &'a str,
}

impl<'a> TextValue<'a> {
    pub(super) fn new(source: &'a Arc<Source>, node: &Node) -> Self {
        let written = source.text.get(node.span.start..node.span.end);
        Self {
            source,
            whole: node.span,
            written: written.unwrap_or_default(),
        }
    }

    pub(super) fn mark(&self, diagnostic: Diagnostic, text: &str, found: &Reference) -> Diagnostic {
        diagnostic.at(self.source, self.span(text, found.start, found.end))
    }

    /// The source range of a part of the text; the whole value if escapes or folding prevent an exact match.
    fn span(&self, text: &str, start: usize, end: usize) -> Span {
        let wanted = &text[start..end];
        let nth = text[..start].matches(wanted).count();
        let found = self.written.match_indices(wanted).nth(nth);
        found.map_or(self.whole, |(at, _)| Span {
            start: self.whole.start + at,
            end: self.whole.start + at + wanted.len(),
        })
    }
}
