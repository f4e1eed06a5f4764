//! Pages of a handout that has everything, with names that try to be more than names.

use super::*;
use crate::asl::{self, StateMachineArn};
use crate::ops::{
    Handout, HandoutAct, HandoutCommand, HandoutExtent, HandoutMachine, HandoutPlace,
    HandoutResource, HandoutStart, StartCause,
};
use crate::stack::Kind;

/// Whatever a text is put into, it must not end it.
const HOSTILE: &str =
    "\"'><script>alert(1)</script><img src=x onerror=alert(2)>&amp;{0}{1} שלום 🎓";

const LANGUAGES: [HandoutLanguage; 2] = [HandoutLanguage::English, HandoutLanguage::Portuguese];

const ACTS: [HandoutAct; 17] = [
    HandoutAct::LocalAccount,
    HandoutAct::Status,
    HandoutAct::Put,
    HandoutAct::Start,
    HandoutAct::Runs,
    HandoutAct::Logs,
    HandoutAct::Test,
    HandoutAct::Destroy,
    HandoutAct::CliLocal,
    HandoutAct::CliUpload,
    HandoutAct::CliStart,
    HandoutAct::CliExecutions,
    HandoutAct::CliScan,
    HandoutAct::CliInvoke,
    HandoutAct::CliLogs,
    HandoutAct::CliPublish,
    HandoutAct::CliQueue,
];

/// A handout in which every text is this one.
fn full(text: &str) -> Handout {
    let own = || text.to_owned();
    let state = serde_json::json!({ "Type": "Task", "Resource": text, "Comment": text, "End": true,
        "Retry": [{ "ErrorEquals": [text] }], "Catch": [{ "ErrorEquals": [text], "Next": text }] });
    let inner = serde_json::json!({ "StartAt": text, "States": { text: state } });
    let definition = serde_json::json!({ "StartAt": "a", "States": {
        "a": { "Type": "Choice", "Choices": [{ "Condition": text, "Next": text }], "Default": "nowhere" },
        text: { "Type": "Parallel", "Branches": [inner, inner], "Next": "m" },
        "m": { "Type": "Map", "ItemProcessor": inner, "Items": text, "Next": "w",
            "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "f" }] },
        "w": { "Type": "Wait", "Seconds": 5, "Next": "a" },
        "f": { "Type": "Fail", "Error": text, "Cause": text },
    } });
    let arn = StateMachineArn {
        partition: "aws".to_owned(),
        region: "us-east-1".to_owned(),
        account: "111122223333".to_owned(),
        name: own(),
    };
    let file = StartCause::File {
        bucket_key: own(),
        bucket: own(),
        prefix: Some(own()),
        suffix: Some(own()),
        by_trail: true,
    };
    let causes = [
        file,
        StartCause::Pattern(own()),
        StartCause::Schedule(own()),
    ];
    let starts = causes.map(|cause| HandoutStart {
        cause,
        kind: Kind::StateMachine,
        key: own(),
        name: own(),
        enabled: false,
    });
    Handout {
        stack: own(),
        description: own(),
        owner: own(),
        name: Some(own()),
        account: own(),
        region: own(),
        profile: Some(own()),
        place: HandoutPlace::Aws,
        deployed: HandoutExtent::Part,
        expires: Some("2100-11-28T13:00:00Z".to_owned()),
        self_destruct: true,
        resources: Kind::ALL
            .map(|kind| HandoutResource {
                kind,
                key: own(),
                name: own(),
                console: Some(format!("https://console/{text}")),
                logs: Some(own()),
            })
            .to_vec(),
        starts: starts.to_vec(),
        machines: vec![HandoutMachine {
            key: own(),
            name: own(),
            outline: asl::outline(&definition, &arn),
        }],
        commands: ACTS
            .map(|act| HandoutCommand {
                act,
                of: Some(own()),
                command: own(),
            })
            .to_vec(),
        variables: vec![own()],
    }
}

/// Every tag of a page with what it has: the name first.
fn tags(page: &str) -> Vec<&str> {
    let (_, body) = page.split_once("</style>").unwrap();
    let tags = body.split('<').skip(1);
    tags.map(|rest| rest.split_once('>').unwrap().0).collect()
}

/// The names of the attributes of a tag, whose values are all in quotes.
fn attributes(tag: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for (number, part) in tag.split('"').enumerate() {
        // What is outside of quotes: the name of the tag first, then names of attributes.
        if number % 2 == 0 {
            names.extend(
                part.split_whitespace()
                    .map(|name| name.trim_end_matches('=')),
            );
        }
    }
    names.remove(0);
    names
}

#[test]
fn no_text_becomes_markup() {
    let elements = [
        "a", "bdi", "body", "code", "dd", "div", "dl", "dt", "em", "footer", "h1", "h2", "h3",
        "head", "header", "html", "li", "main", "ol", "p", "pre", "section", "span", "strong",
        "table", "tbody", "td", "th", "thead", "tr", "ul",
    ];
    let known = ["aria-label", "class", "dir", "href", "id", "rel", "scope"];
    let of = full(HOSTILE);
    let entry = IndexEntry {
        owner: HOSTILE,
        name: Some(HOSTILE),
        handout: Some(&of),
        file: Some(HOSTILE.to_owned()),
        reason: Some(HOSTILE.to_owned()),
    };
    let of_class = IndexPage {
        stack: HOSTILE,
        description: HOSTILE,
        students: vec![entry],
        of_roster: 2,
    };
    for language in LANGUAGES {
        for page in [page(&of, language), index(&of_class, language)] {
            assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
            assert!(page.contains("שלום 🎓"));
            for tag in tags(&page) {
                let element = tag.trim_start_matches('/').split(' ').next().unwrap();
                assert!(elements.contains(&element), "<{tag}>");
                for attribute in attributes(tag) {
                    assert!(known.contains(&attribute), "<{tag}>");
                }
            }
            // The title is before the styles.
            let head = page.split("<style>").next().unwrap();
            assert_eq!(head.matches("<script").count(), 0);
            assert_eq!(page.matches("<script").count(), 0);
        }
    }
}

#[test]
fn a_page_reads_nothing_and_can_be_read_aloud() {
    for language in LANGUAGES {
        let page = page(&full("x"), language);
        let tag = language.texts().tag;
        assert!(
            page.starts_with(&format!("<!DOCTYPE html><html lang=\"{tag}\">")),
            "{page}"
        );
        assert!(is_page(&page));
        for reads in [
            "src=",
            "url(",
            "@import",
            "<link",
            "<script",
            "<iframe",
            "http-equiv=\"refresh",
        ] {
            assert!(!page.contains(reads), "{reads}");
        }
        assert_eq!(page.matches("<h1>").count(), 1);
        let th = tags(&page)
            .into_iter()
            .filter(|tag| tag.starts_with("th") && !tag.starts_with("thead"));
        assert!(th.into_iter().all(|tag| tag.contains("scope=\"col\"")));
        // Each link within the page leads somewhere, and no place has two.
        let ids: Vec<&str> = page
            .split(" id=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        let unique: std::collections::BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "{ids:?}");
        let links = page
            .split("href=\"#")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap());
        let links: Vec<&str> = links.collect();
        assert!(
            links.len() > 5 && links.iter().all(|link| ids.contains(link)),
            "{links:?}"
        );
    }
}

#[test]
fn both_languages_say_everything() {
    let [english, portuguese] = LANGUAGES.map(|language| page(&full("x"), language));
    for page in [&english, &portuguese] {
        let left = page.split("</style>").nth(1).unwrap();
        assert!(!left.contains(['{', '}']), "{left}");
    }
    // The same page, in other words: every piece of text that is a sentence is another one.
    let sentences = |page: &str| -> Vec<String> {
        let body = page.split("</style>").nth(1).unwrap().to_owned();
        let texts = body.split('>').filter_map(|part| part.split('<').next());
        let texts = texts.map(|text| text.trim().to_owned());
        texts.filter(|text| text.split(' ').count() > 2).collect()
    };
    let (english_texts, portuguese_texts) = (sentences(&english), sentences(&portuguese));
    assert!(english_texts.len() > 30, "{english_texts:?}");
    for text in &english_texts {
        assert!(!portuguese_texts.contains(text), "{text}");
    }
    assert_eq!(tags(&english).len(), tags(&portuguese).len());
    for act in ACTS {
        let [one, other] = LANGUAGES.map(|language| (language.texts().act)(act));
        assert!(
            one.ends_with('.') && other.ends_with('.') && one != other,
            "{act:?}"
        );
    }
}

#[test]
fn a_page_says_when_it_ends_and_what_is_not_there() {
    let end = |change: &dyn Fn(&mut Handout)| {
        let mut of = full("x");
        change(&mut of);
        page(&of, HandoutLanguage::English)
    };
    let until = end(&|of| of.deployed = HandoutExtent::All);
    assert!(until.contains("deleted automatically") && until.contains("November 2100"));
    assert!(!until.contains("class=\"notice warning\""));
    let kept = end(&|of| of.self_destruct = false);
    assert!(kept.contains("It is not deleted automatically"), "{kept}");
    let part = end(&|of| of.expires = None);
    assert!(!part.contains("When it ends") && !part.contains("when you delete it"));
    // Of what is not there, a page has no names, no commands and no end.
    let none = end(&|of| of.deployed = HandoutExtent::Nothing);
    assert!(none.contains("Your teacher deploys it") && !none.contains("2100"));
    assert!(!none.contains("<h2>") && !none.contains("<pre>"), "{none}");
    let stays = end(&|of| (of.deployed, of.expires) = (HandoutExtent::All, None));
    assert!(stays.contains("The lab has no end") && stays.contains("when you delete it"));
    let earlier = end(&|of| of.expires = Some("2001-01-01T00:00:00Z".to_owned()));
    assert!(earlier.contains("has passed"));
    assert!(end(&|_| ()).contains("not completely deployed"));
    let local = end(&|of| {
        of.place = HandoutPlace::Local;
        for one in &mut of.resources {
            (one.console, one.logs) = (None, None);
        }
    });
    assert!(
        local.contains("local AWS")
            && !local.contains("https://")
            && !local.contains("AWS console")
    );
    let bare = end(&|of| {
        of.machines.clear();
        of.starts.clear();
        of.resources.clear();
    });
    for heading in ["What it is made of", "What starts it", "The state machine"] {
        assert!(!bare.contains(heading), "{heading}");
    }
}

#[test]
fn retries_and_conditions_are_in_words() {
    let definition = serde_json::json!({ "StartAt": "a", "States": {
        "a": { "Type": "Task", "Resource": "x", "Next": "b", "Retry": [
            { "ErrorEquals": ["Foo", "Bar"], "MaxAttempts": 1 }, { "ErrorEquals": ["No"], "MaxAttempts": 0 },
            { "ErrorEquals": ["States.ALL"], "MaxAttempts": 2 } ] },
        "b": { "Type": "Choice", "Default": "f", "Choices": [{ "Next": "a",
            "And": [{ "Variable": "$.x", "IsNull": true }, { "Not": { "Variable": "$.y", "IsNull": true } }] }] },
        "f": { "Type": "Fail", "Cause": "why it failed" },
    } });
    let mut of = full("x");
    let arn = StateMachineArn {
        partition: "aws".to_owned(),
        region: "us-east-1".to_owned(),
        account: "111122223333".to_owned(),
        name: "x".to_owned(),
    };
    of.machines[0].outline = asl::outline(&definition, &arn);
    let [english, portuguese] = LANGUAGES.map(|language| {
        page(&of, language)
            .replace("<code><bdi>", "")
            .replace("</bdi></code>", "")
    });
    for says in [
        "tried again up to 1 time after an error Foo or Bar<",
        "tried again up to 2 times after any other error<",
        "if ($.x IsNull true) AND (NOT ($.y IsNull true))",
        "cause: <bdi>why it failed<",
    ] {
        assert!(english.contains(says), "{says}: {english}");
    }
    for says in [
        "tenta de novo até 1 vez depois de um erro Foo ou Bar<",
        "tenta de novo até 2 vezes depois de qualquer outro erro<",
        "se ($.x IsNull true) E (NÃO ($.y IsNull true))",
        "causa: <bdi>why it failed<",
    ] {
        assert!(portuguese.contains(says), "{says}: {portuguese}");
    }
    assert_eq!(english.matches("tried again").count(), 2);
}

#[test]
fn the_teachers_page_has_the_chosen_students_and_their_states() {
    let of = |deployed, expires: Option<&str>| Handout {
        deployed,
        expires: expires.map(String::from),
        ..full("x")
    };
    let end = Some("2100-11-28T13:00:00Z");
    let part = of(HandoutExtent::Part, end);
    let none = of(HandoutExtent::Nothing, end);
    let entry = |owner, handout| IndexEntry {
        owner,
        name: None,
        handout: Some(handout),
        file: None,
        reason: None,
    };
    let with = |students, of_roster| {
        let page = IndexPage {
            stack: "lab",
            description: "",
            students,
            of_roster,
        };
        index(&page, HandoutLanguage::Portuguese)
    };
    let page = with(vec![entry("eva", &part)], 3);
    assert!(page.contains("<td>incompleto</td>") && page.contains("novembro de 2100"));
    assert!(page.contains("nesta página: 1 dos 3 "), "{page}");
    let page = with(vec![entry("eva", &none)], 1);
    assert!(page.contains("<td>não implantado</td>") && !page.contains("2100"));
    assert!(!page.contains("nesta página"), "{page}");
}

#[test]
fn times_are_in_words() {
    let texts = HandoutLanguage::Portuguese.texts();
    let words = in_words("2026-11-28T12:00:00Z", texts);
    assert!(
        words.contains(" de novembro de 2026, ") && words.ends_with(')'),
        "{words}"
    );
    assert_eq!(in_words("no time", texts), "no time");
    assert_eq!(filled_text("{0} and {1}", &["{1}", "x"]), "{1} and x");
}
