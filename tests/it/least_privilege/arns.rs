//! Concrete resources inside and outside of what a statement names.

use std::collections::BTreeSet;

/// An account no test has.
const ELSEWHERE: &str = "000011112222";

/// A resource that the pattern of an ARN matches.
pub fn inside(pattern: &str) -> String {
    pattern.replace('*', "a1").replace('?', "x")
}

/// Resources next to those of a pattern: another name, a longer one, another account, another
/// region. None for `*`, which has no outside.
pub fn outside(pattern: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if pattern == "*" {
        return found;
    }
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    assert_eq!(parts.len(), 6, "no ARN: {pattern}");
    let with = |at: usize, value: &str| {
        let mut parts = parts.clone();
        parts[at] = value;
        inside(&parts.join(":"))
    };
    for (at, other) in [(3, "eu-central-9"), (4, ELSEWHERE)] {
        if !parts[at].is_empty() && parts[at] != "*" {
            found.insert(with(at, other));
        }
    }
    let resource = parts[5];
    // Another name: the first that is written out, as it stands and as the start of a longer one.
    let first = resource.find(['/', ':']).map_or(0, |at| at + 1);
    let names = match parts[2] {
        // An object's ARN begins with its bucket, which has no type before it.
        "s3" => 0,
        // A topic's and a queue's ARN is its name alone.
        _ => first,
    };
    let (kind, name) = resource.split_at(names);
    if !name.starts_with('*') {
        found.insert(with(5, &format!("{kind}other-{name}")));
        let end = name.find(['*', '/', ':']).unwrap_or(name.len());
        // `name*` matches longer names too.
        if !name[end..].starts_with('*') {
            let (name, rest) = name.split_at(end);
            found.insert(with(5, &format!("{kind}{name}-other{rest}")));
        }
    }
    // The last name, such as an object's key, if that is another one.
    if let Some((head, last)) = resource.rsplit_once('/')
        && !last.contains('*')
    {
        found.insert(with(5, &format!("{head}/{last}-other")));
    }
    found
}

#[test]
fn neighbours_are_outside() {
    let outside = |pattern| outside(pattern).into_iter().collect::<Vec<_>>();
    assert_eq!(outside("*"), Vec::<String>::new());
    assert_eq!(
        outside("arn:aws:s3:::b/in/*"),
        ["arn:aws:s3:::b-other/in/a1", "arn:aws:s3:::other-b/in/a1"]
    );
    assert_eq!(
        outside("arn:aws:lambda:us-east-1:111122223333:function:f:*"),
        [
            "arn:aws:lambda:eu-central-9:111122223333:function:f:a1",
            "arn:aws:lambda:us-east-1:000011112222:function:f:a1",
            "arn:aws:lambda:us-east-1:111122223333:function:f-other:a1",
            "arn:aws:lambda:us-east-1:111122223333:function:other-f:a1",
        ]
    );
    assert_eq!(
        outside("arn:aws:lambda:us-east-1:111122223333:function:order-*"),
        [
            "arn:aws:lambda:eu-central-9:111122223333:function:order-a1",
            "arn:aws:lambda:us-east-1:000011112222:function:order-a1",
            "arn:aws:lambda:us-east-1:111122223333:function:other-order-a1",
        ]
    );
    assert_eq!(
        outside("arn:aws:iam::111122223333:role/path/r"),
        [
            "arn:aws:iam::000011112222:role/path/r",
            "arn:aws:iam::111122223333:role/other-path/r",
            "arn:aws:iam::111122223333:role/path-other/r",
            "arn:aws:iam::111122223333:role/path/r-other",
        ]
    );
    assert_eq!(
        outside("arn:aws:dynamodb:us-east-1:111122223333:table/*"),
        [
            "arn:aws:dynamodb:eu-central-9:111122223333:table/a1",
            "arn:aws:dynamodb:us-east-1:000011112222:table/a1",
        ]
    );
}
