//! How a bucket's events reach the rule that starts a machine, and what a wait for them takes.

use std::time::Duration;

use serde_json::Value;

/// What tells EventBridge of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ops) enum Way {
    /// The bucket itself (`via: s3`).
    Bucket,
    /// A trail (`via: cloudtrail`).
    Trail,
    /// No rule is known to hear of the bucket's objects.
    Unknown,
    /// None: every rule is disabled, as after a limit was passed.
    Disabled,
}

impl Way {
    /// The way of the rules with these patterns.
    pub(in crate::ops) fn of<'a>(patterns: impl Iterator<Item = &'a Value>) -> Self {
        let mut way = Self::Unknown;
        for pattern in patterns {
            let kinds = pattern["detail-type"].as_array();
            let kinds = kinds.into_iter().flatten().filter_map(Value::as_str);
            for kind in kinds {
                match kind {
                    "AWS API Call via CloudTrail" => return Self::Trail,
                    "Object Created" => way = Self::Bucket,
                    _ => {}
                }
            }
        }
        way
    }

    /// Why an event may take long.
    pub(in crate::ops) fn why_late(self) -> &'static str {
        match self {
            Self::Bucket => {
                "on AWS a bucket's events begin about five minutes after the first deploy"
            }
            Self::Trail | Self::Unknown => "on AWS a new trail can take minutes",
            Self::Disabled => "the stack's rules are disabled: deploy it to enable them",
        }
    }

    /// How long an event is worth waiting for: the events of a bucket begin about five minutes after they are
    /// switched on (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-event-notifications-eventbridge.html>),
    /// and CloudTrail delivers within about 5 minutes on average, sometimes later
    /// (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html>).
    fn worth_waiting(self) -> Duration {
        match self {
            Self::Bucket => Duration::from_mins(10),
            Self::Trail | Self::Unknown => Duration::from_mins(15),
            Self::Disabled => Duration::ZERO,
        }
    }

    /// What to look at where nothing started, and how long to wait if that was shorter.
    pub(in crate::ops) fn help(self, waited: Duration) -> String {
        let look = match self {
            Self::Disabled => {
                return "the stack's rules are disabled, as after its limit was passed: deploy it to enable them; --input \
                        starts the machine directly"
                    .to_owned();
            }
            Self::Bucket => {
                "whether the bucket sends events to EventBridge and the rule is on; a bucket's events begin about five \
                 minutes after that is switched on"
            }
            Self::Trail => {
                "whether the trail records, its selectors name the bucket and the rule is on; a new trail's first \
                 events can take minutes"
            }
            Self::Unknown => {
                "whether a rule is on that hears of the bucket's objects, by the bucket's own events or by a trail; new \
                 ones can take minutes"
            }
        };
        let worth = self.worth_waiting();
        let wait = if waited < worth {
            format!(" (--wait {})", humantime::format_duration(worth))
        } else {
            String::new()
        };
        format!("see with `treino plan` {look}{wait}; --input starts the machine directly")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn row_50_the_advised_wait_fits_the_way() {
        let by_bucket = json!({ "source": ["aws.s3"], "detail-type": ["Object Created"] });
        let by_trail =
            json!({ "source": ["aws.s3"], "detail-type": ["AWS API Call via CloudTrail"] });
        let way = |patterns: &[Value]| Way::of(patterns.iter());
        let minutes = Duration::from_mins;
        assert_eq!(way(&[]), Way::Unknown);
        let bucket = way(&[json!({}), by_bucket.clone()]);
        assert_eq!(bucket, Way::Bucket);
        let help = bucket.help(minutes(1));
        assert!(
            help.contains("--wait 10m") && !help.contains("trail"),
            "{help}"
        );
        assert!(!bucket.help(minutes(10)).contains("--wait"));
        let trail = way(&[by_trail, by_bucket]);
        let help = trail.help(minutes(10));
        assert!(
            help.contains("--wait 15m") && help.contains("selectors"),
            "{help}"
        );
    }
}
