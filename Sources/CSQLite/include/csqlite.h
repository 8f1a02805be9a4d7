// SPDX-License-Identifier: Apache-2.0
// The system's SQLite, with what Swift cannot import from its header: macros with casts, and variadic functions.
#ifndef CSQLITE_H
#define CSQLITE_H
#include <sqlite3.h>

/// Binds bytes that SQLite copies.
static inline int csqlite_bind_blob_copy(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_blob64(statement, index, bytes, count, SQLITE_TRANSIENT);
}
/// Binds text that SQLite copies.
static inline int csqlite_bind_text_copy(sqlite3_stmt *statement, int index, const char *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_text64(statement, index, bytes, count, SQLITE_TRANSIENT, SQLITE_UTF8);
}
/// Binds bytes that stay where they are until the statement is reset.
static inline int csqlite_bind_blob_here(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_blob64(statement, index, bytes, count, SQLITE_STATIC);
}
/// Leaves out what no caller of ours asks for: SQLite's own count of its memory, which takes a lock for each allocation.
/// Once, before the first connection.
static inline void csqlite_prepare(void) {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
/// Makes the connection strict about strings in double quotes, and refuses tricks in a hostile database file.
static inline void csqlite_harden(sqlite3 *database) {
    sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
    sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)0);
    sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, (int *)0);
    sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DDL, 0, (int *)0);
}
#endif
