//! Searches everything a run leaves for secrets.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::{CommandResult, World};

/// The secrets, and all output of the runs that must hide them.
pub struct Watched<'w> {
    world: &'w World,
    marks: Vec<String>,
    printed: String,
    arguments: BTreeSet<String>,
}

impl<'w> Watched<'w> {
    pub fn new(world: &'w World, marks: &[&str]) -> Self {
        let forms = marks.iter().flat_map(|mark| {
            let escaped = serde_json::to_string(mark).unwrap();
            [(*mark).to_owned(), escaped[1..escaped.len() - 1].to_owned()]
        });
        Self {
            world,
            marks: forms.collect(),
            printed: String::new(),
            arguments: BTreeSet::new(),
        }
    }

    /// Runs treino with `--local`, as text and as JSON, and records its output. The second run must be
    /// possible after the first.
    #[track_caller]
    pub fn treino(&mut self, words: &[&str], code: i32) {
        for json in [&[][..], &["--json"]] {
            let words = [&["--local"], words, json].concat();
            self.once(self.world.command().args(&words), code);
        }
    }

    /// The same once, for any command.
    #[track_caller]
    pub fn once(&mut self, command: &mut Command, code: i32) -> CommandResult {
        let out = self.world.folder.path().join("out");
        let err = self.world.folder.path().join("err");
        command
            .stdout(fs::File::create(&out).unwrap())
            .stderr(fs::File::create(&err).unwrap())
            .stdin(Stdio::null());
        let mut child = command.spawn().unwrap();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            self.arguments.extend(of_other_processes(&child));
            #[allow(
                clippy::disallowed_methods,
                reason = "nothing else goes on in this thread"
            )]
            std::thread::sleep(std::time::Duration::from_millis(3));
        };
        let ran = CommandResult {
            code: status.code().unwrap_or(-1),
            out: fs::read_to_string(&out).unwrap(),
            err: fs::read_to_string(&err).unwrap(),
        };
        fs::remove_file(&out).unwrap();
        fs::remove_file(&err).unwrap();
        self.printed += &ran.out;
        self.printed += &ran.err;
        ran.ends(code)
    }

    /// Fails if a secret occurs in any output, in the arguments of a process, or in a text from AWS.
    #[track_caller]
    pub fn nothing_seen(&self, texts: &[String]) {
        for mark in &self.marks {
            for (line, text) in self.printed.lines().enumerate() {
                assert!(!text.contains(mark), "printed, line {line}: {text}");
            }
            for arguments in &self.arguments {
                assert!(!arguments.contains(mark), "arguments: {arguments}");
            }
            for text in texts {
                assert!(!text.contains(mark), "in AWS: {text}");
            }
        }
        assert!(self.arguments.len() > 1, "processes were seen");
        in_files(self.world.folder.path(), &mut |path, bytes| {
            assert!(!holds(bytes, &self.marks), "in {}", path.display());
        });
    }

    /// What was printed so far.
    pub fn printed(&self) -> &str {
        &self.printed
    }
}

/// Whether bytes contain one of these texts.
pub fn holds(bytes: &[u8], marks: &[String]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    marks.iter().any(|mark| text.contains(mark.as_str()))
}

/// Every file in a folder.
pub fn in_files(folder: &Path, look: &mut dyn FnMut(&Path, &[u8])) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => in_files(&path, look),
            // A file that was deleted meanwhile contains nothing.
            kind if kind.is_file() => look(&path, &fs::read(&path).unwrap_or_default()),
            _ => {}
        }
    }
}

/// The arguments of every other process of this machine.
#[cfg(target_os = "linux")]
fn of_other_processes(child: &Child) -> Vec<String> {
    let own = child.id().to_string();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let others = processes.filter(|one| {
        let name = one.file_name();
        name != own.as_str() && name.to_string_lossy().parse::<u32>().is_ok()
    });
    let arguments = others.filter_map(|one| fs::read(one.path().join("cmdline")).ok());
    arguments
        .map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', " "))
        .collect()
}

/// Without `/proc`, only output and files are searched.
#[cfg(not(target_os = "linux"))]
fn of_other_processes(_: &Child) -> Vec<String> {
    vec!["treino".to_owned(), "another".to_owned()]
}
