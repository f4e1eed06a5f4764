//! Which modules Python finds in a package, and which in its runtime.

use std::collections::BTreeSet;

use super::MissingImport;
use crate::data::modules::{self, StandardModule};
use crate::stack::function_code::contents::PackageContents;
use crate::stack::function_code::python::PythonModule;
use crate::stack::function_code::runtime_packages::{
    is_never_standard, nearly, package_of, python_has,
};
use crate::stack::function_code::{CodeLanguage, FunctionCode, ImportedPackage};
use crate::stack::suggest::suggestion;

/// What a module imports; of its functions, what the handler runs.
pub(super) fn imports(text: &str, called: Option<&str>) -> Vec<ImportedPackage> {
    PythonModule::parse(text).imports(called)
}

/// The folders and files at the top of a package that pip installed there.
pub(super) fn installed(contents: &PackageContents<'_>) -> BTreeSet<String> {
    let records = contents
        .names()
        .iter()
        .filter(|name| name.ends_with(".dist-info/RECORD"));
    let texts = records
        .filter(|name| name.matches('/').count() == 1)
        .filter_map(|name| contents.text(name));
    let mut found = BTreeSet::new();
    for text in texts {
        let tops = text
            .lines()
            .filter_map(|line| line.split(['/', ',']).next());
        found.extend(tops.map(str::to_owned));
    }
    found
}

/// The modules of the package that an import runs: those of the folders above it too.
pub(super) fn own(
    module: &str,
    import: &ImportedPackage,
    contents: &PackageContents<'_>,
) -> Vec<String> {
    let mut found = Vec::new();
    for dotted in &import.paths {
        let name = dotted.trim_start_matches('.');
        let dots = dotted.len() - name.len();
        // One dot is the module's own folder, each other one the folder above.
        let mut folder = if dots == 0 { Some("") } else { Some(module) };
        for _ in 0..dots {
            folder = folder.map(|one| one.rsplit_once('/').map_or("", |(above, _)| above));
        }
        let mut path = folder.unwrap_or_default().to_owned();
        for part in name.split('.').filter(|part| !part.is_empty()) {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(part.trim());
            let files = [format!("{path}/__init__.py"), format!("{path}.py")];
            found.extend(files.into_iter().find(|file| contents.has(file)));
        }
    }
    found
}

/// The top-level modules of a package.
fn modules_of<'p>(contents: &PackageContents<'p>) -> BTreeSet<&'p str> {
    let names = contents.names().iter();
    let modules = names.filter_map(|name| match name.split_once('/') {
        Some((folder, _)) => Some(folder),
        None if [".py", ".pyc", ".so"]
            .iter()
            .any(|ending| name.ends_with(ending)) =>
        {
            name.split('.').next()
        }
        None => None,
    });
    modules.collect()
}

/// Message and help, if the module of an import is nowhere.
pub(super) fn missing(
    minor: u32,
    module: &str,
    import: &ImportedPackage,
    function: &FunctionCode<'_>,
    contents: &PackageContents<'_>,
) -> Option<MissingImport> {
    let name = import.name.as_str();
    let own = modules_of(contents);
    if own.contains(name) || python_has(name) {
        return None;
    }
    // What pip installs may have the module: a package's name does not tell.
    if function.package.build.is_some() {
        return None;
    }
    match modules::of_python(name, minor) {
        StandardModule::Present => None,
        StandardModule::Until(last) => Some((
            format!("Python 3.{minor} has no `{name}`: Python 3.{last} is the last that has it"),
            format!("do without it; or choose `runtime: python3.{last}`"),
        )),
        StandardModule::Since(first) => Some((
            format!("Python 3.{minor} has no `{name}`: Python 3.{first} is the first that has it"),
            format!("choose `runtime: python3.{first}` or a later one"),
        )),
        // It may be named in that file, of which its own fault is reported.
        StandardModule::Unknown if function.package.has_unread_manifest => None,
        StandardModule::Unknown if !modules::knows_python(minor) && !is_never_standard(name) => {
            None
        }
        StandardModule::Unknown => {
            let own: Vec<&str> = own.into_iter().collect();
            let folder = module.rsplit_once('/').map(|(folder, _)| folder);
            let beside = folder.map(|folder| format!("{folder}/{name}"));
            let beside = beside.filter(|path| contents.has_module(path));
            let on_disk = [format!("{name}.py"), name.to_owned()];
            let mut on_disk = on_disk.iter().map(|file| function.path_of(file));
            let help = match suggestion(name, &own) {
                _ if let Some(path) = beside => format!(
                    "did you mean `{}`? Python looks for modules in the folder of the code, not beside the file",
                    path.replace('/', ".")
                ),
                _ if let Some(path) = on_disk.find(|path| path.exists()) => {
                    let shown = path.display();
                    format!("`{shown}` exists, but is left out of the package: correct `exclude`")
                }
                Some(meant) => format!("did you mean `{meant}`?"),
                None => match (package_of(name), nearly(name, CodeLanguage::Python(minor))) {
                    (Some(package), _) => function.name_in(package, "requirements.txt"),
                    (None, None) => function.name_package_of(name, "requirements.txt"),
                    (None, Some(meant)) => {
                        let other = function.name_package_of(name, "requirements.txt");
                        format!("did you mean `{meant}`? If not, {other}")
                    }
                },
            };
            Some((
                format!(
                    "`{name}` is neither in the runtime {} nor in the package",
                    function.runtime
                ),
                help,
            ))
        }
    }
}
