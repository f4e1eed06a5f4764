//! JSON with half a character in it: the half of a pair of UTF-16, as programs let it through that do not look.
//!
//! The SDK refuses the whole answer for one: a page of logs for what one function printed.

/// What a half is shown as.
const REPLACEMENT: &[u8] = b"fffd";

/// Puts the replacement character in the place of each half of a pair that stands alone.
pub fn mend(json: &mut [u8]) {
    let mut at = 0;
    while let Some(found) = json
        .get(at..)
        .and_then(|rest| rest.iter().position(|b| *b == b'\\'))
    {
        at += found;
        at += match (unit(json, at), unit(json, at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                json[at + 2..at + 6].copy_from_slice(REPLACEMENT);
                6
            }
            (Some(_), _) => 6,
            // Any other escape, of a backslash too.
            (None, _) => 2,
        };
    }
}

/// The unit of UTF-16 that is escaped here, if one is.
fn unit(json: &[u8], at: usize) -> Option<u32> {
    let digits = json.get(at..at + 6)?.strip_prefix(br"\u")?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_pairs_are_replaced() {
        for (given, mended) in [
            (
                r#""\ud83d\ude00 \u00e9 \\ud800""#,
                r#""\ud83d\ude00 \u00e9 \\ud800""#,
            ),
            (r#""\ud800""#, r#""\ufffd""#),
            (r#""a\uDFFFb\uD83D""#, r#""a\ufffdb\ufffd""#),
            (r#""\ud800\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\\\ud800 \n\udc00""#, r#""\\\ufffd \n\ufffd""#),
            (r#""\ud80"#, r#""\ud80"#),
            ("\"\\", "\"\\"),
        ] {
            let mut bytes = given.as_bytes().to_vec();
            mend(&mut bytes);
            assert_eq!(String::from_utf8(bytes).unwrap(), mended);
        }
    }
}
