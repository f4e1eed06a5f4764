//! JSON with lone UTF-16 surrogates, which some programs print.
//!
//! The SDK would reject the whole answer for one, for example a page of logs.

/// U+FFFD, the replacement character.
const REPLACEMENT: &[u8] = b"fffd";

/// Replaces each lone surrogate escape by the replacement character.
pub fn replace_lone(json: &mut [u8]) {
    let mut at = 0;
    while let Some(found) = json
        .get(at..)
        .and_then(|rest| rest.iter().position(|b| *b == b'\\'))
    {
        at += found;
        at += match (utf16_unit(json, at), utf16_unit(json, at + 6)) {
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

/// The UTF-16 code unit escaped at this position, if any.
fn utf16_unit(json: &[u8], at: usize) -> Option<u32> {
    let digits = json.get(at..at + 6)?.strip_prefix(br"\u")?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_surrogates_are_replaced() {
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
            replace_lone(&mut bytes);
            assert_eq!(String::from_utf8(bytes).unwrap(), mended);
        }
    }
}
