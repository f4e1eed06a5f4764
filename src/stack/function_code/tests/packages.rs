use super::*;

fn at(folder: &tempfile::TempDir, more: &str) -> Checked {
    Checked::at(folder.path(), "python3.13", "app.handler", more)
}

fn with_zip(bytes: &[u8]) -> Checked {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("code.zip"), bytes).unwrap();
    at(&folder, "")
}

fn bytes_of(folder: &tempfile::TempDir) -> Vec<u8> {
    std::fs::read(folder.path().join("code.zip")).unwrap()
}

#[test]
fn zips_that_lambda_cannot_unpack_are_one_error() {
    at(&zipped(&[("app.py", DEF), ("lib\\util.py", "")]), "").says(&[
        "error:",
        "backslashes (`lib\\util.py`)",
        "Compress-Archive",
    ]);
    with_zip(b"").says(&["is empty"]);
    with_zip(b"text").says(&["neither a folder nor a zip file"]);
    with_zip(&[0x1f, 0x8b, 8, 0]).says(&["gzip"]);
    at(&zipped(&[]), "").says(&["has no files"]);
    let good = bytes_of(&zipped(&[("app.py", DEF)]));
    with_zip(&good).is_silent("a good zip");
    with_zip(&good[..good.len() - 30]).says(&["damaged zip file"]);
    let mut wrong = good.clone();
    // A byte of the first file's contents.
    wrong[30 + "app.py".len() + 3] ^= 0xff;
    with_zip(&wrong).says(&["damaged zip file"]);
    let mut encrypted = good.clone();
    let directory = good
        .windows(4)
        .position(|four| four == b"PK\x01\x02")
        .unwrap();
    encrypted[6] |= 1;
    encrypted[directory + 8] |= 1;
    with_zip(&encrypted).says(&["is encrypted (`app.py`)"]);
    let mut huge = good.clone();
    huge[directory + 24..directory + 28].copy_from_slice(&0x2000_0000_u32.to_le_bytes());
    with_zip(&huge).says(&["take 512 MiB"]);
}

#[test]
fn files_that_only_their_owner_may_read_are_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("code.zip")).unwrap();
    let mut zip = zip::ZipWriter::new(file);
    let options = zip::write::SimpleFileOptions::default().unix_permissions(0o600);
    zip.start_file("app.py", options).unwrap();
    zip.write_all(DEF.as_bytes()).unwrap();
    zip.finish().unwrap();
    at(&folder, "").says(&["warning: `app.py`"]);
}

#[test]
fn secrets_are_named_with_the_exclude_that_says_so() {
    let files = [
        ("app.py", DEF),
        (".env", "K=1"),
        ("x/prod.env", "K=1"),
        (".ssh/id_rsa", "k"),
        (".env.example", "K="),
    ];
    let folder = written(&files);
    at(&folder, "").says(&[
        "warning: left out of the package",
        "`.env`, `.ssh`, `x/prod.env`",
        "`exclude: [.env, .ssh, x/prod.env]`",
        "`include: [code/.env]`",
    ]);
    at(&folder, "    exclude: [.env, .ssh, x/prod.env]\n").is_silent("they are excluded");
    at(&folder, "    exclude: [\"**\", \"!app.py\"]\n").is_silent("all but one are excluded");
}

#[test]
fn secrets_in_the_content_of_files_are_named_and_packaged() {
    let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7";
    let key = format!("-----BEGIN PRIVATE KEY-----\n{body}\n");
    let aws = "AKIAQWERTYUIOPASDFGH,abcdEFGHijklMNOPqrstUVWXyz0123456789+/ab\n";
    let large = format!("{}{key}", "x".repeat(70_000));
    let files = [
        ("app.py", DEF),
        ("conf/k.txt", key.as_str()),
        ("my notes", aws),
        ("large.txt", &large),
        ("node_modules/a/key.js", &key),
    ];
    let folder = written(&files);
    at(&folder, "").says(&[
        "warning: the package has what looks like a secret: `conf/k.txt` has a private key, `my notes` has an aws access key",
        "`exclude: [conf/k.txt, \"my notes\"]`",
        "`include: [code/conf/k.txt]` at the top",
    ]);
    at(&folder, "    exclude: [k.txt, my notes]\n").is_silent("they are excluded");
    at(
        &folder,
        "    exclude: [my notes]\ninclude: [code/conf/k.txt]\n",
    )
    .is_silent("it is meant");
    let zip = [("app.py", DEF), ("k.txt", key.as_str())];
    at(&zipped(&zip), "").says(&[
        "`k.txt` has a private key",
        "make it without",
        "`include: [code.zip]`",
    ]);
    at(&zipped(&zip), "include: [code.zip]\n").is_silent("it is meant");

    std::fs::create_dir_all(folder.path().join("shared")).unwrap();
    std::fs::write(folder.path().join("shared/.env"), "K=1").unwrap();
    let beside = "    include: [./shared]\n    exclude: [k.txt, my notes]\n";
    at(&folder, beside).says(&["`shared/.env`", "`include: [./shared/.env]` at the top"]);
}

#[test]
fn patterns_that_leave_nothing_out_or_too_much_are_named() {
    let folder = written(&[("app.py", DEF), ("docs/a.md", ""), (".git/config", "")]);
    at(&folder, "    exclude: [\"*.md\", .git]\n").is_silent("each matches");
    at(&folder, "    exclude: [\"*.txt\"]\n").says(&["warning: `*.txt` matches no file"]);
    at(&folder, "    exclude: [\"docs\\\\a.md\"]\n").says(&["error:", "has a backslash"]);
    at(&folder, "    exclude: [app.py]\n").says(&["error: the code has no file app.py"]);
    at(&folder, "    exclude: [\"*\"]\n").says(&["no files that `exclude` does not leave out"]);
    at(&zipped(&[("app.py", DEF)]), "    exclude: [\"*.md\"]\n").says(&[
        "error:",
        "leaves nothing out of",
        "zip file",
    ]);
}

#[test]
fn the_stack_s_own_files_and_tools_are_not_packaged() {
    use crate::stack::Target;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let hash = || {
        let (loaded, _) = load(&folder.path().join("lab.yaml"), Given::default()).unwrap();
        let target = Target {
            partition: "aws".into(),
            region: "us-east-1".into(),
            account: "123456789012".into(),
            stack: "lab".into(),
            owner: None,
        };
        let (desired, _) = loaded.expand(&target).unwrap();
        desired.artifacts.keys().cloned().collect::<Vec<_>>()
    };
    let stack = "stack: lab\nfunctions:\n  f: { code: ., handler: app.handler, runtime: python3.13 }\n\
                 state_machines:\n  m: { definition: flow.asl.json }\n";
    let definition = r#"{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}"#;
    write("lab.yaml", stack);
    write("app.py", DEF);
    write("flow.asl.json", definition);
    let before = hash();
    write("lab.yaml", &format!("# changed\n{stack}"));
    write("flow.asl.json", &format!("{definition}\n"));
    write(
        "gone.json",
        r#"{"target": {}, "began": "", "ended": "", "resources": [], "remains": [], "kept": [], "not_looked_for": []}"#,
    );
    for name in [
        "env/bin/activate",
        "env/lib/x.py",
        ".git/config",
        ".gitignore",
        ".vscode/a.json",
        ".app.py.swp",
        "app.py~",
    ] {
        write(name, "x");
    }
    assert_eq!(hash(), before);
    write("data.json", "{}");
    assert_ne!(hash(), before);
}

#[test]
fn packages_that_are_installed_later_are_let_be() {
    let text = format!("import requests, PIL, anything\n{DEF}");
    let folder = written(&[
        ("app.py", text.as_str()),
        ("requirements.txt", "requests==2.31.0\n"),
    ]);
    at(&folder, "").is_silent("pip installs what cannot be known");
    let unbuilt = at(&folder, "    build: none\n").0;
    assert!(
        unbuilt[0].contains("`build: none` installs nothing"),
        "{unbuilt:?}"
    );
    let node = |package: &str, lock: Option<&str>, line: &str| {
        let text = format!("{line}\nexports.handler = f");
        let mut files = vec![("app.js", text.as_str()), ("package.json", package)];
        files.extend(lock.map(|lock| ("package-lock.json", lock)));
        Checked::at(written(&files).path(), "nodejs22.x", "app.handler", "")
    };
    let package = r#"{"dependencies": {"is-odd": "3.0.1"}}"#;
    node(package, None, "require('is-odd'); require('is-number')").is_silent("is-odd may need it");
    node(package, None, "require('aws-sdk')").says(&["version 2"]);
    let lock = r#"{"lockfileVersion": 3, "packages": {"": {}, "node_modules/is-odd": {"version": "3.0.1"}, "node_modules/is-number": {"version": "6.0.0"}}}"#;
    node(
        package,
        Some(lock),
        "require('is-odd'); require('is-number')",
    )
    .is_silent("the lock has both");
}
