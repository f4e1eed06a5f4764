//! The guide for students: its commands work, and what it shows is what treino says.

use std::process::Command;

use super::translated::{blocks, read};
use crate::support::{CommandResult, World};

/// An AWS on this machine of its own, as a student has it.
struct Student {
    world: World,
    folder: std::path::PathBuf,
}

impl Student {
    fn command(&self, line: &str) -> Command {
        let mut command = self.world.shell_command(&self.folder, line);
        command
            .env("TREINO_LOCAL_DIR", self.world.folder.path().join("local"))
            .env_remove("TREINO_LOCAL_ACCOUNT");
        command
    }

    /// Does what a line says; `cd` is remembered.
    fn does(&mut self, line: &str) -> CommandResult {
        if let Some(folder) = line.strip_prefix("cd ") {
            self.folder.push(folder);
        }
        CommandResult::of(&mut self.command(line.trim_start_matches("cd image-metadata"))).ends(0)
    }
}

impl Drop for Student {
    fn drop(&mut self) {
        let _ = self.command("treino local down").output();
    }
}

#[test]
fn the_commands_of_the_guide_work_and_say_what_it_shows() {
    let world = World::new("the_commands_of_the_guide_work_and_say_what_it_shows");
    let folder = world.folder.path().to_owned();
    let mut student = Student { world, folder };
    let (mut said, mut done) = (String::new(), Vec::new());
    for (language, lines) in blocks(&read("docs/student-guide.md")) {
        for line in lines {
            match language.as_str() {
                "sh" => {
                    let ran = student.does(&line);
                    said = ran.out + &ran.err;
                    done.push(line.replace(" --local", "").replace(" --yes", ""));
                }
                "text" => assert!(said.contains(&line), "`{line}` is not in\n{said}"),
                // On AWS: what was done here, without `--local`.
                "sh aws" => assert!(done.contains(&line), "`{line}` is not in {done:?}"),
                other => panic!("a block of {other}"),
            }
        }
        if language == "sh"
            && done
                .last()
                .is_some_and(|line| line.starts_with("treino run"))
        {
            // The change that the guide proposes is one change.
            let stack = student.folder.join("stack.yaml");
            let text = std::fs::read_to_string(&stack).unwrap();
            let runtime = "    runtime: python3.13\n";
            std::fs::write(
                &stack,
                text.replacen(runtime, &format!("{runtime}    timeout: 10\n"), 1),
            )
            .unwrap();
            let plan = student
                .does("treino plan --local")
                .says("~ function.extract-metadata");
            plan.says("1 to update");
            std::fs::write(&stack, text).unwrap();
        }
    }
    assert!(done.len() > 8, "the commands are found");
}
