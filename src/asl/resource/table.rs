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

/// Services by the names the AWS SDK integration has for them; there are more
/// (<https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html>), so a
/// name that is missing here is only reported if it is close to one of these.
#[rustfmt::skip]
pub(super) const SDK_SERVICES: &[&str] = &[
    "accessanalyzer", "account", "acm", "acmpca", "amp", "amplify", "amplifybackend",
    "apigateway", "apigatewaymanagementapi", "apigatewayv2", "appconfig", "appconfigdata",
    "appflow", "applicationautoscaling", "applicationdiscovery", "applicationinsights", "appmesh",
    "apprunner", "appstream", "appsync", "athena", "auditmanager", "autoscaling",
    "autoscalingplans", "backup", "batch", "bedrock", "bedrockagent", "bedrockagentruntime",
    "bedrockruntime", "budgets", "chime", "chimesdkmeetings", "chimesdkmessaging", "cloud9",
    "cloudcontrol", "cloudformation", "cloudfront", "cloudhsm", "cloudhsmv2", "cloudsearch",
    "cloudtrail", "cloudwatch", "cloudwatchlogs", "codeartifact", "codebuild", "codecommit",
    "codedeploy", "codeguruprofiler", "codegurureviewer", "codepipeline", "codestarconnections",
    "cognitoidentity", "cognitoidentityprovider", "cognitosync", "comprehend",
    "comprehendmedical", "computeoptimizer", "config", "connect", "connectcampaigns",
    "costandusagereport", "costexplorer", "customerprofiles", "databasemigration", "databrew",
    "dataexchange", "datapipeline", "datasync", "dax", "detective", "devicefarm", "devopsguru",
    "directconnect", "directory", "dlm", "docdb", "drs", "dynamodb", "dynamodbstreams", "ebs",
    "ec2", "ecr", "ecrpublic", "ecs", "efs", "eks", "elasticache", "elasticbeanstalk",
    "elasticloadbalancing", "elasticloadbalancingv2", "elasticsearch", "elastictranscoder", "emr",
    "emrcontainers", "emrserverless", "eventbridge", "evidently", "finspace", "firehose", "fis",
    "fms", "forecast", "forecastquery", "frauddetector", "fsx", "gamelift", "glacier",
    "globalaccelerator", "glue", "grafana", "greengrass", "greengrassv2", "groundstation",
    "guardduty", "health", "iam", "identitystore", "imagebuilder", "inspector", "inspector2",
    "iot", "iotanalytics", "iotdataplane", "iotevents", "iotsitewise", "iotwireless", "ivs",
    "kafka", "kafkaconnect", "kendra", "keyspaces", "kinesis", "kinesisanalytics",
    "kinesisanalyticsv2", "kinesisvideo", "kms", "lakeformation", "lambda", "lexmodelbuilding",
    "lexmodelsv2", "lexruntime", "lexruntimev2", "licensemanager", "lightsail", "location",
    "lookoutmetrics", "macie2", "marketplacecatalog", "mediaconnect", "mediaconvert", "medialive",
    "mediapackage", "mediapackagevod", "mediastore", "mediatailor", "memorydb", "migrationhub",
    "migrationhubconfig", "mq", "mwaa", "neptune", "networkfirewall", "networkmanager",
    "opensearch", "opensearchserverless", "organizations", "outposts", "personalize",
    "personalizeevents", "personalizeruntime", "pi", "pinpoint", "pinpointsmsvoicev2", "pipes",
    "polly", "pricing", "qldb", "quicksight", "ram", "rds", "rdsdata", "redshift", "redshiftdata",
    "redshiftserverless", "rekognition", "resiliencehub", "resourceexplorer2", "resourcegroups",
    "resourcegroupstaggingapi", "robomaker", "route53", "route53domains", "route53resolver",
    "rum", "s3", "s3control", "s3outposts", "sagemaker", "sagemakerfeaturestoreruntime",
    "sagemakerruntime", "savingsplans", "scheduler", "schemas", "secretsmanager", "securityhub",
    "securitylake", "serverlessapplicationrepository", "servicecatalog", "servicediscovery",
    "servicequotas", "ses", "sesv2", "sfn", "shield", "signer", "snowball", "sns", "sqs", "ssm",
    "ssmcontacts", "ssmincidents", "sso", "ssoadmin", "storagegateway", "sts", "support", "swf",
    "synthetics", "textract", "timestreamquery", "timestreamwrite", "transcribe", "transfer",
    "translate", "verifiedpermissions", "vpclattice", "waf", "wafregional", "wafv2",
    "wellarchitected", "workdocs", "workmail", "workspaces", "workspacesweb", "xray",
];

/// Other names of a service, and its name here.
#[rustfmt::skip]
pub(super) const SDK_ALIASES: &[(&str, &str)] = &[
    ("ce", "costexplorer"), ("cognitoidp", "cognitoidentityprovider"), ("dms", "databasemigration"),
    ("ds", "directory"), ("dynamo", "dynamodb"), ("elasticfilesystem", "efs"),
    ("elasticmapreduce", "emr"), ("es", "opensearch"), ("events", "eventbridge"),
    ("logs", "cloudwatchlogs"), ("monitoring", "cloudwatch"), ("states", "sfn"),
    ("stepfunctions", "sfn"), ("tag", "resourcegroupstaggingapi"),
];
