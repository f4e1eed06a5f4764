//! Wheels made by the tests, so that no package index is needed.

use std::io::Write;
use std::path::Path;

use zip::write::SimpleFileOptions;

/// A wheel `NAME-1.0-TAGS.whl` with one module, which has its tags as a value, and a script.
pub fn wheel(name: &str, tags: &str, requires: &[&str]) -> (String, Vec<u8>) {
    let info = format!("{name}-1.0.dist-info");
    let requires = requires.iter().map(|one| format!("Requires-Dist: {one}\n"));
    let requires: String = requires.collect();
    let files = [
        (
            format!("{name}/__init__.py"),
            format!("TAGS = '{tags}'\n\n\ndef main():\n    pass\n"),
        ),
        (
            format!("{info}/METADATA"),
            format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{requires}"),
        ),
        (
            format!("{info}/WHEEL"),
            format!("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tags}\n"),
        ),
        (
            format!("{info}/entry_points.txt"),
            format!("[console_scripts]\n{name}-script = {name}:main\n"),
        ),
    ];
    let record = files.iter().map(|(name, _)| format!("{name},,\n"));
    let record = format!("{}{info}/RECORD,,\n", record.collect::<String>());
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files.iter().chain([&(format!("{info}/RECORD"), record)]) {
        zip.start_file(name.as_str(), SimpleFileOptions::default())
            .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    (
        format!("{name}-1.0-{tags}.whl"),
        zip.finish().unwrap().into_inner(),
    )
}

/// Writes such wheels into a folder.
pub fn write(folder: &Path, wheels: &[(&str, &str, &[&str])]) {
    std::fs::create_dir_all(folder).unwrap();
    for (name, tags, requires) in wheels {
        let (file, bytes) = wheel(name, tags, requires);
        std::fs::write(folder.join(file), bytes).unwrap();
    }
}
