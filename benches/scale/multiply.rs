//! Copies of what was lived, made inside the database: each copy has ids, keys, numbers, people and a time of its own.
//!
//! A copy's ids are those of the rows that it is made from with another beginning, so that rows that belong together stay
//! together, and ids go up with time as they do in life. What was over is spread over a year, what is open over some days.

use super::desk::requester;
use super::lives::{BEGIN, CLOSED, FIRST, OPEN};
use super::raw::Raw;
use super::rig::{at, keys};
use std::fmt::Write;

/// What becomes of a column in a copy.
#[derive(Clone, Copy)]
enum Becomes {
    /// The id of the copy's row.
    Id,
    /// The same as text.
    TextId,
    /// An instant, shifted.
    Time,
    /// A keyed hash of something that only this copy has.
    Key,
    /// The key of one of the many requesters.
    Person,
    /// An expression in SQL of the row `t` and the copy `c`.
    Sql(&'static str),
}

use Becomes::{Id, Key, Person, Sql, TextId, Time};

struct Table {
    name: &'static str,
    columns: &'static [(&'static str, Becomes)],
    /// Which rows are copied.
    which: &'static str,
}

const fn table(name: &'static str, columns: &'static [(&'static str, Becomes)]) -> Table {
    Table { name, columns, which: "TRUE" }
}

/// All tables that grow with the mail.
const TABLES: &[Table] = &[
    table(
        "messages",
        &[
            ("id", Id),
            ("name", Sql("t.name || '-' || {suffix}")),
            ("content_key", Key),
            ("arrived", Time),
            ("recorded_at", Time),
            ("decided_at", Time),
            ("author_key", Person),
            ("message_id_key", Key),
            ("words_key", Key),
            ("subject_key", Key),
            ("filed_at", Time),
            ("sender_key", Person),
            ("own_id_key", Key),
        ],
    ),
    table("message_raws", &[("message", Id)]),
    table("message_decisions", &[("message", Id)]),
    table(
        "cases",
        &[
            ("id", Id),
            ("number", Sql("'SCALE-' || CAST(200000 + {serial} AS TEXT)")),
            ("requester_key", Person),
            ("opened_at", Time),
            ("resolved_at", Time),
            ("touched_at", Time),
            ("assigned_at", Time),
            ("next_due", Time),
            ("sealed", Sql("{sealed}")),
        ],
    ),
    table("case_links", &[("case_id", Id), ("other_id", Id)]),
    table(
        "pendings",
        &[
            ("id", Id),
            ("token", Sql("substr(t.token, 1, 7) || {suffix} || 'T' || CAST(t.tpl AS TEXT)")),
            ("requester_key", Person),
            ("case_id", Id),
            ("opened_at", Time),
            ("newest_at", Time),
        ],
    ),
    table("participants", &[("target", Id), ("address_key", Person)]),
    table(
        "message_links",
        &[("message", Id), ("target", Id), ("author_key", Person), ("arrived", Time), ("linked_at", Time)],
    ),
    Table {
        name: "mails",
        which: "t.template <> 'digest'",
        columns: &[
            ("id", Id),
            ("seq", Sql("t.seq + c.n * 1000")),
            ("lane_key", Key),
            ("state_at", Time),
            ("to_key", Person),
            ("about", Id),
            ("replies_to", Id),
            ("dated", Time),
            ("not_before", Time),
            ("queued_at", Time),
            ("due_at", Time),
            ("retry_at", Time),
            ("counts_at", Time),
            ("bounced_at", Time),
            ("portal_at", Time),
            ("copied_at", Time),
        ],
    },
    Table {
        name: "mail_ids",
        which: "t.mail IN (SELECT id FROM {name}_mails WHERE template <> 'digest')",
        columns: &[("id_key", Key), ("mail", Id), ("known_at", Time)],
    },
    Table {
        name: "clocks",
        columns: &[("id", Id), ("of_id", Id), ("started", Time), ("due", Time), ("state_at", Time)],
        which: "t.of_kind <> 'desk'",
    },
    table(
        "audit_rows",
        &[
            ("chain", Sql("{chain}")),
            ("seq", Sql("CASE WHEN t.chain = 'desk' THEN t.seq + c.n * 10000 ELSE t.seq END")),
            ("at", Time),
        ],
    ),
    Table { name: "audit_heads", columns: &[("chain", TextId)], which: "t.chain <> 'desk'" },
    Table { name: "audit_accounts", columns: &[("at", Time), ("chain", TextId)], which: "t.chain <> 'desk'" },
    table(
        "case_words",
        &[
            (
                "word_key",
                Sql("CASE WHEN t.word_key IN (SELECT word_key FROM common_words) THEN t.word_key ELSE {some_key} END"),
            ),
            ("opened_at", Time),
            ("case_id", Id),
        ],
    ),
    table("decisions_made", &[("at", Time), ("message", Id), ("author_key", Person)]),
];

/// Keeps the rows that stand as what copies are made from, under this name, without those of an earlier one.
pub async fn keep(raw: &mut Raw, name: &str, without: Option<&str>) {
    for table in TABLES {
        let except =
            without.map_or(String::new(), |other| format!(" EXCEPT SELECT * FROM plain_{other}_{}", table.name));
        raw.run(&format!("CREATE TEMP TABLE plain_{name}_{t} AS SELECT * FROM {t}{except}", t = table.name)).await;
        raw.run(&format!(
            "CREATE TEMP TABLE {name}_{t} AS SELECT p.*, row_number() OVER () AS tpl FROM plain_{name}_{t} p",
            t = table.name
        ))
        .await;
    }
    unpack_cases(raw, name).await;
}

/// A copy's case names another requester, which the database can only write where the text is not packed. So the copies'
/// cases, and nothing else of them, take more room than in life.
async fn unpack_cases(raw: &mut Raw, name: &str) {
    let hex = if raw.is_postgres() { "encode(sealed, 'hex')" } else { "lower(hex(sealed))" };
    for (sealed, tpl) in raw.pairs(&format!("SELECT {hex}, tpl FROM {name}_cases")).await {
        // Codec 1 without a key (src/store/seal.rs).
        let Some(frame) = sealed.strip_prefix("0100") else { continue };
        let octets = |at: usize| u8::from_str_radix(&frame[at..at + 2], 16).expect("two digits");
        let frame: Vec<u8> = (0..frame.len()).step_by(2).map(octets).collect();
        let plain = zstd::bulk::decompress(&frame, 1 << 20).expect("a frame of zstd");
        let plain: String = [0, 0].iter().chain(&plain).map(|octet| format!("{octet:02x}")).collect();
        let value = if raw.is_postgres() { format!("'\\x{plain}'::bytea") } else { format!("x'{plain}'") };
        raw.run(&format!("UPDATE {name}_cases SET sealed = {value} WHERE tpl = {tpl}")).await;
    }
}

/// Makes so many cases of the two kinds of lives, of which one in ten is open.
pub async fn multiply(raw: &mut Raw, cases: usize, people: usize) {
    let copies = cases / (CLOSED + OPEN);
    let templates = "SELECT template, CAST(COUNT(*) AS BIGINT) FROM closed_mails GROUP BY template ORDER BY 1";
    println!("    mails of the {CLOSED} cases that are over: {:?}", raw.pairs(templates).await);
    write_people(raw, people).await;
    raw.run("CREATE TEMP TABLE common_words AS SELECT word_key FROM case_words GROUP BY word_key HAVING COUNT(*) > 20")
        .await;
    if !raw.is_postgres() {
        // Nobody else has the file open.
        raw.run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -4000000").await;
    } else {
        raw.run("SET session_replication_role = replica; SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'")
            .await;
    }
    for (name, number, seconds) in [("closed", 0, 364 * 86_400), ("open", 1, 4 * 86_400)] {
        write_copies(raw, name, copies, seconds).await;
        for table in TABLES {
            let begin = std::time::Instant::now();
            let columns = columns(raw, name, table.name).await;
            let sql = statement(raw.is_postgres(), name, number, table, &columns, people);
            raw.run(&sql).await;
            if begin.elapsed().as_secs() > 10 {
                println!("    {} of {name} cases: {:.0} s", table.name, begin.elapsed().as_secs_f64());
            }
        }
    }
    let last = copies * 10_000 + 10_000;
    raw.run(&format!("UPDATE audit_heads SET seq = {last} WHERE chain = 'desk'")).await;
    raw.run("UPDATE counters SET value = value + 100000000").await;
    if raw.is_postgres() {
        raw.run("SET session_replication_role = DEFAULT").await;
        raw.run("VACUUM ANALYZE").await;
    } else {
        raw.run("PRAGMA optimize; PRAGMA journal_mode = WAL").await;
    }
}

/// The requesters, and which of them those of the lived cases are.
async fn write_people(raw: &mut Raw, people: usize) {
    let keys = keys();
    let key = |n: usize| keys.lookup("address", &requester(n));
    raw.run("CREATE TEMP TABLE people (n BIGINT PRIMARY KEY, key TEXT)").await;
    raw.run("CREATE TEMP TABLE lived (key TEXT PRIMARY KEY, idx BIGINT)").await;
    for piece in (0..people).collect::<Vec<_>>().chunks(1000) {
        let rows: Vec<String> = piece.iter().map(|n| format!("({n}, '{}')", key(*n))).collect();
        raw.run(&format!("INSERT INTO people (n, key) VALUES {}", rows.join(","))).await;
    }
    let rows: Vec<String> = (0..100).map(|n| format!("('{}', {n})", key(FIRST + n))).collect();
    raw.run(&format!("INSERT INTO lived (key, idx) VALUES {}", rows.join(","))).await;
    let sealed = match raw.is_postgres() {
        true => {
            "'\\x0000'::bytea || convert_to('\"requester' || lpad(p.n::text, 6, '0') || '@agency.example\"', 'UTF8')"
        }
        false => "CAST(x'0000' || printf('\"requester%06d@agency.example\"', p.n) AS BLOB)",
    };
    raw.run(&format!(
        "INSERT INTO requesters (desk, address_key, version, bounced_hard, first_at, last_at, sealed) \
         SELECT r.desk, p.key, r.version, FALSE, r.first_at, r.last_at, {sealed} FROM people p \
         CROSS JOIN (SELECT * FROM requesters WHERE address_key IN (SELECT key FROM lived) LIMIT 1) AS r"
    ))
    .await;
}

/// The copies: a number, how their ids begin, and by how many seconds they are earlier.
async fn write_copies(raw: &mut Raw, name: &str, copies: usize, seconds: usize) {
    let begin = at(BEGIN).as_millisecond();
    let shift = format!("-((({copies} - n) * {seconds}) / {copies})");
    let ms = format!("({begin} + ({shift}) * 1000 + n % 1000)");
    let (series, prefix) = match raw.is_postgres() {
        true => (
            format!("generate_series(1, {copies}) AS s(n)"),
            format!(
                "substr(lpad(to_hex(({ms})::bigint), 12, '0'), 1, 8) || '-' || substr(lpad(to_hex(({ms})::bigint), 12, '0'), 9)"
            ),
        ),
        false => (
            format!(
                "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {copies}) SELECT n FROM s)"
            ),
            format!("printf('%08x-%04x', {ms} >> 16, {ms} & 65535)"),
        ),
    };
    raw.run(&format!("CREATE TEMP TABLE {name}_copies (n BIGINT PRIMARY KEY, prefix TEXT, shift BIGINT)")).await;
    raw.run(&format!(
        "INSERT INTO {name}_copies (n, prefix, shift) SELECT n, {prefix}, {shift} FROM (SELECT CAST(n AS BIGINT) AS n FROM {series}) AS q"
    ))
    .await;
    let distinct = raw.number(&format!("SELECT COUNT(DISTINCT prefix) FROM {name}_copies")).await;
    assert_eq!(distinct, i64::try_from(copies).unwrap_or(0), "each copy has ids of its own");
}

async fn columns(raw: &mut Raw, name: &str, table: &str) -> Vec<String> {
    let sql = match raw.is_postgres() {
        true => format!(
            "SELECT column_name::text, 0::bigint FROM information_schema.columns WHERE table_name = 'plain_{name}_{table}' ORDER BY ordinal_position"
        ),
        false => format!("SELECT name, 0 FROM pragma_table_info('plain_{name}_{table}')"),
    };
    raw.pairs(&sql).await.into_iter().map(|(name, _)| name).collect()
}

/// The statement that writes a table's rows of all copies, oldest copy first.
fn statement(postgres: bool, name: &str, number: usize, table: &Table, columns: &[String], people: usize) -> String {
    let mut values = String::new();
    for column in columns {
        let becomes = table.columns.iter().find(|(name, _)| name == column).map(|(_, becomes)| *becomes);
        let value =
            becomes.map_or_else(|| format!("t.{column}"), |becomes| value(postgres, number, column, becomes, people));
        let _ = write!(values, "{}{value}", if values.is_empty() { "" } else { ", " });
    }
    format!(
        "INSERT INTO {t} ({}) SELECT {values} FROM {name}_copies c CROSS JOIN {name}_{t} t WHERE {}",
        columns.join(", "),
        table.which.replace("{name}", name),
        t = table.name,
    )
}

fn value(postgres: bool, number: usize, column: &str, becomes: Becomes, people: usize) -> String {
    let text_id = |column: &str| match postgres {
        true => format!("(c.prefix || substr(CAST(t.{column} AS TEXT), 14))"),
        false => format!("(c.prefix || substr(t.{column}, 14))"),
    };
    // What a copy of its kind is told from all others by.
    let own = |column: &str| match postgres {
        true => format!("(lpad(to_hex(c.n * 2 + {number}), 8, '0') || substr(t.{column}, 9))"),
        false => format!("(printf('%08x', c.n * 2 + {number}) || substr(t.{column}, 9))"),
    };
    // One in some thousands has the same.
    let some_key = match postgres {
        true => format!("(lpad(to_hex(c.n % 5003), 4, '0') || substr(t.{column}, 5))"),
        false => format!("(printf('%04x', c.n % 5003) || substr(t.{column}, 5))"),
    };
    let who = format!("(c.n * 97 + l.idx * 13 + {number}) % {people}");
    let serial = format!("(c.n * 100 + t.tpl * 2 + {number})");
    match becomes {
        Id if postgres => format!("CAST({} AS UUID)", text_id(column)),
        Id | TextId => text_id(column),
        Time if postgres => format!(
            "CASE WHEN t.{column} > '9000-01-01Z' THEN t.{column} ELSE t.{column} + c.shift * INTERVAL '1 second' END"
        ),
        Time => format!(
            "CASE WHEN t.{column} > '9' THEN t.{column} \
             ELSE strftime('%Y-%m-%dT%H:%M:%S', t.{column}, c.shift || ' seconds') || '.000000Z' END"
        ),
        Key => own(column),
        Person => format!(
            "COALESCE((SELECT p.key FROM lived l JOIN people p ON p.n = {who} WHERE l.key = t.{column}), t.{column})"
        ),
        Sql(sql) => {
            let name = match postgres {
                true => "lpad(p.n::text, 6, '0')",
                false => "printf('%06d', p.n)",
            };
            let old = match postgres {
                true => format!("'requester' || ({FIRST} + l.idx)::text"),
                false => format!("'requester' || ({FIRST} + l.idx)"),
            };
            let of_requester = |what: String| {
                format!("(SELECT {what} FROM lived l JOIN people p ON p.n = {who} WHERE l.key = t.requester_key)")
            };
            let sealed = of_requester(match postgres {
                true => format!(
                    "'\\x0000'::bytea || convert_to(replace(convert_from(substr(t.sealed, 3), 'UTF8'), {old}, 'requester' || {name}), 'UTF8')"
                ),
                false => format!(
                    "CAST(x'0000' || replace(CAST(substr(t.sealed, 3) AS TEXT), {old}, 'requester' || {name}) AS BLOB)"
                ),
            });
            sql.replace("{suffix}", &format!("CAST(c.n * 2 + {number} AS TEXT)"))
                .replace("{serial}", &serial)
                .replace("{chain}", &format!("CASE WHEN t.chain = 'desk' THEN t.chain ELSE {} END", text_id("chain")))
                .replace("{some_key}", &some_key)
                .replace("{sealed}", &sealed)
        }
    }
}
