use std::io::Write;
use std::path::Path;

use crate::source::Diagnostics;
use crate::stack::{Given, load};

/// A stack with one function, checked as `treino check` does: `error: message (help)`, with file and line if another
/// file than the stack's is meant.
struct Checked(Vec<String>);

impl Checked {
    fn at(folder: &Path, runtime: &str, handler: &str, more: &str) -> Self {
        let code = if folder.join("code.zip").exists() {
            "code.zip"
        } else {
            "code"
        };
        let stack = format!(
            "stack: lab\nfunctions:\n  f:\n    code: {code}\n    handler: {handler}\n    runtime: {runtime}\n{more}"
        );
        let path = folder.join("stack.yaml");
        std::fs::write(&path, stack).unwrap();
        let Diagnostics(found) = match load(&path, Given::default()) {
            Ok((_, warnings)) => warnings,
            Err(all) => all,
        };
        let shown = found
            .into_iter()
            .filter(|one| !one.message.contains("the runtime `"));
        let shown = shown.map(|one| {
            let place = one.place.map(|place| {
                (
                    place.source.name.clone(),
                    place.span.line_column(&place.source).0,
                )
            });
            let place = place.filter(|(name, _)| !name.ends_with("stack.yaml"));
            let place = place.map_or(String::new(), |(name, line)| {
                let name = Path::new(&name).strip_prefix(folder).unwrap();
                format!("{}:{line}: ", name.display())
            });
            let help = one.help.unwrap_or_default();
            format!("{place}{:?}: {} ({help})", one.severity, one.message).to_lowercase()
        });
        Self(shown.collect())
    }

    fn says(&self, parts: &[&str]) {
        assert_eq!(self.0.len(), 1, "{:?}", self.0);
        for part in parts {
            assert!(
                self.0[0].contains(&part.to_lowercase()),
                "{part}: {}",
                self.0[0]
            );
        }
    }

    fn is_silent(&self, about: &str) {
        assert!(self.0.is_empty(), "{about}: {:?}", self.0);
    }
}

fn written(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join("code").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn zipped(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut zip =
        zip::ZipWriter::new(std::fs::File::create(folder.path().join("code.zip")).unwrap());
    for (name, text) in files {
        let options = zip::write::SimpleFileOptions::default().unix_permissions(0o644);
        zip.start_file(*name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    folder
}

const DEF: &str = "def handler(event, context): return 1\n";

fn python(handler: &str, files: &[(&str, &str)]) -> Checked {
    Checked::at(written(files).path(), "python3.13", handler, "")
}

fn node(handler: &str, files: &[(&str, &str)]) -> Checked {
    Checked::at(written(files).path(), "nodejs22.x", handler, "")
}

#[test]
fn a_handler_that_the_python_file_lacks_is_named() {
    python("app.handlr", &[("app.py", DEF)]).says(&[
        "error: `code/app.py` has no `handlr`",
        "did you mean `handler`?",
        "`handler: app.handler`",
    ]);
    python(
        "lambda_function.lambda_handler",
        &[("lambda_function.py", DEF)],
    )
    .says(&[
        "has no `lambda_handler`",
        "it has `handler`: write `handler: lambda_function.handler`",
    ]);
    python("app.main", &[("app.py", "import json\n")]).says(&[
        "has no `main`",
        "add a function to it: `def main(event, context):`",
    ]);
    python(
        "app.other",
        &[("app.py", "def a(): pass\ndef b(): pass\ndef _c(): pass")],
    )
    .says(&["it has `a`, `b`)"]);
    python("pkg/app.handlr", &[("pkg/app.py", DEF)])
        .says(&["`code/pkg/app.py` has no `handlr`", "pkg/app.handler"]);
    python("pkg.app.handlr", &[("pkg/app.py", DEF)])
        .says(&["`code/pkg/app.py`", "pkg.app.handler"]);
    python("pkg.handlr", &[("pkg/__init__.py", DEF)]).says(&["`code/pkg/__init__.py`"]);
    python(
        "app.Handler",
        &[(
            "app.py",
            "\u{feff}# -*- coding: utf-8 -*-\ndef handler(e, c): pass",
        )],
    )
    .says(&["did you mean `handler`?"]);
}

#[test]
fn a_handler_that_may_be_there_is_let_be() {
    for (handler, files) in [
        ("app.handler", [("app.py", DEF)]),
        ("app.handler", [("app/__init__.py", DEF)]),
        ("a/b.handler", [("a/b.py", DEF)]),
        ("a.b.handler", [("a/b.py", DEF)]),
        ("app.handler", [("app.py", "from boto3 import *\n")]),
        ("app.handler", [("app.py", "from .impl import handler\n")]),
        (
            "app.handler",
            [("app.cpython-313-x86_64-linux-gnu.so", "\u{7f}ELF")],
        ),
        ("app.handler", [("app.so", "\u{7f}ELF")]),
        ("app.handler", [("app.py", "print 'python 2'\n")]),
        ("app.handler", [("app.py", "def broken(:\n")]),
    ] {
        python(handler, &files).is_silent(&format!("{handler} {files:?}"));
    }
    for (handler, files) in [
        (
            "index.handler",
            [("index.js", "exports.handler = async () => 1")],
        ),
        (
            "index.handler",
            [("index.js", "export const handler = async () => 1")],
        ),
        (
            "index.handler",
            [("index.mjs", "export const handler = async () => 1")],
        ),
        (
            "index.handler",
            [("index.cjs", "module.exports = { handler: 1 }")],
        ),
        ("index.handler", [("index/index.js", "exports.handler = 1")]),
        ("a/b.handler", [("a/b.js", "exports.handler = 1")]),
        ("a.b/c.handler", [("a.b/c.js", "exports.handler = 1")]),
        ("./index.handler", [("index.js", "exports.handler = 1")]),
        (
            "index.api.handler",
            [("index.js", "exports.api = { handler: 1 }")],
        ),
        (
            "index.default",
            [("index.mjs", "export default async () => 1")],
        ),
        ("index.handler", [("index.js", "module.exports = build()")]),
        (
            "index.handler",
            [("index.mjs", "export * from './other.mjs'")],
        ),
        ("index.handler", [("node_modules/index/main.js", "")]),
        ("/opt/nodejs/wrap.handler", [("index.js", "")]),
    ] {
        node(handler, &files).is_silent(&format!("{handler} {files:?}"));
    }
    let typescript = written(&[("index.ts", "export const handler = async (e: object) => e")]);
    Checked::at(typescript.path(), "nodejs24.x", "index.handler", "")
        .is_silent("Node.js 24 runs TypeScript");
    for runtime in ["java21", "provided.al2023", "ruby3.4", "dotnet8"] {
        let folder = written(&[("app.py", "")]);
        Checked::at(folder.path(), runtime, "any.thing", "").is_silent(runtime);
    }
}

#[test]
fn a_handler_that_the_node_file_lacks_is_named() {
    node("index.handlr", &[("index.js", "exports.handler = 1")]).says(&[
        "error: `code/index.js` does not export `handlr`",
        "did you mean `handler`?",
        "index.handler",
    ]);
    node(
        "index.handler",
        &[("index.js", "async function handler() {}")],
    )
    .says(&["it has `handler`: add `exports.handler = handler`"]);
    node("index.handler", &[("index.mjs", "const handler = 1")])
        .says(&["it has `handler`: add `export { handler }`"]);
    node("index.handler", &[("index.mjs", "export default () => 1")]).says(&[
        "write `export const handler = ...`",
        "`handler: index.default`",
    ]);
    node("index.handler", &[("index.mjs", "exports.handler = 1")])
        .says(&["is an ES module", "`export const handler = ...`"]);
    let module = [
        ("index.js", "exports.handler = 1"),
        ("package.json", "{\"type\": \"module\"}"),
    ];
    node("index.handler", &module).says(&["is an ES module", ".cjs"]);
    node("index.handler", &[("index.js", "exports = { handler: 1 }")])
        .says(&["does not export `handler`"]);
    node(
        "index.main",
        &[("index.js", "module.exports = { handler: 1 }")],
    )
    .says(&["it has `handler`: write `handler: index.handler`"]);
    node(
        "index.api.handler",
        &[("index.js", "exports.apis = { handler: 1 }")],
    )
    .says(&["does not export `api`"]);
}

#[test]
fn a_handler_without_a_file_says_where_one_is() {
    python("ap.handler", &[("app.py", DEF)])
        .says(&["no file ap.py", "did you mean `app.handler`?"]);
    python("App.handler", &[("app.py", DEF)]).says(&["did you mean `app.handler`?"]);
    python("other.handler", &[("app.py", DEF), ("lib.py", "")])
        .says(&["the code has app.py, lib.py"]);
    python("app.handler", &[("src/app.py", DEF)]).says(&[
        "the code has src/app.py",
        "`code: code/src`",
        "`handler: src/app.handler`",
    ]);
    python("handler", &[("app.py", DEF)]).says(&["names no function"]);
    node("index.handler", &[("dist/index.js", "")])
        .says(&["dist/index.js", "`handler: dist/index.handler`"]);
    node("index.handler", &[("node_modules/a/index.js", "")]).says(&["add index.js"]);
    node("index.handler", &[("index.ts", "")]).says(&["index.ts", "compile it to index.js"]);
    node("../index.handler", &[("index.js", "")]).says(&["`..`"]);
    let wrapped = zipped(&[
        ("func/app.py", DEF),
        ("func/util.py", ""),
        ("__MACOSX/func/app.py", "x"),
    ]);
    Checked::at(wrapped.path(), "python3.13", "app.handler", "").says(&[
        "no file app.py",
        "the code has func/app.py: zip what is in this folder",
        "`handler: func/app.handler`",
    ]);
}

#[test]
fn checks_look_into_ready_made_zips() {
    let zip = zipped(&[
        (
            "app.py",
            "import lib.util\nimport requests\ndef handler(e, c): pass",
        ),
        ("lib/util.py", "import numpy"),
    ]);
    Checked::at(zip.path(), "python3.13", "app.handlr", "")
        .0
        .iter()
        .find(|one| one.contains("did you mean"))
        .unwrap();
    let found = Checked::at(zip.path(), "python3.13", "app.handler", "").0;
    assert!(
        found[0].starts_with("code.zip/app.py:2: warning: `requests` is neither"),
        "{found:?}"
    );
    assert!(
        found[1].starts_with("code.zip/lib/util.py:1: warning: `numpy` is neither"),
        "{found:?}"
    );
    let dotted = zipped(&[("./app.py", DEF)]);
    Checked::at(dotted.path(), "python3.13", "app.handler", "").is_silent("./app.py is app.py");
}

#[test]
fn a_python_import_that_is_nowhere_is_a_warning_with_its_line() {
    let with = |line: &str| format!("import json\n{line}\n{DEF}");
    python("app.handler", &[("app.py", &with("import requests"))])
        .says(&["code/app.py:2: warning: `requests` is neither in the runtime python3.13 nor in the package", "`code/requirements.txt`"]);
    python("app.handler", &[("app.py", &with("from PIL import Image"))])
        .says(&["`PIL` is neither", "name `Pillow`"]);
    python(
        "app.handler",
        &[("app.py", &with("import utils")), ("util.py", "")],
    )
    .says(&["did you mean `util`?"]);
    python("app.handler", &[("app.py", &with("import cgi"))])
        .says(&["Python 3.13 has no `cgi`: Python 3.12 is the last"]);
    python(
        "app.handler",
        &[
            ("app.py", &with("import lib")),
            ("lib/__init__.py", "from .deep import x"),
            ("lib/deep.py", "import yaml"),
        ],
    )
    .says(&["code/lib/deep.py:1: ", "name `PyYAML`"]);
    let old = written(&[("app.py", &with("import tomllib"))]);
    Checked::at(old.path(), "python3.10", "app.handler", "").says(&["Python 3.11 is the first"]);
}

#[test]
fn python_imports_that_may_be_there_are_let_be() {
    let lines = [
        "import boto3, botocore.exceptions, urllib3, dateutil.parser, jmespath, six, s3transfer",
        "import os.path, asyncio, zoneinfo, tomllib, _socket, __future__",
        "from __future__ import annotations",
        "import lib, data.part, single, native, compiled",
        "from . import other",
        "import sys; sys.path.insert(0, 'vendor'); import requests",
        "import requests; sys.path.append('/tmp')",
        "try:\n    import ujson\nexcept ImportError:\n    import orjson",
        "if TYPE_CHECKING:\n    from aws_lambda_typing import x",
        "import requests # broken file\ndef (",
        "importlib.import_module('requests')",
        "# import requests",
    ];
    for line in lines {
        let text = format!("{line}\n{DEF}");
        let others = [
            ("app.py", text.as_str()),
            ("lib/__init__.py", ""),
            ("data/part.txt", ""),
            ("single.py", ""),
            ("native.cpython-313-x86_64-linux-gnu.so", ""),
            ("compiled.abi3.so", ""),
            ("other.py", ""),
        ];
        python("app.handler", &others).is_silent(line);
    }
    let text = format!("import requests\n{DEF}");
    let installed = [
        ("app.py", text.as_str()),
        ("requests/__init__.py", "import chardet"),
        ("requests-2.dist-info/RECORD", "requests/__init__.py,,\n"),
    ];
    python("app.handler", &installed).is_silent("what pip installed is not looked into");
    let folder = written(&[("app.py", &text)]);
    let more = "    environment: { PYTHONPATH: /tmp/x }\n";
    Checked::at(folder.path(), "python3.13", "app.handler", more).is_silent("PYTHONPATH");
}

#[test]
fn a_node_import_that_is_nowhere_is_a_warning_with_its_line() {
    let with = |line: &str| format!("'use strict'\n{line}\nexports.handler = async () => 1\n");
    node(
        "index.handler",
        &[("index.js", &with("const AWS = require('aws-sdk')"))],
    )
    .says(&[
        "code/index.js:2: warning: `aws-sdk` is version 2",
        "runtime nodejs22.x",
        "@aws-sdk/client-s3",
    ]);
    node(
        "index.handler",
        &[(
            "index.mjs",
            "import S3 from 'aws-sdk/clients/s3'\nexport const handler = 1",
        )],
    )
    .says(&["index.mjs:1: ", "version 2"]);
    node(
        "index.handler",
        &[("index.js", &with("const a = require('axios')"))],
    )
    .says(&["`axios` is neither", "`code/package.json`"]);
    node(
        "index.handler",
        &[
            ("index.js", &with("require('./lib')")),
            ("lib/index.js", "require('@a/b/c')"),
        ],
    )
    .says(&["code/lib/index.js:1: ", "`@a/b` is neither"]);
    let old = written(&[("index.js", &with("require('@aws-sdk/client-s3')"))]);
    Checked::at(old.path(), "nodejs16.x", "index.handler", "")
        .says(&["`@aws-sdk/client-s3` is version 3"]);
}

#[test]
fn node_imports_that_may_be_there_are_let_be() {
    for line in [
        "require('@aws-sdk/client-s3'); require('@aws-sdk/lib-dynamodb'); require('@smithy/types')",
        "require('fs'); require('node:fs/promises'); require('crypto'); require('node:test'); require('fs/promises')",
        "require('installed'); require('installed/part'); require('@s/installed'); require('single')",
        "require('./local'); require('../code/local'); require('./local.json')",
        "let x; try { x = require('optional') } catch { }",
        "if (process.env.DEBUG) require('debug')",
        "require('self/part')",
        "module.paths.push('/tmp'); require('other')",
        "// require('axios')",
    ] {
        let text = format!("{line}\nexports.handler = async () => 1");
        let files = [
            ("index.js", text.as_str()),
            ("local.js", ""),
            ("package.json", "{\"name\": \"self\"}"),
            (
                "node_modules/installed/index.js",
                "require('not-looked-at')",
            ),
            ("node_modules/@s/installed/index.js", ""),
            ("node_modules/single.js", ""),
        ];
        node("index.handler", &files).is_silent(line);
    }
    let old = written(&[("index.js", "require('aws-sdk'); exports.handler = 1")]);
    Checked::at(old.path(), "nodejs16.x", "index.handler", "").is_silent("version 2 on Node.js 16");
    let folder = written(&[("index.js", "require('axios'); exports.handler = 1")]);
    let more = "    environment: { NODE_PATH: /tmp/x }\n";
    Checked::at(folder.path(), "nodejs22.x", "index.handler", more).is_silent("NODE_PATH");
}
