//! Buckets with names of their own. The reaper's role may only delete buckets whose names contain the account, as
//! generated names do; the policy of any other bucket allows the role to delete it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::policy_of;
use crate::aws::reaper::{self, ReaperRole};
use crate::aws::{Aws, AwsProvider};
use crate::engine::{Events, Provider, ProviderError};
use crate::ops::frontend::Reporter;
use crate::plan::{Action, ActualResource, NEW, Owned, Plan};
use crate::stack::policy::{self, DocumentRules};
use crate::stack::{self, Address, DesiredState, Kind, Resource, Target};

/// The statements of the role's policy about buckets, and how the same statements are named in a bucket's policy. What
/// follows the bucket's ARN is what they are about.
const STATEMENTS: [(&str, &str, &str); 2] = [
    ("Buckets", "TreinoDeletesBucket", ""),
    ("Objects", "TreinoDeletesObjects", "/*"),
];

/// Whether the reaper's role may delete a bucket of this name only if the bucket's policy says so.
fn is_granted_by_policy(kind: Kind, name: &str, target: &Target) -> bool {
    kind == Kind::Bucket && !name.contains(&format!("-{}-", target.account))
}

/// What the policy of a bucket says.
fn statements(target: &Target, bucket: &str, role: &str) -> Vec<Value> {
    let policy = policy_of(target);
    let own = policy["Statement"].as_array();
    let of_bucket = STATEMENTS.iter().map(|(of, sid, part)| {
        let own = own.into_iter().flatten().find(|own| own["Sid"] == *of);
        json!({
            "Sid": sid,
            "Effect": "Allow",
            "Principal": { "AWS": role },
            "Action": own.map(|own| own["Action"].clone()),
            "Resource": format!("{bucket}{part}"),
        })
    });
    of_bucket.collect()
}

fn is_ours(statement: &Value) -> bool {
    let mut sids = STATEMENTS.iter().map(|(_, sid, _)| *sid);
    sids.any(|sid| statement["Sid"] == sid)
}

/// A bucket's policy that also allows the role to delete the bucket, in place of what an earlier one said about it;
/// without a role, one that no longer does. Nothing is left of a policy without statements.
fn granting(document: Option<&Value>, added: &[Value]) -> Option<Value> {
    let mut document = document.map(policy::normal);
    if let Some(written) = document.as_mut().map(|found| &mut found["Statement"])
        && let Value::Array(written) = written
    {
        written.retain(|statement| !is_ours(statement));
    }
    let is_empty = |found: &Value| found["Statement"].as_array().is_some_and(Vec::is_empty);
    policy::extended(document.filter(|found| !is_empty(found)).as_ref(), added)
}

/// Lets the role of the reaper delete the buckets with names of their own, by the policies that the plan then has.
/// Returns the role, where there are such buckets and the reaper `deletes` the stack. A policy that has no room for it stays, and is warned of.
pub(in crate::ops) async fn grant(
    aws: &Aws,
    desired: &mut DesiredState,
    (deletes, default_role): (bool, Option<&str>),
    out: &Reporter<'_>,
) -> Result<Option<String>, ProviderError> {
    let target = desired.target.clone();
    let all = desired.resources.values_mut();
    let own: Vec<&mut Resource> = all
        .filter(|one| is_granted_by_policy(one.kind, &one.name, &target))
        .collect();
    if own.is_empty() || !deletes {
        return Ok(None);
    }
    let role = reaper::role(aws, super::role_for(default_role)).await?;
    for bucket in own {
        let written = Some(&bucket.spec["policy"]).filter(|written| !written.is_null());
        let document = granting(written, &statements(&target, &bucket.arn, &role));
        let is_too_long = document.iter().any(|document| {
            let mut exceeded = DocumentRules::S3.exceeded(document).into_iter();
            exceeded.any(|(.., is_warning)| !is_warning)
        });
        if is_too_long {
            out.warn(format!(
                "{} stays when the stack ends, with what it contains: its policy has no room for the statements by which \
                 AWS may delete it; leave out `name:`, or shorten the policy",
                bucket.address
            ));
        } else {
            bucket.spec["policy"] = json!(document);
        }
    }
    Ok(Some(role))
}

/// Says of buckets to be made that their policies allow it: a plan shows no fields of what is new.
pub(in crate::ops) fn explain(plan: &mut Plan) {
    let is_granted = |want: &Resource| {
        let statements = want.spec["policy"]["Statement"].as_array();
        want.kind == Kind::Bucket && statements.is_some_and(|all| all.iter().any(is_ours))
    };
    for step in &mut plan.steps {
        let is_new = step.action == Action::Create && step.why == NEW;
        if is_new && step.want.as_ref().is_some_and(is_granted) {
            "its policy allows AWS to delete it when the stack ends".clone_into(&mut step.why);
        }
    }
}

/// The role that the policies of buckets with names of their own allow to delete them, where one of these has such a
/// name. Of a stack that is deployed: the role of the machine.
///
/// # Errors
/// What Step Functions answers.
pub(in crate::ops) async fn granted_role(
    aws: &Aws,
    resources: &[Owned],
) -> Result<Option<String>, ProviderError> {
    let mut all = resources.iter();
    if all.any(|one| is_granted_by_policy(one.kind, &one.name, &aws.target)) {
        return reaper::role(aws, ReaperRole::Kept).await.map(Some);
    }
    Ok(None)
}

/// Writes the policies of those of these buckets that have names of their own: with the role, or without one.
///
/// # Errors
/// A call fails.
pub(in crate::ops) async fn write_grants<'a>(
    provider: &AwsProvider,
    resources: impl IntoIterator<Item = (Kind, &'a str)>,
    role: Option<&str>,
    events: &Events,
) -> Result<(), ProviderError> {
    let target = &provider.0.target;
    for (kind, name) in resources {
        if !is_granted_by_policy(kind, name, target) {
            continue;
        }
        let Some(live) = provider.read(kind, name).await? else {
            continue;
        };
        let arn = stack::arn(target, kind, name);
        let added = role.map(|role| statements(target, &arn, role));
        write(provider, &live, &added.unwrap_or_default(), events).await?;
    }
    Ok(())
}

async fn write(
    provider: &AwsProvider,
    live: &ActualResource,
    added: &[Value],
    events: &Events,
) -> Result<(), ProviderError> {
    let written = Some(&live.spec["policy"]).filter(|written| !written.is_null());
    let document = json!(granting(written, added));
    if written.map_or(document.is_null(), |live| policy::is_same(live, &document)) {
        return Ok(());
    }
    let mut spec = live.spec.clone();
    spec["policy"] = document;
    let want = Resource {
        address: Address::new(live.kind, &live.name),
        kind: live.kind,
        name: live.name.clone(),
        arn: stack::arn(&provider.0.target, live.kind, &live.name),
        spec,
        tags: live.tags.clone(),
        after: BTreeSet::new(),
    };
    provider.update(&want, live, events).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::111122223333:role/treino/treino-reaper";

    fn target() -> Target {
        Target {
            partition: "aws".into(),
            region: "eu-west-1".into(),
            account: "111122223333".into(),
            stack: "lab".into(),
            owner: None,
        }
    }

    fn added(role: &str) -> Vec<Value> {
        statements(&target(), "arn:aws:s3:::photos", role)
    }

    fn written() -> Value {
        json!({ "Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::photos/*" } })
    }

    #[test]
    fn the_policy_of_a_bucket_says_what_that_of_the_role_does() {
        let own = policy_of(&target());
        let of = |sid: &str| {
            let all = own["Statement"].as_array().unwrap().iter();
            let found = all.clone().find(|one| one["Sid"] == sid).unwrap();
            found["Action"].clone()
        };
        let [bucket, objects] = &added(ROLE)[..] else {
            panic!("two statements");
        };
        assert_eq!(bucket["Action"], of("Buckets"));
        assert_eq!(objects["Action"], of("Objects"));
        assert_eq!(bucket["Resource"], "arn:aws:s3:::photos");
        assert_eq!(objects["Resource"], "arn:aws:s3:::photos/*");
        for one in [bucket, objects] {
            assert_eq!(one["Principal"], json!({ "AWS": ROLE }));
            assert_eq!(one["Effect"], "Allow");
        }
    }

    #[test]
    fn what_was_written_stays() {
        let both = granting(Some(&written()), &added(ROLE)).unwrap();
        assert_eq!(both["Statement"].as_array().unwrap().len(), 3);
        let own = policy::normal(&written());
        assert_eq!(both["Statement"][0], own["Statement"][0]);
        // Once more is the same; another role takes the place of the first.
        assert_eq!(granting(Some(&both), &added(ROLE)).as_ref(), Some(&both));
        let other = granting(
            Some(&both),
            &added("arn:aws:iam::111122223333:role/LabRole"),
        );
        let text = other.unwrap().to_string();
        assert!(text.contains("LabRole") && !text.contains(ROLE), "{text}");
        assert_eq!(granting(Some(&both), &[]), Some(own));
        let alone = granting(None, &added(ROLE)).unwrap();
        assert_eq!(granting(Some(&alone), &[]), None);
        assert_eq!(granting(None, &[]), None);
    }

    #[test]
    fn only_a_name_without_the_account_needs_it() {
        let needs = |kind, name| is_granted_by_policy(kind, name, &target());
        assert!(!needs(Kind::Bucket, "lab-b-111122223333-eu-west-1"));
        assert!(needs(Kind::Bucket, "photos"));
        // The role's pattern has a hyphen on both sides.
        assert!(needs(Kind::Bucket, "photos-111122223333"));
        assert!(needs(Kind::Bucket, "photos-444455556666-x"));
        assert!(!needs(Kind::Table, "photos"));
        assert!(!needs(Kind::DirectoryBucket, "photos--euw1-az1--x-s3"));
    }
}
