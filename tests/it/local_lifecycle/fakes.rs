//! Programs that fail in place of Python.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use super::Local;
use crate::support::CommandResult;

/// A separate PATH with the programs the shell needs.
pub struct Fakes {
    pub local: Local,
    folder: PathBuf,
}

impl Fakes {
    pub fn new(test: &str) -> Self {
        let local = Local::new(test);
        let folder = local.world.folder.path().join("bin");
        std::fs::create_dir(&folder).unwrap();
        Self { local, folder }
    }

    /// A program that runs this script.
    pub fn program(&self, name: &str, script: &str) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// A fake Python of this version; it prints this and fails when it is to create an environment.
    pub fn python(&self, name: &str, version: &str, then: &str) -> PathBuf {
        let script = format!("case \"$*\" in *venv\\ *) {then};; *) echo {version};; esac");
        self.program(name, &script)
    }

    /// The folder of its installations.
    pub fn cache(&self) -> PathBuf {
        self.local.world.folder.path().join("cache")
    }

    /// `local up`.
    pub fn up_command(&self) -> Command {
        let mut command = self.local.command(&["local", "up"]);
        command
            .env("PATH", &self.folder)
            .env("XDG_CACHE_HOME", self.cache());
        command
    }

    /// `local up`, with these variables.
    pub fn up(&self, variables: &[(&str, &str)]) -> CommandResult {
        CommandResult::of(self.up_command().envs(variables.iter().copied()))
    }
}
