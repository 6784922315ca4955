#pragma once
#include <sqlite3.h>

/* SQLITE_STATIC is an integer cast to a function pointer, which Swift does not import. The bytes must stay until the
   statement was run. */
static inline int omnibus_sqlite_bind_bytes(sqlite3_stmt *s, int place, const void *bytes, sqlite3_uint64 count) {
  return sqlite3_bind_blob64(s, place, bytes, count, SQLITE_STATIC);
}
static inline int omnibus_sqlite_bind_text(sqlite3_stmt *s, int place, const char *text, sqlite3_uint64 count) {
  return sqlite3_bind_text64(s, place, text, count, SQLITE_STATIC, SQLITE_UTF8);
}
