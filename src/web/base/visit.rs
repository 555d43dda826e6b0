//! One request: its client, its session, its cookies.

use super::Site;
use crate::address::EmailAddress;
use crate::desk::access::{Access, Realm};
use crate::store::{Account, NewSession, SessionRow};
use axum::http::header::{COOKIE, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::net::IpAddr;
use std::sync::Arc;

/// Who is at the other end of the connection, as an extension of the request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// What the guard found out about a request, as an extension of it.
#[derive(Clone)]
pub(super) struct Visit(pub(super) Arc<Found>);

pub(super) struct Found {
    /// Whose site was asked.
    realm: Realm,
    /// The path and query that were asked for.
    pub(super) path: String,
    /// The client's address.
    pub(super) client: IpAddr,
    /// Whether the browser speaks TLS.
    pub(super) is_secure: bool,
    /// The session's token, its row and its account.
    pub(super) session: Option<(String, SessionRow, Account)>,
    /// The token of a browser that is not signed in.
    pub(super) visitor: Option<String>,
    /// The browser in words.
    pub(super) agent: String,
}

/// The names of our cookies: with the prefix that binds them to this host where the browser speaks TLS (RFC 6265bis,
/// section 4.1.3.2).
/// Browsers tell no two ports of a host apart, so that the portal's have names of their own.
fn session_cookie_name(realm: Realm) -> &'static str {
    match realm {
        Realm::Staff => "mailclerk",
        Realm::Partners => "mailclerk-portal",
    }
}

/// The name of the cookie of a browser that is not signed in.
fn visitor_cookie_name(realm: Realm) -> &'static str {
    match realm {
        Realm::Staff => "mailclerk-visitor",
        Realm::Partners => "mailclerk-portal-visitor",
    }
}

/// 256 fresh bits in URL-safe base64: a token that nobody guesses.
pub(super) fn fresh_token() -> anyhow::Result<String> {
    use rand::TryRng;
    let mut bits = [0; 32];
    rand::rngs::SysRng.try_fill_bytes(&mut bits).map_err(|_| anyhow::anyhow!("the system gives no random bits"))?;
    Ok(URL_SAFE_NO_PAD.encode(bits))
}

/// Our cookie of this name, where the browser sent exactly one that looks like ours.
fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(found, _)| *found == name).map(|(_, value)| value);
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let is_ours = value.len() == 43 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    is_ours.then(|| value.to_owned())
}

fn full_name(name: &str, is_secure: bool) -> String {
    format!("{}{name}", if is_secure { "__Host-" } else { "" })
}

/// A cookie that ends with the browser; an empty value takes it away.
fn set_cookie(name: &str, value: &str, is_secure: bool) -> Option<HeaderValue> {
    let name = full_name(name, is_secure);
    let secure = if is_secure { "; Secure" } else { "" };
    let gone = if value.is_empty() { "; Max-Age=0" } else { "" };
    HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{gone}")).ok()
}

impl Found {
    /// Sets, or with an empty token takes away, the cookie of the session.
    pub(super) fn session_cookie(&self, token: &str) -> Option<HeaderValue> {
        set_cookie(session_cookie_name(self.realm), token, self.is_secure)
    }

    /// Sets or takes away the cookie of a browser that is not signed in.
    pub(super) fn visitor_cookie(&self, token: &str) -> Option<HeaderValue> {
        set_cookie(visitor_cookie_name(self.realm), token, self.is_secure)
    }

    /// The token that forms of this session bear, or of this browser while it is not signed in.
    pub(super) fn form_token(&self, site: &Site) -> Option<String> {
        let (kind, token) = match (&self.session, &self.visitor) {
            (Some((token, ..)), _) => ("form of a session", token),
            (None, Some(token)) => ("form of a visitor", token),
            (None, None) => return None,
        };
        Some(site.store().keys().lookup(kind, token))
    }
}

/// Finds out about a request. Gives besides the token of a session that was begun because the proxy names who is there.
pub(super) async fn look(
    site: &Site,
    path: String,
    peer: Option<IpAddr>,
    headers: &HeaderMap,
) -> anyhow::Result<(Found, Option<String>)> {
    let proxy =
        site.web().proxy.as_ref().filter(|proxy| peer.is_some_and(|peer| proxy.from.contains(&canonical(peer))));
    let header = |name: &str| {
        let mut values = headers.get_all(name).iter();
        let (value, None) = (values.next()?.to_str().ok()?, values.next()) else { return None };
        Some(value.trim().to_owned()).filter(|value| !value.is_empty())
    };
    let told = proxy.and_then(|proxy| header(proxy.address_header.as_deref()?));
    // The last one is what the proxy itself saw; those before it are the client's own word.
    let told = told.and_then(|list| list.rsplit(',').next().and_then(|last| last.trim().parse().ok()));
    let says_https = proxy.is_some() && header("x-forwarded-proto").is_some_and(|proto| proto == "https");
    let is_secure = site.origin().is_https || says_https;
    let realm = site.realm();
    let mut found = Found {
        realm,
        path,
        client: told.or(peer.map(canonical)).unwrap_or(IpAddr::from([0, 0, 0, 0])),
        is_secure,
        session: None,
        visitor: cookie(headers, &full_name(visitor_cookie_name(realm), is_secure)),
        agent: agent_in_words(headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()),
    };
    if let Some(token) = cookie(headers, &full_name(session_cookie_name(realm), is_secure)) {
        let session = site.store().session_in(realm, &token, site.limits(), site.now()).await?;
        found.session = session.map(|(session, account)| (token, session, account));
    }
    // No proxy says who a partner is.
    let proxy = proxy.filter(|_| realm == Realm::Staff);
    let user = proxy.and_then(|proxy| header(proxy.user_header.as_deref()?));
    let begun = match user.and_then(|user| EmailAddress::parse(&user).ok()) {
        Some(user) => begin_for(site, &mut found, &user).await?,
        None => None,
    };
    Ok((found, begun))
}

/// The proxy says that `user` is there: theirs is the session, begun where there is none yet.
async fn begin_for(site: &Site, found: &mut Found, user: &EmailAddress) -> anyhow::Result<Option<String>> {
    if found.session.as_ref().is_some_and(|(_, _, account)| account.email == *user) {
        return Ok(None);
    }
    found.session = None;
    let Some(account) = site.store().account(user).await? else { return Ok(None) };
    let token = fresh_token()?;
    let desks = desks_of(site, &account);
    let new = NewSession {
        id: site.new_id(),
        token: &token,
        account: &account,
        code_step: None,
        agent: &found.agent,
        throttle: None,
        desks: &desks,
        now: site.now(),
    };
    if !site.store().begin_session(&new).await? {
        return Ok(None);
    }
    let session = site.store().session(&token, site.limits(), site.now()).await?;
    found.session = session.map(|(session, account)| (token.clone(), session, account));
    Ok(found.session.is_some().then_some(token))
}

/// The desks in whose audit trail an account's doings stand: those that it may see, or all where it sees none.
pub(super) fn desks_of(site: &Site, account: &Account) -> Vec<String> {
    let all = site.served();
    if account.role.realm() == Realm::Partners {
        return all.iter().map(|desk| desk.id.clone()).collect();
    }
    let access = Access::of(&account.email, account.role, &all);
    if access.desks.is_empty() {
        return all.iter().map(|desk| desk.id.clone()).collect();
    }
    access.desks.into_iter().map(|one| one.desk).collect()
}

/// An IPv4 address that came in IPv6's clothes, as itself.
fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// A browser in words: its kind and its system. Its own long name is not kept.
fn agent_in_words(agent: &str) -> String {
    let find = |known: &[(&str, &'static str)]| known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, is)| *is);
    let browser = find(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Chromium/", "Chromium"),
        ("Safari/", "Safari"),
    ]);
    let system = find(&[
        ("iPhone", "an iPhone"),
        ("iPad", "an iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("CrOS", "ChromeOS"),
        ("Mac OS X", "a Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("a browser on {system}"),
        (None, None) => "a browser".to_owned(),
    }
}
