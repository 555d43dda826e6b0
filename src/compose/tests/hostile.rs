//! What a mail must never say: member data in plain mail, numbers and birth dates, and markup that a requester wrote.

use super::*;
use crate::words::MemberName;
use proptest::prelude::*;

/// Puts `canary` into every field that is a member's or a requester's.
fn with_canaries(context: &mut Context, canary: &str) {
    for value in context.fields.values_mut() {
        *value = format!("{canary} {value}");
    }
    context.original_subject = format!("{canary} subject");
    context.canonical_subject = Some(format!("{canary}, Sam Alpha"));
    context.member = Some(MemberName { last: canary.into(), first: canary.into() });
    context.specialist = Some(canary.into());
    context.words = Some(format!("{canary} words"));
    context.request = Some(format!("{canary} request\n{canary}"));
    context.attachments = vec![canary.into()];
    if let Some(requester) = context.requester.as_mut() {
        requester.name = Some(canary.into());
    }
    if let Some(bounce) = context.bounce.as_mut() {
        bounce.address = canary.into();
    }
    for command in &mut context.commands {
        command.command = canary.into();
        command.outcome = canary.into();
    }
}

#[test]
fn plain_mail_repeats_nothing() {
    let desk = desk();
    let mut seen_in_full = 0;
    for mut sample in samples(&desk) {
        with_canaries(&mut sample, "Canary");
        for template in outward() {
            let plain = letter(template, Variant::Plain, &sample);
            for part in [&plain.subject, &plain.text, &plain.html] {
                assert!(!part.contains("Canary") && !part.contains("value%20of"), "{template}:\n{part}");
            }
            seen_in_full += usize::from(letter(template, Variant::Full, &sample).text.contains("Canary"));
        }
    }
    assert!(seen_in_full > 100, "the canary is where it should be: {seen_in_full}");
}

#[test]
fn no_number_and_no_birth_date_goes_out() {
    let desk = desk();
    for mut sample in samples(&desk) {
        with_canaries(&mut sample, "123-45-6789 DOB 01/02/1950");
        for template in Template::ALL.iter().filter(|template| **template != Template::Digest) {
            let letter = letter(*template, Variant::Full, &sample);
            for part in [&letter.subject, &letter.text, &letter.html] {
                assert!(!part.contains("6789") && !part.contains("1950"), "{template}:\n{part}");
            }
        }
    }
}

/// What the tags and links of a page are, without the words.
fn markup(html: &str) -> Vec<String> {
    let tag = regex::Regex::new(r"<[^>]*>").unwrap();
    tag.find_iter(html)
        .map(|found| found.as_str().split("href=\"mailto:").next().unwrap_or_default().to_owned())
        .filter(|tag| tag != "<br>")
        .collect()
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<script>alert(1)</script>".to_owned()),
        Just("<img src=https://evil.example.com/x.png>".to_owned()),
        Just("![x](https://evil.example.com/x.png)".to_owned()),
        Just("[x](javascript:alert)".to_owned()),
        Just("<https://evil.example.com>".to_owned()),
        Just("**bold** `code` # head".to_owned()),
        Just("\r\nBcc: victim@example.com\r\n\r\n".to_owned()),
        Just("\n\n# head\n\n- item\n\n> quote\n\n```\n1. one\n    code\n".to_owned()),
        Just("{{ desk }} {% include \"x\" %}".to_owned()),
        Just("&lt;b&gt; &#60; \\ \\\\ * _ ~ | $ ^".to_owned()),
        Just("]\u{202e}(\u{200b}\u{0}".to_owned()),
        "\\PC{0,12}",
        "[ \\t\\n*_<>&\\[\\]()#`\\\\-]{0,12}",
    ];
    proptest::collection::vec(piece, 1..6).prop_map(|pieces| format!("x{}x", pieces.join(" ")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// A hostile value gives the same tags as a harmless one: it is text, wherever it stands.
    #[test]
    fn hostile_values_never_become_markup(value in hostile()) {
        for template in Template::ALL.iter().filter(|template| **template != Template::Digest) {
            let (mut tame, mut wild) = (returned(), returned());
            // One paragraph each way: what was quoted keeps its line ends, so it is compared by itself below.
            let flat = clean::fold(&value);
            with_canaries(&mut tame, "tame");
            with_canaries(&mut wild, &flat);
            // Staff's own words may hold links.
            wild.words = tame.words.clone();
            let (tame, wild) = (letter(*template, Variant::Full, &tame), letter(*template, Variant::Full, &wild));
            prop_assert_eq!(markup(&tame.html), markup(&wild.html), "{} {}", template, wild.text);
            for part in [&wild.text, &wild.html] {
                prop_assert!(!part.contains("evil.example.com"), "{part}");
            }
            prop_assert!(!wild.subject.contains(|c: char| c.is_control()));
        }
    }

    #[test]
    fn hostile_lines_stay_inside_their_quote(value in hostile()) {
        let quoted = clean::text(&value);
        let html = html::render(&format!("before\n\n{}\n\nafter", markdown::quote(&quoted)));
        let inner: Vec<String> = markup(&html).into_iter().filter(|tag| !tag.starts_with("<p") && tag != "</p>").collect();
        prop_assert_eq!(inner.len(), 2, "{}", html);
        let html = html::render(&markdown::paragraphs(&quoted));
        prop_assert!(markup(&html).iter().all(|tag| tag.starts_with("<p") || tag == "</p>"), "{}", html);
    }

    #[test]
    fn subjects_and_links_hold_no_control_characters(value in "\\PC{0,40}", control in "[\\x00-\\x1f\\x7f\u{85}\u{2028}]") {
        let desk = desk();
        let mut context = returned();
        with_canaries(&mut context, &format!("{value}{control}{value}"));
        context.canonical_subject = None;
        for variant in Variant::ALL {
            let subject = subject::subject(&desk, *variant, &context);
            prop_assert!(!subject.contains(|c: char| c.is_control()), "{subject:?}");
            let link = mailto(&desk, *variant, &context).url;
            prop_assert!(link.bytes().all(|b| b.is_ascii_graphic()) && link.len() <= mailto::LINK_CHARACTERS, "{link:?}");
            prop_assert_eq!(link.matches('?').count(), 1);
            prop_assert_eq!(link.matches('&').count(), 1);
        }
    }
}
