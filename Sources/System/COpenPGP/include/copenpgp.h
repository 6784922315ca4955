#pragma once
#include <openssl/types.h>
#include <stddef.h>
#include <stdint.h>

/* to = a ^ b, each of `count` bytes. `to` may be one of them. */
void omnibus_xor(void *to, const void *a, const void *b, size_t count);

/* An RSA key of big-endian numbers; without the last one, which may be NULL, a public one. NULL when OpenSSL does not take
   them. To be freed by EVP_PKEY_free. */
EVP_PKEY *omnibus_rsa_key(
    const uint8_t *modulus, size_t modulus_count, const uint8_t *exponent, size_t exponent_count,
    const uint8_t *secret, size_t secret_count);
