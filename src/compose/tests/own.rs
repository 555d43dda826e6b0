//! Templates of a desk's own.

use super::*;
use crate::desk::OwnTemplates;
use std::sync::Arc;

#[test]
fn faults_of_own_templates_are_found_and_mended_for_the_moment() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("receipt.md", "Subject: {{ subject }}\n\nHello\n\n{{ numbr }}\n");
    write("redirect.md", "Subject: {{ subject }}\n\n{% for topic in topics %}\n{{ topic.guidence }}\n{% endfor %}\n");
    write("duplicate.plain.md", "Subject: {{ subject }}\n\n{{ member }}\n");
    write("answer.md", "Hello\n");
    write("closing.md", "Subject: x\n\n{% if %}\n");
    write("recipt.md", "Subject: x\n\nx\n");
    write("layout.html", "<p>{{ subject }}</p>");
    let desk = Desk { templates: Some(Arc::new(OwnTemplates::read(folder.path()))), ..desk() };
    let faults = check(&desk);
    for (file, line, reason, remedy) in [
        ("receipt.md", 5, "there is no variable numbr", "did you mean number?"),
        ("redirect.md", 4, "undefined", "did you mean guidance?"),
        ("duplicate.plain.md", 3, "there is no variable member", "no member data"),
        ("answer.md", 0, "the first line is not 'Subject: …'", ""),
        ("closing.md", 3, "syntax error", ""),
        ("recipt.md", 0, "no template is called so", "receipt.md"),
        ("layout.html", 0, "does not print the mail", "{{ body }}"),
    ] {
        let found = faults.iter().find(|fault| fault.file.ends_with(file));
        let found = found.unwrap_or_else(|| panic!("no fault in {file}: {faults:#?}"));
        assert!(
            found.line == line && found.reason.contains(reason) && found.remedy.contains(remedy),
            "{file}: {found}"
        );
    }
    let letter = render(&desk, Template::Receipt, Variant::Full, &full(&desk)).unwrap();
    assert!(letter.text.contains("received"), "the shipped receipt is used");
}

#[test]
fn an_own_template_replaces_one_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("closing.md"),
        "Subject: {{ subject }}\n\nDone{% if member %}, {{ member }}{% endif %}.\n",
    )
    .unwrap();
    let desk = Desk { templates: Some(Arc::new(OwnTemplates::read(folder.path()))), ..desk() };
    assert_eq!(check(&desk), Vec::new());
    assert_eq!(render(&desk, Template::Closing, Variant::Full, &full(&desk)).unwrap().text, "Done, Sam Sample.\n");
    assert!(render(&desk, Template::Receipt, Variant::Full, &full(&desk)).unwrap().text.contains("received"));
}

#[test]
fn a_desk_points_to_what_it_likes_in_one_mail_and_outside_too() {
    let pointer = "See [the guides](https://guides.example.com/start).".to_owned();
    let desk = Desk { pointers: [(Template::Receipt, pointer)].into(), ..desk() };
    for variant in [Variant::Full, Variant::Plain] {
        let receipt = render(&desk, Template::Receipt, variant, &full(&desk)).unwrap();
        assert!(receipt.text.contains("the guides"), "{variant}: {}", receipt.text);
        assert!(receipt.html.contains("href=\"https://guides.example.com/start\""), "{variant}: {}", receipt.html);
    }
    let closing = render(&desk, Template::Closing, Variant::Full, &full(&desk)).unwrap();
    assert!(!closing.text.contains("guides"), "{}", closing.text);
}
