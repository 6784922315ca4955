#include "copenpgp.h"
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

void omnibus_xor(void *to, const void *a, const void *b, size_t count) {
  uint8_t *out = to;
  const uint8_t *left = a, *right = b;
  size_t place = 0;
  /* Words by memcpy, as neither side is aligned; compilers make vectors of it. */
  for (; place + 32 <= count; place += 32) {
    uint64_t x[4], y[4];
    memcpy(x, left + place, 32);
    memcpy(y, right + place, 32);
    for (int i = 0; i < 4; i++) x[i] ^= y[i];
    memcpy(out + place, x, 32);
  }
  for (; place < count; place++) out[place] = left[place] ^ right[place];
}

EVP_PKEY *omnibus_rsa_key(
    const uint8_t *modulus, size_t modulus_count, const uint8_t *exponent, size_t exponent_count,
    const uint8_t *secret, size_t secret_count) {
  EVP_PKEY *key = NULL;
  OSSL_PARAM *parameters = NULL;
  BIGNUM *n = BN_bin2bn(modulus, (int)modulus_count, NULL);
  BIGNUM *e = BN_bin2bn(exponent, (int)exponent_count, NULL);
  /* Numbers in secure memory are wiped when they are freed, and so are the parameters that are made of them. */
  BIGNUM *d = secret ? BN_secure_new() : NULL;
  OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
  if (n && e && build && context && (!secret || (d && BN_bin2bn(secret, (int)secret_count, d)))
      && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n)
      && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e)
      && (!secret || OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_D, d))
      && (parameters = OSSL_PARAM_BLD_to_param(build)) && EVP_PKEY_fromdata_init(context) == 1)
    EVP_PKEY_fromdata(context, &key, secret ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, parameters);
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(build);
  BN_free(n);
  BN_free(e);
  BN_clear_free(d);
  return key;
}
