//! The pages of the AWS console. AWS documents their hosts and not their paths: these are the ones that the console
//! itself shows in a browser.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::ConsoleLink;
use crate::stack::{Address, Kind, Target};

/// What a name has in it as it is, in a path or behind `#`.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');
/// ARNs stand with their colons.
const PLAIN_ARN: &AsciiSet = &PLAIN.remove(b':');

/// The kinds that have links, in their order.
const LINKED: &[Kind] = &[
    Kind::StateMachine,
    Kind::Table,
    Kind::Bucket,
    Kind::Function,
    Kind::LogGroup,
];

/// The pages of these resources; none in a partition without a public console.
pub(super) fn links<'a>(
    target: &Target,
    resources: impl Iterator<Item = (&'a Address, Kind, &'a str)>,
) -> Vec<ConsoleLink> {
    let place = |kind: Kind| LINKED.iter().position(|linked| *linked == kind);
    let found = resources.filter_map(|(address, kind, name)| {
        let link = ConsoleLink {
            address: address.clone(),
            kind,
            name: name.to_owned(),
            url: url(target, kind, name)?,
        };
        Some((place(kind)?, link))
    });
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, link)| link).collect()
}

/// The page of an execution of a standard machine, by its ARN.
pub(super) fn execution(target: &Target, arn: &str) -> Option<String> {
    let arn = utf8_percent_encode(arn, PLAIN_ARN).to_string();
    page(target, "states", &format!("#/v2/executions/details/{arn}"))
}

fn url(target: &Target, kind: Kind, name: &str) -> Option<String> {
    let plain = utf8_percent_encode(name, PLAIN).to_string();
    match kind {
        Kind::StateMachine => {
            let arn = target.arn("states", &format!("stateMachine:{name}"));
            let arn = utf8_percent_encode(&arn, PLAIN_ARN).to_string();
            page(target, "states", &format!("#/statemachines/view/{arn}"))
        }
        Kind::Table => page(target, "dynamodbv2", &format!("#table?name={plain}")),
        Kind::Function => page(target, "lambda", &format!("#/functions/{plain}")),
        Kind::Bucket => {
            let (host, region) = (target.console_host()?, &target.region);
            Some(format!(
                "https://{host}/s3/buckets/{plain}?region={region}&tab=objects"
            ))
        }
        Kind::LogGroup => {
            // The console encodes twice, the second time with a dollar sign: `/` is `$252F`.
            let twice = plain.replace('%', "$25");
            page(
                target,
                "cloudwatch",
                &format!("#logsV2:log-groups/log-group/{twice}"),
            )
        }
        _ => None,
    }
}

fn page(target: &Target, service: &str, place: &str) -> Option<String> {
    let (host, region) = (target.console_host()?, &target.region);
    Some(format!(
        "https://{host}/{service}/home?region={region}{place}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(partition: &str, region: &str) -> Target {
        Target {
            partition: partition.to_owned(),
            region: region.to_owned(),
            account: "111122223333".to_owned(),
            stack: "lab".to_owned(),
            owner: None,
        }
    }

    #[test]
    fn each_kind_has_its_page() {
        let target = target("aws", "sa-east-1");
        let shown = |kind, name| url(&target, kind, name).unwrap_or_default();
        let host = "https://sa-east-1.console.aws.amazon.com";
        let page = |service: &str| format!("{host}/{service}/home?region=sa-east-1#");
        assert_eq!(
            shown(Kind::StateMachine, "lab-main"),
            page("states")
                + "/statemachines/view/arn:aws:states:sa-east-1:111122223333:stateMachine:lab-main"
        );
        assert_eq!(
            shown(Kind::Table, "lab-t"),
            page("dynamodbv2") + "table?name=lab-t"
        );
        assert_eq!(shown(Kind::Function, "f"), page("lambda") + "/functions/f");
        assert_eq!(
            shown(Kind::Bucket, "lab.b"),
            format!("{host}/s3/buckets/lab.b?region=sa-east-1&tab=objects")
        );
        assert_eq!(
            shown(Kind::LogGroup, "/aws/lambda/a_b#1"),
            page("cloudwatch") + "logsV2:log-groups/log-group/$252Faws$252Flambda$252Fa_b$25231"
        );
        assert_eq!(shown(Kind::Role, "r"), "");
        assert_eq!(
            execution(&target, "arn:aws:states:sa-east-1:1:execution:m:olá").unwrap_or_default(),
            page("states")
                + "/v2/executions/details/arn:aws:states:sa-east-1:1:execution:m:ol%C3%A1"
        );
    }

    #[test]
    fn each_partition_has_its_console_or_none() {
        for (partition, region, host) in [
            ("aws-cn", "cn-north-1", "cn-north-1.console.amazonaws.cn"),
            (
                "aws-us-gov",
                "us-gov-west-1",
                "us-gov-west-1.console.amazonaws-us-gov.com",
            ),
            (
                "aws-eusc",
                "eusc-de-east-1",
                "eusc-de-east-1.console.amazonaws-eusc.eu",
            ),
        ] {
            let shown = url(&target(partition, region), Kind::Table, "t").unwrap_or_default();
            assert!(
                shown.starts_with(&format!("https://{host}/dynamodbv2/")),
                "{shown}"
            );
        }
        let secret = target("aws-iso", "us-iso-east-1");
        assert_eq!(url(&secret, Kind::Table, "t"), None);
        let address = Address::new(Kind::Table, "t");
        assert_eq!(
            links(&secret, std::iter::once((&address, Kind::Table, "t"))),
            []
        );
    }

    #[test]
    fn links_stand_in_the_order_of_their_kinds() {
        let target = target("aws", "us-east-1");
        let kinds = [Kind::LogGroup, Kind::Role, Kind::Bucket, Kind::StateMachine];
        let all: Vec<_> = kinds
            .iter()
            .map(|kind| (Address::new(*kind, "x"), *kind))
            .collect();
        let found = links(
            &target,
            all.iter().map(|(address, kind)| (address, *kind, "x")),
        );
        let found: Vec<Kind> = found.iter().map(|link| link.kind).collect();
        assert_eq!(found, [Kind::StateMachine, Kind::Bucket, Kind::LogGroup]);
    }
}
