//! Models of Amazon Bedrock: each way to name one, and the models behind it.
//!
//! A call by an inference profile needs permission for the profile and for the foundation model in every region
//! that the profile routes to
//! (<https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html>).

use serde_json::{Value as Json, json};

use super::arguments::{Arguments, ParameterValue};
use super::call;
use super::collect::Collector;
use super::objects;

/// The resource types that `InvokeModel` has for models of the account, from
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html>.
const OWN_MODELS: &[&str] = &[
    "application-inference-profile",
    "custom-model-deployment",
    "default-prompt-router",
    "imported-model",
    "inference-profile",
    "prompt-router",
    "provisioned-model",
];

/// Collects the permissions of a call that runs a model; `false` if it runs none.
pub(super) fn collect(
    collector: &mut Collector,
    action: &str,
    actions: &[&str],
    arguments: &Arguments,
) -> bool {
    match action {
        "invokeModel" | "converse" => {
            model(collector, actions, arguments, "ModelId");
            guardrail(collector, arguments);
            guardrail(collector, &arguments.object("GuardrailConfig"));
            // Of the optimized integration only.
            objects::uri(
                collector,
                &arguments.object("Input"),
                "S3Uri",
                objects::Access::Read,
            );
            objects::uri(
                collector,
                &arguments.object("Output"),
                "S3Uri",
                objects::Access::Write,
            );
        }
        "countTokens" => model(collector, actions, arguments, "ModelId"),
        "startAsyncInvoke" => {
            model(collector, actions, arguments, "ModelId");
            let invocations = collector.machine.arn("bedrock", "async-invoke/*");
            collector.allow(actions, [invocations]);
            let output = arguments
                .object("OutputDataConfig")
                .object("S3OutputDataConfig");
            objects::uri(collector, &output, "S3Uri", objects::Access::Write);
        }
        "retrieveAndGenerate" => {
            retrieve(collector, actions, arguments);
        }
        "createModelCustomizationJob" => {
            let own = collector.machine.arn("bedrock", "custom-model/*");
            let base = customized(collector, arguments, "BaseModelIdentifier");
            collector.allow(actions, [base, own]);
        }
        "createProvisionedModelThroughput" => {
            let mut models = vec![customized(collector, arguments, "ModelId")];
            if matches!(arguments.get("ModelId"), ParameterValue::Computed) {
                models.push(collector.machine.arn("bedrock", "custom-model/*"));
            }
            collector.allow(actions, models);
        }
        _ => return false,
    }
    true
}

/// A foundation model by its id, or any model by its ARN.
fn customized(collector: &mut Collector, arguments: &Arguments, parameter: &str) -> String {
    let pattern = "bedrock:{region}::foundation-model/{}";
    let base = call::arn(collector, arguments, parameter, "foundation model", pattern);
    base.unwrap_or_else(|| call::arn_of(collector.machine, "*", pattern))
}

/// A guardrail that a call applies
/// (<https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-permissions.html>).
fn guardrail(collector: &mut Collector, arguments: &Arguments) {
    if matches!(arguments, Arguments::Computed) {
        return;
    }
    let pattern = "bedrock:{region}:{account}:guardrail/{}";
    if let Some(arn) = call::arn(
        collector,
        arguments,
        "GuardrailIdentifier",
        "guardrail",
        pattern,
    ) {
        collector.allow(&["bedrock:ApplyGuardrail"], [arn]);
    }
}

/// <https://docs.aws.amazon.com/bedrock/latest/userguide/kb-permissions.html>: the call itself cannot be limited; it
/// searches the knowledge base and runs the model as the caller.
fn retrieve(collector: &mut Collector, actions: &[&str], arguments: &Arguments) {
    collector.allow(actions, ["*".to_owned()]);
    let configuration = arguments.object("RetrieveAndGenerateConfiguration");
    let base = configuration.object("KnowledgeBaseConfiguration");
    let pattern = "bedrock:{region}:{account}:knowledge-base/{}";
    let arn = call::arn(
        collector,
        &base,
        "KnowledgeBaseId",
        "knowledge base",
        pattern,
    );
    if let Some(arn) = arn {
        collector.allow(&["bedrock:Retrieve"], [arn]);
    }
    for holder in [base, configuration.object("ExternalSourcesConfiguration")] {
        if !matches!(holder, Arguments::Nothing) {
            model(collector, &["bedrock:InvokeModel"], &holder, "ModelArn");
        }
    }
}

/// The model that a parameter names, in each of its forms.
fn model(collector: &mut Collector, actions: &[&str], arguments: &Arguments, parameter: &str) {
    match arguments.get(parameter) {
        ParameterValue::Text(id) => named(collector, actions, id),
        ParameterValue::Pattern(id) => {
            collector.computed(parameter, &format!("every model like `{id}`"));
            named(collector, actions, &id);
        }
        ParameterValue::Missing => collector.warn("it does not say which model"),
        _ => {
            collector.computed(
                parameter,
                "every foundation model in every region, and every inference profile, provisioned, custom and \
                 imported model and prompt router of the account in this region",
            );
            any(collector, actions);
        }
    }
}

/// Every model.
fn any(collector: &mut Collector, actions: &[&str]) {
    let mut all = vec![foundation_model(collector, "*")];
    if !run(actions) {
        return collector.allow(actions, all);
    }
    all.extend(
        OWN_MODELS
            .iter()
            .map(|kind| collector.machine.arn("bedrock", &format!("{kind}/*"))),
    );
    collector.allow(actions, all);
}

fn named(collector: &mut Collector, actions: &[&str], id: &str) {
    if id.starts_with("arn:") {
        return by_arn(collector, actions, id);
    }
    if let Some(model) = behind_profile(id) {
        let profile = collector
            .machine
            .arn("bedrock", &format!("inference-profile/{id}"));
        return through_profile(collector, actions, &profile, model);
    }
    if id.contains(['.', '*']) {
        let pattern = "bedrock:{region}::foundation-model/{}";
        let arn = call::arn_of(collector.machine, id, pattern);
        return collector.allow(actions, [arn]);
    }
    if !run(actions) {
        return any(collector, actions);
    }
    // An id that AWS has generated: which type it is of is not seen.
    let arn = |kind: &&str| collector.machine.arn("bedrock", &format!("{kind}/{id}"));
    let own: Vec<String> = OWN_MODELS.iter().map(arn).collect();
    collector.allow(actions, own);
    let profile = collector
        .machine
        .arn("bedrock", &format!("application-inference-profile/{id}"));
    behind(
        collector,
        actions,
        "*",
        "bedrock:InferenceProfileArn",
        &profile,
    );
}

fn by_arn(collector: &mut Collector, actions: &[&str], arn: &str) {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let (kind, id) = resource.split_once('/').unwrap_or((resource, ""));
    match (arn.split(':').nth(2), kind) {
        (_, "inference-profile") => {
            let model = behind_profile(id).unwrap_or("*");
            through_profile(collector, actions, arn, model);
        }
        (_, "application-inference-profile") => through_profile(collector, actions, arn, "*"),
        (_, "prompt-router" | "default-prompt-router") => {
            let profiles = collector.machine.arn("bedrock", "inference-profile/*");
            collector.allow(actions, [arn.to_owned()]);
            behind(collector, actions, "*", "bedrock:PromptRouterArn", arn);
            let condition = json!({ "ArnLike": { "bedrock:PromptRouterArn": arn } });
            collector.allow_if(actions, [profiles], Some(condition));
        }
        (_, "prompt") => {
            collector.allow(&["bedrock:RenderPrompt"], [arn.to_owned()]);
            collector.warn("the model of the prompt is not known, so the role allows every model");
            any(collector, actions);
        }
        (Some("sagemaker"), _) => {
            // https://docs.aws.amazon.com/bedrock/latest/userguide/bedrock-marketplace-prerequisites.html
            let gate = collector
                .machine
                .arn("bedrock", "marketplace/model-endpoint/all-access");
            collector.allow(actions, [gate]);
            collector.allow(&["sagemaker:InvokeEndpoint"], [arn.to_owned()]);
        }
        _ => collector.allow(actions, [arn.to_owned()]),
    }
}

/// Whether actions run a model. `CountTokens` does not: it is for foundation models alone, and without these conditions.
fn run(actions: &[&str]) -> bool {
    actions.iter().any(|action| action.contains("InvokeModel"))
}

/// The profile, and the foundation models behind it, which the condition limits to calls by the profile.
fn through_profile(collector: &mut Collector, actions: &[&str], profile: &str, model: &str) {
    if run(actions) {
        collector.allow(actions, [profile.to_owned()]);
    }
    behind(
        collector,
        actions,
        model,
        "bedrock:InferenceProfileArn",
        profile,
    );
}

fn behind(collector: &mut Collector, actions: &[&str], model: &str, key: &str, arn: &str) {
    let condition: Option<Json> = run(actions).then(|| json!({ "ArnLike": { key: arn } }));
    let model = foundation_model(collector, model);
    collector.allow_if(actions, [model], condition);
}

/// A foundation model in every region: AWS changes which regions a profile routes to, and for a global profile the ARN
/// has no region, which `*` matches too
/// (<https://docs.aws.amazon.com/bedrock/latest/userguide/global-cross-region-inference.html>).
fn foundation_model(collector: &Collector, id: &str) -> String {
    format!(
        "arn:{}:bedrock:*::foundation-model/{id}",
        collector.machine.partition
    )
}

/// The foundation model in the id of an inference profile of AWS: `us.anthropic.claude-...` begins with a geography.
/// A foundation model's id begins with its provider, none of which has two letters.
fn behind_profile(id: &str) -> Option<&str> {
    let (geography, model) = id.split_once('.')?;
    let is_geography =
        geography.len() == 2 && geography.bytes().all(|byte| byte.is_ascii_lowercase());
    (is_geography || matches!(geography, "apac" | "global" | "us-gov")).then_some(model)
}
