//! What the first answer of AWS says of the region: its partition, or that the account has not enabled it.

use crate::data::partitions;
use crate::engine::ProviderError;
use crate::stack::suggestion;

/// The partition in the ARN of the caller; else that of the region.
pub(super) fn partition<'a>(caller: Option<&'a str>, region: &str) -> &'a str {
    let named = caller.and_then(|arn| arn.strip_prefix("arn:")?.split_once(':'));
    match named {
        Some((partition, _)) if !partition.is_empty() => partition,
        _ => partitions::of_region(region),
    }
}

/// In a region that the account has not enabled, STS knows no key of it, and answers as for a wrong one.
///
/// <https://docs.aws.amazon.com/general/latest/gr/rande-manage.html>
pub(super) fn with_help(error: ProviderError, region: &str) -> ProviderError {
    let facts = partitions::region(region);
    if facts.is_none() && error.code.is_empty() && error.message.contains("lookup") {
        let regions = partitions::all()
            .values()
            .flat_map(|one| one.regions.keys());
        let regions: Vec<&str> = regions.map(String::as_str).collect();
        let meant = suggestion(region, &regions);
        let meant = meant.map_or_else(String::new, |meant| format!(" (did you mean `{meant}`?)"));
        let help = format!(
            "AWS's list of regions did not have `{region}` when treino was made{meant}; or check the network"
        );
        return error.help(help);
    }
    let is_opt_in = facts.is_some_and(|facts| facts.opt_in);
    // A region that is newer than the list has to be enabled too.
    let may_be = is_opt_in || (facts.is_none() && partitions::of_region(region) == "aws");
    if error.code != "InvalidClientTokenId" || !may_be {
        return error;
    }
    let name = facts.map_or("", |facts| &facts.name);
    let named = match name {
        "" => format!("`{region}`"),
        name => format!("`{region}` ({name})"),
    };
    let what = if is_opt_in { "is" } else { "may be" };
    let help = format!(
        "{named} {what} an opt-in region, in which AWS knows an account's keys only after the account has enabled it: \
         `aws account enable-region --region-name {region}` (some minutes), or choose another, such as `--region \
         us-east-1`. If it is enabled, AWS does not know these credentials: check the profile (`--profile`) and its keys"
    );
    error.help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(code: &str, region: &str) -> String {
        let error = ProviderError {
            code: code.to_owned(),
            ..ProviderError::new("The security token included in the request is invalid.")
        };
        with_help(error.help("before"), region).help.unwrap()
    }

    #[test]
    fn a_misspelt_region_is_told() {
        let of = |region: &str| {
            let error = ProviderError::new("failed to lookup address information");
            with_help(error.help("before"), region).help.unwrap()
        };
        assert!(
            of("us-esat-1").contains("`us-esat-1`")
                && of("us-esat-1").contains("did you mean `us-east-1`?")
        );
        assert_eq!(of("us-east-1"), "before");
    }

    #[test]
    fn row_52_a_region_that_is_not_enabled_is_named() {
        for (region, name) in [
            ("af-south-1", "Cape Town"),
            ("eu-south-1", "Milan"),
            ("sa-west-1", "sa-west-1"),
        ] {
            let help = help("InvalidClientTokenId", region);
            assert!(
                help.contains(name) && help.contains("opt-in region"),
                "{help}"
            );
            assert!(help.contains(&format!("--region-name {region}")), "{help}");
            assert!(help.contains("`--profile`"), "a key may be wrong: {help}");
        }
        assert!(help("InvalidClientTokenId", "eu-west-9").contains("may be an opt-in region"));
        // Every account has these, or none can enable them.
        for region in [
            "us-east-1",
            "sa-east-1",
            "cn-north-1",
            "us-gov-west-1",
            "us-iso-east-1",
        ] {
            assert_eq!(help("InvalidClientTokenId", region), "before", "{region}");
        }
        assert_eq!(help("ExpiredToken", "af-south-1"), "before");
    }

    #[test]
    fn the_callers_arn_says_the_partition() {
        let arn = "arn:aws-eusc:iam::111122223333:user/ana";
        assert_eq!(partition(Some(arn), "eu-west-1"), "aws-eusc");
        assert_eq!(
            partition(Some("arn:aws-iso-b:sts::1:assumed-role/a/b"), "x"),
            "aws-iso-b"
        );
        assert_eq!(partition(None, "cn-north-1"), "aws-cn");
        assert_eq!(partition(Some("ana"), "us-gov-west-1"), "aws-us-gov");
    }
}
