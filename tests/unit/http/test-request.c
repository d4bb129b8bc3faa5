/* SPDX-License-Identifier: MIT */

#include "server.h"

#include <fcntl.h>

static sd_event *event;
static HttpClient *client;
static TestServer server;

#define LOCAL .allow_private = true

static int setup(void **state) {
        (void) state;
        assert_int_equal(sd_event_new(&event), 0);
        assert_int_equal(http_client_new(event, "Picket/1 (+https://example.org)", &client), 0);
        server = (TestServer){};
        return 0;
}

static int teardown(void **state) {
        (void) state;
        client = http_client_free(client);
        event = sd_event_unref(event);
        server_done(&server);
        return 0;
}

static void start(const char *spec) {
        server_start(&server, "127.0.0.1", spec);
}

static Fetch get(const char *path, HttpSpec spec) {
        Fetch f = {};

        fetch_start(&f, client, spec, "127.0.0.1", server.port, path);
        run_fetches(event, &f, 1);
        assert_int_equal(f.n_done, 1);
        assert_int_equal(http_client_n_active(client), 0);
        assert_int_equal(http_client_n_queued(client), 0);
        return f;
}

static const char answers[] =
        "{"
        "'/ok': [{'body': 'hello', 'etag': 'W/\\'a-gzip\\'', 'headers': {'Cache-Control': 'max-age=60'}}],"
        "'/empty': [{'status': 204}],"
        "'/fail': [{'status': 503, 'body': 'x', 'headers': {'Retry-After': '120'}}],"
        "'/chunked': [{'body': 'hello world', 'chunked': 3}],"
        "'/gzip': [{'body': 'hello ', 'gzip': true, 'repeat': 3}],"
        "'/one': [{'status': 301, 'headers': {'Location': '/two'}}],"
        "'/two': [{'status': 308, 'headers': {'Location': 'three?a=b#c'}}],"
        "'/three': [{'body': 'there'}],"
        "'/temporary': [{'status': 302, 'headers': {'Location': '/one'}}],"
        "'/loop': [{'status': 302, 'headers': {'Location': '/pool'}}],"
        "'/pool': [{'status': 302, 'headers': {'Location': '/loop'}}],"
        "'/file': [{'status': 302, 'headers': {'Location': 'file:///etc/passwd'}}],"
        "'/mail': [{'status': 302, 'headers': {'Location': 'http://127.0.0.1:25/'}}],"
        "'/user': [{'status': 302, 'headers': {'Location': 'http://a:b@example.org/'}}],"
        "'/r1': [{'status': 302, 'headers': {'Location': '/r2'}}],"
        "'/r2': [{'status': 302, 'headers': {'Location': '/r3'}}],"
        "'/r3': [{'status': 302, 'headers': {'Location': '/r4'}}],"
        "'/r4': [{'status': 302, 'headers': {'Location': '/r5'}}],"
        "'/r5': [{'status': 302, 'headers': {'Location': '/r6'}}],"
        "'/r6': [{'status': 302, 'headers': {'Location': '/ok'}}],"
        "'/reset': [{'fault': 'reset'}],"
        "'/reset-head': [{'fault': 'reset-head'}],"
        "'/reset-body': [{'fault': 'reset-body', 'body': 'aaaaaaaaaabbbbbbbbbb'}],"
        "'/truncate': [{'fault': 'truncate', 'body': 'aaaaaaaaaabbbbbbbbbb'}],"
        "'/garbage': [{'fault': 'garbage', 'body': 'what is this\\r\\n\\r\\n'}],"
        "'/coding': [{'headers': {'Content-Encoding': 'gzip'}, 'body': 'no gzip at all'}],"
        "'/stacked': [{'headers': {'Content-Encoding': 'identity, identity'}, 'body': 'x'}],"
        "'/six': [{'headers': {'Content-Encoding': ['gzip, gzip', 'gzip', 'gzip, br, zstd']}, 'body': 'x'}],"
        "'/unknown': [{'headers': {'Content-Encoding': 'sdch'}, 'body': 'x'}],"
        "'/transfer': [{'fault': 'garbage', 'body': 'HTTP/1.1 200 OK\\r\\nTransfer-Encoding: br, chunked\\r\\n\\r\\n1\\r\\n;\\r\\n0\\r\\n\\r\\n'}],"
        "'/identity': [{'headers': {'Content-Encoding': 'Identity'}, 'body': 'plain'}],"
        "'/endless': [{'fault': 'endless', 'body': 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'}],"
        "'/endless-chunks': [{'body': 'xxxxxxxxxxxxxxxx', 'chunked': 16, 'repeat': 100000000}],"
        "'/hang': [{'fault': 'hang'}]"
        "}";

static const struct {
        const char *path;
        unsigned n_redirects_max;
        HttpFailure failure;
        unsigned status;
        const char *body; /* NULL: does not matter */
        unsigned n_redirects;
        bool moved_permanently;
} cases[] = {
        { "/ok", 5, HTTP_OK, 200, "hello", 0, false },
        { "/empty", 5, HTTP_OK, 204, "", 0, false },
        { "/fail", 5, HTTP_OK, 503, "x", 0, false },
        { "/none", 5, HTTP_OK, 404, NULL, 0, false },
        { "/chunked", 5, HTTP_OK, 200, "hello world", 0, false },
        { "/gzip", 5, HTTP_OK, 200, "hello hello hello ", 0, false },
        { "/one", 5, HTTP_OK, 200, "there", 2, true },
        { "/one", 0, HTTP_OK, 301, "", 0, false },
        { "/one", 1, HTTP_REDIRECT, 308, "", 1, true },
        { "/temporary", 5, HTTP_OK, 200, "there", 3, false },
        { "/loop", 5, HTTP_REDIRECT, 302, "", 1, false },
        { "/r2", 5, HTTP_OK, 200, "hello", 5, false },
        { "/r1", 5, HTTP_REDIRECT, 302, "", 5, false },
        { "/r1", 50, HTTP_REDIRECT, 302, "", 5, false },
        { "/file", 5, HTTP_REDIRECT, 302, "", 0, false },
        { "/user", 5, HTTP_REDIRECT, 302, "", 0, false },
        { "/mail", 5, HTTP_REDIRECT, 302, "", 0, false },
        { "/reset", 5, HTTP_RESET, 0, "", 0, false },
        { "/reset-head", 5, HTTP_RESET, 0, "", 0, false },
        { "/reset-body", 5, HTTP_RESET, 200, NULL, 0, false },
        { "/truncate", 5, HTTP_RESET, 200, "aaaaaaaaaa", 0, false },
        { "/garbage", 5, HTTP_PROTOCOL, 0, "", 0, false },
        { "/coding", 5, HTTP_PROTOCOL, 200, NULL, 0, false },
        { "/stacked", 5, HTTP_OK, 200, "x", 0, false },
        { "/six", 5, HTTP_PROTOCOL, 200, "", 0, false },
        { "/unknown", 5, HTTP_PROTOCOL, 200, "", 0, false },
        { "/transfer", 5, HTTP_PROTOCOL, 200, "", 0, false },
        { "/identity", 5, HTTP_OK, 200, "plain", 0, false },
};

static void test_answers(void **state) {
        (void) state;
        start(answers);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                HttpSpec spec = {
                        .class = HTTP_FEED, LOCAL, .n_redirects_max = cases[i].n_redirects_max
                };
                Fetch f = get(cases[i].path, spec);

                if (f.failure != cases[i].failure || f.response.status != cases[i].status)
                        fail_msg("%s: %s, %u, %s", cases[i].path, http_failure_to_string(f.failure),
                                f.response.status, strna(f.message));
                if (cases[i].body && !streq(buffer_str(&f.body), cases[i].body))
                        fail_msg("%s: '%s'", cases[i].path, buffer_str(&f.body));
                if (f.response.n_redirects != cases[i].n_redirects ||
                        f.response.moved_permanently != cases[i].moved_permanently)
                        fail_msg("%s: %u redirects", cases[i].path, f.response.n_redirects);
                if (f.failure == HTTP_OK)
                        assert_int_equal(f.n_heads, 1);
                fetch_done(&f);
        }
        server_stop(&server);
}

static void test_what_the_response_says(void **state) {
        Fetch f;

        (void) state;
        start(answers);
        f = get("/ok", (HttpSpec){ .class = HTTP_FEED, LOCAL });
        assert_string_equal(f.etag, "W/\"a-gzip\"");
        assert_int_equal(f.response.max_age_usec, 60 * USEC_PER_SEC);
        assert_true(f.response.body_sent);
        assert_string_equal(f.at_url, f.url);
        fetch_done(&f);

        f = get("/fail", (HttpSpec){ .class = HTTP_SINK, LOCAL });
        assert_int_equal(f.response.retry_after_usec, 120 * USEC_PER_SEC);
        fetch_done(&f);

        f = get("/one#fragment", (HttpSpec){ .class = HTTP_FEED, LOCAL, .n_redirects_max = 5 });
        assert_true(endswith(f.at_url, "/three?a=b"));
        fetch_done(&f);
        server_stop(&server);
}

static void test_sent_bytes(void **state) {
        static const char *const headers[] = { "X-Key: secret", "X-Empty:", NULL };
        char end[64];
        Fetch f;

        (void) state;
        start(answers);
        (void) snprintf(end, sizeof(end), "http://127.0.0.1:%u/three?a=b", server.port);
        f = get("/temporary",
                (HttpSpec){ .class = HTTP_FEED,
                        LOCAL,
                        .n_redirects_max = 5,
                        .headers = headers,
                        .authorization = "Bearer abc",
                        .accept = "application/atom+xml",
                        .if_none_match = "W/\"a-gzip\"",
                        .if_modified_since = "Sunday, 06-Nov-94 08:49:37 GMT",
                        .conditional_url = end });
        fetch_done(&f);
        f = get("/ok",
                (HttpSpec){ .class = HTTP_SINK,
                        LOCAL,
                        .method = "POST",
                        .body = "{\"a\":\0}",
                        .n_body_bytes = 7 });
        assert_int_equal(f.response.status, 200);
        assert_true(f.response.body_sent);
        fetch_done(&f);
        server_stop(&server);

        for (size_t i = 0; i < 4; i++) {
                /* Of all addresses on the way, to the one that gave them. */
                if (i == 3) {
                        assert_string_equal(
                                server_saw(&server, i, "if-none-match"), "W/\"a-gzip\"");
                        assert_string_equal(server_saw(&server, i, "if-modified-since"),
                                "Sunday, 06-Nov-94 08:49:37 GMT");
                } else {
                        assert_null(server_saw(&server, i, "if-none-match"));
                        assert_null(server_saw(&server, i, "if-modified-since"));
                }
                assert_string_equal(server_saw(&server, i, "x-key"), "secret");
                assert_string_equal(server_saw(&server, i, "x-empty"), "");
                assert_string_equal(server_saw(&server, i, "authorization"), "Bearer abc");
                assert_string_equal(server_saw(&server, i, "accept"), "application/atom+xml");
                assert_string_equal(
                        server_saw(&server, i, "user-agent"), "Picket/1 (+https://example.org)");
                assert_non_null(strstr(server_saw(&server, i, "accept-encoding"), "gzip"));
                assert_null(server_saw(&server, i, "referer"));
                assert_null(server_saw(&server, i, "cookie"));
        }
        assert_string_equal(server_saw(&server, 4, ":method"), "POST");
        assert_string_equal(server_saw(&server, 4, ":body"), "eyJhIjoAfQ==");
        assert_null(server_saw(&server, 4, "expect"));
        assert_null(server_saw(&server, 4, "content-type"));
        assert_null(server_saw(&server, 4, "if-none-match"));
}

/* To another origin goes nothing that was configured. */
static void test_foreign_redirect(void **state) {
        static const char *const headers[] = { "X-Key: secret", NULL };
        TestServer other = {};
        char spec[512];
        Fetch f;

        (void) state;
        server_start(&other, "127.0.0.2", "{'/': [{'body': 'foreign'}]}");
        snprintf(spec, sizeof(spec),
                "{'/get': [{'status': 302, 'headers': {'Location': 'http://127.0.0.2:%u/'}}],"
                "'/post': [{'status': 307, 'headers': {'Location': 'http://127.0.0.2:%u/'}}],"
                "'/see': [{'status': 303, 'headers': {'Location': 'http://127.0.0.2:%u/'}}]}",
                other.port, other.port, other.port);
        start(spec);

        f = get("/get",
                (HttpSpec){ .class = HTTP_FEED,
                        LOCAL,
                        .n_redirects_max = 5,
                        .headers = headers,
                        .authorization = "Bearer abc",
                        .if_none_match = "\"1\"",
                        .if_modified_since = "x" });
        assert_string_equal(buffer_str(&f.body), "foreign");
        fetch_done(&f);
        f = get("/post",
                (HttpSpec){ .class = HTTP_SINK,
                        LOCAL,
                        .n_redirects_max = 5,
                        .method = "POST",
                        .body = "x",
                        .n_body_bytes = 1 });
        assert_int_equal(f.failure, HTTP_REDIRECT);
        fetch_done(&f);
        f = get("/see",
                (HttpSpec){ .class = HTTP_SINK,
                        LOCAL,
                        .n_redirects_max = 5,
                        .method = "POST",
                        .body = "x",
                        .n_body_bytes = 1 });
        assert_string_equal(buffer_str(&f.body), "foreign");
        fetch_done(&f);

        server_stop(&server);
        server_stop(&other);
        assert_int_equal(json_array_size(other.requests), 2);
        assert_null(server_saw(&other, 0, "x-key"));
        assert_null(server_saw(&other, 0, "authorization"));
        assert_null(server_saw(&other, 0, "if-none-match"));
        assert_null(server_saw(&other, 0, "if-modified-since"));
        assert_string_equal(server_saw(&other, 1, ":method"), "GET");
        assert_string_equal(server_saw(&other, 1, ":body"), "");
        server_done(&other);
}

static void s11_14_reused_connections(void **state) {
        Fetch f;

        (void) state;
        start(answers);
        /* A connection that is allowed, kept alive, is not there for who may not use it. */
        f = get("/ok", (HttpSpec){ .class = HTTP_FEED, LOCAL });
        assert_int_equal(f.failure, HTTP_OK);
        fetch_done(&f);
        f = get("/ok", (HttpSpec){ .class = HTTP_FEED });
        assert_int_equal(f.failure, HTTP_REFUSED);
        assert_int_equal(f.n_bytes, 0);
        assert_false(http_failure_is_passing(f.failure));
        fetch_done(&f);

        f = (Fetch){};
        fetch_start(&f, client, (HttpSpec){ .class = HTTP_FEED }, "localhost", server.port, "/ok");
        run_fetches(event, &f, 1);
        assert_int_equal(f.failure, HTTP_REFUSED);
        fetch_done(&f);
        server_stop(&server);
        assert_int_equal(json_array_size(server.requests), 1);
}

static void test_limits(void **state) {
        static const char *const paths[] = { "/endless", "/endless-chunks", "/bomb" };
        HttpSpec spec = { .class = HTTP_FEED, LOCAL, .body_bytes_max = 3000000 };
        Fetch f;

        (void) state;
        start("{'/endless': [{'fault': 'endless', 'body': 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'}],"
              "'/endless-chunks': [{'body': 'xxxxxxxxxxxxxxxx', 'chunked': 16, 'repeat': 100000000}],"
              "'/exact': [{'body': 'xxxx', 'chunked': 1}],"
              "'/bomb': [{'body': '0000000000000000', 'gzip': true, 'repeat': 1310720}]}");
        for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
                f = get(paths[i], spec);
                if (f.failure != HTTP_TOO_LARGE ||
                        (f.n_bytes != spec.body_bytes_max &&
                                !strstr(f.message, "more than 200-fold")))
                        fail_msg("%s: %s, %zu bytes", paths[i], strna(f.message), f.n_bytes);
                fetch_done(&f);
        }

        spec.body_bytes_max = 4;
        f = get("/exact", spec);
        assert_int_equal(f.failure, HTTP_OK);
        fetch_done(&f);
        spec.body_bytes_max = 3;
        f = get("/exact", spec);
        assert_int_equal(f.failure, HTTP_TOO_LARGE);
        assert_string_equal(buffer_str(&f.body), "xxx");
        fetch_done(&f);
        server_stop(&server);
}

static void test_head_limit(void **state) {
        _cleanup_(buffer_done) Buffer spec = {};
        Fetch f;

        (void) state;
        assert_int_equal(buffer_append_str(&spec, "{'/': [{'headers': {"), 0);
        for (unsigned i = 0; i < 80; i++)
                assert_int_equal(
                        buffer_printf(&spec, "%s'X-%u': '%01000u'", i ? "," : "", i, i), 0);
        assert_int_equal(buffer_append_str(&spec, "}, 'body': 'x'}]}"), 0);
        start(buffer_str(&spec));
        f = get("/", (HttpSpec){ LOCAL });
        assert_int_equal(f.failure, HTTP_PROTOCOL);
        assert_int_equal(f.n_heads, 0);
        fetch_done(&f);
        server_stop(&server);
}

/* Whose fault it may be, and who answered. */
static void test_blame(void **state) {
        char proxy[64];
        Fetch f;

        (void) state;
        start(answers);
        f = get("/ok", (HttpSpec){ LOCAL });
        assert_int_equal(f.response.blame, HTTP_BLAME_SERVER);
        assert_string_equal(f.address, "127.0.0.1");
        fetch_done(&f);

        /* What a proxy says of its own. */
        snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u", server.port);
        f = get("/ok", (HttpSpec){ .proxy = proxy, LOCAL });
        assert_string_equal(f.address, "");
        fetch_done(&f);
        server_stop(&server);
}

/* Through a proxy only what stands in the URL can be judged; the proxy itself may be local. */
static void s11_14_proxy(void **state) {
        static const struct {
                const char *url;
                bool allow_private;
                HttpFailure failure;
        } urls[] = {
                { "http://example.org/ok", false, HTTP_OK },
                { "http://10.1.2.3/ok", false, HTTP_REFUSED },
                { "http://0x7f.1/ok", false, HTTP_REFUSED },
                { "http://localhost/ok", false, HTTP_REFUSED },
                { "http://10.1.2.3/ok", true, HTTP_OK },
        };
        char proxy[64];

        (void) state;
        start("{'http://example.org/ok': [{'body': 'via'}], 'http://10.1.2.3/ok': [{'body': 'via'}]}");
        snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u", server.port);
        for (size_t i = 0; i < ELEMENTSOF(urls); i++) {
                Fetch f = {};
                HttpSpec spec = { .url = urls[i].url,
                        .proxy = proxy,
                        .body_bytes_max = 100,
                        .allow_private = urls[i].allow_private,
                        .userdata = &f,
                        .handler = { fetch_on_head, fetch_on_data, fetch_on_done } };

                assert_int_equal(http_request_start(client, &spec, &f.request), 0);
                run_fetches(event, &f, 1);
                if (f.failure != urls[i].failure)
                        fail_msg("%s: %s", urls[i].url, strna(f.message));
                if (f.failure == HTTP_OK)
                        assert_string_equal(buffer_str(&f.body), "via");
                fetch_done(&f);
        }
        server_stop(&server);
        assert_int_equal(json_array_size(server.requests), 2);
}

static void test_ipv6(void **state) {
        Fetch f = {};

        (void) state;
        if (access("/proc/net/if_inet6", R_OK) < 0)
                skip();
        server_start(&server, "::1", "{'/': [{'body': 'six'}]}");
        fetch_start(&f, client, (HttpSpec){ LOCAL }, "[::1]", server.port, "/");
        run_fetches(event, &f, 1);
        assert_string_equal(buffer_str(&f.body), "six");
        fetch_done(&f);
        server_stop(&server);
}

static void test_timeout_and_redaction(void **state) {
        Fetch f;

        (void) state;
        start(answers);
        f = get("/hang?token=secret",
                (HttpSpec){ .class = HTTP_SINK,
                        LOCAL,
                        .secret_path = true,
                        .method = "POST",
                        .body = "x",
                        .n_body_bytes = 1,
                        .timeout_usec = 300 * USEC_PER_MSEC });
        assert_int_equal(f.failure, HTTP_TIMEOUT);
        assert_true(f.response.body_sent);
        assert_true(f.response.total_usec >= 300 * USEC_PER_MSEC);
        assert_null(strstr(f.message, "hang"));
        assert_null(strstr(f.message, "secret"));
        fetch_done(&f);
        server_stop(&server);

        f = get("/", (HttpSpec){ .class = HTTP_SINK, LOCAL }); /* nobody listens any more */
        assert_int_equal(f.failure, HTTP_CONNECT);
        assert_int_equal(f.response.blame, HTTP_BLAME_SERVER);
        assert_false(f.response.body_sent);
        assert_true(http_failure_is_passing(f.failure));
        fetch_done(&f);
}

static int abort_it(Fetch *f) {
        (void) f;
        return -ENODATA;
}

static void test_abort(void **state) {
        Fetch f = { .on_head = abort_it }, g = { .on_data = abort_it };

        (void) state;
        start(answers);
        fetch_start(&f, client, (HttpSpec){ LOCAL }, "127.0.0.1", server.port, "/ok");
        run_fetches(event, &f, 1);
        fetch_start(&g, client, (HttpSpec){ LOCAL }, "127.0.0.1", server.port, "/endless");
        run_fetches(event, &g, 1);
        assert_int_equal(f.failure, HTTP_ABORTED);
        assert_int_equal(f.error, -ENODATA);
        assert_int_equal(f.n_bytes, 0);
        assert_int_equal(g.failure, HTTP_ABORTED);
        assert_int_equal(g.error, -ENODATA);
        fetch_done(&f);
        fetch_done(&g);
        server_stop(&server);
}

static void test_bad_specs(void **state) {
        static const char *const folded[] = { "X: a\r\nY: b", NULL }, *const bare[] = { "X", NULL };
        static const HttpSpec specs[] = {
                { .url = "ftp://example.org/" },
                { .url = "example.org" },
                { .url = "http://a:b@example.org/" },
                { .url = "http://example.org/", .headers = folded },
                { .url = "http://example.org/", .headers = bare },
                { .url = "http://example.org/", .authorization = "x\ny" },
                { .url = "http://example.org/", .if_none_match = "x\ny" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(specs); i++)
                assert_true(http_request_start(client, &specs[i], NULL) < 0);
        assert_int_equal(http_client_n_queued(client), 0);
}

static void test_failure_table(void **state) {
        (void) state;
        for (HttpFailure f = 0; f < HTTP_FAILURE_MAX; f++)
                assert_non_null(http_failure_to_string(f));
        assert_null(http_failure_to_string(HTTP_FAILURE_MAX));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_answers, setup, teardown),
                cmocka_unit_test_setup_teardown(test_what_the_response_says, setup, teardown),
                cmocka_unit_test_setup_teardown(test_sent_bytes, setup, teardown),
                cmocka_unit_test_setup_teardown(test_foreign_redirect, setup, teardown),
                cmocka_unit_test_setup_teardown(s11_14_reused_connections, setup, teardown),
                cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
                cmocka_unit_test_setup_teardown(test_head_limit, setup, teardown),
                cmocka_unit_test_setup_teardown(test_blame, setup, teardown),
                cmocka_unit_test_setup_teardown(s11_14_proxy, setup, teardown),
                cmocka_unit_test_setup_teardown(test_ipv6, setup, teardown),
                cmocka_unit_test_setup_teardown(test_timeout_and_redaction, setup, teardown),
                cmocka_unit_test_setup_teardown(test_abort, setup, teardown),
                cmocka_unit_test_setup_teardown(test_bad_specs, setup, teardown),
                cmocka_unit_test(test_failure_table),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
