//! A file of comma-separated values: its records, with the place of each field.

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

use crate::source::Span;

/// A field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvField {
    /// Its text without quotation marks and without spaces at its ends.
    pub text: String,
    /// Its place, with its quotation marks.
    pub span: Span,
}

/// The records that have any text. Fields are separated by the character that does so in the first line: a comma, or
/// a semicolon or a tab as spreadsheets write where a comma separates decimals.
pub fn records(text: &str) -> Vec<Vec<CsvField>> {
    let (begin, separator) = separator(text);
    let mut reader = ReaderBuilder::new().delimiter(separator).build();
    let mut records = Vec::new();
    let mut record = Vec::new();
    let mut at = begin;
    while let Some((field, next, is_last)) = field(&mut reader, text, at) {
        at = next;
        record.push(field);
        if is_last {
            records.push(std::mem::take(&mut record));
        }
    }
    records.retain(|record: &Vec<CsvField>| record.iter().any(|field| !field.text.is_empty()));
    records
}

/// Where the records begin, and what separates their fields. Excel's line `sep=;` says so itself.
pub fn separator(text: &str) -> (usize, u8) {
    let first = text.trim_start().lines().next().unwrap_or_default();
    let offset = text.len() - text.trim_start().len();
    if let Some(&[said]) = first.trim().strip_prefix("sep=").map(str::as_bytes) {
        return (offset + first.len(), said);
    }
    let count = |separator: u8| first.bytes().filter(|byte| *byte == separator).count();
    let most = b",;\t".iter().copied().rev().max_by_key(|one| count(*one));
    (0, most.unwrap_or(b','))
}

/// The field that begins at a byte, where the next one begins, and whether it is the last of its record.
fn field(reader: &mut Reader, text: &str, at: usize) -> Option<(CsvField, usize, bool)> {
    let mut value = Vec::new();
    let mut output = [0; 256];
    let mut end = at;
    let is_last = loop {
        let (result, read, written) = reader.read_field(&text.as_bytes()[end..], &mut output);
        end += read;
        value.extend_from_slice(&output[..written]);
        match result {
            ReadFieldResult::Field { record_end } => break record_end,
            ReadFieldResult::End => return None,
            // The end of the text is told by an empty input, which the next call gives.
            ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
        }
    };
    let raw = &text[at..end];
    let from = at + (raw.len() - raw.trim_start().len());
    let inner = text[from.min(end)..end].trim_end_matches(['\r', '\n']);
    let is_quoted = inner.starts_with('"');
    let inner = match inner.char_indices().next_back() {
        Some((last, ',' | ';' | '\t')) if !is_last || is_quoted => &inner[..last],
        _ => inner,
    };
    let span = Span {
        start: from.min(end),
        end: from.min(end) + inner.trim_end().len(),
    };
    let text = String::from_utf8_lossy(&value).trim().to_owned();
    Some((CsvField { text, span }, end, is_last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(text: &str) -> Vec<Vec<String>> {
        let fields = |record: Vec<CsvField>| record.into_iter().map(|field| field.text).collect();
        records(text).into_iter().map(fields).collect()
    }

    #[test]
    fn what_spreadsheets_write_is_read() {
        for text in [
            "owner,name\nana,Ana\nbia,Bia\n",
            "owner,name\r\nana,Ana\r\n\r\n , \r\nbia,Bia",
            "owner;name\nana;Ana\nbia;Bia",
            "sep=;\r\nowner;name\r\nana;Ana\r\nbia;Bia\r\n",
            "owner\tname\nana\tAna\nbia\tBia\n",
            "\"owner\" , \"name\"\nana,\"Ana\"\n\"bia\",Bia\n,,\n",
            "\n\nowner, name\n  ana , Ana\nbia,Bia ",
        ] {
            let found = texts(text);
            let found: Vec<Vec<&str>> = found
                .iter()
                .map(|record| {
                    record
                        .iter()
                        .map(|text| text.trim_matches([' ', '"']))
                        .collect()
                })
                .collect();
            assert_eq!(
                found,
                [["owner", "name"], ["ana", "Ana"], ["bia", "Bia"]],
                "{text:?}"
            );
        }
        assert_eq!(
            texts("owner,name\nana,\"Souza, Ana \"\"Aninha\"\"\""),
            [["owner", "name"], ["ana", "Souza, Ana \"Aninha\""]]
        );
        assert!(texts("").is_empty() && texts("\n \r\n").is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(41), ..ProptestConfig::default() })]

        /// Whatever the text is, every field has a place in it; one without quotation marks is what stands there.
        #[test]
        fn every_field_has_its_place(text in "[a-z\u{e9}\",;\t \r\n]{0,60}") {
            for field in records(&text).into_iter().flatten() {
                let there = text.get(field.span.start..field.span.end);
                prop_assert!(there.is_some(), "{field:?}");
                if !field.text.contains('"') && !there.unwrap_or_default().contains('"') {
                    prop_assert_eq!(there.unwrap_or_default().trim(), field.text.as_str());
                }
            }
        }
    }
}
