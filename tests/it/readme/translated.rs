//! `README.pt-BR.md` has the commands of `README.md`, and the guide in Portuguese those of the one in English.

use crate::support::repository;

pub fn read(path: &str) -> String {
    std::fs::read_to_string(repository(path)).unwrap()
}

/// The code blocks of a document: the language, and the lines.
pub fn blocks(text: &str) -> Vec<(String, Vec<String>)> {
    let mut blocks: Vec<(String, Vec<String>)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(_) if inside => inside = false,
            Some(language) => {
                inside = true;
                blocks.push((language.to_owned(), Vec::new()));
            }
            None if inside => blocks.last_mut().unwrap().1.push(line.to_owned()),
            None => {}
        }
    }
    blocks
}

/// The same without comments in YAML, which are translated.
fn untranslated(path: &str) -> Vec<(String, Vec<String>)> {
    let mut blocks = blocks(&read(path));
    for (language, lines) in &mut blocks {
        if language == "yaml" {
            for line in lines {
                let code = line.split(" #").next().unwrap().trim_end();
                *line = code.to_owned();
            }
        }
    }
    blocks
}

/// What the table of verbs has in its first column, and the options in its rows.
fn verbs(path: &str) -> Vec<Vec<String>> {
    let text = read(path);
    let rows = text.lines().filter(|line| line.starts_with("| `treino "));
    rows.map(|row| {
        let quoted = row.split('`').skip(1).step_by(2);
        let plain = quoted.filter(|text| text.starts_with("treino ") || text.starts_with("--"));
        plain.map(str::to_owned).collect()
    })
    .collect()
}

#[test]
fn the_readme_in_portuguese_has_the_commands_of_the_readme() {
    let (english, portuguese) = (untranslated("README.md"), untranslated("README.pt-BR.md"));
    assert!(english.len() > 8, "the blocks are found");
    assert_eq!(portuguese, english);
    let rows = verbs("README.md");
    assert!(rows.len() > 10, "the verbs are found");
    assert_eq!(verbs("README.pt-BR.md"), rows);
    for (path, other) in [
        ("README.md", "README.pt-BR.md"),
        ("README.pt-BR.md", "README.md"),
    ] {
        assert!(
            read(path).contains(&format!("]({other})")),
            "{path} names {other}"
        );
    }
}

#[test]
fn the_guides_have_the_same_commands() {
    let guides = ["docs/student-guide.md", "docs/guia-do-aluno.md"];
    let [english, portuguese] = guides.map(|path| blocks(&read(path)));
    assert!(english.len() > 10, "the blocks are found");
    assert_eq!(portuguese, english);
}

/// What a newcomer has to know comes before the first command.
#[test]
fn the_readmes_say_early_what_is_needed_and_what_is_not_checked() {
    for (path, words) in [
        ("README.md", ["no AWS account, no login, no licence"]),
        (
            "README.pt-BR.md",
            ["conta na AWS, nem login, nem chave de licença"],
        ),
    ] {
        let text = read(path);
        let before = text.split("```").next().unwrap();
        assert!(words.iter().all(|words| before.contains(words)), "{path}");
        let start = text.split("\n## ").nth(1).unwrap();
        assert!(
            start.contains("`treino local up --enforce`") && start.contains("IAM"),
            "{path}"
        );
    }
}
