//! The labs of the repository, embedded in the binary: the one list of them.

/// A lab.
#[derive(Debug)]
pub(super) struct Lab {
    /// Its name, which is its stack's and that of its file in `stacks`.
    pub(super) name: &'static str,
    /// What it shows, short enough for a line of 80 columns behind its name.
    pub(super) about: &'static str,
    /// The variables that its stack file reads, with values that do for a first try.
    pub(super) variables: &'static [(&'static str, &'static str)],
    /// The parameters that have no default, with values that do for a first try.
    pub(super) set: &'static [(&'static str, &'static str)],
    stack: &'static str,
    files: &'static [(&'static str, &'static [u8])],
}

impl Lab {
    /// Its files by their paths in its folder: the stack file, its definition, its functions, a photo.
    pub(super) fn files(&self) -> Vec<(&'static str, Vec<u8>)> {
        // In the repository, the labs share one folder for definitions and one for functions.
        let stack = self.stack.replace("../definitions/", "");
        let stack = stack.replace("../lambdas/", "lambdas/");
        let stack = stack.replace("../tests/samples/astronaut.jpg", PHOTO);
        let stack = stack.replace("../tests/samples/", "");
        let mut files = vec![(super::STACK_FILE, stack.into_bytes())];
        files.extend(self.files.iter().map(|(path, text)| (*path, text.to_vec())));
        files
    }

    /// The photo to try it with, where it takes one.
    pub(super) fn photo(&self) -> Option<&'static str> {
        let mut paths = self.files.iter().map(|(path, _)| *path);
        paths.find(|path| *path == PHOTO)
    }
}

/// The name of a lab's photo in its folder.
const PHOTO: &str = "photo.jpg";

macro_rules! labs {
    ($($name:literal: $about:literal {
        functions: [$($function:literal),*]
        $(, photo: $photo:literal, other: $other:literal)?
        $(, variables: $variables:expr)?
        $(, set: $set:expr)?
    })*) => {
        /// Every lab of `stacks`, by name.
        pub(super) const LABS: &[Lab] = &[$(Lab {
            name: $name,
            about: $about,
            variables: &[$($variables)?],
            set: &[$($set)?],
            stack: include_str!(concat!("../../../stacks/", $name, ".yaml")),
            files: &[
                (
                    concat!($name, ".asl.json"),
                    include_bytes!(concat!("../../../definitions/", $name, ".asl.json")),
                ),
                $((
                    concat!("lambdas/", $function),
                    include_bytes!(concat!("../../../lambdas/", $function)),
                ),)*
                $(
                    (PHOTO, include_bytes!(concat!("../../../tests/samples/", $photo))),
                    ($other, include_bytes!(concat!("../../../tests/samples/", $other))),
                )?
            ],
        }),*];
    };
}

labs! {
    "api-externa": "an HTTP task calls an API; a table keeps the answer" {
        functions: [],
        variables: ("API_KEY", "none-is-asked-for"),
        set: ("api_url", "https://jsonplaceholder.typicode.com/users/1")
    }
    "conta-banco": "a bank account: function, table, S3 Express, S3 Glacier" {
        functions: ["conta-banco/app.py"]
    }
    "image-metadata": "a photo in S3 starts Lambda and Rekognition; a table" {
        functions: ["extract-metadata/app.py", "rekognition-api/app.py"],
        photo: "astronaut.jpg",
        other: "coffee.jpg"
    }
    "microservices": "three Node.js functions in a chain" {
        functions: ["service-a/index.js", "service-b/index.js", "service-c/index.js"]
    }
    "order-processing": "an order is validated, paid, confirmed; failures branch off" {
        functions: ["validate-order/app.py", "process-payment/app.py", "confirm-order/app.py"]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::stack::{self, Given, Missing};

    fn repository(path: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
    }

    fn names(folder: &str) -> BTreeSet<String> {
        let entries = std::fs::read_dir(repository(folder)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    #[test]
    fn every_lab_of_the_repository_is_embedded() {
        let embedded = LABS.iter().map(|lab| format!("{}.yaml", lab.name));
        assert_eq!(embedded.collect::<BTreeSet<_>>(), names("stacks"));
        let paths: BTreeSet<&str> = LABS
            .iter()
            .flat_map(|lab| lab.files.iter().map(|(path, _)| *path))
            .collect();
        let mut lambdas = BTreeSet::new();
        for folder in names("lambdas") {
            for file in names(&format!("lambdas/{folder}")) {
                if !file.starts_with("__pycache__") {
                    lambdas.insert(format!("lambdas/{folder}/{file}"));
                }
            }
        }
        let embedded = paths.iter().filter(|path| path.starts_with("lambdas/"));
        assert_eq!(
            embedded
                .map(|path| (*path).to_owned())
                .collect::<BTreeSet<_>>(),
            lambdas
        );
        let definitions = paths.iter().filter(|path| path.ends_with(".asl.json"));
        let definitions: BTreeSet<String> = definitions.map(|path| (*path).to_owned()).collect();
        assert_eq!(definitions, names("definitions"));
    }

    /// Written out, each lab is one folder that needs nothing beside it.
    #[test]
    fn every_lab_is_whole() {
        for lab in LABS {
            let folder = tempfile::tempdir().unwrap();
            for (path, text) in lab.files() {
                let path = folder.path().join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
            let given = Given {
                missing: Missing::Later,
                ..Given::default()
            };
            let path = folder.path().join(super::super::STACK_FILE);
            let (written, warnings) = stack::load(&path, given).unwrap();
            assert_eq!(warnings.0, [], "{}", lab.name);
            assert_eq!(written.file.stack, lab.name);
            let needed: BTreeSet<&str> = written
                .file
                .params
                .iter()
                .filter(|(_, parameter)| parameter.default.is_none())
                .map(|(name, _)| name.as_str())
                .collect();
            let set: BTreeSet<&str> = lab.set.iter().map(|(name, _)| *name).collect();
            assert_eq!(set, needed, "{}", lab.name);
        }
    }

    #[test]
    fn a_lab_is_a_line_and_its_files_have_names_for_every_system() {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_./".contains(c);
        for lab in LABS {
            assert!(lab.about.len() <= 60, "{}", lab.name);
            for (path, _) in lab.files() {
                assert!(path.chars().all(plain) && !path.contains(".."), "{path}");
            }
        }
    }
}
