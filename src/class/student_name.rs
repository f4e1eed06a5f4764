//! What a student may be called, in the roster and in AWS.

use crate::source::is_invisible;

/// The most characters of a name.
const LONGEST: usize = 80;

/// What is wrong with a student's name, and the way out. Line breaks are told as open quotation marks.
pub fn name_fault(name: &str) -> Option<(String, String)> {
    let code = |c: char| format!("U+{:04X}", u32::from(c));
    let is_break = |c: &char| matches!(c, '\n' | '\r');
    if let Some(c) = name.chars().find(|c| c.is_control() && !is_break(c)) {
        let message = format!("this name has a control character ({})", code(c));
        return Some((message, "remove it".to_owned()));
    }
    // Letters of some scripts, and emojis, are joined by these two.
    let is_joiner = |c: char| matches!(c, '\u{200c}' | '\u{200d}');
    if let Some(c) = name.chars().find(|c| is_invisible(*c) && !is_joiner(*c)) {
        let message = format!("this name has an invisible character ({})", code(c));
        return Some((message, "write the name anew, without it".to_owned()));
    }
    let count = name.chars().count();
    (count > LONGEST).then(|| {
        let message = format!("this name has {count} characters");
        (message, format!("use up to {LONGEST}"))
    })
}

/// The owner that a text may mean: `Ana Müller` as `ana-muller`.
pub fn plain_owner(text: &str) -> String {
    const ACCENTS: [(&str, char); 7] = [
        ("áàâãäå", 'a'),
        ("éèêë", 'e'),
        ("íìîï", 'i'),
        ("óòôõö", 'o'),
        ("úùûü", 'u'),
        ("ç", 'c'),
        ("ñ", 'n'),
    ];
    let plain = |c: char| {
        let found = ACCENTS.iter().find(|(accented, _)| accented.contains(c));
        found.map_or(c, |(_, plain)| *plain)
    };
    // What a mail address begins with is the person.
    let text = text.split('@').next().unwrap_or(text).to_lowercase();
    let words = text.chars().map(plain).collect::<String>();
    let words = words.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let mut owner = words.join("-");
    owner.truncate(20);
    owner.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_its_message() {
        for name in [
            "Ana Souza",
            "João da Conceição",
            "👩\u{200d}🎓",
            "Ana\nSouza",
        ] {
            assert_eq!(name_fault(name), None, "{name}");
        }
        for (name, says) in [
            ("\u{1b}[31mred", "a control character (U+001B)"),
            ("\u{202e}evil", "an invisible character (U+202E)"),
            (&*"a".repeat(81), "this name has 81 characters"),
        ] {
            let (message, _) = name_fault(name).unwrap();
            assert!(message.contains(says), "{message}");
        }
    }
}
