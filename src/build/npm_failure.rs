//! What npm says when it cannot install, in words of package.json.

use crate::source::Diagnostic;
use crate::stack::DependencyBuild;

const UNREACHABLE: [&str; 7] = [
    "ENOTFOUND",
    "ECONNREFUSED",
    "ETIMEDOUT",
    "EAI_AGAIN",
    "ECONNRESET",
    "ENETUNREACH",
    "ERR_SOCKET_TIMEOUT",
];

/// The error for what npm said; `None` if it is nothing of the packages.
pub(super) fn explain(said: &str, request: &DependencyBuild) -> Option<Diagnostic> {
    let names: Vec<&str> = request.named.keys().map(String::as_str).collect();
    let has_lock = request.inputs.len() > 1;
    let (message, help, package) = known(said, &request.manifest, &names, has_lock)?;
    let diagnostic = Diagnostic::error_with_help(message, help);
    Some(match package {
        Some(package) => request.place(diagnostic, package),
        None => diagnostic,
    })
}

/// npm's own words, without its marks.
pub(super) fn told(said: &str) -> Vec<&str> {
    let lines = said.lines().filter_map(|line| {
        let line = line
            .strip_prefix("npm error")
            .or_else(|| line.strip_prefix("npm ERR!"))?;
        let line = line.trim();
        let marks = ["code ", "errno ", "syscall ", "A complete log"];
        if line.is_empty() || marks.iter().any(|mark| line.starts_with(mark)) {
            return None;
        }
        // The code is repeated before each line.
        let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
        let is_mark = ["404", "notarget", "notsup", "network", "enoent"].contains(&first);
        Some(if is_mark { rest.trim() } else { line })
    });
    lines.filter(|line| !line.is_empty()).collect()
}

/// Message, help, and the package that it is about.
fn known<'n>(
    said: &str,
    file: &str,
    names: &[&'n str],
    has_lock: bool,
) -> Option<(String, String, Option<&'n str>)> {
    let code = said
        .lines()
        .find_map(|line| line.split_once(" code "))
        .map_or("", |(_, code)| code.trim());
    let told = told(said);
    let first = told.first().copied().unwrap_or("it gave no reason");
    let package = names.iter().copied().find(|name| {
        let marks = [
            format!("{name}@"),
            format!("/{} ", name.replace('/', "%2f")),
            format!("\"{name}\""),
        ];
        told.iter().any(|line| {
            let line = format!("{} ", line.to_lowercase());
            marks.iter().any(|mark| line.contains(mark.as_str()))
        })
    });
    let lock = if has_lock {
        ", and make package-lock.json again (npm install --package-lock-only)"
    } else {
        ""
    };
    let about = |message: String, help: &str| Some((message, help.to_owned(), package));
    let in_words = package.map_or_else(
        || format!("that is needed: {first}"),
        |name| format!("`{name}`"),
    );
    if UNREACHABLE.iter().any(|sign| said.contains(sign)) {
        return Some((
            format!(
                "the npm registry cannot be reached, and the packages of {file} are not in the cache"
            ),
            "connect to the network (or set npm_config_registry), then run the same command"
                .to_owned(),
            None,
        ));
    }
    match code {
        "E404" => about(
            format!("npm finds no package {in_words}"),
            &format!("check the name in package.json{lock}"),
        ),
        "ETARGET" => about(
            format!("npm finds no version as wanted of the package {in_words}"),
            &format!("check the version in package.json{lock}"),
        ),
        "EINVALIDPACKAGENAME" | "EINVALIDTAGNAME" => about(
            first.to_owned(),
            "write `\"NAME\": \"1.2.3\"` with the name and a version as npm knows them",
        ),
        "ERESOLVE" => {
            let signs = ["Found: ", "peer ", "Conflicting peer"];
            let lines = told
                .iter()
                .filter(|line| signs.iter().any(|sign| line.starts_with(sign)));
            let lines: Vec<&str> = lines.take(3).copied().collect();
            about(
                format!(
                    "the packages of {file} cannot be installed together: {}",
                    lines.join("; ")
                ),
                &format!("name versions that fit in package.json{lock}"),
            )
        }
        "EBADENGINE" => about(
            format!("a package of {file} needs another version of Node.js or npm: {first}"),
            "name a version of the package that fits, or remove `engine-strict` from .npmrc",
        ),
        "EINTEGRITY" => about(
            format!(
                "a downloaded package is not the one that the lock of {file} names by its hash"
            ),
            "make the lock again (npm install --package-lock-only), or try another network",
        ),
        "EBADPLATFORM" => about(
            format!("a package of {file} is not for Linux: {first}"),
            "name it under `optionalDependencies` or `devDependencies` if the function does not need it",
        ),
        "E401" | "E403" | "ENEEDAUTH" => about(
            format!("the npm registry refuses a package: {first}"),
            "log in to it (npm login), or correct the registry in .npmrc",
        ),
        _ if said.contains("in sync") => Some((
            format!("{file} and its package-lock.json do not name the same packages"),
            "make the lock again: npm install --package-lock-only".to_owned(),
            None,
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_npm_says_becomes_one_message() {
        let log = "npm error A complete log of this run can be found in: /x.log\n";
        for (said, message, package) in [
            (
                "npm error code E404\nnpm error 404 Not Found - GET https://registry/is-odd - Not found\nnpm error 404\nnpm error 404  'is-odd@1.0.0' is not in this registry.\n",
                "npm finds no package `is-odd`",
                Some("is-odd"),
            ),
            (
                "npm error code ETARGET\nnpm error notarget No matching version found for is-odd@99.0.0.\n",
                "npm finds no version as wanted of the package `is-odd`",
                Some("is-odd"),
            ),
            (
                "npm ERR! code ETARGET\nnpm ERR! notarget No matching version found for deep@9.\n",
                "of the package that is needed: No matching version found for deep@9.",
                None,
            ),
            (
                "npm error code EINVALIDTAGNAME\nnpm error Invalid tag name \"not a version!\" of package \"is-odd@not a version!\": Tags may not\n",
                "Invalid tag name \"not a version!\"",
                Some("is-odd"),
            ),
            (
                "npm error code ERESOLVE\nnpm error ERESOLVE unable to resolve dependency tree\nnpm error\nnpm error Found: react@18.2.0\nnpm error node_modules/react\nnpm error Could not resolve dependency:\nnpm error peer react@\"17.0.2\" from react-dom@17.0.2\n",
                "the packages of package.json cannot be installed together: Found: react@18.2.0; peer react@\"17.0.2\" from react-dom@17.0.2",
                Some("react-dom"),
            ),
            (
                "npm error code EUSAGE\nnpm error\nnpm error `npm ci` can only install packages when your package.json and package-lock.json are in sync.\n",
                "do not name the same packages",
                None,
            ),
            (
                "npm error code ENOTFOUND\nnpm error network request to https://x failed\n",
                "the npm registry cannot be reached",
                None,
            ),
        ] {
            let found = known(
                &format!("{said}{log}"),
                "package.json",
                &["is-odd", "react-dom"],
                false,
            )
            .unwrap();
            assert!(found.0.contains(message), "{message}: {found:?}");
            assert_eq!(found.2, package, "{message}");
        }
        let other = format!("npm error aliases must have a name\n{log}");
        assert_eq!(known(&other, "package.json", &[], false), None);
        assert_eq!(told(&other), ["aliases must have a name"]);
    }
}
