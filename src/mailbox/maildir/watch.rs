//! Being told of new files, where the system can do that; whoever waits looks for himself now and then all the same.

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
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
        // Whatever is told, an overflow too, is a reason to look. One permit is kept while nobody waits.
        let mut watcher = notify::recommended_watcher(move |_| told.notify_one()).ok()?;
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
