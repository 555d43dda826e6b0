//! The shipped policy with one edit each: every edit is refused at its line, in words that teach the fix.

use super::{edited, parse};
use mailclerk::desk::DeskErrors;

/// One edit: what is replaced by what, a text on the line that the error must name, and words of the error.
type Broken = (&'static str, &'static str, &'static str, &'static [&'static str]);

const BROKEN: &[Broken] = &[
    // Keys and kinds of values.
    ("assign_at =", "asign_at =", "asign_at =", &["unknown key `asign_at`", "did you mean `assign_at`?"]),
    (
        "respond = \"72",
        "responde = \"72",
        "responde =",
        &["clocks.responde: unknown key `responde`", "did you mean `respond`?"],
    ),
    (
        "title = \"Medicare\"",
        "titel = \"Medicare\"",
        "titel =",
        &["line[0].titel: unknown key", "did you mean `title`?"],
    ),
    ("[secure]", "[secrue]", "[secrue]", &["unknown key `secrue`", "did you mean `secure`?"]),
    ("min_words = 3", "min_words = \"3\"", "min_words = \"3\"", &["a text stands where a whole number belongs"]),
    ("required = true", "required = \"yes\"", "required = \"yes\"", &["a text stands where true or false belongs"]),
    (
        "own_lists = []",
        "own_lists = \"list\"",
        "own_lists = \"list\"",
        &["a text stands where a list of texts belongs"],
    ),
    ("own_lists = []", "own_lists = [1]", "own_lists = [1]", &["a number stands where a text belongs"]),
    ("own_lists = []", "own_lists = [\" \"]", "own_lists = [\" \"]", &["an entry of the list is empty"]),
    ("[limits]", "[[limits]]", "[[limits]]", &["a list stands where a table belongs"]),
    ("prose = false", "prose = false\nprose = true", "prose = true", &["duplicate key"]),
    ("prose = false", "prose = ", "prose = \n", &["prose", "toml"]),
    // What has no default.
    (
        "prefix = \"RSOS\"\n",
        "",
        "# The policy of one desk",
        &["prefix: required key `prefix` is missing", "it has no default"],
    ),
    ("respond = \"72 business hours\"\n", "", "[clocks]", &["clocks.respond: required key `respond` is missing"]),
    ("time_zone = \"America/New_York\"\n", "", "# The policy", &["required key `time_zone` is missing"]),
    ("holidays = \"us-federal\"\n", "", "# The policy", &["required key `holidays` is missing"]),
    ("address = \"AgentRSOS@humana.com\"\n", "", "# The policy", &["required key `address` is missing"]),
    ("phone = \"1-800-457-4708\"\n", "", "[[line]]", &["line[0].phone: required key `phone` is missing"]),
    // The desk itself.
    ("AgentRSOS@humana.com", "AgentRSOS at humana.com", "address =", &["is no email address", "name@example.com"]),
    ("prefix = \"RSOS\"", "prefix = \"rsos\"", "prefix =", &["`rsos` cannot begin a case number", "capital letters"]),
    ("prefix = \"RSOS\"", "prefix = \"R\"", "prefix =", &["2 to 8 capital letters"]),
    ("name = \"Agent Retail", "name = \"Agent\\r\\nBcc: Retail", "name =", &["line end or another control character"]),
    ("[\"humana.com\"]", "[\"@humana.com\"]", "internal_domains", &["is no domain", "without @"]),
    ("[\"humana.com\"]", "[\"com\"]", "internal_domains", &["`com` is a public suffix"]),
    ("\"X-Spam-Flag: YES\"", "\"X-Spam-Flag\"", "spam_header", &["is no header field", "\"X-Name: value\""]),
    ("words = \"english\"", "words = \"klingon\"", "words =", &["there is no words file `klingon`", "none, english"]),
    ("prose = false", "prose = false\ntemplates = \"nowhere\"", "templates =", &["there is no folder nowhere"]),
    // Time.
    ("America/New_York", "America/New_Yrok", "time_zone =", &["unknown time zone", "did you mean `America/New_York`?"]),
    ("\"08:00-17:00\"", "\"17:00-08:00\"", "hours =", &["the closing must be later than the opening"]),
    ("\"08:00-17:00\"", "\"all day\"", "hours =", &["unusable opening hours", "08:00-17:00"]),
    ("assign_at = \"09:00\"", "assign_at = \"9 am\"", "assign_at =", &["`9 am` is not a time of day", "24-hour clock"]),
    ("assign_at = \"09:00\"", "assign_at = \"25:00\"", "assign_at =", &["`25:00` is not a time of day"]),
    ("closures = []", "closures = [\"2026-11-31\"]", "closures =", &["`2026-11-31` is not a date"]),
    ("\"us-federal\"", "\"us-fedral\"", "holidays =", &["unknown holidays `us-fedral`", "us-federal"]),
    ("\"us-federal\"", "\"ics:no-such.ics\"", "holidays =", &["failed to read no-such.ics"]),
    ("\"saturday\"", "\"satday\"", "weekend =", &["unknown day of the week `satday`"]),
    ("day_ends = \"midnight\"", "day_ends = \"noon\"", "day_ends =", &["unknown value `noon`", "midnight, closing"]),
    ("72 business hours", "72 hours", "respond = \"72", &["is no length of business time", "5 business days"]),
    ("72 business hours", "0 business hours", "respond = \"0", &["at least 1"]),
    (
        "# Until the desk says",
        "[[season]]\nname = \"peak\"\nfrom = \"10-35\"\nto = \"12-07\"\nnotice = \"x\"\n# Until the desk says",
        "from = \"10-35\"",
        &["season[0].from: `10-35` is no day of the year"],
    ),
    (
        "# Until the desk says",
        "[[season]]\nname = \"peak\"\nfrom = \"10-15\"\nto = \"12-07\"\n# Until the desk says",
        "[[season]]\nname = \"peak\"",
        &["the season changes nothing"],
    ),
    (
        "# Until the desk says",
        "[[season]]\nname = \"peak\"\nfrom = \"10-15\"\nto = \"12-07\"\nnotice = \"x\"\n\
         [[season]]\nname = \"turn\"\nfrom = \"12-07\"\nto = \"01-10\"\nnotice = \"x\"\n# Until the desk says",
        "[[season]]\nname = \"turn\"",
        &["season `turn` overlaps season `peak` at line "],
    ),
    // The secure way and the limits.
    ("way = \"none\"", "way = \"gateway\"", "[secure]", &["needs the header or tag that tells the gateway"]),
    ("way = \"none\"", "way = \"pigeon\"", "way =", &["unknown value `pigeon`", "none, portal, gateway"]),
    (
        "way = \"none\"",
        "way = \"portal\"\ngateway_subject_tag = \"[x]\"",
        "gateway_subject_tag",
        &["says nothing while way = \"portal\""],
    ),
    (
        "way = \"none\"",
        "way = \"gateway\"\ngateway_header = \"X-Secure: yes\"\ngateway_subject_tag = \"[x]\"",
        "gateway_subject_tag",
        &["both `gateway_header` and `gateway_subject_tag`"],
    ),
    (
        "way = \"none\"",
        "way = \"gateway\"\ngateway_header = \"Subject: x\"",
        "gateway_header =",
        &["every mail has this header field"],
    ),
    (
        "way = \"none\"",
        "way = \"gateway\"\ngateway_header = \"Content-Type: x\"",
        "gateway_header =",
        &["every mail has this header field"],
    ),
    (
        "way = \"none\"",
        "way = \"gateway\"\ngateway_header = \"X-Mailclerk-Case: x\"",
        "gateway_header =",
        &["every mail has this header field"],
    ),
    (
        "way = \"none\"",
        "way = \"gateway\"\ngateway_header = \"X-Encrypt: jä\"",
        "gateway_header =",
        &["the value could not go out as it is written"],
    ),
    (
        "way = \"none\"",
        "way = \"gateway\"\ngateway_header = \"X-Encrypt: =?utf-8?Q?x?=\"",
        "gateway_header =",
        &["could not go out as it is written"],
    ),
    (
        "way = \"none\"",
        "way = \"gateway\"\ngateway_subject_tag = \"[!]\"",
        "gateway_subject_tag =",
        &["`[!]` cannot be told from a subject"],
    ),
    (
        "way = \"none\"",
        "way = \"none\"\ngateway_tag_position = \"end\"",
        "gateway_tag_position =",
        &["there is no `gateway_subject_tag`"],
    ),
    (
        "[limits]",
        "[[secure.partner]]\ndomain = \"a.example\"\nway = \"gateway\"\n[limits]",
        "[[secure.partner]]",
        &["needs the header or tag that tells the gateway"],
    ),
    (
        "[limits]",
        "[[secure.partner]]\ndomain = \"com\"\nway = \"none\"\n[limits]",
        "domain =",
        &["`com` is a public suffix"],
    ),
    (
        "[limits]",
        "[external]\ninside = [\"a.example\"]\noutside = [\"A.example\"]\n[limits]",
        "outside =",
        &["`a.example` is inside and outside at once"],
    ),
    ("[limits]", "[external]\ninside = [\"@\"]\n[limits]", "inside =", &["`@` is no email address"]),
    ("[limits]", "[external]\nroster = \"nowhere.csv\"\n[limits]", "roster =", &["failed to read nowhere.csv"]),
    (
        "[limits]",
        "[breaker]\nhourly = 5\n[limits]",
        "hourly =",
        &["everyday mail would be stopped", "write 10 to 100000"],
    ),
    ("[limits]", "[breaker]\nbounce_percent = 101\n[limits]", "bounce_percent =", &["it is a percentage"]),
    (
        "same_words = 3",
        "same_words = 1",
        "same_words =",
        &["1 makes no sense here: every message would be held", "write 2 or more"],
    ),
    ("replies = 50", "replies = 0", "replies =", &["nobody would ever get a reply"]),
    ("pending_days = 10", "pending_days = 0", "pending_days =", &["closed at once"]),
    ("a_case = 20", "a_case = -1", "a_case =", &["below 0 or too large"]),
    // Lines.
    (
        "\"Individual\"]",
        "\"Individual\", \"part d\"]",
        "\"Individual\", \"part d\"]",
        &["`part d` means another line already, at line "],
    ),
    ("\"individual plan\",", "\"Med-Adv\",", "\"Med-Adv\",", &["`Med-Adv` means another line already"]),
    ("phone = \"1-800-457-4708\"", "phone = \"\"", "phone = \"\"", &["the text is empty"]),
    ("phone = \"1-800-457-4708\"", "phone = \"call us\"", "phone =", &["`call us` is no phone number"]),
    (
        "id = \"humanaone\"",
        "id = \"Humana One\"",
        "id = \"Humana One\"",
        &["`Humana One` is no id", "lower-case letters"],
    ),
    (
        "phone = \"1-800-457-4708\"",
        "phone = \"1-800-457-4708\"\nsupervisors = [\"nobody@humana.com\"]",
        "supervisors =",
        &["supervisor nobody@humana.com has no entry under [[staff]]"],
    ),
    (
        "phone = \"1-800-457-4708\"",
        "phone = \"1-800-457-4708\"\nsupervisors = [\"maria.castellan@humana.com\"]",
        "supervisors =",
        &["has another role under [[staff]]"],
    ),
    (
        "phone = \"1-800-457-4708\"",
        "phone = \"1-800-457-4708\"\nsupervisors = [\"dana.vandenlangenberg@humana.com\"]",
        "supervisors =",
        &["does not have `medicare` among the lines"],
    ),
    (
        "phone = \"1-800-457-4708\"",
        "phone = \"1-800-457-4708\"\nsupervisors = [\"orinthous.richardson@humana.com\", \"Orinthous.Richardson@humana.com\"]",
        "supervisors =",
        &["is listed twice"],
    ),
    // The subject and shared words.
    (
        "tolerance = \"repair\"",
        "tolerance = \"lenient\"",
        "tolerance =",
        &["unknown value `lenient`", "repair, strict"],
    ),
    (
        "tolerance = \"repair\"",
        "tolerance = \"repair\"\nextra_nicknames = [[\"Bob\"]]",
        "extra_nicknames",
        &["`Bob` stands alone in its group"],
    ),
    (
        "tolerance = \"repair\"",
        "tolerance = \"repair\"\nextra_line_labels = [\"Issue:\"]",
        "extra_line_labels",
        &["`Issue:` is the label of a field too"],
    ),
    // Fields.
    (
        "id = \"agent_san\"",
        "id = \"agent_name\"",
        "id = \"agent_name\"\nlabel = \"Agent SAN\"",
        &["the id `agent_name` belongs to another field"],
    ),
    (
        "role = \"reference\"",
        "role = \"summary\"",
        "role = \"summary\"\nrequired = true",
        &["the role `summary` belongs to another field"],
    ),
    ("role = \"summary\"", "role = \"sumary\"", "role = \"sumary\"", &["unknown value `sumary`"]),
    ("role = \"summary\"", "role = \"other\"", "# The policy", &["no field has the role `summary`"]),
    (
        "\"MBR ID\",",
        "\"SAN No\",",
        "\"SAN No\", \"MBR ID #\"",
        &["`SAN No` is the label of another field already, at line"],
    ),
    ("\"[0-9]{4,10}\"", "\"[0-9{4,10}\"", "pattern =", &["the pattern cannot be read", "Rust regex"]),
    ("hint = \"4 to 10 digits\"\n", "", "[[field]]\nid = \"agent_san\"", &["`pattern` is given and no `hint`"]),
    // Topics.
    (
        "guidance = \"SPAA issues are not",
        "neutral_guidance = \"SPAA issues are not",
        "neutral_guidance",
        &["unknown key", "guidance"],
    ),
    ("guidance = \"SPAA", "#", "[[topic]]\nid = \"spaa\"", &["the topic has no guidance"]),
    (
        "id = \"aor\"",
        "id = \"commission\"",
        "id = \"commission\"\ntitle = \"agent-of",
        &["`commission` belongs to another topic already"],
    ),
    ("\"SPAA Issue\",", "\"AOR\",", "\"AOR\", \"SPAA Request\"", &["`AOR` belongs to another topic already"]),
    ("\"Medicade\",", "\"MAPD\",", "\"MAPD\", \"Medi-Cal\"", &["`MAPD` means the line `medicare` already"]),
    (
        "\"my spaa\"",
        "\"my spaa *\"",
        "\"my spaa *\"",
        &["`*` cannot stand like this", "word of its own between two words"],
    ),
    ("\"not a spaa\"", "\"my spaa\"", "\"my spaa\", \"spaa is", &["`my spaa` stands under `phrases` too"]),
    (
        "[[topic]]\nid = \"commission\"",
        "[urgency]\nextra_phrases = [\"stat now\"]\nextra_except = [\"stat now\"]\n\n[[topic]]\nid = \"commission\"",
        "extra_except = [\"stat now\"]",
        &["`stat now` stands under `phrases` too"],
    ),
    // Staff.
    (
        "role = \"specialist\"\nlines = [\"medicare\"]",
        "role = \"specialist\"\nlines = [\"medicaer\"]",
        "lines = [\"medicaer\"]",
        &["there is no line with the id `medicaer`", "did you mean `medicare`?"],
    ),
    (
        "role = \"specialist\"\nlines = [\"medicare\"]",
        "role = \"specialist\"",
        "[[staff]]\nname = \"Maria",
        &["a specialist without lines"],
    ),
    (
        "role = \"specialist\"\n",
        "role = \"boss\"\n",
        "role = \"boss\"",
        &["unknown value `boss`", "specialist, supervisor, deputy"],
    ),
    ("role = \"specialist\"\n", "role = \"deputy\"\n", "[[staff]]\nname = \"Maria", &["a deputy for nobody"]),
    (
        "role = \"specialist\"\n",
        "role = \"deputy\"\ndeputy_for = [\"theo.brandvold@humana.com\"]\n",
        "deputy_for",
        &["deputy for theo.brandvold@humana.com, who is no supervisor"],
    ),
    (
        "theo.brandvold@",
        "maria.castellan@",
        "[[staff]]\nname = \"Theo",
        &["maria.castellan@humana.com has two entries"],
    ),
    ("theo.brandvold@", "agentrsos@", "[[staff]]\nname = \"Theo", &["the desk's own address"]),
    (
        "role = \"specialist\"\n",
        "role = \"specialist\"\nabsent = [{ from = \"2026-12-21\", to = \"2026-12-02\" }]\n",
        "absent =",
        &["the absence ends on 2026-12-02, before it begins"],
    ),
    (
        "role = \"specialist\"\n",
        "role = \"specialist\"\nabsent = [{ from = \"2026-12-21\" }]\n",
        "absent =",
        &["staff[2].absent[0].to: required key `to` is missing"],
    ),
];

#[test]
fn a_broken_policy_is_refused_at_its_line_with_its_remedy() {
    assert!(BROKEN.len() >= 40);
    for (from, to, place, words) in BROKEN {
        let text = edited(from, to);
        let at = text.find(place).unwrap_or_else(|| panic!("{place:?} is not there after the edit {to:?}"));
        let line = text[..at].matches('\n').count() + 1;
        let DeskErrors(faults) = parse(&text).expect_err(to);
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        let fits = |fault: &String| {
            fault.starts_with(&format!("desk.toml:{line}:")) && words.iter().all(|word| fault.contains(word))
        };
        assert!(
            shown.iter().any(fits),
            "{from:?} to {to:?}: line {line} and {words:?} are not in\n{}",
            shown.join("\n")
        );
        assert!(faults.iter().all(|fault| fault.remedy.is_some()), "a remedy is missing in\n{}", shown.join("\n"));
        assert!(faults.iter().all(|fault| fault.column > 0 && !fault.reason.is_empty()));
    }
}
