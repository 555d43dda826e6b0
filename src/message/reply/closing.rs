//! The words that close a letter ("Best regards,"), and the line a device adds ("Sent from my iPhone").

use super::pattern::{pattern, words};
use regex::Regex;
use std::sync::LazyLock;

/// Closings, by language; the first lines are English.
const CLOSINGS: &str = r"(?:thanks|thank you|thx|tks|ty)(?:[,!]? (?:so much|very much|a lot|a bunch|a million|again|in advance|much|kindly|all|everyone|team|sincerely))*(?: for (?:your|the|all|any|all your|all of your) (?:[a-z\u{c0}-\u{24f}'-]+\s?){1,5})?|many thanks(?: in advance)?|
    (?:thanks|thank you)?,?\s?(?:and|&|with) (?:(?:best|kind|warm) )?regards|thanks,? (?:and|&) (?:have a|best|regards).{0,24}|
    (?:(?:with )?(?:my |our )?(?:best|kind|kindest|warm|warmest|many) )?regards|best(?: wishes| always)?|all the best|(?:very )?(?:respectfully|sincerely|truly|cordially|gratefully|warmly|cheers|blessings)(?: (?:yours|submitted))?|yours(?: (?:truly|sincerely|faithfully))|
    (?:(?:thank you|thanks)[,.!]?\s(?:and\s)?)?(?:(?:hope you |please )?have|enjoy) (?:a|your|the rest of your) ?(?:great|good|nice|wonderful|blessed|lovely|fantastic)? ?(?:day|one|week|weekend|evening|afternoon|holiday)(?: ahead)?|looking forward to (?:hearing from you|your (?:reply|response))|take care|rgds|brgds|br|kr|
    mit freundlichen grü(?:ß|ss)en|mit freundlichem gru(?:ß|ss)|freundliche grü(?:ß|ss)e|(?:viele|beste|liebe|herzliche|schöne) grü(?:ß|ss)e|lg|mfg|vg|vielen dank|danke(?: schön)?|
    cordialement|bien cordialement|bien à vous|cdlt|salutations|sincères salutations|merci(?: d'avance| beaucoup)?|
    saludos(?: cordiales)?|un saludo|atentamente|cordialmente|(?:muchas )?gracias|
    atenciosamente|cumprimentos|com os melhores cumprimentos|obrigad[oa]|att|abraços|
    cordiali saluti|distinti saluti|(?:tanti )?saluti|grazie(?: mille)?|
    met vriendelijke groet(?:en)?|vriendelijke groet(?:en)?|groet(?:en|jes)?|mvg|bedankt|
    (?:serdecznie |z )?pozdrawiam(?: serdecznie)?|pozdrowienia|z poważaniem|z powazaniem|dziękuję|
    med vänlig(?:a)? hälsning(?:ar)?|vänliga hälsningar|hälsningar|mvh|
    (?:med )?(?:venlig|vennlig|bedste|beste|kærlig|de bedste) hilsen(?:er)?|hilsen|kh|vh|tak|
    ystävällisin terveisin|parhain terveisin|terveisin|terv|kiitos|
    s pozdravem|s přátelským pozdravem|děkuji|с уважением|спасибо|с наилучшими пожеланиями|з повагою|дякую|
    よろしくお願い(?:いた|致)?します|以上、?よろしくお願い(?:いた|致)?します|敬具|此致|敬礼|祝好|谢谢|謝謝|감사합니다|
    saygılarımla|iyi çalışmalar|teşekkürler|üdvözlettel|tisztelettel|köszönettel|köszönöm|
    cu stimă|cu respect|mulțumesc|με εκτίμηση|ευχαριστώ|trân trọng|cảm ơn";

/// A line that is a closing and nothing else.
static CLOSING: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(?i)^(?:{})[\s,.!;:、。，！~-]*\p{{So}}*$", joined(CLOSINGS))));

/// The writer's name behind a closing on the same line: at most three capitalised words.
static NAME_BEHIND: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\s?[,.!;~–—-]+\s?(?:[~–—-]\s?)?\p{Lu}[\p{L}'.-]*(?: \p{Lu}[\p{L}'.-]*){0,2}[.]?$"));

/// Thanks alone, which are words to the reader.
static THANKS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:many )?(?:thank|thx|tks|ty\b|danke|vielen dank|merci|gracias|muchas gracias|obrigad|grazie|bedankt|tak\b|kiitos|děkuji|спасибо|谢谢|謝謝|감사|cảm ơn)",
    )
});

/// The rest of `Sent from my …` may be anything short; the openings, by language.
static DEVICE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)^(?:
        (?:sent|composed|written)\ (?:from|via|with|using|on|by|a)\ .{2,60}|
        via\ (?:mobile|iphone|ipad|android|blackberry|my\ \w+)|
        (?:get|download|try)\ (?:the\ )?(?:outlook|bluemail|aqua\ mail|spark|yahoo\ mail|proton\ ?mail|mail\.ru|aol)\b.{0,60}|
        yahoo\ mail:\ .{0,60}|(?:diese\ nachricht\ wurde\ )?(?:von|vom)\ .{2,40}\ (?:gesendet|verschickt)|gesendet\ (?:von|mit|über|aus)\ .{2,50}|
        envoyé\ (?:de(?:puis)?|à\ partir\ de|avec|par)\ .{2,50}|enviado\ (?:desde|do|da|de|pelo|con|por|com|a\ partir\ do)\ .{2,50}|
        inviato\ (?:da|dal|con|tramite)\ .{2,50}|(?:verstuurd|verzonden)\ (?:vanaf|vanuit|met|via)\ .{2,50}|
        wysłane?\ (?:z|ze|za\ pomocą)\ .{2,50}|skickat\ (?:från|med)\ .{2,50}|sendt\ (?:fra|med|via)\ .{2,50}|hentet?\ outlook\ .{2,30}|
        lähetetty\ .{2,50}|odesláno\ (?:z|ze|pomocí)\ .{2,50}|отправлено\ (?:с|из|через)\ .{2,50}|надіслано\ (?:з|із)\ .{2,50}|
        .{0,20}(?:iphone|ipad|スマートフォン)\s?から送信|发自我的\ ?.{2,30}|從我的\ ?.{2,20}\ ?傳送|(?:나의\ )?.{2,20}에서\ 보냄|
        .{2,30}(?:'?u?m?dan|'?[dt]en|ile)\ gönderildi|(?:elküldve|küldve)\ .{2,40}|.{2,30}-r[óő]l\ küldve|trimis\ (?:de\ pe|din|cu)\ .{2,50}|
        εστάλη\ από\ .{2,50}|στάλθηκε\ από\ .{2,50}|đã\ gửi\ từ\ .{2,40}|được\ gửi\ từ\ .{2,40}
        )$",
    )
});

/// What only devices and mail programs are called.
static DEVICE_NAME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)iphone|ipad|ipod|android|blackberry|samsung|galaxy|outlook|windows|yahoo|gmail|nexus|pixel|xperia|huawei|nokia|lg |motorola|mobile|phone|tablet|device|proton|spark|airmail|sparrow|typeapp|bluemail|aqua|mail\b|wireless|verizon|t-mobile|at&t|handy|móvil|celular|mobil|telefon|smartphone|スマートフォン|手机|手機|телефон|my .{1,20}$",
    )
});

fn joined(phrases: &str) -> String {
    phrases.split('\n').map(str::trim).collect()
}

/// What a line closes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    /// It closes nothing.
    None,
    /// A closing; names and titles may follow.
    Words,
    /// A closing and the writer's name.
    Named,
}

/// Whether `line` (as `pattern::seen` gives it) closes a letter.
pub(super) fn closing(line: &str) -> Closing {
    if line.len() > 120 || words(line) > 12 {
        return Closing::None;
    }
    let line = line.trim_matches(['*', '_', ' ']).replace('’', "'");
    if CLOSING.is_match(&line) {
        Closing::Words
    } else if closes_before_name(&line) {
        Closing::Named
    } else {
        Closing::None
    }
}

/// Whether `line` is a closing with the writer's name behind it.
fn closes_before_name(line: &str) -> bool {
    let parted = line.contains([',', '.', '!', ';', '~', '–', '—', '-']);
    let name = if parted { NAME_BEHIND.find(line) } else { None };
    name.and_then(|name| line.get(..name.start())).is_some_and(|before| CLOSING.is_match(before))
}

/// Whether a closing gives thanks.
pub(super) fn gives_thanks(line: &str) -> bool {
    THANKS.is_match(line)
}

/// Whether `line` is what a device or a mail program adds below a mail.
///
/// `Sent from my desk, is much easier` is a sentence: a device's line has no comma, no stop, and few words.
pub(super) fn device(line: &str) -> bool {
    let line = line.trim_matches(['*', '_', ' ', '-', '~', '[', ']']);
    let line = line.split(['<', '(']).next().unwrap_or_default().trim();
    if line.len() > 100 || words(line) > 10 || !may_be_device(line) || !DEVICE.is_match(line) {
        return false;
    }
    let named = DEVICE_NAME.is_match(line);
    let carrier = ["an AT&T", "a T-Mobile", "a Verizon", "powered by", " smartphone", " tablet"]
        .iter()
        .any(|it| line.contains(it));
    let sentence =
        (line.contains(", ") && !carrier) || (line.ends_with(['.', '!', '?']) && !named) || line.ends_with(':');
    let english = line.starts_with("sent") && !named;
    !sentence && !english && (named || words(line) <= 7)
}

/// Whether `line` begins, or ends, as the line of a device does in any language: asked first, because the pattern is dear.
fn may_be_device(line: &str) -> bool {
    const STARTS: &[&str] = &[
        "sent ",
        "composed ",
        "written ",
        "via ",
        "get ",
        "download ",
        "try ",
        "yahoo mail:",
        "diese nachricht wurde ",
        "von ",
        "vom ",
        "gesendet ",
        "envoyé ",
        "enviado ",
        "inviato ",
        "verstuurd ",
        "verzonden ",
        "wysłan",
        "skickat ",
        "sendt ",
        "hente",
        "lähetetty ",
        "odesláno ",
        "отправлено ",
        "надіслано ",
        "发自我的",
        "從我的",
        "elküldve ",
        "küldve ",
        "trimis ",
        "εστάλη ",
        "στάλθηκε ",
        "đã gửi",
        "được gửi",
    ];
    const WITHIN: &[&str] = &["から送信", "에서 보냄", " gönderildi", " küldve"];
    let lower = line.to_lowercase();
    STARTS.iter().any(|start| lower.starts_with(start)) || WITHIN.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closings() {
        for line in [
            "Thanks,",
            "Thank you!",
            "Best regards,",
            "Kind Regards",
            "Thanks so much for your help,",
            "Mvh,",
            "Sincerely,",
            "Mit freundlichen Grüßen",
            "Thanks and regards,",
            "Thank you and have a great day!",
            "Cheers 🎉",
            "Best,",
            "Thank you in advance,",
            "Respectfully,",
            "Cordialement,",
            "以上、よろしくお願いいたします",
        ] {
            assert_eq!(closing(line), Closing::Words, "{line}");
        }
        for line in ["Thanks, Bob", "Regards - Jane Doe", "Thank you, Sonya Johnson."] {
            assert_eq!(closing(line), Closing::Named, "{line}");
        }
        for line in [
            "Thanks to the agent she has a card.",
            "Thank you for calling the member back yesterday about her claim and her card.",
            "Best of all, it works",
            "In this regards we need to be careful.",
            "Regarding her claim",
        ] {
            assert_eq!(closing(line), Closing::None, "{line}");
        }
    }

    #[test]
    fn devices() {
        for line in [
            "Sent from my iPhone",
            "Sent from my Verizon Wireless BlackBerry",
            "Get Outlook for iOS<https://aka.ms/o0ukef>",
            "Von meinem iPhone gesendet",
            "Envoyé de mon iPhone",
            "Enviado desde mi iPhone",
            "Inviato da iPhone",
            "Verstuurd vanaf mijn iPhone",
            "Wysłane z iPhone'a",
            "Skickat från min iPhone",
            "Sendt fra min iPhone",
            "Отправлено с iPhone",
            "iPhoneから送信",
            "发自我的 iPhone",
            "iPhone'umdan gönderildi",
            "Sent from Mail for Windows 10",
            "Sent from Yahoo Mail on Android",
            "Sent with Proton Mail secure email.",
            "Sent via the Samsung Galaxy S24, an AT&T 5G smartphone",
            "via mobile",
            "Sent with Sparrow (http://www.sparrowmailapp.com/?sig)",
            "나의 iPhone에서 보냄",
            "Đã gửi từ iPhone của tôi",
        ] {
            assert!(device(line), "{line}");
        }
        for line in [
            "Sent from my desk, is much easier then my mobile phone.",
            "Sent the form to the member on Friday and again on Monday with the card.",
            "This email was sent from our automated system",
        ] {
            assert!(!device(line), "{line}");
        }
    }
}
