//! A terminal with a user.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use super::CommandResult;

/// Runs a program in a pseudo-terminal and, once it asks, types what comes from standard input.
const TERMINAL: &str = r#"
import os, pty, sys
# Questions that come before it, each with its answers, one after another.
earlier = [pair.split("=", 1) for pair in os.environ.pop("TREINO_TEST_ANSWERS", "ends when?=never").split(";")]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen, answered = b"", False
while True:
    try:
        more = os.read(terminal, 4096)
    except OSError:
        break
    if not more:
        break
    seen += more
    os.write(1, more)
    if earlier and earlier[0][0].encode() in seen:
        os.write(terminal, earlier[0][1].encode() + (b"" if earlier[0][1] == "\x04" else b"\n"))
        seen = seen.split(earlier.pop(0)[0].encode(), 1)[1]
    if not answered and b"[y/N]" in seen:
        answered = True
        os.write(terminal, sys.stdin.readline().encode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

/// Runs a program at a terminal. If it asks, something happens while its question stands, and then it is
/// answered. All that is shown is its output.
pub fn at_a_terminal(program: &Command, answer: &str, meanwhile: impl FnOnce()) -> CommandResult {
    let mut python = Command::new("python3");
    python.args(["-c", TERMINAL]).arg(program.get_program());
    python.args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => python.env(name, value),
            None => python.env_remove(name),
        };
    }
    python.current_dir(env!("CARGO_MANIFEST_DIR"));
    let python = python.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut python = python.stderr(Stdio::piped()).spawn().unwrap();
    let mut out = python.stdout.take().unwrap();
    let (mut shown, mut more) = (Vec::new(), [0; 4096]);
    while !String::from_utf8_lossy(&shown).contains("[y/N]") {
        let read = out.read(&mut more).unwrap();
        if read == 0 {
            break;
        }
        shown.extend(&more[..read]);
    }
    if String::from_utf8_lossy(&shown).contains("[y/N]") {
        meanwhile();
        let answer = format!("{answer}\n");
        python
            .stdin
            .take()
            .unwrap()
            .write_all(answer.as_bytes())
            .unwrap();
        out.read_to_end(&mut shown).unwrap();
    }
    let mut ended = python.wait_with_output().unwrap();
    ended.stdout = shown;
    CommandResult::from(ended)
}
