//! One character of a genuine header set changed, anywhere that matters and to anything: it is believed no more.

use crate::world::{Mode, STAFF, World, message, threaded};
use mailclerk::case::LinkRole;
use mailclerk::words::Template;
use proptest::prelude::*;
use std::sync::LazyLock;

static WORLD: LazyLock<World> = LazyLock::new(World::new);

/// A change of one character.
#[derive(Clone, Debug)]
enum Change {
    Replace(char),
    Insert(char),
    Delete,
    Double,
}

fn changes() -> impl Strategy<Value = Change> {
    let odd = prop::sample::select(
        " \t;,:.=\"'()<>@\\/-_0aZ\0\r\u{1b}\u{85}\u{a0}\u{ad}\u{200b}\u{2024}\u{feff}".chars().collect::<Vec<_>>(),
    );
    let any = prop_oneof![odd, prop::char::any()].prop_filter("no line end", |c| *c != '\n');
    prop_oneof![
        any.clone().prop_map(Change::Replace),
        any.prop_map(Change::Insert),
        Just(Change::Delete),
        Just(Change::Double),
    ]
}

/// `text` changed inside, not at its ends; `None` where only the case of a letter differs.
fn changed(text: &str, at: usize, change: &Change) -> Option<String> {
    let mut chars: Vec<char> = text.chars().collect();
    let at = 1 + at % (chars.len() - 2);
    match change {
        Change::Replace(c) => chars[at] = *c,
        Change::Insert(c) => chars.insert(at, *c),
        Change::Delete => drop(chars.remove(at)),
        Change::Double => chars.insert(at, chars[at]),
    }
    let changed: String = chars.into_iter().collect();
    (!changed.eq_ignore_ascii_case(text)).then_some(changed)
}

fn role(mode: Mode, raw: &[u8]) -> Option<LinkRole> {
    WORLD.judge(mode, raw).1.belongs.map(|(_, role)| role)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_result_changed_in_one_character_proves_nothing(part in 0usize..5, at in any::<usize>(), change in changes()) {
        let mut parts = ["mx.desk.example", "dmarc", "pass", "header.from", "desk.example"].map(str::to_owned);
        let Some(other) = changed(&parts[part], at, &change) else { return Ok(()) };
        parts[part] = other;
        let [id, method, result, property, domain] = parts;
        let headers = format!("Authentication-Results: {id}; {method}={result} {property}={domain}\nFrom: {STAFF}");
        let role = role(Mode::Rfc8601, &message(&headers));
        prop_assert!(role.is_none_or(|role| role != LinkRole::Staff), "{headers:?}");
    }

    #[test]
    fn an_author_changed_in_one_character_is_somebody_else(at in any::<usize>(), change in changes(), brackets in any::<bool>()) {
        let Some(other) = changed(STAFF, at, &change) else { return Ok(()) };
        let from = if brackets { format!("Lee Stone <{other}>") } else { other };
        for mode in [Mode::Rfc8601, Mode::Microsoft365, Mode::Header] {
            let headers = format!("{}\nFrom: {from}", mode.genuine("desk.example"));
            prop_assert!(role(mode, &message(&headers)) != Some(LinkRole::Staff), "{headers:?}");
        }
    }

    #[test]
    fn a_mark_changed_in_one_character_is_none(at in any::<usize>(), change in changes(), exchange in any::<bool>()) {
        let (mode, name, value) = match exchange {
            true => (Mode::Microsoft365, "X-MS-Exchange-Organization-AuthAs", "Internal"),
            false => (Mode::Header, "X-Verified", "yes; by=mx"),
        };
        let Some(other) = changed(value, at, &change) else { return Ok(()) };
        let role = role(mode, &message(&format!("{name}: {other}\nFrom: {STAFF}")));
        prop_assert!(role != Some(LinkRole::Staff), "{other:?}");
    }

    #[test]
    fn a_token_changed_in_one_character_proves_nothing(at in any::<usize>(), change in changes()) {
        let id = WORLD.token(Template::Assignment, &WORLD.about(1), STAFF, 30);
        let (local, domain) = id.split_once('@').unwrap();
        let Some(other) = changed(local, at, &change) else { return Ok(()) };
        // White space and what is read as such may stand in an id that was folded: it is still the same.
        prop_assume!(other.chars().filter(|c| !c.is_whitespace() && *c != '\0').collect::<String>() != local);
        let role = role(Mode::None, &threaded(&format!("From: {STAFF}"), &format!("In-Reply-To: <{other}@{domain}>\n")));
        prop_assert!(role != Some(LinkRole::Staff), "{other:?}");
    }

    /// Whatever stands above or below it, a failure of the server's own is no pass.
    #[test]
    fn no_field_below_a_failure_helps(below in prop::collection::vec("[ -~]{0,60}", 0..6)) {
        let below: Vec<String> = below.iter().map(|text| format!("Authentication-Results: mx.desk.example; {text}")).collect();
        let own = "Authentication-Results: mx.desk.example; dmarc=fail header.from=desk.example";
        let headers = format!("{own}\n{}From: {STAFF}", below.iter().map(|field| format!("{field}\n")).collect::<String>());
        prop_assert_eq!(role(Mode::Rfc8601, &message(&headers)), Some(LinkRole::Stranger), "{}", headers);
    }
}
