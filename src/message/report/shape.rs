//! Whether a mail that is no `multipart/report` is a delivery report all the same: by its sender, subject and opening.
//!
//! One sign is not enough: people forward bounces, write about them, and work at postmaster addresses.

use super::Facts;

/// Local parts that only machines send from.
pub(in super::super) fn daemon_sender(facts: &Facts) -> bool {
    let local = |m: &crate::address::Mailbox| m.address.local().to_lowercase();
    let address = facts.from.iter().map(local).any(|l| is_daemon(&l));
    let raw = || facts.header("From").chain(facts.header("Sender")).chain(facts.header("Return-Path"));
    address
        || raw().any(|value| {
            let lower = value.to_lowercase();
            let first = lower.trim().trim_start_matches(['<', '"']);
            is_daemon(first.split(['@', '>', '<', '"', ' ']).next().unwrap_or_default())
                || [
                    "mail delivery s",
                    "mail delivery failure",
                    "mailer-daemon",
                    "mail administrator",
                    "delivery subsystem",
                    "internet mail delivery",
                    "mailerdaemon",
                    "system administrator",
                    "systemadministrator",
                    "mail router",
                    "undeliverable",
                ]
                .iter()
                .any(|name| lower.contains(name))
        })
}

fn is_daemon(local: &str) -> bool {
    matches!(
        local,
        "mailer-daemon"
            | "mailerdaemon"
            | "mailer_daemon"
            | "mail-daemon"
            | "mdaemon"
            | "mmdf"
            | "mailer"
            | "maildaemon"
            | "bounce-daemon"
    ) || local.starts_with("mailer-daemon")
        || local.starts_with("microsoftexchange329e71ec88ae4615bbc36ab6ce41109e")
}

/// Addresses whose mail may be a person's or a machine's.
fn office_sender(facts: &Facts) -> bool {
    const OFFICES: &[&str] = &[
        "postmaster",
        "post_master",
        "post-master",
        "noreply",
        "no-reply",
        "no_reply",
        "donotreply",
        "do-not-reply",
        "bounce",
        "bounces",
        "root",
        "daemon",
        "mailadmin",
        "admin",
        "administrator",
        "mail",
        "smtp",
        "notification",
        "notifications",
        "postoffice",
        "mailadministrator",
        "email",
        "system",
        "mailsystem",
        "hostmaster",
    ];
    facts.from.iter().any(|m| {
        let local = m.address.local().to_lowercase();
        let local = local.split(['+', '=']).next().unwrap_or_default();
        OFFICES.contains(&local) || local.starts_with("postmaster") || local.starts_with("bounce")
    }) || facts.from.is_empty()
}

/// Whether the envelope or the sender shows that no person sent it.
pub(in super::super) fn not_a_persons(facts: &Facts) -> bool {
    facts.null_return_path() || daemon_sender(facts) || office_sender(facts)
}

/// Beginnings of subjects, lower case.
const SUBJECTS: &[&str] = &[
    "undeliver",
    "returned mail",
    "returned to sender",
    "returned e-mail",
    "mail delivery",
    "delivery status notification",
    "delivery failure",
    "delivery notification",
    "failure notice",
    "failure delivery",
    "delivery report",
    "mail status report",
    "message status",
    "non-delivery",
    "nondeliverable",
    "non delivery",
    "delivery has failed",
    "delivery delayed",
    "delayed mail",
    "mail could not",
    "message you sent blocked",
    "message delivery",
    "warning: could not send",
    "warning: message",
    "unable to deliver",
    "could not deliver",
    "delivery error",
    "mail system error",
    "mail error",
    "user unknown",
    "undelivered",
    "email delivery",
    "e-mail delivery",
    "delivery to",
    "rejected mail",
    "mail failure",
    "mail failed",
    "message failed",
    "transport returned",
    "your message could not",
    "your message to",
    "your email could not",
    "ndn:",
    "ndr:",
    "dsn:",
    "[dsn]",
    "bounce",
    "failed delivery",
    "failed mail",
    "error sending",
    "problem delivering",
    "sendmail",
    "nicht zugestellt",
    "unzustellbar",
    "zustellung",
    "nachricht nicht",
    "non remis",
    "échec de",
    "echec de",
    "remise diff",
    "no se puede entregar",
    "no se pudo entregar",
    "error de entrega",
    "mensaje no entregado",
    "mancata consegna",
    "impossibile recapitare",
    "niet te bestellen",
    "onbestelbaar",
    "kan inte",
    "kunne ikke levere",
    "toimitus",
    "nie można dostarczyć",
    "niedostarczon",
    "zwrot",
    "недоставлен",
    "не доставлен",
    "无法投递",
    "系统退信",
    "退信",
    "配信不能",
    "送信エラー",
    "メール配信",
    "não entregue",
    "falha na entrega",
    "notificação de falha",
    "kézbesíthetetlen",
    "nedoručiteln",
    "considered unsolicited",
    "message is too large",
    "message exceeds",
    "message rejected",
    "banned or potentially",
    "virus found in mail from you",
    "blocked mail",
    "host unknown",
    "unknown recipient",
    "temporarily undeliverable",
    "delay",
    "warning - delayed",
    "re: your mail",
    "your mail to",
    "transient delivery",
    "permanent delivery",
    "permanent failure",
    "mail not delivered",
    "message not delivered",
    "email not delivered",
    "message undeliverable",
    "mailbox full",
    "mailbox unavailable",
];

/// Beginnings that nothing but a report has where the sender is a postmaster or nobody, lower case.
const STRONG: &[&str] = &[
    "undeliverable",
    "returned mail",
    "returned to sender",
    "delivery status notification",
    "failure notice",
    "mail delivery failed",
    "mail delivery failure",
    "mail delivery problem",
    "delivery failure",
    "delivery notification",
    "non-delivery",
    "undelivered mail",
    "delivery failed",
    "mail system error",
    "unzustellbar",
    "non remis",
    "メールエラー通知",
    "配信不能",
    "系统退信",
    "退信",
];

/// What the text of a report says in its first lines, lower case.
const OPENINGS: &[&str] = &[
    "this is the qmail-send program",
    "this message was created automatically by",
    "this is the mail system at host",
    "this is the postfix",
    "this is an automatically generated delivery status",
    "the original message was received at",
    "your message did not reach some or all",
    "your message was not delivered",
    "your message could not be",
    "your mail message to the following",
    "could not be delivered",
    "couldn't be delivered",
    "cannot be delivered",
    "can not be delivered",
    "was not delivered",
    "wasn't delivered",
    "delivery has failed",
    "delivery failed",
    "failed to deliver",
    "unable to deliver",
    "was undeliverable",
    "is undeliverable",
    "undeliverable message",
    "undelivered",
    "permanent fatal errors",
    "transient non-fatal errors",
    "delivery to the following recipient",
    "the following recipient",
    "the following address",
    "following addresses",
    "message delivery",
    "had delivery problems",
    "mail delivery",
    "delivery attempt",
    "has not been delivered",
    "not yet been delivered",
    "will continue to try",
    "will keep trying",
    "could not send message",
    "could not deliver",
    "can't deliver",
    "cannot deliver",
    "unable to send",
    "user unknown",
    "returned to sender",
    "message has been rejected",
    "message was rejected",
    "was rejected",
    "has been blocked",
    "has been rejected",
    "the message you sent to",
    "the mail you sent",
    "the email you sent",
    "mailbox is full",
    "mailbox full",
    "address not found",
    "address couldn't be found",
    "message blocked",
    "message not delivered",
    "not delivered to",
    "didn't reach",
    "did not reach",
    "non-delivery",
    "delivery status",
    "delivery report",
    "unrouteable",
    "undeliverable",
    "the mail system",
    "the e-mail system",
    "error delivering",
    "problem delivering",
    "errors occurred",
    "an error occurred",
    "rejected your message",
    "refused",
    "returned mail",
    "transcript of session",
    "message bounced",
    "bounced",
    "failed recipient",
    "failure reason",
    "invalid recipient",
    "no such user",
    "recipient unknown",
    "nicht zugestellt",
    "konnte nicht",
    "unzustellbar",
    "n'a pas pu être",
    "n'a pas été",
    "non remis",
    "no se ha podido",
    "no se pudo",
    "no pudo ser",
    "non è stato possibile",
    "impossibile",
    "niet worden",
    "kunde inte",
    "kunne ikke",
    "nie została",
    "nie mogła",
    "не может быть",
    "не было доставлено",
    "не удалось",
    "無法",
    "无法",
    "配信でき",
    "送信できません",
    "届け",
    "配送",
    "não pôde",
    "não foi",
    "do not reply",
    "over quota",
    "exceeded",
    "spam",
    "considered unsolicited",
    "smtp error",
    "undelivered mail",
    "could not process",
    "unable to process",
];

/// Openings so particular that they need no sender: only servers write them.
const CERTAIN: &[&str] = &[
    "this is the qmail-send program",
    "this message was created automatically by mail delivery software",
    "this is the mail system at host",
    "this is the postfix program",
    "this is an automatically generated delivery status notification",
    "transcript of session follows",
    "the following addresses had permanent fatal errors",
    "the following addresses had transient non-fatal errors",
    "this report relates to a message you sent",
    "this is a delivery status notification",
    "the following message to <",
    "delivery to the following recipient failed permanently",
    "delivery to the following recipients failed",
    "your message did not reach some or all of the intended recipients",
    "this is an automatically generated message from",
    "a message that you sent could not be delivered to one or more of its recipients",
    "a message that you sent has not yet been delivered",
    "mail delivery for the following address",
    "this is an informational message: ",
    "i'm afraid i wasn't able to deliver your message",
    "hi. the mta program at",
    "we were unable to deliver your message to the following",
    "undeliverable mail from",
    "reporting-mta:",
    "final-recipient:",
    "error message below:",
];

/// The mark that shows a delivery report in free form.
pub(super) fn delivery(facts: &Facts) -> Option<&'static str> {
    let subject = facts.subject.to_lowercase();
    let subject = subject.trim_start_matches(['*', '[', '(', '"', ' ', '<', '#', '!']);
    let reply = ["re:", "fw:", "fwd:", "aw:", "wg:", "tr:", "rv:"].iter().any(|mark| subject.starts_with(mark))
        && !subject.starts_with("re: your mail");
    let subject_says = !reply && SUBJECTS.iter().any(|start| subject.starts_with(start));
    let opening = opening(facts.text);
    let opening_says = OPENINGS.iter().any(|words| opening.contains(words));
    let certain = CERTAIN.iter().any(|words| opening.contains(words));
    let (daemon, null, office) = (daemon_sender(facts), facts.null_return_path(), office_sender(facts));
    if facts.header("X-Failed-Recipients").next().is_some() && (daemon || null || office || certain) {
        return Some("X-Failed-Recipients");
    }
    if super::super::machine::vacation_subject(facts.subject) {
        return None; // Out-of-office mail has an empty path too, and speaks of messages.
    }
    let strong = !reply && STRONG.iter().any(|start| subject.starts_with(start));
    let postmaster = facts.from.iter().any(|m| m.address.local().to_lowercase().starts_with("postmaster"));
    let returns = ["message/rfc822", "text/rfc822-headers", "message/rfc822-headers"]
        .iter()
        .any(|kind| facts.root.find(kind).is_some());
    match () {
        () if daemon && (subject_says || opening_says) => Some("daemon sender"),
        () if (null || postmaster) && strong => Some("delivery report by sender and subject"),
        () if (null || office) && opening_says && returns => Some("returned message"),
        () if null && subject_says && opening_says => Some("null return path"),
        () if null && certain => Some("null return path"),
        () if office && subject_says && opening_says => Some("delivery report by subject and text"),
        () if office && certain => Some("delivery report by text"),
        () if subject_says && certain => Some("delivery report by subject and text"),
        () => None,
    }
}

/// The first lines of the text, lower case, white space folded; nothing that is quoted.
fn opening(text: &str) -> String {
    let lines = text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('>')).take(20);
    let folded: Vec<&str> = lines.flat_map(str::split_whitespace).take(400).collect();
    folded.join(" ").to_lowercase()
}
