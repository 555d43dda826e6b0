//! Reading `Authentication-Results` (RFC 8601, section 2.2) strictly: what is not understood proves nothing, and a
//! failure counts however it is written.

mod statement;

use super::Authentication;
use crate::address::EmailAddress;
use statement::{Method, Statement, statements};

/// Judges by the fields of the server that calls itself `id`, top first, each with whether it is written plainly.
///
/// The topmost field of that id decides (section 5: the border removes those that came from outside). One below it that
/// says that DMARC failed, or speaks of another author, takes the pass away: then the sender's are not removed.
pub(super) fn judge<'a>(
    fields: impl Iterator<Item = (&'a str, bool)>,
    id: &str,
    author: &EmailAddress,
) -> Authentication {
    let mut own = Vec::new();
    for (value, plain) in fields {
        match read(value, plain, id) {
            Reading::Own(results) => own.push(results),
            Reading::Another => {}
            // It may be the server's own, spoilt by what a sender brought into it: what stands below is no better.
            Reading::Spoilt if own.is_empty() => return Authentication::Unknown,
            Reading::Spoilt => {}
        }
    }
    conclude(&own, author)
}

/// Judges by Exchange Online's fields, which bear no id. One that begins with an id is another server's, or a sender's.
pub(super) fn judge_without_id<'a>(
    mut fields: impl Iterator<Item = (&'a str, bool)>,
    author: &EmailAddress,
) -> Authentication {
    let read = |(value, plain): (&str, bool)| match statements(value) {
        Some(statements) if plain && statements.first().is_some_and(Statement::is_method) => {
            Some(Results::of(&statements))
        }
        _ => None,
    };
    let Some(topmost) = fields.next().and_then(read) else { return Authentication::Unknown };
    let own: Vec<Results> = std::iter::once(topmost).chain(fields.filter_map(read)).collect();
    conclude(&own, author)
}

fn conclude(own: &[Results], author: &EmailAddress) -> Authentication {
    let Some((topmost, below)) = own.split_first() else { return Authentication::Unknown };
    match topmost.verdict(author) {
        Authentication::Pass if below.iter().any(|results| results.refutes(author)) => Authentication::Unknown,
        verdict => verdict,
    }
}

/// Whose a field is.
enum Reading {
    /// The server's.
    Own(Results),
    /// One that bears another id.
    Another,
    /// Names the server, and not as the server writes its name.
    Spoilt,
}

/// An id is taken only as servers write it: the field's first word, not quoted, with version 1 or none behind it. Other
/// spellings of the same id (quoted, behind a comment) are correct and written by nobody but who wants to get past a
/// border that looks for its name.
fn read(value: &str, plain: bool, id: &str) -> Reading {
    let names_it = || value.to_ascii_lowercase().contains(&id.to_ascii_lowercase());
    let spoilt = |really: bool| if really { Reading::Spoilt } else { Reading::Another };
    let Some(statements) = statements(value).filter(|_| plain) else { return spoilt(names_it()) };
    let Some((first, rest)) = statements.split_first() else { return Reading::Another };
    if !first.id().is_some_and(|found| found.eq_ignore_ascii_case(id)) {
        // Another id, as long as it is one; the field of a confused server is not looked through for a better place.
        return spoilt(first.id().is_none() && names_it());
    }
    let begins_with_it = value.get(..id.len()).is_some_and(|start| start.eq_ignore_ascii_case(id));
    if begins_with_it && first.is_current_version() { Reading::Own(Results::of(rest)) } else { Reading::Spoilt }
}

/// One field's results.
struct Results {
    methods: Vec<Method>,
}

impl Results {
    fn of(statements: &[Statement]) -> Self {
        Self { methods: statements.iter().filter_map(Statement::method).collect() }
    }

    fn of_method<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Method> {
        self.methods.iter().filter(move |method| method.name == name)
    }

    /// Whether it says that the author is forged: DMARC failed, or was asked about somebody else.
    fn refutes(&self, author: &EmailAddress) -> bool {
        let of_other = |method: &Method| method.all("header.from").any(|domain| !same_organisation(domain, author));
        self.of_method("dmarc").any(|method| method.result == "fail" || of_other(method))
    }

    /// Whether the author's address passes: DMARC (RFC 7489), or DKIM or SPF aligned with its organisational domain.
    fn verdict(&self, author: &EmailAddress) -> Authentication {
        if self.refutes(author) {
            return Authentication::Fail;
        }
        let dmarc: Vec<&Method> = self.of_method("dmarc").collect();
        let about_author =
            |method: &Method| method.one("header.from").is_some_and(|domain| same_domain(domain, author));
        match dmarc.as_slice() {
            [] => {}
            // DMARC that passes must say for which domain: without `header.from` it may be about another author.
            [one] if one.is_pass() && about_author(one) => return Authentication::Pass,
            // A sub- or superdomain of the author's: the server has read another `From` than we have.
            [one] if one.all("header.from").any(|domain| !same_domain(domain, author)) => {
                return Authentication::Unknown;
            }
            // No policy to fail by (the second is Exchange's word for it): the mechanisms speak for themselves.
            [one] if matches!(one.result.as_str(), "pass" | "none" | "bestguesspass") => {}
            // There is one DMARC result for one mail; errors prove nothing (RFC 8601, section 2.7.1).
            _ => return Authentication::Unknown,
        }
        let aligned = |method: &Method| {
            method.is_pass() && method.identity().is_some_and(|domain| same_organisation(&domain, author))
        };
        if self.methods.iter().any(aligned) {
            return Authentication::Pass;
        }
        let failed = |method: &Method| matches!(method.result.as_str(), "fail" | "hardfail" | "permerror");
        let any_failed = self.of_method("spf").chain(self.of_method("dkim")).any(failed);
        if any_failed { Authentication::Fail } else { Authentication::Unknown }
    }
}

/// A domain as the DNS has it: servers write internationalised ones either way. `None` for what is no domain, or holds
/// characters that are dropped or replaced on the way (a soft hyphen, a full-width letter): nobody registers those.
fn ascii(domain: &str) -> Option<EmailAddress> {
    let ascii = idna::domain_to_ascii(domain).ok()?;
    if !domain.is_ascii() && idna::domain_to_unicode(&ascii).0 != domain.to_lowercase() {
        return None;
    }
    (!ascii.contains('@')).then(|| EmailAddress::parse(&format!("x@{ascii}")).ok())?
}

fn same_domain(domain: &str, author: &EmailAddress) -> bool {
    ascii(domain).is_some_and(|one| ascii(author.domain()).is_some_and(|other| one == other))
}

fn same_organisation(domain: &str, author: &EmailAddress) -> bool {
    let Some((one, other)) = ascii(domain).zip(ascii(author.domain())) else { return false };
    one.organisational_domain() == other.organisational_domain()
}
