//! A low limit of open files.

use super::{Lab, no_panic};

#[test]
fn too_few_open_files_are_reported_with_help() {
    let lab = Lab::deployed("too_few_open_files_are_reported_with_help");
    for limit in [4, 6, 10, 20, 40, 80, 150] {
        for verb in lab.verbs() {
            let script = format!(r#"ulimit -n {limit}; exec "$0" "$@""#);
            let ran = lab.by_shell(&script, &verb.words);
            let what = format!("{script} {:?}", verb.words);
            no_panic(&ran, &what);
            if verb.speaks {
                assert_eq!(ran.code, 1, "{what}: {ran:?}");
                let limit = format!("`ulimit -n` is {limit}");
                assert!(ran.err.contains(&limit), "{what}: {ran:?}");
                assert!(ran.err.contains("help: raise the limit"), "{what}: {ran:?}");
            } else {
                // These need one at a time.
                assert_eq!(ran.code, 0, "{what}: {ran:?}");
            }
        }
    }
}

#[test]
fn the_soft_limit_is_raised() {
    let lab = Lab::deployed("the_soft_limit_is_raised");
    for verb in lab.verbs() {
        let ran = lab.by_shell(r#"ulimit -Sn 20; exec "$0" "$@""#, &verb.words);
        assert_eq!(ran.code, 0, "{:?}: {ran:?}", verb.words);
    }
}

/// The many calls of a large stack need no more connections than those of a small one.
#[test]
fn a_large_stack_needs_no_more_files() {
    let lab = Lab::of("a_large_stack_needs_no_more_files");
    let groups = (0..400).map(|number| format!("  g{number}: {{}}\n"));
    let groups = groups.collect::<Vec<_>>().concat();
    let stack = format!("stack: lab\nlog_groups:\n{groups}");
    lab.world.file("lab.yaml", stack.as_bytes());
    let words = ["plan", &lab.file].map(String::from);
    let ran = lab.by_shell(r#"ulimit -n 190; exec "$0" "$@""#, &words);
    ran.ends(0).says("400 to create");
}

/// Nested folders are read with one open file per level.
#[test]
fn too_deep_folders_are_reported() {
    let lab = Lab::of("too_deep_folders_are_reported");
    let stack =
        "stack: lab\nfunctions:\n  f: { code: code, handler: app.handler, runtime: python3.13 }\n";
    lab.world.file("lab.yaml", stack.as_bytes());
    let deep = format!("code/{}app.py", "d/".repeat(30));
    lab.world.file(&deep, b"");
    let words = ["check", &lab.file].map(String::from);
    let ran = lab.by_shell(r#"ulimit -n 20; exec "$0" "$@""#, &words);
    ran.ends(2)
        .says("Too many open files")
        .says("ulimit -n 1024");
    lab.by_shell(r#"exec "$0" "$@""#, &words).ends(0);
}
