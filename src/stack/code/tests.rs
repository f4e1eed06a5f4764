use super::*;

fn source(code: &str, include: &[&str]) -> PackageSource {
    PackageSource {
        code: code.into(),
        include: include.iter().map(|&path| path.into()).collect(),
        exclude: Vec::new(),
        build: BuildMode::Auto,
        runtime: "python3.13".into(),
        architecture: Architecture::X86,
    }
}

fn packaged(folder: &Path) -> Result<Package, FileError> {
    package(
        folder,
        &source(".", &[]),
        &Boundary::of(folder, &[]),
        &StackFiles::default(),
    )
}

#[test]
fn folders_that_functions_share_are_put_beside_the_code() {
    let root = tempfile::tempdir().unwrap();
    let write = |name: &str| {
        let path = root.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, name).unwrap();
    };
    for name in [
        "lab/code/app.py",
        "lab/lib/a/util.py",
        "lab/one.py",
        "lab/other/app.py",
        "far/x.py",
    ] {
        write(name);
    }
    std::fs::create_dir_all(root.path().join("lab/.git")).unwrap();
    let folder = root.path().join("lab");
    let made = |include: &[&str]| {
        package(
            &folder,
            &source("code", include),
            &Boundary::of(&folder, &[]),
            &StackFiles::default(),
        )
    };
    let files = |include: &[&str]| made(include).unwrap().files;
    assert_eq!(files(&["lib"]), ["app.py", "lib/a/util.py"]);
    assert_eq!(
        files(&["lib/a/", "./one.py"]),
        ["a/util.py", "app.py", "one.py"]
    );
    let refused = |include: &[&str]| made(include).err().unwrap().message;
    assert!(refused(&["other/app.py"]).contains("`app.py` would be both"));
    assert!(refused(&["lab"]).contains("there is no"));
    let part = |include: &[&str]| made(include).err().unwrap().part;
    assert_eq!(part(&["lib", "lab"]), PackagePart::Include(Some(1)));
    assert_eq!(part(&["lib", "../far"]), PackagePart::Include(Some(1)));
    assert_eq!(part(&["other/app.py"]), PackagePart::Include(None));
    assert!(refused(&["lib/*"]).contains("`include` takes paths, not patterns"));
    let help = made(&["../lib"]).err().unwrap().help;
    assert!(help.contains("did you mean `lib`?"), "{help}");
    assert!(refused(&["../far"]).contains("leads out of the repository"));
}

#[test]
fn zips_are_measured_unzipped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.py");
    std::fs::write(&path, "x").unwrap();
    let files = [("x.py", path.as_path())];
    let mut bytes = zipping::zip(files.into_iter(), ExecutableBit::Content).unwrap();
    // The directory at the end says how large each file is.
    let entry = bytes
        .windows(4)
        .position(|four| four == b"PK\x01\x02")
        .unwrap();
    let said = |bytes: &[u8]| {
        std::fs::write(folder.path().join("f.zip"), bytes).unwrap();
        let boundary = Boundary::of(folder.path(), &[]);
        let made = package(
            folder.path(),
            &source("f.zip", &[]),
            &boundary,
            &StackFiles::default(),
        );
        made.err().map(|wrong| wrong.message).unwrap_or_default()
    };
    let mut sized = |size: u32| {
        bytes[entry + 24..entry + 28].copy_from_slice(&size.to_le_bytes());
        said(&bytes)
    };
    assert_eq!(sized(250 * 1024 * 1024), "");
    assert!(sized(250 * 1024 * 1024 + 1).contains("f.zip take 251 MiB"));
}

fn refusal(folder: &Path) -> String {
    match packaged(folder) {
        Err(wrong) => wrong.message,
        Ok(package) => panic!("{:?}", package.files),
    }
}

#[test]
fn package_names_are_relative_paths() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
    for name in ["a/b/c.py", "a.py", "a.pyc", "a/x.pyc", "é.txt"] {
        std::fs::write(folder.path().join(name), name).unwrap();
    }
    let made = packaged(folder.path()).unwrap();
    assert_eq!(made.files, ["a.py", "a/b/c.py", "a/x.pyc", "é.txt"]);
    assert_eq!(made.sha256, packaged(folder.path()).unwrap().sha256);
}

#[cfg(unix)]
#[test]
fn circular_links_and_special_files_are_refused() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    std::fs::write(inner.join("app.py"), "").unwrap();
    symlink(&inner, folder.path().join("again")).unwrap();
    let files = packaged(folder.path()).unwrap().files;
    assert_eq!(files, ["again/app.py", "inner/app.py"]);
    symlink(folder.path(), inner.join("back")).unwrap();
    symlink(folder.path(), inner.join("back-too")).unwrap();
    assert!(refusal(folder.path()).contains("leads back"));
    let links = tempfile::tempdir().unwrap();
    let code = |name: &str, to: &str| {
        let folder = links.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("app.py"), "").unwrap();
        symlink(to, folder.join("link")).unwrap();
        refusal(&folder)
    };
    assert!(code("gone", "nowhere").contains("is a link to `nowhere`, which does not exist"));
    assert!(code("loop", "link").contains("is a link to `link`, which leads back to the link"));
    let other = tempfile::tempdir().unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(other.path().join("s")).unwrap();
    assert!(refusal(other.path()).contains("neither a file nor a folder"));
}
