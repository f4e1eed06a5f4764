//! Integrations that start something and may wait for its end (`.sync`).
//!
//! To wait, Step Functions creates a managed `EventBridge` rule in the account, which the role must
//! allow. It also describes the job, and stops it when the execution stops.

use super::arguments::Arguments;
use super::call::{arn, arn_of, name};
use super::collect::Collector;
use crate::asl::resource::IntegrationPattern;

/// The managed rule that tells Step Functions that a job has ended.
fn rule(collector: &mut Collector, name: &str) {
    let arn = collector.machine.arn("events", &format!("rule/{name}"));
    collector.allow(
        &["events:DescribeRule", "events:PutRule", "events:PutTargets"],
        [arn],
    );
}

/// <https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html>
pub(super) fn start_execution(
    collector: &mut Collector,
    arguments: &Arguments,
    pattern: IntegrationPattern,
) {
    let template = "states:{region}:{account}:stateMachine:{}";
    let Some(machine) = arn(
        collector,
        arguments,
        "StateMachineArn",
        "state machine",
        template,
    ) else {
        return collector.warn("it does not say which state machine");
    };
    collector.allow(&["states:StartExecution"], [machine.clone()]);
    if pattern == IntegrationPattern::Sync {
        // The ARN of an execution has the machine's name without the version or alias.
        let parts: Vec<&str> = machine.splitn(8, ':').take(7).collect();
        let executions = parts.join(":").replace(":stateMachine:", ":execution:");
        let executions = format!("{executions}:*");
        collector.allow(
            &["states:DescribeExecution", "states:StopExecution"],
            [executions],
        );
        rule(
            collector,
            "StepFunctionsGetEventsForStepFunctionsExecutionRule",
        );
    }
}

/// <https://docs.aws.amazon.com/step-functions/latest/dg/connect-batch.html>
pub(super) fn batch(collector: &mut Collector, arguments: &Arguments, pattern: IntegrationPattern) {
    let queue = "batch:{region}:{account}:job-queue/{}";
    let definition = "batch:{region}:{account}:job-definition/{}";
    let mut resources: Vec<String> = Vec::new();
    resources.extend(arn(collector, arguments, "JobQueue", "job queue", queue));
    if let Some(job) = arn(
        collector,
        arguments,
        "JobDefinition",
        "job definition",
        definition,
    ) {
        resources.extend(with_revisions(&job));
    }
    collector.allow(&["batch:SubmitJob"], resources);
    if pattern == IntegrationPattern::Sync {
        // Jobs have no name known before they run.
        collector.allow(
            &["batch:DescribeJobs", "batch:TerminateJob"],
            ["*".to_owned()],
        );
        rule(collector, "StepFunctionsGetEventsForBatchJobsRule");
    }
}

/// <https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html>
pub(super) fn ecs(collector: &mut Collector, arguments: &Arguments, pattern: IntegrationPattern) {
    let template = "ecs:{region}:{account}:task-definition/{}";
    let task = arn(
        collector,
        arguments,
        "TaskDefinition",
        "task definition",
        template,
    );
    let Some(task) = task else {
        return collector.warn("it does not say which task definition");
    };
    collector.allow(&["ecs:RunTask"], with_revisions(&task));
    if pattern == IntegrationPattern::Sync {
        // Tasks have no name known before they run.
        collector.allow(&["ecs:DescribeTasks", "ecs:StopTask"], ["*".to_owned()]);
        rule(collector, "StepFunctionsGetEventsForECSTaskRule");
    }
    let overrides = arguments.object("Overrides");
    let mut roles = Vec::new();
    for parameter in ["TaskRoleArn", "ExecutionRoleArn"] {
        roles.extend(name(collector, &overrides, parameter, "role"));
    }
    if roles.len() < 2 {
        collector.warn(
            "the roles of the task definition are not known, so the role may pass any to ECS",
        );
        roles = vec!["*".to_owned()];
    }
    let pattern = "iam::{account}:role/{}";
    let roles: Vec<String> = roles
        .iter()
        .map(|role| arn_of(collector.machine, role, pattern))
        .collect();
    let to_ecs = serde_json::json!({
        "StringEquals": { "iam:PassedToService": "ecs-tasks.amazonaws.com" }
    });
    collector.allow_if(&["iam:PassRole"], roles, Some(to_ecs));
}

/// <https://docs.aws.amazon.com/step-functions/latest/dg/connect-glue.html>
pub(super) fn glue(collector: &mut Collector, arguments: &Arguments, pattern: IntegrationPattern) {
    let template = "glue:{region}:{account}:job/{}";
    let Some(job) = arn(collector, arguments, "JobName", "job", template) else {
        return collector.warn("it does not say which job");
    };
    collector.allow(&["glue:StartJobRun"], [job.clone()]);
    if pattern == IntegrationPattern::Sync {
        collector.allow(
            &["glue:BatchStopJobRun", "glue:GetJobRun", "glue:GetJobRuns"],
            [job],
        );
    }
}

/// <https://docs.aws.amazon.com/step-functions/latest/dg/connect-codebuild.html>
pub(super) fn codebuild(
    collector: &mut Collector,
    arguments: &Arguments,
    pattern: IntegrationPattern,
) {
    let template = "codebuild:{region}:{account}:project/{}";
    let Some(project) = arn(collector, arguments, "ProjectName", "project", template) else {
        return collector.warn("it does not say which project");
    };
    collector.allow(&["codebuild:StartBuild"], [project.clone()]);
    if pattern == IntegrationPattern::Sync {
        collector.allow(
            &["codebuild:BatchGetBuilds", "codebuild:StopBuild"],
            [project],
        );
        rule(collector, "StepFunctionsGetEventForCodeBuildStartBuildRule");
    }
}

/// A task definition without a revision means the latest one, so any revision is allowed.
fn with_revisions(arn: &str) -> Vec<String> {
    let name = arn.rsplit('/').next().unwrap_or(arn);
    if name.contains(':') || name.contains('*') {
        vec![arn.to_owned()]
    } else {
        vec![arn.to_owned(), format!("{arn}:*")]
    }
}
