//! The demo's plan: what arrives when, and from whom.

use anyhow::{Context, anyhow, bail};
use jiff::Timestamp;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "demo"]
struct Files;

#[derive(RustEmbed)]
#[folder = "fixtures"]
#[include = "*/*.eml"]
struct Mails;

/// The whole plan.
#[derive(Debug)]
pub(super) struct Plan {
    /// The mail whose sender, specialist and supervisor are followed to the end.
    pub(super) followed: String,
    /// What happens, in order.
    pub(super) steps: Vec<Step>,
}

/// One instant, and what happens then.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) at: Timestamp,
    pub(super) what: What,
}

/// What happens.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Nothing arrives; what is due is done.
    Nothing,
    /// A mail of `fixtures/`.
    Mail(String),
    /// The sender of a mail answers the newest mail that they got.
    Reply { file: String, to_sender_of: String },
    /// A member of staff answers the newest mail of a template about a mail's case.
    Staff { file: String, template: String, about: String },
}

impl Plan {
    /// The plan that the program holds.
    pub(super) fn read() -> anyhow::Result<Self> {
        Self::parse(&file("plan.txt")?)
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let mut plan = Self { followed: String::new(), steps: Vec::new() };
        for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let of = |word: &str| word.to_owned();
            let (at, what) = match words.as_slice() {
                ["follow", mail] => {
                    plan.followed = of(mail);
                    continue;
                }
                [at] => (at, What::Nothing),
                [at, mail] => (at, What::Mail(of(mail))),
                [at, "reply", file, mail] => (at, What::Reply { file: of(file), to_sender_of: of(mail) }),
                [at, "staff", file, template, mail] => {
                    (at, What::Staff { file: of(file), template: of(template), about: of(mail) })
                }
                _ => bail!("the demo's plan has a line that cannot be read: {line}"),
            };
            let at = at.parse().map_err(|error| anyhow!("the demo's plan has no instant in `{line}`: {error}"))?;
            plan.steps.push(Step { at, what });
        }
        if plan.followed.is_empty() {
            bail!("the demo's plan names no mail to follow");
        }
        Ok(plan)
    }
}

/// A text of the folder `demo/`.
pub(super) fn file(name: &str) -> anyhow::Result<String> {
    let file = Files::get(name).with_context(|| format!("the demo lacks {name}"))?;
    Ok(String::from_utf8_lossy(&file.data).into_owned())
}

/// A mail of `fixtures/`, by its path without the ending.
pub(super) fn mail(name: &str) -> anyhow::Result<Vec<u8>> {
    let file = format!("{name}.eml");
    Ok(Mails::get(&file).with_context(|| format!("the demo lacks {file}"))?.data.into_owned())
}

#[cfg(test)]
mod tests {
    use super::{Plan, What, file, mail};

    #[test]
    fn the_plan_is_in_order_and_names_what_is_there() {
        let plan = Plan::read().unwrap();
        assert!(plan.steps.is_sorted_by_key(|step| step.at));
        mail(&plan.followed).unwrap();
        for step in &plan.steps {
            match &step.what {
                What::Nothing => {}
                What::Mail(name) => drop(mail(name).unwrap()),
                What::Reply { file: text, to_sender_of: name } | What::Staff { file: text, about: name, .. } => {
                    file(text).unwrap();
                    mail(name).unwrap();
                }
            }
            if let What::Staff { template, .. } = &step.what {
                assert!(crate::words::Template::from_word(template).is_some(), "{template}");
            }
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_is_told() {
        for (text, told) in [
            ("2026-11-23T09:05:00Z a b c d e", "cannot be read"),
            ("soon agent/mail", "no instant"),
            ("2026-11-23T09:05:00Z agent/mail", "no mail to follow"),
        ] {
            let error = Plan::parse(text).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
