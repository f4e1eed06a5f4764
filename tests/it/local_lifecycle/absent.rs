//! Each verb without a running local AWS: only `up`, `deploy` and `plan` start one.

use super::Local;
use crate::support::CommandResult;

#[test]
fn only_up_deploy_and_plan_start_one() {
    let local = Local::new("only_up_deploy_and_plan_start_one");
    let ways = "`treino local up` starts it, and so does a deploy with --local";
    let cache = local.world.folder.path().join("cache");
    let folder = local.world.folder.path().to_str().unwrap();
    for (arguments, code) in [
        (&["status", "--local"][..], 0),
        (&["status", "kept", "--local"], 1),
        (&["destroy", "kept", "--local", "--yes"], 1),
        (&["local", "status"], 0),
        (&["local", "down"], 0),
        (&["run", "kept", "--input", "{}", "--local"], 1),
        (&["run", "kept", &local.stack, "--local"], 1),
        (&["run", "kept", "--follow", "x", "--local"], 1),
        (&["run", "kept", "--stop", "--local"], 1),
        (&["logs", "kept", "--local"], 1),
        (&["local", "env"], 1),
    ] {
        let mut command = local.command(arguments);
        let ran = CommandResult::of(command.env("XDG_CACHE_HOME", &cache));
        let ran = ran.ends(code).says("not running");
        if *arguments != ["local", "down"] {
            ran.says(ways);
        }
        assert!(!local.state.join("data").exists(), "{arguments:?}");
        assert!(!cache.exists(), "{arguments:?} installed something");
    }
    // These do without an AWS.
    for arguments in [
        &["check", folder, "--local"][..],
        &["init", "--local"],
        &["schema"],
    ] {
        let mut command = local.command(arguments);
        CommandResult::of(command.env("XDG_CACHE_HOME", &cache)).ends(0);
        assert!(!cache.exists(), "{arguments:?} installed something");
    }
    local
        .treino(&["plan", &local.stack, "--local"])
        .ends(0)
        .says("starting the local AWS");
    local
        .treino(&["status", "--local"])
        .ends(0)
        .says("no stack is deployed in us-east-1");
    local
        .treino(&["local", "env"])
        .ends(0)
        .says("AWS_ENDPOINT_URL");
    // All data is deleted with it.
    local
        .treino(&["local", "down"])
        .ends(0)
        .says("its data deleted");
    let left = std::fs::read_dir(&local.state).unwrap().flatten();
    let left: Vec<_> = left.map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["lock"]);
}

#[test]
fn a_damaged_secret_is_reported() {
    let local = Local::new("a_damaged_secret_is_reported");
    local.treino(&["local", "up"]).ends(0);
    let secret = local.state.join("secret");
    let whole = std::fs::read_to_string(&secret).unwrap();
    let verbs: [&[&str]; 4] = [
        &["local", "up"],
        &["local", "env"],
        &["status", "--local"],
        &["plan", &local.stack, "--local"],
    ];
    for (text, why) in [
        (Some(String::new()), "is empty"),
        (Some(format!("{}; id", &whole[4..])), "is damaged"),
        (Some(format!("{whole}\n")), "is damaged"),
        (None, "is missing"),
    ] {
        let _ = std::fs::remove_file(&secret);
        if let Some(text) = text {
            std::fs::write(&secret, text).unwrap();
        }
        for verb in verbs {
            let ran = local.treino(verb).ends(1).says(why);
            assert!(ran.out.is_empty(), "{}", ran.out);
            ran.says("`treino local down` (its data is deleted), then `treino local up`");
        }
    }
    local.treino(&["local", "down"]).ends(0);
    local.treino(&["local", "up"]).ends(0);
    local
        .treino(&["local", "env", "--json"])
        .ends(0)
        .says("{\"AWS_");
}

#[test]
fn a_running_one_without_a_record_is_found() {
    let local = Local::new("a_running_one_without_a_record_is_found");
    let data = local.state.join("data");
    std::fs::create_dir_all(&data).unwrap();
    let mut process = std::process::Command::new("sleep")
        .arg("600")
        .spawn()
        .unwrap();
    let pid = process.id().to_string();
    let path = data.join("front.lock");
    std::fs::write(&path, &pid).unwrap();
    let held = std::fs::File::open(&path).unwrap();
    held.lock().unwrap();
    for record in [None, Some("{"), Some("")] {
        if let Some(text) = record {
            std::fs::write(local.state.join("local.json"), text).unwrap();
        }
        for verb in [["local", "up"], ["local", "status"], ["status", "--local"]] {
            local
                .treino(&verb)
                .ends(1)
                .says(&format!("(pid {pid}) is alive"));
        }
    }
    // Waits until it has ended, and its parent has waited for it.
    let reaper = std::thread::spawn(move || process.wait().unwrap());
    local.treino(&["local", "down"]).ends(0).says(&format!(
        "(pid {pid}), of which there was no record, is stopped"
    ));
    assert!(!reaper.join().unwrap().success());
    assert!(!data.exists());
}

#[test]
fn missing_files_are_reported() {
    let local = Local::new("missing_files_are_reported");
    for (file, why) in [
        (".", "is not a file"),
        ("/dev/null", "is not a file"),
        ("/no/such", "no such file"),
    ] {
        let ran = local.treino(&["run", "kept", file, "--local"]).ends(2);
        ran.says(&format!("{file}: {why}"));
    }
    for verb in ["run", "logs", "status", "destroy"] {
        let mut arguments = vec![verb, "/no/such.yaml", "--local"];
        if verb == "run" {
            arguments.push("--stop");
        }
        let ran = local.treino(&arguments).ends(2);
        ran.says("without the file, use the stack's name");
    }
    for arguments in [&["local", "down"][..], &["status"], &["destroy", "kept"]] {
        let mut arguments = arguments.to_vec();
        arguments.push("--json");
        if arguments[0] != "local" {
            arguments.push("--local");
        }
        let code = i32::from(arguments.contains(&"kept"));
        local
            .treino(&arguments)
            .ends(code)
            .says("\"running\":false");
    }
}

#[test]
fn an_invalid_record_is_reported_and_deleted() {
    let local = Local::new("an_invalid_record_is_reported_and_deleted");
    std::fs::create_dir(&local.state).unwrap();
    std::fs::write(local.state.join("local.json"), "{\"pid\": 1").unwrap();
    let arguments: [&[&str]; 3] = [&["status", "--local"], &["local", "up"], &["local", "env"]];
    for arguments in arguments {
        local
            .treino(arguments)
            .ends(1)
            .says("is not a record of a local AWS")
            .says("treino local down");
    }
    local
        .treino(&["local", "down"])
        .ends(0)
        .says("what it had left is deleted");
    local
        .treino(&["local", "status"])
        .ends(0)
        .says("keeps no data");
}
