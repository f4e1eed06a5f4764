//! Handouts: a page for each student of a class.

use std::path::Path;

use crate::support::{CommandResult, World};

/// A lab with a machine, which somebody starts.
const LAB: &str = "stack: lab\ndescription: one <b>state</b>\nexpires: 4h\n\
    tables: { t: { partition_key: id } }\n\
    state_machines: { m: { definition: { StartAt: A, States: { A: { Type: Pass, End: true } } } } }\n";

const ROSTER: &str = "owner,name\nana,Ana <i>Souza</i>\nbia,\n";

fn class(world: &World, verb: &str, words: &[&str]) -> CommandResult {
    let path = |name: &str, text: &str| {
        let path = world.file(name, text.as_bytes());
        path.to_str().unwrap().to_owned()
    };
    let (stack, roster) = (path("lab.yaml", LAB), path("roster.csv", ROSTER));
    let arguments = ["class", verb, &stack, "--roster", &roster];
    world.treino_json(&[&arguments[..], words].concat())
}

/// The commands of a page.
fn commands(page: &str) -> Vec<String> {
    let blocks = page.split("<pre><code>").skip(1);
    let texts = blocks.map(|rest| rest.split("</code>").next().unwrap());
    texts
        .map(|text| {
            text.replace("<span class=\"word\">", "")
                .replace("</span>", "")
                .replace("&quot;", "\"")
                .replace("&amp;", "&")
        })
        .collect()
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[tokio::test]
async fn each_student_gets_a_page_whose_commands_work() {
    let world = World::new("each_student_gets_a_page");
    let file = world.file("x.txt", b"mine");
    let folder = file.with_file_name("pages");
    let (file, at) = (file.to_str().unwrap(), folder.to_str().unwrap());
    // A roster that is refused leaves no folder, and what is below a file is no folder.
    let roster = world.file("wrong.csv", b"owner\nana\nana\n");
    let lab = world.file("lab.yaml", LAB.as_bytes());
    let (lab, roster) = (lab.to_str().unwrap(), roster.to_str().unwrap());
    let words = ["class", "deploy", lab, "--roster", roster, "--yes"];
    world
        .treino_json(&[&words[..], &["--handout", at]].concat())
        .ends(2);
    assert!(!folder.exists());
    let below = format!("{file}/below");
    class(&world, "deploy", &["--yes", "--handout", &below])
        .ends(2)
        .says("x.txt is no folder; nothing was changed");
    // What cannot be written to is told before anything is made.
    class(&world, "deploy", &["--yes", "--handout", file])
        .ends(2)
        .says("x.txt: it is a file; nothing was changed");
    assert_eq!(
        world.clients().await.everything().await,
        Vec::<String>::new()
    );
    class(
        &world,
        "deploy",
        &["--yes", "--handout", at, "--lang", "fr"],
    )
    .ends(2)
    .says("possible values: en, pt");
    class(&world, "deploy", &["--yes", "--lang", "pt"])
        .ends(2)
        .says("--handout");

    let deployed = class(&world, "deploy", &["--yes", "--handout", at]).ends(0);
    let told = deployed.events("handout");
    let pages: Vec<_> = told
        .iter()
        .map(|one| (one["owner"].as_str(), one["deployed"].as_bool()))
        .collect();
    assert_eq!(
        pages,
        [(Some("ana"), Some(true)), (Some("bia"), Some(true))]
    );
    assert_eq!(deployed.event("handouts")["pages"], 2);
    let page = read(&folder, "lab-ana.html");
    assert!(page.contains("<html lang=\"en\">") && page.contains("Ana &lt;i&gt;Souza&lt;/i&gt;"));
    assert!(
        page.contains("lab-t-ana")
            && !page.contains("lab-t-bia")
            && !page.contains("not completely deployed")
    );
    assert!(read(&folder, "index.html").contains("<a href=\"lab-bia.html\">"));
    // As a student pastes them.
    for command in commands(&page)
        .iter()
        .filter(|one| one.starts_with("treino "))
    {
        if !command.contains("treino destroy") {
            world.shell(folder.parent().unwrap(), command).ends(0);
        }
    }

    // Again, for one of them in Portuguese, beside a file that is somebody else's.
    std::fs::write(folder.join("lab-bia.html"), "mine").unwrap();
    let only = class(
        &world,
        "handout",
        &["--out", at, "--lang", "pt", "--only", "ana"],
    )
    .ends(0);
    assert_eq!(only.events("handout").len(), 1);
    let page = read(&folder, "lab-ana.html");
    assert!(
        page.contains("<html lang=\"pt-BR\">") && page.contains("acaba em"),
        "{page}"
    );
    let index = read(&folder, "index.html");
    assert!(
        index.contains("<a href=\"lab-ana.html\">") && !index.contains("lab-bia.html"),
        "{index}"
    );
    let beside = class(&world, "handout", &["--out", at])
        .ends(1)
        .says("lab-bia.html was not written by treino")
        .says("or name another folder");
    assert_eq!(beside.events("handout")[1]["file"], serde_json::Value::Null);
    assert_eq!(read(&folder, "lab-bia.html"), "mine");

    class(&world, "destroy", &["--yes"]).ends(0);
    std::fs::remove_file(folder.join("lab-bia.html")).unwrap();
    let after = class(&world, "handout", &["--out", at]).ends(0);
    assert_eq!(after.events("handout")[1]["deployed"], false);
    assert!(read(&folder, "lab-bia.html").contains("Your teacher deploys it"));
}
