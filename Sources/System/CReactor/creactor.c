#define _GNU_SOURCE
#include "creactor.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static _Thread_local void *current_reactor;

void *omnibus_reactor_current(void) { return current_reactor; }
void omnibus_reactor_set_current(void *reactor) { current_reactor = reactor; }

void omnibus_thread_set_name(const char *name) { pthread_setname_np(pthread_self(), name); }

int omnibus_accept(int listener, int flags) { return accept4(listener, NULL, NULL, flags); }

void *omnibus_memmem(const void *haystack, size_t length, const void *needle, size_t needle_length) {
  return memmem(haystack, length, needle, needle_length);
}

int omnibus_rename_no_replace(int from_folder, const char *from, int to_folder, const char *to) {
  return renameat2(from_folder, from, to_folder, to, RENAME_NOREPLACE);
}
