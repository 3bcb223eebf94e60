//! TICKscript, Kapacitor's language, as much as the scripts in deploy/kapacitor use: statements, chains of nodes and their
//! properties, and lambda expressions. What it does not know is an error, so that a slip does not pass for a script.
//! Nothing here knows what a script is about: see `alerts`.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::tokens::{Token, tokens};

/// A script.
#[derive(Debug)]
pub(crate) struct Script {
    /// The database and the retention policy it is about.
    pub(crate) dbrp: (String, String),
    pub(crate) chains: Vec<Chain>,
}

/// What begins with `stream`, `batch` or a variable, and the nodes and properties that follow.
#[derive(Debug)]
pub(crate) struct Chain {
    /// The variable that it is the value of.
    pub(crate) variable: Option<String>,
    pub(crate) begins: String,
    pub(crate) nodes: Vec<Node>,
}

/// A node, with its properties.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) call: Call,
    pub(crate) properties: Vec<Call>,
}

/// A name and its arguments.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) arguments: Vec<Argument>,
}

#[derive(Debug)]
pub(crate) enum Argument {
    Text(String),
    Duration(String),
    Variable(String),
    /// An expression, token by token.
    Lambda(Vec<Token>),
}

/// The nodes there are, the properties each may have, and how many arguments each of these takes.
const NODES: [(&str, &[(&str, usize)]); 9] = [
    ("from", &[("measurement", 1), ("where", 1), ("groupBy", 2)]),
    ("query", &[("period", 1), ("every", 1), ("groupBy", 2)]),
    ("where", &[]),
    ("join", &[("as", 2), ("tolerance", 1)]),
    ("eval", &[("as", 1)]),
    ("derivative", &[("unit", 1), ("nonNegative", 0), ("as", 1)]),
    ("window", &[("period", 1), ("every", 1)]),
    ("mean", &[("as", 1)]),
    (
        "alert",
        &[
            ("id", 1),
            ("message", 1),
            ("warn", 1),
            ("warnReset", 1),
            ("crit", 1),
            ("critReset", 1),
            ("stateChangesOnly", 1),
            ("log", 1),
        ],
    ),
];
/// How many arguments each node takes itself; none where it is not listed.
const TAKING: [(&str, usize); 6] =
    [("query", 1), ("where", 1), ("join", 1), ("eval", 1), ("derivative", 1), ("mean", 1)];
/// What expressions may call, and with how many arguments.
const FUNCTIONS: [(&str, usize); 4] = [("isPresent", 1), ("float", 1), ("unixNano", 1), ("now", 0)];

impl Script {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { left: tokens(text)?.into_iter().peekable() };
        parser.name("dbrp")?;
        let database = parser.reference()?;
        parser.symbol(".")?;
        let dbrp = (database, parser.reference()?);
        let mut chains: Vec<Chain> = Vec::new();
        while parser.left.peek().is_some() {
            let chain = parser.chain()?;
            let known = |name: &str| chains.iter().any(|chain| chain.variable.as_deref() == Some(name));
            let mut used = chain.nodes.iter().flat_map(|node| &node.call.arguments);
            if !["stream", "batch"].contains(&chain.begins.as_str()) && !known(&chain.begins) {
                return Err(format!("nothing is called {}", chain.begins));
            }
            if let Some(Argument::Variable(name)) = used.find(|used| matches!(used, Argument::Variable(n) if !known(n)))
            {
                return Err(format!("nothing is called {name}"));
            }
            chains.push(chain);
        }
        Ok(Self { dbrp, chains })
    }

    /// All nodes, in order.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.chains.iter().flat_map(|chain| &chain.nodes)
    }

    /// The only node of that name.
    pub(crate) fn node(&self, name: &str) -> Option<&Node> {
        let mut found = self.nodes().filter(|node| node.call.name == name);
        found.next().filter(|_| found.next().is_none())
    }
}

impl Node {
    /// A property, if the node has it.
    pub(crate) fn property(&self, name: &str) -> Option<&Call> {
        self.properties.iter().find(|property| property.name == name)
    }
}

impl Call {
    /// The arguments that are texts.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.arguments.iter().filter_map(|argument| match argument {
            Argument::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// The expression, if it has one.
    pub(crate) fn lambda(&self) -> Option<&[Token]> {
        self.arguments.iter().find_map(|argument| match argument {
            Argument::Lambda(tokens) => Some(tokens.as_slice()),
            _ => None,
        })
    }
}

struct Parser {
    left: Peekable<IntoIter<Token>>,
}

impl Parser {
    fn next(&mut self) -> Result<Token, String> {
        self.left.next().ok_or_else(|| "it ends too early".to_owned())
    }

    fn takes(&mut self, symbol: &str) -> bool {
        self.left.next_if(|token| matches!(token, Token::Symbol(found) if found == symbol)).is_some()
    }

    fn symbol(&mut self, wanted: &str) -> Result<(), String> {
        if self.takes(wanted) { Ok(()) } else { Err(format!("{:?} where {wanted} should be", self.left.peek())) }
    }

    fn any_name(&mut self) -> Result<String, String> {
        match self.next()? {
            Token::Name(name) => Ok(name),
            other => Err(format!("{other:?} where a name should be")),
        }
    }

    fn name(&mut self, wanted: &str) -> Result<(), String> {
        let name = self.any_name()?;
        if name == wanted { Ok(()) } else { Err(format!("{name} where {wanted} should be")) }
    }

    fn reference(&mut self) -> Result<String, String> {
        match self.next()? {
            Token::Reference(name) => Ok(name),
            other => Err(format!("{other:?} where a quoted name should be")),
        }
    }

    fn chain(&mut self) -> Result<Chain, String> {
        let mut begins = self.any_name()?;
        let mut variable = None;
        if begins == "var" {
            variable = Some(self.any_name()?);
            self.symbol("=")?;
            begins = self.any_name()?;
        }
        let mut nodes = Vec::new();
        while self.takes("|") {
            let call = self.call()?;
            let Some((_, allowed)) = NODES.iter().find(|(name, _)| *name == call.name) else {
                return Err(format!("no node {}", call.name));
            };
            let taking = TAKING.iter().find(|(name, _)| *name == call.name).map_or(0, |(_, count)| *count);
            if call.arguments.len() != taking {
                return Err(format!("{} arguments of {}", call.arguments.len(), call.name));
            }
            let mut properties = Vec::new();
            while self.takes(".") {
                let property = self.call()?;
                match allowed.iter().find(|(name, _)| *name == property.name) {
                    // An alert that tells changes only may be told, besides, how often to repeat itself.
                    Some((name, count)) if *count == property.arguments.len() || *name == "stateChangesOnly" => {}
                    _ => return Err(format!("{}.{} with {:?}", call.name, property.name, property.arguments)),
                }
                properties.push(property);
            }
            nodes.push(Node { call, properties });
        }
        Ok(Chain { variable, begins, nodes })
    }

    fn call(&mut self) -> Result<Call, String> {
        let name = self.any_name()?;
        self.symbol("(")?;
        let mut arguments = Vec::new();
        while !self.takes(")") {
            if !arguments.is_empty() {
                self.symbol(",")?;
            }
            arguments.push(self.argument()?);
        }
        Ok(Call { name, arguments })
    }

    fn argument(&mut self) -> Result<Argument, String> {
        match self.next()? {
            Token::Text(text) => Ok(Argument::Text(text)),
            Token::Duration(duration) => Ok(Argument::Duration(duration)),
            Token::Name(name) if name == "lambda" => {
                self.symbol(":")?;
                let mut expression = Vec::new();
                self.expression(&mut expression)?;
                Ok(Argument::Lambda(expression))
            }
            Token::Name(name) => Ok(Argument::Variable(name)),
            other => Err(format!("{other:?} as an argument")),
        }
    }

    /// Operands with operators between them.
    fn expression(&mut self, seen: &mut Vec<Token>) -> Result<(), String> {
        loop {
            self.operand(seen)?;
            let Some(operator) = self.left.next_if(Token::is_operator) else { return Ok(()) };
            seen.push(operator);
        }
    }

    fn operand(&mut self, seen: &mut Vec<Token>) -> Result<(), String> {
        let token = self.next()?;
        seen.push(token.clone());
        match token {
            Token::Reference(_) | Token::Number(_) | Token::Text(_) => Ok(()),
            Token::Symbol(symbol) if symbol == "(" => {
                self.expression(seen)?;
                self.symbol(")")?;
                seen.push(Token::Symbol(")".to_owned()));
                Ok(())
            }
            Token::Name(function) => {
                let Some((_, count)) = FUNCTIONS.iter().find(|(name, _)| *name == function) else {
                    return Err(format!("no function {function}"));
                };
                self.symbol("(")?;
                seen.push(Token::Symbol("(".to_owned()));
                if *count == 1 {
                    self.expression(seen)?;
                }
                self.symbol(")")?;
                seen.push(Token::Symbol(")".to_owned()));
                Ok(())
            }
            other => Err(format!("{other:?} in an expression")),
        }
    }
}
