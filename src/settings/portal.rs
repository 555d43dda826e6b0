//! `[portal]`: where partners outside read what is for them.

use super::build::Builder;
use super::{Settings, SettingsError, Web, shape};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Where the portal listens when nothing is said.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8026);
/// Minutes without a request after which a partner's session ends.
const DEFAULT_IDLE_MINUTES: i64 = 20;
/// Hours after which any session of a partner ends.
const DEFAULT_SESSION_HOURS: i64 = 8;

/// The portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portal {
    /// Where it listens, how long its sessions last, and a proxy that is believed.
    pub web: Web,
    /// Where it is reached from outside, where that is not the `public_url` of the whole.
    pub public_url: Option<String>,
}

impl Settings {
    /// Where partners reach the portal; `None`: no link to it is minted.
    pub fn portal_url(&self) -> Option<&str> {
        let portal = self.portal.as_ref()?;
        portal.public_url.as_deref().or(self.public_url.as_deref())
    }

    /// What is allowed of the portal and still worth a word.
    pub(super) fn portal_warnings(&self) -> Vec<String> {
        let Some(portal) = &self.portal else { return Vec::new() };
        let mut warnings = Vec::new();
        if self.portal_url().is_none() {
            warnings.push(
                "the portal has no public url, so that no link to it is sent and no message waits there; add `public_url = \
                 \"https://…\"` to `[portal]`"
                    .to_owned(),
            );
        }
        let is_https = self.portal_url().is_some_and(|url| url.starts_with("https://"));
        if !portal.web.listen.ip().is_loopback() && !is_https {
            warnings.push(
                "the portal listens beyond this machine and speaks no TLS; put a proxy with TLS before it, and name it in \
                 the `public_url` of `[portal]` as `https://…`"
                    .to_owned(),
            );
        }
        warnings
    }
}

impl Builder<'_> {
    /// The portal: there where `[portal]` stands in the file, or where the environment says where it listens.
    pub(super) fn portal(
        &self,
        shape: Option<shape::Portal>,
        web: Option<&Web>,
    ) -> Result<Option<Portal>, SettingsError> {
        const LISTEN: &str = "MAILCLERK_PORTAL_LISTEN";
        if shape.is_none() && self.variable(LISTEN).is_none() {
            return Ok(None);
        }
        let shape = shape.unwrap_or_default();
        let written = shape.listen.clone();
        let listen = self.chosen(LISTEN, shape.listen, "portal.listen", super::web::listen)?.unwrap_or(DEFAULT_LISTEN);
        if let (Some(written), true) = (&written, web.is_some_and(|web| web.listen == listen)) {
            let error = self.at(written, "portal.listen", "the console listens there already");
            return Err(error.remedy("give the portal a port of its own").into());
        }
        let usual = (DEFAULT_IDLE_MINUTES, DEFAULT_SESSION_HOURS);
        let (idle, longest) = self.lengths("portal", shape.idle_minutes, shape.session_hours, usual)?;
        if let Some(header) = shape.proxy.as_ref().and_then(|proxy| proxy.get_ref().user_header.as_ref()) {
            let error = self.at(header, "portal.proxy.user_header", "partners sign in with their own passphrase");
            return Err(error.remedy("remove it; `address_header` may stay").into());
        }
        let proxy = shape.proxy.map(|proxy| self.proxy(proxy, listen)).transpose()?;
        let written = shape.public_url.clone();
        let public_url =
            shape.public_url.map(|url| self.value(&url, "portal.public_url", super::build::public_url)).transpose()?;
        if let (Some(written), Some(url)) = (&written, &public_url)
            && url.split_once("://").is_some_and(|(_, rest)| rest.contains('/'))
        {
            let error = self.at(written, "portal.public_url", "the portal has a host of its own, without a path");
            return Err(error.remedy("write it like `https://portal.example.com`").into());
        }
        Ok(Some(Portal { web: Web { listen, idle, longest, proxy }, public_url }))
    }
}
