//! One storm: workers, servers and proxies, what happens to them by a plan drawn from the seed, and the calm behind it.

mod faults;

use crate::clock::Clock;
use crate::database::Database;
use crate::dice::Dice;
use crate::disk::Disk;
use crate::dovecot::{Dovecot, PASSWORD, USER};
use crate::house::{House, Wiring, database_url};
use crate::mails::{Mail, Mails, header};
use crate::oracle::{self, evidence::Evidence};
use crate::postgres_server::PostgresServer;
use crate::proxy::Proxy;
use crate::raw_imap::RawImap;
use crate::smtp_server::SmtpServer;
use crate::watch::Watch;
use crate::worker::{Warden, Worker, read_log, was_stopped};
use std::time::{Duration, Instant};

/// Mails that may wait in the inbox before no more are delivered.
const BACKLOG: usize = 60;
/// How long others may take until they have done what a sleeper had in hands.
const TAKEN_OVER: Duration = Duration::from_secs(30);
/// How long the calm may take.
const CALM: Duration = Duration::from_secs(150);

/// How a worker ends that cannot begin for what is away (EX_TEMPFAIL).
const TRY_AGAIN: i32 = 75;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// A wrong order that the program takes on purpose, and how it is brought about.
#[derive(Clone, Copy, Debug)]
pub struct Bug {
    /// Its name in `MAILCLERK_FAULT`.
    pub name: &'static str,
    /// Where workers are to be stopped, so that it shows; none: wherever chance will.
    pub points: &'static [&'static str],
    /// Where workers are to be frozen.
    pub freezes: &'static [&'static str],
    /// Whether they sleep until others have taken over what they had.
    pub sleeps: bool,
}

/// What a storm has much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Favour {
    /// Mornings: staff mail, promises that fall due.
    Mornings,
    /// Mornings, and a way out that mostly says "later".
    Deferrals,
    /// Requests that come twice, a moment apart.
    Twins,
    /// Nothing moves the clock: whoever waits for a lease to run out waits long.
    StillClock,
}

/// What a storm is.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The seed that draws everything in it.
    pub seed: u64,
    /// Which database.
    pub base: Base,
    /// How many workers.
    pub workers: usize,
    /// How many times a worker is killed.
    pub kills: usize,
    /// When it ends, whatever was killed by then.
    pub until: Option<Instant>,
    /// What happens more often than usual.
    pub favours: Option<Favour>,
    /// A wrong order.
    pub bug: Option<Bug>,
}

impl Scene {
    /// How it is called.
    pub fn name(&self) -> String {
        let much = match self.favours {
            Some(Favour::Mornings) => ", many mornings",
            Some(Favour::Deferrals) => ", much is put off",
            Some(Favour::Twins) => ", many twins",
            Some(Favour::StillClock) => ", a still clock",
            None => "",
        };
        let base = match self.base {
            Base::Sqlite => "SQLite",
            Base::Postgres => "PostgreSQL",
        };
        format!("{base}, {} worker{}{much}", self.workers, if self.workers == 1 { "" } else { "s" })
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Workers killed.
    pub kills: usize,
    /// Workers that stopped by themselves at a point.
    pub stops: usize,
    /// Workers frozen.
    pub freezes: usize,
    /// Everything else that happened.
    pub others: usize,
    /// Mails delivered, and mails taken by the way out.
    pub mails: (usize, usize),
    /// How long it stormed, and how long it took until all was quiet.
    pub took: (Duration, Duration),
    /// Mails of unknown fate.
    pub uncertain: usize,
    /// What was violated.
    pub violations: Vec<String>,
    /// Where everything is kept, if something was violated.
    pub kept: Option<std::path::PathBuf>,
}

struct Storm {
    scene: Scene,
    dice: Dice,
    house: House,
    dovecot: Dovecot,
    smtp: SmtpServer,
    database: Database,
    proxies: Vec<[Proxy; 3]>,
    workers: Vec<Worker>,
    warden: Warden,
    mails: Mails,
    imap: RawImap,
    clock: Clock,
    disk: Option<Disk>,
    watch: Watch,
    outcome: Outcome,
}

/// Lets it storm, and looks at what is left.
pub fn run(scene: &Scene) -> Outcome {
    let mut storm = Storm::new(scene.clone());
    let begun = Instant::now();
    storm.rage();
    storm.outcome.took.0 = begun.elapsed();
    if storm.outcome.violations.is_empty() || scene.bug.is_none() {
        let begun = Instant::now();
        storm.calm();
        storm.outcome.took.1 = begun.elapsed();
    }
    storm.close()
}

impl Storm {
    fn new(scene: Scene) -> Self {
        let dice = Dice::new(scene.seed);
        let house = House::new(USER, PASSWORD);
        let (dovecot, smtp) = (Dovecot::start(), SmtpServer::start());
        let (database, disk) = match scene.base {
            Base::Sqlite => {
                let disk = Disk::under(&house.path("kept"));
                (Database::Sqlite(house.path("kept/mailclerk.db")), disk)
            }
            Base::Postgres => (Database::Postgres(PostgresServer::start()), None),
        };
        let direct = match &database {
            Database::Sqlite(_) => 0,
            Database::Postgres(server) => server.port,
        };
        let calm = Wiring { imap: dovecot.imap, smtp: smtp.port, database: database_url(&database, direct) };
        house.write_settings("calm", &calm);
        let mut proxies = Vec::new();
        let mut workers = Vec::new();
        for number in 0..scene.workers {
            let three = [dovecot.imap, smtp.port, direct].map(Proxy::to);
            let [imap, out, base] = &three;
            let database = database_url(&database, base.port);
            let worker = Worker::new(&house, number);
            house.write_settings(&worker.name, &Wiring { imap: imap.port, smtp: out.port, database });
            proxies.push(three);
            workers.push(worker);
        }
        let imap = dovecot.client();
        let clock = Clock::new(house.clock());
        let favours = scene.favours;
        match favours {
            Some(Favour::Deferrals) => smtp.put_off(dice.part("smtp"), 500),
            _ => smtp.set_temper(dice.part("smtp"), 25),
        }
        Self {
            dice: dice.part("plan"),
            scene,
            house,
            dovecot,
            smtp,
            database,
            proxies,
            workers,
            warden: Warden::new(),
            mails: Mails::default(),
            imap,
            clock,
            disk,
            watch: Watch::default(),
            outcome: Outcome::default(),
        }
    }

    /// The storm itself.
    fn rage(&mut self) {
        // Made and brought up to date once, as an operator does.
        self.start(0, false);
        let is_at_work = self.workers[0].wait_until_at_work(Duration::from_secs(60));
        assert!(is_at_work, "the program does not start: {}", self.workers[0].log_of_this_life());
        for at in 1..self.workers.len() {
            self.start(at, false);
        }
        self.deliver(12);
        while self.outcome.kills < self.scene.kills && self.scene.until.is_none_or(|until| Instant::now() < until) {
            if self.watch.backlog(&self.database) < BACKLOG {
                let count = self.dice.between(0, 3);
                self.deliver(usize::try_from(count).expect("a few"));
            }
            self.look_after_the_fallen();
            let favours = self.scene.favours;
            // In storms that are to show a bug much more often than beside all the rest.
            let mornings = if self.scene.bug.is_some() { 30 } else { 5 };
            match self.dice.below(100) {
                chance if chance < mornings && matches!(favours, Some(Favour::Mornings | Favour::Deferrals)) => {
                    self.clock.forward_to_morning();
                    // Whoever starts now does at once what is due.
                    self.kill_one();
                    self.wait_until_nothing_is_due(Duration::from_secs(5));
                }
                0..70 => self.kill_one(),
                70..79 => self.freeze_one(),
                79..90 => self.cut_one(),
                90..95 if favours != Some(Favour::StillClock) => self.move_the_clock(),
                90..95 => self.freeze_one(),
                95..97 => self.restart_a_server(),
                97 => self.fill_the_disk(),
                98 => self.take_the_network_away(),
                _ => self.database.end_sessions(),
            }
            self.mails.read_transcript(&self.smtp.taken_after(self.mails.seen()));
            let seen = self.watch.look(&self.database, &self.smtp);
            self.outcome.violations.extend(seen);
            if self.scene.bug.is_some() && !self.outcome.violations.is_empty() {
                return;
            }
        }
    }

    fn deliver(&mut self, count: usize) {
        let twins = self.scene.favours == Some(Favour::Twins);
        for _ in 0..count {
            let drawn = match self.scene.favours {
                Some(Favour::Twins) if self.dice.percent(60) => self.mails.twins(),
                _ => self.mails.draw(&mut self.dice),
            };
            for mail in drawn {
                self.deliver_one(&mail);
                if twins {
                    self.pause(100, 700);
                }
            }
        }
    }

    fn deliver_one(&mut self, mail: &Mail) {
        for copy in 0..mail.copies {
            if copy == 0 && self.dice.percent(20) && mail.copies == 1 {
                // As the organisation's mail server does, which writes headers of its own above.
                self.dovecot.deliver(&mail.raw);
            } else {
                // Two copies in one second would look like a mail that a person moved back.
                let at = if copy == 0 { "" } else { "\"20-Nov-2026 01:02:03 +0000\" " };
                self.imap.append("INBOX", at, &mail.raw);
            }
        }
    }

    /// Starts a worker; some are set to stop or freeze at a point by themselves.
    fn start(&mut self, at: usize, steers: bool) {
        let mut environment: Vec<(&str, String)> = Vec::new();
        if let Some(bug) = self.scene.bug {
            environment.push(("MAILCLERK_FAULT", bug.name.to_owned()));
        }
        let chance = self.dice.below(100);
        let nth = self.dice.between(1, 3);
        let drawn = *self.dice.one(&POINTS);
        let bug = self.scene.bug;
        let (points, freezes) = bug.map_or((&[][..], &[][..]), |bug| (bug.points, bug.freezes));
        if steers {
            match chance {
                0..60 if !points.is_empty() => {
                    environment.push(("MAILCLERK_CRASH_AT", format!("{}:{nth}", self.dice.one(points))));
                }
                0..60 if !freezes.is_empty() => {
                    environment.push(("MAILCLERK_STOP_AT", format!("{}:{nth}", self.dice.one(freezes))));
                }
                60..80 => environment.push(("MAILCLERK_CRASH_AT", format!("{drawn}:{nth}"))),
                80..90 => environment.push(("MAILCLERK_STOP_AT", format!("{drawn}:{nth}"))),
                _ => {}
            }
        }
        self.workers[at].start(&self.house, &self.warden, &environment);
    }

    /// Workers that ended by themselves are started again, those that froze at a point go on.
    fn look_after_the_fallen(&mut self) {
        for at in 0..self.workers.len() {
            if self.workers[at].has_ended() {
                let status = self.workers[at].kill();
                if status.is_some_and(was_stopped) {
                    self.outcome.stops += 1;
                } else if let Some(status) = status {
                    let log = self.workers[at].log_of_this_life();
                    // While its database or its disk is away a worker does not begin, and says so by this code.
                    if status.code() != Some(TRY_AGAIN) {
                        self.outcome.violations.push(format!("a worker ended with {status}: {log}"));
                    }
                }
                self.start(at, true);
            } else if self.workers[at].thaws_at.is_some_and(|instant| instant < Instant::now()) {
                self.workers[at].thaw();
            } else if !self.workers[at].is_frozen && self.workers[at].stands_still() {
                self.outcome.freezes += 1;
                if self.scene.bug.is_some_and(|bug| bug.sleeps) {
                    self.let_others_take_over(at);
                    continue;
                }
                let in_time = self.scene.favours == Some(Favour::Twins);
                let is_still = self.scene.favours == Some(Favour::StillClock);
                if self.dice.percent(60) && !in_time && !is_still {
                    self.clock.forward_past_leases(&mut self.dice);
                }
                self.pause(if in_time { 700 } else { 50 }, if in_time { 1500 } else { 700 });
                self.workers[at].thaw();
            }
        }
    }

    /// One sleeps until the others have done what it had in hands, or this takes too long.
    fn let_others_take_over(&mut self, sleeper: usize) {
        self.clock.forward_past_leases(&mut self.dice);
        // Not steered, so that none of them falls asleep over it as well.
        for at in (0..self.workers.len()).filter(|at| *at != sleeper) {
            self.workers[at].kill();
            self.workers[at].start(&self.house, &self.warden, &[]);
        }
        let until = Instant::now() + TAKEN_OVER;
        while Instant::now() < until && self.watch.is_anything_in_hands(&self.database) {
            std::thread::sleep(Duration::from_millis(100));
        }
        self.workers[sleeper].thaw();
        self.pause(700, 1500);
    }

    /// Waits until all that fell due is done and said, or all workers have stopped, or this long.
    fn wait_until_nothing_is_due(&mut self, most: Duration) {
        let until = Instant::now() + most;
        while Instant::now() < until
            && !self.workers.iter_mut().all(Worker::has_ended)
            && self.watch.is_anything_due(&self.database, self.clock.now())
        {
            std::thread::sleep(Duration::from_millis(50));
        }
        self.pause(100, 900);
    }

    /// All faults end; the workers run until all is quiet.
    fn calm(&mut self) {
        self.smtp.set_temper(self.dice.part("calm"), 0);
        if let Some(disk) = &self.disk {
            disk.free();
        }
        self.proxies.iter().flatten().for_each(Proxy::clear);
        // Who sleeps wakes among workers that have taken over.
        for worker in self.workers.iter_mut().filter(|worker| !worker.is_frozen) {
            worker.kill();
        }
        let most = if self.scene.bug.is_some() { Duration::from_secs(15) } else { CALM };
        let until = Instant::now() + most;
        let mut is_still = self.scene.favours == Some(Favour::StillClock);
        loop {
            // What waits for its hour, or for a lease to run out: the hour comes.
            if !is_still {
                self.clock.forward_past_leases(&mut self.dice);
            }
            self.start_all();
            let restless = self.wait_for_quiet(until);
            self.stop_all();
            // What the dead had in hands is taken over while the clock stands; for what was put off it goes on then.
            is_still &= self.scene.bug.is_some() || self.watch.is_anything_leased(&self.database);
            // Meanwhile something may have fallen due, or a stop may have come between two steps.
            if restless.is_empty() && self.watch.restless(&self.database, &mut self.imap, self.clock.now()).is_empty() {
                break;
            }
            if Instant::now() > until {
                self.outcome.violations.push(format!("it never became quiet: {}", restless.join("; ")));
                break;
            }
        }
        self.look();
    }

    fn start_all(&mut self) {
        let fault = self.scene.bug.map(|bug| ("MAILCLERK_FAULT", bug.name.to_owned()));
        for worker in self.workers.iter_mut().filter(|worker| !worker.is_frozen) {
            worker.start(&self.house, &self.warden, fault.as_slice());
        }
        for worker in self.workers.iter_mut().filter(|worker| worker.is_frozen) {
            self.outcome.others += 1;
            worker.thaw();
        }
    }

    /// What is still to be done when nothing more happens for a while, or it took too long.
    fn wait_for_quiet(&mut self, until: Instant) -> Vec<String> {
        let still = Duration::from_secs(if self.scene.bug.is_some() { 6 } else { 12 });
        let mut last = Vec::new();
        let mut changed = Instant::now();
        loop {
            let restless = self.watch.restless(&self.database, &mut self.imap, self.clock.now());
            if restless.is_empty() || Instant::now() > until || changed.elapsed() > still {
                return restless;
            }
            if restless != last {
                last = restless;
                changed = Instant::now();
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Asks all to stop, as an init system does.
    fn stop_all(&mut self) {
        for worker in &mut self.workers {
            // Before it is at work it has no ear for it.
            worker.wait_until_at_work(Duration::from_secs(30));
            // It slept in its first steps while the database ended its sessions: then it does not begin.
            if worker.has_ended_with(TRY_AGAIN) {
                worker.kill();
                continue;
            }
            match worker.terminate(Duration::from_secs(40)) {
                Some(status) if status.success() => {}
                // It was still set to stop by itself.
                Some(status) if worker.is_steered && was_stopped(status) => self.outcome.stops += 1,
                ended => {
                    let log = worker.log_of_this_life();
                    let tail: Vec<&str> = log.lines().rev().take(5).collect();
                    let said = format!("a worker that was asked to stop ended with {ended:?}: {tail:?}");
                    self.outcome.violations.push(said);
                }
            }
            worker.kill();
        }
    }

    /// What the oracle says.
    fn look(&mut self) {
        let transcript = self.smtp.taken();
        let seen = self.watch.look(&self.database, &self.smtp);
        self.outcome.violations.extend(seen);
        let logs: Vec<_> = self.workers.iter().map(|one| (format!("{}.log", one.name), read_log(&one.log))).collect();
        match Evidence::gather(&self.database, &self.house, &mut self.imap, transcript) {
            Ok(evidence) => {
                self.outcome.uncertain = evidence.mails.iter().filter(|mail| mail.state == "uncertain").count();
                self.outcome.violations.extend(oracle::violations(&evidence, &self.mails, &logs));
            }
            Err(error) => self.outcome.violations.push(format!("the evidence cannot be read: {error}")),
        }
    }

    fn close(mut self) -> Outcome {
        for worker in &mut self.workers {
            worker.kill();
        }
        let taken = self.smtp.taken();
        self.outcome.mails = (self.mails.all.iter().map(|mail| mail.copies).sum(), taken.len());
        let is_wanted = std::env::var_os("FIRE_KEEP").is_some();
        if is_wanted || (!self.outcome.violations.is_empty() && self.scene.bug.is_none()) {
            for (at, mail) in taken.iter().enumerate() {
                self.house.write_evidence(&format!("transcript/{at:05}-{}.eml", mail.to), &mail.bytes);
            }
            for mail in &self.mails.all {
                self.house.write_evidence(&format!("delivered/{:05}-{:?}.eml", mail.number, mail.kind), &mail.raw);
            }
            self.house.write_evidence("dovecot.log", self.dovecot.log().as_bytes());
            self.house.write_evidence("violations.txt", self.outcome.violations.join("\n").as_bytes());
            if matches!(self.database, Database::Postgres(_)) {
                for table in ["messages", "mails", "cases", "pendings", "clocks", "audit_rows", "locks", "mailboxes"] {
                    let rest = format!("FROM {table} t");
                    let rows = self.database.select(&["row_to_json(t)"], &rest).unwrap_or_default();
                    let text: Vec<String> = rows.into_iter().flatten().flatten().collect();
                    self.house.write_evidence(&format!("tables/{table}.jsonl"), text.join("\n").as_bytes());
                }
            }
            if let Some(disk) = &self.disk {
                disk.keep();
            }
            self.outcome.kept = Some(self.house.keep().to_owned());
        }
        self.outcome
    }
}

/// Points at which a worker may stop or freeze by itself.
const POINTS: [&str; 25] = [
    "fetched",
    "recorded",
    "store_record",
    "leased",
    "decided",
    "store_commit",
    "committed",
    "moved",
    "filed",
    "claimed",
    "begun",
    "committing",
    "store_committing",
    "finished",
    "sent",
    "store_mail_changed",
    "clock_decided",
    "clock_committed",
    "assignment_decided",
    "recovering",
    "act_decided",
    "act_committed",
    "sent_recorded",
    "copy_appended",
    "leased",
];

/// A mail's Message-ID, without brackets.
pub fn id_of(raw: &[u8]) -> String {
    header(raw, "Message-ID").unwrap_or_default().trim_matches(['<', '>']).to_owned()
}
