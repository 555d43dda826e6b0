//! Policy files that change while the installed program runs.

use super::support::clerk::{Clerk, Running};
use super::support::requests::request;
use sqlx::Connection;

const TAKEN_UP: &str = "a changed policy is taken up";
const REFUSED: &str = "a changed policy is refused";

/// The desk's policy, with another line in the place of the one that begins so.
fn edit(clerk: &Clerk, begins: &str, line: &str) -> String {
    let path = clerk.path("desks").join(format!("{}.toml", clerk.desk.id));
    let text = std::fs::read_to_string(&path).expect("the policy");
    let old = text.lines().find(|line| line.starts_with(begins)).expect("the line");
    let text = text.replacen(old, line, 1);
    std::fs::write(path, &text).expect("written");
    text
}

/// Delivers a request and waits for its receipt.
fn receipt(clerk: &Clerk, worker: &mut Running, n: usize) -> String {
    let before = clerk.written().len();
    let one = request(&clerk.desk, n);
    clerk.deliver(&one.id, &one.raw);
    worker.wait_until("a receipt", |_| clerk.written().len() > before);
    String::from_utf8_lossy(clerk.written().last().expect("a mail")).into_owned()
}

fn reloads(clerk: &Clerk) -> Vec<String> {
    let url = format!("sqlite:{}", clerk.path("mailclerk.db").display());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("connected");
        let sql = "SELECT ids FROM audit_rows WHERE kind = 'desk_reloaded' AND chain = 'desk' ORDER BY seq";
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect("read")
    })
}

#[test]
fn a_running_worker_takes_up_what_is_sound_and_refuses_what_is_not() {
    let clerk = Clerk::on_folders();
    let mut worker = clerk.start(&["run"]);
    worker.wait_for_log("mailclerk is at work", 1);
    edit(&clerk, "name = ", "name = \"The First Name\"");
    worker.wait_for_log(TAKEN_UP, 1);
    let mail = receipt(&clerk, &mut worker, 0);
    assert!(mail.contains("The First Name"), "{mail}");

    let text = edit(&clerk, "name = ", "nmae = \"The Second Name\"");
    let line = text.lines().position(|line| line.starts_with("nmae")).expect("the line") + 1;
    worker.wait_for_log(REFUSED, 1);
    let fault = format!("{}.toml:{line}:1: ", clerk.desk.id);
    let remedy = "unknown key `nmae`; did you mean `name`?";
    let log = worker.log();
    assert!(log.lines().any(|line| line.contains(REFUSED) && line.contains(&fault) && line.contains(remedy)), "{log}");
    let checked = clerk.end_of(&["check", "--offline"]);
    let said = checked.out + &checked.log;
    assert!(!checked.status.success() && said.contains(&fault) && said.contains(remedy), "{said}");
    let mail = receipt(&clerk, &mut worker, 1);
    assert!(mail.contains("The First Name"), "the former policy stays: {mail}");

    edit(&clerk, "nmae = ", "name = \"The Second Name\"");
    worker.wait_for_log(TAKEN_UP, 2);
    let template = clerk.path("templates/closing.md");
    std::fs::write(&template, "Subject: x\n\n{{ numbr }}\n").expect("written");
    worker.wait_until("the template's fault in its log", |log| {
        log.contains("closing.md:3: there is no variable numbr; did you mean number?")
    });
    let mail = receipt(&clerk, &mut worker, 2);
    assert!(mail.contains("The Second Name"), "{mail}");
    std::fs::write(&template, "Subject: x\n\n{% if number %}{{ number }}{% endif %}\n").expect("written");
    worker.wait_for_log(TAKEN_UP, 3);
    assert!(worker.terminate().success());
    let log = worker.log();
    for fault in ["unknown key `nmae`", "there is no variable numbr"] {
        assert_eq!(log.matches(fault).count(), 1, "it is told once, whatever the number of looks: {log}");
    }
    let reloads = reloads(&clerk);
    assert_eq!(reloads.len(), 3, "{reloads:?}");
    assert!(reloads[1].contains("\"changed\":\"policy\"") && reloads[2].contains("templates"), "{reloads:?}");
    clerk.ok(&["audit", "verify"]);
}

#[test]
fn a_roster_that_changes_alone_is_taken_up_and_a_broken_one_leaves_the_last() {
    const GUIDANCE: &str = "Please ask the owner of the case to call.";
    let clerk = Clerk::on_folders();
    let policy = clerk.path("desks").join(format!("{}.toml", clerk.desk.id));
    let text = std::fs::read_to_string(&policy).expect("the policy");
    let table = format!(
        "\n[associations]\nroster = \"associations.csv\"\nid_field = \"agent_san\"\ncase_fields = [\"member_id\"]\n\
         guidance = \"{GUIDANCE}\"\n"
    );
    std::fs::write(&policy, text + &table).expect("written");
    let write = |rows: &str| {
        std::fs::write(clerk.path("desks").join("associations.csv"), format!("address,id,case\n{rows}"))
            .expect("a roster");
    };
    write("pat@shop.example,4711,K1234\n");
    let mut worker = clerk.start(&["run"]);
    worker.wait_for_log("mailclerk is at work", 1);
    let mail = receipt(&clerk, &mut worker, 0);
    assert!(mail.contains("ask the owner"), "whoever does not stand there is told what to do: {mail}");
    write("pat@shop.example,4711,K1234\nlee@shop.example,4711,K1234\n");
    worker.wait_for_log(TAKEN_UP, 1);
    write("pat@shop.example,4711,K1234\nnobody,4711,K1234\n");
    worker.wait_for_log(REFUSED, 1);
    let log = worker.log();
    assert!(log.contains("associations.csv:3:1: this is no email address"), "{log}");
    let mail = receipt(&clerk, &mut worker, 1);
    assert!(mail.contains("ask the owner"), "the last roster stays: {mail}");
    write("pat@shop.example,4711,K1234\n");
    worker.wait_for_log(TAKEN_UP, 2);
}
