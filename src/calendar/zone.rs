//! Time zones: found by name, and turned into what people in the United States call them.

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use std::sync::LazyLock;

/// The zones that travel with the program, so that the same promise is made on every host.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// What people write for a zone, besides its IANA name, when they set up a desk.
const COMMON_NAMES: [(&str, &str); 14] = [
    ("et", "America/New_York"),
    ("edt", "America/New_York"),
    ("est", "America/New_York"),
    ("eastern", "America/New_York"),
    ("ct", "America/Chicago"),
    ("cdt", "America/Chicago"),
    ("cst", "America/Chicago"),
    ("central", "America/Chicago"),
    ("mt", "America/Denver"),
    ("mdt", "America/Denver"),
    ("mountain", "America/Denver"),
    ("pt", "America/Los_Angeles"),
    ("pdt", "America/Los_Angeles"),
    ("pacific", "America/Los_Angeles"),
];

/// The zones of the United States that have both a standard and a summer time under one everyday name.
///
/// Zones that keep standard time all year (Arizona) are not here: "MT" would mean another hour there in summer.
const EVERYDAY: [(&str, &[&str]); 6] = [
    ("ET", &["America/New_York", "America/Detroit", "US/Eastern", "US/Michigan", "US/East-Indiana", "EST5EDT"]),
    ("CT", &["America/Chicago", "America/Menominee", "US/Central", "US/Indiana-Starke", "CST6CDT"]),
    ("MT", &["America/Denver", "America/Boise", "US/Mountain", "MST7MDT"]),
    ("PT", &["America/Los_Angeles", "US/Pacific", "PST8PDT"]),
    ("AKT", &["America/Anchorage", "America/Juneau", "America/Sitka", "America/Nome", "America/Yakutat", "US/Alaska"]),
    ("HT", &["Pacific/Honolulu", "US/Hawaii"]),
];

/// Zones of the United States with several towns: their everyday name follows from the abbreviation.
const EVERYDAY_GROUPS: [&str; 3] = ["America/Indiana/", "America/Kentucky/", "America/North_Dakota/"];

/// The zone called `name`, or the name that was most likely meant.
pub(super) fn find(name: &str) -> Result<TimeZone, Option<String>> {
    match ZONES.get(name) {
        Ok(zone) if !zone.is_unknown() => Ok(zone),
        _ => Err(nearest(name)),
    }
}

/// The known zone whose whole name, or whose town, is nearest to `name`.
fn nearest(name: &str) -> Option<String> {
    let wanted: String = name.trim().to_lowercase().replace(' ', "_").chars().take(64).collect();
    let first_word = wanted.split('_').next().unwrap_or_default();
    if let Some((_, zone)) = COMMON_NAMES.iter().find(|(common, _)| *common == first_word) {
        return Some((*zone).to_owned());
    }
    let distance = |known: &str| {
        let known = known.to_lowercase();
        let town = known.rsplit('/').next().unwrap_or_default();
        strsim::osa_distance(&wanted, &known).min(strsim::osa_distance(&wanted, town))
    };
    ZONES
        .available()
        .map(|known| (distance(known.as_str()), known.as_str().to_owned()))
        .min()
        .filter(|(distance, _)| *distance <= (wanted.chars().count() / 3).max(1))
        .map(|(_, known)| known)
}

/// What a mail calls the zone at an instant: `ET`, else its abbreviation (`CET`), else its offset (`UTC-3`).
pub(super) fn everyday_name(zone: &TimeZone, at: Timestamp) -> String {
    let info = zone.to_offset_info(at);
    let abbreviation = info.abbreviation();
    let name = zone.iana_name().unwrap_or_default();
    if let Some((everyday, _)) = EVERYDAY.iter().find(|(_, zones)| zones.contains(&name)) {
        return (*everyday).to_owned();
    }
    if EVERYDAY_GROUPS.iter().any(|group| name.starts_with(group)) {
        match abbreviation {
            "EST" | "EDT" => return "ET".to_owned(),
            "CST" | "CDT" => return "CT".to_owned(),
            _ => {}
        }
    }
    match abbreviation.strip_prefix(['+', '-']) {
        None => abbreviation.to_owned(),
        Some(_) => offset(info.offset().seconds()),
    }
}

/// An offset as people write it: `UTC-3`, `UTC+10:30`.
fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    match (minutes / 60, minutes % 60) {
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, rest) => format!("UTC{sign}{hours}:{rest:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_zone_names_the_nearest() {
        for (written, meant) in [
            ("America/NewYork", Some("America/New_York")),
            ("New York", Some("America/New_York")),
            ("Europe/Berln", Some("Europe/Berlin")),
            ("Eastern", Some("America/New_York")),
            ("Pacific time", Some("America/Los_Angeles")),
            ("Xyzzyqwerty/Plugh", None),
            ("", None),
        ] {
            let nearest = find(written).expect_err(written);
            assert_eq!(nearest.as_deref(), meant, "{written}");
        }
        assert!(find("america/new_york").is_ok());
        assert!(find("Etc/Unknown").is_err());
    }

    #[test]
    fn zones_bear_their_everyday_names() {
        let summer: Timestamp = "2026-07-01T12:00:00Z".parse().expect("an instant");
        let winter: Timestamp = "2026-12-01T12:00:00Z".parse().expect("an instant");
        for (zone, in_winter, in_summer) in [
            ("America/New_York", "ET", "ET"),
            ("America/Kentucky/Louisville", "ET", "ET"),
            ("America/Indiana/Knox", "CT", "CT"),
            ("America/Denver", "MT", "MT"),
            ("America/Phoenix", "MST", "MST"),
            ("America/Anchorage", "AKT", "AKT"),
            ("Pacific/Honolulu", "HT", "HT"),
            ("Europe/Berlin", "CET", "CEST"),
            ("America/Sao_Paulo", "UTC-3", "UTC-3"),
            ("Australia/Lord_Howe", "UTC+11", "UTC+10:30"),
            ("UTC", "UTC", "UTC"),
        ] {
            let found = find(zone).expect(zone);
            assert_eq!(everyday_name(&found, winter), in_winter, "{zone} in winter");
            assert_eq!(everyday_name(&found, summer), in_summer, "{zone} in summer");
        }
    }
}
