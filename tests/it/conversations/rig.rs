//! One rehearsed desk with the real binary, and the mail that people write to it.

use mailclerk::message::Message;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// Who writes, unless a test says otherwise.
pub const AGENT: &str = "jo.field@agency.example";
/// The server whose results are believed where a test says so.
pub const SERVER: &str = "mx.desk.example";

/// A desk in a folder of its own, on a rehearsal's clock.
pub struct Rig {
    folder: TempDir,
    count: std::cell::Cell<u32>,
    /// The desk's address, domain and staff, as its policy file has them.
    pub desk: String,
    pub domain: String,
    id: String,
}

/// One mail that went out.
pub struct Sent {
    pub raw: String,
    pub mail: Message,
    pub template: String,
}

impl Sent {
    pub fn id(&self) -> String {
        self.mail.message_id.clone().unwrap()
    }
    pub fn to(&self) -> String {
        self.mail.to[0].address.to_string()
    }
    pub fn text(&self) -> &str {
        &self.mail.body.text
    }
    /// The HTML part as it is written, undecorated.
    pub fn html(&self) -> String {
        let parsed =
            mail_parser::MessageParser::default().parse(self.raw.as_bytes()).expect("a mail of ours is a mail");
        parsed.body_html(0).expect("a mail of ours has an HTML part").into_owned()
    }
}

/// The value of a key in a policy file's text.
fn value(text: &str, key: &str) -> String {
    let line = text.lines().find(|line| line.starts_with(&format!("{key} = "))).unwrap();
    line.split('"').nth(1).unwrap().to_owned()
}

impl Rig {
    pub fn new() -> Self {
        Self::with("", "")
    }

    /// With a server whose results are believed.
    pub fn trusting() -> Self {
        Self::with(&format!("trust = {{ rfc8601 = \"{SERVER}\" }}\n"), "")
    }

    /// With lines for the mailbox's settings, and text at the end of the policy file.
    pub fn with(mailbox: &str, policy: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let rig = Self { folder, count: 0.into(), desk: String::new(), domain: String::new(), id: String::new() };
        let root = rig.folder.path().join("desk");
        let made = Command::new(env!("CARGO_BIN_EXE_mailclerk")).arg("init").arg(&root).output().unwrap();
        assert!(made.status.success());
        let settings = fs::read_to_string(rig.path("mailclerk.toml")).unwrap();
        let id = value(&settings, "desk");
        let settings = settings.replace("url = \"maildir:mail\"", &format!("{mailbox}url = \"maildir:mail\""));
        fs::write(rig.path("mailclerk.toml"), settings).unwrap();
        let file = rig.path(&format!("desks/{id}.toml"));
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{text}\n{policy}")).unwrap();
        let desk = value(&text, "address").to_lowercase();
        let domain = desk.split('@').nth(1).unwrap().to_owned();
        Self { desk, domain, id, ..rig }
    }

    /// The shipped desk of `id`, with a server whose results are believed.
    pub fn of_desk(id: &str) -> Self {
        let rig = Self::trusting();
        let settings = fs::read_to_string(rig.path("mailclerk.toml")).unwrap();
        let settings = settings.replace(&format!("desk = \"{}\"", rig.id), &format!("desk = \"{id}\""));
        fs::write(rig.path("mailclerk.toml"), settings).unwrap();
        let text = fs::read_to_string(rig.path(&format!("desks/{id}.toml"))).unwrap();
        let desk = value(&text, "address").to_lowercase();
        let domain = desk.split('@').nth(1).unwrap().to_owned();
        Self { desk, domain, id: id.to_owned(), ..rig }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("desk").join(name)
    }

    /// Changes the policy file.
    pub fn edit(&self, from: &str, to: &str) {
        let file = self.path(&format!("desks/{}.toml", self.id));
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(&file, text.replacen(from, to, 1)).unwrap();
    }

    /// Addresses of the staff with this role, and of a line where one is given.
    pub fn staff(&self, role: &str, line: &str) -> Vec<String> {
        let text = fs::read_to_string(self.path(&format!("desks/{}.toml", self.id))).unwrap();
        let blocks = text.split("[[staff]]").skip(1);
        let fits = |block: &&str| block.contains(&format!("role = \"{role}\"")) && block.contains(line);
        blocks.filter(fits).map(|block| value(block, "email")).collect()
    }

    pub fn lines(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path(&format!("desks/{}.toml", self.id))).unwrap();
        text.split("[[line]]").skip(1).map(|block| value(block, "phone")).collect()
    }

    /// Puts `raw` into the mailbox.
    pub fn deliver(&self, raw: &str) {
        let count = self.count.get() + 1;
        self.count.set(count);
        for part in ["tmp", "new", "cur"] {
            fs::create_dir_all(self.path("mail").join(part)).unwrap();
        }
        fs::write(self.path("mail/new").join(format!("1.{count:05}.test")), raw.replace('\n', "\r\n")).unwrap();
    }

    /// Runs once up to `at`.
    pub fn run(&self, at: &str) {
        self.command(&["run", "--once", "--at", at]);
    }

    /// Delivers and runs.
    pub fn receive(&self, at: &str, mail: &Mail) {
        self.deliver(&mail.raw(self));
        self.run(at);
    }

    pub fn command(&self, arguments: &[&str]) -> String {
        let (done, out, errors) = self.try_command(arguments);
        assert!(done, "{arguments:?}: {errors}");
        out
    }

    pub fn try_command(&self, arguments: &[&str]) -> (bool, String, String) {
        let config = self.path("mailclerk.toml");
        let output =
            Command::new(env!("CARGO_BIN_EXE_mailclerk")).arg("--config").arg(config).args(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    }

    pub fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let mut all = arguments.to_vec();
        all.push("--json");
        serde_json::from_str(&self.command(&all)).unwrap()
    }

    pub fn cases(&self) -> Vec<Value> {
        self.json(&["cases"])
    }
    pub fn held(&self) -> Vec<Value> {
        self.json(&["held"])
    }
    pub fn pending(&self) -> Vec<Value> {
        self.json(&["pending"])
    }
    pub fn case(&self, number: &str) -> Value {
        serde_json::from_str(&self.command(&["case", number, "--json"])).unwrap()
    }
    /// The number of the newest case.
    pub fn number(&self) -> String {
        self.cases()[0]["number"].as_str().unwrap().to_owned()
    }
    /// Codes of the reasons of the one held message.
    pub fn held_because(&self) -> String {
        let held = self.held();
        assert_eq!(held.len(), 1, "{held:?}");
        held[0]["reasons"][0]["code"].as_str().unwrap().to_owned()
    }

    /// Mail that went out, oldest first; the supervisors' daily digests, which have tests of their own, left out.
    pub fn sent(&self) -> Vec<Sent> {
        let Ok(files) = fs::read_dir(self.path("outgoing")) else { return Vec::new() };
        let mut files: Vec<PathBuf> = files.flatten().map(|file| file.path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "eml"));
        files.sort();
        let read = |file: &PathBuf| {
            let bytes = fs::read(file).unwrap();
            let mail = Message::read(&bytes);
            let template = mail.header("X-Mailclerk-Template").next().unwrap_or_default().trim().to_owned();
            Sent { raw: String::from_utf8_lossy(&bytes).into_owned(), mail, template }
        };
        files.iter().map(read).filter(|one| one.template != "digest").collect()
    }
    /// Templates of all mail that went to `address`, oldest first.
    pub fn got(&self, address: &str) -> Vec<String> {
        self.sent().into_iter().filter(|one| one.to() == address).map(|one| one.template).collect()
    }
    /// The newest mail to `address`.
    pub fn last(&self, address: &str) -> Sent {
        self.sent().into_iter().rfind(|one| one.to() == address).unwrap()
    }
    /// How many messages the mailbox has filed in `folder`.
    pub fn filed(&self, folder: &str) -> usize {
        let Ok(files) = fs::read_dir(self.path(&format!("mail/.{folder}/cur"))) else { return 0 };
        files.count()
    }
}

/// A mail to the desk.
#[derive(Clone)]
pub struct Mail {
    pub from: String,
    pub subject: String,
    pub id: String,
    pub headers: Vec<String>,
    pub body: String,
}

/// A summary that nothing else repeats.
pub const ISSUE: &str = "The replacement card never arrived after two calls";

impl Mail {
    pub fn new(id: &str, subject: &str, body: &str) -> Self {
        Self {
            from: AGENT.into(),
            subject: subject.into(),
            id: format!("{id}@agency.example"),
            headers: Vec::new(),
            body: body.into(),
        }
    }
    /// A complete request about Jane Smith.
    pub fn request(id: &str) -> Self {
        Self::new(id, "Smith, Jane Medicare", &template("4411223", "H1234567801", "Jane Smith", ISSUE))
    }
    /// The same without the member's id.
    pub fn short(id: &str) -> Self {
        Self::new(id, "Smith, Jane Medicare", &template("4411223", "", "Jane Smith", ISSUE))
    }
    pub fn from(mut self, from: &str) -> Self {
        self.from = from.into();
        self
    }
    pub fn header(mut self, header: &str) -> Self {
        self.headers.push(header.into());
        self
    }
    pub fn answering(self, id: &str) -> Self {
        self.header(&format!("In-Reply-To: <{id}>"))
    }
    /// With the trusted server's result for the author's domain.
    pub fn authenticated(self, result: &str) -> Self {
        let domain = self.from.trim_end_matches('>').rsplit('@').next().unwrap().to_owned();
        self.header(&format!("Authentication-Results: {SERVER}; dmarc={result} header.from={domain}"))
    }
    pub fn raw(&self, rig: &Rig) -> String {
        let headers: String = self.headers.iter().map(|header| format!("{header}\n")).collect();
        format!(
            "{headers}From: {}\nTo: {}\nSubject: {}\nMessage-ID: <{}>\nMIME-Version: 1.0\n\
             Content-Type: text/plain; charset=utf-8\n\n{}\n",
            self.from, rig.desk, self.subject, self.id, self.body
        )
    }
}

/// The template, filled.
pub fn template(san: &str, member_id: &str, member: &str, issue: &str) -> String {
    format!(
        "Agent Name: Jo Field\nAgent SAN: {san}\nMember ID #: {member_id}\nMember Name in question: {member}\n\
         Reference #:\nSummary of issue: {issue}\n"
    )
}
