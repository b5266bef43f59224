//! Fills the tables of a new database with the readable data of the old one.

use std::collections::HashMap;

use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, params_from_iter};

use super::TableReport;
use super::image::Image;
use super::tree::{Row, Walk};

/// Tables whose rows are also taken from pages that no tree reaches. In the other tables, a row
/// that was deleted on purpose (a webhook, a token) must not come back.
const FOUND_ASTRAY: &[&str] = &[
    "inbox",
    "messages",
    "deliveries",
    "logs",
    "attempts",
    "recipients",
];

/// A table of the new database.
struct Table {
    name: String,
    /// The columns in the order of a record.
    columns: Vec<String>,
    /// The index of the column that is the row number.
    rowid: Option<usize>,
    has_rowid: bool,
    root: u32,
    read: u64,
    broken: u64,
}

/// The trees of the old database: the root of each table, and the roots of intact indexes by table.
#[derive(Default)]
struct Catalog {
    tables: HashMap<String, u32>,
    indexes: Vec<(String, u32, bool)>,
}

/// Copies every row that can be read.
pub(super) fn fill(new: &Connection, image: &mut Image) -> rusqlite::Result<Vec<TableReport>> {
    let mut walk = Walk::default();
    let catalog = catalog(image, &mut walk);
    let mut tables = tables(new)?;
    for table in &mut tables {
        let root = catalog
            .tables
            .get(&table.name)
            .copied()
            .unwrap_or(table.root);
        let before = walk.broken;
        let is_index = !table.has_rowid;
        let mut outcome = Ok(());
        walk.tree(image, root, is_index, &mut |row| {
            if outcome.is_ok() {
                outcome = insert(new, table, row).map(|taken| table.read += u64::from(taken));
            }
        });
        outcome?;
        table.broken = walk.broken - before;
    }
    let mut entries: HashMap<&str, u64> = HashMap::new();
    for (table, root, whole) in &catalog.indexes {
        let mut count = 0;
        walk.tree(image, *root, true, &mut |_| count += 1);
        let most = entries.entry(table).or_default();
        *most = if *whole { count.max(*most) } else { *most };
    }
    stray(new, image, &mut walk, &mut tables)?;
    if let Some(root) = catalog.tables.get("sqlite_sequence") {
        sequences(new, image, *root)?;
    }
    tables
        .iter()
        .try_for_each(|table| mend_references(new, &table.name))?;
    tables
        .into_iter()
        .map(|table| {
            let known = entries.get(table.name.as_str()).copied().unwrap_or(0);
            Ok(TableReport {
                lost: known.saturating_sub(table.read),
                read: table.read,
                broken: table.broken,
                table: table.name,
            })
        })
        .collect()
}

fn catalog(image: &mut Image, walk: &mut Walk) -> Catalog {
    let mut catalog = Catalog::default();
    walk.tree(image, 1, false, &mut |row| {
        let mut columns = row.columns.into_iter();
        let mut next = || columns.next();
        let (Some(Value::Text(kind)), Some(Value::Text(name))) = (next(), next()) else {
            return;
        };
        let (Some(Value::Text(table)), Some(Value::Integer(root))) = (next(), next()) else {
            return;
        };
        let root = u32::try_from(root).unwrap_or(0);
        let whole = !matches!(next(), Some(Value::Text(sql)) if sql.contains("WHERE"));
        match kind.as_str() {
            "table" => drop(catalog.tables.insert(name, root)),
            "index" => catalog.indexes.push((table, root, whole)),
            _ => {}
        }
    });
    // A table without row numbers is itself an index tree, not one of its indexes.
    catalog
        .indexes
        .retain(|(_, root, _)| *root > 0 && !catalog.tables.values().any(|table| table == root));
    catalog
}

/// Returns all tables except the counts of lists, which are computed again from the rows.
fn tables(new: &Connection) -> rusqlite::Result<Vec<Table>> {
    let sql = "SELECT l.name, l.wr, s.rootpage FROM pragma_table_list l
               JOIN sqlite_schema s ON s.name = l.name
               WHERE l.type = 'table' AND l.name NOT LIKE 'sqlite!_%' ESCAPE '!'
                   AND l.name NOT LIKE '%!_blocks' ESCAPE '!' ORDER BY s.rowid";
    let mut statement = new.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.map(|row| {
        let (name, without_rowid, root): (String, bool, u32) = row?;
        let sql = "SELECT name, pk, type FROM pragma_table_info(?)";
        let mut statement = new.prepare(sql)?;
        let columns =
            statement.query_map([&name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let mut columns: Vec<(String, u32, String)> = columns.collect::<Result<_, _>>()?;
        if without_rowid {
            columns.sort_by_key(|(_, key, _)| if *key == 0 { u32::MAX } else { *key });
        }
        let single = columns.iter().filter(|(_, key, _)| *key > 0).count() == 1;
        let rowid = columns
            .iter()
            .position(|(_, key, kind)| single && *key > 0 && kind == "INTEGER");
        Ok(Table {
            rowid: rowid.filter(|_| !without_rowid),
            columns: columns.into_iter().map(|(name, ..)| name).collect(),
            has_rowid: !without_rowid,
            name,
            root,
            read: 0,
            broken: 0,
        })
    })
    .collect()
}

/// Returns whether the table accepted the row. A row of an older table lacks the columns added
/// later.
fn insert(new: &Connection, table: &Table, row: Row) -> rusqlite::Result<bool> {
    let mut values = row.columns;
    if values.is_empty() || values.len() > table.columns.len() {
        return Ok(false);
    }
    if let Some(value) = table.rowid.and_then(|place| values.get_mut(place)) {
        if *value != Value::Null {
            return Ok(false);
        }
        *value = Value::Integer(row.rowid);
    }
    let columns = table.columns[..values.len()].join(", ");
    let places = vec!["?"; values.len()].join(", ");
    let sql = format!(
        "INSERT OR IGNORE INTO {} ({columns}) VALUES ({places})",
        table.name
    );
    match new.prepare_cached(&sql)?.execute(params_from_iter(values)) {
        Ok(rows) => Ok(rows == 1),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Returns the pages that hold rows, are not free, and are reached by no tree.
fn stray(
    new: &Connection,
    image: &mut Image,
    walk: &mut Walk,
    tables: &mut [Table],
) -> rusqlite::Result<()> {
    let (free, _) = image.free();
    for number in 2..=image.pages() {
        if free.contains(&number) || walk.visited.contains(&number) {
            continue;
        }
        let mut rows = Vec::new();
        let mut apart = Walk::default();
        apart.page(image, number, None, &mut |row| rows.push(row));
        for row in rows {
            for table in tables.iter_mut() {
                let fits = FOUND_ASTRAY.contains(&table.name.as_str())
                    && row.columns.len() == table.columns.len();
                let columns = row.columns.clone();
                let rowid = row.rowid;
                if fits && insert(new, table, Row { rowid, columns })? {
                    table.read += 1;
                    break;
                }
            }
        }
        walk.visited.extend(apart.visited);
    }
    Ok(())
}

/// Restores the counters, so that no number is used twice.
fn sequences(new: &Connection, image: &mut Image, root: u32) -> rusqlite::Result<()> {
    let mut found = Vec::new();
    Walk::default().tree(image, root, false, &mut |row| found.push(row.columns));
    for row in found {
        if let [Value::Text(name), Value::Integer(seq)] = row.as_slice() {
            let sql = "INSERT INTO sqlite_sequence (name, seq) SELECT ?1, 0
                       WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1)
                         AND EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ?1)";
            new.execute(sql, [name])?;
            let sql = "UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1";
            new.execute(sql, (name, seq))?;
        }
    }
    Ok(())
}

/// Removes or clears references to a lost row, as its deletion would have done.
fn mend_references(new: &Connection, table: &str) -> rusqlite::Result<()> {
    let sql = "SELECT \"table\", \"from\", \"to\", on_delete FROM pragma_foreign_key_list(?)";
    let mut statement = new.prepare(sql)?;
    let keys = statement.query_map([table], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    let keys: Vec<(String, String, String, String)> = keys.collect::<Result<_, _>>()?;
    for (parent, from, to, on_delete) in keys {
        let orphans = format!(
            "WHERE {from} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {parent} WHERE {to} = {from})"
        );
        let sql = match on_delete.as_str() {
            "SET NULL" => format!("UPDATE {table} SET {from} = NULL {orphans}"),
            _ => format!("DELETE FROM {table} {orphans}"),
        };
        new.execute(&sql, [])?;
    }
    Ok(())
}
