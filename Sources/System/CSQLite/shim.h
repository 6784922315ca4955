#pragma once
#include <sqlite3.h>

/* SQLITE_STATIC and SQLITE_TRANSIENT are integers cast to function pointers, which Swift does not import. With the first
   the bytes must stay until the statement was run; with the second they are copied. */
static inline int omnibus_sqlite_bind_bytes(sqlite3_stmt *s, int place, const void *bytes, sqlite3_uint64 count) {
  return sqlite3_bind_blob64(s, place, bytes, count, SQLITE_STATIC);
}
static inline int omnibus_sqlite_copy_bytes(sqlite3_stmt *s, int place, const void *bytes, sqlite3_uint64 count) {
  return sqlite3_bind_blob64(s, place, bytes, count, SQLITE_TRANSIENT);
}
static inline int omnibus_sqlite_copy_text(sqlite3_stmt *s, int place, const char *text, sqlite3_uint64 count) {
  return sqlite3_bind_text64(s, place, text, count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* Variadic, which Swift does not import. */
static inline int omnibus_sqlite_defend(sqlite3 *connection) {
  return sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
}

/* A macro with an operator, which Swift does not import. */
static const int omnibus_sqlite_ioerr_fsync = SQLITE_IOERR_FSYNC;
