//! Broken syntax, and imports from the function's own code.

use super::*;

#[test]
fn broken_syntax_is_a_warning_with_its_line() {
    python(
        "app.handler",
        &[(
            "app.py",
            "import json\ndef handler(event, context)\n    return 1\n",
        )],
    )
    .says(&[
        "code/app.py:2: warning: this is probably not valid Python 3.13: a `:` is missing",
        "`python3 -m py_compile",
        "code/app.py` shows what is wrong",
    ]);
    let files = [
        ("app.py", "import util\ndef handler(e, c): ..."),
        ("util.py", "x = (1,\n"),
    ];
    python("app.handler", &files).says(&["code/util.py:1: ", "`(` is never closed"]);
    node(
        "index.handler",
        &[("index.js", "exports.handler = async ( => 1")],
    )
    .says(&[
        "code/index.js:1: warning: this is probably not valid JavaScript",
        "node --check",
    ]);
    let folder = written(&[("app.py", "def handler(e, c):\nreturn 1")]);
    let more = "    environment: { PYTHONPATH: /tmp/x }\n";
    Checked::at(folder.path(), "python3.13", "app.handler", more).says(&["an indented line"]);

    let folder = written(&[]);
    std::fs::create_dir_all(folder.path().join("code")).unwrap();
    let put = |bytes: &[u8]| {
        std::fs::write(folder.path().join("code/app.py"), bytes).unwrap();
        Checked::at(folder.path(), "python3.13", "app.handler", "")
    };
    put(b"x = 1\n# ol\xe1\ndef handler(e, c): ...").says(&[
        "code/app.py:2: ",
        "not UTF-8 text",
        "coding: latin-1",
    ]);
    put(b"\xff\xfed\0e\0f\0").says(&["not UTF-8 text"]);
    put(b"# -*- coding: latin-1 -*-\n# ol\xe1\ndef handler(e, c): ...").is_silent("latin-1");
    put("# olá\ndef handler(e, c): ...".as_bytes()).is_silent("UTF-8");
}

#[test]
fn a_part_of_the_own_code_that_is_nowhere_is_a_warning() {
    let with = |line: &str| format!("{line}\n{DEF}");
    for (line, parts) in [
        (
            "from . import util",
            [
                "`from .` in `code/app.py` cannot be used at the top",
                "write `import util`",
            ],
        ),
        (
            "from .util import x",
            ["`from .util`", "write `from util import x`"],
        ),
        (
            "import lib.utl",
            [
                "module `lib.utl` is not in the package",
                "did you mean `lib.util`?",
            ],
        ),
        (
            "from lib.other import x",
            ["module `lib.other` is not", "add `code/lib/other.py`"],
        ),
        (
            "from lib import utl",
            [
                "`code/lib/__init__.py` has no `utl` to import",
                "did you mean `util`?",
            ],
        ),
        (
            "from util import ad",
            [
                "`code/util.py` has no `ad` to import",
                "did you mean `add`?",
            ],
        ),
        (
            "from space import nothing",
            [
                "module `space.nothing` is not",
                "add `code/space/nothing.py`",
            ],
        ),
        (
            "import lib.deep",
            ["code/lib/deep.py:1: warning: the module `lib.gone` is not"; 2],
        ),
        (
            "import lib.above",
            ["code/lib/above.py:1: ", "leads out of the package"],
        ),
        (
            "import lib.mate",
            [
                "`util2` is neither",
                "did you mean `lib.util2`? python looks",
            ],
        ),
    ] {
        let text = with(line);
        let files = [
            ("app.py", text.as_str()),
            ("util.py", "def add(): ...\n"),
            ("lib/__init__.py", ""),
            ("lib/util.py", ""),
            ("lib/util2.py", ""),
            ("lib/deep.py", "from .gone import x\n"),
            ("lib/above.py", "from ..util import add\n"),
            ("lib/mate.py", "import util2\n"),
            ("space/data.txt", ""),
        ];
        python("app.handler", &files).says(&parts);
    }
    let text = with("import lib.open, lib.util\nfrom lib import any, util\nfrom data import x\nfrom lib.util import __doc__, y as z, (\n)".replace(", (\n)", "").as_str());
    let files = [
        ("app.py", text.as_str()),
        ("lib/__init__.py", "def __getattr__(name): ...\n"),
        (
            "lib/util.py",
            "try:\n    from json import y\nexcept ImportError:\n    y = 1\n",
        ),
        ("data.py", "from lib.util import *\n"),
    ];
    python("app.handler", &files).is_silent("what may be there");
    let pkg = [
        (
            "pkg/app.py",
            "from . import util\nfrom .util import add\nfrom .. import other\nfrom .deep.x import y\ndef handler(e, c): ...",
        ),
        ("pkg/util.py", "def add(): ..."),
        ("pkg/deep/x.cpython-313-x86_64-linux-gnu.so", ""),
        ("other.py", ""),
    ];
    let found = python("pkg.app.handler", &pkg);
    found.says(&["pkg/app.py:3: ", "leads out"]);
}

#[test]
fn a_package_that_is_not_installed_says_where_it_belongs() {
    let text = "require('is-odd'); exports.handler = f";
    let with = |section: &str| {
        let manifest = format!("{{\"{section}\": {{\"is-odd\": \"3.0.1\"}}}}");
        node(
            "index.handler",
            &[("index.js", text), ("package.json", &manifest)],
        )
    };
    with("devDependencies").says(&[
        "`devDependencies` of package.json is not installed: move `is-odd` to `dependencies`",
    ]);
    with("peerDependencies").says(&["`peerDependencies` of package.json"]);
    let list = [
        ("index.js", "exports.handler = f"),
        ("package.json", "{\"dependencies\": [\"is-odd\"]}"),
    ];
    node("index.handler", &list)
        .says(&["code/package.json:1: error: `dependencies` is not a json object"]);
}

#[test]
fn a_file_that_a_node_path_does_not_find_is_a_warning() {
    let files = |name: &'static str, text: &'static str| {
        [
            (name, text),
            ("util.js", ""),
            ("data.json", "{}"),
            ("lib/index.js", ""),
            ("esm.mjs", ""),
            ("typed.ts", ""),
        ]
    };
    for (name, line, parts) in [
        (
            "index.js",
            "const x = require('./utl'); exports.handler = f",
            [
                "file `./utl` is not in the package",
                "did you mean `./util.js`?",
            ],
        ),
        (
            "index.js",
            "require('./Util'); exports.handler = f",
            ["`./Util`", "did you mean `./util.js`?"],
        ),
        (
            "index.js",
            "require('../shared/x'); exports.handler = f",
            ["`../shared/x` leads out of the package", "`include:`"],
        ),
        (
            "index.js",
            "require('./esm'); exports.handler = f",
            ["`require` does not try this ending", "write `./esm.mjs`"],
        ),
        (
            "index.js",
            "require('./typed'); exports.handler = f",
            ["typescript", "write `./typed.ts`"],
        ),
        (
            "index.mjs",
            "import x from './util'; export const handler = f",
            ["`import` takes the whole name", "write `./util.js`"],
        ),
        (
            "index.mjs",
            "import './lib'; export const handler = f",
            ["whole name", "write `./lib/index.js`"],
        ),
        (
            "index.mjs",
            "export * from './gone.mjs'; export const handler = f",
            ["file `./gone.mjs` is not in the package", "add the file"],
        ),
        (
            "index.mjs",
            "const x = require('./util'); export const handler = f",
            ["`require` does not exist in es modules", "`.cjs`"],
        ),
    ] {
        node("index.handler", &files(name, line)).says(&parts);
    }
    for (name, line) in [
        (
            "index.js",
            "require('./util'); require('./util.js'); require('./data'); require('./lib'); require('./lib/'); exports.handler = f",
        ),
        (
            "index.js",
            "require('.'); require('./esm.mjs'); try { require('./gone') } catch {} exports.handler = f",
        ),
        (
            "index.mjs",
            "import './util.js'; import d from './data.json' with { type: 'json' }; import './esm.mjs?v=1'; export const handler = f",
        ),
        (
            "index.mjs",
            "import { createRequire } from 'module'; const require = createRequire(import.meta.url); require('./util'); export const handler = f",
        ),
    ] {
        node("index.handler", &files(name, line)).is_silent(line);
    }
}
