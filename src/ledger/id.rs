//! What stands for a conversation once its record is gone: keyed hashes, never the ids themselves.

use crate::fact::Identity;
use siphasher::sip128::{Hasher128, SipHasher13};
use std::hash::Hasher;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A conversation or session: keyed 128-bit hash of the vendor's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u128);

/// The key of one account's hashes. Drawn once, stored with the account.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Key(pub [u8; 16]);

/// A record's identity as the ledger knows it. At least one of the two is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ids {
    pub conversation: Option<Id>,
    pub session: Option<Id>,
}

impl Key {
    pub fn ids(&self, identity: &Identity<'_>) -> Ids {
        Ids {
            conversation: identity.conversation.map(|text| self.hash(b'c', text)),
            session: identity.session.map(|text| self.hash(b's', text)),
        }
    }

    /// Tells this key from others, and nothing of it.
    pub fn fingerprint(&self) -> Id {
        self.hash(b'k', "")
    }

    /// Conversations and sessions live in one map, so what kind of id it is goes into the hash.
    fn hash(&self, kind: u8, text: &str) -> Id {
        let mut hasher = SipHasher13::new_with_key(&self.0);
        hasher.write_u8(kind);
        hasher.write(text.as_bytes());
        Id(hasher.finish128().as_u128())
    }

    /// Stands for a record's exact bytes, so that one read again unchanged need not be parsed.
    /// 64 bits: among a million conversations, one changed record in 10¹³ would be taken for unchanged.
    pub fn digest(&self, record: &str) -> u64 {
        let seed = u64::from_le_bytes([
            self.0[0], self.0[1], self.0[2], self.0[3], self.0[4], self.0[5], self.0[6], self.0[7],
        ]);
        xxh3_64_with_seed(record.as_bytes(), seed)
    }
}

/// The key is what keeps stored hashes from being matched against guessed ids.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}
