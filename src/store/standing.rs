//! What a decision about one message needs to know: a handful of indexed queries.

use super::case_rows::{self, CASE, PENDING, add_links};
use super::rows::list;
use super::seal::{address_key, content_key, hash_key, message_id_key, open_text};
use super::time::kept;
use super::value::{Row, Value, args};
use super::{Result, Store, StoreError};
use crate::case::standing::{
    CaseFacts, DAY, Lookups, MOST_OPEN, MOST_RESOLVED, PendingFacts, RESOLVED_DAYS, Seen, SenderFacts, Standing, Target,
};
use crate::case::{Case, LinkRole, Pending};
use crate::words::numbers::Tag;
use crate::words::{Decision, Template};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// How far back messages that were sent back in a row are looked for.
const STREAK: jiff::SignedDuration = jiff::SignedDuration::from_hours(30 * 24);

/// What is asked, in keys.
struct Asked<'a> {
    desk: &'a str,
    lookups: &'a Lookups,
    author: Option<String>,
    arrived: Timestamp,
    now: Timestamp,
}

/// What Message-IDs lead to.
#[derive(Default)]
struct Threads {
    is_our_mail: bool,
    targets: Vec<Target>,
    places: Vec<usize>,
    replied: Option<(usize, Template)>,
}

impl Store {
    /// All that is known about a message's thread and sender.
    ///
    /// A day of the limits ends at the message's own arrival, so that catching up after downtime counts no one twice;
    /// for automatic replies it ends `now`.
    pub async fn standing(&self, desk: &str, lookups: &Lookups, now: Timestamp) -> Result<Standing> {
        let author = lookups.author.as_ref().map(|author| address_key(&self.keys, author));
        let mut asked = Asked { desk, lookups, author, arrived: kept(now), now };
        let seen = self.seen(&mut asked).await?;
        let sender = self.sender(&asked).await?;
        let threads = self.threads(&asked).await?;
        let pendings = self.pendings_for(&asked, &threads.targets).await?;
        let cases = self.cases_for(&asked, &threads.targets, &pendings).await?;
        let (texts, counts) = self.conversation(&asked, &cases, &pendings).await?;
        let mut standing = Standing {
            arrived: asked.arrived,
            seen,
            is_our_mail: threads.is_our_mail,
            by_message_id: threads.targets,
            by_message_id_places: threads.places,
            replied: threads.replied,
            sender,
            cases: with_texts(cases, texts, &counts),
            pendings: with_counts(pendings, &counts),
            ..Standing::default()
        };
        standing.by_token = standing.named(&lookups.tokens);
        standing.by_tag = standing.named(&lookups.tags);
        Ok(standing)
    }

    /// Whether it was delivered before. Only decided rows count: of two that wait, whichever is decided first is judged.
    async fn seen(&self, asked: &mut Asked<'_>) -> Result<Seen> {
        let lookups = asked.lookups;
        let content = content_key(&self.keys, &lookups.content_hash);
        let id_key = lookups.message_id.as_ref().map(|id| message_id_key(&self.keys, id));
        let columns = "id, state, arrived, decision, filed_at, content_key, decided_at";
        let sql = format!(
            "SELECT {columns} FROM messages WHERE id = $1 \
             UNION SELECT {columns} FROM messages WHERE desk = $2 AND content_key = $3 AND decision IS NOT NULL \
             UNION SELECT {columns} FROM messages WHERE desk = $2 AND message_id_key = $4 AND decision IS NOT NULL"
        );
        let rows = self.db.rows(&sql, args![lookups.message, asked.desk, content.as_str(), id_key]).await?;
        let mut earlier = Vec::new();
        for row in &rows {
            if row.id("id")? == lookups.message {
                asked.arrived = row.time("arrived")?;
            } else {
                let decision = row.opt_word("decision", Decision::from_word)?;
                let same_bytes = row.opt_text("content_key")?.as_deref() == Some(content.as_str());
                let filed = row.opt_time("filed_at")?.is_some();
                earlier.push((
                    row.opt_time("decided_at")?,
                    row.id("id")?,
                    row.time("arrived")?,
                    decision,
                    same_bytes,
                    filed,
                ));
            }
        }
        if crate::faults::is_on("duplicate_not_seen") {
            earlier.clear();
        }
        earlier.sort_by_key(|(decided_at, id, ..)| (*decided_at, *id));
        let second = asked.arrived.as_second();
        let same = || earlier.iter().filter(|(.., same_bytes, _)| *same_bytes);
        let put_back = same().find(|(_, _, arrived, _, _, filed)| *filed && arrived.as_second() == second);
        Ok(match (put_back, same().next(), earlier.first()) {
            (Some((_, _, _, decision, ..)), _, _) => Seen::MovedBack(*decision),
            (None, Some((_, _, _, decision, ..)), _) => Seen::SameBytes(*decision),
            (None, None, Some(_)) => Seen::SameIdOtherBytes,
            (None, None, None) => Seen::Never,
        })
    }

    /// What the author did. The same bytes again, from a mailbox that was made anew or put back by a person, are no
    /// message of the author's: each counts once, when it was first decided.
    async fn sender(&self, asked: &Asked<'_>) -> Result<SenderFacts> {
        let Some(author) = &asked.author else { return Ok(SenderFacts::default()) };
        let lookups = asked.lookups;
        let words = Some(&lookups.words_hash).filter(|hash| !hash.is_empty());
        let words = words.map(|hash| hash_key(&self.keys, "words", hash));
        let subject = hash_key(&self.keys, "subject", &lookups.subject_hash);
        let domain =
            lookups.author.as_ref().map(|author| hash_key(&self.keys, "domain", author.organisational_domain()));
        let sql = "SELECT COUNT(*) AS messages, \
                   COUNT(CASE WHEN words_key = $6 THEN 1 END) AS same_words, \
                   COUNT(CASE WHEN gets_reply AND subject_key = $7 THEN 1 END) AS same_subject, \
                   (SELECT COUNT(*) FROM mails WHERE desk = $1 AND to_key = $2 AND queued_at > $8 \
                    AND class = 'automatic' AND state NOT IN ('withheld', 'cancelled')) AS replies, \
                   (SELECT COUNT(*) FROM messages b WHERE b.desk = $1 AND b.author_key = $2 AND b.arrived > $10 \
                    AND b.arrived <= $4 AND b.decision IN ('return', 'redirect', 'reject_mixed') AND b.arrived > \
                    COALESCE((SELECT MAX(p.arrived) FROM messages p WHERE p.desk = $1 AND p.author_key = $2 \
                     AND p.arrived > $10 AND p.decision = 'accept'), $10) AND b.arrived > \
                    (SELECT MIN(a.queued_at) FROM mails a WHERE a.desk = $1 AND a.to_key = $2 AND a.queued_at > $10 \
                     AND a.class = 'automatic' AND a.template IN ('return', 'redirect', 'reject_mixed'))) AS sent_back, \
                   (SELECT COUNT(*) FROM messages b WHERE b.desk = $1 AND b.domain_key = $9 AND b.arrived <= $4 \
                    AND b.decision IN ('return', 'redirect', 'reject_mixed') AND b.arrived > \
                    COALESCE((SELECT MAX(p.arrived) FROM messages p WHERE p.desk = $1 AND p.domain_key = $9 \
                     AND p.arrived > $10 AND p.decision = 'accept'), $10)) AS domain_sent_back, \
                   (SELECT COUNT(*) FROM messages b WHERE b.desk = $1 AND b.domain_key = $9 AND b.arrived <= $4 \
                    AND b.from_stranger AND b.decision IN ('return', 'redirect', 'reject_mixed') AND b.arrived > \
                    COALESCE((SELECT MAX(p.arrived) FROM messages p WHERE p.desk = $1 AND p.domain_key = $9 \
                     AND p.arrived > $10 AND p.decision = 'accept'), $10)) AS strangers, \
                   (SELECT version FROM requesters WHERE desk = $1 AND address_key = $2) AS version, \
                   (SELECT bounced_hard FROM requesters WHERE desk = $1 AND address_key = $2) AS bounced_hard \
                   FROM messages m WHERE desk = $1 AND author_key = $2 AND arrived > $3 AND arrived <= $4 AND id <> $5 \
                   AND NOT EXISTS (SELECT 1 FROM messages e WHERE e.desk = m.desk AND e.content_key = m.content_key \
                   AND (e.decided_at < m.decided_at OR (e.decided_at = m.decided_at AND e.id < m.id)))";
        let arguments = args![
            asked.desk,
            author.as_str(),
            day_before(asked.arrived),
            asked.arrived,
            lookups.message,
            words,
            subject,
            day_before(asked.now),
            domain,
            streak_begins(asked.arrived)
        ];
        let row = self.db.row(sql, arguments).await?.ok_or(StoreError::Corrupt("a count"))?;
        let number = |column| Ok::<u32, StoreError>(u32::try_from(row.int(column)?).unwrap_or(u32::MAX));
        Ok(SenderFacts {
            version: row.opt_int("version")?.unwrap_or(0),
            messages: number("messages")?,
            same_words: number("same_words")?,
            same_subject: number("same_subject")?,
            replies: number("replies")?,
            sent_back: number("sent_back")?,
            domain_sent_back: number("domain_sent_back")?,
            strangers: number("strangers")?,
            bounced_hard: row.opt_flag("bounced_hard")?.unwrap_or(false),
        })
    }

    /// What the thread's Message-IDs belong to, in their order, newest first where one id leads to several.
    async fn threads(&self, asked: &Asked<'_>) -> Result<Threads> {
        let lookups = asked.lookups;
        let own = lookups.message_id.as_ref().map(|id| message_id_key(&self.keys, id));
        let keys: Vec<String> = lookups.message_ids.iter().map(|id| message_id_key(&self.keys, id)).collect();
        if own.is_none() && keys.is_empty() {
            return Ok(Threads::default());
        }
        let mut arguments = args![asked.desk, lookups.message];
        let ids = list(&mut arguments, keys.iter().chain(&own), "".into());
        let sql = format!(
            "SELECT m.message_id_key AS id_key, 0 = 1 AS ours, l.target_kind, l.target, l.linked_at AS at, \
             CAST(NULL AS TEXT) AS template \
             FROM messages m JOIN message_links l ON l.message = m.id \
             WHERE m.desk = $1 AND m.message_id_key IN ({ids}) AND m.id <> $2 AND l.role <> 'stranger' \
             UNION ALL SELECT i.id_key, 0 = 0 AS ours, s.about_kind, s.about, s.queued_at AS at, s.template \
             FROM mail_ids i JOIN mails s ON s.id = i.mail WHERE i.desk = $1 AND i.id_key IN ({ids})"
        );
        let mut found: Vec<(usize, Timestamp, Target)> = Vec::new();
        let mut is_our_mail = false;
        let mut replied: Option<(usize, Template)> = None;
        for row in self.db.rows(&sql, arguments).await? {
            let key = row.text("id_key")?;
            // SQLite has no type for a computed yes or no: a number there.
            is_our_mail |= Some(&key) == own.as_ref() && computed_flag(&row, "ours")?;
            let place = keys.iter().position(|known| *known == key);
            let template = row.opt_word("template", Template::from_word)?;
            replied = place.zip(template).into_iter().chain(replied).min_by_key(|(place, _)| *place);
            if let (Some(place), Some(target)) = (place, target(&row, "target_kind", "target")?) {
                found.push((place, row.time("at")?, target));
            }
        }
        found.sort_by_key(|(place, at, target)| (*place, std::cmp::Reverse(*at), *target));
        let mut seen = HashSet::new();
        found.retain(|(_, _, target)| seen.insert(*target));
        let (places, targets) = found.into_iter().map(|(place, _, target)| (place, target)).unzip();
        Ok(Threads { is_our_mail, targets, places, replied })
    }

    /// Pending requests that are named, and the author's own open ones.
    async fn pendings_for(&self, asked: &Asked<'_>, threads: &[Target]) -> Result<Vec<Pending>> {
        let mut arguments = args![asked.desk];
        let tags = asked.lookups.tokens.iter().chain(&asked.lookups.tags);
        let tokens = tags.filter_map(|tag| match tag {
            Tag::Pending(token) => Some(token.0.as_str()),
            Tag::Case(_) => None,
        });
        let tokens = list(&mut arguments, tokens, "".into());
        let ids = threads.iter().filter_map(|target| match target {
            Target::Pending(id) => Some(*id),
            Target::Case(_) => None,
        });
        let ids = list(&mut arguments, ids, Uuid::nil().into());
        let numbers = asked.lookups.tokens.iter().chain(&asked.lookups.tags).filter_map(|tag| match tag {
            Tag::Case(number) => Some(number.0.as_str()),
            Tag::Pending(_) => None,
        });
        let numbers = list(&mut arguments, numbers, "".into());
        let author = bound(&mut arguments, asked.author.clone());
        let sql = format!(
            "SELECT {PENDING} FROM pendings p WHERE p.desk = $1 AND p.token IN ({tokens}) \
             UNION ALL SELECT {PENDING} FROM pendings p WHERE p.desk = $1 AND p.number IN ({numbers}) \
             UNION ALL SELECT {PENDING} FROM pendings p WHERE p.desk = $1 AND p.id IN ({ids}) \
             UNION ALL SELECT * FROM (SELECT {PENDING} FROM pendings p WHERE p.desk = $1 AND p.requester_key = {author} \
             AND p.state = 'open' ORDER BY p.newest_at DESC LIMIT {MOST_OPEN}) AS own"
        );
        let rows = self.db.rows(&sql, arguments).await?;
        let mut pendings = rows.iter().map(case_rows::pending).collect::<Result<Vec<_>>>()?;
        once_each(&mut pendings, |pending| pending.id);
        Ok(pendings)
    }

    /// Cases that are named, or that a named pending request became, and the author's own.
    async fn cases_for(&self, asked: &Asked<'_>, threads: &[Target], pendings: &[Pending]) -> Result<Vec<Case>> {
        let mut arguments = args![asked.desk];
        let tags = asked.lookups.tokens.iter().chain(&asked.lookups.tags);
        let numbers = tags.filter_map(|tag| match tag {
            Tag::Case(number) => Some(number.0.as_str()),
            Tag::Pending(_) => None,
        });
        let numbers = list(&mut arguments, numbers, "".into());
        let ids = threads.iter().filter_map(|target| match target {
            Target::Case(id) => Some(*id),
            Target::Pending(_) => None,
        });
        let became = pendings.iter().filter_map(|pending| pending.case);
        let ids = list(&mut arguments, ids.chain(became), Uuid::nil().into());
        let author = bound(&mut arguments, asked.author.clone());
        let since = asked.now.saturating_sub(RESOLVED_DAYS).unwrap_or(Timestamp::MIN);
        let since = bound(&mut arguments, since);
        let sql = format!(
            "SELECT {CASE} FROM cases c WHERE c.desk = $1 AND c.number IN ({numbers}) \
             UNION ALL SELECT {CASE} FROM cases c WHERE c.desk = $1 AND c.id IN ({ids}) \
             UNION ALL SELECT * FROM (SELECT {CASE} FROM cases c WHERE c.desk = $1 AND c.requester_key = {author} \
             AND c.status <> 'resolved' ORDER BY c.opened_at DESC LIMIT {MOST_OPEN}) AS open_ones \
             UNION ALL SELECT * FROM (SELECT {CASE} FROM cases c WHERE c.desk = $1 AND c.requester_key = {author} \
             AND c.status = 'resolved' AND c.touched_at > {since} ORDER BY c.touched_at DESC LIMIT {MOST_RESOLVED}) \
             AS resolved_ones"
        );
        let rows = self.db.rows(&sql, arguments).await?;
        let mut cases = rows.iter().map(case_rows::case).collect::<Result<Vec<_>>>()?;
        once_each(&mut cases, |case| case.id);
        self.add_merged(&mut cases).await?;
        add_links(&self.db, &mut cases).await?;
        Ok(cases)
    }

    /// Adds the cases into which these were merged: where their mail goes now.
    async fn add_merged(&self, cases: &mut Vec<Case>) -> Result<()> {
        loop {
            let is_known = |id: &Uuid| cases.iter().any(|case| case.id == *id);
            let unknown: Vec<Uuid> =
                cases.iter().filter_map(|case| case.merged_into).filter(|id| !is_known(id)).collect();
            if unknown.is_empty() {
                return Ok(());
            }
            let mut arguments = args![];
            let ids = list(&mut arguments, unknown, Uuid::nil().into());
            let rows = self.db.rows(&format!("SELECT {CASE} FROM cases c WHERE c.id IN ({ids})"), arguments).await?;
            if rows.is_empty() {
                return Err(StoreError::Corrupt("a merged case"));
            }
            cases.extend(rows.iter().map(case_rows::case).collect::<Result<Vec<_>>>()?);
            once_each(cases, |case| case.id);
        }
    }

    /// The texts of cases, oldest first, and how many messages of the author reached each in the last day.
    async fn conversation(
        &self,
        asked: &Asked<'_>,
        cases: &[Case],
        pendings: &[Pending],
    ) -> Result<(HashMap<Uuid, Vec<String>>, HashMap<Uuid, u32>)> {
        let mut texts: HashMap<Uuid, Vec<String>> = HashMap::new();
        let mut counts: HashMap<Uuid, u32> = HashMap::new();
        let ids: Vec<Uuid> = cases.iter().map(|case| case.id).chain(pendings.iter().map(|one| one.id)).collect();
        if ids.is_empty() {
            return Ok((texts, counts));
        }
        let mut arguments = args![];
        let ids = list(&mut arguments, ids, Uuid::nil().into());
        let sql = format!(
            "SELECT l.message, l.target, l.target_kind, l.role, l.author_key, l.arrived, l.sealed, m.content_key \
             FROM message_links l JOIN messages m ON m.id = l.message \
             WHERE l.target IN ({ids}) ORDER BY l.linked_at, l.arrived, l.message"
        );
        let mut counted: HashSet<(Uuid, String)> = HashSet::new();
        for row in self.db.rows(&sql, arguments).await? {
            let target = row.id("target")?;
            if row.id("message")? == asked.lookups.message {
                continue;
            }
            let role = row.word("role", LinkRole::from_word)?;
            if let (Some(sealed), true, "case") =
                (row.opt_bytes("sealed")?, role.bears_words(), row.text("target_kind")?.as_str())
            {
                texts.entry(target).or_default().push(open_text(&sealed, "a message's words")?);
            }
            let arrived = row.opt_time("arrived")?;
            let in_day = arrived.is_some_and(|at| at > day_before(asked.arrived) && at <= asked.arrived);
            let is_again = row.opt_text("content_key")?.is_some_and(|content| !counted.insert((target, content)));
            if in_day && !is_again && asked.author.is_some() && row.opt_text("author_key")? == asked.author {
                *counts.entry(target).or_default() += 1;
            }
        }
        Ok((texts, counts))
    }
}

/// Where a row of messages that were sent back begins at the earliest.
pub(super) fn streak_begins(arrived: Timestamp) -> Timestamp {
    arrived.saturating_sub(STREAK).unwrap_or(Timestamp::MIN)
}

fn day_before(at: Timestamp) -> Timestamp {
    at.saturating_sub(DAY).unwrap_or(Timestamp::MIN)
}

/// Binds one more value and gives its placeholder.
fn bound(arguments: &mut Vec<Value>, value: impl Into<Value>) -> String {
    arguments.push(value.into());
    format!("${}", arguments.len())
}

fn computed_flag(row: &Row, column: &'static str) -> Result<bool> {
    match row {
        Row::Sqlite(_) => Ok(row.int(column)? != 0),
        Row::Postgres(_) => row.flag(column),
    }
}

/// Reads what something is about, where it is about anything.
pub(super) fn target(row: &Row, kind: &'static str, id: &'static str) -> Result<Option<Target>> {
    match (row.opt_text(kind)?.as_deref(), row.opt_id(id)?) {
        (Some("case"), Some(id)) => Ok(Some(Target::Case(id))),
        (Some("pending"), Some(id)) => Ok(Some(Target::Pending(id))),
        (None, None) => Ok(None),
        _ => Err(StoreError::Corrupt(kind)),
    }
}

/// The words and the row of what something is about.
pub(super) fn target_columns(target: Target) -> (&'static str, Uuid) {
    match target {
        Target::Case(id) => ("case", id),
        Target::Pending(id) => ("pending", id),
    }
}

fn once_each<T>(items: &mut Vec<T>, id: impl Fn(&T) -> Uuid) {
    let mut seen = HashSet::new();
    items.retain(|item| seen.insert(id(item)));
}

fn count(counts: &HashMap<Uuid, u32>, id: Uuid) -> u32 {
    counts.get(&id).copied().unwrap_or(0)
}

fn with_texts(cases: Vec<Case>, mut texts: HashMap<Uuid, Vec<String>>, counts: &HashMap<Uuid, u32>) -> Vec<CaseFacts> {
    let facts = cases.into_iter().map(|case| {
        let mut all = case.given_texts();
        all.extend(texts.remove(&case.id).unwrap_or_default());
        CaseFacts { texts: all, messages_in_day: count(counts, case.id), case }
    });
    facts.collect()
}

fn with_counts(pendings: Vec<Pending>, counts: &HashMap<Uuid, u32>) -> Vec<PendingFacts> {
    let facts =
        pendings.into_iter().map(|pending| PendingFacts { messages_in_day: count(counts, pending.id), pending });
    facts.collect()
}
