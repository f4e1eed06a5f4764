use super::*;

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
    for (line, part) in [
        (
            "import bot3",
            "did you mean `boto3`? If not, add the package that provides `bot3` to `code/requirements.txt`",
        ),
        ("import jsn", "did you mean `json`?"),
        ("import OS", "did you mean `os`?"),
        (
            "import slugify",
            "(add the package that provides `slugify` to",
        ),
        (
            "import google.cloud",
            "(add the package that provides `google` to",
        ),
        ("import httpx", "(name `httpx` in"),
    ] {
        python("app.handler", &[("app.py", &with(line))]).says(&["is neither", part]);
    }
    let folder = written(&[("app.py", &with("import util")), ("util.py", "")]);
    Checked::at(
        folder.path(),
        "python3.13",
        "app.handler",
        "    exclude: [util.py]\n",
    )
    .says(&["`util` is neither", "code/util.py` exists, but is left out"]);
    python("app.handler", &[("app.py", &with("import cgi"))])
        .says(&["Python 3.13 has no `cgi`: Python 3.12 is the last"]);
    python(
        "app.handler",
        &[
            ("app.py", &with("import lib")),
            ("lib/__init__.py", "from .deep import x"),
            ("lib/deep.py", "import yaml; x = 1"),
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
        "import sys; sys.path.insert(0, 'vendor'); import requests",
        "import requests; sys.path.append('/tmp')",
        "try:\n    import ujson\nexcept ImportError:\n    import orjson",
        "if TYPE_CHECKING:\n    from aws_lambda_typing import x",
        "importlib.import_module('requests')",
        "# import requests",
    ];
    for line in lines {
        let text = format!("{line}\n{DEF}");
        let others = [
            ("app.py", text.as_str()),
            ("lib/__init__.py", ""),
            ("data/part.py", ""),
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
            "import S3 from 'aws-sdk/clients/s3'\nexport const handler = f",
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
    for (line, part) in [
        ("require('utils')", "is named with its path: `./utils`"),
        (
            "require('pth')",
            "did you mean `path`? If not, name `pth` in `code/package.json`",
        ),
        ("require('node:fss')", "did you mean `node:fs`?"),
        ("require('@aws-sdk/clients/s3')", "write the service"),
    ] {
        let files = [("index.js", &*with(line)), ("utils.js", "")];
        node("index.handler", &files).says(&["code/index.js:2: ", part]);
    }
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
        "require('./local'); require('./local.json')",
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
            ("local.json", "{}"),
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
    let old = written(&[("index.js", "require('aws-sdk'); exports.handler = f")]);
    Checked::at(old.path(), "nodejs16.x", "index.handler", "").is_silent("version 2 on Node.js 16");
    let folder = written(&[("index.js", "require('axios'); exports.handler = f")]);
    let more = "    environment: { NODE_PATH: /tmp/x }\n";
    Checked::at(folder.path(), "nodejs22.x", "index.handler", more).is_silent("NODE_PATH");
}

#[test]
fn packages_that_a_file_may_name_are_not_missing_as_well() {
    let code = "import requests, yaml\ndef handler(e, c): pass\n";
    for (name, text, message) in [
        ("requirements.txt", "requests # caf\u{e9}", "not utf-8"),
        (
            "Requirements.txt",
            "requests",
            "`requirements.txt` is not read",
        ),
        ("Pipfile", "[packages]", "`pipfile` names"),
        (
            "pyproject.toml",
            "[project]\ndependencies = ['requests']",
            "`pyproject.toml` names",
        ),
    ] {
        let folder = written(&[("app.py", code)]);
        // In Latin-1.
        let bytes: Vec<u8> = text.chars().map(|c| c as u8).collect();
        std::fs::write(folder.path().join("code").join(name), bytes).unwrap();
        Checked::at(folder.path(), "python3.13", "app.handler", "").says(&[message]);
    }
    let code = "const a = require('axios'), l = require('lodash'), s = require('aws-sdk');\nexports.handler = async () => a(l, s);\n";
    let good = r#"{"dependencies": {"axios": "1"}}"#;
    for (package, lock, message) in [
        ("", None, "is empty"),
        ("{\"dependencies\":", None, "not valid json"),
        ("[\"axios\"]", None, "not a json object"),
        (
            r#"{"dependencies": ["axios"]}"#,
            None,
            "`dependencies` is not a json object",
        ),
        (good, Some("{"), "package-lock.json"),
    ] {
        let mut files = vec![("app.js", code), ("package.json", package)];
        files.extend(lock.map(|text| ("package-lock.json", text)));
        node("app.handler", &files).says(&["error", message]);
    }
    // A file of settings names no packages, so these are missing.
    let settings = "[tool.ruff]\nline-length = 99\n";
    python(
        "app.handler",
        &[
            ("app.py", "import requests\ndef handler(e, c): pass\n"),
            ("pyproject.toml", settings),
        ],
    )
    .says(&["`requests` is neither"]);
}
