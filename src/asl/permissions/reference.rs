//! What AWS's API models and the service authorization reference say of a call: `src/data/permissions.json`, which
//! `src/data/update.py` makes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::arguments::{Arguments, ParameterValue};
use super::collect::Collector;

#[derive(Default, Deserialize)]
struct PermissionsFile<'a> {
    /// By the name that Step Functions has for a service.
    #[serde(borrow)]
    services: BTreeMap<&'a str, ServiceReference<'a>>,
}

/// What is known of the calls of a service. Calls are in one text, with spaces between them.
#[derive(Deserialize)]
pub(super) struct ServiceReference<'a> {
    /// The prefix of its IAM actions.
    pub prefix: &'a str,
    /// The calls that are not signed, for which IAM is not asked.
    #[serde(default)]
    unsigned: &'a str,
    /// The calls that IAM can only allow on everything.
    #[serde(default)]
    any: &'a str,
    /// ARNs, with a parameter for each part that a call names, and the calls. One with `?` before it is left
    /// out if the call does not have the parameter.
    #[serde(default, borrow)]
    resources: BTreeMap<&'a str, &'a str>,
    /// The paths of parameters that pass a role to the service, and the calls.
    #[serde(default, borrow)]
    roles: BTreeMap<&'a str, &'a str>,
    /// A parameter that gives tags, the action that this needs and its ARN as in `resources`, and the calls.
    #[serde(default, borrow)]
    tags: BTreeMap<&'a str, &'a str>,
}

static FILE: LazyLock<PermissionsFile<'static>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/permissions.json")).unwrap_or_default()
});

/// Names that optimized integrations have for services of the SDK.
const OPTIMIZED: &[(&str, &str)] = &[
    ("elasticmapreduce", "emr"),
    ("emr-containers", "emrcontainers"),
    ("emr-serverless", "emrserverless"),
    ("events", "eventbridge"),
    ("states", "sfn"),
];

/// What is known of a service, by its name in an integration.
pub(super) fn service(name: &str) -> Option<&'static ServiceReference<'static>> {
    let optimized = OPTIMIZED.iter().find(|(known, _)| *known == name);
    let name = optimized.map_or(name, |(_, service)| service);
    FILE.services.get(name)
}

fn has(calls: &str, call: &str) -> bool {
    calls.split(' ').any(|one| one == call)
}

impl ServiceReference<'static> {
    /// Whether a call needs no permission, as it is not signed.
    pub fn is_unsigned(&self, call: &str) -> bool {
        has(self.unsigned, call)
    }

    /// Whether IAM can only allow a call on everything.
    pub fn is_unlimited(&self, call: &str) -> bool {
        has(self.any, call)
    }

    /// The paths of the parameters of a call that pass a role to the service: `Target.RoleArn`.
    pub fn roles(&self, call: &str) -> impl Iterator<Item = &'static str> {
        let roles = self.roles.iter().filter(move |(_, calls)| has(calls, call));
        roles.map(|(path, _)| *path)
    }

    /// The ARNs of the resources that the parameters of a call name; `None` if they name none.
    pub fn resources(
        &self,
        collector: &mut Collector,
        call: &str,
        arguments: &Arguments,
    ) -> Option<Vec<String>> {
        let mut parameters = CallParameters {
            arguments,
            values: BTreeMap::new(),
        };
        let mut filled: Vec<(&'static str, bool)> = Vec::new();
        let mut is_named = false;
        for (template, calls) in &self.resources {
            if !has(calls, call) {
                continue;
            }
            let (template, is_optional) = match template.strip_prefix('?') {
                Some(template) => (template, true),
                None => (*template, false),
            };
            let mut given = 0;
            let names = names(template);
            for name in &names {
                let what = noun(template, name);
                let values = parameters.values(collector, name, what);
                given += usize::from(!values.is_empty());
            }
            is_named |= given > 0;
            if given == names.len() || !is_optional {
                filled.push((template, is_optional));
            }
        }
        let most_exact = filled.iter().filter(|(template, is_optional)| {
            !is_optional || !filled.iter().any(|(other, _)| is_part(template, other))
        });
        let found =
            most_exact.flat_map(|(template, _)| self.fill(collector, template, &parameters));
        let found: Vec<String> = found.collect();
        is_named.then_some(found)
    }

    /// The parameters of a call that give tags, each with the action that this needs and the template of its ARN.
    pub fn tags(
        &self,
        call: &str,
    ) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
        let tags = self.tags.iter().filter(move |(_, calls)| has(calls, call));
        tags.filter_map(|(row, _)| {
            let (parameter, rest) = row.split_once(' ')?;
            let (action, template) = rest.split_once(' ')?;
            Some((parameter, action, template))
        })
    }

    /// The ARNs of templates: of those whose parameters are all given, if there are any.
    pub fn filled(
        &self,
        collector: &mut Collector,
        templates: &[&'static str],
        arguments: &Arguments,
    ) -> Vec<String> {
        let mut parameters = CallParameters {
            arguments,
            values: BTreeMap::new(),
        };
        let mut complete: Vec<&'static str> = Vec::new();
        for template in templates {
            let mut names = names(template).into_iter();
            if names.all(|name| {
                let what = noun(template, name);
                !parameters.values(collector, name, what).is_empty()
            }) {
                complete.push(template);
            }
        }
        let templates = if complete.is_empty() {
            templates.to_vec()
        } else {
            complete
        };
        let most_exact = templates.iter();
        let most_exact =
            most_exact.filter(|one| !templates.iter().any(|other| is_part(one, other)));
        most_exact
            .flat_map(|template| self.fill(collector, template, &parameters))
            .collect()
    }

    /// The ARNs of a template: several if a parameter is a list.
    fn fill(
        &self,
        collector: &Collector,
        template: &'static str,
        parameters: &CallParameters,
    ) -> Vec<String> {
        let machine = collector.machine;
        let full = if template.starts_with("arn:") {
            template.to_owned()
        } else {
            machine.arn(self.prefix, template)
        };
        let names = names(template);
        let mut arns = vec![
            full.replace("{partition}", &machine.partition)
                .replace("{region}", &machine.region)
                .replace("{account}", &machine.account),
        ];
        for name in &names {
            let values = parameters.values.get(name).map_or(&[][..], Vec::as_slice);
            if let Some(arn) = values.iter().find(|value| value.starts_with("arn:"))
                && (names.iter().all(|other| other == name) || name.ends_with("Arn"))
            {
                // The parameter is the whole ARN.
                let arns = values.iter().filter(|value| value.starts_with("arn:"));
                return if arns.clone().count() == values.len() {
                    arns.cloned().collect()
                } else {
                    vec![arn.clone()]
                };
            }
            let open = ["*".to_owned()];
            let values = if values.is_empty() { &open } else { values };
            let place = format!("{{{name}}}");
            arns = arns
                .iter()
                .flat_map(|arn| values.iter().map(|value| arn.replace(&place, last(value))))
                .collect();
        }
        arns
    }
}

/// The parameters of one call, each read once, so that no warning is given twice.
struct CallParameters<'a> {
    arguments: &'a Arguments<'a>,
    values: BTreeMap<&'static str, Vec<String>>,
}

impl CallParameters<'_> {
    /// The values of a parameter, `*` for what is computed; none if it is missing. Warns of what is computed.
    fn values(&mut self, collector: &mut Collector, name: &'static str, what: &str) -> &[String] {
        let arguments = self.arguments;
        self.values.entry(name).or_insert_with(|| {
            if let Some(list) = arguments.list(name) {
                return list.into_iter().map(str::to_owned).collect();
            }
            match arguments.get(name) {
                ParameterValue::Missing => Vec::new(),
                ParameterValue::Text(text) => vec![text.to_owned()],
                ParameterValue::Pattern(pattern) => {
                    collector.computed(name, &format!("every {what} like `{pattern}`"));
                    vec![pattern]
                }
                ParameterValue::Computed | ParameterValue::Other => {
                    collector.computed(name, &format!("every {what}"));
                    vec!["*".to_owned()]
                }
            }
        })
    }
}

/// The parameters that a template has, each once.
fn names(template: &'static str) -> Vec<&'static str> {
    let mut names = Vec::new();
    for part in template.split('{').skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        if !matches!(name, "partition" | "region" | "account") && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Whether a template is of the same kind as another that names the resource by more parameters: a rule by its name
/// alone is one of the default event bus.
fn is_part(template: &'static str, other: &'static str) -> bool {
    let (few, many) = (names(template), names(other));
    let kind = |template: &'static str| template.split(['/', ':', '{']).next();
    few.len() < many.len()
        && kind(template) == kind(other)
        && few.iter().all(|name| many.contains(name))
}

/// What a parameter of a template names, for a warning: `crawler`.
fn noun<'a>(template: &'a str, name: &str) -> &'a str {
    let before = template
        .split(&format!("{{{name}}}"))
        .next()
        .unwrap_or(template);
    let before = before.trim_end_matches(['/', ':']);
    let word = before.rsplit(['/', ':']).next().unwrap_or(before);
    if word.is_empty() || word.contains(['{', '*']) {
        "resource"
    } else {
        word
    }
}

/// The name at the end of an ARN, where a parameter may be either.
fn last(value: &str) -> &str {
    // Of an ARN that is computed from within its first parts on, the last is not known.
    if value.starts_with("arn:") && value.ends_with('*') && value.split(':').count() < 6 {
        "*"
    } else if value.starts_with("arn:") {
        value.rsplit(['/', ':']).next().unwrap_or(value)
    } else {
        value
    }
}
