//! A function's configuration in the types of the SDK.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_lambda::types::{Architecture as SdkArchitecture, Environment, LoggingConfig};

use crate::aws::Aws;
use crate::stack::Kind;
use crate::stack::kinds::{
    Architecture, FunctionSpec, SecretVariable, secret_variable, variable_kept_as,
};

pub fn architecture(want: &FunctionSpec) -> SdkArchitecture {
    match want.architecture {
        Architecture::X86 => SdkArchitecture::X8664,
        Architecture::Arm => SdkArchitecture::Arm64,
    }
}

/// The environment variables, secret ones included.
pub fn environment(aws: &Aws, name: &str, want: &FunctionSpec) -> Environment {
    let plain = want.environment.clone().into_iter();
    let secret = want.secret_environment.keys().map(|variable| {
        let value = aws
            .secrets
            .get(Kind::Function, name, &secret_variable(variable));
        (variable.clone(), value.to_owned())
    });
    Environment::builder()
        .set_variables(Some(plain.chain(secret).collect()))
        .build()
}

/// Splits the live variables into plain and secret ones. A secret one is only compared with the value
/// given: it is the same or another.
pub fn split_secret_variables(
    aws: &Aws,
    name: &str,
    all: HashMap<String, String>,
) -> (BTreeMap<String, String>, BTreeMap<String, SecretVariable>) {
    let mut plain: BTreeMap<String, String> = all.into_iter().collect();
    let mut secret = BTreeMap::new();
    for (field, given) in aws.secrets.fields(Kind::Function, name) {
        let Some(variable) = variable_kept_as(field) else {
            continue;
        };
        if let Some(value) = plain.remove(variable) {
            let is = if value == given {
                SecretVariable::AsGiven
            } else {
                SecretVariable::Another
            };
            secret.insert(variable.to_owned(), is);
        }
    }
    (plain, secret)
}

pub fn logging(want: &FunctionSpec) -> LoggingConfig {
    LoggingConfig::builder().log_group(&want.log_group).build()
}

/// The logging of a function that does not use Lambda's default log group.
pub fn elsewhere(name: &str, want: &FunctionSpec) -> Option<LoggingConfig> {
    (want.log_group != format!("/aws/lambda/{name}")).then(|| logging(want))
}
