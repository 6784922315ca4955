#pragma once
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/* What Swift cannot: variadic calls, unions within frames, macros. All of one connection is for one thread at a time. */

/* What a broker sent. */
enum omnibus_amqp_kind {
  OMNIBUS_AMQP_NOTHING, /* nothing is there yet */
  OMNIBUS_AMQP_BROKEN,  /* the connection cannot be used any more: `number` is the status of the library */
  OMNIBUS_AMQP_DELIVER, /* number: tag, flag: redelivered, one: exchange, two: routing key */
  OMNIBUS_AMQP_RETURN,  /* number: code, one: exchange, two: routing key */
  OMNIBUS_AMQP_HEADER,  /* number: size of the body, one: encoded properties */
  OMNIBUS_AMQP_BODY,    /* one: a piece of the body */
  OMNIBUS_AMQP_ACK,     /* number: tag, flag: multiple */
  OMNIBUS_AMQP_NACK,    /* number: tag, flag: multiple */
  OMNIBUS_AMQP_CANCEL,  /* the broker ended the consumer */
  OMNIBUS_AMQP_BLOCKED,
  OMNIBUS_AMQP_UNBLOCKED,
  OMNIBUS_AMQP_CHANNEL_CLOSE,    /* number: code, one: text */
  OMNIBUS_AMQP_CONNECTION_CLOSE, /* number: code, one: text */
  OMNIBUS_AMQP_OTHER
};

/* A frame; `one` and `two` point into memory that lasts until buffers are released. */
struct omnibus_amqp_frame {
  enum omnibus_amqp_kind kind;
  int flag;
  uint64_t number;
  amqp_bytes_t one, two;
};

/* What the broker answered to a call: 0 where it did what it was asked to. */
struct omnibus_amqp_answer {
  int code;   /* the reply code of the protocol such as 404; 0 where the library failed */
  int status; /* the status of the library, below 0, where that failed */
  amqp_bytes_t text;
};

static inline amqp_bytes_t omnibus_amqp_bytes(const void *bytes, size_t length) {
  amqp_bytes_t result = {length, (void *)bytes};
  return result;
}

static inline void omnibus_amqp_method(const amqp_method_t *method, struct omnibus_amqp_frame *out) {
  switch (method->id) {
    case AMQP_BASIC_DELIVER_METHOD: {
      const amqp_basic_deliver_t *m = (const amqp_basic_deliver_t *)method->decoded;
      out->kind = OMNIBUS_AMQP_DELIVER;
      out->number = m->delivery_tag;
      out->flag = m->redelivered;
      out->one = m->exchange;
      out->two = m->routing_key;
      return;
    }
    case AMQP_BASIC_ACK_METHOD: {
      const amqp_basic_ack_t *m = (const amqp_basic_ack_t *)method->decoded;
      out->kind = OMNIBUS_AMQP_ACK;
      out->number = m->delivery_tag;
      out->flag = m->multiple;
      return;
    }
    case AMQP_BASIC_NACK_METHOD: {
      const amqp_basic_nack_t *m = (const amqp_basic_nack_t *)method->decoded;
      out->kind = OMNIBUS_AMQP_NACK;
      out->number = m->delivery_tag;
      out->flag = m->multiple;
      return;
    }
    case AMQP_BASIC_RETURN_METHOD: {
      const amqp_basic_return_t *m = (const amqp_basic_return_t *)method->decoded;
      out->kind = OMNIBUS_AMQP_RETURN;
      out->number = m->reply_code;
      out->one = m->exchange;
      out->two = m->routing_key;
      return;
    }
    case AMQP_CHANNEL_CLOSE_METHOD: {
      const amqp_channel_close_t *m = (const amqp_channel_close_t *)method->decoded;
      out->kind = OMNIBUS_AMQP_CHANNEL_CLOSE;
      out->number = m->reply_code;
      out->one = m->reply_text;
      return;
    }
    case AMQP_CONNECTION_CLOSE_METHOD: {
      const amqp_connection_close_t *m = (const amqp_connection_close_t *)method->decoded;
      out->kind = OMNIBUS_AMQP_CONNECTION_CLOSE;
      out->number = m->reply_code;
      out->one = m->reply_text;
      return;
    }
    case AMQP_BASIC_CANCEL_METHOD: out->kind = OMNIBUS_AMQP_CANCEL; return;
    case AMQP_CONNECTION_BLOCKED_METHOD: out->kind = OMNIBUS_AMQP_BLOCKED; return;
    case AMQP_CONNECTION_UNBLOCKED_METHOD: out->kind = OMNIBUS_AMQP_UNBLOCKED; return;
    default: out->kind = OMNIBUS_AMQP_OTHER; return;
  }
}

/* The next frame that is there; never waits. */
static inline void omnibus_amqp_next(amqp_connection_state_t connection, struct omnibus_amqp_frame *out) {
  amqp_frame_t frame;
  struct timeval none = {0, 0};
  memset(out, 0, sizeof *out);
  int status = amqp_simple_wait_frame_noblock(connection, &frame, &none);
  if (status == AMQP_STATUS_TIMEOUT) {
    out->kind = OMNIBUS_AMQP_NOTHING;
    return;
  }
  if (status != AMQP_STATUS_OK) {
    out->kind = OMNIBUS_AMQP_BROKEN;
    out->number = (uint64_t)(int64_t)status;
    return;
  }
  switch (frame.frame_type) {
    case AMQP_FRAME_METHOD: omnibus_amqp_method(&frame.payload.method, out); return;
    case AMQP_FRAME_HEADER:
      out->kind = OMNIBUS_AMQP_HEADER;
      out->number = frame.payload.properties.body_size;
      out->one = frame.payload.properties.raw;
      return;
    case AMQP_FRAME_BODY:
      out->kind = OMNIBUS_AMQP_BODY;
      out->one = frame.payload.body_fragment;
      return;
    default: out->kind = OMNIBUS_AMQP_OTHER; return;
  }
}

static inline struct omnibus_amqp_answer omnibus_amqp_answer_of(amqp_rpc_reply_t reply) {
  struct omnibus_amqp_answer answer = {0, 0, {0, NULL}};
  switch (reply.reply_type) {
    case AMQP_RESPONSE_NORMAL: return answer;
    case AMQP_RESPONSE_SERVER_EXCEPTION: {
      /* Both methods begin with the code and the text. */
      const amqp_connection_close_t *m = (const amqp_connection_close_t *)reply.reply.decoded;
      answer.code = m ? m->reply_code : 0;
      if (m) answer.text = m->reply_text;
      if (!m) answer.status = AMQP_STATUS_CONNECTION_CLOSED;
      return answer;
    }
    default:
      answer.status = reply.library_error ? reply.library_error : AMQP_STATUS_CONNECTION_CLOSED;
      return answer;
  }
}

/* The answer to the call before, of those that wait for one. */
static inline struct omnibus_amqp_answer omnibus_amqp_answer(amqp_connection_state_t connection) {
  return omnibus_amqp_answer_of(amqp_get_rpc_reply(connection));
}

static inline amqp_table_entry_t omnibus_amqp_flag(const char *name) {
  amqp_table_entry_t entry;
  entry.key = amqp_cstring_bytes(name);
  entry.value.kind = AMQP_FIELD_KIND_BOOLEAN;
  entry.value.value.boolean = 1;
  return entry;
}

/* Logs in by PLAIN, and says by which name the connection is to be known and what it understands. */
static inline struct omnibus_amqp_answer omnibus_amqp_login(
    amqp_connection_state_t connection, const char *virtual_host, int frame_max, int heartbeat, const char *name,
    const char *user, const char *password) {
  amqp_table_entry_t capabilities[4] = {
      omnibus_amqp_flag("connection.blocked"), omnibus_amqp_flag("consumer_cancel_notify"),
      omnibus_amqp_flag("publisher_confirms"), omnibus_amqp_flag("basic.nack")};
  amqp_table_entry_t entries[3];
  entries[0].key = amqp_cstring_bytes("connection_name");
  entries[0].value.kind = AMQP_FIELD_KIND_UTF8;
  entries[0].value.value.bytes = amqp_cstring_bytes(name);
  entries[1].key = amqp_cstring_bytes("product");
  entries[1].value.kind = AMQP_FIELD_KIND_UTF8;
  entries[1].value.value.bytes = amqp_cstring_bytes("Omnibus");
  entries[2].key = amqp_cstring_bytes("capabilities");
  entries[2].value.kind = AMQP_FIELD_KIND_TABLE;
  entries[2].value.value.table.num_entries = 4;
  entries[2].value.value.table.entries = capabilities;
  amqp_table_t properties = {3, entries};
  return omnibus_amqp_answer_of(amqp_login_with_properties(
      connection, virtual_host, 0, frame_max, heartbeat, &properties, AMQP_SASL_METHOD_PLAIN, user, password));
}

/* Reads a property list as the wire has it, whose parts point into `bytes` and the pool. */
static inline amqp_basic_properties_t *omnibus_amqp_properties(amqp_pool_t *pool, const void *bytes, size_t length) {
  void *decoded = NULL;
  int status = amqp_decode_properties(AMQP_BASIC_CLASS, pool, omnibus_amqp_bytes(bytes, length), &decoded);
  return status < 0 ? NULL : (amqp_basic_properties_t *)decoded;
}

/* Sends a message whose properties are encoded as the wire has them; answers the status of the library. */
static inline int omnibus_amqp_publish(
    amqp_connection_state_t connection, amqp_pool_t *pool, amqp_bytes_t exchange, amqp_bytes_t key, int mandatory,
    amqp_bytes_t encoded, amqp_bytes_t body) {
  amqp_basic_properties_t *properties = omnibus_amqp_properties(pool, encoded.bytes, encoded.len);
  if (!properties) return AMQP_STATUS_INVALID_PARAMETER;
  int status = amqp_basic_publish(connection, 1, exchange, key, mandatory, 0, properties, body);
  recycle_amqp_pool(pool);
  return status;
}

/* The table under `headers` of an encoded property list that has nothing else; empty where there is none. */
static inline amqp_table_t omnibus_amqp_table(amqp_pool_t *pool, const void *bytes, size_t length) {
  amqp_basic_properties_t *properties = omnibus_amqp_properties(pool, bytes, length);
  return properties && (properties->_flags & AMQP_BASIC_HEADERS_FLAG) ? properties->headers : amqp_empty_table;
}

/* Makes a socket secure: verifies the broker's certificate for `host` within the handshake. 0 where that can be had. */
static inline int omnibus_amqp_secure(
    amqp_socket_t *socket, const char *authorities, const char *certificate, const char *key, const char *host,
    int is_address, int minimum_version) {
  SSL_CTX *context = (SSL_CTX *)amqp_ssl_socket_get_context(socket);
  X509_VERIFY_PARAM *parameters = SSL_CTX_get0_param(context);
  /* Its own check of names knows no addresses. */
  amqp_ssl_socket_set_verify_hostname(socket, 0);
  amqp_ssl_socket_set_verify_peer(socket, 1);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  SSL_CTX_set_min_proto_version(context, minimum_version);
  int is_set = is_address ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host)
                          : X509_VERIFY_PARAM_set1_host(parameters, host, 0);
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_set != 1) return -1;
  if (authorities ? amqp_ssl_socket_set_cacert(socket, authorities) != AMQP_STATUS_OK
                  : SSL_CTX_set_default_verify_paths(context) != 1)
    return -1;
  return certificate && amqp_ssl_socket_set_key(socket, certificate, key) != AMQP_STATUS_OK ? -1 : 0;
}

/* Why TLS failed last on this thread, such as "certificate verify failed"; NULL where it did not. */
static inline const char *omnibus_amqp_tls_problem(void) {
  unsigned long code = ERR_peek_last_error();
  return code ? ERR_reason_error_string(code) : NULL;
}
static inline void omnibus_amqp_tls_forget(void) { ERR_clear_error(); }

/* Holds back what is written until `on` is 0 again, so that many small messages leave together. */
static inline void omnibus_amqp_cork(int descriptor, int on) {
  setsockopt(descriptor, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
}
