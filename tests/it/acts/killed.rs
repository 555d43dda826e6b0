//! A process that ends in the middle of an act leaves nothing of it, or all.

use super::{MONDAY, desk_of, form};
use crate::support::rehearsal::{AGENT, ANN, Rehearsal};
use mailclerk::case::commands::Word;
use mailclerk::words::Status;
use mailclerk::words::numbers::CaseNumber;
use mailclerk::worker::acts::{About, Act, ActFile, Acted};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

const FOLDER: &str = "MAILCLERK_TEST_FOLDER";
const SIGABRT: i32 = 6;

fn act() -> Act {
    let file = ActFile { name: "a.txt".into(), content_type: "text/plain".into(), bytes: b"words".to_vec() };
    let about = About::Case(CaseNumber("TEST-100001".into()));
    Act::new(form(1), about).saying("A new card was sent.").with(Word::Resolve, "").enclosing(vec![file])
}

/// Acts once in the folder that another test names; by itself it does nothing.
#[tokio::test]
async fn a_process_that_acts() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let desk = Rehearsal::in_folder(Path::new(&folder), super::LATER).await;
    desk.act(ANN, &act()).await;
}

#[tokio::test]
async fn nothing_or_all_of_an_act_survives() {
    for (point, survives) in [("act_decided", false), ("store_commit", false), ("act_committed", true)] {
        let (mut desk, number) = desk_of(Rehearsal::new(MONDAY).await, AGENT).await;
        let ended = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "acts::killed::a_process_that_acts"])
            .env(FOLDER, desk.folder.path())
            .env("MAILCLERK_CRASH_AT", point)
            .output()
            .unwrap();
        assert_eq!(ended.status.signal(), Some(SIGABRT), "{point}: {}", String::from_utf8_lossy(&ended.stdout));
        let case = desk.case(&number).await;
        let message = desk.worker.store.message_state(act().id).await.unwrap();
        assert_eq!((case.status == Status::Resolved, message.is_some()), (survives, survives), "{point}");
        // Whoever sends the form once more does it once.
        let acted = desk.act(ANN, &act()).await;
        assert_eq!(acted == Acted::Twice, survives, "{point}: {acted:?}");
        desk.run(super::LATER).await;
        assert_eq!(desk.got(AGENT), ["receipt", "acknowledgement", "closing"], "{point}");
        assert_eq!(desk.last(AGENT, "closing").mail.attachments.len(), 1);
        assert!(desk.worker.store.audit_verify().await.unwrap().broken.is_empty());
    }
}
