//! Reading `Authentication-Results` (RFC 8601, section 2.2) strictly: what is not understood proves nothing.

use super::Authentication;
use crate::address::EmailAddress;

/// One field, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Results {
    pub(super) authserv_id: String,
    methods: Vec<Method>,
}

/// One method's result with its properties (`header.d` and the like), all in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Method {
    name: String,
    result: String,
    properties: Vec<(String, String)>,
}

/// Reads a field that begins with an authserv-id.
pub(super) fn parse(value: &str) -> Option<Results> {
    let statements = statements(value)?;
    let (first, rest) = statements.split_first()?;
    // "authserv-id [version]": an id holds no "=", so a field without an id is not taken for one with.
    let authserv_id = first.first().filter(|word| !word.contains('=') && !word.is_empty())?.clone();
    if first.len() > 2 || first.iter().any(|word| word.contains('=')) {
        return None;
    }
    Some(Results { authserv_id, methods: rest.iter().filter_map(|words| method(words)).collect() })
}

/// Reads Exchange Online's dialect, which has no authserv-id.
pub(super) fn parse_without_id(value: &str) -> Option<Results> {
    let statements = statements(value)?;
    // A field that begins with an id is another server's, or a sender's.
    if !statements.first()?.first()?.contains('=') {
        return None;
    }
    let methods = statements.iter().filter_map(|words| method(words)).collect();
    Some(Results { authserv_id: String::new(), methods })
}

impl Results {
    /// Whether the author's address passes: DMARC (RFC 7489), or DKIM or SPF aligned with its organisational domain.
    pub(super) fn verdict(&self, author: &EmailAddress) -> Authentication {
        let from_other =
            |method: &Method| method.property("header.from").is_some_and(|domain| !same_organisation(domain, author));
        let dmarc: Vec<&Method> = self.methods.iter().filter(|method| method.name == "dmarc").collect();
        if dmarc.iter().any(|method| method.result == "fail" || from_other(method)) {
            return Authentication::Fail;
        }
        // DMARC that passes must say for which domain: without `header.from` it may be about another author.
        if dmarc.iter().any(|method| method.result == "pass" && method.property("header.from").is_some()) {
            return Authentication::Pass;
        }
        let aligned = |method: &&Method| {
            method.result == "pass" && method.identity().is_some_and(|d| same_organisation(d, author))
        };
        if self.methods.iter().any(|method| aligned(&method)) {
            return Authentication::Pass;
        }
        let failed = |name: &str| {
            self.methods
                .iter()
                .any(|m| m.name == name && matches!(m.result.as_str(), "fail" | "hardfail" | "permerror"))
        };
        if failed("spf") || failed("dkim") { Authentication::Fail } else { Authentication::Unknown }
    }
}

impl Method {
    fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The domain that DKIM or SPF speaks for.
    fn identity(&self) -> Option<&str> {
        let value = match self.name.as_str() {
            "dkim" => self.property("header.d").or_else(|| self.property("header.i")),
            "spf" => self.property("smtp.mailfrom"),
            _ => None,
        }?;
        Some(value.rsplit_once('@').map_or(value, |(_, domain)| domain))
    }
}

fn same_organisation(domain: &str, author: &EmailAddress) -> bool {
    let probe = EmailAddress::parse(&format!("x@{}", domain.trim_start_matches('@')));
    probe.is_ok_and(|probe| probe.organisational_domain() == author.organisational_domain())
}

fn method(words: &[String]) -> Option<Method> {
    let (first, rest) = words.split_first()?;
    let (name, result) = first.split_once('=')?;
    let name = name.split('/').next()?.to_lowercase();
    let properties =
        rest.iter().filter_map(|word| word.split_once('=')).map(|(n, v)| (n.to_lowercase(), v.to_lowercase()));
    Some(Method { name, result: result.to_lowercase(), properties: properties.collect() })
}

/// Splits a value at `;` into statements of words; comments are dropped, quoted strings kept whole without quotes,
/// white space around `=` closed. `None` where a comment or quoted string is not closed.
fn statements(value: &str) -> Option<Vec<Vec<String>>> {
    let mut all: Vec<Vec<String>> = vec![Vec::new()];
    let mut word = String::new();
    let mut depth = 0usize;
    let mut chars = value.chars();
    let flush = |word: &mut String, all: &mut Vec<Vec<String>>| {
        if word.is_empty() {
            return;
        }
        let text = std::mem::take(word);
        let Some(last) = all.last_mut() else { return };
        match last.last_mut() {
            Some(previous) if previous.ends_with('=') || text.starts_with('=') => previous.push_str(&text),
            _ => last.push(text),
        }
    };
    while let Some(c) = chars.next() {
        match c {
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            '\\' if depth > 0 => {
                chars.next()?;
            }
            _ if depth > 0 => {}
            '"' => loop {
                match chars.next()? {
                    '"' => break,
                    '\\' => word.push(chars.next()?),
                    inner => word.push(inner),
                }
            },
            ';' => {
                flush(&mut word, &mut all);
                all.push(Vec::new());
            }
            c if c.is_whitespace() => flush(&mut word, &mut all),
            c => word.push(c),
        }
    }
    flush(&mut word, &mut all);
    (depth == 0).then_some(all)
}
