//! Numbers of things, in words.

use std::fmt::Display;

/// So many of something: `1 file`, `2 files`, `3 retries`. Every number of things that is said is made by this.
#[expect(clippy::needless_pass_by_value, reason = "numbers are copied")]
pub fn counted<N: Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    if count == N::from(1) {
        return format!("1 {noun}");
    }
    format!("{count} {}", plural(noun))
}

/// More than one of something; of several words the last is the noun.
#[must_use]
pub fn plural(noun: &str) -> String {
    let is_after_consonant = |stem: &str| !stem.ends_with(['a', 'e', 'i', 'o', 'u']);
    if let Some(stem) = noun
        .strip_suffix('y')
        .filter(|stem| is_after_consonant(stem))
    {
        return format!("{stem}ies");
    }
    if ["s", "x", "ch", "sh"].iter().any(|end| noun.ends_with(end)) {
        return format!("{noun}es");
    }
    format!("{noun}s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one_and_all_else_are_many() {
        assert_eq!(counted(1_usize, "resource"), "1 resource");
        assert_eq!(counted(0_u64, "resource"), "0 resources");
        assert_eq!(counted(2_u32, "retry"), "2 retries");
        assert_eq!(counted(1_u32, "retry"), "1 retry");
        assert_eq!(counted(3_usize, "branch"), "3 branches");
        assert_eq!(counted(3_usize, "key"), "3 keys");
        assert_eq!(
            counted(3_usize, "running execution"),
            "3 running executions"
        );
    }
}
