#pragma once
#include <dirent.h>
#include <netdb.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/xattr.h>

/* The reactor whose thread this is, or NULL. Functions of another translation unit on purpose: an inlined
   thread-local read may be kept across a suspension point and then answers for the thread before it. */
void *omnibus_reactor_current(void);
void omnibus_reactor_set_current(void *reactor);

/* Where the calling thread keeps the number of what it is at; NULL for nowhere. Other threads may read it. */
void omnibus_activity_use(uint64_t *place);
/* Notes what the calling thread is at; 0 for nothing that has a name. */
void omnibus_activity_set(uint64_t number);
uint64_t omnibus_activity_at(const uint64_t *place);

/* Numbers that many threads add to: for each of `shards` threads a cell that it alone writes, so that an addition is a
   load and a store, and behind them a cell for all others. The cells of one number are `stride` apart. */
/* Gives the calling thread a shard that no other thread has; -1 takes it away. */
void omnibus_shard_use(int number);
/* Answers the calling thread's own cell. */
int64_t omnibus_shards_add(int64_t *cells, int shards, int stride, int64_t amount);
int64_t omnibus_shards_sum(const int64_t *cells, int shards, int stride);

/* GNU extensions that Swift's Glibc module leaves out. */
void omnibus_thread_set_name(const char *name);
int omnibus_accept(int listener, struct sockaddr_storage *from);
int omnibus_usable_processors(void);
void *omnibus_memmem(const void *haystack, size_t length, const void *needle, size_t needle_length);
/* The environment of the process, ended by NULL; not to be changed while it is read. */
char **omnibus_environment(void);
/* A pipe whose ends programs that are started do not inherit. */
int omnibus_pipe(int ends[2]);
void omnibus_spawn_close_from(posix_spawn_file_actions_t *actions, int lowest);
void omnibus_spawn_change_directory(posix_spawn_file_actions_t *actions, const char *path);
/* Makes a file without a name in a folder, which is gone with its descriptor; -1 with errno on failure. */
int omnibus_open_nameless(const char *folder);
int omnibus_rename_no_replace(int from_folder, const char *from, int to_folder, const char *to);

/* Catches the signals and answers a non-blocking descriptor from which each can be read as one byte; -1 with errno on
   failure. A handler and not signalfd(2): that wants the signals blocked in every thread, and libdispatch unblocks them
   in the first one. One set a process. */
int omnibus_signals_open(const int *signals, int count);

/* Lets malloc keep up to that many freed bytes instead of giving them back to the kernel, and take blocks below half of
   it from there. */
void omnibus_heap_keep(int bytes);

/* Cyclic redundancy checks, carried on from the value for what came before; 0 at the beginning. */
uint32_t omnibus_crc32(uint32_t value, const void *bytes, size_t count);
/* With the processor's own instruction where it has one. */
uint32_t omnibus_crc32c(uint32_t value, const void *bytes, size_t count);
uint32_t omnibus_crc32c_by_table(uint32_t value, const void *bytes, size_t count);
uint64_t omnibus_crc64nvme(uint64_t value, const void *bytes, size_t count);
