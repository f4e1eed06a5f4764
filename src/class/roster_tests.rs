use super::*;

fn faults(text: &str) -> Vec<String> {
    let source = Source::new("roster.csv", text);
    let Err(wrong) = of_source(&source) else {
        return Vec::new();
    };
    let text = |one: &Diagnostic| {
        let place = one
            .place
            .as_ref()
            .map(|place| place.span.line_column(&place.source));
        let place = place.map_or_else(String::new, |(line, column)| format!("{line}:{column} "));
        assert!(
            one.help.as_ref().is_some_and(|help| !help.is_empty()),
            "{one:?}"
        );
        format!("{place}{}", one.message)
    };
    wrong.0.iter().map(text).collect()
}

fn owners(text: &str) -> Vec<String> {
    let roster = of_source(&Source::new("roster.csv", text)).unwrap();
    roster.students.into_iter().map(|one| one.owner).collect()
}

#[test]
fn a_roster_is_read() {
    let text = "Owner; Name;role ARN;Region;\r\n ana ;\"Souza; Ana\";arn:aws:iam::111122223333:role/lab;sa-east-1;\r\n;;;;\r\nbia;;;;\r\n";
    let roster = of_source(&Source::new("roster.csv", text)).unwrap();
    let ana = Student {
        owner: "ana".into(),
        name: Some("Souza; Ana".into()),
        profile: None,
        role_arn: Some("arn:aws:iam::111122223333:role/lab".into()),
        region: Some("sa-east-1".into()),
        place: "roster.csv:2".into(),
    };
    let bia = Student {
        owner: "bia".into(),
        place: "roster.csv:4".into(),
        ..Student::default()
    };
    assert_eq!(roster.students, [ana, bia]);
    assert_eq!(owners("owner\nana\nana-b"), ["ana", "ana-b"]);
    assert_eq!(owners("name,owner\nAna,ana"), ["ana"]);
}

#[test]
fn all_faults_are_told_at_once_with_their_places() {
    let text = "owner,nme,profile,role_arn,region\n\
                Ana,x,,,\n\
                bia,x,p,arn:aws:iam::1:role/x,mars\n\
                ,x,,,\n\
                bia,,,,\n\
                BIA,,,,\n\
                caio,,,,,more\n\
                a_b,,,,\n";
    assert_eq!(
        faults(text),
        [
            "1:7 a roster has no column `nme`",
            "2:1 `Ana` cannot be an owner",
            "3:9 this line has a profile and a role",
            "3:9 `arn:aws:iam::1:role/x` is not the ARN of a role",
            "3:31 `mars` is not an AWS region",
            "4:1 this line has no owner",
            "5:1 the owner `bia` is in line 3 already",
            "6:1 the owner `BIA` is in line 3 already",
            "7:10 this line has more fields than the first line has columns, 5",
            "8:1 `a_b` cannot be an owner",
        ]
    );
}

#[test]
fn what_is_no_roster_is_refused() {
    for (text, expected) in [
        (
            "",
            "`roster.csv` is empty: a roster has a first line that names its columns",
        ),
        (
            "\n \n",
            "`roster.csv` is empty: a roster has a first line that names its columns",
        ),
        ("owner\n", "1:1 the roster has no student"),
        ("owner,name\n,\n", "1:7 the roster has no student"),
        ("ana\nbia\n", "1:1 the first line names no column `owner`"),
        (
            "owner,owner\nana,bia\n",
            "1:7 the column `owner` is there twice",
        ),
        (
            "owner,name\nana,\"Ana\nbia,Bia\n",
            "2:5 the quotation mark here is not closed in its line",
        ),
        (
            "owner,name\nana,\"Ana",
            "2:5 the quotation mark here is not closed",
        ),
        (
            "owner,name\nana,A\u{1b}na\n",
            "2:5 this name has a control character (U+001B)",
        ),
        (
            "owner,name\nana,\u{202e}evil\n",
            "2:5 this name has an invisible character (U+202E)",
        ),
        (
            "owner\n\u{200b}bia\n",
            "2:1 this owner has an invisible character (U+200B)",
        ),
        (
            "owner;name\nana,Ana\nbia,Bia\n",
            "2:1 the fields of this line are separated by commas, those of the first line by semicolons",
        ),
    ] {
        assert_eq!(faults(text), [expected], "{text:?}");
    }
}

#[test]
fn an_owner_that_may_be_meant_is_named() {
    for (text, plain) in [
        ("Ana Müller", "ana-muller"),
        ("joão.souza@example.org", "joao-souza"),
        ("a_b", "a-b"),
        ("maria-aparecida-da-silva-souza", "maria-aparecida-da-s"),
    ] {
        let found = of_source(&Source::new("r", format!("owner\n{text}\n"))).unwrap_err();
        let help = found.0[0].help.clone().unwrap();
        assert!(help.ends_with(&format!("such as `{plain}`")), "{help}");
    }
    let found = of_source(&Source::new("r", "owner\n--\n")).unwrap_err();
    assert!(
        found.0[0]
            .help
            .clone()
            .unwrap()
            .ends_with("digits and hyphens")
    );
}

#[test]
fn other_encodings_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.csv");
    for bytes in [
        &b"owner,name\nana,Jo\xe3o\n"[..],
        b"\xff\xfeo\0w\0n\0e\0r\0\n\0",
    ] {
        std::fs::write(&path, bytes).unwrap();
        let wrong = read(&path).unwrap_err();
        let help = wrong.0[0].help.clone().unwrap();
        assert!(help.contains("CSV UTF-8"), "{help}");
    }
    std::fs::write(&path, "\u{feff}owner,name\r\nana,João\r\n").unwrap();
    assert_eq!(
        read(&path).unwrap().students[0].name.as_deref(),
        Some("João")
    );
}

#[test]
fn some_of_the_owners_are_chosen() {
    let roster = of_source(&Source::new("r", "owner\nana\nbia\n")).unwrap();
    let chosen = |owners: &[&str]| {
        let owners: Vec<String> = owners.iter().map(ToString::to_string).collect();
        roster.only(&owners).map(|chosen| chosen.len())
    };
    assert_eq!(chosen(&[]), Ok(2));
    assert_eq!(chosen(&["bia"]), Ok(1));
    let wrong = chosen(&["bai"]).unwrap_err();
    assert!(wrong.contains("did you mean `bia`?"), "{wrong}");
}

#[test]
fn of_many_faults_the_first_are_told() {
    let lines: Vec<String> = (0..100).map(|number| format!("Student {number}")).collect();
    let found = faults(&format!("owner\n{}\n", lines.join("\n")));
    assert_eq!(found.len(), 21);
    assert_eq!(found[20], "22:1 and 80 more errors of the roster");
    // What an old program ends a file with is no student.
    assert_eq!(owners("owner\nana\nbia\n\u{1a}"), ["ana", "bia"]);
    let wrong = read(Path::new("-")).unwrap_err();
    assert!(wrong.0[0].message.contains("standard input"));
}
