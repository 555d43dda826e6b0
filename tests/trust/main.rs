//! Trust proved: every forged header set in these tables is judged as the worker would judge it, and none is believed;
//! the genuine ones beside them are, so that a test can fail both ways.

mod authors;
mod genuine;
mod header;
mod ids;
mod microsoft365;
mod mutated;
mod placed;
mod results;
mod tokens;
mod tokens_changed;
mod world;

use world::{Row, World};

fn all_rows(world: &World) -> Vec<Row> {
    let mut rows = Vec::new();
    for table in [ids::rows, results::rows, placed::rows, authors::rows, microsoft365::rows, header::rows] {
        rows.extend(table());
    }
    rows.extend(tokens::rows(world));
    rows.extend(tokens_changed::rows(world));
    rows
}

#[test]
fn nothing_forged_is_believed() {
    let world = World::new();
    let rows = all_rows(&world);
    let wrong: Vec<String> = rows.iter().filter_map(|row| world.why_wrong(row)).collect();
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn the_tables_are_long_enough_and_say_each_thing_once() {
    let world = World::new();
    let rows = all_rows(&world);
    let mut names: Vec<String> = rows.iter().map(|row| format!("{}: {}", row.mode.name(), row.name)).collect();
    names.sort();
    let repeated: Vec<&String> = names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).collect();
    assert!(repeated.is_empty(), "{repeated:?}");
    let mut sets: Vec<(&str, &[u8])> = rows.iter().map(|row| (row.mode.name(), row.raw.as_slice())).collect();
    sets.sort_unstable();
    sets.dedup();
    for mode in ["rfc8601", "microsoft365", "header", "none"] {
        let count = sets.iter().filter(|(name, _)| *name == mode).count();
        println!("{mode}: {count} forged header sets");
        assert!(count >= 60, "{mode}: {count}");
    }
    assert!(sets.len() >= 300, "{}", sets.len());
}
