//! Concurrent treino processes share one local AWS.

use super::{Local, Watched};
use crate::support::CommandResult;

#[test]
fn concurrent_processes_share_one() {
    let local = Local::new("concurrent_processes_share_one");
    let deploys: Vec<Watched> = (0..15)
        .map(|number| {
            let mut command = local.command(&["deploy", &local.stack, "--local", "--yes"]);
            command.env("TREINO_LOCAL_ACCOUNT", format!("2000000000{number:02}"));
            Watched::of(command)
        })
        .collect();
    for deploy in deploys {
        deploy.ends(0);
    }
    let mut runs = Vec::new();
    for number in 0..50 {
        let input = format!("{{\"number\":\"n{number}n\"}}");
        let mut command = local.command(&["run", "kept", "--input", &input, "--local"]);
        command.env(
            "TREINO_LOCAL_ACCOUNT",
            format!("2000000000{:02}", number % 15),
        );
        runs.push(Watched::of(command));
    }
    for (number, run) in runs.into_iter().enumerate() {
        let said = run.ends(0);
        assert!(said.contains(&format!("n{number}n")), "{said}");
    }
    #[cfg(target_os = "linux")]
    {
        // The front process and the backend.
        let mark = format!(
            "TREINO_LOCAL_LOG={}",
            local.state.join("local.log").display()
        );
        assert_eq!(super::with_variable(&mark).len(), 2);
    }
}

#[test]
fn a_process_that_holds_the_lock_is_named() {
    let local = Local::new("a_process_that_holds_the_lock_is_named");
    std::fs::create_dir(&local.state).unwrap();
    let cache = local.world.folder.path().join("cache");
    std::fs::create_dir_all(cache.join("treino")).unwrap();
    for (lock, verb, doing) in [
        (local.state.join("lock"), "down", "starting it"),
        (
            cache.join("treino/install.lock"),
            "up",
            "installing the local AWS",
        ),
    ] {
        std::fs::write(&lock, format!("4711 {doing}")).unwrap();
        let held = std::fs::File::open(&lock).unwrap();
        held.lock().unwrap();
        let mut command = local.command(&["local", verb]);
        command
            .env("XDG_CACHE_HOME", &cache)
            .env("TREINO_LOCAL_TIMEOUT", "3");
        let ran = CommandResult::of(&mut command).ends(1);
        ran.says(&format!(
            "another treino is {doing} (pid 4711): waiting for it"
        ))
        .says("has not ended within 3 s");
    }
}
