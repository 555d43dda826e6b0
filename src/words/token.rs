//! Message-IDs of ours: each names its case or pending request, its recipient by a keyed hash, its purpose and its
//! expiry, under a MAC of fixed length, so that a reply proves which mail it answers (POLICY.md, Threads and trust).
//!
//! Form: `mc1.<purpose>.<reference>.<expiry>.<nonce>.<mac>@<domain>`: lower-case letters, digits and dots only, so that
//! no mail program folds or changes it. The MAC (HMAC-SHA-256, cut to 160 bits, base 32) covers everything before
//! it, the desk and the recipient's address key; it is compared in constant time.
