/* What librabbitmq does by itself: fills a queue, and moves messages from one queue to another with confirms.

   RabbitMQBaseline fill PORT QUEUE COUNT SIZE TYPE   makes a queue, empties it, and puts messages in
   RabbitMQBaseline move PORT FROM TO COUNT WINDOW    takes COUNT messages, publishes each, acknowledges what is confirmed
   RabbitMQBaseline make PORT QUEUE TYPE              makes a queue, and empties it
   Prints the seconds that it took, and the seconds of CPU. */
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static double cpu(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void check(int good, const char *what) {
  if (good) return;
  fprintf(stderr, "failed: %s\n", what);
  exit(1);
}

static void answered(amqp_connection_state_t c, const char *what) {
  check(amqp_get_rpc_reply(c).reply_type == AMQP_RESPONSE_NORMAL, what);
}

static amqp_connection_state_t open_connection(int port) {
  amqp_connection_state_t c = amqp_new_connection();
  check(amqp_socket_open(amqp_tcp_socket_new(c), "127.0.0.1", port) == 0, "connect");
  check(amqp_login(c, "/", 0, 131072, 30, AMQP_SASL_METHOD_PLAIN, "guest", "guest").reply_type == AMQP_RESPONSE_NORMAL,
        "login");
  amqp_channel_open(c, 1);
  answered(c, "channel");
  return c;
}

static void make_queue(amqp_connection_state_t c, const char *queue, const char *type) {
  amqp_table_entry_t entry = {amqp_cstring_bytes("x-queue-type"), {AMQP_FIELD_KIND_UTF8}};
  entry.value.value.bytes = amqp_cstring_bytes(type);
  amqp_table_t arguments = {1, &entry};
  amqp_queue_declare(c, 1, amqp_cstring_bytes(queue), 0, 1, 0, 0, arguments);
  answered(c, "declare");
  amqp_queue_purge(c, 1, amqp_cstring_bytes(queue));
  answered(c, "purge");
}

static void publish(amqp_connection_state_t c, const char *queue, amqp_bytes_t body) {
  amqp_basic_properties_t properties;
  memset(&properties, 0, sizeof properties);
  properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CONTENT_TYPE_FLAG;
  properties.delivery_mode = 2;
  properties.content_type = amqp_cstring_bytes("application/json");
  check(amqp_basic_publish(c, 1, amqp_empty_bytes, amqp_cstring_bytes(queue), 1, 0, &properties, body) == 0, "publish");
}

/* Takes the confirms that are there; `confirmed` is the highest number up to which all are. */
static void take_confirms(amqp_connection_state_t c, char *done, long *confirmed, long sent) {
  for (;;) {
    amqp_frame_t frame;
    struct timeval none = {0, 0};
    int status = amqp_simple_wait_frame_noblock(c, &frame, &none);
    if (status == AMQP_STATUS_TIMEOUT) break;
    check(status == AMQP_STATUS_OK && frame.frame_type == AMQP_FRAME_METHOD &&
              frame.payload.method.id == AMQP_BASIC_ACK_METHOD,
          "confirm");
    amqp_basic_ack_t *ack = frame.payload.method.decoded;
    for (long n = ack->multiple ? *confirmed + 1 : (long)ack->delivery_tag; n <= (long)ack->delivery_tag; n++)
      done[n] = 1;
    while (*confirmed < sent && done[*confirmed + 1]) (*confirmed)++;
  }
  amqp_maybe_release_buffers(c);
}

static void fill(amqp_connection_state_t c, const char *queue, long count, long size) {
  char *body = malloc(size), *done = calloc(count + 2, 1);
  memset(body, 'x', size);
  amqp_bytes_t bytes = {size, body};
  amqp_confirm_select(c, 1);
  answered(c, "confirms");
  long sent = 0, confirmed = 0;
  while (confirmed < count) {
    for (int n = 0; n < 64 && sent < count && sent - confirmed < 4000; n++, sent++) publish(c, queue, bytes);
    take_confirms(c, done, &confirmed, sent);
    if (sent == count || sent - confirmed >= 4000) {
      struct pollfd p = {amqp_get_sockfd(c), POLLIN, 0};
      poll(&p, 1, 1000);
    }
  }
}

static void move(int port, const char *from, const char *to, long count, int window) {
  amqp_connection_state_t in = open_connection(port), out = open_connection(port);
  char *done = calloc(count + 2, 1);
  amqp_confirm_select(out, 1);
  answered(out, "confirms");
  amqp_basic_qos(in, 1, 0, window, 0);
  answered(in, "prefetch");
  amqp_basic_consume(in, 1, amqp_cstring_bytes(from), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
  answered(in, "consume");
  long sent = 0, confirmed = 0, told = 0;
  while (told < count) {
    for (int n = 0; n < 256 && sent < count; n++) {
      amqp_envelope_t envelope;
      struct timeval none = {0, 0};
      amqp_maybe_release_buffers(in);
      if (amqp_consume_message(in, &envelope, &none, 0).reply_type != AMQP_RESPONSE_NORMAL) break;
      publish(out, to, envelope.message.body);
      amqp_destroy_envelope(&envelope);
      sent++;
    }
    take_confirms(out, done, &confirmed, sent);
    if (confirmed > told) {
      check(amqp_basic_ack(in, 1, confirmed, 1) == 0, "acknowledge");
      told = confirmed;
      continue;
    }
    struct pollfd p[2] = {{amqp_get_sockfd(in), POLLIN, 0}, {amqp_get_sockfd(out), POLLIN, 0}};
    poll(p, 2, 1000);
  }
  amqp_channel_close(in, 1, AMQP_REPLY_SUCCESS);
  amqp_connection_close(in, AMQP_REPLY_SUCCESS);
}

int main(int argc, char **argv) {
  check(argc >= 5, "arguments");
  int port = atoi(argv[2]);
  double began = now(), used = cpu();
  if (!strcmp(argv[1], "make")) {
    make_queue(open_connection(port), argv[3], argv[4]);
  } else if (!strcmp(argv[1], "fill")) {
    check(argc == 7, "arguments of fill");
    amqp_connection_state_t c = open_connection(port);
    make_queue(c, argv[3], argv[6]);
    fill(c, argv[3], atol(argv[4]), atol(argv[5]));
  } else {
    check(argc == 7, "arguments of move");
    move(port, argv[3], argv[4], atol(argv[5]), atoi(argv[6]));
  }
  printf("%f %f\n", now() - began, cpu() - used);
  return 0;
}
