//! `Chance`: ids and random bits as an argument, so that the same seed gives the same answer.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// A stream of random bits from a seed: SHA-256 in counter mode. Seeded from the system's entropy by whoever runs.
#[derive(Clone)]
pub struct Chance {
    seed: [u8; 32],
    counter: u64,
}

impl Chance {
    /// The stream of `seed`.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self { seed, counter: 0 }
    }

    /// A stream of its own, whose ids and bits this one will not give.
    pub fn fork(&mut self) -> Self {
        Self { seed: self.block(), counter: 0 }
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.block()[..8].iter().fold(0, |bits, byte| (bits << 8) | u64::from(*byte))
    }

    /// A new row's id: UUID version 7 (RFC 9562) of the instant `at`, so that rows lie in order of time.
    pub fn id(&mut self, at: Timestamp) -> Uuid {
        let block = self.block();
        let mut random = [0u8; 10];
        random.copy_from_slice(&block[..10]);
        let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    fn block(&mut self) -> [u8; 32] {
        self.counter += 1;
        Sha256::new().chain_update(self.seed).chain_update(self.counter.to_be_bytes()).finalize().into()
    }
}

impl std::fmt::Debug for Chance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Chance(..)")
    }
}
