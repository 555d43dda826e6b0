//! Every key of the policy language, table by table. What is not listed here is refused; docs/policy.md explains each.

/// One kind of table and the keys that it knows.
#[derive(Debug)]
pub struct Kind {
    /// As it stands in a file and as a heading of the reference page: `[[line]]`; empty for the top of the file.
    pub heading: &'static str,
    /// Its keys.
    pub keys: &'static [&'static str],
}

/// The top of a policy file.
pub const DESK: Kind = Kind {
    heading: "",
    keys: &[
        "name",
        "specialist_title",
        "address",
        "own_addresses",
        "internal_domains",
        "external",
        "own_lists",
        "prefix",
        "numbers",
        "duplicate",
        "privacy",
        "spam_header",
        "words",
        "templates",
        "time_zone",
        "hours",
        "weekend",
        "holidays",
        "closures",
        "day_ends",
        "assign_at",
        "digest_at",
        "digest_shows",
        "prose",
        "placeholders",
        "extra_placeholders",
        "clocks",
        "season",
        "secure",
        "limits",
        "breaker",
        "cases",
        "line",
        "queue",
        "subject",
        "types",
        "type",
        "priorities",
        "priority",
        "field",
        "one_of",
        "issues",
        "associations",
        "ladder",
        "step",
        "stage",
        "list",
        "topic",
        "pointers",
        "scope",
        "urgency",
        "staff",
    ],
};

/// `[cases]`
pub const CASES: Kind = Kind { heading: "[cases]", keys: &["status_needs_note"] };

/// `[numbers]`
pub const NUMBERS: Kind = Kind { heading: "[numbers]", keys: &["format", "duplicates", "returns"] };

/// `[duplicate]`
pub const DUPLICATE: Kind = Kind { heading: "[duplicate]", keys: &["by"] };

/// `[privacy]`
pub const PRIVACY: Kind = Kind { heading: "[privacy]", keys: &["pii", "outgoing", "warn"] };

/// `[pointers]`
pub const POINTERS: Kind = Kind {
    heading: "[pointers]",
    keys: &[
        "receipt",
        "acknowledgement",
        "update",
        "return",
        "reject_mixed",
        "redirect",
        "duplicate",
        "answer",
        "closing",
        "pending_closed",
    ],
};

/// `[clocks]`
pub const CLOCKS: Kind = Kind { heading: "[clocks]", keys: &["respond", "update"] };

/// `[[season]]`
pub const SEASON: Kind =
    Kind { heading: "[[season]]", keys: &["name", "from", "to", "respond", "types", "priorities", "update", "notice"] };

/// `[secure]`
pub const SECURE: Kind = Kind {
    heading: "[secure]",
    keys: &[
        "way",
        "gateway_header",
        "gateway_subject_tag",
        "gateway_tag_position",
        "automatic",
        "portal_codes",
        "partner",
    ],
};

/// `[[secure.partner]]`
pub const SECURE_PARTNER: Kind = Kind {
    heading: "[[secure.partner]]",
    keys: &["domain", "way", "gateway_header", "gateway_subject_tag", "gateway_tag_position"],
};

/// `[external]`
pub const EXTERNAL: Kind =
    Kind { heading: "[external]", keys: &["everybody", "subdomains", "inside", "outside", "roster"] };

/// `[breaker]`
pub const BREAKER: Kind =
    Kind { heading: "[breaker]", keys: &["hourly", "share", "to_one", "bounces", "bounce_percent", "rest_minutes"] };

/// `[limits]`
pub const LIMITS: Kind = Kind {
    heading: "[limits]",
    keys: &[
        "pending_days",
        "reopen_days",
        "same_words",
        "same_subject",
        "a_case",
        "a_sender",
        "replies",
        "sent_back",
        "domain_sent_back",
    ],
};

/// `[[line]]`
pub const LINE: Kind =
    Kind { heading: "[[line]]", keys: &["id", "name", "title", "synonyms", "words", "phone", "supervisors"] };

/// `[[queue]]`
pub const QUEUE: Kind = Kind { heading: "[[queue]]", keys: &["id", "name", "phone", "supervisors"] };

/// `[types]`
pub const TYPES: Kind =
    Kind { heading: "[types]", keys: &["required", "from", "compared", "several", "over", "not_over"] };

/// `[[type]]`
pub const TYPE: Kind = Kind {
    heading: "[[type]]",
    keys: &[
        "id",
        "name",
        "aliases",
        "phrases",
        "except",
        "opened_by",
        "guidance",
        "queue",
        "give",
        "priority",
        "members",
        "numbered",
        "respond",
        "update",
        "wrong",
        "fallback",
        "log",
    ],
};

/// `[[type.wrong]]`
pub const TYPE_WRONG: Kind =
    Kind { heading: "[[type.wrong]]", keys: &["phrases", "unless", "means", "not_by_mail", "guidance"] };

/// `[priorities]`
pub const PRIORITIES: Kind = Kind { heading: "[priorities]", keys: &["required", "default", "from_words"] };

/// `[[priority]]`
pub const PRIORITY: Kind = Kind {
    heading: "[[priority]]",
    keys: &[
        "id",
        "name",
        "aliases",
        "phrases",
        "except",
        "reason",
        "below",
        "meets",
        "expect",
        "at_once",
        "respond",
        "follow_up",
        "target",
    ],
};

/// An entry of `when` or `unless`
pub const WHEN: Kind = Kind { heading: "when", keys: &["type", "priority", "given"] };

/// `[[one_of]]`
pub const ONE_OF: Kind = Kind { heading: "[[one_of]]", keys: &["id", "label", "fields", "when", "unless", "hint"] };

/// `[issues]`
pub const ISSUES: Kind = Kind { heading: "[issues]", keys: &["one", "by", "phrases", "except"] };

/// `[associations]`
pub const ASSOCIATIONS: Kind =
    Kind { heading: "[associations]", keys: &["roster", "id_field", "case_fields", "phrases", "except", "guidance"] };

/// `[ladder]`
pub const LADDER: Kind = Kind { heading: "[ladder]", keys: &["ask", "except", "type"] };

/// `[[step]]`
pub const STEP: Kind = Kind { heading: "[[step]]", keys: &["id", "name", "to", "after", "tell"] };

/// `[[stage]]`
pub const STAGE: Kind = Kind { heading: "[[stage]]", keys: &["id", "name", "done_by", "field", "told"] };

/// `[[list]]`
pub const LIST: Kind = Kind { heading: "[[list]]", keys: &["id", "name", "address", "tell"] };

/// `[subject]`
pub const SUBJECT: Kind = Kind {
    heading: "[subject]",
    keys: &[
        "template",
        "mail",
        "tolerance",
        "reply_marks",
        "extra_reply_marks",
        "gateway_tags",
        "extra_gateway_tags",
        "suffixes",
        "extra_suffixes",
        "noise",
        "extra_noise",
        "line_labels",
        "extra_line_labels",
        "nicknames",
        "extra_nicknames",
    ],
};

/// `[[field]]`
pub const FIELD: Kind = Kind {
    heading: "[[field]]",
    keys: &[
        "id",
        "label",
        "role",
        "required",
        "when",
        "aliases",
        "pattern",
        "drop",
        "min_digits",
        "min_words",
        "choices",
        "phrases",
        "behind",
        "hint",
        "example",
        "private",
        "tells",
        "gives",
    ],
};

/// `[[topic]]`
pub const TOPIC: Kind = Kind {
    heading: "[[topic]]",
    keys: &["id", "title", "guidance", "address", "neutral", "plan", "phrases", "except", "names", "note_to", "log"],
};

/// `[scope]`
pub const SCOPE: Kind = Kind {
    heading: "[scope]",
    keys: &[
        "model",
        "in_scope",
        "extra_in_scope",
        "loose",
        "extra_loose",
        "faint",
        "extra_faint",
        "asks",
        "extra_asks",
        "problems",
        "extra_problems",
        "generic",
        "extra_generic",
        "denials",
        "extra_denials",
        "context",
        "extra_context",
        "done",
        "extra_done",
        "negations",
        "extra_negations",
        "untouched",
        "extra_untouched",
        "together",
        "extra_together",
        "streets",
        "extra_streets",
        "own",
        "extra_own",
        "groups",
    ],
};

/// `[urgency]`
pub const URGENCY: Kind = Kind {
    heading: "[urgency]",
    keys: &[
        "phrases",
        "extra_phrases",
        "surely",
        "extra_surely",
        "except",
        "extra_except",
        "over",
        "extra_over",
        "now",
        "extra_now",
    ],
};

/// `[[staff]]`
pub const STAFF: Kind =
    Kind { heading: "[[staff]]", keys: &["name", "email", "role", "lines", "deputy_for", "absent"] };

/// An entry of `absent`
pub const ABSENCE: Kind = Kind { heading: "absent", keys: &["from", "to"] };

/// Every kind of table of a policy file.
pub const KINDS: &[&Kind] = &[
    &DESK,
    &CASES,
    &NUMBERS,
    &DUPLICATE,
    &PRIVACY,
    &POINTERS,
    &CLOCKS,
    &SEASON,
    &SECURE,
    &SECURE_PARTNER,
    &EXTERNAL,
    &LIMITS,
    &BREAKER,
    &LINE,
    &QUEUE,
    &SUBJECT,
    &TYPES,
    &TYPE,
    &TYPE_WRONG,
    &PRIORITIES,
    &PRIORITY,
    &WHEN,
    &FIELD,
    &ONE_OF,
    &ISSUES,
    &ASSOCIATIONS,
    &LADDER,
    &STEP,
    &STAGE,
    &LIST,
    &TOPIC,
    &SCOPE,
    &URGENCY,
    &STAFF,
    &ABSENCE,
];

/// The top of a words file (`base/english.toml`).
pub const WORDS: Kind = Kind { heading: "words", keys: &["placeholders", "subject", "scope", "urgency"] };

/// `[subject]` of a words file.
pub const WORDS_SUBJECT: Kind = Kind {
    heading: "words [subject]",
    keys: &["reply_marks", "gateway_tags", "suffixes", "noise", "line_labels", "nicknames"],
};

/// `[scope]` of a words file.
pub const WORDS_SCOPE: Kind = Kind {
    heading: "words [scope]",
    keys: &[
        "in_scope",
        "loose",
        "faint",
        "extra_faint",
        "asks",
        "problems",
        "generic",
        "denials",
        "context",
        "done",
        "negations",
        "untouched",
        "together",
        "streets",
        "own",
        "groups",
    ],
};

/// `[urgency]` of a words file.
pub const WORDS_URGENCY: Kind =
    Kind { heading: "words [urgency]", keys: &["phrases", "surely", "except", "over", "now"] };
