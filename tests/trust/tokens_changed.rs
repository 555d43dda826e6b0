//! `trust = none`: staff's own token, and other people's, changed by whoever wants them to say more than they do.

use crate::world::{AGENT, Expect, KNOWN, Mode, Row, STAFF, World, threaded};
use mailclerk::words::Template;

pub fn rows(world: &World) -> Vec<Row> {
    let first = &world.about(1);
    let id = world.token(Template::Assignment, first, STAFF, 30);
    let (local, domain) = id.split_once('@').unwrap();
    let mut changed = parts(world, &id);
    // Every third bit, so that each part of the token has many.
    let flipped = (0..local.len()).step_by(3).map(|at| {
        let mut bytes = local.as_bytes().to_vec();
        bytes[at] ^= 1 << (at % 3);
        (format!("a bit flipped at {at}"), String::from_utf8(bytes).unwrap())
    });
    changed.extend(flipped);
    for cut in [1, 2, 5, 10, 20, 39, 40, 41, local.len() / 2] {
        changed.push((format!("{cut} cut off at its end"), local[..local.len() - cut].to_owned()));
        changed.push((format!("{cut} cut off at its beginning"), local[cut..].to_owned()));
    }
    for (name, more) in [("a zero", "0"), ("a part", ".0"), ("a MAC", &format!(".{}", "0".repeat(40))), ("a dot", ".")]
    {
        changed.push((format!("{name} behind it"), format!("{local}{more}")));
        changed.push((format!("{name} before it"), format!("{more}{local}")));
    }
    let row = |(name, local): (String, String)| {
        let thread = format!("In-Reply-To: <{local}@{domain}>\nReferences: <{KNOWN}> <{local}@{domain}>\n");
        let raw = threaded(&format!("From: Lee Stone <{STAFF}>"), &thread);
        Row { mode: Mode::None, name: format!("changed: {name}"), raw, expect: Expect::Held }
    };
    changed.into_iter().map(row).collect()
}

/// Each part of a token in place of another's.
fn parts(world: &World, id: &str) -> Vec<(String, String)> {
    let split = |id: &str| -> Vec<String> { id.split('@').next().unwrap().split('.').map(str::to_owned).collect() };
    let own = split(id);
    let mut changed = Vec::new();
    let others = [
        ("the requester's", world.token(Template::Receipt, &world.about(1), AGENT, 90)),
        ("one of the other case", world.token(Template::Nudge, &world.about(2), STAFF, 60)),
        ("an expired one", world.token(Template::Assignment, &world.about(1), STAFF, -5)),
    ];
    let names = ["form", "purpose", "case", "recipient", "expiry", "nonce", "MAC"];
    for (whose, other) in &others {
        let other = split(other);
        for (at, name) in names.iter().enumerate() {
            // Both ways: a part of theirs in ours, and of ours in theirs.
            for (into, from, way) in [(&own, &other, "in staff's"), (&other, &own, "of staff's in it")] {
                let mut mixed = into.clone();
                mixed[at].clone_from(&from[at]);
                if mixed != *into && mixed != own {
                    changed.push((format!("{whose}: {name} {way}"), mixed.join(".")));
                }
            }
        }
    }
    for (name, at, value) in [
        ("the form of tomorrow", 0, "mc2"),
        ("no form", 0, ""),
        ("the form with a key that there is not", 0, "mc1-1"),
        ("the form with a key far away", 0, "mc1-4294967295"),
        ("the form with a key too large", 0, "mc1-99999999999999999999"),
        ("the form with key 0", 0, "mc1-0"),
        ("a purpose that there is not", 1, "anything"),
        ("no purpose", 1, ""),
        ("no case", 2, "none"),
        ("no recipient", 3, ""),
        ("an expiry far away", 4, "99999999"),
        ("an expiry too large", 4, "99999999999999999999"),
        ("a negative expiry", 4, "-1"),
        ("no expiry", 4, ""),
        ("no nonce", 5, ""),
        ("no MAC", 6, ""),
        ("a MAC of zeros", 6, "0000000000000000000000000000000000000000"),
        ("a MAC too short", 6, "00000000000000000000"),
    ] {
        let mut own = own.clone();
        own[at] = value.to_owned();
        changed.push((name.to_owned(), own.join(".")));
    }
    changed
}
