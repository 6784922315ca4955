#pragma once
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stddef.h>
#include <stdint.h>

/* What a call on a session came to. */
enum omnibus_tls_outcome {
  OMNIBUS_TLS_DONE,
  OMNIBUS_TLS_WANT_READ,
  OMNIBUS_TLS_WANT_WRITE,
  OMNIBUS_TLS_CLOSED,  /* the peer said close_notify */
  OMNIBUS_TLS_SYSTEM,  /* a system call failed: errno */
  OMNIBUS_TLS_BROKEN   /* the first error of the thread's queue says why */
};

/* A session on a non-blocking socket, which stays the caller's; NULL when there is no memory. Reads and writes go
   through a BIO of our own: OpenSSL's writes with write(2), and a peer that went away would end the process. */
SSL *omnibus_tls_session(SSL_CTX *context, int descriptor);
int omnibus_tls_read(SSL *session, void *buffer, size_t length, size_t *count);
int omnibus_tls_write(SSL *session, const void *bytes, size_t length, size_t *count);
int omnibus_tls_handshake(SSL *session);

/* Sets what Swift cannot: macros with types that it does not import. */
void omnibus_tls_harden(SSL_CTX *context, int minimum_version);
int omnibus_tls_set_server_name(SSL *session, const char *name);
void omnibus_tls_on_server_name(SSL_CTX *context, int (*choose)(SSL *, int *, void *), void *argument);
int omnibus_tls_groups(SSL_CTX *context, const char *list);

/* The kinds of names that a certificate can bear beside its subject (RFC 5280, 4.2.1.6). */
enum omnibus_name_kind { OMNIBUS_NAME_DNS, OMNIBUS_NAME_EMAIL };

/* Calls `each` for every DNS and e-mail name of a certificate. */
void omnibus_x509_names(
    X509 *certificate, void *argument, void (*each)(void *, int kind, const unsigned char *bytes, size_t length));
/* A name as RFC 2253 writes it, in UTF-8; at most `size` bytes, whose count it answers. */
size_t omnibus_x509_name(const X509_NAME *name, char *buffer, size_t size);
/* Hexadecimal digits of the serial number; to be freed by omnibus_free. NULL when there is no memory. */
char *omnibus_x509_serial(X509 *certificate);
void omnibus_free(void *pointer);
/* Whether the time is before (-1), within (0) or after (1) that for which the certificate is valid. */
int omnibus_x509_validity(const X509 *certificate);
/* The reason code of an error, and of the thread's first error. */
int omnibus_error_reason(unsigned long error);
