//! The names that mail programs give to header fields when they quote a mail, in the languages we know.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a header line of a quoted mail says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum HeaderKind {
    From,
    Date,
    To,
    Subject,
    /// `Cc`, `Reply-To`, `Importance`, `Attachments` …: counted, never needed.
    Other,
}

/// One language a line: English, German, French, Spanish, Portuguese, Italian, Dutch, Polish, Swedish, Danish, Norwegian,
/// Finnish, Czech, Russian and Ukrainian, Japanese, Chinese, Korean, Turkish, Hungarian, Romanian, Greek, Vietnamese.
const LABELS: &[(HeaderKind, &[&str])] = &[
    (
        HeaderKind::From,
        &[
            "from",
            "von",
            "absender",
            "de",
            "expéditeur",
            "remitente",
            "remetente",
            "da",
            "mittente",
            "van",
            "afzender",
            "od",
            "nadawca",
            "från",
            "avsändare",
            "fra",
            "afsender",
            "avsender",
            "lähettäjä",
            "odesílatel",
            "odosielateľ",
            "от",
            "от кого",
            "отправитель",
            "від",
            "від кого",
            "差出人",
            "送信者",
            "送信元",
            "发件人",
            "寄件者",
            "寄件人",
            "發件人",
            "보낸 사람",
            "보낸사람",
            "발신",
            "kimden",
            "gönderen",
            "feladó",
            "de la",
            "expeditor",
            "από",
            "αποστολέας",
            "từ",
            "người gửi",
        ],
    ),
    (
        HeaderKind::Date,
        &[
            "sent",
            "date",
            "date sent",
            "sent at",
            "sent on",
            "gesendet",
            "gesendet am",
            "datum",
            "envoyé",
            "envoyé le",
            "date d'envoi",
            "message du",
            "enviado",
            "enviado el",
            "enviado a las",
            "fecha",
            "enviado em",
            "enviada em",
            "enviada",
            "data",
            "inviato",
            "data invio",
            "inviata",
            "verzonden",
            "verzonden op",
            "wysłano",
            "wysłane",
            "data wysłania",
            "skickat",
            "skickades",
            "sendt",
            "dato",
            "lähetetty",
            "päivämäärä",
            "päiväys",
            "odesláno",
            "dne",
            "отправлено",
            "дата",
            "надіслано",
            "送信日時",
            "日付",
            "日時",
            "送信日",
            "发送时间",
            "发送日期",
            "日期",
            "時間",
            "时间",
            "傳送時間",
            "寄件日期",
            "보낸 날짜",
            "보낸날짜",
            "날짜",
            "발송일",
            "gönderildi",
            "gönderme tarihi",
            "gönderilme tarihi",
            "tarih",
            "elküldve",
            "küldve",
            "dátum",
            "küldés időpontja",
            "trimis",
            "trimis la",
            "data trimiterii",
            "εστάλη",
            "στάλθηκε",
            "ημερομηνία",
            "đã gửi",
            "ngày",
            "ngày gửi",
            "gửi",
            "gửi lúc",
        ],
    ),
    (
        HeaderKind::To,
        &[
            "to",
            "an",
            "à",
            "a",
            "pour",
            "para",
            "per",
            "aan",
            "do",
            "komu",
            "till",
            "til",
            "vastaanottaja",
            "кому",
            "宛先",
            "收件人",
            "收件者",
            "받는 사람",
            "받는사람",
            "수신",
            "kime",
            "alıcı",
            "címzett",
            "către",
            "catre",
            "προς",
            "đến",
            "tới",
            "người nhận",
            "destinataire",
            "destinatario",
            "destinatário",
            "empfänger",
        ],
    ),
    (
        HeaderKind::Subject,
        &[
            "subject",
            "betreff",
            "betrifft",
            "objet",
            "sujet",
            "asunto",
            "assunto",
            "oggetto",
            "onderwerp",
            "temat",
            "ämne",
            "emne",
            "aihe",
            "předmět",
            "predmet",
            "тема",
            "件名",
            "主题",
            "主旨",
            "主題",
            "제목",
            "konu",
            "tárgy",
            "subiect",
            "θέμα",
            "chủ đề",
            "tiêu đề",
        ],
    ),
    (
        HeaderKind::Other,
        &[
            "cc",
            "bcc",
            "reply-to",
            "reply to",
            "importance",
            "priority",
            "attachments",
            "attachment",
            "sensitivity",
            "on behalf of",
            "kopie",
            "wichtigkeit",
            "anlagen",
            "antwort an",
            "copie",
            "copie à",
            "pièces jointes",
            "importance",
            "con copia",
            "cópia",
            "copia",
            "importancia",
            "importância",
            "allegati",
            "bijlagen",
            "urgentie",
            "dw",
            "kopia",
            "kopi",
            "kopio",
            "копия",
            "копія",
            "抄送",
            "副本",
            "참조",
            "bilgi",
            "másolatot kap",
            "másolat",
            "κοιν.",
            "κοινοποίηση",
            "đồng gửi",
            "organization",
            "résumé",
            "answer to",
            "responder a",
        ],
    ),
];

static KINDS: LazyLock<HashMap<&'static str, HeaderKind>> =
    LazyLock::new(|| LABELS.iter().flat_map(|(kind, names)| names.iter().map(|name| (*name, *kind))).collect());

/// A header line: what it says, and its value. `line` is as [`super::pattern::seen`] gives it.
///
/// The name may be emphasised (`*From:*`), and a tab may stand for the colon (a table's cells).
pub(super) fn header_line(line: &str) -> Option<(HeaderKind, &str)> {
    let line = line.trim_start_matches(['*', '_', ' ', '\t']);
    let (at, mark) = line.char_indices().take(28).find(|(_, c)| matches!(c, ':' | '：' | '\t'))?;
    let kind = kind_of(line.get(..at)?)?;
    let value = line.get(at + mark.len_utf8()..)?;
    Some((kind, value.trim_matches(['*', '_', ' ', '\t'])))
}

/// All header fields of a line. There is more than one where mail lost its line ends: `Von: a An: b Betreff: c`.
pub(super) fn header_fields(line: &str) -> Vec<(HeaderKind, &str)> {
    let Some((mut kind, mut value)) = header_line(line) else { return Vec::new() };
    let mut fields = Vec::new();
    let mut colons = 0;
    'field: loop {
        for (at, mark) in value.char_indices().filter(|(_, c)| matches!(c, ':' | '：')) {
            colons += 1;
            if colons > 16 {
                break 'field;
            }
            let before = value.get(..at).unwrap_or_default().trim_end();
            let name =
                before.rfind(char::is_whitespace).and_then(|space| before.get(space..)).unwrap_or_default().trim();
            if let Some(next) = kind_of(name) {
                let own = before.get(..before.len() - name.len()).unwrap_or_default();
                fields.push((kind, own.trim()));
                kind = next;
                value = value.get(at + mark.len_utf8()..).unwrap_or_default();
                continue 'field;
            }
        }
        break;
    }
    fields.push((kind, value.trim()));
    fields
}

/// What the name of a header means, if it is one.
fn kind_of(name: &str) -> Option<HeaderKind> {
    let name = name.trim_matches(['*', '_', ' ', '\t']);
    if name.is_empty() || name.len() > 60 {
        return None;
    }
    let name = name.to_lowercase().replace('’', "'");
    KINDS.get(name.as_str()).copied()
}
