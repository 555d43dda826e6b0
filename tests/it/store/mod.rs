//! The store: one story of tests, told on SQLite and on PostgreSQL.

mod absences;
mod accounts;
mod attachments;
mod audit;
mod audit_export;
mod clocks;
mod commit;
mod console;
mod leases;
mod opening;
mod outbox;
mod overlay;
mod recording;
mod sent_folders;
mod standing;
mod token_keys;
mod turns;
mod views;
pub(crate) mod world;

/// Runs each test on both databases.
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test] async fn $test() { super::$test(crate::store::world::World::sqlite().await).await; })+
        }
        mod postgres {
            $(#[tokio::test] async fn $test() { super::$test(crate::store::world::World::postgres().await).await; })+
        }
    };
}
pub(crate) use on_both;
