//! Where a text is probably not valid Python or JavaScript.
//!
//! The grammars may be older than a runtime's language, and take some texts that Python does not: what is found here
//! is a warning, and finding nothing means little.

use tree_sitter::{Node, Tree};

use super::CodeLanguage;
use super::syntax::{children, parse, span, text_of};
use crate::source::{Span, odd_character};

/// The statements that end in a colon, by their first word.
const WITH_BLOCK: [&str; 14] = [
    "async", "class", "def", "elif", "else", "except", "finally", "for", "if", "match", "try",
    "while", "with", "case",
];
/// The parts of a statement that stand below its beginning.
const CLAUSES: [&str; 5] = [
    "elif_clause",
    "else_clause",
    "except_clause",
    "except_group_clause",
    "finally_clause",
];

/// What is wrong, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SyntaxProblem {
    pub(super) span: Span,
    pub(super) what: String,
}

/// The first problem of a text.
pub(super) fn find(text: &str, language: CodeLanguage) -> Option<SyntaxProblem> {
    // In another encoding than UTF-8, which a comment may name; or with ends of lines that the grammars do not know.
    let is_old_mac = text.matches('\r').count() > text.matches("\r\n").count();
    if text.contains('\u{fffd}') || is_old_mac {
        return None;
    }
    match language {
        CodeLanguage::Python(_) => {
            let tree = parse(text, &tree_sitter_python::LANGUAGE.into())?;
            match broken(&tree) {
                Some(node) => Some(python_problem(node, text)),
                None => indentation(&tree, text),
            }
        }
        CodeLanguage::Node(_) => {
            let tree = parse(text, &tree_sitter_javascript::LANGUAGE.into())?;
            broken(&tree).map(|node| node_problem(node, text))
        }
    }
}

/// The first node that the grammar does not know, or that is missing.
fn broken(tree: &Tree) -> Option<Node<'_>> {
    let mut node = tree.root_node();
    if !node.has_error() {
        return None;
    }
    while !node.is_error() && !node.is_missing() {
        let inner = all_children(node).into_iter();
        match inner
            .into_iter()
            .find(|one| one.has_error() || one.is_missing())
        {
            Some(inner) => node = inner,
            None => break,
        }
    }
    Some(node)
}

fn all_children(node: Node<'_>) -> Vec<Node<'_>> {
    node.children(&mut node.walk()).collect()
}

fn problem(span: Span, what: impl Into<String>) -> SyntaxProblem {
    SyntaxProblem {
        span,
        what: what.into(),
    }
}

fn python_problem(node: Node<'_>, text: &str) -> SyntaxProblem {
    if let Some(open) = unclosed(node) {
        let bracket = text_of(open, text);
        return problem(span(open), format!("`{bracket}` is never closed"));
    }
    // The grammar gives up a whole statement for the colon that its first line lacks.
    let line = line_at(text, node.start_byte());
    let code = text_of_span(text, line);
    let first = code.split([' ', '(', ':']).next().unwrap_or_default();
    let is_closed = code.matches(['(', '[', '{']).count() == code.matches([')', ']', '}']).count();
    if WITH_BLOCK.contains(&first)
        && is_closed
        && !code.contains(['\\', '#', '\'', '"'])
        && !code.contains(':')
    {
        let end = Span {
            start: line.end,
            end: line.end,
        };
        return problem(end, "a `:` is missing at the end of the line");
    }
    generic(node, text)
}

fn node_problem(node: Node<'_>, text: &str) -> SyntaxProblem {
    if node.is_missing() && node.kind() != "identifier" {
        return problem(span(node), format!("a `{}` is missing", node.kind()));
    }
    generic(node, text)
}

/// A character that looks like another, or the place alone.
fn generic(node: Node<'_>, text: &str) -> SyntaxProblem {
    if let Some(found) = odd(node, text) {
        return found;
    }
    let mut start = node.start_byte();
    let rest = text.get(start..).unwrap_or_default();
    start += rest.len() - rest.trim_start().len();
    let line = line_at(text, start);
    let end = node.end_byte().clamp(start, line.end.max(start));
    let place = Span { start, end };
    problem(place, "its syntax is not understood from here on")
}

/// The first character outside of texts and comments that looks like another.
fn odd(node: Node<'_>, text: &str) -> Option<SyntaxProblem> {
    let within = text.get(node.start_byte()..node.end_byte())?;
    within.char_indices().find_map(|(at, char)| {
        let (what, _) = odd_character(char)?;
        let start = node.start_byte() + at;
        let end = start + char.len_utf8();
        let around = node.descendant_for_byte_range(start, end)?;
        let is_free = around.kind().contains("string") || around.kind() == "comment";
        (!is_free).then(|| problem(Span { start, end }, what))
    })
}

/// The first bracket directly in a broken node that nothing closes.
fn unclosed(node: Node<'_>) -> Option<Node<'_>> {
    let mut open: Vec<Node<'_>> = Vec::new();
    for one in all_children(node) {
        match one.kind() {
            "(" | "[" | "{" => open.push(one),
            ")" | "]" | "}" => {
                open.pop();
            }
            _ => {}
        }
    }
    open.into_iter().next()
}

/// The line of a place, without its indentation and the spaces at its end.
fn line_at(text: &str, at: usize) -> Span {
    let before = text.get(..at).unwrap_or_default();
    let start = before.rfind(['\n', '\r']).map_or(0, |found| found + 1);
    let rest = text.get(start..).unwrap_or_default();
    let line = rest.split(['\n', '\r']).next().unwrap_or_default();
    let indent = line.len() - line.trim_start().len();
    Span {
        start: start + indent,
        end: start + line.trim_end().len().max(indent),
    }
}

fn text_of_span(text: &str, span: Span) -> &str {
    text.get(span.start..span.end).unwrap_or_default()
}

/// What the grammar takes and Python 3 does not: blocks without a line, wrong indentation, statements of Python 2.
fn indentation(tree: &Tree, text: &str) -> Option<SyntaxProblem> {
    let mut found = Vec::new();
    let mut waiting = vec![tree.root_node()];
    while let Some(node) = waiting.pop() {
        match node.kind() {
            "module" | "block" => found.extend(block_problem(node, text)),
            "print_statement" | "exec_statement"
                if !children(node).iter().any(|one| one.kind() == "chevron") =>
            {
                let name = node.kind().split('_').next().unwrap_or_default();
                let what = format!("in Python 3, `{name}` is a function: `{name}(...)`");
                found.push(problem(span(node), what));
            }
            kind if CLAUSES.contains(&kind) => {
                let above = node.parent().and_then(|parent| indent(parent, text));
                let own = indent(node, text);
                if above.is_some() && own.is_some() && above != own {
                    let what = "the line is not indented as the statement that it belongs to";
                    found.push(problem(first_line(node, text), what));
                }
            }
            _ => {}
        }
        waiting.extend(children(node));
    }
    found.into_iter().min_by_key(|one| one.span)
}

fn block_problem(block: Node<'_>, text: &str) -> Option<SyntaxProblem> {
    let all = children(block).into_iter();
    let mut statements = all.filter(|one| one.kind() != "comment").peekable();
    let is_module = block.kind() == "module";
    if !is_module && statements.peek().is_none() {
        let line = block.parent().map(|parent| first_line(parent, text))?;
        return Some(problem(line, "an indented line is missing below this one"));
    }
    let mut expected = is_module.then_some("");
    for statement in statements {
        let Some(own) = indent(statement, text) else {
            continue;
        };
        if own != *expected.get_or_insert(own) {
            let what = "the line is not indented as those before it";
            return Some(problem(first_line(statement, text), what));
        }
    }
    None
}

/// The indentation of a node that is the first of its line.
fn indent<'s>(node: Node<'_>, text: &'s str) -> Option<&'s str> {
    let before = text.get(..node.start_byte())?;
    let start = before.rfind(['\n', '\r']).map_or(0, |found| found + 1);
    let before = before.get(start..)?;
    // A form feed begins the line anew.
    let before = before.rsplit('\u{c}').next().unwrap_or_default();
    before.trim().is_empty().then_some(before)
}

/// The first line of a node.
fn first_line(node: Node<'_>, text: &str) -> Span {
    let start = node.start_byte();
    let end = line_at(text, start).end.max(start);
    Span { start, end }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    /// `line:column what`, or nothing.
    fn said(language: CodeLanguage, text: &str) -> String {
        let Some(found) = find(text, language) else {
            return String::new();
        };
        let (line, column) = found.span.line_column(&Source::new("x", text));
        format!("{line}:{column} {}", found.what)
    }

    #[test]
    fn broken_python_is_found_at_its_place() {
        for (text, place) in [
            ("def f(e, c)\n    return 1\n", "1:12 a `:` is missing"),
            (
                "def f(e):\n    for i in e\n        g(i)\n",
                "2:15 a `:` is missing",
            ),
            (
                "def f(e):\n  x = 1\n    return x\n",
                "3:5 the line is not indented",
            ),
            (
                "def f(e):\n    x = 1\n   y = 2\n",
                "3:4 the line is not indented",
            ),
            ("  x = 1\n", "1:3 the line is not indented"),
            (
                "if a:\n    b\n  else:\n    c\n",
                "3:3 the line is not indented as the statement",
            ),
            ("if a:\n\tb\n        c\n", "3:9 the line is not indented"),
            ("def f(e):\nreturn 1\n", "1:1 an indented line is missing"),
            (
                "def f(e):\n    if e:\n    return 1\n",
                "2:5 an indented line is missing",
            ),
            (
                "def f(e):\n    # nothing\nx = 1\n",
                "1:1 an indented line is missing",
            ),
            (
                "x = 1\nprint 'a'\n",
                "2:1 in Python 3, `print` is a function",
            ),
            ("x = (1,\ny = 2\n", "1:5 `(` is never closed"),
            ("print('a'\n", "1:6 `(` is never closed"),
            ("x = 1\n}\n", "2:1 its syntax"),
            ("x = “a”\n", "1:5 `“` is a curly"),
            (
                "def f(e):\n\u{a0}\u{a0}x = 1\n",
                "2:1 this is a no-break space",
            ),
            ("def f(e):\n    retrun 1\n", "2:5 its syntax"),
            ("exports.handler = async () => 1\n", "1:28 its syntax"),
        ] {
            let found = said(CodeLanguage::Python(13), text);
            assert!(found.starts_with(place), "{text}: {found}");
        }
    }

    #[test]
    fn python_of_every_version_is_let_be() {
        for text in [
            "",
            "def f(e, c): return 1",
            "class A:\n  # why\n  def f(self): pass\n",
            "if a: b; c\nelif d:\n    e\nelse: f\n",
            "try:\n\tx\nexcept* A:\n\ty\nfinally:\n\tz\n",
            "for a in b:\n    c\nelse:\n    d\n",
            "match x:\n  case [a, *_] if a:\n    b\n  case {'c': d}: e\n",
            "with (open('a') as b, open('c') as d):\n    pass\n",
            "type A[T] = list[T]\ndef f[T: int](x: T) -> T: return x\n",
            "f'{x!r:>{w}} {a['b']}'\nt'{x}'\n",
            "try:\n    a\nexcept B, C:\n    d\n",
            "async def f():\n    async with a as b:\n        await c\n    async for d in e:\n        yield d\n",
            "@a\n@b(1)\ndef f(\n    e,\n  c,\n):\n        return (\n  1)\n",
            "x = '''a\n  b\n'''\ny = 1\n    # comment\nz = 2\n",
            "\u{c}def f(): pass\n\u{c}\nx = 1\n",
            "def f():\r\n    x = 1\r\n    return x\r\n",
            "print('a', file=b)\nexec('c')\nprint >>sys.stderr, 'x'\n",
            "print = 1\nmatch = case = type = 2\n",
            "# -*- coding: latin-1 -*-\n\u{fffd} = 1\n",
            "if a:\r    b\rc = 1\r",
        ] {
            assert_eq!(said(CodeLanguage::Python(14), text), "", "{text}");
        }
    }

    #[test]
    fn broken_javascript_is_found_at_its_place() {
        for (text, place) in [
            ("exports.handler = async ( => 1\n", "1:25 its syntax"),
            (
                "exports.handler = async () => {\n  return 1\n",
                "2:11 a `}` is missing",
            ),
            ("f = async () => { return 1 }}\n", "1:29 its syntax"),
            ("const a = {\n  b: 1\n  c: 2\n}\n", "3:3 its syntax"),
            ("if (x { }\n", "1:6 a `)` is missing"),
            ("const x: string = 1\n", "1:7 its syntax"),
            (
                "def handler(event, context):\n    return 1\n",
                "1:1 its syntax",
            ),
        ] {
            let found = said(CodeLanguage::Node(22), text);
            assert!(found.starts_with(place), "{text}: {found}");
        }
        for text in [
            "#!/usr/bin/env node\n'use strict'\nx ??= a?.b ?? 1_000n\n",
            "import x from './y.json' with { type: 'json' }\nawait x\nexport default x\n",
            "class A { #b = 1; static { this.c = #b in d } get e() { return `f${g`h`}` } }\n",
            "const { a, ...b } = c; label: for (const d of b) continue label\n",
            "const r = /(?<a>[/\\]])'/v; x = a / b / c\n",
        ] {
            assert_eq!(said(CodeLanguage::Node(22), text), "", "{text}");
        }
    }
}
