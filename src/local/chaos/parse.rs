//! Reading `latency=50ms,throttle=10%,only=lambda,s3`.

use std::collections::BTreeSet;
use std::str::FromStr;

use super::{Chaos, Share, WHOLE};
use crate::stack::{Kind, did_you_mean};

/// What can be set.
const NAMES: [&str; 6] = ["latency", "throttle", "fail", "drop", "only", "seed"];

/// The services called beside those of the kinds: by treino itself, and by the stacks' definitions.
const OTHERS: [&str; 2] = ["rekognition", "sts"];

/// The services that treino, and what it deploys, calls, as signatures name them. Sorted.
fn services() -> BTreeSet<&'static str> {
    let of_kinds = Kind::ALL.into_iter().flat_map(|kind| kind.facts().services);
    of_kinds.copied().chain(OTHERS).collect()
}

/// What a service is called elsewhere.
const ALSO: [(&str, &str); 6] = [
    ("cloudwatch", "logs"),
    ("eventbridge", "events"),
    ("s3control", "s3"),
    ("s3express", "s3"),
    ("sfn", "states"),
    ("stepfunctions", "states"),
];

/// Milliseconds; treino gives up a call after a minute.
const LONGEST: u32 = 30_000;

impl FromStr for Chaos {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut chaos = Self::default();
        let mut given = BTreeSet::new();
        let mut last = "";
        for part in text.split(',').map(str::trim) {
            let Some((name, value)) = part.split_once('=') else {
                // A further service of `only=lambda,s3`.
                if last == "only" && !NAMES.contains(&part) {
                    chaos.only.push(service(part)?);
                    continue;
                }
                return Err(without_value(part));
            };
            let (name, value) = (name.trim(), value.trim());
            match name {
                "latency" => chaos.latency = latency(value)?,
                "throttle" => chaos.throttle = share(name, value)?,
                "fail" => chaos.fail = share(name, value)?,
                "drop" => chaos.drop = share(name, value)?,
                "only" => chaos.only.push(service(value)?),
                "seed" => chaos.seed = Some(seed(value)?),
                _ => return Err(unknown(name)),
            }
            if !given.insert(name) {
                return Err(format!("`{name}` is given twice: once is enough"));
            }
            last = name;
        }
        chaos.only.sort_unstable();
        chaos.only.dedup();
        chaos.checked()
    }
}

impl Chaos {
    fn checked(self) -> Result<Self, String> {
        let (throttle, fail, drop) = (self.throttle, self.fail, self.drop);
        let sum = throttle.0 + fail.0 + drop.0;
        if sum > WHOLE {
            return Err(format!(
                "`throttle`, `fail` and `drop` come to {} together: a call meets one of them, so 100% is all",
                Share(sum)
            ));
        }
        if sum == 0 && self.latency.1 == 0 {
            return Err(
                "nothing would fail: give `latency=50ms`, `throttle=10%`, `fail=5%` or `drop=2%`; \
                 `treino local up` without --chaos ends it"
                    .to_owned(),
            );
        }
        Ok(self)
    }
}

fn without_value(part: &str) -> String {
    match part {
        "" => {
            "between two commas, or at an end, is nothing: write it like latency=50ms,throttle=10%"
                .to_owned()
        }
        "latency" => {
            "`latency` needs a time: write it like latency=50ms or latency=20ms-80ms".to_owned()
        }
        "throttle" | "fail" | "drop" => {
            format!("`{part}` needs a share of all calls: write it like {part}=10%")
        }
        "only" => "`only` needs services: write it like only=lambda,s3".to_owned(),
        "seed" => "`seed` needs a number: write it like seed=42".to_owned(),
        _ => unknown(part),
    }
}

fn unknown(name: &str) -> String {
    match name {
        "kill" => {
            "`kill` is none of it: the local AWS does not know who calls; end treino itself, with \
             Ctrl-C or kill, and run it again"
                .to_owned()
        }
        _ => format!("there is no `{name}`: {}", did_you_mean(name, &NAMES)),
    }
}

/// `50ms`, `2s`, `20ms-80ms`, `20-80ms`.
fn latency(value: &str) -> Result<(u32, u32), String> {
    let (least, most) = value.split_once('-').unwrap_or((value, value));
    let unit = most.trim_start_matches(|c: char| c.is_ascii_digit());
    let most = milliseconds(value, most.trim())?;
    let least = least.trim();
    let least = if !least.is_empty() && least.bytes().all(|b| b.is_ascii_digit()) {
        milliseconds(value, &format!("{least}{unit}"))?
    } else {
        milliseconds(value, least)?
    };
    if least > most {
        return Err(format!(
            "`latency={value}` begins with more than it ends with: write it like latency=20ms-80ms"
        ));
    }
    Ok((least, most))
}

fn milliseconds(whole: &str, text: &str) -> Result<u32, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let times = match unit {
        "ms" => 1,
        "s" => 1_000,
        "" if digits > 0 => {
            return Err(format!(
                "`latency={whole}` has no unit: write latency={whole}ms or latency={whole}s"
            ));
        }
        _ => 0,
    };
    if digits == 0 || times == 0 {
        return Err(format!(
            "`latency={whole}` is not a time: write whole milliseconds or seconds, such as latency=50ms, \
             latency=2s or latency=20ms-80ms"
        ));
    }
    let found = number.parse::<u32>().ok();
    let found = found.and_then(|number| number.checked_mul(times));
    found.filter(|found| *found <= LONGEST).ok_or_else(|| {
        format!(
            "`latency={whole}` is too long: at most {}s",
            LONGEST / 1_000
        )
    })
}

/// `10%`, `0.5%`.
fn share(name: &str, value: &str) -> Result<Share, String> {
    let Some(number) = value.strip_suffix('%') else {
        return Err(format!(
            "`{name}={value}` is not a share: write it in percent, such as {name}=10%"
        ));
    };
    let number = number.trim();
    let (whole, parts) = number.split_once('.').unwrap_or((number, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(parts) || parts.len() > 2 {
        return Err(format!(
            "`{name}={value}` is not a share: write a number from 0 to 100 with two decimals at most, such as \
             {name}=10% or {name}=0.5%"
        ));
    }
    let hundredths = format!("{whole}{parts:0<2}").parse::<u32>().ok();
    hundredths
        .filter(|hundredths| *hundredths <= WHOLE)
        .map(Share)
        .ok_or_else(|| format!("`{name}={value}` is more than all: 100% at most"))
}

fn seed(value: &str) -> Result<u32, String> {
    value.parse().map_err(|_| {
        format!(
            "`seed={value}` is not a seed: write a whole number from 0 to {}",
            u32::MAX
        )
    })
}

fn service(word: &str) -> Result<&'static str, String> {
    let services = services();
    let known = services.get(word);
    let also = ALSO.iter().find(|(also, _)| *also == word);
    match (known, also) {
        (Some(known), _) => Ok(known),
        (None, Some((_, meant))) => Err(format!(
            "`only` takes services as their calls are signed: for {word} write `{meant}`"
        )),
        (None, None) => Err(format!(
            "`only` knows no service `{word}`: {}",
            did_you_mean(word, &Vec::from_iter(services))
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        text.parse::<Chaos>().map(|chaos| chaos.to_string())
    }

    #[test]
    fn what_is_read_can_be_given_again() {
        for (given, same) in [
            ("latency=50ms", "latency=50ms"),
            ("latency=2s", "latency=2000ms"),
            ("latency=20-80ms", "latency=20ms-80ms"),
            (" throttle = 10% , seed=7 ", "throttle=10%,seed=7"),
            ("fail=0.5%,latency=0s-1s", "latency=0ms-1000ms,fail=0.5%"),
            ("drop=100%", "drop=100%"),
            ("drop=2.05%,throttle=0%", "drop=2.05%"),
            (
                "only=s3,lambda,s3,fail=1%,seed=0",
                "fail=1%,only=lambda,s3,seed=0",
            ),
            (
                "throttle=50%,fail=25%,drop=25%",
                "throttle=50%,fail=25%,drop=25%",
            ),
        ] {
            assert_eq!(read(given), Ok(same.to_owned()), "{given}");
            assert_eq!(read(same), Ok(same.to_owned()));
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_what_is_possible() {
        for (given, said) in [
            ("", "is nothing"),
            ("throttle=10%,", "is nothing"),
            (
                "latency",
                "`latency` needs a time: write it like latency=50ms",
            ),
            ("latency=", "`latency=` is not a time"),
            (
                "latency=50",
                "`latency=50` has no unit: write latency=50ms or latency=50s",
            ),
            (
                "latency=20-80",
                "`latency=20-80` has no unit: write latency=20-80ms",
            ),
            ("latency=-5ms", "`latency=-5ms` is not a time"),
            ("latency=5m", "`latency=5m` is not a time"),
            ("latency=1.5s", "`latency=1.5s` is not a time: write whole"),
            ("latency=80ms-20ms", "begins with more than it ends with"),
            ("latency=31s", "`latency=31s` is too long: at most 30s"),
            ("latency=99999999999s", "too long"),
            ("latency=é", "is not a time"),
            ("throttle", "`throttle` needs a share of all calls"),
            (
                "throttle=10",
                "`throttle=10` is not a share: write it in percent, such as throttle=10%",
            ),
            (
                "throttle=110%",
                "`throttle=110%` is more than all: 100% at most",
            ),
            ("throttle=99999999999%", "more than all"),
            (
                "throttle=-1%",
                "is not a share: write a number from 0 to 100",
            ),
            ("fail=0.001%", "two decimals at most"),
            ("fail=.5%", "is not a share"),
            ("throttle=60%,fail=60%", "come to 120% together"),
            ("throttle=1%,throttle=2%", "`throttle` is given twice"),
            (
                "throtle=1%",
                "there is no `throtle`: did you mean `throttle`?",
            ),
            (
                "jitter=1%",
                "use one of: latency, throttle, fail, drop, only, seed",
            ),
            ("off", "there is no `off`"),
            ("kill=deploy@12", "Ctrl-C"),
            ("throttle=1%,s3", "there is no `s3`"),
            ("only,s3", "`only` needs services"),
            ("fail=1%,only=lamda", "did you mean `lambda`?"),
            (
                "fail=1%,only=lambda,stepfunctions",
                "for stepfunctions write `states`",
            ),
            ("fail=1%,only=s3,drop", "`drop` needs a share"),
            ("fail=1%,only=", "`only` knows no service ``"),
            ("fail=1%,seed=x", "`seed=x` is not a seed"),
            ("fail=1%,seed=-1", "a whole number from 0"),
            ("seed=1", "nothing would fail"),
            ("throttle=0%", "nothing would fail"),
        ] {
            let refused = read(given).unwrap_err();
            assert!(refused.contains(said), "{given}: {refused}");
        }
    }
}
