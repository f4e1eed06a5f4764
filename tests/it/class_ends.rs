//! When the stacks of a class end: the trail that they share ends after the last of them.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::support::{CommandResult, World};

const LAB: &str = "stack: lab\nexpires: 4h\nbuckets: { photos: {} }\ntrails: { uploads: { objects_of: [photos] } }\n";

/// When each of `ana` and `bia`, and last the shared trail, expires.
type Ends = [Option<SystemTime>; 3];

fn ends(status: &CommandResult) -> Ends {
    let status = status.event("class_status");
    let time = |one: &Value| {
        let at = one["expires"].as_str();
        at.map(|at| humantime::parse_rfc3339(at).unwrap())
    };
    let [trail] = status["shared_trails"].as_array().unwrap().as_slice() else {
        panic!("one trail: {status}");
    };
    [
        time(&status["students"][0]),
        time(&status["students"][1]),
        time(trail),
    ]
}

/// The trail ends last; nothing stands for no end.
fn is_last([ana, bia, trail]: Ends) -> bool {
    let after = |one: Option<SystemTime>| match (one, trail) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(one), Some(trail)) => trail >= one + Duration::from_mins(3),
    };
    after(ana) && after(bia)
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one class, end by end")]
async fn the_shared_trail_ends_after_the_last_stack_whatever_its_end_is_said_by() {
    let world = World::new("the_shared_trail_ends_after_the_last");
    let path = |name: &str, text: &str| {
        let path = world.file(name, text.as_bytes());
        path.to_str().unwrap().to_owned()
    };
    let (stack, roster) = (
        path("lab.yaml", LAB),
        path("roster.csv", "owner\nana\nbia\n"),
    );
    let class = |verb: &str, words: &[&str]| {
        let class = ["class", verb, &stack];
        world.treino_json(&[&class[..], words, &["--roster", &roster]].concat())
    };
    let status = || ends(&class("status", &[]).ends(0));
    let hours = Duration::from_hours;
    let within = |end: Option<SystemTime>, hours: Duration| {
        let left = end.unwrap().duration_since(SystemTime::now()).unwrap();
        left <= hours && left + Duration::from_mins(30) > hours
    };

    let plan = class("plan", &["--expires", "2h"]).ends(0);
    let planned = plan.event("class_plan")["stacks"][1]["expires"].clone();
    let planned = humantime::parse_rfc3339(planned.as_str().unwrap()).unwrap();
    assert!(within(Some(planned), hours(2)));
    class("deploy", &["--expires", "2h", "--yes"]).ends(0);
    let first = status();
    assert!(
        within(first[0], hours(2)) && within(first[1], hours(2)) && is_last(first),
        "{first:?}"
    );

    // One by oneself.
    let extended = world
        .treino_json(&["extend", &stack, "3h", "--owner", "ana"])
        .ends(0);
    let said = extended.events("info").iter().any(|one| {
        let text = one["message"].as_str().unwrap();
        text.contains("the trail lab-class-objects of the class ends after it")
    });
    assert!(said, "{:?}", extended.events("info"));
    let ana = status();
    assert!(
        within(ana[0], hours(5)) && ana[1] == first[1] && is_last(ana),
        "{ana:?}"
    );
    // All of them, each from its own end.
    let all = class("extend", &["1h"]).ends(0);
    let told = ends(&all);
    assert_eq!(status(), told);
    assert!(
        within(told[0], hours(6)) && within(told[1], hours(3)) && is_last(told),
        "{told:?}"
    );
    // A sooner end of one leaves the trail to the other.
    class(
        "extend",
        &[
            "--until",
            &humantime::format_rfc3339_seconds(SystemTime::now() + hours(1)).to_string(),
            "--only",
            "ana",
        ],
    )
    .ends(0);
    let sooner = status();
    assert!(
        within(sooner[0], hours(1)) && sooner[2] == told[2],
        "{sooner:?}"
    );

    // What may be for nobody is one error, before anything.
    for wrong in [&["400d"][..], &["--until", "2020-01-01T00:00:00Z"]] {
        let refused = class("extend", wrong).ends(2);
        assert_eq!(refused.events("error").len(), 1, "{wrong:?}");
        assert_eq!(refused.events("class").len(), 0, "{wrong:?}");
    }
    class("extend", &["--never", "--only", "bia"]).ends(0);
    let never = status();
    assert!(never[1].is_none() && never[2].is_none(), "{never:?}");
    // A deploy of others does not give an end to the trail of one that has none.
    class("deploy", &["--expires", "1h", "--yes", "--only", "ana"]).ends(0);
    let never = status();
    assert!(never[0].is_some() && never[2].is_none(), "{never:?}");
    class("deploy", &["--expires", "never", "--yes", "--only", "bia"]).ends(0);
    class("deploy", &["--renew", "--yes", "--only", "ana"]).ends(0);
    let never = status();
    assert!(
        within(never[0], hours(4)) && never[1..] == [None, None],
        "{never:?}"
    );
    // An extend after which all have an end gives one to the trail.
    for command in [
        &["class", "extend", &stack, "1h", "--roster", &roster][..],
        &["extend", &stack, "5h", "--owner", "bia"],
    ] {
        world.treino_json(command).ends(0);
        let all = status();
        assert!(all[2].is_some() && is_last(all), "{command:?}: {all:?}");
        class("extend", &["--never", "--only", "bia"]).ends(0);
        assert_eq!(status()[1..], [None, None]);
    }
    // So does a deploy of all.
    class("deploy", &["--expires", "2h", "--yes"]).ends(0);
    let last = status();
    assert!(
        within(last[1], hours(2))
            && within(last[2], hours(2) + Duration::from_mins(3))
            && is_last(last),
        "{last:?}"
    );

    let refused = class("deploy", &["--expires", "2", "--yes"]).ends(2);
    assert!(
        refused.event("error")["message"]
            .as_str()
            .unwrap()
            .contains("--expires")
    );
    class("destroy", &["--yes"]).ends(0);
    let gone = class("extend", &["1h"]).ends(1);
    assert_eq!(
        gone.event("class_summary")["reasons"][0]["reason"],
        "the stack is not deployed"
    );
    assert_eq!(world.clients().await.everything().await, [""; 0]);
}
