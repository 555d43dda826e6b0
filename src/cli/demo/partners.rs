//! The demo's portal: after the rehearsal the desk opens it, what waited for agents outside goes there, and the mails
//! that say so leave with a link each.

use super::post::Post;
use super::{Failure, settings};
use crate::desk::SecureWay;
use crate::settings::Web;
use crate::words::Template;
use crate::worker::{OpenMailbox, Worker};
use anyhow::{Context, ensure};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

/// Looks at the policy files until a change of them is taken up: one to know them, two to see them settled.
const LOOKS: usize = 3;

/// An agent outside, and the mail that tells them of a message in the portal.
pub(super) struct Invited {
    /// Their address.
    pub(super) address: String,
    /// The mail's file, in `outgoing`.
    pub(super) file: String,
    /// The link in it.
    pub(super) link: String,
    /// How many such mails went out.
    pub(super) mails: usize,
}

/// Gives the demo's settings a portal on this machine, where the environment or its default says.
pub(super) fn add_portal(config: &Path) -> Result<Web, Failure> {
    let text = std::fs::read_to_string(config).context("failed to read the demo's settings")?;
    let write = |lines: &str| {
        std::fs::write(config, format!("{text}\n[portal]\n{lines}")).context("failed to write the demo's settings")
    };
    write("")?;
    let portal = settings::read_existing(config)?.portal.context("the demo's settings have no portal")?;
    let listen = portal.web.listen;
    write(&format!("listen = \"{listen}\"\npublic_url = \"{}\"\n", url(listen)))?;
    Ok(portal.web)
}

/// How a browser on this machine reaches it.
fn url(listen: SocketAddr) -> String {
    match listen.ip().to_canonical() {
        IpAddr::V4(ip) if ip.is_loopback() => format!("http://{ip}:{}", listen.port()),
        _ => format!("http://localhost:{}", listen.port()),
    }
}

/// Turns the desks' secure way from none to the portal, as an operator does, and lets go what waited for one.
pub(super) async fn open_way(
    worker: &Worker,
    mailboxes: &mut [OpenMailbox],
    post: &Post<'_>,
) -> anyhow::Result<Option<Invited>> {
    worker.reload_desks().await?;
    for desk in worker.desks.all() {
        let file = post.folder.join("desks").join(format!("{}.toml", desk.id));
        let policy = std::fs::read_to_string(&file).with_context(|| format!("failed to read {}", file.display()))?;
        std::fs::write(&file, through_portal(&policy))
            .with_context(|| format!("failed to write {}", file.display()))?;
    }
    for _ in 0..LOOKS {
        worker.reload_desks().await?;
    }
    let is_open = worker.desks.all().iter().all(|desk| desk.secure.way == SecureWay::Portal);
    ensure!(is_open, "the demo's desks did not take up their portal");
    worker.once(mailboxes, None).await?;
    let mut notices = post.sent()?;
    notices.retain(|one| one.template == Template::PortalNotice.as_str());
    let mails = notices.len();
    let Some(newest) = notices.pop() else { return Ok(None) };
    let address = newest.message.to.first().context("a notice went to nobody")?.address.to_string();
    let link = link_in(&newest.message.body.text).context("a notice has no link")?;
    Ok(Some(Invited { address, file: newest.file, link, mails }))
}

/// The link of a mail's text.
fn link_in(text: &str) -> Option<String> {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')');
    text.split(is_end).find(|word| word.starts_with("http") && word.contains("/open/")).map(str::to_owned)
}

/// A policy whose table `[secure]` names the portal.
fn through_portal(policy: &str) -> String {
    let mut is_secure = false;
    let told = policy.lines().map(|line| {
        if line.trim_start().starts_with('[') {
            is_secure = line.trim() == "[secure]";
        }
        let is_way = is_secure && line.split('=').next().is_some_and(|key| key.trim() == "way");
        format!("{}\n", if is_way { "way = \"portal\"" } else { line })
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::{through_portal, url};

    #[test]
    fn only_the_way_of_the_table_is_changed() {
        let policy = "way = 1\n[secure]\nautomatic = \"plain\"\nway = \"none\"\n[[secure.partner]]\nway = \"none\"\n";
        let told = "way = 1\n[secure]\nautomatic = \"plain\"\nway = \"portal\"\n[[secure.partner]]\nway = \"none\"\n";
        assert_eq!(through_portal(policy), told);
    }

    #[test]
    fn the_portal_is_reached_from_this_machine() {
        for (listen, reached) in [
            ("127.0.0.1:8026", "http://127.0.0.1:8026"),
            ("0.0.0.0:9000", "http://localhost:9000"),
            ("[::1]:9000", "http://localhost:9000"),
        ] {
            assert_eq!(url(listen.parse().unwrap()), reached);
        }
    }
}
