/* SPDX-License-Identifier: MIT */

/* The client as a whole: places, fairness, cancelling, teardown, a resolver that hangs. */

#include "server.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <netdb.h>

static sd_event *event;
static HttpClient *client;
static TestServer server;

/* --- a resolver that hangs at names of its own: libcurl's lookups come here --- */

static int (*real_getaddrinfo)(
        const char *, const char *, const struct addrinfo *, struct addrinfo **);
#define STUCK_SECONDS 3

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
        struct addrinfo **ret) {
        if (name && endswith(name, ".stuck")) {
                sleep(STUCK_SECONDS);
                return EAI_AGAIN;
        }
        if (name && endswith(name, ".test"))
                name = "127.0.0.1";
        return real_getaddrinfo(name, service, hints, ret);
}

/* What gzip makes a hundred times smaller. */
static void make_spec(Buffer *spec) {
        uint64_t random = 1;

        assert_int_equal(
                buffer_append_str(spec,
                        "{'/ok': [{'body': 'ok'}], '/slow': [{'body': 'ok', 'delay': 0.2}],"
                        "'/hang': [{'fault': 'hang'}], '/flat': [{'body': '0123456789abcdef',"
                        "'repeat': 200000}], '/big': [{'gzip': true, 'repeat': 32,"
                        "'body': '"),
                0);
        for (unsigned i = 0; i < 2048; i++, random = random * 6364136223846793005 + 1)
                assert_int_equal(buffer_printf(spec, "%016" PRIx64, random), 0);
        assert_int_equal(buffer_printf(spec, "%02000000u'}]", 0), 0);

        /* Frames of zstd (RFC 8878, 3.1.1) in blocks of 128 KiB of one byte; libbrotli's own. */
        assert_int_equal(buffer_append_str(spec,
                                 ", '/zstd': [{'headers': {'Content-Encoding': 'zstd'},"
                                 "'hex': '28b52ffd0068"),
                0);
        for (unsigned i = 0; i < 8192; i++)
                assert_int_equal(buffer_append_str(spec, "02001061"), 0);
        assert_int_equal(
                buffer_append_str(spec,
                        "'}], '/brotli': [{'headers': {'Content-Encoding': 'br'},"
                        "'hex': 'cbffff3f002400e2b14072effff8ffff078004401c1680eefd5ffeffff00900088c302d0bdff01'}]}"),
                0);
}

static int setup(void **state) {
        Buffer spec = {};

        (void) state;
        make_spec(&spec);
        assert_int_equal(sd_event_new(&event), 0);
        assert_int_equal(http_client_new(event, "Picket/1", &client), 0);
        server_start(&server, "0.0.0.0", buffer_str(&spec));
        buffer_done(&spec);
        return 0;
}

static int teardown(void **state) {
        (void) state;
        client = http_client_free(client);
        event = sd_event_unref(event);
        if (!server.requests)
                server_stop(&server);
        server_done(&server);
        return 0;
}

/* Sanitizers and Valgrind take their time. */
#ifdef __SANITIZE_ADDRESS__
#define LENIENCE 10
#else
#define LENIENCE (getenv("PICKET_WRAPPER") ? 100 : 1)
#endif

static size_t n_active_max;

static void note_active(Fetch *f) {
        (void) f;
        n_active_max = MAX(n_active_max, http_client_n_active(client) + 1);
}

static void test_many_hosts(void **state) {
        enum { N = 120 };
        Fetch fetches[N] = {};

        (void) state;
        n_active_max = 0;
        for (unsigned i = 0; i < N; i++) {
                char host[32];

                /* two of each origin; feeds and pages together */
                snprintf(host, sizeof(host), "127.0.1.%u", 1 + i / 2);
                fetches[i].on_done = note_active;
                fetch_start(&fetches[i], client,
                        (HttpSpec){ .class = i % 4 ? HTTP_FEED : HTTP_PAGE, .allow_private = true },
                        host, server.port, "/slow");
        }
        assert_int_equal(http_client_n_queued(client), N);
        assert_int_equal(http_client_n_active(client), 0);
        run_fetches(event, fetches, N);
        server_stop(&server);

        for (size_t i = 0; i < N; i++) {
                assert_int_equal(fetches[i].failure, HTTP_OK);
                assert_int_equal(fetches[i].n_done, 1);
                fetch_done(&fetches[i]);
        }
        assert_true(n_active_max > 20);
        assert_true(n_active_max <= HTTP_TRANSFERS_MAX);
        assert_int_equal(json_array_size(server.requests), N);

        /* Of one origin the second came when the first was answered. */
        for (size_t i = 0; i < N; i++)
                for (size_t j = 0; j < i; j++) {
                        const json_t *a = json_array_get(server.requests, i),
                                     *b = json_array_get(server.requests, j);

                        if (!streq(server_saw(&server, i, "host"), server_saw(&server, j, "host")))
                                continue;
                        assert_true(json_real_value(json_object_get(a, "time")) -
                                        json_real_value(json_object_get(b, "time")) >=
                                0.19);
                }
}

/* A hanging server holds up its own queue, not others, and not a sink on the same server. */
static void test_slow_does_not_hold_up(void **state) {
        Fetch hanging = {}, behind = {}, other = {}, sink = {};
        HttpSpec spec = {
                .class = HTTP_FEED, .allow_private = true, .timeout_usec = 800 * USEC_PER_MSEC
        };

        (void) state;
        fetch_start(&hanging, client, spec, "127.0.0.1", server.port, "/hang");
        fetch_start(&behind, client, spec, "127.0.0.1", server.port, "/ok");
        fetch_start(&other, client, spec, "127.0.0.2", server.port, "/ok");
        spec.class = HTTP_SINK;
        fetch_start(&sink, client, spec, "127.0.0.1", server.port, "/ok");

        run_fetches(event, &other, 1);
        run_fetches(event, &sink, 1);
        assert_int_equal(hanging.n_done, 0);
        assert_int_equal(behind.n_done, 0);
        run_fetches(event, &behind, 1);
        assert_int_equal(hanging.failure, HTTP_TIMEOUT);
        /* It waited longer than its own timeout, which began with its start. */
        assert_int_equal(behind.failure, HTTP_OK);
        assert_true(behind.response.total_usec < 500 * USEC_PER_MSEC);

        fetch_done(&hanging);
        fetch_done(&behind);
        fetch_done(&other);
        fetch_done(&sink);
}

static void test_sinks_keep_places(void **state) {
        Fetch feeds[HTTP_TRANSFERS_MAX] = {}, sink = {};
        HttpSpec spec = { .class = HTTP_FEED, .allow_private = true };

        (void) state;
        for (unsigned i = 0; i < ELEMENTSOF(feeds); i++) {
                char host[32];

                snprintf(host, sizeof(host), "127.0.2.%u", 1 + i);
                fetch_start(&feeds[i], client, spec, host, server.port, "/hang");
        }
        spec.class = HTTP_SINK;
        fetch_start(&sink, client, spec, "127.0.0.1", server.port, "/ok");
        run_fetches(event, &sink, 1);
        assert_int_equal(sink.failure, HTTP_OK);
        assert_true(http_client_n_queued(client) > 0);
        assert_true(http_client_n_active(client) < HTTP_TRANSFERS_MAX);
        fetch_done(&sink);
        /* The rest is torn down in flight, without a word to its handlers. */
        client = http_client_free(client);
        for (unsigned i = 0; i < ELEMENTSOF(feeds); i++)
                assert_int_equal(feeds[i].n_done, 0);
}

static int cancel_other(Fetch *f) {
        Fetch *other = f->userdata;

        if (other->request)
                other->request = http_request_cancel(other->request);
        return 0;
}

static void start_another(Fetch *f) {
        fetch_start(f->userdata, client, (HttpSpec){ .allow_private = true }, "127.0.0.1",
                server.port, "/ok");
}

static void test_cancel(void **state) {
        HttpSpec spec = { .class = HTTP_FEED, .allow_private = true };
        Fetch waiting = {}, hanging = {}, flat = {}, self = {}, ok = {}, next = {};

        (void) state;
        /* before it starts */
        fetch_start(&waiting, client, spec, "127.0.0.1", server.port, "/ok");
        waiting.request = http_request_cancel(waiting.request);
        assert_int_equal(http_client_n_queued(client), 0);

        /* in flight, from another's callback inside libcurl */
        fetch_start(&hanging, client, spec, "127.0.0.1", server.port, "/hang");
        flat = (Fetch){ .on_data = cancel_other, .userdata = &hanging };
        fetch_start(&flat, client, spec, "127.0.0.2", server.port, "/flat");
        run_fetches(event, &flat, 1);
        assert_int_equal(flat.failure, HTTP_OK);
        assert_int_equal(flat.n_bytes, 3200000);
        assert_int_equal(hanging.n_done, 0);
        assert_int_equal(http_client_n_active(client), 0);

        /* itself, from its own head; and a request that starts another when done */
        self = (Fetch){ .on_head = cancel_other };
        self.userdata = &self;
        fetch_start(&self, client, spec, "127.0.0.3", server.port, "/big");
        ok = (Fetch){ .on_done = start_another, .userdata = &next };
        fetch_start(&ok, client, spec, "127.0.0.3", server.port, "/ok");
        run_fetches(event, &ok, 1);
        run_fetches(event, &next, 1);
        assert_int_equal(self.n_done, 0);
        assert_int_equal(next.failure, HTTP_OK);
        assert_null(http_request_cancel(NULL));

        fetch_done(&flat);
        fetch_done(&self);
        fetch_done(&ok);
        fetch_done(&next);
}

static size_t n_turn_bytes, n_turn_bytes_max;

static int count_turn(Fetch *f) {
        n_turn_bytes += f->n_bytes - (size_t) f->userdata;
        f->userdata = (void *) f->n_bytes;
        n_turn_bytes_max = MAX(n_turn_bytes_max, n_turn_bytes);
        return 0;
}

/* 65 MB in some 700 KB of gzip: nothing is lost over the pauses, and no turn hands on too much. */
static void test_turns(void **state) {
        Fetch big = { .on_data = count_turn };

        (void) state;
        n_turn_bytes_max = 0;
        fetch_start(&big, client, (HttpSpec){ .allow_private = true }, "127.0.0.1", server.port,
                "/big");
        while (big.n_done == 0) {
                n_turn_bytes = 0;
                assert_true(sd_event_run(event, 20 * USEC_PER_SEC) > 0);
        }
        assert_int_equal(big.failure, HTTP_OK);
        assert_int_equal(big.n_bytes, 32 * (2048 * 16 + 2000000));
        assert_true(n_turn_bytes_max <= 256 * 1024 + 16384);
        fetch_done(&big);
}

/* One turn of the loop; how long it took is noted in @longest_usec. */
static void run_measured(usec_t *longest_usec) {
        usec_t start_usec;
        int r;

        r = sd_event_prepare(event);
        if (r == 0)
                r = sd_event_wait(event, 20 * USEC_PER_SEC);
        assert_true(r >= 0);
        if (r == 0)
                return;
        start_usec = clock_boottime(&clock_system);
        assert_true(sd_event_dispatch(event) > 0);
        *longest_usec = MAX(*longest_usec, clock_boottime(&clock_system) - start_usec);
}

/* 32 KiB that inflate to 1 GiB (zstd) and 20 MiB (brotli): the loop comes round. */
static void s11_15_bombs_do_not_hold_the_loop(void **state) {
        static const char *const paths[] = { "/zstd", "/brotli" };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
                Fetch bombs[8] = {};
                usec_t longest_usec = 0;

                for (unsigned k = 0; k < ELEMENTSOF(bombs); k++) {
                        char host[32];

                        snprintf(host, sizeof(host), "127.0.3.%u", 1 + k);
                        fetch_start(&bombs[k], client,
                                (HttpSpec){ .allow_private = true, .body_bytes_max = 16 << 20 },
                                host, server.port, paths[i]);
                }
                for (unsigned k = 0; k < ELEMENTSOF(bombs);) {
                        if (bombs[k].n_done > 0)
                                k++;
                        else
                                run_measured(&longest_usec);
                }
                for (unsigned k = 0; k < ELEMENTSOF(bombs); k++) {
                        assert_int_equal(bombs[k].failure, HTTP_TOO_LARGE);
                        assert_non_null(strstr(bombs[k].message, "more than 200-fold"));
                        fetch_done(&bombs[k]);
                }
                if (getenv("PICKET_TEST_FIGURES"))
                        printf("%s: the longest turn took %" PRIu64 " us\n", paths[i],
                                longest_usec);
                assert_true(longest_usec < 50 * USEC_PER_MSEC * LENIENCE);
        }
}

static void test_stuck_resolver(void **state) {
        Fetch stuck[20] = {}, literal = {}, named = {}, sink = {};
        HttpSpec spec = {
                .class = HTTP_FEED, .allow_private = true, .timeout_usec = 400 * USEC_PER_MSEC
        };
        usec_t longest_usec = 0;

        (void) state;
        for (unsigned i = 0; i < ELEMENTSOF(stuck); i++) {
                char host[32];

                snprintf(host, sizeof(host), "h%u.stuck", i);
                fetch_start(&stuck[i], client, spec, host, server.port, "/ok");
        }
        spec.timeout_usec = 20 * USEC_PER_SEC; /* for a slow machine */
        fetch_start(&literal, client, spec, "127.0.0.1", server.port, "/ok");
        fetch_start(&named, client, spec, "a.test", server.port, "/ok");
        spec.class = HTTP_SINK;
        fetch_start(&sink, client, spec, "b.test", server.port, "/ok");

        while (stuck[0].n_done == 0 || stuck[11].n_done == 0 || sink.n_done == 0)
                run_measured(&longest_usec);
        assert_true(longest_usec < USEC_PER_SEC); /* giving a lookup up does not wait for it */
        assert_int_equal(stuck[0].failure, HTTP_TIMEOUT);
        assert_int_equal(stuck[0].response.blame, HTTP_BLAME_NETWORK);
        assert_int_equal(literal.failure, HTTP_OK);
        assert_int_equal(sink.failure, HTTP_OK);
        /* Names left in the resolver keep their places from feeds. */
        assert_int_equal(stuck[19].n_done, 0);
        assert_int_equal(named.n_done, 0);

        for (unsigned i = 0; i < ELEMENTSOF(stuck); i++)
                fetch_done(&stuck[i]);
        fetch_done(&literal);
        fetch_done(&sink);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_many_hosts, setup, teardown),
                cmocka_unit_test_setup_teardown(test_slow_does_not_hold_up, setup, teardown),
                cmocka_unit_test_setup_teardown(test_sinks_keep_places, setup, teardown),
                cmocka_unit_test_setup_teardown(test_cancel, setup, teardown),
                cmocka_unit_test_setup_teardown(test_turns, setup, teardown),
                cmocka_unit_test_setup_teardown(s11_15_bombs_do_not_hold_the_loop, setup, teardown),
                cmocka_unit_test_setup_teardown(test_stuck_resolver, setup, teardown),
        };

        real_getaddrinfo = (__typeof__(real_getaddrinfo)) dlsym(RTLD_NEXT, "getaddrinfo");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
