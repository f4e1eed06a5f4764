//! Which packages Node.js finds in a function's package, and which in its runtime.

use super::MissingImport;
use crate::data::modules;
use crate::source::Span;
use crate::stack::DependencyBuild;
use crate::stack::function_code::contents::PackageContents;
use crate::stack::function_code::handler::is_module;
use crate::stack::function_code::node::NodeModule;
use crate::stack::function_code::runtime_packages::{nearly, node_has};
use crate::stack::function_code::{CodeLanguage, FunctionCode, ImportedPackage};

/// The endings that a path may lack.
const ENDINGS: [&str; 7] = [
    "",
    ".js",
    ".mjs",
    ".cjs",
    "/index.js",
    "/index.mjs",
    "/index.cjs",
];

/// What a module loads; of its functions, what the handler does.
pub(super) fn imports(text: &str, called: Option<&str>) -> Vec<ImportedPackage> {
    NodeModule::parse(text, called).imports
}

/// The module of the function's own code that a path leads to.
pub(super) fn own(
    module: &str,
    import: &ImportedPackage,
    contents: &PackageContents<'_>,
) -> Vec<String> {
    let paths = import.paths.iter().filter(|path| path.starts_with('.'));
    let files = paths.filter_map(|path| {
        let path = path_of(module, path)?;
        let mut names = ENDINGS.iter().map(|ending| format!("{path}{ending}"));
        names.find(|name| contents.has(name))
    });
    files.filter(|file| !file.ends_with(".json")).collect()
}

/// The path in the package that a module's relative path leads to; `None` if it leads out.
pub(super) fn path_of(module: &str, path: &str) -> Option<String> {
    let folder = module.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Message and help, if the package of an import is nowhere.
pub(super) fn missing(
    major: u32,
    module: &str,
    import: &ImportedPackage,
    function: &FunctionCode<'_>,
    contents: &PackageContents<'_>,
) -> Option<MissingImport> {
    let name = import.name.as_str();
    if name == "@aws-sdk/clients" && !is_installed(name, module, contents) {
        return Some((
            "version 3 of the AWS SDK has no package `@aws-sdk/clients`: each service has its own"
                .to_owned(),
            "write the service into the name of the package: `@aws-sdk/client-s3`".to_owned(),
        ));
    }
    if modules::of_node(name) || node_has(name, major) || is_installed(name, module, contents) {
        return None;
    }
    // It may be named in that file, of which its own fault is reported.
    if function.package.has_unread_manifest {
        return None;
    }
    let runtime = function.runtime;
    let build = function.package.build.as_ref();
    if build.is_some_and(|build| may_install(build, name)) {
        return None;
    }
    let manifest = contents.text("package.json").unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap_or_default();
    let sections = ["devDependencies", "peerDependencies"];
    let section = sections
        .iter()
        .find(|section| !manifest[**section][name].is_null());
    let help = match section {
        Some(section) => {
            format!("`{section}` of package.json is not installed: move `{name}` to `dependencies`")
        }
        None => function.name_in(name, "package.json"),
    };
    let written = import.paths.first().map_or(name, String::as_str);
    let beside = path_of(module, written);
    let mut endings = ENDINGS
        .iter()
        .filter(|ending| !ending.is_empty() || written.contains('.'));
    let beside =
        beside.and_then(|path| endings.find(|ending| contents.has(&format!("{path}{ending}"))));
    let near = nearly(name, CodeLanguage::Node(major)).filter(|_| section.is_none());
    let help = match (beside, near) {
        (Some(ending), _) => {
            let ending = if import.is_whole { ending } else { "" };
            format!("a file of yours is named with its path: `./{written}{ending}`")
        }
        (None, Some(meant)) => format!("did you mean `{meant}`? If not, {help}"),
        (None, None) => help,
    };
    if name == "aws-sdk" {
        return Some((
            format!(
                "`aws-sdk` is version 2 of the AWS SDK, which is neither in the runtime {runtime} nor in the package"
            ),
            format!("use version 3, which the runtime has (`@aws-sdk/client-s3` ...); or {help}"),
        ));
    }
    if name.starts_with("@aws-sdk/") {
        return Some((
            format!(
                "`{name}` is version 3 of the AWS SDK, which is neither in the runtime {runtime} nor in the package"
            ),
            format!("use nodejs18.x or later; or {help}"),
        ));
    }
    Some((
        format!("`{name}` is neither in the runtime {runtime} nor in the package"),
        help,
    ))
}

/// The place and the reason, if Lambda loads an ES module as a `CommonJS` module, which fails.
///
/// Lambda switches the detection of ES modules off for Node.js 22, and earlier versions have none:
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html>. Of Node.js 20 some have it.
pub(super) fn not_detected(
    major: u32,
    module: &str,
    text: &str,
    function: &FunctionCode<'_>,
    contents: &PackageContents<'_>,
) -> Option<(Span, MissingImport)> {
    let is_detected = major == 20 || major > 22 || function.has_node_options;
    if is_detected || !module.ends_with(".js") || is_module(module, contents) {
        return None;
    }
    let at = NodeModule::parse(text, None).esm_at?;
    let runtime = function.runtime;
    let plain = module.trim_end_matches(".js");
    Some((
        at,
        (
            format!(
                "`import` and `export` fail here: {runtime} takes `{module}` for a CommonJS module"
            ),
            format!(
                "name the file `{plain}.mjs`; or write `\"type\": \"module\"` into a package.json beside it"
            ),
        ),
    ))
}

/// Whether npm may install a package: the code names it, or the lock has it. Without a lock, one that is named may need
/// any other; version 2 of the AWS SDK is hardly one of these.
fn may_install(build: &DependencyBuild, name: &str) -> bool {
    if build.named.contains_key(&name.to_lowercase()) {
        return true;
    }
    let locks = ["npm-shrinkwrap.json", "package-lock.json"];
    let mut locks = locks.iter().filter_map(|lock| build.inputs.get(*lock));
    match locks.next() {
        Some(lock) => String::from_utf8_lossy(lock).contains(&format!("node_modules/{name}\"")),
        None => name != "aws-sdk",
    }
}

/// Whether a package is in a `node_modules` of the module's folder or one above, or is the function's own.
fn is_installed(name: &str, module: &str, contents: &PackageContents<'_>) -> bool {
    let mut folder = module;
    loop {
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        let within = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        let path = format!("{within}node_modules/{name}");
        if contents.has_folder(&path) || contents.has(&format!("{path}.js")) {
            return true;
        }
        let own = contents.text(&format!("{within}package.json"));
        let own: Option<serde_json::Value> = own.and_then(|text| serde_json::from_str(&text).ok());
        if own.is_some_and(|package| package["name"] == name) {
            return true;
        }
        if folder.is_empty() {
            return false;
        }
    }
}
