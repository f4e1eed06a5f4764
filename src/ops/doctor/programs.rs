//! The programs of this machine: for the local AWS, and to install packages of functions.

use std::path::Path;

use super::ExaminedStack;
use super::findings::{DoctorFinding, DoctorTopic};
use crate::local::{self, ExaminedPrograms};
use crate::ops::frontend::Reporter;
use crate::ops::installing::Installing;
use crate::ops::session::Session;
use crate::source::Diagnostic;
use crate::stack::{BuildTool, Kind};

const TOPIC: DoctorTopic = DoctorTopic::Local;

/// What a stack needs of this machine's programs.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a program")]
struct Needs {
    /// To start the local AWS.
    local: bool,
    /// To run functions in Node.js on it.
    node: bool,
    /// Whether the stack is not known.
    any_stack: bool,
    /// To install packages of functions.
    pip: bool,
    npm: bool,
}

impl Needs {
    fn of(session: &Session, stack: Option<&ExaminedStack>) -> Self {
        let local = session.is_local();
        let builds = stack.map(|stack| stack.loaded.builds()).unwrap_or_default();
        let installs = |tool| builds.values().any(|build| build.tool == tool);
        let resources = stack.map(|stack| stack.desired.resources.values());
        let is_node = |runtime: Option<&str>| runtime.is_some_and(|one| one.starts_with("nodejs"));
        let mut functions = resources
            .into_iter()
            .flatten()
            .filter(|one| one.kind == Kind::Function);
        Self {
            local,
            any_stack: stack.is_none(),
            node: local && functions.any(|one| is_node(one.spec["runtime"].as_str())),
            pip: installs(BuildTool::Pip),
            npm: installs(BuildTool::Npm),
        }
    }
}

/// Nothing where no program of this machine is needed.
pub(super) async fn examine(
    session: &Session,
    stack: Option<&ExaminedStack>,
    out: &Reporter<'_>,
) -> Vec<DoctorFinding> {
    let needs = Needs::of(session, stack);
    if !needs.local && !needs.pip && !needs.npm {
        return Vec::new();
    }
    let folder = session.cache().map(Path::to_path_buf).unwrap_or_default();
    let installing = Installing::new(out);
    let found = local::on_a_thread(&installing, move |listener| {
        local::examine(&folder, listener)
    });
    findings(&found.await, needs)
}

fn findings(programs: &ExaminedPrograms, needs: Needs) -> Vec<DoctorFinding> {
    let ExaminedPrograms {
        is_installed,
        python,
        pip,
        node,
        npm,
    } = programs;
    let mut found = Vec::new();
    if needs.local && *is_installed {
        found.push(TOPIC.ok("the local AWS is installed"));
    } else if needs.local {
        found.push(program("python3", python, true, "the local AWS"));
    }
    if needs.pip || needs.local && !is_installed {
        let what = if needs.pip {
            "requirements.txt of functions"
        } else {
            "the local AWS"
        };
        found.push(program("pip", pip, needs.pip, what));
    }
    if needs.local && (needs.node || needs.any_stack) {
        found.push(program("node", node, needs.node, "functions in Node.js"));
    }
    if needs.npm || needs.node {
        let what = "packages of functions in Node.js";
        found.push(program("npm", npm, true, what));
    }
    found
}

fn program(
    name: &str,
    seen: &Result<String, Diagnostic>,
    is_needed: bool,
    what: &str,
) -> DoctorFinding {
    match seen {
        Ok(version) => TOPIC.ok(format!("{name} {version}")),
        Err(why) => {
            let message = &why.message;
            let finding = if is_needed {
                TOPIC.fails(format!("{message}: the stack needs it ({what})"))
            } else {
                TOPIC.warning(format!("{message}: needed for {what}"))
            };
            match &why.help {
                Some(help) => finding.with(help),
                None => finding,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::FindingLevel;

    #[test]
    fn a_program_that_is_missing_fails_only_where_it_is_needed() {
        use FindingLevel::{Fails, Ok, Warning};

        let missing = |name: &str| {
            Err(Diagnostic::error_with_help(
                format!("no {name}"),
                "install it",
            ))
        };
        let programs = |is_installed| ExaminedPrograms {
            is_installed,
            python: missing("python3"),
            pip: missing("pip"),
            node: missing("node"),
            npm: missing("npm"),
        };
        let local = Needs {
            local: true,
            ..Needs::default()
        };
        let with_node = Needs {
            node: true,
            ..local
        };
        let any_stack = Needs {
            any_stack: true,
            ..local
        };
        let pip = Needs {
            pip: true,
            ..Needs::default()
        };
        for (is_installed, needs, expected) in [
            (false, local, vec![Fails, Warning]),
            (true, local, vec![Ok]),
            (true, any_stack, vec![Ok, Warning]),
            (true, with_node, vec![Ok, Fails, Fails]),
            (true, pip, vec![Fails]),
        ] {
            let found = findings(&programs(is_installed), needs);
            let levels: Vec<FindingLevel> = found.iter().map(|one| one.level).collect();
            assert_eq!(levels, expected, "{needs:?} {found:?}");
        }
    }
}
