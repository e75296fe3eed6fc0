//! Term: the tree that runs, compiled from the parser's tree with every function known.

use super::{
    Fault, Name, SHORTEN,
    functions::{self, Function},
};
use crate::diagnostic::{did_you_mean, nearest};
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators,
};
use regex::Regex;
use serde_json::{Number, Value};

/// Macros that stand inside macros: two are a list of lists; three are a loop that nobody bounds.
const NESTED: usize = 2;

/// Terms within each other that are evaluated, and dropped, on the stack of a server's thread.
const TALLEST: usize = 300;

/// A compiled expression.
#[derive(Debug, Clone)]
pub enum Term {
    /// A constant.
    Literal(Value),
    /// A name of the scope, or of a macro around it.
    Name(String),
    /// `x.name`
    Select(Box<Term>, String),
    /// `has(x.name)`: assigned.
    Has(Box<Term>, String),
    /// `x[y]`
    Index(Box<Term>, Box<Term>),
    /// `a ? b : c`
    Conditional(Box<[Term; 3]>),
    /// `a && b`
    And(Box<[Term; 2]>),
    /// `a || b`
    Or(Box<[Term; 2]>),
    /// `!a`
    Not(Box<Term>),
    /// `a + b` and the like, by the parser's operator name.
    Binary(Operator, Box<[Term; 2]>),
    /// `x.matches('...')` with its pattern compiled.
    Matches(Box<Term>, Regex),
    /// A function with its arguments; a receiver stands first.
    Call(&'static Function, Vec<Term>),
    /// `[a, b]`
    List(Vec<Term>),
    /// `{'a': b}`
    Map(Vec<(Term, Term)>),
    /// `all`, `exists`, `exists_one`, `map`, `filter`.
    Loop(Box<Loop>),
}

/// A binary operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `in`
    In,
}

/// A macro as the parser expands it: an accumulator over a range.
#[derive(Debug, Clone)]
pub struct Loop {
    /// What is walked.
    pub range: Term,
    /// The element's name.
    pub element: String,
    /// The accumulator's name.
    pub accumulator: String,
    /// What it begins with.
    pub begin: Term,
    /// Whether to go on.
    pub condition: Term,
    /// The next accumulator.
    pub step: Term,
    /// What comes of it.
    pub result: Term,
}

/// Compiles the parser's tree, and collects the free names.
pub fn compile(tree: &IdedExpr, source: &SourceInfo) -> Result<(Term, Vec<Name>), Fault> {
    let mut compiler =
        Compiler { source, names: Vec::new(), bound: Vec::new(), nested: 0, around: 0 };
    let term = compiler.term(tree)?;
    let mut names = compiler.names;
    names.sort_by_key(|name| name.offset);
    Ok((term, names))
}

struct Compiler<'a> {
    source: &'a SourceInfo,
    names: Vec<Name>,
    /// Names that macros around the present term bind.
    bound: Vec<String>,
    nested: usize,
    /// Terms around the present one.
    around: usize,
}

impl Compiler<'_> {
    fn offset(&self, id: u64) -> usize {
        self.source.offset_for(id).map_or(0, |(start, _)| start as usize)
    }

    fn fault(&self, id: u64, code: &'static str, message: impl Into<String>, help: &str) -> Fault {
        Fault { offset: self.offset(id), code, message: message.into(), help: help.to_owned() }
    }

    fn too_tall(&self, id: u64) -> Fault {
        self.fault(id, "M606", format!("more than {TALLEST} terms within each other"), SHORTEN)
    }

    /// The parser places a call at its bracket; a person looks at the name before it.
    fn at_name(&self, id: u64, name: &str, message: String, help: String) -> Fault {
        let bracket = self.offset(id);
        let before = self.source.source.get(..bracket).unwrap_or_default();
        let offset = before.rfind(name).unwrap_or(bracket);
        Fault { offset, code: "M605", message, help }
    }

    fn term(&mut self, tree: &IdedExpr) -> Result<Term, Fault> {
        if self.around == TALLEST {
            return Err(self.too_tall(tree.id));
        }
        self.around += 1;
        let term = self.within(tree);
        self.around -= 1;
        term
    }

    fn within(&mut self, tree: &IdedExpr) -> Result<Term, Fault> {
        if let Some((root, path, id)) = chain(tree)
            && !self.bound.iter().any(|bound| bound == root)
        {
            if self.around + path.len() > TALLEST {
                return Err(self.too_tall(tree.id));
            }
            let offset = self.offset(id);
            self.names.push(Name { root: root.to_owned(), path, offset });
            let help = "write a name with dots, such as `record.job`";
            return plain(tree).ok_or_else(|| self.fault(tree.id, "M601", "not a name", help));
        }
        match &tree.expr {
            Expr::Literal(literal) => Ok(Term::Literal(self.literal(tree.id, literal)?)),
            Expr::Ident(name) => Ok(Term::Name(name.clone())),
            Expr::Select(select) => {
                let operand = Box::new(self.term(&select.operand)?);
                Ok(match select.test {
                    true => Term::Has(operand, select.field.clone()),
                    false => Term::Select(operand, select.field.clone()),
                })
            }
            Expr::List(list) => {
                let items = list.elements.iter().map(|item| self.term(item));
                Ok(Term::List(items.collect::<Result<_, _>>()?))
            }
            Expr::Map(map) => {
                let mut entries = Vec::new();
                for entry in &map.entries {
                    let EntryExpr::MapEntry(entry) = &entry.expr else {
                        let help = "e.g. `{'kind': 'work'}`";
                        return Err(self.fault(tree.id, "M601", "expected `key: value`", help));
                    };
                    entries.push((self.term(&entry.key)?, self.term(&entry.value)?));
                }
                Ok(Term::Map(entries))
            }
            Expr::Call(call) => self.call(tree.id, call),
            Expr::Comprehension(comprehension) => self.comprehension(tree.id, comprehension),
            Expr::Struct(_) | Expr::Unspecified => {
                let help = "write a map without a name before it: `{'kind': 'work'}`";
                Err(self.fault(tree.id, "M601", "there are no message types here", help))
            }
        }
    }

    fn literal(&self, id: u64, literal: &LiteralValue) -> Result<Value, Fault> {
        Ok(match literal {
            LiteralValue::Boolean(value) => Value::Bool(*value.inner()),
            LiteralValue::Int(value) => Value::from(*value.inner()),
            LiteralValue::UInt(value) => Value::from(*value.inner()),
            LiteralValue::Double(value) => {
                Number::from_f64(*value.inner()).map_or(Value::Null, Value::Number)
            }
            LiteralValue::String(value) => Value::String(value.inner().to_owned()),
            LiteralValue::Null => Value::Null,
            LiteralValue::Bytes(_) => {
                let help = "use a text: take out the `b` before its quote";
                return Err(self.fault(id, "M601", "there are no bytes here", help));
            }
        })
    }

    fn call(&mut self, id: u64, call: &CallExpr) -> Result<Term, Fault> {
        let mut arguments = Vec::with_capacity(call.args.len() + 1);
        for argument in call.target.as_deref().into_iter().chain(&call.args) {
            arguments.push(self.term(argument)?);
        }
        let name = call.func_name.as_str();
        if let Some(term) = operator(name, &mut arguments) {
            return Ok(term);
        }
        if name == "matches" {
            return self.matches(id, arguments);
        }
        let Some(function) = functions::find(name) else {
            let near = nearest(name, functions::names());
            let help = match near {
                Some(near) => did_you_mean(near),
                None => format!("there are {}", functions::names().collect::<Vec<_>>().join(", ")),
            };
            let message = format!("function `{name}` does not exist");
            return Err(self.at_name(id, name, message, help));
        };
        if !function.takes.contains(&arguments.len()) {
            let (example, _) = function.example;
            let message = format!("`{name}` is written `{}`", function.usage);
            return Err(self.at_name(id, name, message, format!("e.g. `{example}`")));
        }
        Ok(Term::Call(function, arguments))
    }

    /// The pattern must be a constant: it is compiled once, and no vendor chooses it.
    fn matches(&self, id: u64, arguments: Vec<Term>) -> Result<Term, Fault> {
        let mut arguments = arguments.into_iter();
        let (Some(text), Some(Term::Literal(Value::String(pattern))), None) =
            (arguments.next(), arguments.next(), arguments.next())
        else {
            let message = "`matches` is written `text.matches('pattern')`";
            return Err(self.fault(id, "M605", message, "write the pattern itself, in quotes"));
        };
        match Regex::new(&pattern) {
            Ok(regex) => Ok(Term::Matches(Box::new(text), regex)),
            Err(_) => {
                let message = format!("`{pattern}` is no regular expression");
                let help = "close what opens in it; a sign that stands for itself is written `[.]`";
                Err(self.fault(id, "M601", message, help))
            }
        }
    }

    fn comprehension(&mut self, id: u64, loops: &ComprehensionExpr) -> Result<Term, Fault> {
        // What is walked is made once: a chain of macros is no nest of them.
        let range = self.term(&loops.iter_range)?;
        self.nested += 1;
        if self.nested > NESTED {
            let message = format!("macros nested more than {NESTED} deep");
            let help =
                "let one follow the other, as in `record.a.filter(a, a.on).exists(a, a.b == 1)`";
            return Err(self.fault(id, "M606", message, help));
        }
        let begin = self.term(&loops.accu_init)?;
        self.bound.push(loops.iter_var.clone());
        self.bound.push(loops.accu_var.clone());
        let condition = self.term(&loops.loop_cond)?;
        let step = self.term(&loops.loop_step)?;
        let result = self.term(&loops.result)?;
        self.bound.truncate(self.bound.len().saturating_sub(2));
        self.nested -= 1;
        let (element, accumulator) = (loops.iter_var.clone(), loops.accu_var.clone());
        let inner = Loop { range, element, accumulator, begin, condition, step, result };
        Ok(Term::Loop(Box::new(inner)))
    }
}

/// A name with the members selected from it; indexing by a literal text counts as selecting.
fn chain(tree: &IdedExpr) -> Option<(&str, Vec<String>, u64)> {
    match &tree.expr {
        Expr::Ident(name) => Some((name, Vec::new(), tree.id)),
        Expr::Select(select) => {
            let (root, mut path, id) = chain(&select.operand)?;
            path.push(select.field.clone());
            Some((root, path, id))
        }
        Expr::Call(call) if call.func_name == operators::INDEX => {
            let [operand, index] = call.args.as_slice() else { return None };
            let Expr::Literal(LiteralValue::String(member)) = &index.expr else { return None };
            let (root, mut path, id) = chain(operand)?;
            path.push(member.inner().to_owned());
            Some((root, path, id))
        }
        _ => None,
    }
}

/// A chain as a term.
fn plain(tree: &IdedExpr) -> Option<Term> {
    match &tree.expr {
        Expr::Ident(name) => Some(Term::Name(name.clone())),
        Expr::Select(select) => {
            let operand = Box::new(plain(&select.operand)?);
            Some(match select.test {
                true => Term::Has(operand, select.field.clone()),
                false => Term::Select(operand, select.field.clone()),
            })
        }
        Expr::Call(call) => {
            let [operand, index] = call.args.as_slice() else { return None };
            let Expr::Literal(LiteralValue::String(member)) = &index.expr else { return None };
            Some(Term::Select(Box::new(plain(operand)?), member.inner().to_owned()))
        }
        _ => None,
    }
}

/// The operators of the grammar; nothing when `name` is a function.
fn operator(name: &str, arguments: &mut Vec<Term>) -> Option<Term> {
    let binary = |operator, arguments: &mut Vec<Term>| {
        Some(Term::Binary(operator, Box::new(taken::<2>(arguments)?)))
    };
    match name {
        operators::CONDITIONAL => Some(Term::Conditional(Box::new(taken::<3>(arguments)?))),
        operators::LOGICAL_AND => Some(Term::And(Box::new(taken::<2>(arguments)?))),
        operators::LOGICAL_OR => Some(Term::Or(Box::new(taken::<2>(arguments)?))),
        operators::LOGICAL_NOT => Some(Term::Not(Box::new(arguments.pop()?))),
        // The parser marks loop conditions so; an error in them ends the loop here as well.
        operators::NOT_STRICTLY_FALSE => arguments.pop(),
        operators::NEGATE => {
            let zero = Term::Literal(Value::from(0));
            Some(Term::Binary(Operator::Subtract, Box::new([zero, arguments.pop()?])))
        }
        operators::INDEX => {
            let [operand, index] = taken::<2>(arguments)?;
            Some(Term::Index(Box::new(operand), Box::new(index)))
        }
        operators::ADD => binary(Operator::Add, arguments),
        operators::SUBSTRACT => binary(Operator::Subtract, arguments),
        operators::MULTIPLY => binary(Operator::Multiply, arguments),
        operators::DIVIDE => binary(Operator::Divide, arguments),
        operators::MODULO => binary(Operator::Modulo, arguments),
        operators::EQUALS => binary(Operator::Equal, arguments),
        operators::NOT_EQUALS => binary(Operator::NotEqual, arguments),
        operators::LESS => binary(Operator::Less, arguments),
        operators::LESS_EQUALS => binary(Operator::LessOrEqual, arguments),
        operators::GREATER => binary(Operator::Greater, arguments),
        operators::GREATER_EQUALS => binary(Operator::GreaterOrEqual, arguments),
        operators::IN => binary(Operator::In, arguments),
        _ => None,
    }
}

fn taken<const N: usize>(arguments: &mut Vec<Term>) -> Option<[Term; N]> {
    std::mem::take(arguments).try_into().ok()
}
