//! The words of a TICKscript.

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Name(String),
    /// In double quotes: a field or a tag.
    Reference(String),
    /// In single quotes, one or three.
    Text(String),
    Number(String),
    Duration(String),
    Symbol(String),
}

/// The symbols, the longest first.
const SYMBOLS: [&str; 16] = ["==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "=", "(", ")", ",", "|", "."];

impl Token {
    /// Whether it stands between two operands.
    pub(crate) fn is_operator(&self) -> bool {
        match self {
            Self::Symbol(symbol) => SYMBOLS[..10].contains(&symbol.as_str()),
            Self::Name(name) => ["AND", "OR"].contains(&name.as_str()),
            _ => false,
        }
    }
}

/// All of a script, without its comments.
pub(crate) fn tokens(script: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut left = script.trim_start();
    while !left.is_empty() {
        left = if let Some(comment) = left.strip_prefix("//") {
            comment.split_once('\n').map_or("", |(_, rest)| rest)
        } else {
            let (token, rest) = token(left)?;
            found.push(token);
            rest
        }
        .trim_start();
    }
    Ok(found)
}

fn token(left: &str) -> Result<(Token, &str), String> {
    for (quote, token) in [("'''", Token::Text as fn(String) -> Token), ("'", Token::Text), ("\"", Token::Reference)] {
        if let Some(rest) = left.strip_prefix(quote) {
            let (text, rest) =
                rest.split_once(quote).ok_or_else(|| format!("{quote} that does not end: {left:.30}"))?;
            return Ok((token(text.to_owned()), rest));
        }
    }
    if left.starts_with(|c: char| c.is_ascii_digit()) {
        let (digits, rest) = split(left, |c| c.is_ascii_digit() || c == '.');
        let (unit, rest) = split(rest, |c| c.is_ascii_alphabetic());
        return match unit {
            "" => Ok((Token::Number(digits.to_owned()), rest)),
            "u" | "ms" | "s" | "m" | "h" | "d" | "w" => Ok((Token::Duration(format!("{digits}{unit}")), rest)),
            _ => Err(format!("no unit of time: {unit}")),
        };
    }
    let (name, rest) = split(left, |c| c.is_ascii_alphanumeric() || c == '_');
    if !name.is_empty() {
        return Ok((Token::Name(name.to_owned()), rest));
    }
    if let Some(rest) = left.strip_prefix(':') {
        return Ok((Token::Symbol(":".to_owned()), rest));
    }
    let symbol = SYMBOLS.into_iter().find(|symbol| left.starts_with(symbol));
    let symbol = symbol.ok_or_else(|| format!("no word of a script: {left:.30}"))?;
    Ok((Token::Symbol(symbol.to_owned()), &left[symbol.len()..]))
}

fn split(text: &str, is_part: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !is_part(c)).unwrap_or(text.len()))
}
