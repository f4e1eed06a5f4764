//! The table: a list for each kind.

use super::NeededFor::{Change, Deploy, Destroy, Run};
use super::{NeededAction, OnResource};

const fn look(action: &'static str) -> NeededAction {
    NeededAction::new(Deploy, action).on(OnResource::Account)
}

const fn deploy(action: &'static str) -> NeededAction {
    NeededAction::new(Deploy, action)
}

const fn change(action: &'static str) -> NeededAction {
    NeededAction::new(Change, action)
}

const fn run(action: &'static str) -> NeededAction {
    NeededAction::new(Run, action)
}

const fn destroy(action: &'static str) -> NeededAction {
    NeededAction::new(Destroy, action)
}

pub const BUCKET: &[NeededAction] = &[
    look("s3:ListAllMyBuckets"),
    deploy("s3:CreateBucket"),
    deploy("s3:GetBucketNotification"),
    deploy("s3:GetBucketPolicy"),
    deploy("s3:GetBucketPublicAccessBlock"),
    deploy("s3:GetBucketTagging"),
    deploy("s3:GetBucketVersioning"),
    deploy("s3:TagResource"),
    deploy("s3:PutBucketNotification").with("/events"),
    deploy("s3:PutBucketPolicy").with("/policy"),
    deploy("s3:PutBucketPublicAccessBlock").with("/block_public_access"),
    deploy("s3:PutBucketVersioning").with("/versioning"),
    change("s3:DeleteBucketPolicy"),
    change("s3:PutBucketTagging"),
    run("s3:PutObject").on(OnResource::Objects),
    destroy("s3:AbortMultipartUpload").on(OnResource::Objects),
    destroy("s3:DeleteBucket"),
    destroy("s3:DeleteObject").on(OnResource::Objects),
    destroy("s3:DeleteObjectVersion").on(OnResource::Objects),
    destroy("s3:ListBucket"),
    destroy("s3:ListBucketMultipartUploads"),
    destroy("s3:ListBucketVersions"),
];

pub const CONNECTION: &[NeededAction] = &[
    look("events:ListConnections"),
    deploy("events:DescribeConnection"),
    deploy("events:CreateConnection"),
    deploy("iam:CreateServiceLinkedRole").on(OnResource::LinkedRoleOfConnections),
    deploy("secretsmanager:CreateSecret").on(OnResource::SecretOfConnection),
    change("events:UpdateConnection"),
    change("secretsmanager:UpdateSecret").on(OnResource::SecretOfConnection),
    destroy("events:DeleteConnection"),
    destroy("secretsmanager:DeleteSecret").on(OnResource::SecretOfConnection),
    destroy("secretsmanager:DescribeSecret").on(OnResource::SecretOfConnection),
    destroy("secretsmanager:ListSecrets").on(OnResource::Account),
];

pub const DIRECTORY_BUCKET: &[NeededAction] = &[
    look("s3express:ListAllMyDirectoryBuckets"),
    deploy("s3express:CreateBucket"),
    deploy("s3express:GetBucketPolicy"),
    deploy("s3express:ListTagsForResource"),
    deploy("s3express:TagResource"),
    deploy("s3express:PutBucketPolicy").with("/policy"),
    change("s3express:DeleteBucketPolicy"),
    change("s3express:UntagResource"),
    destroy("s3express:CreateSession"),
    destroy("s3express:DeleteBucket"),
];

pub const FUNCTION: &[NeededAction] = &[
    look("lambda:ListFunctions"),
    deploy("lambda:CreateFunction"),
    deploy("lambda:GetFunction"),
    deploy("lambda:GetFunctionConfiguration"),
    deploy("lambda:GetPolicy"),
    deploy("lambda:TagResource"),
    deploy("lambda:AddPermission").with("/permissions"),
    deploy("lambda:PutFunctionConcurrency").with("/reserved_concurrency"),
    change("lambda:DeleteFunctionConcurrency"),
    change("lambda:RemovePermission"),
    change("lambda:UntagResource"),
    change("lambda:UpdateFunctionCode"),
    change("lambda:UpdateFunctionConfiguration"),
    destroy("lambda:DeleteFunction"),
    destroy("lambda:ListEventSourceMappings").on(OnResource::Account),
    destroy("lambda:ListTags"),
];

pub const LOG_GROUP: &[NeededAction] = &[
    look("logs:DescribeLogGroups"),
    deploy("logs:CreateLogGroup"),
    deploy("logs:ListTagsForResource"),
    deploy("logs:TagResource"),
    deploy("logs:PutRetentionPolicy").with("/retention_days"),
    change("logs:DeleteRetentionPolicy"),
    change("logs:UntagResource"),
    run("logs:FilterLogEvents"),
    destroy("logs:DescribeLogStreams"),
    destroy("logs:DeleteLogGroup"),
];

pub const QUEUE: &[NeededAction] = &[
    look("sqs:ListQueues"),
    deploy("sqs:CreateQueue"),
    deploy("sqs:GetQueueAttributes"),
    deploy("sqs:GetQueueUrl"),
    deploy("sqs:ListQueueTags"),
    deploy("sqs:TagQueue"),
    change("sqs:SetQueueAttributes"),
    change("sqs:UntagQueue"),
    destroy("sqs:DeleteQueue"),
];

pub const ROLE: &[NeededAction] = &[
    look("iam:ListRoles"),
    deploy("iam:CreateRole"),
    deploy("iam:GetRole"),
    deploy("iam:ListAttachedRolePolicies"),
    deploy("iam:ListRolePolicies"),
    deploy("iam:TagRole"),
    deploy("iam:GetRolePolicy").with("/policies"),
    deploy("iam:PutRolePolicy").with("/policies"),
    deploy("iam:AttachRolePolicy").with("/managed_policies"),
    change("iam:UntagRole"),
    change("iam:UpdateAssumeRolePolicy"),
    destroy("iam:DeleteRole"),
    destroy("iam:DeleteRolePolicy").with("/policies"),
    destroy("iam:DetachRolePolicy").with("/managed_policies"),
    destroy("iam:ListInstanceProfilesForRole"),
    destroy("iam:ListRoleTags"),
];

pub const RULE: &[NeededAction] = &[
    look("events:ListRules"),
    deploy("events:DescribeRule"),
    deploy("events:ListTagsForResource"),
    deploy("events:ListTargetsByRule"),
    deploy("events:PutRule"),
    deploy("events:PutTargets"),
    deploy("events:TagResource"),
    change("events:UntagResource"),
    destroy("events:DeleteRule"),
    destroy("events:RemoveTargets"),
];

pub const STATE_MACHINE: &[NeededAction] = &[
    look("states:ListStateMachines"),
    deploy("states:CreateStateMachine"),
    deploy("states:DescribeStateMachine"),
    deploy("states:ListTagsForResource"),
    deploy("states:TagResource"),
    change("states:UntagResource"),
    change("states:UpdateStateMachine"),
    run("states:DescribeExecution").on(OnResource::Executions),
    run("states:DescribeStateMachineForExecution").on(OnResource::Executions),
    run("states:GetExecutionHistory").on(OnResource::Executions),
    run("states:ListExecutions"),
    run("states:StartExecution"),
    run("states:StartSyncExecution"),
    run("states:StopExecution").on(OnResource::Executions),
    destroy("states:DeleteStateMachine"),
];

pub const TABLE: &[NeededAction] = &[
    look("dynamodb:ListTables"),
    deploy("dynamodb:CreateTable"),
    deploy("dynamodb:DescribeContinuousBackups"),
    deploy("dynamodb:DescribeTable"),
    deploy("dynamodb:DescribeTimeToLive"),
    deploy("dynamodb:ListTagsOfResource"),
    deploy("dynamodb:TagResource"),
    deploy("dynamodb:UpdateContinuousBackups").with("/point_in_time_recovery"),
    deploy("dynamodb:UpdateTimeToLive").with("/time_to_live"),
    change("dynamodb:UntagResource"),
    change("dynamodb:UpdateTable"),
    run("dynamodb:GetItem"),
    destroy("dynamodb:DeleteTable"),
    destroy("dynamodb:ListBackups").on(OnResource::Account),
];

pub const TOPIC: &[NeededAction] = &[
    look("sns:ListTopics"),
    deploy("sns:CreateTopic"),
    deploy("sns:GetTopicAttributes"),
    deploy("sns:ListSubscriptionsByTopic"),
    deploy("sns:ListTagsForResource"),
    deploy("sns:TagResource"),
    deploy("sns:Subscribe").with("/subscriptions"),
    deploy("sns:GetSubscriptionAttributes").with("/subscriptions"),
    change("sns:SetTopicAttributes"),
    change("sns:UntagResource"),
    destroy("sns:DeleteTopic"),
    destroy("sns:Unsubscribe").with("/subscriptions"),
];

pub const TRAIL: &[NeededAction] = &[
    look("cloudtrail:ListTrails"),
    deploy("cloudtrail:AddTags"),
    deploy("cloudtrail:CreateTrail"),
    deploy("cloudtrail:GetEventSelectors"),
    deploy("cloudtrail:GetTrail"),
    deploy("cloudtrail:GetTrailStatus"),
    deploy("cloudtrail:ListTags"),
    deploy("cloudtrail:PutEventSelectors"),
    deploy("cloudtrail:StartLogging"),
    change("cloudtrail:RemoveTags"),
    change("cloudtrail:UpdateTrail"),
    destroy("cloudtrail:DeleteTrail"),
    destroy("cloudtrail:StopLogging"),
];

pub const VAULT: &[NeededAction] = &[
    look("glacier:ListVaults"),
    deploy("glacier:AddTagsToVault"),
    deploy("glacier:CreateVault"),
    deploy("glacier:DescribeVault"),
    deploy("glacier:GetVaultAccessPolicy"),
    deploy("glacier:ListTagsForVault"),
    deploy("glacier:SetVaultAccessPolicy").with("/policy"),
    change("glacier:DeleteVaultAccessPolicy"),
    change("glacier:RemoveTagsFromVault"),
    destroy("glacier:DeleteVault"),
];
