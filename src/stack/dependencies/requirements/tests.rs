use super::*;
use crate::source::Severity;

/// What a folder with these files comes to: the requirements that pip is given, and what is wrong, with its line.
fn read(files: &[(&str, &[u8])]) -> (String, Vec<String>) {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("lab/code");
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let boundary = Boundary::of(&root.path().join("lab"), &[]);
    let found = match find(&folder, &boundary) {
        Ok(found) => found.unwrap_or_default(),
        Err(problem) => return (String::new(), vec![problem.message]),
    };
    let said = found.problems.0.iter().map(|one| {
        assert!(
            one.severity == Severity::Error && one.help.is_some(),
            "{one:?}"
        );
        let place = one
            .place
            .as_ref()
            .map(|place| place.span.line_column(&place.source).0);
        format!("{}: {}", place.unwrap_or(0), one.message)
    });
    let said = said.collect();
    let inputs = found.build.map(|build| build.inputs).unwrap_or_default();
    let text = |name: &str| {
        let bytes = inputs.get(name).map_or(&[][..], |bytes| bytes);
        String::from_utf8(bytes.to_vec()).unwrap()
    };
    let constraints = text("constraints.txt");
    let constraints = if constraints.is_empty() {
        constraints
    } else {
        format!("-- {constraints}")
    };
    (text(FILE) + &constraints, said)
}

fn alone(text: &str) -> (String, Vec<String>) {
    read(&[(FILE, text.as_bytes())])
}

#[test]
fn requirements_are_read_as_by_pip() {
    let text = "\u{feff}# a comment\n\nrequests == 2.31.0  # pinned\nPillow>=10; python_version >= '3.9'\n\
                --extra-index-url https://host/simple#frag\nfoo==1 \\\n    --hash=sha256:ab \\\n    --hash=sha256:cd\n";
    let (given, said) = alone(text);
    assert_eq!(said, Vec::<String>::new());
    assert_eq!(
        given,
        "requests == 2.31.0\nPillow>=10; python_version >= '3.9'\n--extra-index-url https://host/simple#frag\n\
         foo==1 --hash=sha256:ab --hash=sha256:cd\n"
    );
    assert_eq!(
        alone("# nothing\n\n"),
        (String::new(), Vec::new()),
        "nothing to install"
    );
}

#[test]
fn other_files_are_put_in_their_place() {
    let (given, said) = read(&[
        (
            FILE,
            b"-r base/more.txt\n-c limits.txt\na==1\n./wheels/own-1-py3-none-any.whl\n",
        ),
        ("base/more.txt", b"b==2\n"),
        ("limits.txt", b"c<3\n"),
        ("wheels/own-1-py3-none-any.whl", b"zip"),
    ]);
    assert_eq!(said, Vec::<String>::new());
    assert_eq!(
        given,
        "b==2\na==1\n./wheels/own-1-py3-none-any.whl\n-- c<3\n"
    );
    let (_, said) = read(&[
        (FILE, b"a==1\n-r again.txt\n"),
        ("again.txt", b"-r requirements.txt\n"),
    ]);
    assert!(
        said.len() == 1 && said[0].contains("names itself"),
        "{said:?}"
    );
    assert!(
        alone("-r no.txt").1[0].starts_with("1: there is no file"),
        "a missing file"
    );
    let (_, said) = alone("a==1\n-r ../../../etc/passwd\n");
    assert!(
        said[0].starts_with("2: "),
        "outside of the boundary: {said:?}"
    );
}

#[test]
fn text_of_powershell_is_read() {
    let utf16: Vec<u8> = "\u{feff}requests==2.31.0\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        read(&[(FILE, &utf16)]),
        ("requests==2.31.0\n".into(), Vec::new())
    );
}

#[test]
fn what_is_no_wheel_is_refused() {
    for (line, words) in [
        ("-e .", "`.` is not a wheel"),
        ("git+https://host/a.git#egg=a", "not a wheel"),
        ("a @ git+ssh://host/a.git", "not a wheel"),
        (
            "a @ file:///home/me/a-1-py3-none-any.whl",
            "a file of one machine",
        ),
        ("./folder", "not a wheel"),
        ("https://host/a-1.tar.gz", "not a wheel"),
        ("--no-binary :all:", "`--no-binary`"),
        ("a==1 --global-option=x", "`--global-option=x`"),
        ("--find-links ./wheels", "not an address"),
        ("--index-url https://${TOKEN}@host/simple", "`${TOKEN}`"),
        ("--odd", "does not know the option `--odd`"),
    ] {
        let (_, said) = alone(&format!("ok==1\n{line}\n"));
        assert!(
            said.len() == 1 && said[0].starts_with("2: ") && said[0].contains(words),
            "{line}: {said:?}"
        );
    }
}

#[test]
fn what_has_a_version_is_told_from_what_has_none() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("lab/code");
    std::fs::create_dir_all(&folder).unwrap();
    let text = "-c limits.txt\nidna\nrequests>=2\nFoo_Bar\nurllib3==2.0\nhttps://h/six-1.16.0-py3-none-any.whl\nattrs @ https://h/attrs-1-py3-none-any.whl\n";
    std::fs::write(folder.join(FILE), text).unwrap();
    std::fs::write(
        folder.join("limits.txt"),
        "Idna==3.7\nfoo.bar==1\nrequests<3\n",
    )
    .unwrap();
    let found = find(&folder, &Boundary::of(&root.path().join("lab"), &[]));
    let build = found.unwrap().unwrap().build.unwrap();
    assert_eq!(build.unpinned, ["requests"]);
    let named: Vec<&str> = build.named.keys().map(String::as_str).collect();
    assert_eq!(
        named,
        ["attrs", "foo-bar", "idna", "requests", "six", "urllib3"]
    );
}
