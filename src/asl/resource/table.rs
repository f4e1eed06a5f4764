//! The integrations Step Functions has code of its own for. A table only, from
//! <https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html> and the page of
//! each service beside it.

/// The optimized integrations: service, actions, patterns beside request and response.
#[rustfmt::skip]
pub(super) const OPTIMIZED: &[(&str, &str, &str)] = &[
    ("apigateway", "invoke", "waitForTaskToken"),
    ("athena", "startQueryExecution", "sync"),
    ("athena", "stopQueryExecution getQueryExecution getQueryResults", ""),
    ("batch", "submitJob", "sync"),
    ("bedrock", "invokeModel", ""),
    ("bedrock", "createModelCustomizationJob", "sync"),
    ("codebuild", "startBuild startBuildBatch retryBuildBatch", "sync"),
    ("codebuild", "stopBuild batchDeleteBuilds batchGetReports stopBuildBatch deleteBuildBatch", ""),
    ("databrew", "startJobRun", "sync"),
    ("dynamodb", "getItem putItem deleteItem updateItem", ""),
    ("ecs", "runTask", "sync waitForTaskToken"),
    ("eks", "createCluster createNodegroup deleteCluster deleteNodegroup createFargateProfile deleteFargateProfile runJob", "sync"),
    ("eks", "call", ""),
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
