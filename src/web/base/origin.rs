//! Which hosts and origins are ours.
//!
//! A page on another site can make a browser send us requests (cross-site request forgery), and a name that was made to
//! point to this machine can make a browser take us for that site (DNS rebinding). So the `Host` must be ours, and what
//! is posted must come from our own pages by what the browser says; the form's token is asked for besides.

use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};
use std::net::{IpAddr, SocketAddr};

/// What is ours.
#[derive(Clone, Debug)]
pub(super) struct Ours {
    listen: IpAddr,
    /// `host` or `host:port` of the public url, in lower case.
    public: Option<String>,
    /// Whether the public url is `https`.
    pub(super) is_https: bool,
}

impl Ours {
    pub(super) fn new(listen: SocketAddr, public_url: Option<&str>) -> Self {
        let authority = |url: &str| {
            let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
            rest.split('/').next().unwrap_or_default().to_ascii_lowercase()
        };
        Self {
            listen: listen.ip(),
            public: public_url.map(authority),
            is_https: public_url.is_some_and(|url| url.starts_with("https://")),
        }
    }

    /// Whether a request with these headers is for us: the public name, this machine's own, or the address itself, which
    /// no name can be made to point to.
    pub(super) fn has_our_host(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
        let Ok(host) = host.to_str() else { return false };
        let host = host.to_ascii_lowercase();
        if self.public.as_deref().is_some_and(|public| public == host || name_of(public) == host) {
            return true;
        }
        let name = name_of(&host);
        if name == "localhost" {
            return self.listen.is_loopback() || self.listen.is_unspecified();
        }
        let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        address.is_ok_and(|address| {
            self.listen.is_unspecified()
                || address == self.listen
                || (self.listen.is_loopback() && address.is_loopback())
        })
    }

    /// Whether what is posted comes from one of our own pages, as far as the browser says. Our pages send no referrer,
    /// so that browsers say `Origin: null` of them; then only `Sec-Fetch-Site` tells, which every browser of today sends.
    pub(super) fn is_own_post(&self, headers: &HeaderMap) -> bool {
        if let Some(site) = headers.get("sec-fetch-site") {
            return site == "same-origin";
        }
        let Some(origin) = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok()) else { return true };
        if origin == "null" {
            return true;
        }
        let authority = origin.split_once("://").map_or("", |(_, rest)| rest).to_ascii_lowercase();
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
        authority == host || self.public.as_deref().is_some_and(|public| public == authority)
    }
}

/// A host without its port.
fn name_of(host: &str) -> &str {
    match host.strip_prefix('[').and_then(|rest| rest.find(']')) {
        Some(end) => host.get(..end + 2).unwrap_or(host),
        None => host.split(':').next().unwrap_or(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_our_own_hosts_are_ours() {
        let at = |listen: &str, public: Option<&str>| Ours::new(listen.parse().unwrap(), public);
        let (inside, outside) = (at("127.0.0.1:8025", None), at("0.0.0.0:8025", Some("https://Desk.example.com/x")));
        for (host, is_inside, is_outside) in [
            ("127.0.0.1:8025", true, true),
            ("localhost:8025", true, true),
            ("LOCALHOST", true, true),
            ("[::1]:8025", true, true),
            ("10.0.0.9:8025", false, true),
            ("desk.example.com", false, true),
            ("desk.example.com:8025", false, false),
            ("desk.example.com.evil.net", false, false),
            ("evil.net:8025", false, false),
            ("localhost.evil.net", false, false),
            ("", false, false),
        ] {
            let headers = headers(&[("host", host)]);
            assert_eq!(inside.has_our_host(&headers), is_inside, "{host} inside");
            assert_eq!(outside.has_our_host(&headers), is_outside, "{host} outside");
        }
        assert!(!inside.has_our_host(&HeaderMap::new()));
    }

    #[test]
    fn posts_of_other_sites_are_told_apart() {
        let ours = Ours::new("127.0.0.1:8025".parse().unwrap(), Some("https://desk.example.com"));
        for (more, is_own) in [
            (&[][..], true),
            (&[("origin", "http://127.0.0.1:8025")], true),
            (&[("origin", "https://desk.example.com")], true),
            (&[("origin", "http://127.0.0.1:9000")], false),
            (&[("origin", "https://evil.net")], false),
            (&[("origin", "null")], true),
            (&[("origin", "null"), ("sec-fetch-site", "same-origin")], true),
            (&[("origin", "null"), ("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "none")], false),
        ] {
            let all = [&[("host", "127.0.0.1:8025")], more].concat();
            assert_eq!(ours.is_own_post(&headers(&all)), is_own, "{more:?}");
        }
    }
}
