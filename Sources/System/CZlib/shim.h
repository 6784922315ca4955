#pragma once
#include <zlib.h>

/* deflateInit2 and inflateInit2 are macros with casts, which Swift does not import. 16 more than the size of the window
   asks for gzip (RFC 1952) and nothing else. */
static inline int omnibus_zlib_begin_gzip(z_stream *s, int level) {
  return deflateInit2(s, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
}
static inline int omnibus_zlib_begin_gunzip(z_stream *s) { return inflateInit2(s, 16 + MAX_WBITS); }
