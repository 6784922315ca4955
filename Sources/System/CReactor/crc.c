#include "creactor.h"
#include <pthread.h>
#include <string.h>
#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

/* Eight bytes at a time, each through a table of its own ("slicing by 8", Kounavis and Berry 2005). */

typedef uint64_t slices[8][256];

static slices crc32_slices, crc32c_slices, crc64_slices;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fill(slices table, uint64_t polynomial) {
  for (int byte = 0; byte < 256; byte++) {
    uint64_t value = (uint64_t)byte;
    for (int bit = 0; bit < 8; bit++) value = value & 1 ? value >> 1 ^ polynomial : value >> 1;
    table[0][byte] = value;
  }
  for (int byte = 0; byte < 256; byte++)
    for (int slice = 1; slice < 8; slice++)
      table[slice][byte] = table[slice - 1][byte] >> 8 ^ table[0][table[slice - 1][byte] & 255];
}

static void fill_all(void) {
  fill(crc32_slices, 0xEDB88320u);
  fill(crc32c_slices, 0x82F63B78u);
  fill(crc64_slices, 0x9A6C9329AC4BC9B5u);
}

static uint64_t sliced(slices table, uint64_t state, const uint8_t *bytes, size_t count) {
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    word ^= state;
    state = table[7][word & 255] ^ table[6][word >> 8 & 255] ^ table[5][word >> 16 & 255] ^ table[4][word >> 24 & 255]
          ^ table[3][word >> 32 & 255] ^ table[2][word >> 40 & 255] ^ table[1][word >> 48 & 255] ^ table[0][word >> 56];
  }
  for (; count > 0; bytes++, count--) state = state >> 8 ^ table[0][(state ^ *bytes) & 255];
  return state;
}

uint32_t omnibus_crc32(uint32_t value, const void *bytes, size_t count) {
  pthread_once(&once, fill_all);
  return (uint32_t)~sliced(crc32_slices, (uint32_t)~value, bytes, count);
}

uint64_t omnibus_crc64nvme(uint64_t value, const void *bytes, size_t count) {
  pthread_once(&once, fill_all);
  return ~sliced(crc64_slices, ~value, bytes, count);
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc32c_hardware(uint32_t state, const uint8_t *bytes, size_t count) {
  uint64_t wide = state;
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    wide = _mm_crc32_u64(wide, word);
  }
  state = (uint32_t)wide;
  for (; count > 0; bytes++, count--) state = _mm_crc32_u8(state, *bytes);
  return state;
}
static int has_hardware(void) { return __builtin_cpu_supports("sse4.2"); }
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
static uint32_t crc32c_hardware(uint32_t state, const uint8_t *bytes, size_t count) {
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    state = __crc32cd(state, word);
  }
  for (; count > 0; bytes++, count--) state = __crc32cb(state, *bytes);
  return state;
}
static int has_hardware(void) { return 1; }
#else
static uint32_t crc32c_hardware(uint32_t state, const uint8_t *bytes, size_t count) {
  (void)bytes;
  (void)count;
  return state;
}
static int has_hardware(void) { return 0; }
#endif

uint32_t omnibus_crc32c_by_table(uint32_t value, const void *bytes, size_t count) {
  pthread_once(&once, fill_all);
  return (uint32_t)~sliced(crc32c_slices, (uint32_t)~value, bytes, count);
}

uint32_t omnibus_crc32c(uint32_t value, const void *bytes, size_t count) {
  return has_hardware() ? ~crc32c_hardware(~value, bytes, count) : omnibus_crc32c_by_table(value, bytes, count);
}
