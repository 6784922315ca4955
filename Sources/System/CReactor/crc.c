#include "creactor.h"
#include <pthread.h>
#include <string.h>
#if defined(__x86_64__)
#include <nmmintrin.h>
#include <wmmintrin.h>
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

/* Eight bytes at a time, each through a table of its own ("slicing by 8", Kounavis and Berry 2005). */

typedef uint64_t slices[8][256];

static slices crc32_slices, crc32c_slices, crc64_slices;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* By what 16 bytes are multiplied, the first 8 and the others, to stand 64 or 16 bytes further on (Gopal et al. 2009, "Fast CRC
   computation for generic polynomials using PCLMULQDQ instruction"). */
typedef struct {
  uint64_t by_64[2], by_16[2];
} folds;

static folds crc32_folds, crc64_folds;

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

/* x to a power, modulo the polynomial, with its constant in the highest of 64 bits. */
static uint64_t power(int exponent, uint64_t polynomial, int width) {
  uint64_t value = 1ull << (width - 1);
  for (; exponent > 0; exponent--) value = value & 1 ? value >> 1 ^ polynomial : value >> 1;
  return value << (64 - width);
}

/* The product of two such words is one power lower than it should be. */
static void fill_folds(folds *folds, uint64_t polynomial, int width) {
  for (int half = 0; half < 2; half++) {
    folds->by_64[half] = power(512 + (half ? 0 : 64) - 1, polynomial, width);
    folds->by_16[half] = power(128 + (half ? 0 : 64) - 1, polynomial, width);
  }
}

static void fill_all(void) {
  fill(crc32_slices, 0xEDB88320u);
  fill(crc32c_slices, 0x82F63B78u);
  fill(crc64_slices, 0x9A6C9329AC4BC9B5u);
  fill_folds(&crc32_folds, 0xEDB88320u, 32);
  fill_folds(&crc64_folds, 0x9A6C9329AC4BC9B5u, 64);
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

#if defined(__x86_64__)
__attribute__((target("pclmul,sse2"))) static __m128i fold(__m128i value, __m128i by, const uint8_t *next) {
  __m128i product = _mm_xor_si128(_mm_clmulepi64_si128(value, by, 0x00), _mm_clmulepi64_si128(value, by, 0x11));
  return _mm_xor_si128(product, _mm_loadu_si128((const __m128i *)next));
}

/* Four times 16 bytes side by side, each folded onto what stands 64 bytes further on, until there is no more; what is left of
   them goes through the table with the rest. */
__attribute__((target("pclmul,sse2"))) static uint64_t folded(
    slices table, const folds *folds, uint64_t state, const uint8_t *bytes, size_t count) {
  __m128i lanes[4], by_64 = _mm_loadu_si128((const __m128i *)folds->by_64);
  __m128i by_16 = _mm_loadu_si128((const __m128i *)folds->by_16);
  for (int lane = 0; lane < 4; lane++) lanes[lane] = _mm_loadu_si128((const __m128i *)bytes + lane);
  lanes[0] = _mm_xor_si128(lanes[0], _mm_set_epi64x(0, (long long)state));
  for (bytes += 64, count -= 64; count >= 64; bytes += 64, count -= 64)
    for (int lane = 0; lane < 4; lane++) lanes[lane] = fold(lanes[lane], by_64, bytes + 16 * lane);
  uint8_t rest[16];
  for (int lane = 1; lane < 4; lane++) {
    _mm_storeu_si128((__m128i *)rest, lanes[lane]);
    lanes[0] = fold(lanes[0], by_16, rest);
  }
  for (; count >= 16; bytes += 16, count -= 16) lanes[0] = fold(lanes[0], by_16, bytes);
  _mm_storeu_si128((__m128i *)rest, lanes[0]);
  return sliced(table, sliced(table, 0, rest, 16), bytes, count);
}

static int folds_in_hardware(void) { return __builtin_cpu_supports("pclmul"); }
#else
static uint64_t folded(slices table, const folds *folds, uint64_t state, const uint8_t *bytes, size_t count) {
  (void)folds;
  return sliced(table, state, bytes, count);
}
static int folds_in_hardware(void) { return 0; }
#endif

static uint64_t checked(slices table, const folds *folds, uint64_t state, const uint8_t *bytes, size_t count) {
  return count >= 128 && folds_in_hardware() ? folded(table, folds, state, bytes, count)
                                             : sliced(table, state, bytes, count);
}

uint32_t omnibus_crc32(uint32_t value, const void *bytes, size_t count) {
  pthread_once(&once, fill_all);
  return (uint32_t)~checked(crc32_slices, &crc32_folds, (uint32_t)~value, bytes, count);
}

uint64_t omnibus_crc64nvme(uint64_t value, const void *bytes, size_t count) {
  pthread_once(&once, fill_all);
  return ~checked(crc64_slices, &crc64_folds, ~value, bytes, count);
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
