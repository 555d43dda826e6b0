//! Quote headers and forwards of each mail program and language.

use super::{Case, check, folded};
use crate::message::lines::{LineMark, MarkedLine};
use crate::message::reply::{split, split_marked};

const CASES: &[Case] = &[
    ("Gmail", "Yes.\n\nOn Mon, Apr 2, 2012 at 6:26 PM, Megan One <m@example.com> wrote:\n\n> Hi\n", "Yes."),
    (
        "Gmail, wrapped",
        "Yes.\n\nOn Mon, Aug 26, 2019 at 4:37 PM The Desk <\ndesk+123@example.com> wrote:\n\n> Hi\n",
        "Yes.",
    ),
    (
        "Gmail without marks",
        "Yes.\n\nOn Mon, Jan 1, 2024 at 10:00 AM Jane Doe <jane@example.com> wrote:\nHi there\nHow are you?",
        "Yes.",
    ),
    (
        "Gmail, bracket on the next line",
        "Ja.\n\ntir. 18. apr. 2017 kl. 13:09 skrev Test user <test@example.com\n>:\n\n> Ok.\n",
        "Ja.",
    ),
    (
        "in the paragraph",
        "I will try it today.\nOn Dec 8, 2013 2:10 PM, \"John Sullivan\" <j@example.com> wrote:\n\n> Hi",
        "I will try it today.",
    ),
    ("Apple Mail", "Yes.\n\nOn Apr 3, 2012, at 4:19 PM, bob wrote:\n\n> Hi", "Yes."),
    (
        "Apple Mail on a phone",
        "Yes\n\nSent from my iPhone\n\n> On May 17, 2017, at 01:42 PM, John Doe <doe@example.com> wrote:\n> \n> Hi",
        "Yes",
    ),
    (
        "Apple Mail over three lines",
        "Yes.\n\nOn Nov 21, 2014,\nat 10:18,\nJohn Doe <john@example.com> wrote:\n\n> Ok.",
        "Yes.",
    ),
    ("Thunderbird", "Yes.\n\nOn 04/02/2012 06:26 PM, Megan One wrote:\n> Hi", "Yes."),
    (
        "a header right below a closing",
        "I am fine.\n\nThanks,\nAlex\nOn 26.06.2014 14:41, Alexander L\nwrote:\n> Hello",
        "I am fine.",
    ),
    (
        "a header right below words",
        "Am heutigen Tage\nAm So., 1. Jan. 2023 um 17:22 Uhr schrieb John Doe <\nj@example.com>:\n\n> Hi",
        "Am heutigen Tage",
    ),
    ("bottom posting", "On 04/02/2012 06:26 PM, Megan One wrote:\n> Hi\nHello", "Hello"),
    (
        "answers between the lines",
        "On Dec 15, 2024, at 2:00 PM, Jane Doe <jane@example.com> wrote:\n> What about A?\n\nA is great.\n\n> What about B?\n\nB is not.\n",
        "A is great.\n\nB is not.",
    ),
    (
        "Outlook",
        "Yes.\n\nFrom: Jane Doe [mailto:jane@example.com]\nSent: Friday, June 27, 2014 12:06 PM\nTo: Desk\nSubject: Card\n\nHello",
        "Yes.",
    ),
    (
        "Outlook, emphasised, below a line",
        "Yes.\n\n ------------------------------\n*From:* Jane <jane@example.com>\n*Sent:* Thursday, February 09, 2012 1:36 PM\n*To:* desk@example.com\n*Subject:* Card\n\nHello",
        "Yes.",
    ),
    (
        "Outlook on a phone",
        "Yes.\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\nFrom: Jane <jane@example.com>\nSent: Friday, June 27, 2014\nTo: Desk\nSubject: Card\n\nHello",
        "Yes.",
    ),
    (
        "Outlook, wrapped headers",
        "Yes.\n\nFrom: Human Resources \n<a-really-long-address@example.com> \nSent: Monday, August 26, 2019 4:37 PM\nTo: Jane Doe <jane@example.com>;\n John Smith <john@example.com>\nSubject: Card\n\nHello",
        "Yes.",
    ),
    (
        "Original Message",
        "Yes.\n\n-----Original Message-----\nFrom: sender@example.com\nSent: Monday, December 15, 2024 3:00 PM\nTo: r@example.com\nSubject: RE: Card\n\nHello",
        "Yes.",
    ),
    (
        "Original Message without headers",
        "Yes.\n\n--------------- Original Message ---------------\n\nHello there",
        "Yes.",
    ),
    (
        "Yahoo",
        "Yes.\n\n----- Original Message -----\nFrom: \"bob@example.com\" <bob@example.com>\nTo: jane@example.com\nCc: \nSent: Monday, April 2, 2012 5:44 PM\nSubject: Card\n\nHi",
        "Yes.",
    ),
    (
        "Yahoo on the web",
        "Yes.\n\n    On Monday, January 1, 2024 at 10:00:00 AM EST, Jane Doe <jane@example.com> wrote:  \n \n Hello",
        "Yes.",
    ),
    (
        "Proton Mail",
        "Yes.\n\nSent with Proton Mail secure email.\n\nOn Monday, January 1st, 2024 at 10:00 AM, Jane <jane@example.com> wrote:\n\n> Hello",
        "Yes.",
    ),
    (
        "Hotmail",
        "Yes\n\n> Subject: Test\n> From: bob@example.com\n> To: a@example.com; b@example.com\n> Date: Mon, 2 Apr 2012 17:44:22 +0400\n> \n> Hi",
        "Yes",
    ),
    ("Zoho", "Yes.\n\n---- On Wed, 24 Feb 2021 14:02:50 +0530 john@example.com wrote ----\n\nHello", "Yes."),
    (
        "Lotus Notes",
        "Yes.\n\n-----Jane Doe/Louisville/Example wrote: -----\nTo: Bob/Example\nFrom: Jane Doe/Louisville/Example\nDate: 01/02/2024 03:04PM\nSubject: Card\n\nHello",
        "Yes.",
    ),
    (
        "Lotus Notes in a table",
        "Yes.\n\nFrom:\tJane Doe/Louisville/Example\nTo:\tBob/Example@Example\nDate:\t01/02/2024 03:04 PM\nSubject:\tCard\n\nHello",
        "Yes.",
    ),
    ("Zimbra", "Oui.\n\n- Le 2021-04-09 23:25, Toby Dupont a écrit :\n> Bonjour", "Oui."),
    ("mail.ru", "Да.\n\nThu, 26 Jun 2014 14:00:51 +0400 от Alexander L <abc@example.com>:\nПривет", "Да."),
    ("Yandex", "Да.\n\n26.06.2014, 14:41, \"Alexander L\" <a@example.com>:\nПривет", "Да."),
    ("German", "Ja.\n\nAm So., 1. Jan. 2023 um 17:22 Uhr schrieb Erika <\ne@example.com>:\n\n> Hallo", "Ja."),
    (
        "German Outlook",
        "Ja.\n\nVon: Erika Musterfrau <e@example.com>\nGesendet: Donnerstag, 23. März 2023 17:11\nAn: Desk\nBetreff: Karte\n\nHallo",
        "Ja.",
    ),
    ("French", "Oui.\n\nLe lun. 15 nov. 2021 à 19:42, Marie Dupont <m@example.com>\na écrit :\n\nBonjour", "Oui."),
    (
        "French Outlook",
        "Oui.\n\nDe : Marie <m@example.com>\nEnvoyé : jeudi 15 décembre 2016 09:35\nÀ : Desk\nObjet : Carte\n\nBonjour",
        "Oui.",
    ),
    ("Spanish", "Sí.\n\nEl lun, 1 ene 2024 a las 10:00, Ana (<ana@example.com>) escribió:\n\n> Hola", "Sí."),
    (
        "Spanish Outlook",
        "Sí.\n\nDe: Ana <ana@example.com>\nEnviado el: lunes, 1 de enero de 2024 10:00\nPara: Desk\nAsunto: Tarjeta\n\nHola",
        "Sí.",
    ),
    ("Portuguese", "Sim.\n\nEm 10 de julho de 2017 às 16:32:35, Ana (\nana@example.com) escreveu:\n\nOlá", "Sim."),
    ("Italian", "Sì.\n\nIl giorno lun 1 gen 2024 alle ore 10:00 Ana <ana@example.com> ha scritto:\n\n> Ciao", "Sì."),
    (
        "Italian Outlook",
        "Sì.\n\nDa: Ana <ana@example.com>\nInviato: martedì 3 gennaio 2017 10:35\nA: Desk\nOggetto: Tessera\n\nCiao",
        "Sì.",
    ),
    ("Dutch", "Ja.\n\nOp ma 1 jan 2024 om 10:00 schreef Ana <ana@example.com>:\n\n> Hoi", "Ja."),
    (
        "Dutch Outlook",
        "Ja.\n\nVan: Ana [mailto:ana@example.com]\nVerzonden: maandag 5 december 2016 17:00\nAan: Desk\nOnderwerp: Kaart\n\nHoi",
        "Ja.",
    ),
    ("Polish", "Tak.\n\nW dniu 2017-01-09 11:59:39 użytkownik Ana <ana@example.com> napisał:\n\nHej", "Tak."),
    (
        "Polish Outlook",
        "Tak.\n\nOd: Ana <ana@example.com>\nWysłano: środa, 1 marca 2023 12:00\nDo: Desk\nTemat: Karta\n\nHej",
        "Tak.",
    ),
    ("Swedish", "Ja.\n\nDen mån 1 jan. 2024 kl 10:00 skrev Ana <ana@example.com>:\n\n> Hej", "Ja."),
    (
        "Swedish Outlook",
        "Ja.\n\nFrån: Ana <ana@example.com>\nSkickat: den 1 januari 2024 10:00\nTill: Desk\nÄmne: Kort\n\nHej",
        "Ja.",
    ),
    ("Danish", "Nej.\n\nDen 24. nov. 2025 kl. 10.00 skrev Peter <peter@example.com>:\n\n> Hej", "Nej."),
    (
        "Danish Outlook",
        "Nej.\n\n-----Oprindelig meddelelse-----\nFra: Peter Petersen\nSendt: 24. november 2025 10:00\nTil: Anders\nEmne: Hej\n\nHej",
        "Nej.",
    ),
    ("Norwegian", "Nei.\n\nman. 1. jan. 2024 kl. 10:00 skrev Ana <ana@example.com>:\n\n> Hei", "Nei."),
    ("Finnish", "Joo.\n\nma 1. tammik. 2024 klo 10.00 Ana (ana@example.com) kirjoitti:\n\n> Hei", "Joo."),
    (
        "Finnish Outlook",
        "Joo.\n\nLähettäjä: Ana <ana@example.com>\nLähetetty: maanantai 1. tammikuuta 2024 10.00\nVastaanottaja: Desk\nAihe: Kortti\n\nHei",
        "Joo.",
    ),
    ("Czech", "Ano.\n\npo 1. 1. 2024 v 10:00 odesílatel Ana <ana@example.com> napsal:\n\n> Ahoj", "Ano."),
    ("Russian", "Да.\n\nср, 30 апр. 2025 г. в 15:19, John Doe <doe@example.com>:\n\nпривет", "Да."),
    (
        "Russian Outlook",
        "Да.\n\nОт: Ана <ana@example.com>\nОтправлено: 1 января 2024 г. 10:00\nКому: Desk\nТема: Карта\n\nПривет",
        "Да.",
    ),
    ("Japanese", "はい。\n\n2022年1月1日(金) 9:00 田中太郎 <taro@example.com>:\n> こんにちは", "はい。"),
    (
        "Japanese Outlook",
        "はい。\n\n差出人: 田中太郎 <taro@example.com>\n送信日時: 2022年1月1日 9:00\n宛先: Desk\n件名: カード\n\nこんにちは",
        "はい。",
    ),
    ("Chinese", "好的。\n\nAna <ana@example.com> 于2024年1月1日周一 10:00写道：\n\n> 你好", "好的。"),
    (
        "Chinese, QQ",
        "好的。\n\n------------------ 原始邮件 ------------------\n发件人: \"Ana\" <ana@example.com>;\n发送时间: 2024年1月1日(星期一) 上午10:00\n收件人: \"Desk\"<desk@example.com>;\n主题: 卡\n\n你好",
        "好的。",
    ),
    ("Korean", "네.\n\n2024년 1월 1일 (월) 오전 10:00, Ana <ana@example.com>님이 작성:\n\n> 안녕하세요", "네."),
    (
        "Korean Outlook",
        "네.\n\n보낸 사람: Ana <ana@example.com>\n보낸 날짜: 2024년 1월 1일 월요일 오전 10:00\n받는 사람: Desk\n제목: 카드\n\n안녕하세요",
        "네.",
    ),
    ("Turkish", "Evet.\n\nAna <ana@example.com>, 1 Oca 2024 Pzt, 10:00 tarihinde şunu yazdı:\n\n> Merhaba", "Evet."),
    (
        "Turkish Outlook",
        "Evet.\n\nKimden: Ana <ana@example.com>\nGönderildi: 1 Ocak 2024 Pazartesi 10:00\nKime: Desk\nKonu: Kart\n\nMerhaba",
        "Evet.",
    ),
    ("Hungarian", "Igen.\n\nAna <ana@example.com> ezt írta (időpont: 2024. jan. 1., H, 10:00):\n\n> Szia", "Igen."),
    ("Romanian", "Da.\n\nÎn lun., 1 ian. 2024 la 10:00, Ana <ana@example.com> a scris:\n\n> Salut", "Da."),
    ("Greek", "Ναι.\n\nΣτις Δευ 1 Ιαν 2024 στις 10:00 π.μ., ο χρήστης Ana <ana@example.com> έγραψε:\n\n> Γεια", "Ναι."),
    ("Vietnamese", "Vâng.\n\nVào Th 2, 1 thg 1, 2024 vào lúc 10:00 Ana <ana@example.com> đã viết:\n\n> Chào", "Vâng."),
    (
        "bars as quote marks",
        "Yes.\n\nOn Mon, Jan 1, 2024 at 10:00 AM Jane <jane@example.com> wrote:\n| Hello\n| there\nMore of mine.",
        "Yes.\nMore of mine.",
    ),
    (
        "a rest of a wrapped quotation",
        "Yes.\n\n> This is a quoted line that is rather long and that was wrapped by some\nmail program\n> and goes on",
        "Yes.",
    ),
    ("you wrote", "This is my reply.\n\nOn Nov 26, 2013 you wrote:\n\nThis is my quote.", "This is my reply."),
];

#[test]
fn quotations_of_all_programs() {
    check(CASES);
}

#[test]
fn a_mail_that_only_forwards_has_no_words() {
    let forwards = [
        "---------- Forwarded message ---------\nFrom: Jane Doe <jane@example.com>\nDate: Mon, Jan 1, 2024 at 10:00 AM\nSubject: Card\nTo: <desk@example.com>\n\n\nMember Name: John Smith\nHer card never came.\n\nThanks,\nJane",
        "Jane's phone: 502-555-0142\n\nBegin forwarded message:\n\n> From: Jane Doe <jane@example.com>\n> Subject: Card\n> Date: January 1, 2024 at 10:00:00 AM EST\n> To: desk@example.com\n> \n> Member Name: John Smith\n> Her card never came.\n> \n> Thanks,\n> Jane",
        "\n-----Original Message-----\nFrom: Jane Doe <jane@example.com>\nSent: Monday, January 1, 2024 10:00 AM\nTo: desk@example.com\nSubject: Card\n\nMember Name: John Smith\nHer card never came.\n\nThanks,\nJane",
        "________________________________\nVon: Jane Doe <jane@example.com>\nGesendet: Montag, 1. Januar 2024 10:00\nAn: Desk\nBetreff: Card\n\nMember Name: John Smith\nHer card never came.\n\nThanks,\nJane",
        "Thanks,\nBob Roe\n502-555-0142\n\nFrom: Jane Doe <jane@example.com> Sent: Monday, January 1, 2024 10:00 AM To: Desk Subject: Card\n\nMember Name: John Smith\nHer card never came.\n\nThanks,\nJane",
    ];
    for text in forwards {
        let split = split(text);
        let [forwarded] = split.forwarded.as_slice() else { panic!("{} forwards in {text:?}", split.forwarded.len()) };
        assert_eq!(forwarded.from.as_deref(), Some("Jane Doe <jane@example.com>"), "{text}");
        assert_eq!(forwarded.subject.as_deref(), Some("Card"), "{text}");
        assert_eq!(folded(&forwarded.visible), "Member Name: John Smith Her card never came.", "{text}");
        assert!(forwarded.text.ends_with("Jane"), "{text}");
        assert!(!forwarded.attached);
        if !text.starts_with("Jane's") {
            assert_eq!(split.visible, "", "{text}");
        }
    }
}

#[test]
fn forwards_within_forwards_are_read_four_deep() {
    let level = |n: usize| {
        format!("Words {n}\n\n---------- Forwarded message ---------\nFrom: a{n}@example.com\nSubject: s{n}\n\n")
    };
    let text: String = (0..9).map(level).collect();
    let split = split(&text);
    assert_eq!(split.visible, "Words 0");
    let subjects: Vec<_> = split.forwarded.iter().filter_map(|mail| mail.subject.as_deref()).collect();
    assert_eq!(subjects, ["s0", "s1", "s2", "s3"]);
    assert_eq!(split.forwarded.first().map(|mail| mail.visible.as_str()), Some("Words 1"));
}

#[test]
fn the_renderers_hint_of_a_quotation_counts() {
    let line = |text: &str, mark| MarkedLine { text: text.to_string(), mark };
    let lines = [
        line("Yes.", LineMark::None),
        line("On 26.06.2014 14:41, Alexander L", LineMark::None),
        line("wrote:", LineMark::None),
        line("Hello! How are you?", LineMark::Quoted),
        line("My answer.", LineMark::None),
    ];
    let split = split_marked(&lines);
    assert_eq!(folded(&split.visible), "Yes. My answer.");
    let lines = [
        line("---------- Forwarded message ---------", LineMark::Quoted),
        line("From: Jane Doe <jane@example.com>", LineMark::Quoted),
        line("Subject: Card", LineMark::Quoted),
        line("", LineMark::Quoted),
        line("Her card never came.", LineMark::Quoted),
    ];
    let split = split_marked(&lines);
    assert_eq!(split.visible, "");
    assert_eq!(split.forwarded.first().map(|mail| mail.visible.as_str()), Some("Her card never came."));
}

#[test]
fn outlooks_block_in_a_marked_division_takes_the_rest_with_it() {
    let line = |text: &str, mark| MarkedLine { text: text.to_string(), mark };
    let lines = [
        line("Yes.", LineMark::None),
        line("From: Jane Doe <jane@example.com>", LineMark::Quoted),
        line("Sent: Monday, January 1, 2024 10:00 AM", LineMark::Quoted),
        line("To: Desk", LineMark::Quoted),
        line("Subject: Card", LineMark::Quoted),
        line("", LineMark::None),
        line("Her card never came.", LineMark::None),
    ];
    let split = split_marked(&lines);
    assert_eq!(split.visible, "Yes.");
    assert_eq!(split.forwarded.first().map(|mail| mail.visible.as_str()), Some("Her card never came."));
}
