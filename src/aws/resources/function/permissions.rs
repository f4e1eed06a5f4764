//! Who may call a function: the statements of its policy.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::settled;
use crate::aws::Aws;
use crate::aws::resources::{CallContext, absent, json as parsed};
use crate::aws::transport::error::ForCall;
use crate::engine::ProviderError;
use crate::stack::kinds::PermissionSpec;
use crate::stack::policy;

type Permissions = BTreeMap<String, PermissionSpec>;

/// The error codes for a missing policy or function.
const NONE: &[&str] = &["ResourceNotFoundException"];

/// The permissions of a function; none where there is none.
pub async fn read(aws: &Aws, name: &str) -> Result<Permissions, ProviderError> {
    let call = aws.lambda.get_policy().function_name(name);
    let answer = absent(call.send().await.for_call("Lambda", "GetPolicy"), NONE)?;
    let text = answer.and_then(|answer| answer.policy).unwrap_or_default();
    let document = policy::normal(&parsed(&text));
    let statements = document["Statement"].as_array().into_iter().flatten();
    Ok(statements.map(permission).collect())
}

/// Updates the permissions.
pub async fn change(
    aws: &Aws,
    cx: CallContext<'_>,
    want: &Permissions,
    live: &Permissions,
) -> Result<(), ProviderError> {
    // What is allowed before and after is allowed all the time.
    for (id, permission) in want.iter().filter(|(id, _)| !live.contains_key(*id)) {
        add(aws, cx, id, permission).await?;
    }
    for id in live.keys().filter(|id| want.get(*id) != live.get(*id)) {
        let removed = settled(cx, || async {
            let call = aws.lambda.remove_permission().function_name(cx.name);
            let answer = call.statement_id(id).send().await;
            absent(answer.for_call("Lambda", "RemovePermission"), NONE)
        });
        removed.await?;
    }
    let differs = |id: &String, one: &PermissionSpec| live.get(id).is_some_and(|live| live != one);
    for (id, permission) in want.iter().filter(|(id, one)| differs(id, one)) {
        add(aws, cx, id, permission).await?;
    }
    Ok(())
}

async fn add(
    aws: &Aws,
    cx: CallContext<'_>,
    id: &str,
    permission: &PermissionSpec,
) -> Result<(), ProviderError> {
    settled(cx, || async {
        let call = aws.lambda.add_permission().function_name(cx.name);
        let call = call
            .statement_id(id)
            .action("lambda:InvokeFunction")
            .principal(&permission.principal)
            .source_arn(&permission.source);
        let answer = call.send().await;
        answer.for_call("Lambda", "AddPermission").map(drop)
    })
    .await
}

/// A statement in normal form, by its id.
fn permission(statement: &Value) -> (String, PermissionSpec) {
    let text = |value: &Value| value[0].as_str().unwrap_or_default().to_owned();
    let id = statement["Sid"].as_str().unwrap_or_default().to_owned();
    let mut permission = PermissionSpec::of(
        &text(&statement["Principal"]["Service"]),
        text(&statement["Condition"]["ArnLike"]["AWS:SourceArn"]),
    );
    // The resource of a statement can only be this function.
    let written = json!({
        "Sid": id, "Effect": "Allow", "Principal": { "Service": [permission.principal] },
        "Action": ["lambda:InvokeFunction"], "Resource": statement["Resource"],
        "Condition": { "ArnLike": { "AWS:SourceArn": [permission.source] } },
    });
    if *statement != written {
        permission.other = Some(statement.clone());
    }
    (id, permission)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(condition: &Value) -> PermissionSpec {
        let document = policy::document(&[json!({
            "Sid": "a", "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" },
            "Action": "lambda:InvokeFunction", "Resource": "f", "Condition": condition,
        })]);
        permission(&document["Statement"][0]).1
    }

    #[test]
    fn what_treino_does_not_write_is_kept_to_be_shown() {
        let ours = of(&json!({ "ArnLike": { "AWS:SourceArn": "r" } }));
        let written = PermissionSpec::of("events.amazonaws.com", "r".to_owned());
        assert_eq!(ours, written);
        let theirs = of(&json!({ "StringEquals": { "AWS:SourceAccount": "1" } }));
        assert!(theirs.other.is_some());
    }
}
