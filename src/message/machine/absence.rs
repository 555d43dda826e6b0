//! Out-of-office mail that does not say so in its header: by its subject, and at least one other sign.

use super::super::report::{self, Facts};
use super::{auto_submitted, precedence_bulk};

/// Subjects that vacation programs put before the subject that they answer; followed by a colon or nothing.
const VACATION_PREFIXES: &[&str] = &[
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto",
    "automatic response",
    "auto response",
    "auto-response",
    "autoresponse",
    "autoresponder",
    "out of office",
    "out of the office",
    "out of office autoreply",
    "out of office reply",
    "out-of-office",
    "out of office auto reply",
    "ooo",
    "oof",
    "vacation",
    "vacation reply",
    "away",
    "automatische antwort",
    "abwesenheitsnotiz",
    "abwesenheit",
    "abwesend",
    "abwesenheitsnachricht",
    "réponse automatique",
    "reponse automatique",
    "absence du bureau",
    "message d'absence",
    "absence",
    "respuesta automática",
    "respuesta automatica",
    "fuera de la oficina",
    "ausencia",
    "risposta automatica",
    "fuori sede",
    "fuori ufficio",
    "automatisch antwoord",
    "afwezigheidsbericht",
    "afwezig",
    "autosvar",
    "automatiskt svar",
    "automatisk svar",
    "frånvaro",
    "frånvarande",
    "fravær",
    "automaattinen vastaus",
    "poissa",
    "odpowiedź automatyczna",
    "autoodpowiedź",
    "poza biurem",
    "automatická odpověď",
    "automatikus válasz",
    "resposta automática",
    "ausente",
    "fora do escritório",
    "автоответ",
    "автоматический ответ",
    "автоматична відповідь",
    "自动回复",
    "自动答复",
    "自動回覆",
    "自動返信",
    "不在通知",
    "자동 회신",
    "부재중",
    "otomatik yanıt",
    "αυτόματη απάντηση",
    "תשובה אוטומטית",
    "رد تلقائي",
    "răspuns automat",
    "samodejni odgovor",
    "automatski odgovor",
    "automatinis atsakymas",
    "автоматичен отговор",
    "trả lời tự động",
];

/// Whether the subject is a vacation program's.
pub(in super::super) fn vacation_subject(subject: &str) -> bool {
    let lower = subject.to_lowercase();
    let lower = lower.trim().trim_start_matches(['[', '(', '*', '<']);
    VACATION_PREFIXES.iter().any(|prefix| {
        lower.strip_prefix(prefix).is_some_and(|rest| {
            let rest = rest.trim_start_matches([']', ')', '*', '>', '!', '.']).trim_start();
            rest.is_empty() || rest.starts_with([':', '：', '-', '–']) || rest.starts_with("re:")
        })
    })
}

/// Subjects that speak of an absence anywhere.
const ABSENCE_SUBJECTS: &[&str] = &[
    "out of office",
    "out of the office",
    "out-of-office",
    "autoreply",
    "auto-reply",
    "auto reply",
    "automatic reply",
    "autoresponse",
    "auto-response",
    "vacation",
    "away from my mail",
    "away from the office",
    "on holiday",
    "abwesen",
    "absence",
    "ausencia",
    "автоответ",
    "i am away",
    "i'm away",
    "on leave",
    "urlop",
    "nieobecn",
];

/// What absent people let their programs say.
const ABSENCE_WORDS: &[&str] = &[
    "out of the office",
    "out of office",
    "on vacation",
    "on holiday",
    "on annual leave",
    "on leave",
    "away from my",
    "away from the office",
    "will be back",
    "will return",
    "limited access to",
    "no access to",
    "automatic reply",
    "automated response",
    "auto-reply",
    "autoreply",
    "automatically generated",
    "automatic response",
    "i am currently away",
    "i'm away",
    "i am away",
    "no longer with",
    "nicht im büro",
    "nicht im hause",
    "abwesend",
    "im urlaub",
    "wieder erreichbar",
    "absent",
    "en congé",
    "de retour",
    "fuera de la oficina",
    "de vacaciones",
    "fuori ufficio",
    "in ferie",
    "afwezig",
    "op vakantie",
    "semester",
    "åter",
    "poza biurem",
    "na urlopie",
    "nieobecn",
    "ausente",
    "de férias",
    "в отпуске",
    "отсутств",
    "不在",
    "休假",
    "休暇",
];

/// An out-of-office by its subject and at least one other sign.
pub(super) fn vacation(facts: &Facts) -> Option<&'static str> {
    let subject = facts.subject.to_lowercase();
    let reply = ["re:", "fw:", "fwd:", "aw:", "wg:"].iter().any(|mark| subject.trim_start().starts_with(mark));
    let prefix = vacation_subject(facts.subject);
    let mentions = prefix || (!reply && ABSENCE_SUBJECTS.iter().any(|words| subject.contains(words)));
    if !mentions {
        return None;
    }
    let suppress = facts
        .header("X-Auto-Response-Suppress")
        .next()
        .is_some_and(|v| v.to_lowercase().contains("all") || v.to_lowercase().contains("oof"));
    let envelope = facts.null_return_path()
        || suppress
        || precedence_bulk(facts)
        || auto_submitted(facts)
        || report::daemon_sender(facts);
    let start: String = facts.text.chars().take(1500).collect::<String>().to_lowercase();
    let says = ABSENCE_WORDS.iter().any(|words| start.contains(words));
    match () {
        () if envelope => Some("out-of-office subject and envelope"),
        // The whole prefix, as programs write it, and the words that they send.
        () if prefix && says && subject.contains([':', '：']) => Some("out-of-office subject and text"),
        () => None,
    }
}
