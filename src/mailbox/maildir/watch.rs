//! Being told of new files, where the system can do that; whoever waits looks for himself now and then all the same.

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

/// Watches `new/` and `cur/`.
#[derive(Debug)]
pub(super) struct Watch {
    changed: Arc<Notify>,
    _watcher: RecommendedWatcher,
}

impl Watch {
    /// `None`: the system does not tell (too many watches, a network file system); looking now and then is enough.
    pub(super) fn start(root: &Path) -> Option<Self> {
        let changed = Arc::new(Notify::new());
        let told = Arc::clone(&changed);
        let tell = move |told_of: notify::Result<Event>| {
            if may_be_new(&told_of) {
                // One permit is kept while nobody waits.
                told.notify_one();
            }
        };
        let mut watcher = notify::recommended_watcher(tell).ok()?;
        for part in ["new", "cur"] {
            watcher.watch(&root.join(part), RecursiveMode::NonRecursive).ok()?;
        }
        Some(Self { changed, _watcher: watcher })
    }

    /// Waits for a change, or until `until`: whoever waits looks in either case.
    pub(super) async fn changed_until(&mut self, until: Instant) {
        let _told_or_not = timeout_at(until, self.changed.notified()).await;
    }
}

/// Whether this is a reason to look: whatever is told, an overflow too, but that somebody read. Our own look reads, and
/// would be told of and lead to the next one without a pause.
fn may_be_new(told_of: &notify::Result<Event>) -> bool {
    match told_of.as_ref().map(|event| event.kind) {
        Ok(EventKind::Access(AccessKind::Close(AccessMode::Write))) | Err(_) => true,
        Ok(EventKind::Access(_)) => false,
        Ok(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{CreateKind, ModifyKind, RenameMode};
    use std::collections::BTreeSet;
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn what_is_read_is_no_news() {
        for (kind, is_news) in [
            (EventKind::Access(AccessKind::Open(AccessMode::Any)), false),
            (EventKind::Access(AccessKind::Read), false),
            (EventKind::Access(AccessKind::Close(AccessMode::Read)), false),
            (EventKind::Access(AccessKind::Close(AccessMode::Write)), true),
            (EventKind::Create(CreateKind::File), true),
            (EventKind::Modify(ModifyKind::Name(RenameMode::To)), true),
            (EventKind::Other, true),
        ] {
            assert_eq!(may_be_new(&Ok(Event::new(kind))), is_news, "{kind:?}");
        }
        assert!(may_be_new(&Err(notify::Error::generic("overflow"))));
    }

    #[test]
    fn a_look_at_the_folder_wakes_nobody_and_a_delivery_does() {
        let folder = tempfile::tempdir().unwrap();
        let (tell, told) = mpsc::channel();
        let mut watcher = notify::recommended_watcher(move |event| tell.send(event).unwrap()).unwrap();
        watcher.watch(folder.path(), RecursiveMode::NonRecursive).unwrap();
        // What the system tells is in the order in which it happened: all before the delivery was the look's doing.
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let outside = tempfile::NamedTempFile::new_in(std::env::temp_dir()).unwrap();
        std::fs::hard_link(outside.path(), folder.path().join("1.mail")).unwrap();
        let mut before = BTreeSet::new();
        loop {
            let event = told.recv_timeout(Duration::from_secs(30)).unwrap();
            if may_be_new(&event) {
                let paths = event.unwrap().paths;
                assert!(paths.iter().any(|path| path.ends_with("1.mail")), "woken by {paths:?}");
                break;
            }
            before.insert(format!("{:?}", event.unwrap().kind));
        }
        println!("{before:?}");
    }
}
