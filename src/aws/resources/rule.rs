//! EventBridge rules with their targets, on the default bus.

mod targets;

use aws_sdk_eventbridge::operation::describe_rule::DescribeRuleOutput;
use aws_sdk_eventbridge::types::{RuleState, Tag, Target};

use self::targets::{put_targets, remove_targets, target_spec, targets};
use super::ownership::verify_created;
use super::{
    CallContext, Observed, RequiredField, ResourceCalls, absent, has_code, is_there,
    json as parsed, never, partial, retry_unsettled,
};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::aws::transport::waiter::{self, retry_while};
use crate::aws::{Aws, transport::error_codes};
use crate::engine::{Events, Leftover, ProviderError};
use crate::stack::event_pattern::EventPattern;
use crate::stack::kinds::{RuleSpec, TargetSpec};
use crate::stack::{Kind, Tags};

pub struct Rules;

const GONE: &[&str] = &["ResourceNotFoundException"];
/// Our own error code for a rule that exists: `PutRule` does not fail for one.
const RULE_EXISTS: &str = "RuleExists";
/// The name of the event bus, given in every call: without it, some AWS-compatible endpoints answer for
/// another bus.
const BUS: &str = "default";

impl ResourceCalls for Rules {
    const KIND: Kind = Kind::Rule;
    // PutRule creates or updates, so `create` reads the rule before the call and its mark after it.
    const EXISTS: &'static [&'static str] = &[RULE_EXISTS];
    const REQUIRED: &'static [RequiredField] = &[
        RequiredField::json("EventBridge", "DescribeRule", "Name"),
        RequiredField::json("EventBridge", "ListRules", "Rules"),
        RequiredField::json("EventBridge", "ListTagsForResource", "Tags"),
        RequiredField::json("EventBridge", "ListTargetsByRule", "Targets"),
    ];
    type Spec = RuleSpec;

    async fn read(aws: &Aws, name: &str) -> Result<Option<Observed<RuleSpec>>, ProviderError> {
        // One request where there is none.
        let Some(rule) = described(aws, name).await? else {
            return Ok(None);
        };
        Ok(observed(&rule, details(aws, name).await?))
    }

    async fn read_again(
        aws: &Aws,
        name: &str,
    ) -> Result<Option<Observed<RuleSpec>>, ProviderError> {
        let (rule, details) = tokio::join!(described(aws, name), details(aws, name));
        match rule? {
            Some(rule) => Ok(observed(&rule, details?)),
            None => Ok(None),
        }
    }

    async fn create(aws: &Aws, cx: CallContext<'_>, want: &RuleSpec) -> Result<(), ProviderError> {
        // PutRule would overwrite a rule of any owner.
        if described(aws, cx.name).await?.is_some() {
            return Err(is_there(RULE_EXISTS, "a rule of this name already exists"));
        }
        let tags = sdk_tags!(Tag, cx.tags)?;
        put_rule(aws, cx, want, Some(tags)).await?;
        still_ours(aws, cx).await?;
        put_targets(aws, cx, &want.targets.iter().collect::<Vec<_>>())
            .await
            .map_err(partial)
    }

    async fn update(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &RuleSpec,
        live: &RuleSpec,
    ) -> Result<(), ProviderError> {
        let rule_only = |spec: &RuleSpec| RuleSpec {
            targets: Vec::new(),
            ..spec.clone()
        };
        let gone: Vec<String> = live
            .targets
            .iter()
            .filter(|seen| !want.targets.iter().any(|target| target.id == seen.id))
            .map(|seen| seen.id.clone())
            .collect();
        remove_targets(aws, cx.name, &gone, cx.events).await?;
        let changed: Vec<&TargetSpec> = want
            .targets
            .iter()
            .filter(|target| !live.targets.contains(target))
            .collect();
        put_targets(aws, cx, &changed).await?;
        if rule_only(want) != rule_only(live) {
            put_rule(aws, cx, want, None).await?;
        }
        Ok(())
    }

    async fn tag(aws: &Aws, cx: CallContext<'_>, tags: &Tags) -> Result<(), ProviderError> {
        let tags = sdk_tags!(Tag, tags)?;
        settled(cx, || async {
            let call = aws.events.tag_resource().resource_arn(cx.arn);
            let answer = call.set_tags(Some(tags.clone())).send().await;
            answer.for_call("EventBridge", "TagResource").map(drop)
        })
        .await
    }

    async fn untag(aws: &Aws, cx: CallContext<'_>, keys: &[String]) -> Result<(), ProviderError> {
        settled(cx, || async {
            let call = aws.events.untag_resource().resource_arn(cx.arn);
            let answer = call.set_tag_keys(Some(keys.to_vec())).send().await;
            answer.for_call("EventBridge", "UntagResource").map(drop)
        })
        .await
    }

    async fn delete(aws: &Aws, name: &str, events: &Events) -> Result<(), ProviderError> {
        let Some(targets) = absent(targets(aws, name).await, GONE)? else {
            return Ok(());
        };
        let ids: Vec<String> = targets.iter().map(|target| target.id.clone()).collect();
        remove_targets(aws, name, &ids, events).await?;
        let waits = (events, name, "EventBridge still sees targets of the rule");
        let passing = |error: &ProviderError| {
            error_codes::is_rule_with_targets(error)
                || error_codes::is_concurrent_modification(error)
        };
        let deleted = retry_while(waiter::PROPAGATION_TIMEOUT, waits, passing, || async {
            let call = aws.events.delete_rule().name(name).event_bus_name(BUS);
            call.send().await.for_call("EventBridge", "DeleteRule")
        });
        let deleted = absent(deleted.await, GONE).map(drop);
        if ids.is_empty() {
            return deleted;
        }
        deleted.map_err(partial)
    }

    async fn list(aws: &Aws, _: Option<&str>) -> Result<Vec<String>, ProviderError> {
        let mut names = Vec::new();
        let mut pages = Pages::of("EventBridge", "ListRules");
        let mut next = None;
        loop {
            let call = aws
                .events
                .list_rules()
                .event_bus_name(BUS)
                .set_next_token(next);
            let page = call.send().await.for_call("EventBridge", "ListRules")?;
            // Rules managed by AWS services cannot belong to a stack.
            let ours = page
                .rules()
                .iter()
                .filter(|rule| rule.managed_by().is_none());
            names.extend(ours.filter_map(|rule| rule.name.clone()));
            next = pages.next(page.next_token())?;
            if next.is_none() {
                return Ok(names);
            }
        }
    }

    async fn exists(aws: &Aws, name: &str) -> Result<bool, ProviderError> {
        let call = aws.events.describe_rule().name(name).event_bus_name(BUS);
        let seen = call.send().await.for_call("EventBridge", "DescribeRule");
        Ok(absent(seen, GONE)?.is_some())
    }

    async fn read_tags(aws: &Aws, name: &str) -> Result<Option<Tags>, ProviderError> {
        let call = aws
            .events
            .list_tags_for_resource()
            .resource_arn(aws.arn(Kind::Rule, name));
        let answer = absent(
            call.send()
                .await
                .for_call("EventBridge", "ListTagsForResource"),
            GONE,
        )?;
        let tags = answer.map(|answer| answer.tags.unwrap_or_default());
        Ok(tags.map(|tags| tags.into_iter().map(|tag| (tag.key, tag.value)).collect()))
    }
}

async fn described(aws: &Aws, name: &str) -> Result<Option<DescribeRuleOutput>, ProviderError> {
    let call = aws.events.describe_rule().name(name).event_bus_name(BUS);
    absent(
        call.send().await.for_call("EventBridge", "DescribeRule"),
        GONE,
    )
}

/// The targets and tags of a rule; nothing if there is none.
async fn details(aws: &Aws, name: &str) -> Result<Option<(Vec<Target>, Tags)>, ProviderError> {
    let read = tokio::try_join!(targets(aws, name), Rules::read_tags(aws, name));
    Ok(absent(read, GONE)?.and_then(|(targets, tags)| Some((targets, tags?))))
}

fn observed(
    rule: &DescribeRuleOutput,
    details: Option<(Vec<Target>, Tags)>,
) -> Option<Observed<RuleSpec>> {
    let (mut targets, tags) = details?;
    targets.sort_by(|a, b| a.id.cmp(&b.id));
    Some(Observed {
        spec: RuleSpec {
            description: rule.description.clone().unwrap_or_default(),
            pattern: rule
                .event_pattern()
                .filter(|text| !text.is_empty())
                .map(|text| EventPattern(parsed(text))),
            schedule: rule
                .schedule_expression
                .clone()
                .filter(|text| !text.is_empty()),
            enabled: rule.state != Some(RuleState::Disabled),
            targets: targets.iter().map(target_spec).collect(),
        },
        tags,
        created: None,
        unready: None,
    })
}

/// Checks that the rule is not one that something else created just before `PutRule`, which replaces
/// everything of an existing rule but its tags.
async fn still_ours(aws: &Aws, cx: CallContext<'_>) -> Result<(), ProviderError> {
    verify_created::<Rules>(aws, cx).await.map_err(|error| {
        let help = "what it matches was replaced in that moment, its targets were not: \
                    deploy the stack it belongs to again, and give one of the two another `name:`";
        error.help(help).with_leftover(Leftover::Partial)
    })
}

async fn put_rule(
    aws: &Aws,
    cx: CallContext<'_>,
    want: &RuleSpec,
    tags: Option<Vec<Tag>>,
) -> Result<(), ProviderError> {
    let call = aws
        .events
        .put_rule()
        .name(cx.name)
        .event_bus_name(BUS)
        .description(&want.description)
        .set_event_pattern(want.pattern.as_ref().map(ToString::to_string))
        .set_schedule_expression(want.schedule.clone())
        .state(if want.enabled {
            RuleState::Enabled
        } else {
            RuleState::Disabled
        })
        .set_tags(tags);
    settled(cx, || async {
        let answer = call.clone().send().await;
        answer.for_call("EventBridge", "PutRule").map(drop)
    })
    .await
}

/// Makes a change of a rule that EventBridge may not see everywhere yet.
async fn settled<F, Fut>(cx: CallContext<'_>, call: F) -> Result<(), ProviderError>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<(), ProviderError>>,
{
    let errors = (has_code(GONE), never);
    retry_unsettled(cx, waiter::PROPAGATION_TIMEOUT, errors, call).await
}
