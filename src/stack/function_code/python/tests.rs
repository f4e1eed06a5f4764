use super::*;

fn has(text: &str, name: &str) -> Option<bool> {
    let names = PythonModule::parse(text).names?;
    Some(names.contains_key(name))
}

#[test]
fn every_way_to_define_a_name_is_seen() {
    for text in [
        "def handler(event, context): return 1",
        "async def handler(event, context):\n    return 1\n",
        "@app.route\n@other(1)\ndef handler(e, c):\n  pass",
        "class handler:\n  def __call__(self): pass",
        "handler = lambda e, c: 1",
        "handler: Callable = make()",
        "a = b = handler = make()",
        "a, (handler, *c) = make()",
        "[a, handler] = make()",
        "handler += 1",
        "import x as handler",
        "import handler",
        "import handler.part",
        "from x import handler",
        "from . import handler",
        "from x import (a,\n  y as handler,  # why\n)",
        "if x:\n    def handler(e, c): pass\nelse:\n    pass",
        "if x:\n    pass\nelif y:\n    handler = 1",
        "try:\n    from x import handler\nexcept ImportError:\n    handler = None",
        "try:\n    pass\nfinally:\n    handler = 1",
        "with open('x') as handler:\n    pass",
        "with a as (b, handler):\n    pass",
        "for handler in [1]:\n    pass",
        "for a, handler in x:\n    break",
        "while True:\n    handler = 1\n    break",
        "if (handler := make()):\n    pass",
        "[handler := 1 for _ in x]",
        "def f(a=(handler := 1)): ...",
        "match x:\n    case [a, handler]:\n        pass",
        "match x:\n    case {'a': handler}:\n        pass",
        "def make():\n    global handler\n    handler = 1\nmake()",
        "type handler = int",
        "# -*- coding: latin-1 -*-\nhandler = 1",
        "x = '''\ndef other(): pass\n'''\ndef handler(e, c): pass",
        "def f[T](x: T) -> T: return x\nhandler = f(1)",
        "handler = app.handle if x else None",
        "    \n\n\tpass\nhandler = 1".trim_start(),
        "def handler(e, c):\r\n    return 1\r\n",
    ] {
        assert_eq!(has(text, "handler"), Some(true), "{text}");
    }
}

#[test]
fn what_only_looks_like_a_definition_is_none() {
    for text in [
        "",
        "# def handler(e, c): pass",
        "'''\ndef handler(e, c): pass\n'''",
        "\"\"\"\nhandler = 1\n\"\"\"\nx = 1",
        "x = 'def handler(): pass'",
        "class A:\n    def handler(self): pass",
        "class A:\n    handler = 1",
        "def make():\n    def handler(e, c): pass\n    return handler",
        "def make(handler): pass",
        "def make():\n    handler = 1",
        "print(handler)",
        "a.handler = 1",
        "a['handler'] = 1",
        "handler: int",
        "x = make(handler=1)",
        "x = {'handler': 1}",
        "from handler import x",
        "import x.handler",
        "import handler as x",
        "[handler for handler in x]",
        "lambda handler: 1",
        "def Handler(): pass\ndef handlers(): pass",
    ] {
        assert_eq!(has(text, "handler"), Some(false), "{text}");
    }
}

#[test]
fn what_cannot_be_known_is_not_said() {
    for text in [
        "from x import *",
        "globals()['handler'] = 1",
        "exec('handler = 1')",
        "setattr(sys.modules[__name__], 'handler', 1)",
        "sys.modules[__name__] = Module()",
        "def __getattr__(name): return 1",
        "def other(:",
        "def other(e, c)\n    return 1",
        "\u{fffd}\u{0}d\u{0}e\u{0}f\u{0}",
    ] {
        assert_eq!(has(text, "handler"), None, "{text}");
    }
}

fn imported(text: &str) -> String {
    let found = PythonModule::parse(text).imports(Some("handler"));
    let found = found
        .into_iter()
        .filter(|one| !one.is_guarded && !one.name.is_empty());
    found.map(|one| one.name).collect::<Vec<_>>().join(" ")
}

#[test]
fn imports_that_run_are_found_in_their_order() {
    assert_eq!(imported("import a.b, c as d\nfrom e.f import g\n"), "a c e");
    assert_eq!(
        imported("from . import a\nfrom .b import c\nfrom ..d import e"),
        ""
    );
    assert_eq!(
        imported("from __future__ import annotations\nimport a"),
        "a"
    );
    assert_eq!(imported("class A:\n  import a"), "a");
    assert_eq!(
        imported("s = 'import a'\n# import b\n'''\nimport c\n'''"),
        ""
    );
    for text in [
        "def handler(e, c):\n  import a\ndef main():\n  import b",
        "def handler(e, c):\n  def inner():\n    return 1\n  import a\n  return 2",
        "@tracer.capture\ndef handler(e, c):\n  import a",
        "def handler(e, c):\n  return help()\ndef help():\n  import a",
        "def handler(e, c):\n  x = {'k': [help(e)]}\ndef help(e):\n  help2()\ndef help2():\n  import a",
        "def make():\n  import a\nhandler = make()",
        "def make():\n  import a\n  return 1\ndef handler(e, c, client=make()): ...",
    ] {
        assert_eq!(imported(text), "a", "{text}");
    }
}

#[test]
fn imports_that_may_fail_or_never_run_are_guarded() {
    for text in [
        "try:\n  import a\nexcept ImportError:\n  a = None",
        "try:\n  import a\nexcept:\n  import b",
        "try:\n  import a\nexcept* ImportError:\n  pass",
        "if TYPE_CHECKING:\n  import a",
        "if x:\n  pass\nelse:\n  import a",
        "if __name__ == '__main__':\n  import a",
        "with suppress(ImportError):\n  import a",
        "def handler(e, c):\n  try:\n    import a\n  except ImportError:\n    pass",
        "def unused():\n  import a",
        "try:\n  import a\nfinally:\n  pass",
        "for x in y:\n  import a",
        "while x:\n  import a",
        // A name alone does not tell what is called.
        "def get(k):\n  import a\ndef handler(e, c): return e.get('x')",
        "def get(k):\n  import a\ndef handler(e, c, get=None): return get('x')",
        "def connect():\n  import a\ndb = sqlite3.connect('x')\ndef handler(e, c): ...",
        "class A:\n  def get(self):\n    import a\ndef handler(e, c): return get()",
        "class A:\n  def get():\n    import a\n  x = get()",
        "def get():\n  import a\nget = print\nget()",
        "def get():\n  import a\nif x:\n  from z import get\nget()",
        "def handler(e, c):\n  import a\nhandler = other",
        "class A:\n  def run(self):\n    import a\ndef handler(e, c): A().run()",
        "def get():\n  import a\ns = 'get()'",
        // What is called under a condition, or never runs.
        "def main():\n  import a\nif __name__ == '__main__':\n  main()",
        "async def main():\n  import a\nif __name__ == '__main__':\n  asyncio.run(main())",
        "async def main():\n  import a\nmain()",
        "def main():\n  import a\n  yield 1\nmain()",
        "@lazy\ndef main():\n  import a\nmain()",
        "def make():\n  import a\ntry:\n  c = make()\nexcept ImportError:\n  c = None",
        "def make():\n  import a\nc = make() if x else None",
        "def make():\n  import a\nc = x and make()",
        "def make():\n  import a\nc = lambda: make()",
        "def make():\n  import a\nc = [make() for x in y]",
        "def make():\n  import a\ndef f(x: make()): ...",
        "def make():\n  import a\nassert x, make()",
        "def make():\n  import a\ndef handler(e, c):\n  if e: make()",
        "def make():\n  import a\ndef handler(e, c):\n  def inner():\n    make()\n  f(inner)",
        "def handler(e, c):\n  if not e:\n    return 1\n  import a",
        "def handler(e, c):\n  raise x\n  import a",
        "def handler(e, c):\n  def inner():\n    import a\n  f(inner)",
        "async def handler(e, c):\n  import a",
        "def make():\n  import a\ndef handler(e, c):\n  if e: return 1\n  make()",
    ] {
        assert_eq!(imported(text), "", "{text}");
    }
}
