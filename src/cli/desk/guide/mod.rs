//! `mailclerk desk doc`: the policy as a page that a requester can read. Every sentence is made from the policy: what
//! changes there changes here.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `form` | subject, fields, types and priorities |
//! | `promises` | times, numbers, privacy, phones, and what is handled elsewhere |
//! | `example` | a mail with invented data that the desk accepts |
//! | `value` | invented values of fields |
//! | `text` | words on their way into Markdown |

pub mod example;
mod form;
mod promises;
mod text;
mod value;

use crate::desk::Desk;
use pulldown_cmark::{Event, Parser, html};
use text::plain;

/// What makes the page readable on a screen, in the dark, on a phone and on paper; nothing is fetched.
const STYLE: &str = include_str!("style.css");

/// The page as Markdown.
pub fn markdown(desk: &Desk) -> String {
    let mut page = format!("# How to write to {}\n\n", plain(&desk.name));
    page.push_str(&promises::where_to(desk));
    for (title, text) in [
        ("The subject", form::subject(desk)),
        ("What your mail says", form::fields(desk)),
        ("How much goes into one mail", form::amount(desk)),
        ("Types of issue", form::types(desk)),
        ("Priorities", form::priorities(desk)),
        ("An example", example_of(desk)),
        ("When you hear from us", promises::times(desk)),
        ("Your case number, and how to answer", promises::numbers(desk)),
        ("Privacy", promises::privacy(desk)),
        ("What is handled elsewhere", promises::elsewhere(desk)),
        ("By phone", promises::phones(desk)),
    ] {
        if !text.is_empty() {
            page.push_str(&format!("## {title}\n\n{}\n\n", text.trim()));
        }
    }
    format!("{}\n", page.trim_end())
}

fn example_of(desk: &Desk) -> String {
    let Some(mail) = example::accepted(desk) else { return String::new() };
    let lines: String = mail.text.lines().map(|line| format!("    {line}\n")).collect();
    format!(
        "The names and numbers in it are invented.\n\n    To: {}\n    Subject: {}\n\n{lines}",
        desk.address, mail.subject
    )
}

/// The page as one HTML file that fetches nothing. HTML in the policy's own texts is left out.
pub fn page(desk: &Desk) -> String {
    let markdown = markdown(desk);
    let events = Parser::new(&markdown).filter(|event| !matches!(event, Event::Html(_) | Event::InlineHtml(_)));
    let mut body = String::new();
    html::push_html(&mut body, events);
    let title: String = desk.name.chars().filter(|sign| !matches!(sign, '<' | '>' | '&')).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>How to write to {title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
}
