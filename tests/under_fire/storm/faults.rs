//! What happens to workers, servers and connections in a storm, one misfortune a function.

use super::{Favour, Storm};
use crate::database::Database;
use crate::network;
use crate::proxy::Weather;
use crate::worker::was_stopped;
use std::time::{Duration, Instant};

impl Storm {
    /// A worker that is awake.
    fn any(&mut self) -> usize {
        let awake: Vec<usize> = (0..self.workers.len()).filter(|at| !self.workers[*at].is_frozen).collect();
        *self.dice.one(&awake)
    }

    pub(super) fn pause(&mut self, from: u64, to: u64) {
        std::thread::sleep(Duration::from_millis(self.dice.between(from, to)));
    }

    pub(super) fn kill_one(&mut self) {
        let at = self.any();
        // Most kills fall while it works, some while it starts.
        if self.dice.below(8) != 0 {
            self.workers[at].wait_until_at_work(Duration::from_secs(3));
        }
        self.pause(0, 350);
        if self.workers[at].kill().is_some_and(was_stopped) {
            self.outcome.kills += 1;
        }
        self.start(at, true);
    }

    pub(super) fn freeze_one(&mut self) {
        let at = self.any();
        self.workers[at].wait_until_at_work(Duration::from_secs(3));
        self.pause(0, 250);
        self.workers[at].freeze();
        self.outcome.freezes += 1;
        if self.dice.percent(70) && self.scene.favours != Some(Favour::StillClock) {
            self.clock.forward_past_leases(&mut self.dice);
        }
        let awake = self.workers.iter().filter(|one| !one.is_frozen).count();
        if awake > 0 && self.dice.percent(20) {
            // It sleeps while the others go on, longer than any lease lasts by any clock.
            self.workers[at].thaws_at = Some(Instant::now() + Duration::from_secs(self.dice.between(40, 60)));
            return;
        }
        // Somebody else takes over what it had.
        if awake > 0 && self.dice.percent(50) {
            let other = self.any();
            self.workers[other].kill();
            self.outcome.kills += 1;
            self.start(other, false);
            self.workers[other].wait_until_at_work(Duration::from_secs(3));
        }
        self.pause(50, 900);
        if self.dice.percent(85) {
            self.workers[at].thaw();
        } else {
            // It never wakes.
            self.workers[at].kill();
            self.outcome.kills += 1;
            self.start(at, true);
        }
    }

    pub(super) fn cut_one(&mut self) {
        let at = self.any();
        let which = usize::try_from(self.dice.below(3)).expect("one of three");
        let weather = Weather::bad(&mut self.dice);
        let proxy = self.proxies[at][which].clone();
        proxy.set(weather);
        if self.dice.percent(40) {
            proxy.drop_all();
        }
        self.deliver(1);
        self.pause(50, 900);
        // What hung may hang on, in some cases, behind a connection that nobody ends.
        if self.dice.percent(85) {
            proxy.clear()
        } else {
            proxy.set(Weather::Fair)
        }
        self.outcome.others += 1;
    }

    pub(super) fn move_the_clock(&mut self) {
        match self.dice.below(10) {
            0..6 => self.clock.forward_to_morning(),
            6..8 => self.clock.forward_past_leases(&mut self.dice),
            _ => self.clock.back(&mut self.dice),
        }
        self.outcome.others += 1;
    }

    pub(super) fn restart_a_server(&mut self) {
        self.outcome.others += 1;
        let is_immediate = self.dice.percent(60);
        match (self.dice.below(3), &mut self.database) {
            (0, Database::Postgres(server)) => server.restart(is_immediate),
            (0 | 1, _) => {
                self.dovecot.restart();
                self.imap = self.dovecot.client();
            }
            _ => {
                // The way out is away, and comes back.
                self.proxies.iter().for_each(|[_, out, _]| {
                    out.set(Weather::Refused);
                    out.drop_all();
                });
                self.pause(50, 500);
                self.proxies.iter().for_each(|[_, out, _]| out.set(Weather::Fair));
            }
        }
    }

    pub(super) fn fill_the_disk(&mut self) {
        let Some(disk) = &self.disk else { return };
        disk.fill();
        self.outcome.others += 1;
        self.pause(200, 1200);
        if let Some(disk) = &self.disk {
            disk.free();
        }
    }

    pub(super) fn take_the_network_away(&mut self) {
        if !network::is_ours() {
            return;
        }
        network::set(false);
        self.outcome.others += 1;
        self.pause(50, 1500);
        network::set(true);
    }
}
