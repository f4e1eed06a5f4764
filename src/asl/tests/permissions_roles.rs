//! The permissions for what a call uses with the permissions of its caller: models, objects, secrets; and what a literal
//! name is worth.

use serde_json::{Value, json};

use super::permissions::{jsonata, task};

const ACCOUNT: &str = "eu-west-1:111122223333";

fn sdk(call: &str, parameters: &Value) -> String {
    task(&format!("arn:aws:states:::aws-sdk:{call}"), parameters)
}

/// The same, of an optimized integration.
fn optimized(call: &str, parameters: &Value) -> String {
    task(&format!("arn:aws:states:::{call}"), parameters)
}

#[test]
fn an_inference_profile_needs_the_models_behind_it() {
    let claude = "anthropic.claude-3-5-sonnet-20240620-v1:0";
    let behind = |profile: &str, model: &str| {
        format!(
            "bedrock:InvokeModel on {profile} for A\n\
             bedrock:InvokeModel on arn:aws:bedrock:*::foundation-model/{model} if \
             {{\"ArnLike\":{{\"bedrock:InferenceProfileArn\":\"{profile}\"}}}} for A"
        )
    };
    for geography in ["us", "eu", "apac", "us-gov", "jp", "au", "ca", "global"] {
        let id = format!("{geography}.{claude}");
        let expected = behind(
            &format!("arn:aws:bedrock:{ACCOUNT}:inference-profile/{id}"),
            claude,
        );
        for call in [
            "bedrock:invokeModel",
            "aws-sdk:bedrockruntime:invokeModel",
            "aws-sdk:bedrockruntime:converse",
        ] {
            assert_eq!(
                optimized(call, &json!({ "ModelId": id })),
                expected,
                "{call}"
            );
        }
        let expression = format!("{{% '{id}' %}}");
        let resource = "arn:aws:states:::bedrock:invokeModel";
        assert_eq!(
            jsonata(resource, &json!({ "ModelId": expression })),
            expected
        );
    }
    let profile =
        "arn:aws:bedrock:us-east-1:999988887777:inference-profile/us.amazon.nova-lite-v1:0";
    let given = json!({ "ModelId": profile });
    assert_eq!(
        optimized("bedrock:invokeModel", &given),
        behind(profile, "amazon.nova-lite-v1:0")
    );
    // Which model an application's own profile has is not in its name.
    let profile = format!("arn:aws:bedrock:{ACCOUNT}:application-inference-profile/a1b2c3d4e5f6");
    let given = json!({ "ModelId": profile });
    assert_eq!(
        sdk("bedrockruntime:converse", &given),
        behind(&profile, "*")
    );
}

#[test]
fn a_model_of_any_other_kind() {
    let model = format!(
        "arn:aws:bedrock:{}::foundation-model/mistral.mistral-7b-instruct-v0:2",
        "eu-west-1"
    );
    let plain = format!("bedrock:InvokeModel on {model} for A");
    for id in ["mistral.mistral-7b-instruct-v0:2", model.as_str()] {
        assert_eq!(
            optimized("bedrock:invokeModel", &json!({ "ModelId": id })),
            plain
        );
    }
    for kind in [
        "provisioned-model/abcdef012345",
        "custom-model-deployment/x",
        "imported-model/x",
    ] {
        let arn = format!("arn:aws:bedrock:{ACCOUNT}:{kind}");
        let expected = format!("bedrock:InvokeModel on {arn} for A");
        assert_eq!(
            optimized("bedrock:invokeModel", &json!({ "ModelId": arn })),
            expected
        );
    }
    let own = |kind: &str| format!("arn:aws:bedrock:{ACCOUNT}:{kind}/*");
    let every = [
        "arn:aws:bedrock:*::foundation-model/*".to_owned(),
        own("application-inference-profile"),
        own("custom-model-deployment"),
        own("default-prompt-router"),
        own("imported-model"),
        own("inference-profile"),
        own("prompt-router"),
        own("provisioned-model"),
    ]
    .join(" ");
    let warning = "! state `A`: `ModelId` is only known at run time, so the role allows every foundation model in \
         every region, and every inference profile, provisioned, custom and imported model and prompt router of the \
         account in this region";
    let computed = format!("bedrock:InvokeModel on {every} for A\n{warning}");
    assert_eq!(
        optimized("bedrock:invokeModel", &json!({ "ModelId.$": "$.m" })),
        computed
    );
    let resource = "arn:aws:states:::aws-sdk:bedrockruntime:converse";
    assert_eq!(
        jsonata(resource, &json!({ "ModelId": "{% $m %}" })),
        computed
    );
    let prompt = format!("arn:aws:bedrock:{ACCOUNT}:prompt/ABCDEFGHIJ:1");
    let shown = sdk("bedrockruntime:converse", &json!({ "ModelId": prompt }));
    assert!(
        shown.starts_with(&format!("bedrock:RenderPrompt on {prompt} for A\n")),
        "{shown}"
    );
    assert!(
        shown.contains("the model of the prompt is not known"),
        "{shown}"
    );
}

#[test]
fn what_a_model_reads_and_writes_and_its_guardrail() {
    let given = json!({"ModelId": "amazon.titan-text-lite-v1", "Input": {"S3Uri": "s3://in/a.json"},
        "Output": {"S3Uri": "s3://out/runs/"}, "GuardrailIdentifier": "gr1", "GuardrailVersion": "1"});
    assert_eq!(
        optimized("bedrock:invokeModel", &given),
        format!(
            "bedrock:InvokeModel on arn:aws:bedrock:eu-west-1::foundation-model/amazon.titan-text-lite-v1 for A\n\
             bedrock:ApplyGuardrail on arn:aws:bedrock:{ACCOUNT}:guardrail/gr1 for A\n\
             s3:GetObject on arn:aws:s3:::in/a.json for A\n\
             s3:PutObject on arn:aws:s3:::out/runs/* for A"
        )
    );
    let given = json!({"RoleArn.$": "$.r", "JobName": "j", "CustomModelName": "c",
        "BaseModelIdentifier": "amazon.titan-text-lite-v1", "TrainingDataConfig": {"S3Uri": "s3://b/k"}});
    assert_eq!(
        optimized("bedrock:createModelCustomizationJob", &given),
        format!(
            "bedrock:CreateModelCustomizationJob on arn:aws:bedrock:{ACCOUNT}:custom-model/* \
             arn:aws:bedrock:eu-west-1::foundation-model/amazon.titan-text-lite-v1 for A\n\
             iam:PassRole on arn:aws:iam::111122223333:role/* if \
             {{\"StringEquals\":{{\"iam:PassedToService\":\"bedrock.amazonaws.com\"}}}} for A\n\
             ! state `A`: the role in `RoleArn` is only known at run time, so the role may pass any to the service \
             (`iam:PassRole`)"
        )
    );
    let given = json!({ "ModelId.$": "$.m", "ModelUnits": 1 });
    assert_eq!(
        sdk("bedrock:createProvisionedModelThroughput", &given),
        format!(
            "bedrock:CreateProvisionedModelThroughput on arn:aws:bedrock:{ACCOUNT}:custom-model/* \
             arn:aws:bedrock:eu-west-1::foundation-model/* for A\n\
             ! state `A`: `ModelId` is only known at run time, so the role allows every foundation model"
        )
    );
}

#[test]
fn queries_of_athena() {
    let given = json!({"QueryString": "select 1", "WorkGroup": "lab",
        "ResultConfiguration": {"OutputLocation": "s3://results/q/"}});
    let glue = "glue:BatchGetPartition glue:GetDatabase glue:GetDatabases glue:GetPartition glue:GetPartitions \
                glue:GetTable glue:GetTables";
    let rest = format!(
        "athena:GetDataCatalog on arn:aws:athena:{ACCOUNT}:datacatalog/AwsDataCatalog for A\n\
         {glue} on arn:aws:glue:{ACCOUNT}:catalog arn:aws:glue:{ACCOUNT}:database/* arn:aws:glue:{ACCOUNT}:table/* for A\n\
         s3:GetBucketLocation s3:GetObject s3:ListBucket on arn:aws:s3:::* for A\n\
         s3:GetBucketLocation s3:ListBucket s3:ListBucketMultipartUploads on arn:aws:s3:::results for A\n\
         s3:AbortMultipartUpload s3:GetObject s3:ListMultipartUploadParts s3:PutObject on arn:aws:s3:::results/q/* for A\n\
         lakeformation:GetDataAccess on * for A\n\
         ! state `A`: which tables the query uses is not looked for, so the role may read every bucket, and every table \
         of the catalog"
    );
    let group = format!("arn:aws:athena:{ACCOUNT}:workgroup/lab");
    let started = format!("athena:StartQueryExecution on {group} for A\n{rest}");
    assert_eq!(optimized("athena:startQueryExecution", &given), started);
    assert_eq!(sdk("athena:startQueryExecution", &given), started);
    assert_eq!(
        optimized("athena:startQueryExecution.sync", &given),
        format!(
            "athena:GetQueryExecution athena:StartQueryExecution athena:StopQueryExecution on {group} for A\n{rest}"
        )
    );
    let shown = optimized(
        "athena:startQueryExecution",
        &json!({ "QueryString": "INSERT INTO t VALUES (1)" }),
    );
    assert!(
        shown.contains("glue:UpdateTable") && shown.contains("workgroup/primary"),
        "{shown}"
    );
    assert!(
        shown.contains("where the results are written is a setting of the workgroup"),
        "{shown}"
    );
}

#[test]
fn credentials_of_databases() {
    let secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s-AbCdEf";
    let cluster = format!("arn:aws:rds:{ACCOUNT}:cluster:c");
    for call in [
        "executeStatement",
        "batchExecuteStatement",
        "beginTransaction",
    ] {
        let given = json!({ "ResourceArn": cluster, "SecretArn": secret, "Sql": "select 1" });
        let action = call[..1].to_uppercase() + &call[1..];
        assert_eq!(
            sdk(&format!("rdsdata:{call}"), &given),
            format!(
                "rds-data:{action} on {cluster} for A\nsecretsmanager:GetSecretValue on {secret} for A"
            )
        );
    }
    let call =
        format!("redshift-data:ExecuteStatement on arn:aws:redshift:{ACCOUNT}:cluster:c for A\n");
    let database = format!("arn:aws:redshift:{ACCOUNT}:dbname:c/d");
    for (extra, expected) in [
        (
            json!({"DbUser": "u"}),
            format!(
                "redshift:GetClusterCredentials on {database} arn:aws:redshift:{ACCOUNT}:dbuser:c/u for A"
            ),
        ),
        (
            json!({}),
            format!("redshift:GetClusterCredentialsWithIAM on {database} for A"),
        ),
        (
            json!({"SecretArn": secret}),
            format!("secretsmanager:GetSecretValue on {secret} for A"),
        ),
    ] {
        let mut given = json!({ "ClusterIdentifier": "c", "Database": "d", "Sql": "select 1" });
        given
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        assert_eq!(
            sdk("redshiftdata:executeStatement", &given),
            format!("{call}{expected}")
        );
    }
    let shown = sdk(
        "redshiftdata:executeStatement",
        &json!({ "WorkgroupName": "w", "Database": "d", "Sql": "x" }),
    );
    let every = format!("arn:aws:redshift-serverless:{ACCOUNT}:workgroup/*");
    assert!(
        shown.contains(&format!("redshift-serverless:GetCredentials on {every}")),
        "{shown}"
    );
}

#[test]
fn objects_that_a_service_uses_as_its_caller() {
    let topic = format!("arn:aws:sns:{ACCOUNT}:ended");
    let given = json!({ "OutputS3BucketName": "out", "SnsTopicArn": topic });
    let shown = sdk("polly:startSpeechSynthesisTask", &given);
    assert!(
        shown.contains(&format!("sns:Publish on {topic} for A")),
        "{shown}"
    );
    for (call, parameters, expected) in [
        (
            "transcribe:startTranscriptionJob",
            json!({"TranscriptionJobName": "j", "Media": {"MediaFileUri": "s3://in/a.mp3"}, "OutputBucketName": "out"}),
            "s3:GetObject on arn:aws:s3:::in/a.mp3 for A\ns3:PutObject on arn:aws:s3:::out/* for A",
        ),
        (
            "transcribe:startMedicalTranscriptionJob",
            json!({"Media": {"MediaFileUri": "https://in.s3.eu-west-1.amazonaws.com/a.mp3"}, "OutputBucketName": "out", "OutputKey": "x/"}),
            "s3:GetObject on arn:aws:s3:::in/a.mp3 for A\ns3:PutObject on arn:aws:s3:::out/x/* for A",
        ),
        (
            "polly:startSpeechSynthesisTask",
            json!({"OutputS3BucketName": "out", "OutputS3KeyPrefix": "say", "Text": "x"}),
            "s3:PutObject on arn:aws:s3:::out/say* for A",
        ),
        (
            "textract:startDocumentTextDetection",
            json!({"DocumentLocation": {"S3Object": {"Bucket": "in", "Name": "d.pdf"}}, "OutputConfig": {"S3Bucket": "out"}}),
            "s3:GetObject on arn:aws:s3:::in/d.pdf for A\ns3:PutObject on arn:aws:s3:::out/* for A",
        ),
        (
            "lambda:updateFunctionCode",
            json!({"FunctionName": "f", "S3Bucket": "code", "S3Key": "f.zip"}),
            "s3:GetObject on arn:aws:s3:::code/f.zip for A",
        ),
        (
            "rekognition:compareFaces",
            json!({"SourceImage": {"S3Object": {"Bucket": "a", "Name": "1"}}, "TargetImage": {"S3Object": {"Bucket": "b", "Name.$": "$.k"}}}),
            "s3:GetObject on arn:aws:s3:::a/1 for A\ns3:GetObject on arn:aws:s3:::b/* for A",
        ),
    ] {
        let shown = sdk(call, &parameters);
        let lines: Vec<&str> = shown
            .lines()
            .filter(|line| line.starts_with("s3:"))
            .collect();
        assert_eq!(lines.join("\n"), expected, "{call}: {shown}");
        assert!(!shown.contains("! state"), "{call}: {shown}");
    }
}

#[test]
fn a_literal_name_is_all_that_is_allowed() {
    for (call, parameters, expected) in [
        (
            "aws-sdk:glue:startCrawler",
            json!({"Name": "c"}),
            "glue:StartCrawler on arn:aws:glue:{}:crawler/c for A",
        ),
        (
            "aws-sdk:eventbridge:enableRule",
            json!({"Name": "r"}),
            "events:EnableRule on arn:aws:events:{}:rule/r for A",
        ),
        (
            "aws-sdk:eventbridge:disableRule",
            json!({"Name": "r", "EventBusName": "b"}),
            "events:DisableRule on arn:aws:events:{}:rule/b/r for A",
        ),
        (
            "elasticmapreduce:addStep",
            json!({"ClusterId": "j-1", "Step": {}}),
            "elasticmapreduce:AddJobFlowSteps on arn:aws:elasticmapreduce:{}:cluster/j-1 for A",
        ),
        (
            "elasticmapreduce:terminateCluster",
            json!({"ClusterId": "j-1"}),
            "elasticmapreduce:TerminateJobFlows on arn:aws:elasticmapreduce:{}:cluster/j-1 for A",
        ),
        (
            "sagemaker:createEndpointConfig",
            json!({"EndpointConfigName": "c"}),
            "sagemaker:CreateEndpointConfig on arn:aws:sagemaker:{}:endpoint-config/c for A",
        ),
        (
            "aws-sdk:codepipeline:startPipelineExecution",
            json!({"Name": "p"}),
            "codepipeline:StartPipelineExecution on arn:aws:codepipeline:{}:p for A",
        ),
        (
            "aws-sdk:synthetics:startCanary",
            json!({"Name": "c"}),
            "synthetics:StartCanary on arn:aws:synthetics:{}:canary:c for A",
        ),
        (
            "emr-serverless:startJobRun",
            json!({"ApplicationId": "a"}),
            "emr-serverless:StartJobRun on arn:aws:emr-serverless:{}:/applications/a for A",
        ),
        (
            "aws-sdk:glue:batchGetCrawlers",
            json!({"CrawlerNames": ["a", "b"]}),
            "glue:BatchGetCrawlers on arn:aws:glue:{}:crawler/a arn:aws:glue:{}:crawler/b for A",
        ),
    ] {
        assert_eq!(
            optimized(call, &parameters),
            expected.replace("{}", ACCOUNT),
            "{call}"
        );
    }
    assert_eq!(
        optimized("aws-sdk:glue:startCrawler", &json!({ "Name.$": "$.c" })),
        format!(
            "glue:StartCrawler on arn:aws:glue:{ACCOUNT}:crawler/* for A\n\
             ! state `A`: `Name` is only known at run time, so the role allows every crawler"
        )
    );
}
