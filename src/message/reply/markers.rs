//! The lines that divide a mail from what it quotes or forwards: `-----Original Message-----` and its kin.

use super::pattern::pattern;
use regex::Regex;
use std::sync::LazyLock;

/// What a dividing line announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    /// A mail that is answered, or forwarded by Outlook, which says the same for both.
    Original,
    /// A mail that is forwarded.
    Forward,
}

/// One language a line, in the order of `header_label`.
const ORIGINAL: &str = r"original (?:message|e-?mail|appointment)|
    originalnachricht|ursprüngliche nachricht|ursprüngliche e-?mail|
    message d'origine|message original|message initial|courriel original|
    mensaje original|correo original|mensagem original|messaggio originale|
    oorspronkelijk bericht|origineel bericht|wiadomość oryginalna|oryginalna wiadomość|wiadomość źródłowa|
    ursprungligt meddelande|originalmeddelande|oprindelig (?:meddelelse|besked|mail)|opprinnelig melding|
    alkuperäinen viesti|původní zpráva|původní e-?mail|pôvodná správa|исходное сообщение|оригинальное сообщение|
    первоначальное сообщение|оригінальне повідомлення|元のメッセージ|元のメール|原始邮件|原始郵件|邮件原件|原邮件|원본 메시지|원본 메일|원본메시지|
    orijinal (?:mesaj|ileti|e-posta)|özgün (?:mesaj|ileti)|eredeti üzenet|mesaj(?:ul)? original|
    αρχικό μήνυμα|(?:tin nhắn|thư) gốc";

const FORWARD: &str = r"forwarded (?:message|by|e-?mail|mail)|forward(?:ed)? message|weitergeleitete (?:nachricht|e-?mail)|
    message (?:transféré|réexpédié)|courriel transféré|mensaje reenviado|mensagem (?:encaminhada|reencaminhada)|
    messaggio inoltrato|doorgestuurd bericht|wiadomość przekazana(?: dalej)?|przekazana wiadomość|przesłana wiadomość|
    vidarebefordrat (?:meddelande|brev)|videresendt (?:meddelelse|besked|melding|mail)|
    välitetty viesti|edelleenlähetetty viesti|přeposlaná zpráva|přeposlaný e-?mail|preposlaná správa|
    пересылаемое сообщение|переадресованное (?:сообщение|письмо)|пересланное сообщение|перенаправлене повідомлення|
    переслане повідомлення|転送(?:された)?メッセージ|転送メール|转发的?邮件|轉寄(?:的)?(?:郵件|訊息)|전달된 메시지|전달된 메일|
    (?:iletilen|yönlendirilen|yönlendirilmiş) (?:ileti|mesaj)|továbbított (?:üzenet|levél)|
    mesaj (?:redirecționat|retrimis|transmis mai departe)|προωθημένο μήνυμα|
    (?:thư|tin nhắn)(?: đã| được)? chuyển tiếp";

/// Apple Mail's opening of a forward: a line of its own without dashes.
const BEGIN_FORWARD: &str = r"begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-?mail)|
    début du message (?:réexpédié|transféré)|inicio del mensaje reenviado|início da mensagem (?:encaminhada|reencaminhada)|
    inizio (?:del )?messaggio inoltrato|begin doorgestuurd bericht|początek przekazywanej wiadomości|
    vidarebefordrat brev|start på videresendt (?:besked|melding)|(?:begynder|påbegynner) videresendt (?:besked|melding)|
    välitetty viesti alkaa|začátek přeposlané zprávy|začiatok preposlanej správy|начало переадресованного (?:сообщения|письма)|
    початок переадресованого повідомлення|転送されたメッセージ|开始转发的邮件|下面是被转发的邮件|開始轉寄郵件|전달된 메시지 시작|
    yönlendirilen ileti başlangıcı|továbbított levél kezdete|începutul mesajului redirecționat|αρχή προωθημένου μηνύματος|
    bắt đầu thư được chuyển tiếp";

fn joined(phrases: &str) -> String {
    phrases.split('\n').map(str::trim).collect()
}

static DASHED_ORIGINAL: LazyLock<Regex> = LazyLock::new(|| {
    let phrases = joined(ORIGINAL);
    pattern(&format!(
        r"(?i)^[\s*_>|]*[-_=—–~]{{2,}}\s*(?:{phrases})\s*(?:[-_=—–~]{{2,}}[\s*_:]*|:)$|^[-—–]{{1,10}}\s?\S.{{1,80}}\bwrote:\s?-{{2,}}$|^original message processed by\b"
    ))
});

static DASHED_FORWARD: LazyLock<Regex> = LazyLock::new(|| {
    let phrases = joined(FORWARD);
    pattern(&format!(r"(?i)^[\s*_>|]*[-_=—–~]{{2,}}\s*(?:{phrases})(?:\s[^-]{{1,80}})?\s*[-_=—–~]{{2,}}[\s*_:]*$"))
});

static BEGINS_FORWARD: LazyLock<Regex> = LazyLock::new(|| {
    let openings = joined(BEGIN_FORWARD);
    pattern(&format!(r"(?i)^[\s*_>|]*(?:{openings})\s*[:：]$"))
});

/// A line of one sign that divides (`________`, `-----`, `====`), three or more of it.
pub(super) static RULE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:-[- ]{2,}|_[_ ]{2,}|=[= ]{2,}|\*[* ]{2,}|—[— ]*—|–[– ]*–|[─━═]{3,})$"));

/// What a line announces, if it is a dividing line. `line` as `pattern::seen` gives it.
pub(super) fn marker(line: &str) -> Option<Marker> {
    if line.len() > 160 {
        return None;
    }
    let line = line.replace('’', "'");
    let dashed = has_two_dashes(&line);
    if (dashed && DASHED_FORWARD.is_match(&line)) || (line.ends_with([':', '：']) && BEGINS_FORWARD.is_match(&line)) {
        return Some(Marker::Forward);
    }
    let begins = line.starts_with(['-', '—', '–', 'o', 'O']);
    ((dashed || begins) && DASHED_ORIGINAL.is_match(&line)).then_some(Marker::Original)
}

/// Whether two dashes stand side by side, as in every dividing line that has any: asked first, because it is cheap.
fn has_two_dashes(line: &str) -> bool {
    let dash = |c: char| matches!(c, '-' | '_' | '=' | '—' | '–' | '~');
    line.chars().zip(line.chars().skip(1)).any(|(one, next)| dash(one) && dash(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dividing_lines_of_many_languages() {
        for line in [
            "-----Original Message-----",
            "--------------- Original Message ---------------",
            "-----Ursprüngliche Nachricht-----",
            "-------- Message d’origine --------",
            "-----Oprindelig meddelelse-----",
            "----- 元のメッセージ -----",
            "------------------ 原始邮件 ------------------",
            "-----Jane Doe/Louisville/Example wrote: -----",
        ] {
            assert_eq!(marker(line), Some(Marker::Original), "{line}");
        }
        for line in [
            "---------- Forwarded message ---------",
            "---------- Forwarded message ----------",
            "-------- Forwarded Message --------",
            "---------- Weitergeleitete Nachricht ---------",
            "Begin forwarded message:",
            "Début du message réexpédié :",
            "----- Forwarded by Jane Doe/Example on 01/02/2024 03:04 PM -----",
            "---------- 전달된 메시지 ---------",
        ] {
            assert_eq!(marker(line), Some(Marker::Forward), "{line}");
        }
        for line in [
            "------------ Member info ----------",
            "-----",
            "The original message was lost.",
            "Please forward the forwarded message",
            "---- original request ----",
        ] {
            assert_eq!(marker(line), None, "{line}");
        }
    }
}
