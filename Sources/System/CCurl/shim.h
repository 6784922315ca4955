#pragma once
#include <curl/curl.h>

/* curl_easy_setopt and its kin are variadic, and type-checking macros besides: Swift can import neither. */
typedef size_t (*omnibus_curl_data)(char *, size_t, size_t, void *);

static inline CURLcode omnibus_curl_set_long(CURL *h, CURLoption o, long v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode omnibus_curl_set_offset(CURL *h, CURLoption o, curl_off_t v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode omnibus_curl_set_pointer(CURL *h, CURLoption o, void *v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode omnibus_curl_set_string(CURL *h, CURLoption o, const char *v) { return (curl_easy_setopt)(h, o, v); }
static inline CURLcode omnibus_curl_set_data(CURL *h, CURLoption o, omnibus_curl_data f) { return (curl_easy_setopt)(h, o, f); }
static inline CURLcode omnibus_curl_get_long(CURL *h, CURLINFO i, long *v) { return (curl_easy_getinfo)(h, i, v); }
static inline CURLcode omnibus_curl_get_pointer(CURL *h, CURLINFO i, void **v) { return (curl_easy_getinfo)(h, i, v); }
static inline CURLMcode omnibus_curlm_set_long(CURLM *m, CURLMoption o, long v) { return (curl_multi_setopt)(m, o, v); }
static inline CURLMcode omnibus_curlm_set_pointer(CURLM *m, CURLMoption o, void *v) { return (curl_multi_setopt)(m, o, v); }
static inline CURLMcode omnibus_curlm_set_socket(CURLM *m, curl_socket_callback f) { return (curl_multi_setopt)(m, CURLMOPT_SOCKETFUNCTION, f); }
static inline CURLMcode omnibus_curlm_set_timer(CURLM *m, curl_multi_timer_callback f) { return (curl_multi_setopt)(m, CURLMOPT_TIMERFUNCTION, f); }
static inline CURLcode omnibus_curl_result(CURLMsg *m) { return m->data.result; }
static inline CURLcode omnibus_curl_set_seek(CURL *h, curl_seek_callback f) { return (curl_easy_setopt)(h, CURLOPT_SEEKFUNCTION, f); }
static inline CURLcode omnibus_curl_set_prereq(CURL *h, curl_prereq_callback f) { return (curl_easy_setopt)(h, CURLOPT_PREREQFUNCTION, f); }
static inline CURLcode omnibus_curl_set_open(CURL *h, curl_opensocket_callback f) { return (curl_easy_setopt)(h, CURLOPT_OPENSOCKETFUNCTION, f); }
static inline CURLcode omnibus_curl_set_close(CURL *h, curl_closesocket_callback f) { return (curl_easy_setopt)(h, CURLOPT_CLOSESOCKETFUNCTION, f); }
static inline curl_version_info_data *omnibus_curl_version(void) { return curl_version_info(CURLVERSION_NOW); }
