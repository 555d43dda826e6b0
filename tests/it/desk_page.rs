//! `mailclerk desk doc`: the page that tells requesters how to write to a desk.

use mailclerk::cli::desk::guide;
use mailclerk::clock::Clock;
use mailclerk::desk::{Desk, FieldRole, OpenedBy, shipped};
use mailclerk::effects::explained::explain;
use mailclerk::settings::Trust;
use mailclerk::words::Decision;

fn desks() -> Vec<Desk> {
    shipped::all().expect("the shipped desks").into_values().collect()
}

#[test]
fn the_example_mail_of_each_shipped_desk_is_accepted_by_it() {
    for desk in desks() {
        let mail = guide::example::accepted(&desk).unwrap_or_else(|| panic!("{} has no example", desk.id));
        let explained =
            explain(&desk, &mail.bytes(&desk), &Trust::None, false, Clock::System.now()).expect("it is explained");
        assert_eq!(explained.judgement.decision, Decision::Accept, "{}: {:?}", desk.id, explained.judgement.reasons);
        let page = guide::markdown(&desk);
        for line in mail.text.lines().chain([mail.subject.as_str()]) {
            assert!(page.contains(line), "{}: {line}", desk.id);
        }
    }
}

#[test]
fn the_page_of_each_shipped_desk_names_all_that_it_asks_for() {
    for desk in desks() {
        let page = guide::markdown(&desk).replace('\\', "");
        let mut named: Vec<String> = vec![desk.name.clone(), desk.address.to_string(), desk.numbering.example().0];
        named.extend(desk.fields.iter().map(|field| format!("**{}**", field.label)));
        named.extend(desk.one_of.iter().map(|one| format!("**{}**", one.label)));
        named.extend(desk.types.list.iter().map(|kind| format!("**{}**", kind.name)));
        named.extend(
            desk.types.list.iter().filter(|k| k.opened_by != OpenedBy::Mail).filter_map(|k| k.guidance.clone()),
        );
        named.extend(desk.priorities.list.iter().map(|level| format!("**{}**", level.name)));
        named.extend(
            desk.topics.iter().flat_map(|topic| [topic.title[1..].to_owned(), topic.guidance.trim().to_owned()]),
        );
        named.extend(desk.lines.iter().filter_map(|line| line.phone.clone()));
        named.extend([desk.clocks.respond.to_string(), desk.clocks.update.to_string()]);
        for what in named {
            assert!(page.contains(&what.replace('\\', "")), "{}: {what}", desk.id);
        }
        for field in desk.fields.iter().filter(|field| field.required) {
            let is_type_or_level = matches!(field.role, FieldRole::Type | FieldRole::Priority);
            let needed = [format!("**{}** (always needed", field.label), format!("**{}** (needed", field.label)];
            assert!(is_type_or_level || needed.iter().any(|words| page.contains(words)), "{}: {}", desk.id, field.id);
        }
        // Whom a requester must not write to is not told.
        for staff in &desk.staff {
            assert!(!page.contains(&staff.email.to_string()), "{}", desk.id);
        }
    }
}

#[test]
fn the_html_page_fetches_nothing_and_runs_nothing() {
    for mut desk in desks() {
        desk.name = "Desk <script>alert(1)</script>".to_owned();
        let page = guide::page(&desk);
        for word in ["<script", "<img", "<link", "src=", "@import", "url(", "javascript:"] {
            assert!(!page.contains(word), "{}: {word}", desk.id);
        }
        assert!(page.contains("<h2>") && page.contains(&desk.address.to_string()), "{}", desk.id);
    }
}
