//! A size for people.

/// `312 bytes`, `14 KB`, `2.1 MB`: thousands, rounded up, and tenths of millions.
pub fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} KB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
#[test]
fn sizes_are_for_people() {
    for (bytes, words) in
        [(0, "0 bytes"), (999, "999 bytes"), (1_000, "1 KB"), (14_001, "15 KB"), (2_150_000, "2.1 MB")]
    {
        assert_eq!(size(bytes), words);
    }
}
