use super::*;

fn common(text: &str, name: &str) -> Option<bool> {
    Some(NodeModule::parse(text, None).common?.contains(name))
}

fn esm(text: &str, name: &str) -> Option<bool> {
    let module = NodeModule::parse(text, None);
    assert!(module.is_esm || module.esm.as_ref().is_none_or(BTreeSet::is_empty));
    Some(module.esm?.contains(name))
}

#[test]
fn every_way_to_export_is_seen() {
    for text in [
        "exports.handler = async () => 1",
        "exports.handler = exports.other = 1",
        "exports['handler'] = 1",
        "module.exports.handler = function () {}",
        "module.exports = { handler }",
        "module.exports = { a, handler: other, b() {} }",
        "module.exports = { async handler(event) {} }",
        "module.exports = { 'handler': 1 };",
        "module.exports = {\n  // why\n  handler,\n}",
        "exports.main = module.exports.handler = f",
        "Object.defineProperty(exports, '__esModule', { value: true });\nexports.handler = void 0;\nexports.handler = f",
        "Object.defineProperty(exports, 'handler', { get })",
        "if (x) { exports.handler = 1 }",
        "this.handler = 1",
        "#!/usr/bin/env node\n'use strict'\nexports.handler = x => x / 2 / 3",
        "const r = /['\"`]/; exports.handler = 1",
        "exports.handler ||= 1",
    ] {
        let known = common(text, "handler");
        assert!(
            known == Some(true) || text.contains("||=") && known.is_none(),
            "{text}"
        );
    }
    for text in [
        "export const handler = async () => 1",
        "export async function handler() {}",
        "export function* handler() {}",
        "export class handler {}",
        "export let a, handler = 1",
        "export const { a, handler } = make()",
        "export const { a: handler } = make()",
        "export const [handler] = make()",
        "function handler() {}\nexport { handler }",
        "export { other as handler }",
        "export { other as handler } from './other.mjs'",
        "export { handler } from './other.mjs'",
        "export * as handler from './other.mjs'",
        "import x from 'y';\nexport const handler = x",
    ] {
        assert_eq!(esm(text, "handler"), Some(true), "{text}");
    }
}

#[test]
fn what_only_looks_like_an_export_is_none() {
    for text in [
        "",
        "// exports.handler = 1",
        "/* exports.handler = 1 */",
        "const s = 'exports.handler = 1'",
        "const s = `\nexports.handler = 1\n`",
        "async function handler() {}",
        "const handler = async () => 1",
        "exports.Handler = 1",
        "exports = { handler }",
        "console.log(exports.handler)",
        "other.exports.handler = 1",
        "module.exports = async () => { handler }",
        "module.exports = { other: { handler } }",
        "if (require.main === module) { handler() }",
    ] {
        assert_eq!(common(text, "handler"), Some(false), "{text}");
    }
    for text in [
        "export default handler",
        "export default async function handler() {}",
        "export { handler as main }",
        "import { handler } from './x.mjs'; export const other = handler",
        "export const other = { handler: 1 }",
    ] {
        assert_eq!(esm(text, "handler"), Some(false), "{text}");
    }
}

#[test]
fn what_cannot_be_known_is_not_said() {
    for text in [
        "module.exports = require('./other')",
        "module.exports = make({ handler })",
        "module.exports = { ...other }",
        "module.exports = { [name]: 1 }",
        "module.exports = app",
        "module.exports = __toCommonJS(index_exports);",
        "exports[name] = 1",
        "Object.assign(exports, other)",
        "Object.assign(module.exports, other)",
        "__exportStar(require('./other'), exports)",
        "const e = exports; e.handler = 1",
        "((exports) => { exports.other = 1 })(exports)",
        "(function (module, exports) { module.exports.x = 1 })(m, e)",
        "load(module)",
        "exports.handler = ",
        "const x: string = 1; exports.other = x",
    ] {
        assert_eq!(common(text, "handler"), None, "{text}");
    }
    assert_eq!(common("exports.handl\\u0065r = 1", "handler"), None);
    assert_eq!(esm("export\nasync function handler() {}", "handler"), None);
    assert_eq!(esm("export\nconst handler = f", "handler"), None);
    assert_eq!(esm("export * from './other.mjs'", "handler"), None);
    assert_eq!(esm("export const f = (x: string) => x", "handler"), None);
}

fn loaded(text: &str) -> String {
    let found = NodeModule::parse(text, Some("handler")).imports;
    let found = found
        .into_iter()
        .filter(|one| !one.is_guarded && !one.name.is_empty());
    found.map(|one| one.name).collect::<Vec<_>>().join(" ")
}

#[test]
fn packages_that_are_loaded_are_found() {
    assert_eq!(
        loaded("const a = require('a'); const { b } = require(\"b/c\").d"),
        "a b"
    );
    assert_eq!(
        loaded("import x from '@s/a/b'; import 'c'; export { d } from 'd'; import * as e from 'e'"),
        "@s/a c d e"
    );
    assert_eq!(
        loaded("require(`a`); require(`${b}`); require(c); require('./d'); require('node:fs')"),
        "a"
    );
    assert_eq!(
        loaded("import a from '#a'; import b from '/opt/b'; import c from 'https://c'"),
        ""
    );
    assert_eq!(
        loaded("exports.handler = async () => { const a = require('a'); f(() => require('b')) }"),
        "a"
    );
    assert_eq!(
        loaded("async function handler() { require('a') }\nfunction other() { require('b') }"),
        "a"
    );
    assert_eq!(
        loaded("export const handler = wrap(async () => { require('a') })"),
        "a"
    );
    assert_eq!(
        loaded("module.exports = { async handler() { require('a') }, other() { require('b') } }"),
        "a"
    );
    assert_eq!(
        loaded(
            "await import('a'); import('b').catch(f)\nexport const handler = async () => { await import('c') }"
        ),
        "a c"
    );
}

#[test]
fn packages_that_may_be_absent_are_guarded() {
    for text in [
        "// require('a')",
        "const s = \"require('a')\"",
        "try { require('a') } catch { }",
        "if (x) require('a')",
        "const a = x ? require('a') : null",
        "x && require('a')",
        "const f = () => require('a')",
        "function other() { return require('a') }",
        "exports.other = () => { require('a') }",
        "try { require('a') } finally { f() }",
        "for (const x of y) require('a')",
        "while (x) { require('a') }",
        "x ||= require('a')",
        "x?.(require('a'))",
        "const { x = require('a') } = y",
        "class A { x = require('a') }",
        "await import('a').catch(f)",
        "exports.handler = async (e) => e.map(() => require('a'))",
        "exports.handler = async (e) => { if (!e) return; require('a') }",
        "exports.handler = async (e) => { if (!e) throw e; require('a') }",
        "exports.handler = function* () { require('a') }",
        "const routes = { handler: () => require('a') }",
        "routes.handler = () => require('a')",
        "class A { handler() { require('a') } }",
        "const routes = { handler() { require('a') } }",
        "run(function handler() { require('a') })",
    ] {
        assert_eq!(loaded(text), "", "{text}");
    }
}
