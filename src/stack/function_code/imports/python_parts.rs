//! Whether the modules and names that a Python module imports from the function's own packages are there.

use std::collections::BTreeSet;

use super::{MissingImport, SEARCH_CHANGES};
use crate::stack::code::path_in_package;
use crate::stack::function_code::contents::PackageContents;
use crate::stack::function_code::python::PythonModule;
use crate::stack::function_code::{FunctionCode, ImportedPackage};
use crate::stack::suggest::suggestion;

/// What may make modules of a package that are no files of it.
const PACKAGE_CHANGES: [&str; 3] = ["__path__", "__getattr__", "__package__"];

/// Message and help, if a module or name is nowhere in the function's own packages.
pub(super) fn missing(
    module: &str,
    import: &ImportedPackage,
    function: &FunctionCode<'_>,
    contents: &PackageContents<'_>,
) -> Option<MissingImport> {
    let (base, names) = import.paths.split_first()?;
    let dotted: String = base.split_whitespace().collect();
    let name = dotted.trim_start_matches('.');
    let dots = dotted.len() - name.len();
    if is_changed(contents.text(module).unwrap_or_default().as_str()) {
        return None;
    }
    let mut folder = String::new();
    if dots > module.matches('/').count() {
        return Some(beyond(module, &dotted, names, function));
    } else if dots > 0 {
        module.clone_into(&mut folder);
        for _ in 0..dots {
            folder.truncate(folder.rfind('/').unwrap_or(0));
        }
    } else if is_of_others(name, function, contents) {
        return None;
    }
    let mut path = folder;
    for part in name.split('.').filter(|part| !part.is_empty()) {
        let above = path.clone();
        path = joined(&path, part);
        if !contents.has_module(&path) {
            return Some(missing_module(&above, part, function, contents));
        }
        if file_of(&path, contents).is_some_and(|file| is_dynamic(&file, contents)) {
            return None;
        }
    }
    let names = names.iter().filter_map(|one| one.rsplit('.').next());
    names
        .map(str::trim)
        .find_map(|name| missing_name(&path, name, function, contents))
}

/// The import of what is above the top of the package: a module at the top has no package around it.
fn beyond(
    module: &str,
    dotted: &str,
    names: &[String],
    function: &FunctionCode<'_>,
) -> MissingImport {
    let shown = path_in_package(function.code, module);
    let name = dotted.trim_start_matches('.');
    let of_it = names.first().and_then(|name| name.rsplit('.').next());
    let of_it = of_it.unwrap_or("...").trim();
    let absolute = if name.is_empty() {
        format!("import {of_it}")
    } else {
        format!("from {name} import {of_it}")
    };
    let why = if module.contains('/') {
        "leads out of the package"
    } else {
        "cannot be used at the top of the package, where no folder is a Python package"
    };
    (
        format!("the relative import `from {dotted}` in `{shown}` {why}"),
        format!("write `{absolute}`"),
    )
}

/// Whether a module is none of the function's own: pip installs it, or installed it into the folder.
fn is_of_others(name: &str, function: &FunctionCode<'_>, contents: &PackageContents<'_>) -> bool {
    let top = name.split('.').next().unwrap_or_default();
    let build = function.package.build.as_ref();
    let is_built = build.is_some_and(|build| {
        build
            .named
            .contains_key(&top.replace('_', "-").to_lowercase())
    });
    is_built || !contents.has_module(top) || super::python::installed(contents).contains(top)
}

fn missing_module(
    folder: &str,
    part: &str,
    function: &FunctionCode<'_>,
    contents: &PackageContents<'_>,
) -> MissingImport {
    // A name of the package may be what looks like a module of it.
    let file = joined(folder, part);
    let known = modules_in(folder, contents);
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let on_disk = function.path_of(&format!("{file}.py"));
    let help = match suggestion(part, &known) {
        Some(meant) => format!(
            "did you mean `{}`?",
            joined(folder, meant).replace('/', ".")
        ),
        None if on_disk.is_file() => {
            format!(
                "`{}` exists, but is left out of the package",
                on_disk.display()
            )
        }
        None => format!(
            "add `{}`; only what is in the code folder or named by `include:` is packaged",
            path_in_package(function.code, &format!("{file}.py"))
        ),
    };
    (
        format!(
            "the module `{}` is not in the package",
            file.replace('/', ".")
        ),
        help,
    )
}

/// Message and help, if a module of the package has neither a name nor a module of that name in it.
fn missing_name(
    path: &str,
    name: &str,
    function: &FunctionCode<'_>,
    contents: &PackageContents<'_>,
) -> Option<MissingImport> {
    if name.starts_with("__") || contents.has_module(&joined(path, name)) {
        return None;
    }
    let Some(file) = file_of(path, contents) else {
        // A folder without `__init__.py`, or compiled code, which may have any name.
        let is_folder = contents.has_folder(path) && !path.is_empty();
        let is_compiled = !is_folder || contents.is_compiled(path);
        return if is_compiled {
            None
        } else {
            Some(missing_module(path, name, function, contents))
        };
    };
    let names = PythonModule::parse(&contents.text(&file)?).names?;
    if names.contains_key(name) {
        return None;
    }
    let mut known: Vec<&str> = names.keys().map(String::as_str).collect();
    let modules = modules_in(path, contents);
    if file.ends_with("/__init__.py") {
        known.extend(modules.iter().map(String::as_str));
    }
    let shown = path_in_package(function.code, &file);
    let help = match suggestion(name, &known) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!(
            "define it there, or correct the import; `{shown}` is the file that Python finds"
        ),
    };
    Some((format!("`{shown}` has no `{name}` to import"), help))
}

/// The file that is run for a module; `None` for a folder without one, and for compiled code.
fn file_of(path: &str, contents: &PackageContents<'_>) -> Option<String> {
    let files = [format!("{path}/__init__.py"), format!("{path}.py")];
    files.into_iter().find(|file| contents.has(file))
}

fn is_dynamic(file: &str, contents: &PackageContents<'_>) -> bool {
    contents.text(file).is_none_or(|text| is_changed(&text))
}

fn is_changed(text: &str) -> bool {
    let mut all = SEARCH_CHANGES.iter().chain(&PACKAGE_CHANGES);
    all.any(|change| text.contains(change))
}

fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

/// The modules directly in a folder.
fn modules_in(folder: &str, contents: &PackageContents<'_>) -> BTreeSet<String> {
    let prefix = joined(folder, "");
    let names = contents.names().iter();
    let inner = names.filter_map(|name| name.strip_prefix(prefix.as_str()));
    let modules = inner.filter_map(|name| match name.split_once('/') {
        Some((folder, _)) => Some(folder),
        None => name.strip_suffix(".py"),
    });
    modules
        .filter(|name| *name != "__init__")
        .map(str::to_owned)
        .collect()
}
