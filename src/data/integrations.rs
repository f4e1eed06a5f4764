//! The calls that Step Functions has an AWS SDK integration for, as far as AWS's API models and the Step Functions guide
//! tell them (<https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html>).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::DataSource;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct IntegrationsFile<'a> {
    sources: Vec<DataSource>,
    /// The service that is meant, by another name.
    #[serde(borrow)]
    aliases: BTreeMap<&'a str, &'a str>,
    /// By service: calls, with spaces between them, or `*`.
    #[serde(borrow)]
    unsupported: BTreeMap<&'a str, &'a str>,
    /// By service: calls, with spaces between them.
    #[serde(borrow)]
    services: BTreeMap<&'a str, &'a str>,
}

static FILE: LazyLock<IntegrationsFile<'static>> =
    LazyLock::new(|| serde_json::from_str(include_str!("integrations.json")).unwrap_or_default());

/// The calls of one service.
#[derive(Debug, Clone, Copy)]
pub struct SdkService {
    calls: &'static str,
    unsupported: &'static str,
}

/// A service by the name in `aws-sdk:service:call`, or `None` if AWS had none of that name on the day of
/// [`date`].
#[must_use]
pub fn service(name: &str) -> Option<SdkService> {
    let unsupported = FILE.unsupported.get(name).copied().unwrap_or_default();
    FILE.services
        .get(name)
        .map(|&calls| SdkService { calls, unsupported })
}

/// The names of all services.
pub fn services() -> impl Iterator<Item = &'static str> {
    FILE.services.keys().copied()
}

/// The service that another name means, such as that of the AWS CLI: `elbv2`.
#[must_use]
pub fn alias(name: &str) -> Option<&'static str> {
    FILE.aliases.get(name).copied()
}

/// The day of the API models: `2026-11-20`. What AWS has added since is not known.
#[must_use]
pub fn date() -> &'static str {
    FILE.sources.first().map_or("", |source| &source.date)
}

impl SdkService {
    /// Its calls: `getObject`. None if AWS's models no longer have the service, so that its calls are not known.
    pub fn calls(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.calls.split_ascii_whitespace()
    }

    /// Whether the guide says that Step Functions does not make this call.
    #[must_use]
    pub fn refuses(&self, call: &str) -> bool {
        let mut calls = self.unsupported.split_ascii_whitespace();
        calls.any(|one| one == "*" || one == call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_and_their_calls_are_found() {
        let s3 = service("s3").unwrap();
        assert!(s3.calls().any(|call| call == "getObject"));
        assert!(!s3.calls().any(|call| call == "getobject"));
        assert!(s3.refuses("selectObjectContent") && !s3.refuses("getObject"));
        assert!(
            service("apigatewaymanagementapi")
                .unwrap()
                .refuses("getConnection")
        );
        assert_eq!(service("qldb").unwrap().calls().count(), 0);
        assert!(service("elbv2").is_none());
        assert_eq!(alias("elbv2"), Some("elasticloadbalancingv2"));
        assert!(services().count() > 400);
        assert_eq!(date().len(), "2026-11-20".len());
    }
}
