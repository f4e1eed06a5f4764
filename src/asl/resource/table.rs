//! Tables of the service integrations, from
//! <https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html> and the page of
//! each service.

/// The optimized integrations: service, actions, patterns other than request and response.
#[rustfmt::skip]
pub(super) const OPTIMIZED: &[(&str, &str, &str)] = &[
    ("apigateway", "invoke", "waitForTaskToken"),
    ("athena", "startQueryExecution", "sync"),
    ("athena", "stopQueryExecution getQueryExecution getQueryResults", ""),
    ("batch", "submitJob", "sync"),
    ("bedrock", "invokeModel", "waitForTaskToken"),
    ("bedrock", "createModelCustomizationJob", "sync waitForTaskToken"),
    ("codebuild", "startBuild startBuildBatch retryBuildBatch", "sync"),
    ("codebuild", "stopBuild batchDeleteBuilds batchGetReports stopBuildBatch deleteBuildBatch", ""),
    ("databrew", "startJobRun", "sync"),
    ("dynamodb", "getItem putItem deleteItem updateItem", ""),
    ("ecs", "runTask", "sync waitForTaskToken"),
    ("eks", "createCluster createNodegroup deleteCluster deleteNodegroup createFargateProfile deleteFargateProfile runJob", "sync waitForTaskToken"),
    ("eks", "call", "waitForTaskToken"),
    ("elasticmapreduce", "createCluster terminateCluster addStep", "sync"),
    ("elasticmapreduce", "cancelStep setClusterTerminationProtection modifyInstanceFleetByName modifyInstanceGroupByName", ""),
    ("emr-containers", "createVirtualCluster", ""),
    ("emr-containers", "deleteVirtualCluster startJobRun", "sync"),
    ("emr-serverless", "createApplication startApplication stopApplication deleteApplication startJobRun cancelJobRun", "sync"),
    ("events", "putEvents", "waitForTaskToken"),
    ("glue", "startJobRun", "sync"),
    ("http", "invoke", ""),
    ("lambda", "invoke", "waitForTaskToken"),
    ("mediaconvert", "createJob", "sync"),
    ("sagemaker", "createHyperParameterTuningJob createLabelingJob createProcessingJob createTrainingJob createTransformJob", "sync"),
    ("sagemaker", "createEndpoint createEndpointConfig createModel updateEndpoint", ""),
    ("sns", "publish", "waitForTaskToken"),
    ("sqs", "sendMessage", "waitForTaskToken"),
    ("states", "startExecution", "sync sync:2 waitForTaskToken"),
];

/// Names of services that people write, where [`crate::data::integrations::alias`] does not have them.
#[rustfmt::skip]
pub(super) const SDK_ALIASES: &[(&str, &str)] = &[
    ("cloudwatchevents", "eventbridge"), ("dynamo", "dynamodb"), ("es", "opensearch"),
    ("tag", "resourcegroupstaggingapi"),
];

/// What to write for an action that Step Functions does not support: service, action (`*`: every one), help.
#[rustfmt::skip]
pub(super) const SDK_INSTEAD: &[(&str, &str, &str)] = &[
    ("apigatewaymanagementapi", "*", "write arn:aws:states:::apigateway:invoke, with the `Path` /@connections/..."),
    ("bedrockagentruntime", "retrieveAndGenerateStream", "write `retrieveAndGenerate`"),
    ("bedrockruntime", "converseStream", "write `converse`"),
    ("bedrockruntime", "invokeModelWithResponseStream", "write `invokeModel`"),
    ("comprehendmedical", "detectEntities", "write `detectEntitiesV2`"),
    ("efs", "createTags", "write `tagResource`"),
    ("lambda", "*", "write `invoke`"),
    ("rdsdata", "executeSql", "write `executeStatement`"),
    ("sagemakerruntime", "*", "write `invokeEndpoint`"),
    ("sts", "assumeRole", "to call with another role, give its ARN in `Credentials` of the state"),
];
