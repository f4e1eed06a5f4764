//! Syntax trees of a function's code.

use tree_sitter::{Language, Node, Parser, Tree};

use crate::source::Span;

/// A larger file is generated: it is not looked at.
pub(super) const MAX_CODE_BYTES: u64 = 512 * 1024;

/// The tree of a text; `None` if the parser found something that it does not know.
pub(super) fn tree(text: &str, language: &Language) -> Option<Tree> {
    parse(text, language).filter(|tree| !tree.root_node().has_error())
}

/// The tree of a text, with nodes for what the parser does not know.
pub(super) fn parse(text: &str, language: &Language) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(language).ok()?;
    parser.parse(text, None)
}

/// The named nodes directly below a node.
pub(super) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    node.named_children(&mut node.walk()).collect()
}

/// The part of the text that a node is.
pub(super) fn text_of<'s>(node: Node<'_>, text: &'s str) -> &'s str {
    text.get(node.start_byte()..node.end_byte())
        .unwrap_or_default()
}

/// The place of a node in the text.
pub(super) fn span(node: Node<'_>) -> Span {
    Span {
        start: node.start_byte(),
        end: node.end_byte(),
    }
}
