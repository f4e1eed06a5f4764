//! What pip says when it cannot install, in words of the requirements.

use crate::source::Diagnostic;
use crate::stack::{DependencyBuild, package_of_module};

/// What pip says if the index does not answer. It then goes on, and finds no package.
const UNREACHABLE: [&str; 8] = [
    "NewConnectionError",
    "Temporary failure",
    "ConnectTimeout",
    "Max retries",
    "ProxyError",
    "ReadTimeout",
    "NameResolutionError",
    "connection broken by",
];
const SOURCE_ONLY: &str = "check the name and the version; what is published as source only is not installed: put it into the code folder \
                           yourself and write `build: none`";
/// So many of pip's last lines are shown of a failure that is not known.
const SHOWN_LINES: usize = 3;

/// A failure in words of the requirements.
#[derive(Debug, PartialEq, Eq)]
struct PipFailure {
    message: String,
    help: String,
    /// The package that it is about, if it is about one.
    package: String,
}

/// The error for what pip said; `None` if it is nothing of the requirements.
pub(super) fn explain(
    said: &str,
    built_for: &str,
    request: &DependencyBuild,
) -> Option<Diagnostic> {
    let names = |name: &str| request.named.contains_key(&crate::stack::normal_name(name));
    let found = known(said, &request.manifest, built_for, &names)?;
    let diagnostic = Diagnostic::error_with_help(found.message, found.help);
    Some(request.place(diagnostic, &found.package))
}

/// pip's last lines, in one.
pub(super) fn last_lines(said: &str) -> String {
    let lines = said.lines().map(str::trim).filter(|line| {
        !line.is_empty()
            && !line.starts_with("WARNING: Running pip as")
            && !line.starts_with("[notice]")
    });
    let lines: Vec<&str> = lines.collect();
    let from = lines.len().saturating_sub(SHOWN_LINES);
    // What is before the last error belongs to no message of it.
    let shown = lines.get(from..).unwrap_or_default();
    let begin = shown
        .iter()
        .rposition(|line| line.starts_with("ERROR: "))
        .unwrap_or(0);
    let shown: Vec<&str> = shown
        .iter()
        .skip(begin)
        .map(|line| line.trim_start_matches("ERROR: "))
        .collect();
    shown.join("; ")
}

fn known(
    said: &str,
    file: &str,
    built_for: &str,
    names: &dyn Fn(&str) -> bool,
) -> Option<PipFailure> {
    if UNREACHABLE.iter().any(|sign| said.contains(sign)) {
        // pip names its indexes if they are not the usual one.
        let mut lines = said.lines();
        let indexes = lines.find_map(|line| line.split_once("Looking in indexes: "));
        let address = indexes.map(|(_, indexes)| indexes.trim());
        let address = address.or_else(|| quoted_after(said, "host="));
        let host = address.map_or(String::new(), |address| format!(" at `{address}`"));
        return Some(PipFailure {
            message: format!(
                "the package index{host} cannot be reached, and the packages of {file} are not in the cache"
            ),
            help: "connect to the network, or correct the address of the index (`--index-url` in the file, PIP_INDEX_URL, \
                   pip's settings); then run the same command"
                .to_owned(),
            package: String::new(),
        });
    }
    no_match(said, built_for)
        .or_else(|| conflict(said, file, names))
        .or_else(|| hashes(said, file))
        .or_else(|| invalid(said, file))
        .or_else(|| address(said))
}

fn quoted_after<'s>(said: &'s str, before: &str) -> Option<&'s str> {
    let (_, rest) = said.split_once(before)?;
    let quote = rest.chars().next().filter(|c| ['\'', '"'].contains(c))?;
    rest.get(1..)?.split(quote).next()
}

/// No version, or none that is a wheel.
fn no_match(said: &str, built_for: &str) -> Option<PipFailure> {
    let (_, rest) = said.split_once("Could not find a version that satisfies the requirement ")?;
    let line = rest.lines().next().unwrap_or_default();
    let wanted = line.split(" (from").next().unwrap_or_default().trim();
    let name = name_of(wanted);
    if !line.contains("(from versions: none)") {
        return Some(PipFailure {
            message: format!(
                "pip finds no wheel of `{wanted}` for {built_for}; there are other versions"
            ),
            help: SOURCE_ONLY.to_owned(),
            package: name,
        });
    }
    let help = match package_of_module(&name) {
        Some("") => format!("`{name}` is a part of Python: remove the line"),
        Some(package) => format!("`{name}` is a module of the package `{package}`: name that one"),
        None => SOURCE_ONLY.to_owned(),
    };
    Some(PipFailure {
        message: format!("pip finds no wheel of `{name}` for {built_for}"),
        help,
        package: name,
    })
}

/// Versions that exclude each other.
fn conflict(said: &str, file: &str, names: &dyn Fn(&str) -> bool) -> Option<PipFailure> {
    if !["ResolutionImpossible", "conflicting dependencies"]
        .iter()
        .any(|sign| said.contains(sign))
    {
        return None;
    }
    let causes: Vec<String> = if let Some((_, rest)) = said.split_once("The conflict is caused by:")
    {
        let lines = rest.lines().skip(1).map(str::trim);
        lines
            .take_while(|line| !line.is_empty())
            .map(|line| line.replacen("The user requested", "it names", 1))
            .collect()
    } else {
        let mut lines = said.lines();
        let line = lines.find_map(|line| line.split_once("Cannot install "));
        let packages = line.and_then(|(_, rest)| rest.split(" because ").next());
        packages.into_iter().map(str::to_owned).collect()
    };
    let words = causes.iter().flat_map(|cause| cause.split_whitespace());
    let package = words.map(name_of).find(|name| names(name));
    Some(PipFailure {
        message: format!(
            "the packages of {file} cannot be installed together: {}",
            causes.join("; ")
        ),
        help: "name versions that fit, or leave out the version of one: pip then chooses it"
            .to_owned(),
        package: package.unwrap_or_default(),
    })
}

/// Hashes that are wrong, or are not everywhere.
fn hashes(said: &str, file: &str) -> Option<PipFailure> {
    let after = |sign: &str| {
        let (_, rest) = said.split_once(sign)?;
        let line = rest
            .lines()
            .skip(1)
            .map(str::trim)
            .find(|line| !line.is_empty())?;
        Some(name_of(line))
    };
    if let Some(name) = after("DO NOT MATCH THE HASHES") {
        return Some(PipFailure {
            message: format!(
                "the downloaded package `{name}` is not the one that {file} names by its hash"
            ),
            help: "make the hashes again, or try another network".to_owned(),
            package: name,
        });
    }
    let (_, rest) = said.split_once("-require-hashes mode")?;
    let name = after("-require-hashes mode").unwrap_or_default();
    let what = if rest
        .lines()
        .next()
        .is_some_and(|line| line.contains("pinned"))
    {
        "no exact version"
    } else {
        "no hash"
    };
    Some(PipFailure {
        message: format!("{file} has a hash, so that every package needs a version and a hash, also those that others need: `{name}` has {what}"),
        help: "make the file with all of them (pip-compile --generate-hashes, or uv pip compile --generate-hashes); or \
               remove `--hash` and `--require-hashes`"
            .to_owned(),
        package: name,
    })
}

/// A line that pip does not understand.
fn invalid(said: &str, file: &str) -> Option<PipFailure> {
    let lines = || said.lines().rev();
    if let Some(line) =
        lines().find(|line| line.contains("Invalid marker: ") || line.contains("InvalidMarker: "))
    {
        let (_, what) = line.rsplit_once("arker: ")?;
        return Some(PipFailure {
            message: format!("pip cannot read a condition in {file}: {what}"),
            help: "write it as `NAME==VERSION; python_version < \"3.12\"`".to_owned(),
            package: String::new(),
        });
    }
    let line = lines().find(|line| line.contains("Invalid requirement: "))?;
    let (_, what) = line.split_once("Invalid requirement: ")?;
    let what = what.split(" (from line").next().unwrap_or_default();
    let what = what.split(": Expected").next().unwrap_or_default();
    Some(PipFailure {
        message: format!("pip cannot read a line of {file}: {what}"),
        help: "write `NAME==VERSION`, a package on each line".to_owned(),
        package: name_of(what.trim_matches(['\'', '"'])),
    })
}

/// A package's own address that answers with an error.
fn address(said: &str) -> Option<PipFailure> {
    let line = said.lines().find(|line| line.contains("HTTP error "))?;
    let (_, what) = line.split_once("HTTP error ")?;
    let what = what.split(" (from").next().unwrap_or_default();
    let wanted = said.split_once("Could not install requirement ");
    Some(PipFailure {
        message: format!("pip cannot download a package: HTTP error {what}"),
        help: "check its address".to_owned(),
        package: wanted.map(|(_, rest)| name_of(rest)).unwrap_or_default(),
    })
}

/// The name at the beginning of a requirement.
fn name_of(requirement: &str) -> String {
    let is_name = |c: &char| c.is_ascii_alphanumeric() || "-_.".contains(*c);
    requirement.chars().take_while(is_name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is made of pip's words: message, help and package.
    fn explained(said: &str) -> String {
        let names = |name: &str| ["requests", "urllib3", "idna"].contains(&name);
        let found = known(said, "code/requirements.txt", "python3.13 x86_64", &names);
        found.map_or_else(
            || format!("unknown: {}", last_lines(said)),
            |found| format!("{} | {} | {}", found.message, found.help, found.package),
        )
    }

    #[test]
    fn what_pip_says_becomes_one_message() {
        let none = |name: &str| {
            format!(
                "ERROR: Could not find a version that satisfies the requirement {name} (from versions: none)\nERROR: No matching distribution found for {name}\n"
            )
        };
        for (said, parts) in [
            (none("PIL"), vec!["no wheel of `PIL`", "module of the package `Pillow`", "| PIL"]),
            (none("cv2"), vec!["`opencv-python-headless`"]),
            (none("sklearn"), vec!["`scikit-learn`"]),
            (none("json"), vec!["`json` is a part of Python: remove the line"]),
            (none("numpy"), vec!["check the name and the version"]),
            (
                "ERROR: Could not find a version that satisfies the requirement idna==99 (from versions: 1.0, 2.0)\n".into(),
                vec!["no wheel of `idna==99` for python3.13 x86_64; there are other versions", "| idna"],
            ),
            (
                "ERROR: Cannot install -r requirements.txt (line 1) and urllib3==1.20 because these package versions have conflicting dependencies.\n\nThe conflict is caused by:\n    The user requested urllib3==1.20\n    requests 2.31.0 depends on urllib3<3 and >=1.21.1\n\nTo fix this you could try to:\nERROR: ResolutionImpossible: for help visit x\n".into(),
                vec!["together: it names urllib3==1.20; requests 2.31.0 depends on urllib3<3 and >=1.21.1", "name versions that fit", "| urllib3"],
            ),
            (
                "ERROR: In --require-hashes mode, all requirements must have their versions pinned with ==. These do not:\n    charset-normalizer<4,>=2 from https://x (from requests)\n".into(),
                vec!["`charset-normalizer` has no exact version", "pip-compile"],
            ),
            (
                "ERROR: Hashes are required in --require-hashes mode, but they are missing from some requirements. Here is a list.\n    idna==3.7 --hash=sha256:aa\n".into(),
                vec!["`idna` has no hash", "| idna"],
            ),
            (
                "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you\n    idna==3.4 from https://x:\n        Expected sha256 00\n             Got        90\n".into(),
                vec!["`idna` is not the one", "| idna"],
            ),
            (
                "Traceback (most recent call last):\n  File x\npip._vendor.packaging.markers.InvalidMarker: Invalid marker: 'foo == \"3\"', parse error at 'foo'\n".into(),
                vec!["a condition in code/requirements.txt: 'foo == \"3\"', parse error", "python_version"],
            ),
            (
                "ERROR: Invalid requirement: 'idna=>3' (from line 1 of requirements.txt)\n".into(),
                vec!["a line of code/requirements.txt: 'idna=>3' |", "| idna"],
            ),
            (
                "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError'\nERROR: HTTPSConnectionPool(host='pypi.invalid', port=443): Max retries exceeded\nERROR: Could not find a version that satisfies the requirement idna (from versions: none)\n".into(),
                vec!["index at `pypi.invalid` cannot be reached", "`--index-url`"],
            ),
            (
                "Looking in indexes: http://127.0.0.1:9/simple\nWARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError'\n".into(),
                vec!["index at `http://127.0.0.1:9/simple` cannot be reached"],
            ),
            (
                "  ERROR: HTTP error 404 while getting https://x/idna.whl\nERROR: Could not install requirement idna@ https://x from https://x (from -r requirements.txt (line 1)) because of HTTP error 404\n".into(),
                vec!["HTTP error 404 while getting https://x/idna.whl", "| idna"],
            ),
            (
                "some progress\nERROR: first\n  more of it\n\n[notice] new pip\n".into(),
                vec!["unknown: first; more of it"],
            ),
        ] {
            let found = explained(&said);
            for part in parts {
                assert!(found.contains(part), "{part}: {found}");
            }
        }
    }
}
