//! Many rows, written in bulk behind the store's back: cases, most of them resolved long ago, with their messages, mails,
//! clocks, words and audit rows in proportion. One real case is copied, so that each of them can be shown.

use mailclerk::words::keys::Keys;

/// One case in so many is open.
const OPEN: usize = 20;

/// Which database the statements are for.
#[allow(dead_code)] // Each of those who use this file uses one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// A row's id: of a kind, and a number.
    fn id(self, kind: u8, n: &str) -> String {
        match self {
            Self::Sqlite => format!("printf('0000{kind:04x}-0000-4000-8000-%012x', {n})"),
            Self::Postgres => {
                format!("CAST('0000{kind:04x}-0000-4000-8000-' || lpad(to_hex({n}), 12, '0') AS UUID)")
            }
        }
    }

    fn text_id(self, kind: u8, n: &str) -> String {
        format!("CAST({} AS TEXT)", self.id(kind, n))
    }

    /// An instant so many minutes before or after `now`.
    fn minutes(self, now: &str, minutes: &str) -> String {
        match self {
            Self::Sqlite => format!("strftime('%Y-%m-%dT%H:%M:%S.000000Z', '{now}', ({minutes}) || ' minutes')"),
            Self::Postgres => format!("TIMESTAMPTZ '{now}' + ({minutes}) * INTERVAL '1 minute'"),
        }
    }

    /// The numbers from 1 to `most`, as a table `s` with a column `n`.
    fn series(self, most: usize) -> String {
        match self {
            Self::Sqlite => {
                format!(
                    "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {most}) SELECT n FROM s) AS s"
                )
            }
            Self::Postgres => format!("(SELECT CAST(g AS INT) AS n FROM generate_series(1, {most}) AS g) AS s"),
        }
    }

    fn bytes(self, bytes: &[u8]) -> String {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self {
            Self::Sqlite => format!("x'{hex}'"),
            Self::Postgres => format!("'\\x{hex}'::bytea"),
        }
    }
}

/// What the rows are made like.
pub struct Many<'a> {
    pub dialect: Dialect,
    pub cases: usize,
    pub desk: &'a str,
    pub lines: [&'a str; 2],
    /// Keys of the specialists' addresses.
    pub specialists: Vec<String>,
    /// `2026-11-23 15:00:00`, in UTC.
    pub now: &'a str,
    pub keys: &'a Keys,
}

impl Many<'_> {
    /// The statements, in their order.
    pub fn statements(&self) -> Vec<String> {
        let mut all = vec![self.cases(), self.clocks("respond", 240), self.clocks("update", 480)];
        all.extend(["anybody", "somebody"].iter().zip([1, 1000]).map(|(word, one_in)| self.words(word, one_in)));
        all.extend((0..4).map(|n| self.own_words(n)));
        all.extend([
            self.messages(),
            self.links(),
            self.decisions(),
            self.decisions_made(),
            self.mails(),
            self.audit(),
        ]);
        all.push("ANALYZE".to_owned());
        all
    }

    /// Whether a case is open, by its number.
    fn is_open(&self) -> String {
        format!("s.n % {OPEN} = 0")
    }

    fn opened(&self) -> String {
        self.dialect.minutes(self.now, "-s.n * 5")
    }

    fn cases(&self) -> String {
        let (d, open) = (self.dialect, self.is_open());
        let people: String =
            self.specialists.iter().enumerate().map(|(n, key)| format!(" WHEN {} THEN '{key}'", n + 1)).collect();
        let none = if self.specialists.is_empty() { "NULL".to_owned() } else { format!("CASE s.n % 7{people} END") };
        format!(
            "INSERT INTO cases (id, desk, version, number, line, kind, priority, status, urgent, external, requester_key, \
             specialist_key, opened_at, resolved_at, touched_at, assigned_at, sealed, queue_rank, next_due, next_kind, \
             words_mark) SELECT {id}, '{desk}', 1, 'MANY-' || CAST(s.n AS TEXT), \
             CASE s.n % 2 WHEN 0 THEN '{one}' ELSE '{two}' END, NULL, NULL, \
             CASE WHEN {open} THEN 'in_review' ELSE 'resolved' END, s.n % 400 = 0, FALSE, t.requester_key, {none}, \
             {opened}, CASE WHEN {open} THEN NULL ELSE {opened} END, {opened}, {opened}, t.sealed, \
             CASE WHEN s.n % 400 = 0 THEN 0 WHEN {open} THEN 1 ELSE 2 END, \
             CASE WHEN {open} THEN {due} ELSE {never} END, CASE WHEN {open} THEN 'respond' END, 'm' \
             FROM {series} CROSS JOIN (SELECT requester_key, sealed FROM cases WHERE desk = '{desk}' LIMIT 1) AS t",
            id = d.id(1, "s.n"),
            desk = self.desk,
            one = self.lines[0],
            two = self.lines[1],
            opened = self.opened(),
            due = d.minutes(self.now, "s.n % 9000 - 1500"),
            never = match d {
                Dialect::Sqlite => "'9999-12-30T00:00:00.000000Z'",
                Dialect::Postgres => "TIMESTAMPTZ '9999-12-30 00:00:00Z'",
            },
            series = d.series(self.cases),
        )
    }

    fn clocks(&self, kind: &str, place: usize) -> String {
        let d = self.dialect;
        format!(
            "INSERT INTO clocks (id, desk, of_kind, of_id, kind, started, due_local, zone, due, calendar_version, state, \
             state_at) SELECT {id}, '{desk}', 'case', {case}, '{kind}', {opened}, '2026-11-24T05:15:00', 'UTC', {due}, '1', \
             CASE WHEN {open} THEN 'running' ELSE 'met' END, {opened} FROM {series}",
            id = d.id(2, &format!("s.n + {place} * 1000000")),
            desk = self.desk,
            case = d.id(1, "s.n"),
            opened = self.opened(),
            due = d.minutes(self.now, &format!("s.n % 9000 - 1500 + {place}")),
            open = self.is_open(),
            series = d.series(self.cases),
        )
    }

    /// A word that one case in so many has.
    fn words(&self, word: &str, one_in: usize) -> String {
        let key = self.keys.lookup("word", word);
        self.word_rows(&format!("'{key}'"), &format!("s.n % {one_in} = 0"))
    }

    /// Words that nobody else has.
    fn own_words(&self, place: usize) -> String {
        let key = match self.dialect {
            Dialect::Sqlite => format!("printf('%032x', s.n * 10 + {place})"),
            Dialect::Postgres => format!("lpad(to_hex(s.n * 10 + {place}), 32, '0')"),
        };
        self.word_rows(&key, "TRUE")
    }

    fn word_rows(&self, key: &str, which: &str) -> String {
        format!(
            "INSERT INTO case_words (desk, word_key, opened_at, case_id) SELECT '{}', {key}, {}, {} FROM {} WHERE {which}",
            self.desk,
            self.opened(),
            self.dialect.id(1, "s.n"),
            self.dialect.series(self.cases)
        )
    }

    fn messages(&self) -> String {
        let d = self.dialect;
        let arrived = d.minutes(self.now, "-s.n");
        format!(
            "INSERT INTO messages (id, desk, mailbox, uid_validity, name, content_key, arrived, recorded_at, state, attempts, fence, \
             decision, decided_at, gets_reply, line) SELECT {id}, '{desk}', 'many', 1, CAST(s.n AS TEXT), CAST(s.n AS TEXT), {arrived}, \
             {arrived}, CASE WHEN s.n % 5000 = 0 THEN 'held' ELSE 'decided' END, 1, 1, 'attach', {arrived}, FALSE, '{line}' \
             FROM {series}",
            id = d.id(3, "s.n"),
            desk = self.desk,
            line = self.lines[0],
            series = d.series(self.cases * 3),
        )
    }

    fn links(&self) -> String {
        let d = self.dialect;
        format!(
            "INSERT INTO message_links (message, target, target_kind, role, desk, arrived, linked_at) \
             SELECT {}, {}, 'case', 'participant', '{}', {at}, {at} FROM {}",
            d.id(3, "s.n"),
            d.id(1, "1 + (s.n - 1) / 3"),
            self.desk,
            d.series(self.cases * 3),
            at = d.minutes(self.now, "-s.n"),
        )
    }

    fn decisions(&self) -> String {
        let d = self.dialect;
        format!(
            "INSERT INTO message_decisions (message, desk, reasons, line, topics, warnings, urgent) \
             SELECT {}, '{}', '[]', '{}', '[]', '[]', FALSE FROM {}",
            d.id(3, "s.n"),
            self.desk,
            self.lines[0],
            d.series(self.cases * 3),
        )
    }

    /// One of ten is returned, and there are a thousand agents.
    fn decisions_made(&self) -> String {
        let d = self.dialect;
        format!(
            "INSERT INTO decisions_made (message, desk, at, decision, reasons, topics, line, author_key, again) \
             SELECT {}, '{}', {}, CASE s.n % 10 WHEN 0 THEN 'return' WHEN 1 THEN 'accept' WHEN 2 THEN 'redirect' \
             ELSE 'attach' END, '[]', '[]', '{}', 'agent-' || CAST((s.n / 10) * (s.n / 10) % 997 AS TEXT), FALSE FROM {}",
            d.id(3, "s.n"),
            self.desk,
            d.minutes(self.now, "-s.n"),
            self.lines[0],
            d.series(self.cases * 3),
        )
    }

    fn mails(&self) -> String {
        let d = self.dialect;
        let sealed = [
            &[0u8, 0][..],
            br#"{"from":{"name":null,"address":"desk@example.com"},"to":{"name":null,"address":"jo@example.com"},"#,
            br#""subject":"About your request","text":"It is under review.","html":"<p>It is under review.</p>","#,
            br#""message_id":"m@example.com","in_reply_to":null,"references":[]}"#,
        ];
        format!(
            "INSERT INTO mails (id, desk, seq, lane_key, precedence, template, variant, class, state, state_at, to_key, \
             about_kind, about, dated, not_before, queued_at, due_at, attempts, sent_again, searched, fence, sealed, \
             copied_at) \
             SELECT {id}, '{desk}', 1000000 + s.n, 'lane', 2, 'update', 'full', 'automatic', \
             CASE WHEN s.n % 4000 = 0 THEN 'failed' WHEN s.n % 4000 = 1 THEN 'waiting_secure' ELSE 'sent' END, {at}, 'k', \
             'case', {case}, {at}, {at}, {at}, {at}, 1, FALSE, FALSE, 1, {sealed}, {at} FROM {series}",
            id = d.id(4, "s.n"),
            desk = self.desk,
            case = d.id(1, "1 + (s.n - 1) / 4"),
            at = d.minutes(self.now, "-s.n"),
            sealed = d.bytes(&sealed.concat()),
            series = d.series(self.cases * 4),
        )
    }

    fn audit(&self) -> String {
        let d = self.dialect;
        format!(
            "INSERT INTO audit_rows (desk, chain, seq, epoch, at, kind, ids, hash) \
             SELECT '{desk}', {chain}, 1 + (s.n - 1) % 5, 0, {at}, \
             CASE s.n % 5 WHEN 0 THEN 'viewed' WHEN 1 THEN 'case_opened' WHEN 2 THEN 'assigned' WHEN 3 THEN 'answered' \
             ELSE 'mail_sent' END, CASE s.n % 5 WHEN 3 THEN '{{\"by\":\"x\"}}' ELSE '{{}}' END, 'x' FROM {series}",
            desk = self.desk,
            chain = d.text_id(1, "1 + (s.n - 1) / 5"),
            at = d.minutes(self.now, "-s.n"),
            series = d.series(self.cases * 5),
        )
    }
}
