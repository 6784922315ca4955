#define _GNU_SOURCE
#include "creactor.h"
#include <errno.h>
#include <malloc.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <signal.h>
#include <unistd.h>
#include <string.h>

static _Thread_local void *current_reactor;

void *omnibus_reactor_current(void) { return current_reactor; }
void omnibus_reactor_set_current(void *reactor) { current_reactor = reactor; }

static _Thread_local _Atomic uint64_t *activity;

void omnibus_activity_use(uint64_t *place) { activity = (_Atomic uint64_t *)place; }
void omnibus_activity_set(uint64_t number) {
  if (activity) atomic_store_explicit(activity, number, memory_order_relaxed);
}
uint64_t omnibus_activity_at(const uint64_t *place) {
  return atomic_load_explicit((const _Atomic uint64_t *)place, memory_order_relaxed);
}

static _Thread_local int shard = -1;

void omnibus_shard_use(int number) { shard = number; }
int64_t omnibus_shards_add(int64_t *cells, int shards, int stride, int64_t amount) {
  int own = shard;
  _Atomic int64_t *cell = (_Atomic int64_t *)cells;
  if (own < 0 || own >= shards) {
    cell += (size_t)shards * (size_t)stride;
    return atomic_fetch_add_explicit(cell, amount, memory_order_relaxed) + amount;
  }
  cell += (size_t)own * (size_t)stride;
  int64_t sum = atomic_load_explicit(cell, memory_order_relaxed) + amount;
  atomic_store_explicit(cell, sum, memory_order_relaxed);
  return sum;
}
int64_t omnibus_shards_sum(const int64_t *cells, int shards, int stride) {
  int64_t sum = 0;
  for (int i = 0; i <= shards; i++)
    sum += atomic_load_explicit((const _Atomic int64_t *)cells + (size_t)i * (size_t)stride, memory_order_relaxed);
  return sum;
}

void omnibus_thread_set_name(const char *name) { pthread_setname_np(pthread_self(), name); }

int omnibus_accept(int listener, struct sockaddr_storage *from) {
  socklen_t length = sizeof *from;
  return accept4(listener, (struct sockaddr *)from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int omnibus_usable_processors(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

void *omnibus_memmem(const void *haystack, size_t length, const void *needle, size_t needle_length) {
  return memmem(haystack, length, needle, needle_length);
}

char **omnibus_environment(void) { return environ; }

int omnibus_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

void omnibus_spawn_close_from(posix_spawn_file_actions_t *actions, int lowest) {
  posix_spawn_file_actions_addclosefrom_np(actions, lowest);
}

void omnibus_spawn_change_directory(posix_spawn_file_actions_t *actions, const char *path) {
  posix_spawn_file_actions_addchdir_np(actions, path);
}

int omnibus_open_nameless(const char *folder) {
  int descriptor = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return descriptor;
  /* A file system that cannot do without a name: it is there for a moment. */
  char path[4096];
  if (snprintf(path, sizeof path, "%s/.omnibus-XXXXXX", folder) >= (int)sizeof path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  descriptor = mkostemp(path, O_CLOEXEC);
  if (descriptor >= 0) unlink(path);
  return descriptor;
}

int omnibus_rename_no_replace(int from_folder, const char *from, int to_folder, const char *to) {
  return renameat2(from_folder, from, to_folder, to, RENAME_NOREPLACE);
}

static int signal_pipe[2] = {-1, -1};

static void forward_signal(int signal_number) {
  int kept = errno;
  unsigned char byte = (unsigned char)signal_number;
  ssize_t ignored = write(signal_pipe[1], &byte, 1);
  (void)ignored;
  errno = kept;
}

int omnibus_signals_open(const int *signals, int count) {
  if (pipe2(signal_pipe, O_NONBLOCK | O_CLOEXEC) != 0) return -1;
  struct sigaction action = {.sa_handler = forward_signal, .sa_flags = SA_RESTART};
  sigfillset(&action.sa_mask);
  for (int i = 0; i < count; i++)
    if (sigaction(signals[i], &action, NULL) != 0) return -1;
  return signal_pipe[0];
}

void omnibus_heap_keep(int bytes) {
  mallopt(M_TRIM_THRESHOLD, bytes);
  mallopt(M_MMAP_THRESHOLD, bytes / 2);
}
