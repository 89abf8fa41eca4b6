//! The language of template expressions: `[concat(parameters('prefix'), '-nsg')]`.

/// An expression, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    /// `'text'`, where two quotes stand for one.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A function with its arguments.
    Call(String, Vec<Self>),
    /// A member of what is before it: `.id`, `['id']`, `[0]`.
    Member(Box<Self>, Box<Self>),
}

/// Nesting that is followed; real templates have under ten.
const DEEPEST: usize = 32;

/// Takes the text between the brackets of an expression apart; `None` where it is no expression.
#[must_use]
pub(super) fn parse(text: &str) -> Option<Expression> {
    let mut parser = Parser { rest: text };
    let expression = parser.expression(0)?;
    parser.rest.trim().is_empty().then_some(expression)
}

struct Parser<'t> {
    rest: &'t str,
}

impl Parser<'_> {
    fn expression(&mut self, depth: usize) -> Option<Expression> {
        if depth > DEEPEST {
            return None;
        }
        let mut value = self.primary(depth)?;
        loop {
            if self.takes('.') {
                let name = self.word()?;
                value = Expression::Member(Box::new(value), Box::new(Expression::Text(name)));
            } else if self.takes('[') {
                let index = self.expression(depth + 1)?;
                if !self.takes(']') {
                    return None;
                }
                value = Expression::Member(Box::new(value), Box::new(index));
            } else {
                return Some(value);
            }
        }
    }

    fn primary(&mut self, depth: usize) -> Option<Expression> {
        self.rest = self.rest.trim_start();
        match self.rest.chars().next()? {
            '\'' => self.text().map(Expression::Text),
            c if c.is_ascii_digit() || c == '-' => self.number(),
            _ => {
                let name = self.word()?;
                if !self.takes('(') {
                    return None;
                }
                self.arguments(depth).map(|arguments| Expression::Call(name, arguments))
            }
        }
    }

    fn arguments(&mut self, depth: usize) -> Option<Vec<Expression>> {
        let mut arguments = Vec::new();
        if self.takes(')') {
            return Some(arguments);
        }
        loop {
            arguments.push(self.expression(depth + 1)?);
            if self.takes(')') {
                return Some(arguments);
            }
            if !self.takes(',') {
                return None;
            }
        }
    }

    fn takes(&mut self, c: char) -> bool {
        let rest = self.rest.trim_start().strip_prefix(c);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn word(&mut self) -> Option<String> {
        let text = self.rest.trim_start();
        let end =
            text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '$').unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then(|| word.to_owned())
    }

    fn number(&mut self) -> Option<Expression> {
        let end = self.rest.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        digits.parse().ok().map(Expression::Number)
    }

    fn text(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut rest = self.rest.strip_prefix('\'')?;
        loop {
            let (before, behind) = rest.split_once('\'')?;
            text.push_str(before);
            match behind.strip_prefix('\'') {
                Some(more) => {
                    text.push('\'');
                    rest = more;
                }
                None => {
                    self.rest = behind;
                    return Some(text);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Expression {
        Expression::Text(text.into())
    }

    #[test]
    fn calls_members_and_quotes_are_taken_apart() {
        let read = parse("concat(parameters('a').b[0], 'it''s', 7)").unwrap();
        let call = Expression::Call("parameters".into(), vec![text("a")]);
        let member = Expression::Member(Box::new(call), Box::new(text("b")));
        let item = Expression::Member(Box::new(member), Box::new(Expression::Number(0)));
        let expected = Expression::Call("concat".into(), vec![item, text("it's"), Expression::Number(7)]);
        assert_eq!(read, expected);
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for bad in ["", "a", "a(", "a('", "a()b", "a(,)", "'x", &"a(".repeat(5000)] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,80}") {
            let _ = parse(&text);
        }
    }
}
