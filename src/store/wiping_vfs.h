#pragma once
// SQLite's files, as they are, but for one thing: of a page of the database that is written, what belongs to no record is zero.
//
// secure_delete overwrites a record when it is removed where it stands. When records are moved between pages (a page has become too
// full, or too empty), SQLite builds the pages anew and leaves the old bytes in the room between the page's list of records and the
// first of them (SQLite 3.40.1, btree.c, rebuildPage); a record that is removed later is overwritten where it stands then, and not
// there. Only the database itself is seen to: what is in the write-ahead log goes when that is emptied.

struct sqlite3_vfs;

namespace godwit::store {

/// The name of the file system for sqlite3_open_v2(); registered once for the program. Null: SQLite has none to build on.
const char* wiping_vfs();

}  // namespace godwit::store
