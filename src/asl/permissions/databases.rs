//! The data APIs of Amazon RDS and Amazon Redshift: the credentials by which they log in to a database, as the caller.

use super::arguments::{Arguments, ParameterValue};
use super::call;
use super::collect::Collector;

const SECRET: &str = "secretsmanager:{region}:{account}:secret:{}-??????";

/// Collects the permissions for the credentials that a call names.
pub(super) fn credentials(collector: &mut Collector, prefix: &str, arguments: &Arguments) {
    if !matches!(prefix, "rds-data" | "redshift-data") {
        return;
    }
    // https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.html
    let secret = call::arn(collector, arguments, "SecretArn", "secret", SECRET);
    let has_secret = secret.is_some();
    if let Some(secret) = secret {
        collector.allow(&["secretsmanager:GetSecretValue"], [secret]);
    }
    if prefix == "redshift-data" && !has_secret {
        redshift(collector, arguments);
    }
}

/// <https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-access.html>: without a secret, temporary credentials of
/// the user that the call names, or of a user for the caller's role.
fn redshift(collector: &mut Collector, arguments: &Arguments) {
    let text = |name: &str| call::optional_text(arguments, name);
    if text("WorkgroupName").is_some() {
        // The ARN of a workgroup has an id that AWS has generated, and not its name.
        collector.warn(
            "the role may log in to every workgroup, as the ARN of one has an id and not its name",
        );
        let every = collector.machine.arn("redshift-serverless", "workgroup/*");
        collector.allow(&["redshift-serverless:GetCredentials"], [every]);
    }
    let Some(cluster) = text("ClusterIdentifier") else {
        return;
    };
    let database = text("Database").unwrap_or_else(|| "*".to_owned());
    let database = collector
        .machine
        .arn("redshift", &format!("dbname:{cluster}/{database}"));
    if arguments.get("DbUser") == ParameterValue::Missing {
        return collector.allow(&["redshift:GetClusterCredentialsWithIAM"], [database]);
    }
    let user = call::name(collector, arguments, "DbUser", "user").unwrap_or_default();
    let user = collector
        .machine
        .arn("redshift", &format!("dbuser:{cluster}/{user}"));
    collector.allow(&["redshift:GetClusterCredentials"], [user, database]);
}
