mod handlers;
mod imports;
mod own_code;
mod packages;
mod uncallable;

use std::io::Write;
use std::path::Path;

use crate::source::Diagnostics;
use crate::stack::{Given, load};

/// A stack with one function, checked as `treino check` does: `error: message (help)`, with file and line if another
/// file than the stack's is meant.
struct Checked(Vec<String>);

impl Checked {
    fn at(folder: &Path, runtime: &str, handler: &str, more: &str) -> Self {
        let code = if folder.join("code.zip").exists() {
            "code.zip"
        } else {
            "code"
        };
        let stack = format!(
            "stack: lab\nfunctions:\n  f:\n    code: {code}\n    handler: {handler}\n    runtime: {runtime}\n{more}"
        );
        let path = folder.join("stack.yaml");
        std::fs::write(&path, stack).unwrap();
        let Diagnostics(found) = match load(&path, Given::default()) {
            Ok((_, warnings)) => warnings,
            Err(all) => all,
        };
        let shown = found
            .into_iter()
            .filter(|one| !one.message.contains("the runtime `"));
        let shown = shown.map(|one| {
            let place = one.place.map(|place| {
                (
                    place.source.name.clone(),
                    place.span.line_column(&place.source).0,
                )
            });
            let place = place.filter(|(name, _)| !name.ends_with("stack.yaml"));
            let place = place.map_or(String::new(), |(name, line)| {
                let name = Path::new(&name).strip_prefix(folder).unwrap();
                format!("{}:{line}: ", name.display())
            });
            let help = one.help.unwrap_or_default();
            format!("{place}{:?}: {} ({help})", one.severity, one.message).to_lowercase()
        });
        Self(shown.collect())
    }

    fn says(&self, parts: &[&str]) {
        assert_eq!(self.0.len(), 1, "{:?}", self.0);
        for part in parts {
            assert!(
                self.0[0].contains(&part.to_lowercase()),
                "{part}: {}",
                self.0[0]
            );
        }
    }

    fn is_silent(&self, about: &str) {
        assert!(self.0.is_empty(), "{about}: {:?}", self.0);
    }
}

fn written(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join("code").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn zipped(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut zip =
        zip::ZipWriter::new(std::fs::File::create(folder.path().join("code.zip")).unwrap());
    for (name, text) in files {
        let options = zip::write::SimpleFileOptions::default().unix_permissions(0o644);
        zip.start_file(*name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    folder
}

const DEF: &str = "def handler(event, context): return 1\n";

fn python(handler: &str, files: &[(&str, &str)]) -> Checked {
    Checked::at(written(files).path(), "python3.13", handler, "")
}

fn node(handler: &str, files: &[(&str, &str)]) -> Checked {
    Checked::at(written(files).path(), "nodejs22.x", handler, "")
}
