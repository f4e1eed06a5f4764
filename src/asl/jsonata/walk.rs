//! A walk over the syntax tree of an expression: what it reads, and what Step Functions does not support.

use std::collections::BTreeSet;

use jsonata_core::ast::{AstNode, BinaryOp, PathStep, Stage};

use super::names::{FUNCTIONS, bound_by, bound_by_name};
use super::{Analysis, Finding, Visible};
use crate::asl::text::suggestion;

/// The depth to which an expression is checked.
const MAX_DEPTH: usize = 200;

/// A walk over one expression.
pub(super) struct ExpressionWalk<'a> {
    text: &'a str,
    blanked: bool,
    visible: Visible,
    /// Variables bound by `:=`, parameters, `@` and `#`.
    bound: Vec<String>,
    /// Variables that the blocks around bind at any place: a function is called later, and sees them.
    bound_in_blocks: Vec<String>,
    /// The messages reported already: each is reported once.
    seen: BTreeSet<String>,
    depth: usize,
    pub found: Analysis,
}

impl<'a> ExpressionWalk<'a> {
    pub fn new(text: &'a str, visible: Visible, blanked: bool) -> Self {
        Self {
            text,
            blanked,
            visible,
            bound: Vec::new(),
            bound_in_blocks: Vec::new(),
            seen: BTreeSet::new(),
            depth: 0,
            found: Analysis::default(),
        }
    }

    /// Walks a node. At the top of an expression (`top`) there is no context value, so that names and `$`
    /// have no value.
    pub fn node(&mut self, node: &AstNode, top: bool) {
        // The recursion is limited so that it cannot overflow the stack.
        if self.depth > MAX_DEPTH {
            return;
        }
        self.depth += 1;
        self.part(node, top);
        self.depth -= 1;
    }

    fn part(&mut self, node: &AstNode, top: bool) {
        match node {
            AstNode::Path { steps } => self.path(steps, top),
            AstNode::Name(name) if top => self.no_context(name),
            // The context value.
            AstNode::Variable(name) if name.is_empty() => {
                if top {
                    self.no_context("$");
                }
            }
            AstNode::Variable(name) => self.variable(name),
            AstNode::ParentVariable(_) => {
                let help = "the state's input is `$states.input`";
                self.report(
                    true,
                    "$$",
                    "`$$` cannot be used in Step Functions".into(),
                    help.into(),
                );
            }
            AstNode::Binary { op, lhs, rhs } => self.binary(*op, lhs, rhs, top),
            AstNode::Unary { operand, .. } => self.node(operand, top),
            AstNode::Function {
                name,
                args,
                is_builtin,
            } => {
                self.function(name, *is_builtin, top);
                for arg in args {
                    self.node(arg, top);
                }
            }
            AstNode::Call { procedure, args } => {
                self.node(procedure, top);
                for arg in args {
                    self.node(arg, top);
                }
            }
            AstNode::Lambda { params, body, .. } => {
                self.scoped(|walk| {
                    walk.bound.extend(walk.bound_in_blocks.iter().cloned());
                    walk.bound.extend(params.iter().cloned());
                    walk.node(body, top);
                });
            }
            AstNode::Array(items) | AstNode::ArrayGroup(items) => {
                for item in items {
                    self.node(item, top);
                }
            }
            AstNode::Block(items) => self.block(items, top),
            AstNode::Object(pairs) => self.pairs(pairs, top),
            AstNode::ObjectTransform { input, pattern } => {
                self.node(input, top);
                self.pairs(pattern, false);
            }
            AstNode::Conditional {
                condition,
                then_branch,
                else_branch,
            } => {
                self.node(condition, top);
                self.node(then_branch, top);
                if let Some(other) = else_branch {
                    self.node(other, top);
                }
            }
            AstNode::FunctionApplication(inner) => self.node(inner, top),
            AstNode::Sort { input, terms } => {
                self.node(input, top);
                for (term, _) in terms {
                    self.node(term, false);
                }
            }
            AstNode::Transform {
                location,
                update,
                delete,
            } => {
                self.node(location, false);
                self.node(update, false);
                if let Some(delete) = delete {
                    self.node(delete, false);
                }
            }
            _ => {}
        }
    }

    fn pairs(&mut self, pairs: &[(AstNode, AstNode)], top: bool) {
        for (key, value) in pairs {
            self.node(key, top);
            self.node(value, top);
        }
    }

    fn block(&mut self, items: &[AstNode], top: bool) {
        let before = self.bound_in_blocks.len();
        self.bound_in_blocks
            .extend(items.iter().filter_map(bound_by));
        self.scoped(|walk| {
            for item in items {
                walk.node(item, top);
            }
        });
        self.bound_in_blocks.truncate(before);
    }

    /// Variables bound inside are not visible after it.
    fn scoped(&mut self, walk: impl FnOnce(&mut Self)) {
        let before = self.bound.len();
        walk(self);
        self.bound.truncate(before);
    }

    fn path(&mut self, steps: &[PathStep], top: bool) {
        self.scoped(|walk| {
            for (index, step) in steps.iter().enumerate() {
                walk.node(&step.node, top && index == 0);
                walk.bound
                    .extend(step.focus.iter().chain(&step.index_var).cloned());
                for stage in &step.stages {
                    match stage {
                        Stage::Filter(filter) => walk.node(filter, false),
                        Stage::Index(name) => walk.bound.push(name.clone()),
                        Stage::KeepArray => {}
                    }
                }
            }
        });
        if let Some(AstNode::Variable(first)) = steps.first().map(|step| &step.node)
            && first == "states"
            && !self.bound.iter().any(|name| name == "states")
        {
            let names: Vec<&str> = steps[1..]
                .iter()
                .map_while(|step| match &step.node {
                    AstNode::Name(name) => Some(name.as_str()),
                    _ => None,
                })
                .collect();
            self.states(&names);
        }
    }

    /// A path in `$states`.
    fn states(&mut self, names: &[&str]) {
        let Some(field) = names.first() else {
            return;
        };
        let needle = format!("$states.{field}");
        match *field {
            "input" => {}
            "context" => {
                let (from, to) = self.place(&format!("$states.{}", names.join(".")));
                let path = names[1..].iter().map(|name| (*name).to_owned()).collect();
                self.found.contexts.push((path, from, to));
            }
            "result" if self.visible.result => {}
            "result" => self.report(
                true,
                &needle,
                "there is no `$states.result` here".into(),
                "only `Output` and `Assign` of a Task, Parallel or Map state see a result; elsewhere use `$states.input`".into(),
            ),
            "errorOutput" if self.visible.error => {}
            "errorOutput" => self.report(
                true,
                &needle,
                "there is no `$states.errorOutput` here".into(),
                "only `Output` and `Assign` of a catcher see the error: keep it there in a variable".into(),
            ),
            other => {
                let known = ["input", "result", "errorOutput", "context"];
                let help = match suggestion(other, known) {
                    Some(meant) => format!("did you mean `$states.{meant}`?"),
                    None => "`$states` has input, result, errorOutput and context".to_owned(),
                };
                self.report(true, &needle, format!("`$states` has no field `{other}`"), help);
            }
        }
    }

    fn binary(&mut self, op: BinaryOp, lhs: &AstNode, rhs: &AstNode, top: bool) {
        match op {
            BinaryOp::ColonEqual => {
                self.scoped(|walk| {
                    // A function may call itself by its name.
                    if matches!(rhs, AstNode::Lambda { .. }) {
                        walk.bound.extend(bound_by_name(lhs));
                    }
                    walk.node(rhs, top);
                });
                match lhs {
                    AstNode::Variable(name) if name == "states" => {
                        let message = "`$states` is reserved and cannot be bound".to_owned();
                        self.report(true, "$states", message, "take another name".into());
                    }
                    AstNode::Variable(name) => self.bound.push(name.clone()),
                    _ => {
                        let message = "only a variable can come before `:=`".to_owned();
                        self.report(true, ":=", message, "write `$name := ...`".into());
                    }
                }
                return;
            }
            BinaryOp::Coalesce | BinaryOp::Default => {
                let (sign, instead) = match op {
                    BinaryOp::Coalesce => ("??", "`$exists(a) ? a : b`"),
                    _ => ("?:", "`a ? a : b`"),
                };
                self.report(
                    true,
                    sign,
                    format!(
                        "the operator `{sign}` is newer than the JSONata of Step Functions, 2.0.6"
                    ),
                    format!("write {instead}"),
                );
            }
            _ => {}
        }
        self.node(lhs, top);
        self.node(rhs, top);
    }

    fn function(&mut self, name: &str, with_sign: bool, top: bool) {
        // A field of the context value may hold a function.
        let may_be_field = !with_sign && !top && !FUNCTIONS.contains(&name);
        if self.is_blank(name) || may_be_field {
            return;
        }
        let called = format!("${name}");
        if !with_sign {
            let help = match suggestion(name, FUNCTIONS.iter().copied()) {
                Some(meant) => format!("did you mean `${meant}(...)`?"),
                None => format!("write `${name}(...)`"),
            };
            let message =
                format!("`{name}(...)` calls no function: names of functions begin with `$`");
            return self.report(top, name, message, help);
        }
        if self.bound.iter().any(|bound| bound == name) || FUNCTIONS.contains(&name) {
            return;
        }
        if name == "eval" {
            let message = "Step Functions has no `$eval`".to_owned();
            return self.report(
                true,
                &called,
                message,
                "`$parse` reads JSON from a text".into(),
            );
        }
        let help = match suggestion(name, FUNCTIONS.iter().copied()) {
            Some(meant) => format!("did you mean `${meant}`?"),
            None => "a variable of the workflow cannot hold a function: bind one here with `:=`"
                .to_owned(),
        };
        self.report(
            false,
            &called,
            format!("there is no function `{called}`"),
            help,
        );
    }

    fn variable(&mut self, name: &str) {
        let known = name == "states"
            || self.is_blank(name)
            || self.bound.iter().any(|bound| bound == name)
            || FUNCTIONS.contains(&name);
        if !known && !self.found.variables.iter().any(|(seen, _, _)| seen == name) {
            let (from, to) = self.place(&format!("${name}"));
            self.found.variables.push((name.to_owned(), from, to));
        }
    }

    /// Whether a name stands for a reference; the shortest, `${a}`, has four bytes.
    fn is_blank(&self, name: &str) -> bool {
        self.blanked && name.len() >= 4 && name.chars().all(|letter| letter == 'x')
    }

    fn no_context(&mut self, name: &str) {
        if self.is_blank(name) {
            return;
        }
        let help = match name {
            "$" => "the state's input is `$states.input`".to_owned(),
            "states" => "write `$states`".to_owned(),
            _ => format!(
                "write `$states.input.{name}` for a field of the input, `${name}` for a variable"
            ),
        };
        let message = format!("`{name}` has no meaning at the top of an expression");
        self.report(true, name, message, help);
    }

    fn report(&mut self, certain: bool, needle: &str, message: String, help: String) {
        if !self.seen.insert(message.clone()) {
            return;
        }
        let (from, to) = self.place(needle);
        self.found.findings.push(Finding {
            certain,
            from,
            to,
            message,
            help,
        });
    }

    /// The first occurrence of a name as a whole word: the syntax tree has no places.
    fn place(&self, needle: &str) -> (usize, usize) {
        let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let alone = |at: usize| {
            let before = self.text[..at].chars().next_back();
            let after = self.text[at + needle.len()..].chars().next();
            let starts_word = word(needle.chars().next());
            let ends_word = word(needle.chars().next_back());
            let named = starts_word && (word(before) || matches!(before, Some('$' | '.')));
            let longer_sign = needle == "$" && (word(after) || after == Some('$'));
            !(named || longer_sign || ends_word && word(after))
        };
        let found = self
            .text
            .match_indices(needle)
            .map(|(at, _)| at)
            .find(|at| alone(*at));
        match found.or_else(|| self.text.find(needle)) {
            Some(at) => (at, at + needle.len()),
            None => (0, self.text.len()),
        }
    }
}
