//! `mailclerk user`: who may use the pages, staff those of the console and partners those of the portal.

mod ask;
mod partner;

use super::table::{show, when};
use super::{Failure, open, settings};
use crate::address::EmailAddress;
use crate::clock::Clock;
use crate::desk::Desk;
use crate::desk::access::{Access, AccountRole, Realm};
use crate::settings::{Settings, Web};
use crate::store::{
    Account, AccountChange, AccountState, AccountWrite, Birth, Committed, EndSessions, SessionLimits, SessionRow, Store,
};
use crate::web::base::{codes, passphrase};
use crate::words::chance::Chance;
use crate::worker::portal::is_portal_for;
use anyhow::{Context, anyhow};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What `user` is asked.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
    /// Mean a partner's account, at the portal; an address may have one at the console too
    #[arg(long, global = true)]
    partner: bool,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make an account, or open one again that was ended
    ///
    /// What a specialist or supervisor sees comes from the desks' staff lists, by the address.
    Add {
        /// The address that they sign in with; for a specialist or supervisor the one on the staff list
        email: String,
        /// What they may do
        #[arg(long, value_parser = role)]
        role: AccountRole,
        /// Ask for a code from an authenticator app too; prints the secret, once
        #[arg(long)]
        totp: bool,
        #[command(flatten)]
        passphrase: FromFile,
    },
    /// List accounts, those of partners too; with --partner these alone
    List,
    /// Give an account a new passphrase; all its sessions end
    Passphrase {
        /// The account's address
        email: String,
        #[command(flatten)]
        passphrase: FromFile,
    },
    /// Ask for codes of a new secret when this account signs in, and print the secret, once
    Totp {
        /// The account's address
        email: String,
        /// Ask for no codes any more
        #[arg(long)]
        off: bool,
    },
    /// Give an account another role
    Role {
        /// The account's address
        email: String,
        /// What they may do from now on
        #[arg(value_parser = role)]
        role: AccountRole,
    },
    /// List an account's sessions, or end them all
    Sessions {
        /// The account's address
        email: String,
        /// End all of them
        #[arg(long)]
        end: bool,
    },
    /// End an account: it cannot sign in any more, and all its sessions end
    End {
        /// The account's address
        email: String,
    },
    /// Let a partner whose account was ended come back; a link leads them to a new passphrase
    Reopen {
        /// The partner's address
        email: String,
    },
    /// Forget a partner's passphrase and second factor: the next link leads them to a new passphrase, and all their
    /// sessions end
    Reset {
        /// The partner's address
        email: String,
    },
    /// Send a partner a link to the portal; it stands in the mail alone, and is not printed
    Link {
        /// The partner's address
        email: String,
    },
}

impl Action {
    /// Whether it is about partners, whatever else is said.
    fn is_of_partners(&self) -> bool {
        matches!(self, Self::Reopen { .. } | Self::Reset { .. } | Self::Link { .. })
    }
}

/// Where a passphrase comes from: never from an argument, which other users of the machine can read.
#[derive(Debug, clap::Args)]
struct FromFile {
    /// Read the passphrase from the first line of this file, `-` for standard input; else it is asked for, unseen
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

fn role(text: &str) -> Result<AccountRole, String> {
    AccountRole::from_word(text).filter(|role| AccountRole::STAFF.contains(role)).ok_or_else(|| {
        let known: Vec<&str> = AccountRole::STAFF.iter().map(|role| role.as_str()).collect();
        format!("there is no role {text:?}; the roles are {}", known.join(", "))
    })
}

/// A database, the desks and the instant: what each action works with.
struct Books {
    store: Store,
    desks: Vec<Arc<Desk>>,
    /// Whose accounts are meant.
    realm: Realm,
    limits: SessionLimits,
    now: Timestamp,
    json: bool,
}

pub(super) fn run(config: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let settings = settings::read_existing(config)?;
    super::block_on(async {
        let books = Books::open(config, &settings, arguments).await?;
        match &arguments.action {
            Action::Add { email, role, totp, passphrase } => books.add(email, *role, *totp, passphrase).await,
            Action::List => books.list().await,
            Action::Passphrase { email, passphrase } => books.passphrase(email, passphrase).await,
            Action::Totp { email, off } => books.totp(email, *off).await,
            Action::Role { email, role } => books.role(email, *role).await,
            Action::Sessions { email, end } => books.sessions(email, *end).await,
            Action::End { email } => books.end(email).await,
            Action::Reopen { email } => books.reopen(email).await,
            Action::Reset { email } => books.reset(email).await,
            Action::Link { email } => books.link(email, config).await,
        }
    })
}

impl Books {
    async fn open(config: &Path, settings: &Settings, arguments: &Arguments) -> Result<Self, Failure> {
        let is_partner = arguments.partner || arguments.action.is_of_partners();
        let realm = if is_partner { Realm::Partners } else { Realm::Staff };
        let desks = open::desks(settings)?.into_values().collect();
        let store = open::existing_store(config, settings).await?;
        let web = match realm {
            Realm::Staff => settings.web.clone(),
            Realm::Partners => settings.portal.as_ref().map(|portal| portal.web.clone()),
        };
        let web = web.unwrap_or_else(Web::usual);
        let span = |span| SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
        let limits = SessionLimits { idle: span(web.idle), longest: span(web.longest) };
        let now = match store.born() {
            Birth::Live => Clock::System.now(),
            // A rehearsal's database knows nothing of today: the instant of its newest mail is meant.
            Birth::Rehearsal => {
                let mails = store.outbox(None, true).await?;
                mails.iter().map(|mail| mail.at).max().unwrap_or(Timestamp::UNIX_EPOCH)
            }
        };
        Ok(Self { store, desks, realm, limits, now, json: arguments.json })
    }

    async fn add(&self, email: &str, role: AccountRole, totp: bool, from: &FromFile) -> Result<(), Failure> {
        let email = address(email)?;
        self.must_not_be_partner(&email, partner::NO_ADDING)?;
        let found = self.store.account(&email).await?;
        if found.as_ref().is_some_and(|account| account.state == AccountState::Active) {
            let error = anyhow!("{email} has an account already; `mailclerk user role` or `passphrase` change it");
            return Err(Failure::usage(error));
        }
        self.must_be_staff(&email, role)?;
        let hashed = self.new_passphrase(&email, from)?;
        let secret = totp.then(fresh_secret).transpose()?;
        let is_new = found.is_none();
        let account = Account {
            id: match &found {
                Some(account) => account.id,
                None => Chance::from_seed(open::entropy()?).id(self.now),
            },
            version: found.as_ref().map_or(0, |one| one.version),
            email,
            role,
            state: AccountState::Active,
            passphrase: Some(hashed),
            codes: secret.clone(),
            code_step: found.as_ref().map_or(0, |one| one.code_step),
            made_at: self.now,
        };
        let change = if is_new { AccountChange::Made } else { AccountChange::Reopened };
        self.write(&account, change, EndSessions::All).await?;
        let what = if is_new { "was made" } else { "is open again" };
        self.tell(&account, &format!("the account {} {what}: {}", account.email, account.role), secret.as_deref())
    }

    async fn list(&self) -> Result<(), Failure> {
        let mut accounts = self.store.accounts_in(Realm::Partners).await?;
        if self.realm == Realm::Staff {
            let staff = self.store.accounts().await?;
            accounts.splice(0..0, staff);
        }
        if self.json {
            return super::print_json(&accounts.iter().map(|one| self.shown(one)).collect::<Vec<_>>());
        }
        let rows = accounts.iter().map(|one| {
            let desks = self.seen_by(one).join(", ");
            let codes = if one.codes.is_some() { "asked for" } else { "" };
            let state = one.state.to_string();
            vec![one.email.to_string(), one.role.to_string(), state, desks, codes.to_owned(), when(one.made_at)]
        });
        let nothing = match self.realm {
            Realm::Staff => "there are no accounts; make one with `mailclerk user add EMAIL --role admin`",
            Realm::Partners => partner::NONE_YET,
        };
        show(&["address", "role", "state", "desks", "codes", "made"], rows, nothing)
    }

    async fn passphrase(&self, email: &str, from: &FromFile) -> Result<(), Failure> {
        let mut account = self.existing(email).await?;
        self.must_not_be_partner(&account.email, partner::NO_PASSPHRASE)?;
        account.passphrase = Some(self.new_passphrase(&account.email, from)?);
        self.write(&account, AccountChange::Passphrase, EndSessions::All).await?;
        self.tell(&account, &format!("{} has a new passphrase, and no session any more", account.email), None)
    }

    async fn totp(&self, email: &str, off: bool) -> Result<(), Failure> {
        let mut account = self.existing(email).await?;
        if !off {
            self.must_not_be_partner(&account.email, partner::NO_SECRET)?;
        }
        if off && account.codes.is_none() {
            return Err(Failure::usage(anyhow!(
                "{} is not asked for codes, so there is nothing to end",
                account.email
            )));
        }
        account.codes = (!off).then(fresh_secret).transpose()?;
        let change = if off { AccountChange::CodesOff } else { AccountChange::CodesOn };
        self.write(&account, change, EndSessions::All).await?;
        let what = if off { "is asked for no codes any more" } else { "is asked for a code from now on" };
        self.tell(&account, &format!("{} {what}, and has no session any more", account.email), account.codes.as_deref())
    }

    async fn role(&self, email: &str, role: AccountRole) -> Result<(), Failure> {
        let mut account = self.existing(email).await?;
        self.must_not_be_partner(&account.email, partner::NO_ROLE)?;
        self.must_be_staff(&account.email, role)?;
        account.role = role;
        self.write(&account, AccountChange::Role, EndSessions::None).await?;
        self.tell(&account, &format!("{} is {role} from now on", account.email), None)
    }

    async fn sessions(&self, email: &str, end: bool) -> Result<(), Failure> {
        let account = self.existing(email).await?;
        if end {
            let desks = self.desks_of(&account);
            let of = (account.id, &account.email);
            let ended = self.store.end_sessions(of, EndSessions::All, "command", &desks, self.now).await?;
            if self.json {
                return super::print_json(&json!({ "email": account.email.to_string(), "ended": ended }));
            }
            return super::print_line(&format!("{ended} sessions of {} were ended", account.email));
        }
        let sessions = self.store.sessions_of(account.id, self.limits, self.now).await?;
        if self.json {
            let one = |one: &SessionRow| json!({ "id": one.id, "browser": one.agent, "begun": one.made_at, "used": one.used_at });
            return super::print_json(&sessions.iter().map(one).collect::<Vec<_>>());
        }
        let rows = sessions.iter().map(|one| vec![one.agent.clone(), when(one.made_at), when(one.used_at)]);
        show(&["browser", "begun", "last used"], rows, "nobody is signed in with this account")
    }

    async fn end(&self, email: &str) -> Result<(), Failure> {
        let mut account = self.existing(email).await?;
        if account.state == AccountState::Ended {
            return Err(Failure::usage(anyhow!("the account {} is ended already", account.email)));
        }
        account.state = AccountState::Ended;
        self.write(&account, AccountChange::Ended, EndSessions::All).await?;
        let again = match self.realm {
            Realm::Staff => "add",
            Realm::Partners => "reopen",
        };
        let done = format!("the account {} is ended; `mailclerk user {again}` opens it again", account.email);
        self.tell(&account, &done, None)
    }

    /// The account of an address where it is meant; which there are is for `list` to say.
    async fn existing(&self, email: &str) -> Result<Account, Failure> {
        let email = address(email)?;
        if let Some(account) = self.store.account_in(self.realm, &email).await? {
            return Ok(account);
        }
        Err(Failure::usage(match self.realm {
            Realm::Partners => anyhow!("{email} has no account as a partner; {}", partner::WHO_THERE_IS),
            Realm::Staff if self.store.account_in(Realm::Partners, &email).await?.is_some() => {
                anyhow!("{email} has no account at the console but one as a partner; add --partner to mean that")
            }
            Realm::Staff => anyhow!("{email} has no account; `mailclerk user list` shows which there are"),
        }))
    }

    async fn write(&self, account: &Account, change: AccountChange, end: EndSessions) -> Result<(), Failure> {
        let desks = self.desks_of(account);
        let write = AccountWrite { account, change, end, by: "command", desks: &desks, now: self.now };
        match self.store.write_account(&write).await? {
            Committed::Written => Ok(()),
            Committed::Stale => {
                Err(Failure::try_again(anyhow!("the account was changed by somebody else meanwhile; try again")))
            }
        }
    }

    /// The desks where there is something for an account: a partner's are those whose portal is for them.
    fn seen_by(&self, account: &Account) -> Vec<String> {
        match account.role.realm() {
            Realm::Staff => {
                let access = Access::of(&account.email, account.role, &self.desks);
                access.desks.into_iter().map(|one| one.desk).collect()
            }
            Realm::Partners => {
                let of = self.desks.iter().filter(|desk| is_portal_for(desk, &account.email));
                of.map(|desk| desk.id.clone()).collect()
            }
        }
    }

    /// The desks in whose audit trail a change of an account stands: those that it sees, or all where it sees none.
    fn desks_of(&self, account: &Account) -> Vec<String> {
        let seen = self.seen_by(account);
        if seen.is_empty() { self.desks.iter().map(|desk| desk.id.clone()).collect() } else { seen }
    }

    /// A specialist or supervisor who is on no staff list would sign in and see nothing.
    fn must_be_staff(&self, email: &EmailAddress, role: AccountRole) -> Result<(), Failure> {
        if !Access::of(email, role, &self.desks).desks.is_empty() {
            return Ok(());
        }
        let ids: Vec<&str> = self.desks.iter().map(|desk| desk.id.as_str()).collect();
        Err(Failure::usage(anyhow!(
            "{email} is on the staff list of no desk ({}), so a {role} would see nothing; add them under `[[staff]]` in \
             the desk's policy file, or make an admin",
            ids.join(", ")
        )))
    }

    fn new_passphrase(&self, email: &EmailAddress, from: &FromFile) -> Result<String, Failure> {
        let text = match &from.passphrase_file {
            Some(file) => ask::from_file(file)?,
            None => ask::on_terminal(&format!("passphrase for {email}"))?,
        };
        if let Some(fault) = passphrase::fault(&text, &email.to_string()) {
            return Err(Failure::usage(anyhow!(fault)));
        }
        Ok(passphrase::hash(&text)?)
    }

    fn shown(&self, account: &Account) -> serde_json::Value {
        json!({
            "email": account.email.to_string(),
            "role": account.role,
            "state": account.state.as_str(),
            "desks": self.seen_by(account),
            "totp": account.codes.is_some(),
            "passphrase": account.passphrase.is_some(),
            "made": account.made_at,
        })
    }

    /// Says what was done, with a new secret where there is one: nobody can read it again.
    fn tell(&self, account: &Account, done: &str, secret: Option<&[u8]>) -> Result<(), Failure> {
        if self.json {
            let mut shown = self.shown(account);
            if let (Some(secret), Some(object)) = (secret, shown.as_object_mut()) {
                object.insert("secret".to_owned(), codes::in_base32(secret).into());
                object.insert("otpauth".to_owned(), codes::address(secret, &account.email).into());
            }
            return super::print_json(&shown);
        }
        super::print_line(done)?;
        let Some(secret) = secret else { return Ok(()) };
        let address = codes::address(secret, &account.email);
        super::print_line(
            "\nScan this with an authenticator app, or type the secret into it. It is not shown again.\n",
        )?;
        if let Some(picture) = ask::picture(&address) {
            super::print_line(&picture)?;
        }
        super::print_line(&format!("secret  {}\naddress {address}", codes::in_base32(secret)))
    }
}

fn address(text: &str) -> Result<EmailAddress, Failure> {
    EmailAddress::parse(text.trim()).map_err(|error| Failure::usage(anyhow!("{text:?} is no email address: {error}")))
}

fn fresh_secret() -> anyhow::Result<Vec<u8>> {
    let bits = open::entropy()?;
    Ok(bits.get(..codes::SECRET_BYTES).context("too few random bits")?.to_vec())
}
