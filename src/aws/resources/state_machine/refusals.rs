//! Why Step Functions refuses a machine, for a while or for good.

use crate::aws::transport::error_codes;
use crate::engine::ProviderError;
use crate::stack::kinds::StateMachineSpec;

/// Whether Step Functions may accept the machine soon.
pub fn passing(error: &ProviderError) -> bool {
    error_codes::is_role_not_assumable_by_step_functions(error)
        || error_codes::is_log_destination_not_accessible(error)
        || error_codes::is_managed_rule_refused(error)
        || error_codes::is_concurrent_modification(error)
}

/// The error with what to do about it.
pub fn explained(error: ProviderError, want: &StateMachineSpec) -> ProviderError {
    let role = &want.role;
    let help = if error_codes::is_role_not_assumable_by_step_functions(&error) {
        format!(
            "the role {role} does not let states.amazonaws.com assume it: mend its trust policy"
        )
    } else if error_codes::is_managed_rule_refused(&error) {
        format!(
            "`.sync` tasks hear of their end by a rule of EventBridge: allow the role {role} events:PutTargets, \
             events:PutRule and events:DescribeRule on rule/StepFunctionsGetEventsFor*"
        )
    } else if error_codes::is_log_destination_not_accessible(&error) {
        format!(
            "allow the role {role} what logs and traces need: logs:CreateLogDelivery, logs:GetLogDelivery, \
             logs:UpdateLogDelivery, logs:DeleteLogDelivery, logs:ListLogDeliveries, logs:PutResourcePolicy, \
             logs:DescribeResourcePolicies, logs:DescribeLogGroups"
        )
    } else {
        return error;
    };
    error.help(help)
}
