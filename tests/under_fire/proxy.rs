//! A proxy between a worker and a server that drops, delays, trickles, swallows and half-opens, as a network does.

use crate::dice::Dice;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// What the network does to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// All passes.
    Fair,
    /// New connections are closed at once.
    Refused,
    /// Connections are accepted, and whatever is said goes nowhere.
    HalfOpen,
    /// What the server says goes nowhere; what the client says arrives.
    AnswersLost,
    /// What the client says goes nowhere; what the server says arrives.
    RequestsLost,
    /// Each piece comes late by so many milliseconds.
    Slow(u64),
    /// A few octets at a time.
    Trickle,
    /// The connection is closed behind so many octets from the client.
    CutUp(u64),
    /// The connection is closed behind so many octets from the server.
    CutDown(u64),
}

impl Weather {
    /// Some bad weather.
    pub fn bad(dice: &mut Dice) -> Self {
        match dice.below(10) {
            0 => Self::Refused,
            1 => Self::HalfOpen,
            2 | 3 => Self::AnswersLost,
            4 => Self::RequestsLost,
            5 => Self::Slow(dice.between(20, 200)),
            6 => Self::Trickle,
            7 | 8 => Self::CutUp(dice.between(1, 40_000)),
            _ => Self::CutDown(dice.between(1, 20_000)),
        }
    }
}

struct Shared {
    weather: Mutex<Weather>,
    /// Both ends of each connection that stands.
    standing: Mutex<Vec<(u64, TcpStream, TcpStream)>>,
    numbers: AtomicU64,
    target: AtomicU16,
}

/// A proxy on a port of this machine.
#[derive(Clone)]
pub struct Proxy {
    /// Where it listens.
    pub port: u16,
    shared: Arc<Shared>,
}

impl Proxy {
    /// Listens, and passes all on to `target`.
    pub fn to(target: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let shared = Arc::new(Shared {
            weather: Mutex::new(Weather::Fair),
            standing: Mutex::default(),
            numbers: AtomicU64::new(0),
            target: AtomicU16::new(target),
        });
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&serving);
                std::thread::spawn(move || drop(serve(stream, &shared)));
            }
        });
        Self { port, shared }
    }

    /// From now on the weather is this.
    pub fn set(&self, weather: Weather) {
        *lock(&self.shared.weather) = weather;
    }

    /// Ends all connections that stand.
    pub fn drop_all(&self) {
        for (_, client, server) in lock(&self.shared.standing).drain(..) {
            let _ = client.shutdown(Shutdown::Both);
            let _ = server.shutdown(Shutdown::Both);
        }
    }

    /// Fair weather, and nothing left of the storm.
    pub fn clear(&self) {
        self.set(Weather::Fair);
        self.drop_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics with it")
}

fn serve(client: TcpStream, shared: &Arc<Shared>) -> std::io::Result<()> {
    let weather = *lock(&shared.weather);
    if weather == Weather::Refused {
        // What is unread makes the kernel answer with a reset now and then: both happen in life.
        return client.shutdown(Shutdown::Both);
    }
    let server = TcpStream::connect(("127.0.0.1", shared.target.load(Ordering::SeqCst)))?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let number = shared.numbers.fetch_add(1, Ordering::SeqCst);
    lock(&shared.standing).push((number, client.try_clone()?, server.try_clone()?));
    let (up_from, up_to, down_from, down_to) = (client.try_clone()?, server.try_clone()?, server, client);
    let up = Arc::clone(shared);
    let upward = std::thread::spawn(move || pump(up_from, up_to, &up, true));
    pump(down_from, down_to, shared, false);
    let _ = upward.join();
    lock(&shared.standing).retain(|(one, ..)| *one != number);
    Ok(())
}

fn pump(mut from: TcpStream, mut to: TcpStream, shared: &Shared, is_up: bool) {
    let mut octets = [0; 16 * 1024];
    let mut passed: u64 = 0;
    while let Ok(count @ 1..) = from.read(&mut octets) {
        let weather = *lock(&shared.weather);
        let piece = &octets[..count];
        let is_lost = match weather {
            Weather::HalfOpen => true,
            Weather::AnswersLost => !is_up,
            Weather::RequestsLost => is_up,
            _ => false,
        };
        if is_lost {
            continue;
        }
        let cut = match weather {
            Weather::CutUp(cut) if is_up => Some(cut),
            Weather::CutDown(cut) if !is_up => Some(cut),
            _ => None,
        };
        let passes = cut.map_or(count, |cut| count.min(usize::try_from(cut.saturating_sub(passed)).unwrap_or(count)));
        passed += count as u64;
        let done = match weather {
            Weather::Slow(millis) => {
                std::thread::sleep(Duration::from_millis(millis));
                to.write_all(&piece[..passes])
            }
            Weather::Trickle => piece[..passes].chunks(7.max(passes / 40)).try_for_each(|few| {
                std::thread::sleep(Duration::from_millis(2));
                to.write_all(few)
            }),
            _ => to.write_all(&piece[..passes]),
        };
        if done.is_err() || passes < count {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
