//! Settings, good and bad, with the words that the operator reads.

use super::*;
use secrecy::ExposeSecret;
use std::path::Path;

const GOOD: &str = r#"
database = "postgres://clerk@db.example.com:5433/mail?sslmode=verify-full"
database_password_env = "DB_PASSWORD"
desks = "desks"
public_url = "https://desk.example.com/"
[[mailbox]]
desk = "north"
url = "imaps://north%40example.com@mx.example.com/Shared%20Inbox"
password_file = "imap.secret"
ca_file = "/etc/ca.pem"
start = "all"
sent = "Sent"
trust = { rfc8601 = "mx1.example.com" }
[[mailbox]]
desk = "south"
url = "maildir:mail/south"
start = "2026-11-01T00:00:00Z"
trust = { header = "X-Verified: pass" }
[outgoing]
url = "smtp+starttls://clerk@mx.example.com:2587"
password_credential = "smtp"
[web]
listen = "[::1]:9000"
[secrets]
key_file = "clerk.key"
[log]
format = "json"
level = "debug"
"#;

#[test]
fn whoever_files_copies_of_sent_mail_is_named() {
    let with = |line: &str| small("").replace("maildir:in\"", &format!("maildir:in\"\n{line}"));
    let copies = |line: &str| read_with(&with(line), &[]).map(|settings| settings.mailboxes[0].sent_copies);
    for (word, meant) in [("server", SentCopies::Server), ("append", SentCopies::Append), ("none", SentCopies::None)] {
        assert_eq!(copies(&format!("sent_copies = \"{word}\"")), Ok(Some(meant)), "{word}");
    }
    assert_eq!(copies(""), Ok(None), "it follows from the mailbox");
    let error = copies("sent_copies = \"Server\"").expect_err("no such word");
    assert!(error.contains("did you mean `server`?"), "{error}");
}

/// The shortest file that is whole, with `more` before its tables.
fn small(more: &str) -> String {
    format!("{more}\n[[mailbox]]\ndesk = \"north\"\nurl = \"maildir:in\"\n[outgoing]\nurl = \"folder:out\"\n")
}

fn read_with(text: &str, variables: &[(&str, &str)]) -> Result<Settings, String> {
    let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    read(Path::new("/etc/clerk/mailclerk.toml"), text, &environment).map_err(|error| error.to_string())
}

#[test]
fn a_full_file_is_read() {
    let settings = read_with(GOOD, &[]).expect("it is right");
    let url = "postgres://clerk@db.example.com:5433/mail?sslmode=verify-full".to_owned();
    assert_eq!(settings.database, DatabaseUrl::Postgres { url });
    assert_eq!(settings.database_password, Some(SecretSource::Variable("DB_PASSWORD".to_owned())));
    assert_eq!(settings.desks.as_deref(), Some(Path::new("/etc/clerk/desks")));
    assert_eq!(settings.public_url.as_deref(), Some("https://desk.example.com"));
    assert_eq!(settings.web.expect("pages").listen.to_string(), "[::1]:9000");
    assert_eq!(settings.key_file.as_deref(), Some(Path::new("/etc/clerk/clerk.key")));
    assert_eq!(settings.log, Log { format: LogFormat::Json, level: LogLevel::Debug });
    assert_eq!(settings.warnings, Vec::<String>::new());

    let [north, south] = settings.mailboxes.as_slice() else { panic!("two mailboxes") };
    assert_eq!(
        north.url,
        MailboxUrl::Imap {
            user: "north@example.com".to_owned(),
            host: "mx.example.com".to_owned(),
            port: 993,
            security: Security::Tls,
            folder: "Shared Inbox".to_owned(),
        }
    );
    assert_eq!(north.id, "north:imaps://north%40example.com@mx.example.com/Shared%20Inbox");
    assert_eq!(north.password, Some(SecretSource::File("/etc/clerk/imap.secret".into())));
    assert_eq!(north.ca_file.as_deref(), Some(Path::new("/etc/ca.pem")));
    assert_eq!((north.start, north.sent.as_deref()), (Start::All, Some("Sent")));
    assert_eq!((north.watch_sent, south.watch_sent), (true, true));
    assert_eq!(north.trust, Trust::Rfc8601 { authserv_id: "mx1.example.com".to_owned() });
    assert_eq!(south.url, MailboxUrl::Maildir("/etc/clerk/mail/south".into()));
    assert_eq!(south.id, "south:maildir:mail/south");
    assert_eq!(south.start, Start::At("2026-11-01T00:00:00Z".parse().expect("an instant")));
    assert_eq!(south.trust, Trust::Header { name: "X-Verified".to_owned(), value: "pass".to_owned() });
    assert_eq!(settings.outgoing.password, Some(SecretSource::Credential("smtp".to_owned())));
    assert!(matches!(settings.outgoing.url, OutgoingUrl::Smtp { port: 2587, security: Security::StartTls, .. }));
}

#[test]
fn what_is_left_out_has_its_default() {
    let settings = read_with(&small(""), &[]).expect("it is right");
    assert_eq!(settings.database, DatabaseUrl::Sqlite("/etc/clerk/mailclerk.db".into()));
    assert_eq!(settings.web, None);
    assert_eq!(settings.log, Log { format: LogFormat::Text, level: LogLevel::Info });
    let mailbox = settings.mailboxes.first().expect("one");
    assert_eq!((mailbox.start, &mailbox.trust), (Start::All, &Trust::None));
    let imap =
        small("").replace("maildir:in\"", "imap://u@localhost\"\npassword_env = \"P\"\ntrust = \"microsoft365\"");
    let settings = read_with(&imap, &[]).expect("it is right");
    let mailbox = settings.mailboxes.first().expect("one");
    assert_eq!((mailbox.start, &mailbox.trust), (Start::Now, &Trust::Microsoft365));
    assert_eq!(mailbox.id, "north:imap://u@localhost/INBOX");
}

#[test]
fn the_environment_goes_over_the_file() {
    let variables = [
        ("MAILCLERK_DATABASE", "sqlite:other.db"),
        ("MAILCLERK_DESKS", "elsewhere"),
        ("MAILCLERK_PUBLIC_URL", "http://localhost:8025"),
        ("MAILCLERK_WEB_LISTEN", "localhost:1234"),
        ("MAILCLERK_OUTGOING_URL", "folder:/tmp/out"),
        ("MAILCLERK_LOG_FORMAT", "text"),
        ("MAILCLERK_LOG_LEVEL", "warn"),
        ("MAILCLERK_CONFIG", "read elsewhere"),
    ];
    let settings = read_with(GOOD, &variables).expect("it is right");
    assert_eq!(settings.database, DatabaseUrl::Sqlite("other.db".into()));
    assert_eq!(settings.desks.as_deref(), Some(Path::new("elsewhere")));
    assert_eq!(settings.public_url.as_deref(), Some("http://localhost:8025"));
    assert_eq!(settings.web.expect("pages").listen.to_string(), "127.0.0.1:1234");
    assert_eq!(settings.outgoing.url, OutgoingUrl::Folder("/tmp/out".into()));
    assert_eq!(settings.outgoing.password, None, "the file's password is not for another place");
    assert_eq!(settings.log, Log { format: LogFormat::Text, level: LogLevel::Warn });
    assert_eq!(settings.warnings, Vec::<String>::new());

    for (name, value, expected) in [
        (
            "MAILCLERK_DATABASE",
            "postgres://u:secret@db/x",
            "MAILCLERK_DATABASE in the environment: the url holds a password; remove it from the url, and name its place with `database_password_file` or `database_password_env`",
        ),
        (
            "MAILCLERK_LOG_LEVEL",
            "loud",
            "MAILCLERK_LOG_LEVEL in the environment: this word is not known; write one of `error`, `warn`, `info`, `debug`, `trace`",
        ),
        (
            "MAILCLERK_WEB_LISTEN",
            "8025",
            "MAILCLERK_WEB_LISTEN in the environment: this is no address to listen on; write it like `127.0.0.1:8025`",
        ),
    ] {
        assert_eq!(read_with(GOOD, &[(name, value)]).expect_err(name), expected);
    }
    let settings = read_with(GOOD, &[("MAILCLERK_DATABSE", "x"), ("MAILCLERK_LOG_LEVEL", "")]).expect("it is right");
    assert_eq!(
        settings.warnings,
        ["the variable MAILCLERK_DATABSE in the environment means nothing here; did you mean `MAILCLERK_DATABASE`?"]
    );
}

#[test]
fn bad_files_are_refused_with_place_and_remedy() {
    let at = "/etc/clerk/mailclerk.toml";
    let mailbox = |lines: &str| format!("[[mailbox]]\ndesk = \"north\"\n{lines}\n[outgoing]\nurl = \"folder:out\"\n");
    let outgoing = |lines: &str| format!("[[mailbox]]\ndesk = \"north\"\nurl = \"maildir:in\"\n[outgoing]\n{lines}\n");
    for (text, expected) in [
        (small("databse = \"sqlite:x\""), "1:1: databse: unknown key `databse`; did you mean `database`?"),
        (small("[web]\nlisten = 8025"), "2:10: web.listen: invalid type: integer `8025`, expected a string"),
        (
            "[outgoing]\nurl = \"folder:out\"\n".to_owned(),
            "1:1: mailbox: no mailbox is named; add a table `[[mailbox]]` with `desk = …` and `url = \"imaps://user@host/INBOX\"`",
        ),
        (
            "[[mailbox]]\ndesk = \"north\"\nurl = \"maildir:in\"\n".to_owned(),
            "1:1: outgoing.url: it is not said how mail goes out; add a table `[outgoing]` with `url = \"smtps://user@host\"` or `url = \"folder:out\"`",
        ),
        (
            mailbox("password = \"hunter2\""),
            "3:1: mailbox[0].password: unknown key `password`; did you mean `password_env`?",
        ),
        (mailbox(""), "1:1: mailbox[0].url: required key `url` is missing; add a line `url = …`"),
        (
            mailbox("url = \"imaps://u:hunter2@host/INBOX\""),
            "3:7: mailbox[0].url: the url holds a password; remove it from the url, and name its place with `password_file` or `password_env`",
        ),
        (
            mailbox("url = \"imaps://u:hun/ter@2@host/INBOX\""),
            "3:7: mailbox[0].url: the url holds a password; remove it from the url, and name its place with `password_file` or `password_env`",
        ),
        (
            mailbox("url = \"imaps://u@example.com@host/INBOX\""),
            "3:7: mailbox[0].url: an `@` or `/` stands where it cannot be told what it belongs to; write `%40` for `@` and `%2F` for `/`",
        ),
        (
            mailbox("url = \"imap://u@host/INBOX\"\npassword_env = \"P\""),
            "3:7: mailbox[0].url: a connection without TLS is allowed on this machine only (localhost, 127.0.0.1, ::1); write `imaps://` or `imap+starttls://`",
        ),
        (
            mailbox("url = \"imapps://u@host/INBOX\""),
            "3:7: mailbox[0].url: the url begins with a word that is not known here; did you mean `imaps://`?",
        ),
        (
            mailbox("url = \"/var/mail\""),
            "3:7: mailbox[0].url: this is no url; write one of imaps://, imap+starttls://, imap://, maildir:PATH",
        ),
        (
            mailbox("url = \"imaps://host/INBOX\""),
            "3:7: mailbox[0].url: the url names no user; write it like `imaps://user@host/INBOX`",
        ),
        (
            mailbox("url = \"imaps://u@host:70000/INBOX\""),
            "3:7: mailbox[0].url: the port in the url is no number; write a port from 1 to 65535",
        ),
        (
            mailbox("url = \"imaps://u@host/INBOX\""),
            "3:7: mailbox[0].url: the account needs a password; add `password_file`, `password_env` or `password_credential`",
        ),
        (
            mailbox("url = \"imaps://u@host\"\npassword_env = \"A\"\npassword_file = \"b\""),
            "4:16: mailbox[0].password_env: the password's place is named twice; keep one of `…_file`, `…_env` and `…_credential`",
        ),
        (
            mailbox("url = \"maildir:in\"\npassword_env = \"A\""),
            "3:7: mailbox[0].url: a password is given, and the url names no account for it; remove the password's key",
        ),
        (
            mailbox("url = \"maildir:in\"\nca_file = \"ca.pem\""),
            "4:11: mailbox[0].ca_file: a Maildir has no server; remove this key, or read an IMAP server",
        ),
        (
            mailbox("url = \"maildir:in\"\nstart = \"yesterday\""),
            "4:9: mailbox[0].start: this is no start; write `now`, `all` or an instant with its offset like `2026-11-01T00:00:00Z`",
        ),
        (
            mailbox("url = \"maildir:in\"\nstart = 2026-11-01"),
            "4:9: mailbox[0].start: this is no start; write `now`, `all` or an instant with its offset like `2026-11-01T00:00:00Z`",
        ),
        (
            mailbox("url = \"maildir:in\"\ntrust = \"microsoft\""),
            "4:9: mailbox[0].trust: unknown value `microsoft`; did you mean `microsoft365`?",
        ),
        (
            mailbox("url = \"maildir:in\"\ntrust = { header = \"X-Verified\" }"),
            "4:9: mailbox[0].trust: this is no header with a value; write it like `X-Sender-Verified: pass`",
        ),
        (
            format!("[[mailbox]]\ndesk = \"south\"\nurl = \"maildir:./in\"\n{}", small("")),
            "7:7: mailbox[1].url: this mailbox is named twice; keep one of the two: a mailbox belongs to one desk",
        ),
        (
            format!(
                "[[mailbox]]\nid = \"a\"\ndesk = \"north\"\nurl = \"maildir:a\"\n{}",
                mailbox("id = \"a\"\nurl = \"maildir:b\"")
            ),
            "7:6: mailbox[1].id: another mailbox has this id; give each mailbox an `id` of its own",
        ),
        (
            format!(
                "[[mailbox]]\nid = \"a\"\ndesk = \"north\"\nurl = \"maildir:a\"\n{}",
                mailbox("id = \"a/sent\"\nurl = \"maildir:b\"")
            ),
            "7:6: mailbox[1].id: one mailbox's id is that of another's folder for sent mail; give each mailbox an `id` that is not another's with `/sent` behind it",
        ),
        (
            mailbox("url = \"maildir:in\"\nwatch_sent = \"yes\""),
            "4:14: mailbox[0].watch_sent: invalid type: string \"yes\", expected a boolean",
        ),
        (
            mailbox("url = \"maildir:in\"\nsent = \"Sent\"\nwatch_sent = false"),
            "4:8: mailbox[0].sent: nobody puts copies of sent mail into a Maildir, and it is not watched; remove this key, watch it with `watch_sent = true`, or say with `sent_copies` who puts copies there: `server` or `append`",
        ),
        (
            outgoing("url = \"smtp://mx.example.com\""),
            "5:7: outgoing.url: a connection without TLS is allowed on this machine only (localhost, 127.0.0.1, ::1); write `smtps://` or `smtp+starttls://`",
        ),
        (
            outgoing("url = \"smtps://u@mx.example.com\""),
            "5:7: outgoing.url: the account needs a password; add `password_file`, `password_env` or `password_credential`",
        ),
        (
            small("database = \"mysql://u@h/db\""),
            "1:12: database: the url begins with a word that is not known here; write one of postgres://, postgresql://, sqlite:PATH",
        ),
        (
            small("database = \"postgres://u@h/db?password=x\""),
            "1:12: database: the url holds a password; remove it from the url, and name its place with `database_password_file` or `database_password_env`",
        ),
        (
            small("database = \"postgres://u@h/db?ssl_mode=require\""),
            "1:12: database: the url has a parameter that is not known; did you mean `sslmode`?",
        ),
        (
            small("public_url = \"http://desk.example.com\""),
            "1:14: public_url: links over http can be read by anyone on the way; write `https://`",
        ),
    ] {
        let error = read_with(&text, &[]).expect_err(&text);
        assert_eq!(error, format!("{at}:{expected}"), "{text}");
        assert!(!error.contains("hunter2"), "a password is shown");
    }
}

#[test]
fn urls_are_read_in_all_their_forms() {
    let base = Path::new("/base");
    let postgres = |url: &str| DatabaseUrl::parse(url, base);
    for url in
        ["postgres://u@h/db", "postgresql://h/db", "postgres:///db?host=/run/postgresql", "postgres://u@[::1]:5432/db"]
    {
        assert!(postgres(url).is_ok(), "{url}");
    }
    assert!(postgres("postgres:///db").is_err());
    assert!(postgres("postgres://u@h").is_err());
    let read = |url: &str| match postgres(url) {
        Ok(DatabaseUrl::Postgres { url }) => url,
        other => panic!("{url}: {other:?}"),
    };
    // Beyond this machine the server is verified, whatever the driver or the environment would do.
    for (url, added) in [
        ("postgres://u@db.example.com/db", "?sslmode=verify-full"),
        ("postgres://u@db.example.com/db?sslrootcert=ca.pem", "&sslmode=verify-full"),
        ("postgres://u@db.example.com/db?sslmode=verify-full", ""),
        ("postgres:///db?host=db.example.com", "&sslmode=verify-full"),
        ("postgres://u@192.0.2.1/db", "?sslmode=verify-full"),
        ("postgres://u@localhost/db", ""),
        ("postgres://u@[::1]/db?sslmode=disable", ""),
        ("postgres:///db?host=/run/postgresql", ""),
    ] {
        assert_eq!(read(url), format!("{url}{added}"));
    }
    for mode in ["disable", "allow", "prefer", "require", "verify-ca", "VERIFY-FULL", ""] {
        for host in ["u@db.example.com/db?", "/db?host=db.example.com&", "u@localhost/db?host=db.example.com&"] {
            let error = postgres(&format!("postgres://{host}sslmode={mode}")).unwrap_err().to_string();
            assert!(error.contains("sslmode=verify-full"), "{mode}: {error}");
        }
    }
    assert!(postgres("postgres://u@localhost/db?host=/run/postgresql&host=db.example.com").is_err());
    assert!(postgres("postgres://u@db.example.com/db?sslmode=verify-full&sslmode=disable").is_err());
    for (url, path) in [("sqlite:a.db", "/base/a.db"), ("sqlite:/x/a.db", "/x/a.db"), ("sqlite:///x/a.db", "/x/a.db")] {
        assert_eq!(postgres(url), Ok(DatabaseUrl::Sqlite(path.into())), "{url}");
    }
    assert!(postgres("sqlite::memory:").is_err());
    for (url, host, port) in [
        ("smtp://localhost:2525", "localhost", 2525),
        ("smtp://[::1]", "::1", 25),
        ("smtps://mx.example.com/", "mx.example.com", 465),
        ("smtp+starttls://MX.example.com", "mx.example.com", 587),
    ] {
        let found = OutgoingUrl::parse(url, base).expect(url);
        assert!(
            matches!(&found, OutgoingUrl::Smtp { host: h, port: p, user: None, .. } if h == host && *p == port),
            "{url}"
        );
    }
    for url in [
        "smtps://",
        "smtps://h:0",
        "smtps://h/path",
        "smtps://h?x=1",
        "smtps://@h",
        "folder:",
        "smtps://h%zz",
        "smtp://[::1",
    ] {
        assert!(OutgoingUrl::parse(url, base).is_err(), "{url}");
    }
    for url in ["imaps://u%0d%0a@h", "imaps://u%ff@h", "imaps://u%4@h", "maildir://x", "imaps://u@ho st"] {
        assert!(MailboxUrl::parse(url, base).is_err(), "{url}");
    }
    let back = MailboxUrl::parse("imap+starttls://a%40b.c@[2001:DB8::1]:1143/A%2FB", base).expect("it is right");
    assert_eq!(back.to_string(), "imap+starttls://a%40b.c@[2001:db8::1]:1143/A%2FB");
    assert_eq!(MailboxUrl::parse(&back.to_string(), base), Ok(back));
}

#[test]
fn secrets_are_read_and_never_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("writable");
        path
    };
    let environment = Environment::from([
        ("PASSWORD".to_owned(), "hunter2".to_owned()),
        ("CREDENTIALS_DIRECTORY".to_owned(), folder.path().display().to_string()),
    ]);
    let path = file("secret", b"hunter2\r\n");
    for source in [
        SecretSource::File(path.clone()),
        SecretSource::Variable("PASSWORD".to_owned()),
        SecretSource::Credential("secret".to_owned()),
    ] {
        let secret = source.read(&environment).expect("it is there");
        assert_eq!(secret.value.expose_secret(), "hunter2");
        assert!(!format!("{secret:?}").contains("hunter2"), "a password is shown");
    }
    let spaced = SecretSource::File(file("spaced", b" a b \n\n")).read(&environment).expect("it is there");
    assert_eq!(spaced.value.expose_secret(), " a b \n", "only one line end is dropped");
    for (source, expected) in [
        (SecretSource::File(file("empty", b"\n")), "it is empty"),
        (SecretSource::File(file("binary", b"\xff\xfe")), "it is not UTF-8 text"),
        (SecretSource::File(file("large", &[b'x'; 70_000])), "it is larger than 64 KiB"),
        (SecretSource::File(folder.path().join("missing")), "failed to read the secret in"),
        (SecretSource::Variable("MISSING".to_owned()), "the environment has no variable MISSING"),
    ] {
        let error = source.read(&environment).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}");
    }
    let error = SecretSource::Credential("secret".to_owned()).read(&Environment::new()).expect_err("no systemd");
    assert!(error.to_string().contains("LoadCredential=secret:FILE"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_password_that_everyone_can_read_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("secret");
    std::fs::write(&path, "x").expect("writable");
    for (mode, warned) in [(0o600, false), (0o640, false), (0o644, true), (0o602, true)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("ours");
        let secret = SecretSource::File(path.clone()).read(&Environment::new()).expect("it is there");
        assert_eq!(secret.warning.is_some(), warned, "{mode:o}");
    }
}

#[test]
fn a_master_key_is_32_bytes_in_base64() {
    let key = master_key(" AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n").expect("32 bytes");
    assert_eq!(key.expose_secret().first().zip(key.expose_secret().last()), Some((&0, &31)));
    assert!(!format!("{key:?}").contains("31"));
    for bad in ["", "AAEC", "not base64!", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gIQ=="] {
        assert!(master_key(bad).is_err(), "{bad}");
    }
}

proptest::proptest! {
    #[test]
    fn no_url_breaks_the_reading(text in "[a-z+:/@%?=&.0-9\\[\\]é ]{0,60}", scheme in "(imaps|smtp|postgres|maildir|sqlite|folder):(//)?") {
        let url = format!("{scheme}{text}");
        let base = Path::new("");
        if let Ok(parsed) = MailboxUrl::parse(&url, base) {
            proptest::prop_assert_eq!(MailboxUrl::parse(&parsed.to_string(), base), Ok(parsed));
        }
        let _ = (OutgoingUrl::parse(&url, base), DatabaseUrl::parse(&url, base));
    }
}
