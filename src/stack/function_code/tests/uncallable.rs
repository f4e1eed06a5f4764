use super::*;

#[test]
fn a_handler_that_cannot_be_called_is_an_error() {
    for (text, what) in [
        (
            "handler = 5",
            "`handler` in `code/app.py` is a number, not a function",
        ),
        ("handler = 'app.run'", "is a string"),
        ("handler: dict = {}", "is a dictionary"),
        ("handler = None", "is `none`"),
        (
            "class handler:\n  def __init__(self, e, c): pass",
            "is a class",
        ),
        ("def handler(): ...", "takes no arguments"),
        (
            "def handler(event): ...",
            "takes one argument, and lambda calls it with two",
        ),
        ("async def handler(e, *, c=1): ...", "takes one argument"),
        (
            "def handler(a: int, b, c, d=1): ...",
            "takes at least 3 arguments",
        ),
    ] {
        python("app.handler", &[("app.py", text)]).says(&[
            "error: ",
            what,
            "def handler(event, context)",
        ]);
    }
    for text in [
        "handler = 5\nhandler = f",
        "if x:\n  handler = None\nelse:\n  def handler(e, c): ...",
        "class handler(Base): ...",
        "class handler:\n  def __new__(cls, e, c): return 1",
        "@wrap\nclass handler: ...",
        "@app.get('/')\ndef handler(): ...",
        "def handler(*args): ...",
        "def handler(event, context=None, *, more=1): ...",
        "def handler(e, c, /, **rest): ...",
        "def handler(e: dict, *rest: int): ...",
        "handler = partial(f, 1)",
        "handler = [f][0]",
        "handler, x = 1, 2",
        "a = handler = f",
    ] {
        python("app.handler", &[("app.py", text)]).is_silent(text);
    }
    for (file, text, what) in [
        (
            "index.js",
            "exports.handler = 5",
            "`handler` in `code/index.js` is a number, not a function",
        ),
        ("index.js", "exports.handler = {}", "is an object"),
        (
            "index.js",
            "module.exports = { handler: 'x' }",
            "is a string",
        ),
        (
            "index.js",
            "const handler = []\nmodule.exports = { handler }",
            "is an array",
        ),
        ("index.mjs", "export const handler = null", "is `null`"),
        ("index.mjs", "export class handler {}", "is a class"),
        (
            "index.mjs",
            "const h = `x`\nexport { h as handler }",
            "is a string",
        ),
    ] {
        node("index.handler", &[(file, text)]).says(&["error: ", what, "event =>"]);
    }
    for (file, text) in [
        ("index.js", "exports.handler = void 0\nexports.handler = f"),
        (
            "index.js",
            "exports.handler = null\nexports.handler = () => 1",
        ),
        (
            "index.js",
            "let handler = 5\nhandler = f\nmodule.exports = { handler }",
        ),
        (
            "index.js",
            "x.handler = 5\nmodule.exports = { handler() {} }",
        ),
        ("index.js", "exports['handler'] = f"),
        ("index.mjs", "export let handler = 1"),
        ("index.mjs", "export { handler } from './index.mjs'"),
        ("index.mjs", "export const { handler } = { handler: f }"),
    ] {
        node("index.handler", &[(file, text)]).is_silent(text);
    }
    node(
        "index.api.handler",
        &[("index.js", "exports.api = { handler: 1 }")],
    )
    .is_silent("nested");
}
