/* SPDX-License-Identifier: MIT */

/* Memory runs out at every point of a request, once each: ours, libcurl's and the loop's. Whatever
 * was queued ends in on_done exactly once, and the client goes on to serve the next. */

#include "server.h"

#include <pthread.h>

#ifdef __has_feature /* clang's way to say it */
#define SANITIZED __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#if SANITIZED
#define TORTURE 0 /* the sanitizer has an allocator of its own */
#else
#define TORTURE 1

void *__libc_malloc(size_t n_bytes);
void *__libc_calloc(size_t n, size_t n_bytes);
void *__libc_realloc(void *p, size_t n_bytes);

static pthread_t tortured;
static long n_left = -1; /* allocations of the tortured thread until one fails; -1: none does */
static bool failed;

static bool fails(void) {
        if (n_left < 0 || !pthread_equal(pthread_self(), tortured))
                return false;
        if (n_left-- > 0)
                return false;
        failed = true;
        errno = ENOMEM;
        return true;
}

void *malloc(size_t n_bytes) {
        return fails() ? NULL : __libc_malloc(n_bytes);
}

void *calloc(size_t n, size_t n_bytes) {
        return fails() ? NULL : __libc_calloc(n, n_bytes);
}

void *realloc(void *p, size_t n_bytes) {
        return fails() ? NULL : __libc_realloc(p, n_bytes);
}
#endif

static void test_every_allocation(void **state) {
#if TORTURE
        static const char *const headers[] = { "X-Key: value", NULL };
        static const usec_t patience = 5 * USEC_PER_SEC;
        TestServer server;
        sd_event *event;
        HttpClient *client;
        long n = 0;

        (void) state;
        if (strstr(strempty(getenv("LD_PRELOAD")), "vgpreload")) {
                print_message("Valgrind's allocator cannot be made to fail\n");
                skip();
        }
        server_start(&server, "127.0.0.1",
                "{'/from': [{'status': 302, 'headers': {'Location': '/to'}}],"
                "'/to': [{'body': 'hello ', 'gzip': true, 'repeat': 1000, 'etag': '1'}]}");
        assert_int_equal(sd_event_new(&event), 0);
        assert_int_equal(http_client_new(event, "Picket/1", &client), 0);
        tortured = pthread_self();

        do {
                Fetch f = {}, after = {};
                HttpSpec spec = { .class = HTTP_FEED,
                        .allow_private = true,
                        .headers = headers,
                        .n_redirects_max = 5,
                        .body_bytes_max = 1 << 20,
                        .timeout_usec = patience,
                        .handler = { fetch_on_head, NULL, fetch_on_done },
                        .url = f.url,
                        .userdata = &f };
                int r;

                snprintf(f.url, sizeof(f.url), "http://127.0.0.1:%u/from", server.port);
                failed = false;
                n_left = n++;
                r = http_request_start(client, &spec, &f.request);
                while (r >= 0 && f.n_done == 0)
                        if (sd_event_run(event, patience) == 0)
                                fail_msg("lost at allocation %ld", n);
                n_left = -1;

                if (r >= 0)
                        assert_int_equal(f.n_done, 1);
                assert_int_equal(http_client_n_active(client), 0);
                assert_int_equal(http_client_n_queued(client), 0);
                fetch_done(&f);

                fetch_start(&after, client, (HttpSpec){ .allow_private = true }, "127.0.0.1",
                        server.port, "/to");
                run_fetches(event, &after, 1);
                if (after.failure != HTTP_OK)
                        fail_msg("after allocation %ld: %s", n, after.message);
                assert_int_equal(after.n_bytes, 6000);
                fetch_done(&after);
        } while (failed);

        http_client_free(client);
        sd_event_unref(event);
        server_stop(&server);
        server_done(&server);
        assert_true(n > 50);
#else
        (void) state;
        print_message("the sanitizer's allocator cannot be made to fail\n");
        skip();
#endif
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_allocation),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
