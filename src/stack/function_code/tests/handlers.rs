use super::*;

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
        &[("app.py", "A = os.environ['A']\nclass B: ...\nC = 5\nd = make()\ndef a(e, c): pass\ndef b(e, c): pass\ndef _c(e, c): pass")],
    )
    .says(&["it has `a`, `b`)"]);
    python(
        "app.handler",
        &[("app.py", "TABLE = os.environ['TABLE']\nclass App: ...")],
    )
    .says(&["add a function to it: `def handler(event, context):`"]);
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
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn a_handler_that_may_be_there_is_let_be() {
    for (handler, files) in [
        ("app.handler", [("app.py", DEF)]),
        ("app.handler", [("app/__init__.py", DEF)]),
        ("a/b.handler", [("a/b.py", DEF)]),
        ("a.b.handler", [("a/b.py", DEF)]),
        ("app.handler", [("app.py", "from boto3 import *\n")]),
        ("pkg.app.handler", [("pkg/app.py", "from .app import *\n")]),
        (
            "app.handler",
            [("app.cpython-313-x86_64-linux-gnu.so", "\u{7f}ELF")],
        ),
        ("app.handler", [("app.so", "\u{7f}ELF")]),
        ("app.handler", [("app.py", "print = 1\nhandler = f()\n")]),
        (
            "app.handler",
            [("app.py", "import app\napp.handler = print\n")],
        ),
        (
            "app.handler",
            [(
                "app.py",
                "import importlib\nimportlib.import_module('app').handler = 1\n",
            )],
        ),
        (
            "app.handler",
            [(
                "app.py",
                "import inspect\ninspect.currentframe().f_globals['handler'] = 1\n",
            )],
        ),
        (
            "app.handler",
            [(
                "app.py",
                "def put(f):\n    f.__globals__['handler'] = f\n@put\ndef run(e, c): ...\n",
            )],
        ),
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
            [("index.mjs", "export const handler = async () => 1")],
        ),
        (
            "index.handler",
            [("index.cjs", "module.exports = { handler: f }")],
        ),
        ("index.handler", [("index/index.js", "exports.handler = f")]),
        ("a/b.handler", [("a/b.js", "exports.handler = f")]),
        ("a.b/c.handler", [("a.b/c.js", "exports.handler = f")]),
        ("./index.handler", [("index.js", "exports.handler = f")]),
        (
            "index.api.handler",
            [("index.js", "exports.api = { handler: f }")],
        ),
        (
            "index.default",
            [("index.mjs", "export default async () => 1")],
        ),
        ("index.handler", [("index.js", "module.exports = build()")]),
        ("index.handler", [("index.mjs", "export * from 'node:fs'")]),
        ("index.handler", [("node_modules/index/main.js", "")]),
        (
            "index.handler",
            [(
                "index.js",
                "const api = module.exports = {}; api.handler = 1",
            )],
        ),
        (
            "index.handler",
            [(
                "index.js",
                "var app = exports = module.exports = {}; app.handler = 1",
            )],
        ),
        (
            "index.handler",
            [("index.js", "let x; x = module.exports = {}; x.handler = 1")],
        ),
        (
            "index.handler",
            [(
                "index.js",
                "const self = module.exports = {a: 1}; self['handler'] = 1",
            )],
        ),
        (
            "index.handler",
            [(
                "index.js",
                "module.exports = class { static async handler() {} }",
            )],
        ),
        (
            "index.handler",
            [("index.js", "const f = 1; [exports.handler] = [f]")],
        ),
        (
            "index.handler",
            [("index.js", "const f = 1; ({h: exports.handler} = {h: f})")],
        ),
        (
            "index.handler",
            [("index.js", "eval('exports.handler = f')")],
        ),
        (
            "index.handler",
            [("index.js", "(() => { arguments[0].handler = 1 })()")],
        ),
        (
            "index.handler",
            [("index.js", "exports.__proto__ = { handler: f }")],
        ),
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
    node("index.handlr", &[("index.js", "exports.handler = f")]).says(&[
        "error: `code/index.js` does not export `handlr`",
        "did you mean `handler`?",
        "index.handler",
    ]);
    node(
        "index.handler",
        &[("index.js", "async function handler() {}")],
    )
    .says(&["it has `handler`: add `exports.handler = handler`"]);
    node("index.handler", &[("index.mjs", "const handler = f")])
        .says(&["it has `handler`: add `export { handler }`"]);
    node("index.handler", &[("index.mjs", "export default () => 1")]).says(&[
        "write `export const handler = ...`",
        "`handler: index.default`",
    ]);
    node("index.handler", &[("index.mjs", "exports.handler = f")])
        .says(&["is an ES module", "`export const handler = ...`"]);
    let module = [
        ("index.js", "exports.handler = f"),
        ("package.json", "{\"type\": \"module\"}"),
    ];
    node("index.handler", &module).says(&["is an ES module", ".cjs"]);
    node("index.handler", &[("index.js", "exports = { handler: f }")])
        .says(&["does not export `handler`"]);
    node(
        "index.main",
        &[("index.js", "module.exports = { handler: f }")],
    )
    .says(&["it has `handler`: write `handler: index.handler`"]);
    node(
        "index.api.handler",
        &[("index.js", "exports.apis = { handler: f }")],
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
fn a_handler_in_another_form_says_the_right_one() {
    let found = python("my.app.handler", &[("my.app.py", DEF)]);
    found.says(&["rename my.app.py to my_app.py"]);
    // A reference is replaced first; without a value it is reported alone.
    let folder = written(&[("app.py", DEF)]);
    for (handler, value, part) in [
        ("'${param.h}'", "app.handler", None),
        ("'app.${param.h}'", "handler", None),
        ("'${param.h}'", "app.handlr", Some("has no `handlr`")),
        ("'${param.other}'", "x", Some("no parameter `other`")),
        ("'${f.arn}'", "x", Some("before any resource")),
    ] {
        let more = format!("params: {{ h: {{ default: {value} }} }}\n");
        let found = Checked::at(folder.path(), "python3.13", handler, &more);
        match part {
            Some(part) => found.says(&[part]),
            None => found.is_silent(handler),
        }
    }
    for handler in [
        ".app.handler",
        "app.handler.",
        "./app.handler",
        "/app.handler",
        "app.py.handler",
        "app.py:handler",
        "app:handler",
        "app::handler",
        "app/handler",
        "app.handler()",
        "code/app.handler",
        "code.app.handler",
        "./code/app.py:handler",
    ] {
        python(handler, &[("app.py", DEF)]).says(&["app.handler`"]);
    }
    python("sub\\app.handler", &[("sub/app.py", DEF)]).says(&["did you mean `sub/app.handler`?"]);
    python("./app.handler", &[("app.py", "x = f()")]).says(&["relative import", "folder/file"]);
    python("'app.handler '", &[("app.py", DEF)]).says(&["without spaces"]);
    for handler in [
        "index.js.handler",
        "index:handler",
        "/index.handler",
        "index.handler.",
        "code/index.handler",
        "index.mjs",
    ] {
        let found = node(handler, &[("index.js", "exports.handler = f")]);
        found.says(&["index.handler"]);
    }
}

#[test]
fn an_es_module_that_lambda_does_not_take_for_one_is_a_warning() {
    let code = "'use strict'\nexport const handler = async () => 1";
    let plain = written(&[("index.js", code)]);
    for runtime in ["nodejs22.x", "nodejs18.x"] {
        Checked::at(plain.path(), runtime, "index.handler", "").says(&[
            "code/index.js:2: warning: ",
            "for a CommonJS module",
            "`index.mjs`",
            "`\"type\": \"module\"`",
        ]);
    }
    let options = "    environment: { NODE_OPTIONS: --experimental-detect-module }\n";
    for (runtime, more) in [
        ("nodejs24.x", ""),
        ("nodejs20.x", ""),
        ("nodejs22.x", options),
    ] {
        Checked::at(plain.path(), runtime, "index.handler", more).is_silent(runtime);
    }
    let typed = [
        ("index.js", code),
        ("package.json", r#"{"type": "module"}"#),
    ];
    node("index.handler", &typed).is_silent("typed");
    let loaded = [
        ("index.mjs", "import './lib.js'\nexport const handler = f"),
        ("lib.js", "export {}"),
    ];
    node("index.handler", &loaded).says(&["code/lib.js:1: ", "`lib.mjs`"]);
}
