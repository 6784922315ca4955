#include "copenssl.h"
#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>

/* ---- the socket ---- */

static int descriptor_of(BIO *bio) { return (int)(intptr_t)BIO_get_data(bio); }

static int socket_read(BIO *bio, char *buffer, size_t length, size_t *count) {
  ssize_t result;
  BIO_clear_retry_flags(bio);
  do {
    result = recv(descriptor_of(bio), buffer, length, 0);
  } while (result < 0 && errno == EINTR);
  if (result > 0) {
    *count = (size_t)result;
    return 1;
  }
  *count = 0;
  if (result == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  else if (errno == EAGAIN || errno == EWOULDBLOCK) BIO_set_retry_read(bio);
  return 0;
}

static int socket_write(BIO *bio, const char *bytes, size_t length, size_t *count) {
  ssize_t result;
  BIO_clear_retry_flags(bio);
  do {
    result = send(descriptor_of(bio), bytes, length, MSG_NOSIGNAL);
  } while (result < 0 && errno == EINTR);
  if (result >= 0) {
    *count = (size_t)result;
    return 1;
  }
  *count = 0;
  if (errno == EAGAIN || errno == EWOULDBLOCK) BIO_set_retry_write(bio);
  return 0;
}

static long socket_control(BIO *bio, int command, long number, void *pointer) {
  (void)number;
  (void)pointer;
  switch (command) {
  case BIO_CTRL_EOF: return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
  case BIO_CTRL_FLUSH: return 1;
  default: return 0;
  }
}

static BIO_METHOD *socket_method;
static pthread_once_t socket_method_once = PTHREAD_ONCE_INIT;

static void make_socket_method(void) {
  BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "omnibus socket");
  if (!method) return;
  BIO_meth_set_read_ex(method, socket_read);
  BIO_meth_set_write_ex(method, socket_write);
  BIO_meth_set_ctrl(method, socket_control);
  socket_method = method;
}

/* ---- sessions ---- */

SSL *omnibus_tls_session(SSL_CTX *context, int descriptor) {
  pthread_once(&socket_method_once, make_socket_method);
  if (!socket_method) return NULL;
  SSL *session = SSL_new(context);
  BIO *bio = session ? BIO_new(socket_method) : NULL;
  if (!bio) {
    SSL_free(session);
    return NULL;
  }
  BIO_set_data(bio, (void *)(intptr_t)descriptor);
  BIO_set_init(bio, 1);
  SSL_set_bio(session, bio, bio);
  return session;
}

static int outcome(SSL *session, int result) {
  if (result > 0) return OMNIBUS_TLS_DONE;
  int kept = errno;
  int error = SSL_get_error(session, result);
  errno = kept;
  switch (error) {
  case SSL_ERROR_WANT_READ: return OMNIBUS_TLS_WANT_READ;
  case SSL_ERROR_WANT_WRITE: return OMNIBUS_TLS_WANT_WRITE;
  case SSL_ERROR_ZERO_RETURN: return OMNIBUS_TLS_CLOSED;
  case SSL_ERROR_SYSCALL: return ERR_peek_error() ? OMNIBUS_TLS_BROKEN : OMNIBUS_TLS_SYSTEM;
  default: return OMNIBUS_TLS_BROKEN;
  }
}

int omnibus_tls_read(SSL *session, void *buffer, size_t length, size_t *count) {
  ERR_clear_error();
  errno = 0;
  return outcome(session, SSL_read_ex(session, buffer, length, count));
}

int omnibus_tls_write(SSL *session, const void *bytes, size_t length, size_t *count) {
  ERR_clear_error();
  errno = 0;
  return outcome(session, SSL_write_ex(session, bytes, length, count));
}

int omnibus_tls_handshake(SSL *session) {
  ERR_clear_error();
  errno = 0;
  return outcome(session, SSL_do_handshake(session));
}

/* ---- contexts ---- */

/* No terminal is asked for a password: a key that needs one cannot be read. */
static int no_password(char *buffer, int size, int is_writing, void *argument) {
  (void)buffer;
  (void)size;
  (void)is_writing;
  (void)argument;
  return -1;
}

void omnibus_tls_harden(SSL_CTX *context, int minimum_version) {
  SSL_CTX_set_min_proto_version(context, minimum_version);
  SSL_CTX_set_security_level(context, 2);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_mode(
      context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_passwd_cb(context, no_password);
}

int omnibus_tls_set_server_name(SSL *session, const char *name) { return SSL_set_tlsext_host_name(session, name) == 1; }

void omnibus_tls_on_server_name(SSL_CTX *context, int (*choose)(SSL *, int *, void *), void *argument) {
  SSL_CTX_set_tlsext_servername_callback(context, choose);
  SSL_CTX_set_tlsext_servername_arg(context, argument);
}

int omnibus_tls_groups(SSL_CTX *context, const char *list) { return SSL_CTX_set1_groups_list(context, list) == 1; }

/* ---- certificates ---- */

void omnibus_x509_names(
    X509 *certificate, void *argument, void (*each)(void *, int kind, const unsigned char *bytes, size_t length)) {
  GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
  for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_DNS && name->type != GEN_EMAIL) continue;
    const ASN1_IA5STRING *text = name->d.ia5;
    each(
        argument, name->type == GEN_DNS ? OMNIBUS_NAME_DNS : OMNIBUS_NAME_EMAIL, ASN1_STRING_get0_data(text),
        (size_t)ASN1_STRING_length(text));
  }
  GENERAL_NAMES_free(names);
}

size_t omnibus_x509_name(const X509_NAME *name, char *buffer, size_t size) {
  BIO *memory = BIO_new(BIO_s_mem());
  if (!memory) return 0;
  X509_NAME_print_ex(memory, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  int count = BIO_read(memory, buffer, (int)size);
  BIO_free(memory);
  return count > 0 ? (size_t)count : 0;
}

char *omnibus_x509_serial(X509 *certificate) {
  BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
  char *text = number ? BN_bn2hex(number) : NULL;
  BN_free(number);
  return text;
}

void omnibus_free(void *pointer) { OPENSSL_free(pointer); }

int omnibus_x509_validity(const X509 *certificate) {
  if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0) return -1;
  return X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0 ? 1 : 0;
}

int omnibus_error_reason(unsigned long error) { return ERR_GET_REASON(error); }
