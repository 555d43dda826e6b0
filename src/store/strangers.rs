//! What stands around many messages at once. Most of a backlog's senders are new: nothing of them, their ids or their
//! bytes is known, and a few statements tell that of a whole batch; only the others are asked about one by one.

use super::rows::list;
use super::seal::{address_key, content_key, hash_key, message_id_key};
use super::standing::streak_begins;
use super::value::{Value, args};
use super::{Result, Store, StoreError};
use crate::case::standing::{Lookups, SenderFacts, Standing};
use crate::store::time::kept;
use crate::words::keys::Keys;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// How a message is asked about.
struct Keyed {
    message: Uuid,
    arrived: Timestamp,
    /// Its bytes, its own Message-ID and those of its thread.
    ids: Vec<String>,
    author: Option<String>,
    domain: Option<String>,
    /// Our own tags and tokens lead somewhere, whoever writes.
    is_named: bool,
}

impl Keyed {
    fn of(keys: &Keys, asked: &Lookups, arrived: Timestamp) -> Self {
        let own = asked.message_id.iter().chain(&asked.message_ids).map(|id| message_id_key(keys, id));
        let author = asked.author.as_ref();
        Self {
            message: asked.message,
            arrived: kept(arrived),
            ids: own.chain([content_key(keys, &asked.content_hash)]).collect(),
            author: author.map(|author| address_key(keys, author)),
            domain: author.map(|author| hash_key(keys, "domain", author.organisational_domain())),
            is_named: !asked.tokens.is_empty() || !asked.tags.is_empty(),
        }
    }
}

impl Store {
    /// [`Store::standing`] of each of these messages, with the instants at which they arrived, in their order.
    pub async fn standings(
        &self,
        desk: &str,
        asked: &[(&Lookups, Timestamp)],
        now: Timestamp,
    ) -> Result<Vec<Standing>> {
        // One alone is asked about at once: two questions more would not make it faster.
        let mut new = if asked.len() > 1 { self.of_strangers(desk, asked).await? } else { HashMap::new() };
        let mut standings = Vec::with_capacity(asked.len());
        for (lookups, arrived) in asked {
            standings.push(match new.remove(&lookups.message) {
                Some(sender) => Standing { arrived: kept(*arrived), sender, ..Standing::default() },
                None => self.standing(desk, lookups, now).await?,
            });
        }
        Ok(standings)
    }

    /// The messages of which the store knows nothing but their own rows, with what is known of their senders' domains.
    async fn of_strangers(&self, desk: &str, asked: &[(&Lookups, Timestamp)]) -> Result<HashMap<Uuid, SenderFacts>> {
        let asked = asked.iter().map(|(lookups, arrived)| Keyed::of(&self.keys, lookups, *arrived));
        let mut asked: Vec<Keyed> = asked.filter(|one| !one.is_named).collect();
        let ids: BTreeSet<&String> = asked.iter().flat_map(|one| &one.ids).collect();
        let known_ids = self.known_ids(desk, ids).await?;
        asked.retain(|one| !one.ids.iter().any(|id| known_ids.contains(id)));
        let authors: BTreeSet<&String> = asked.iter().filter_map(|one| one.author.as_ref()).collect();
        let known_authors = self.known_authors(desk, authors).await?;
        asked.retain(|one| one.author.as_ref().is_none_or(|author| !known_authors.contains(author)));
        let mut facts: HashMap<Uuid, SenderFacts> =
            asked.iter().map(|one| (one.message, SenderFacts::default())).collect();
        self.count_domains(desk, &asked, &mut facts).await?;
        Ok(facts)
    }

    /// Which of these keys a decided message, or a mail of ours, has.
    async fn known_ids(&self, desk: &str, ids: BTreeSet<&String>) -> Result<HashSet<String>> {
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let mut arguments = args![desk];
        let ids = list(&mut arguments, ids, "".into());
        let sql = format!(
            "SELECT content_key AS known FROM messages WHERE desk = $1 AND content_key IN ({ids}) AND decision IS NOT NULL \
             UNION SELECT message_id_key AS known FROM messages WHERE desk = $1 AND message_id_key IN ({ids}) \
             UNION SELECT id_key AS known FROM mail_ids WHERE desk = $1 AND id_key IN ({ids})"
        );
        let rows = self.db.rows(&sql, arguments).await?;
        rows.iter().map(|row| row.text("known")).collect()
    }

    /// Which of these have written, got mail, or stand anywhere.
    async fn known_authors(&self, desk: &str, authors: BTreeSet<&String>) -> Result<HashSet<String>> {
        let rows = authors.into_iter().map(|author| args![desk, author.as_str()]).collect();
        let head = "SELECT v.column2 AS known FROM (VALUES";
        let tail = ") AS v WHERE \
            EXISTS (SELECT 1 FROM requesters r WHERE r.desk = v.column1 AND r.address_key = v.column2) \
            OR EXISTS (SELECT 1 FROM messages m WHERE m.desk = v.column1 AND m.author_key = v.column2) \
            OR EXISTS (SELECT 1 FROM mails o WHERE o.desk = v.column1 AND o.to_key = v.column2 AND o.class = 'automatic') \
            OR EXISTS (SELECT 1 FROM pendings p WHERE p.desk = v.column1 AND p.requester_key = v.column2) \
            OR EXISTS (SELECT 1 FROM cases c WHERE c.desk = v.column1 AND c.requester_key = v.column2)";
        let rows = self.db.read_rows(head, tail, rows).await?;
        rows.iter().map(|row| row.text("known")).collect()
    }

    /// How often each one's organisational domain was sent back in a row, until the message arrived.
    async fn count_domains(&self, desk: &str, asked: &[Keyed], facts: &mut HashMap<Uuid, SenderFacts>) -> Result<()> {
        // Messages of one domain that arrived at the same instant are counted once.
        let mut alike: BTreeMap<(&str, Timestamp), Vec<Uuid>> = BTreeMap::new();
        for one in asked {
            if let Some(domain) = &one.domain {
                alike.entry((domain, one.arrived)).or_default().push(one.message);
            }
        }
        let row = |(domain, arrived): &(&str, Timestamp)| -> Vec<Value> {
            args![desk, *domain, *arrived, streak_begins(*arrived)]
        };
        let counted = "SELECT COUNT(*) FROM messages b WHERE b.desk = v.column1 AND b.domain_key = v.column2 \
            AND b.arrived <= v.column3 AND b.decision IN ('return', 'redirect', 'reject_mixed') AND b.arrived > \
            COALESCE((SELECT MAX(p.arrived) FROM messages p WHERE p.desk = v.column1 AND p.domain_key = v.column2 \
            AND p.arrived > v.column4 AND p.decision = 'accept'), v.column4)";
        let head = format!(
            "SELECT v.column2 AS domain, v.column3 AS arrived, ({counted}) AS sent_back, \
             ({counted} AND b.from_stranger) AS strangers FROM (VALUES"
        );
        for row in self.db.read_rows(&head, ") AS v", alike.keys().map(row).collect()).await? {
            let (domain, arrived) = (row.text("domain")?, row.time("arrived")?);
            let number = |column| Ok::<u32, StoreError>(u32::try_from(row.int(column)?).unwrap_or(u32::MAX));
            for message in alike.get(&(domain.as_str(), arrived)).into_iter().flatten() {
                if let Some(facts) = facts.get_mut(message) {
                    (facts.domain_sent_back, facts.strangers) = (number("sent_back")?, number("strangers")?);
                }
            }
        }
        Ok(())
    }
}
