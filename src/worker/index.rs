//! Cases of a database from before are made findable by their words, a few at a time, beside everything else.

use super::Worker;
use std::time::Duration;

/// Cases of one step: short enough that nobody waits for its transaction.
const STEP: usize = 100;
/// Between two steps others come to write.
const REST: Duration = Duration::from_millis(20);

impl Worker {
    /// Indexes all cases that are not yet. Where there are none, this is one look at an empty index.
    ///
    /// # Errors
    ///
    /// Those of the database; what is done stays done, and the rest is done by the next call.
    pub async fn index_older_cases(&self) -> anyhow::Result<()> {
        let mut indexed = 0;
        loop {
            match self.store.index_older_cases(STEP).await? {
                0 => break,
                n => indexed += n,
            }
            tokio::time::sleep(REST).await;
        }
        if indexed > 0 {
            tracing::info!(cases = indexed, "cases of an older version can be searched now");
        }
        Ok(())
    }
}
