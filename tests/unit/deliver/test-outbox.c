/* SPDX-License-Identifier: MIT */

/* The outbox against a real server on loopback, a store in memory that can be full, and a clock
 * that jumps when told. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "deliver/outbox.h"
#include "samples.h"
#include "server.h"

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

/* Real waiting in these tests ends after this. */
#define PATIENCE_USEC (10 * USEC_PER_SEC)

typedef struct Fixture {
        sd_event *event;
        HttpClient *http;
        Outbox *outbox;
        Server server;
        usec_t jumped_usec;    /* both clocks */
        usec_t wall_back_usec; /* the wall clock alone, backward */

        Delivery rows[4];
        size_t n_rows;
        int next_error, begin_error, finish_error;
        unsigned n_begun, n_finished;

        SinkSettings sinks[2];
        Settings settings;
        char url[64];

        Buffer told; /* what the observer heard, one word and id a line */
        usec_t wait_usec;
        char *message;

        bool test_done;
        SinkVerdict test_verdict;
        unsigned test_status;
        char *test_answer;
} Fixture;

static usec_t fake_realtime(void *userdata) {
        Fixture *f = userdata;

        return clock_realtime(&clock_system) + f->jumped_usec - f->wall_back_usec;
}

static usec_t fake_boottime(void *userdata) {
        Fixture *f = userdata;

        return clock_boottime(&clock_system) + f->jumped_usec;
}

static char *copy(const char *s) {
        char *c = s ? strdup(s) : NULL;

        assert_true(!s || c);
        return c;
}

static int fake_next(const char *sink, Delivery *ret, void *userdata) {
        Fixture *f = userdata;

        if (f->next_error < 0)
                return f->next_error;

        for (size_t i = 0; i < f->n_rows; i++) {
                const Delivery *row = &f->rows[i];

                if (!streq(row->sink, sink) ||
                        (row->state != DELIVERY_PENDING && row->state != DELIVERY_SENDING))
                        continue;
                *ret = *row;
                ret->public_id = copy(row->public_id);
                ret->sink = copy(row->sink);
                ret->body = copy(row->body);
                ret->last_error = copy(row->last_error);
                return 0;
        }

        return -ENOENT;
}

static void row_update(Fixture *f, const Delivery *delivery) {
        Delivery *row = &f->rows[delivery->id - 1];

        row->state = delivery->state;
        row->n_attempts = delivery->n_attempts;
        row->next_try_usec = delivery->next_try_usec;
        row->last_status = delivery->last_status;
        assert_int_equal(free_and_strdup(&row->last_error, delivery->last_error), 0);
}

static int fake_begin(Delivery *delivery, void *userdata) {
        Fixture *f = userdata;

        if (f->begin_error < 0)
                return f->begin_error;

        assert_int_equal(delivery->state, DELIVERY_SENDING);
        row_update(f, delivery);
        f->n_begun++;
        return 0;
}

static int fake_finish(const Delivery *delivery, void *userdata) {
        Fixture *f = userdata;

        if (f->finish_error < 0)
                return f->finish_error;

        row_update(f, delivery);
        f->n_finished++;
        return 0;
}

/* Whoever is told may ask: a queue that has yet to look for more is not idle. */
static void hear(Fixture *f, const char *word, const char *of, const char *message, usec_t wait) {
        assert_int_equal(buffer_printf(&f->told, "%s %s\n", word, of), 0);
        if (message)
                assert_int_equal(free_and_strdup(&f->message, message), 0);
        f->wait_usec = wait;
        assert_false(outbox_is_idle(f->outbox));
}

static void on_delivered(const Delivery *delivery, void *userdata) {
        hear(userdata, "delivered", delivery->public_id, NULL, 0);
}

static void on_retry(const Delivery *delivery, const char *message, usec_t wait, void *userdata) {
        hear(userdata, "retry", delivery->public_id, message, wait);
}

static void on_dead(const Delivery *delivery, const char *message, void *userdata) {
        hear(userdata, "dead", delivery->public_id, message, 0);
}

static void on_trouble(const char *sink, const char *message, usec_t wait, void *userdata) {
        hear(userdata, "trouble", sink, message, wait);
}

static void on_recovered(const char *sink, void *userdata) {
        hear(userdata, "recovered", sink, NULL, 0);
}

static void add_row(Fixture *f, const char *sink, const char *id) {
        Delivery *row = &f->rows[f->n_rows++];

        *row = (Delivery){ .id = (int64_t) f->n_rows,
                .public_id = copy(id),
                .sink = copy(sink),
                .created_usec = fake_realtime(f),
                .next_try_usec = fake_realtime(f) };
        assert_true(asprintf(&row->body, "{\"id\":\"%s\"}", id) > 0);
}

static int setup(void **state) {
        Fixture *f = new0(Fixture, 1);
        const Clock clock = { fake_realtime, fake_boottime, f };
        const OutboxStore store = { fake_next, fake_begin, fake_finish, f };
        const OutboxObserver observer = { on_delivered, on_retry, on_dead, on_trouble, on_recovered,
                f };

        assert_non_null(f);
        assert_true(sd_event_new(&f->event) >= 0);
        server_start(&f->server, f->event);
        snprintf(f->url, sizeof f->url, "http://127.0.0.1:%u/hook", f->server.port);
        for (size_t i = 0; i < ELEMENTSOF(f->sinks); i++)
                f->sinks[i] = (SinkSettings){ .name.text = (char *) (i == 0 ? "chat" : "other"),
                        .url = f->url,
                        .allow_private = true };
        f->settings = (Settings){ .sinks = f->sinks, .n_sinks = 1 };

        assert_true(http_client_new(f->event, "Picket/test", &f->http) >= 0);
        assert_int_equal(outbox_new(f->event, f->http, &clock, &store, &observer, &f->outbox), 0);
        *state = f;
        return 0;
}

static int teardown(void **state) {
        Fixture *f = *state;

        outbox_free(f->outbox);
        http_client_free(f->http);
        server_stop(&f->server);
        sd_event_unref(f->event);
        for (size_t i = 0; i < f->n_rows; i++)
                delivery_done(&f->rows[i]);
        buffer_done(&f->told);
        free(f->message);
        free(f->test_answer);
        free(f);
        return 0;
}

static void script(Fixture *f, const char *const *answers, size_t n) {
        f->server.script = answers;
        f->server.n_script = n;
        assert_int_equal(outbox_set_sinks(f->outbox, &f->settings), 0);
}
#define SCRIPT(f, ...)                              \
        script((f), (static_script){ __VA_ARGS__ }, \
                sizeof((static_script){ __VA_ARGS__ }) / sizeof(const char *))
typedef const char *static_script[];

static void run(Fixture *f) {
        usec_t start_usec = clock_boottime(&clock_system);

        while (!outbox_is_idle(f->outbox)) {
                assert_true(sd_event_run(f->event, 100 * USEC_PER_MSEC) >= 0);
                assert_true(clock_boottime(&clock_system) - start_usec < PATIENCE_USEC);
        }
}

/* Until an attempt was noted as begun, and so many requests were seen. */
static void await_attempt(Fixture *f, size_t n_requests) {
        usec_t start_usec = clock_boottime(&clock_system);

        while (f->n_begun == 0 || f->server.n_requests < n_requests) {
                assert_true(sd_event_run(f->event, 100 * USEC_PER_MSEC) >= 0);
                assert_true(clock_boottime(&clock_system) - start_usec < PATIENCE_USEC);
        }
}

static void jump(Fixture *f, usec_t span_usec) {
        f->jumped_usec += span_usec;
        outbox_kick(f->outbox);
        run(f);
}

static void assert_told(Fixture *f, const char *expected) {
        assert_string_equal(buffer_str(&f->told), expected);
        buffer_reset(&f->told);
}

/* --- the tests --- */

static void test_in_order(void **state) {
        Fixture *f = *state;

        add_row(f, "chat", "a");
        add_row(f, "chat", "b");
        SCRIPT(f, ANSWER("200", "", ""), ANSWER("202", "", "queued"));
        assert_false(outbox_is_idle(f->outbox));
        run(f);

        assert_told(f, "delivered a\ndelivered b\n");
        assert_int_equal(f->server.n_requests, 2);
        assert_true(startswith(f->server.requests[0], "POST /hook HTTP/1.1\r\n"));
        assert_non_null(strstr(f->server.requests[0], "\r\nwebhook-id: a\r\n"));
        assert_non_null(strstr(f->server.requests[0], "\r\nwebhook-timestamp: "));
        assert_non_null(strstr(f->server.requests[0], "\r\nContent-Type: application/json\r\n"));
        assert_null(strstr(f->server.requests[0], "webhook-signature"));
        assert_null(strstr(f->server.requests[0], "Expect:"));
        assert_true(endswith(f->server.requests[0], "\r\n\r\n{\"id\":\"a\"}"));
        assert_int_equal(f->rows[1].state, DELIVERY_DONE);
        assert_int_equal(f->rows[1].n_attempts, 1);
        assert_int_equal(f->rows[1].last_status, 202);

        /* What comes later goes out after a kick. */
        add_row(f, "chat", "c");
        outbox_kick(f->outbox);
        assert_false(outbox_is_idle(f->outbox));
        run(f);
        assert_told(f, "retry c\n");
}

static void test_retry(void **state) {
        Fixture *f = *state;
        SinkStatus status;

        add_row(f, "chat", "a");
        add_row(f, "chat", "b");
        SCRIPT(f, ANSWER("500", "", "oops"), NULL, ANSWER("502", "Retry-After: 600\r\n", ""),
                ANSWER("200", "", ""), ANSWER("200", "", ""));
        run(f);
        assert_told(f, "retry a\n");
        assert_string_equal(f->message, "HTTP 500: oops");
        assert_in_range(f->wait_usec, 2 * USEC_PER_SEC, 5 * USEC_PER_SEC);
        assert_true(outbox_status(f->outbox, 0, &status));
        assert_string_equal(status.sink, "chat");
        assert_string_equal(status.last_error, "HTTP 500: oops");
        assert_true(status.next_try_usec > fake_realtime(f));
        assert_false(status.in_trouble);
        assert_false(outbox_status(f->outbox, 1, &status));

        /* Not before its time, and nobody overtakes. */
        outbox_kick(f->outbox);
        run(f);
        assert_told(f, "");

        /* The server takes it and dies: it may have arrived. */
        jump(f, 6 * USEC_PER_SEC);
        assert_told(f, "retry a\n");
        assert_non_null(strstr(f->message, "may have arrived"));
        assert_in_range(f->wait_usec, 5 * USEC_PER_SEC, 10 * USEC_PER_SEC);

        /* What the server asks for wins when it is longer. */
        jump(f, 11 * USEC_PER_SEC);
        assert_told(f, "retry a\n");
        assert_int_equal(f->wait_usec, 600 * USEC_PER_SEC);

        jump(f, 601 * USEC_PER_SEC);
        assert_told(f, "delivered a\ndelivered b\n");
        assert_int_equal(f->rows[0].n_attempts, 4);
        for (size_t i = 0; i < 4; i++)
                assert_non_null(strstr(f->server.requests[i], "\r\nwebhook-id: a\r\n"));
}

static void test_rate_limit(void **state) {
        Fixture *f = *state;

        add_row(f, "chat", "a");
        f->sinks[0].format = SINK_DISCORD;
        SCRIPT(f, ANSWER("429", "", "{\"retry_after\":42.5}"), ANSWER("429", "", ""),
                ANSWER("204", "", ""));
        run(f);
        assert_told(f, "retry a\n");
        assert_in_range(f->wait_usec, 42500000, 42500001);
        assert_int_equal(f->rows[0].n_attempts, 0);
        assert_non_null(strstr(f->server.requests[0], "POST /hook?wait=true "));

        jump(f, 43 * USEC_PER_SEC);
        assert_told(f, "retry a\n");
        assert_int_equal(f->rows[0].n_attempts, 0);
        assert_in_range(f->wait_usec, 5 * USEC_PER_SEC, 10 * USEC_PER_SEC);

        jump(f, 11 * USEC_PER_SEC);
        assert_told(f, "delivered a\n");
        assert_int_equal(f->rows[0].n_attempts, 1);
}

static void test_message_refused(void **state) {
        Fixture *f = *state;

        add_row(f, "chat", "a");
        add_row(f, "chat", "b");
        SCRIPT(f, ANSWER("400", "", "no"), ANSWER("200", "", ""));
        run(f);
        assert_told(f, "dead a\ndelivered b\n");
        assert_int_equal(f->rows[0].state, DELIVERY_DEAD);
        assert_string_equal(f->rows[0].last_error, "HTTP 400 (this message is refused): no");
        assert_int_equal(f->rows[0].last_status, 400);
}

static void test_destination_refused(void **state) {
        Fixture *f = *state;
        SinkStatus status;

        add_row(f, "chat", "a");
        add_row(f, "chat", "b");
        SCRIPT(f, ANSWER("404", "", ""), ANSWER("410", "", ""),
                ANSWER("302", "Location: http://127.0.0.1/\r\n", ""), ANSWER("500", "", ""),
                ANSWER("200", "", ""), ANSWER("200", "", ""));
        run(f);
        assert_told(f, "trouble chat\n");
        assert_in_range(f->wait_usec, 150 * USEC_PER_SEC, 300 * USEC_PER_SEC);
        assert_true(outbox_status(f->outbox, 0, &status));
        assert_true(status.in_trouble);

        /* Said once; the probes grow rare; age drops nothing. */
        jump(f, 100 * USEC_PER_HOUR);
        jump(f, 100 * USEC_PER_HOUR);
        assert_told(f, "");
        assert_int_equal(f->server.n_requests, 3);
        assert_int_equal(f->rows[0].state, DELIVERY_PENDING);
        assert_in_range(f->rows[0].next_try_usec - fake_realtime(f), 9 * USEC_PER_MINUTE,
                20 * USEC_PER_MINUTE);

        /* A passing failure is no recovery, though old news may die of it. */
        f->rows[0].created_usec = fake_realtime(f);
        jump(f, USEC_PER_HOUR);
        assert_told(f, "retry a\n");

        /* After a reload it is tried at once. */
        assert_int_equal(outbox_set_sinks(f->outbox, &f->settings), 0);
        run(f);
        assert_told(f, "delivered a\nrecovered chat\ndelivered b\n");
}

static void test_give_up(void **state) {
        Fixture *f = *state;

        add_row(f, "chat", "a");
        add_row(f, "chat", "b");
        f->rows[0].created_usec -= 73 * USEC_PER_HOUR;
        SCRIPT(f, ANSWER("500", "", ""), ANSWER("200", "", ""));
        run(f);
        assert_told(f, "dead a\n");
        assert_int_equal(f->rows[0].state, DELIVERY_DEAD);

        /* The next one has the same destination, so it waits as well. */
        jump(f, 10 * USEC_PER_SEC);
        assert_told(f, "delivered b\n");
}

static void test_credentials(void **state) {
        Fixture *f = *state;
        char directory[] = "/tmp/picket-test-XXXXXX", path[64];
        FILE *file;

        assert_non_null(mkdtemp(directory));
        snprintf(path, sizeof path, "%s/chat-secret", directory);
        assert_int_equal(setenv("CREDENTIALS_DIRECTORY", directory, /* overwrite= */ 1), 0);
        f->sinks[0].secret_credential = (char *) "chat-secret";

        add_row(f, "chat", "a");
        SCRIPT(f, ANSWER("200", "", ""));
        run(f);
        assert_told(f, "trouble chat\n");
        assert_non_null(strstr(f->message, "sink 'chat'"));
        assert_non_null(strstr(f->message, "'chat-secret'"));
        assert_int_equal(f->server.n_requests, 0);
        assert_int_equal(f->n_begun, 0);

        /* A file that is no secret is not used as one. */
        file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fputs("hunter2\n", file) >= 0);
        assert_int_equal(fclose(file), 0);
        jump(f, USEC_PER_HOUR);
        assert_int_equal(f->server.n_requests, 0);
        assert_null(strstr(f->rows[0].last_error, "hunter2"));

        file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fputs(SECRET "\n", file) >= 0);
        assert_int_equal(fclose(file), 0);
        jump(f, USEC_PER_HOUR);
        assert_told(f, "delivered a\nrecovered chat\n");
        assert_non_null(strstr(f->server.requests[0], "\r\nwebhook-signature: v1,"));

        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(directory), 0);
}

static void test_store_full(void **state) {
        Fixture *f = *state;

        /* It cannot be noted that an attempt begins: none is made. */
        add_row(f, "chat", "a");
        f->begin_error = -ENOSPC;
        SCRIPT(f, ANSWER("200", "", ""), ANSWER("200", "", ""));
        run(f);
        assert_int_equal(f->server.n_requests, 0);

        /* It was accepted, and that cannot be noted: it is not sent again. */
        f->begin_error = 0;
        f->finish_error = -ENOSPC;
        f->jumped_usec += USEC_PER_MINUTE;
        outbox_kick(f->outbox);
        await_attempt(f, 1);
        for (size_t i = 0; i < 20; i++) {
                f->jumped_usec += USEC_PER_HOUR;
                outbox_kick(f->outbox);
                assert_true(sd_event_run(f->event, 20 * USEC_PER_MSEC) >= 0);
        }
        assert_int_equal(f->server.n_requests, 1);
        assert_false(outbox_is_idle(f->outbox));
        assert_told(f, "");

        f->finish_error = 0;
        jump(f, USEC_PER_HOUR);
        assert_told(f, "delivered a\n");
        assert_int_equal(f->n_begun, 1);
        assert_int_equal(f->server.n_requests, 1);

        /* It cannot even be read. */
        add_row(f, "chat", "b");
        f->next_error = -EIO;
        outbox_kick(f->outbox);
        run(f);
        f->next_error = 0;
        jump(f, USEC_PER_HOUR);
        assert_told(f, "delivered b\n");
}

static void test_clock_set_back(void **state) {
        Fixture *f = *state;

        add_row(f, "chat", "a");
        SCRIPT(f, ANSWER("500", "", ""), ANSWER("200", "", ""), ANSWER("200", "", ""));
        run(f);
        assert_told(f, "retry a\n");

        /* Ten years back: still the few seconds that were meant. */
        f->wall_back_usec = 3650 * USEC_PER_DAY;
        jump(f, 6 * USEC_PER_SEC);
        assert_told(f, "delivered a\n");

        /* A time that was never meant, met at the start: a day, and no more. */
        add_row(f, "chat", "b");
        f->rows[1].next_try_usec = fake_realtime(f) + 3650 * USEC_PER_DAY;
        outbox_kick(f->outbox);
        run(f);
        jump(f, 23 * USEC_PER_HOUR);
        assert_told(f, "");
        jump(f, 2 * USEC_PER_HOUR);
        assert_told(f, "delivered b\n");
}

static void test_reload(void **state) {
        Fixture *f = *state;
        Settings without = {};
        SinkStatus status;

        add_row(f, "chat", "a");
        add_row(f, "chat", "b");
        SCRIPT(f, ANSWER("200", "", ""), ANSWER("200", "", ""));
        await_attempt(f, 0);

        /* In flight while its sink goes away, memory and all: it ends as it began, the rest rests.
         */
        assert_int_equal(outbox_set_sinks(f->outbox, &without), 0);
        memset(f->sinks, 0xff, sizeof f->sinks);
        run(f);
        assert_told(f, "delivered a\n");
        assert_false(outbox_status(f->outbox, 0, &status));
        assert_int_equal(f->rows[1].state, DELIVERY_PENDING);

        /* And goes on when it is back. */
        f->sinks[0] = (SinkSettings){
                .name.text = (char *) "chat", .url = f->url, .allow_private = true
        };
        assert_int_equal(outbox_set_sinks(f->outbox, &f->settings), 0);
        run(f);
        assert_told(f, "delivered b\n");
}

/* A server that has said 200 has the message, whatever becomes of the page behind it. */
static void test_broken_answer(void **state) {
        Fixture *f = *state;
        _cleanup_free_ char *large = malloc(100 * 1024 + 1);
        const char *answers[] = { ANSWER("200", "Content-Length: 100\r\n", "cut"), NULL };
        int n;

        assert_non_null(large);
        memset(large, 'x', 100 * 1024);
        large[100 * 1024] = '\0';
        n = snprintf(large, 100 * 1024, "%s", ANSWER("200", "", ""));
        large[n] = 'x';
        answers[1] = large;

        add_row(f, "chat", "a");
        add_row(f, "chat", "b");
        script(f, answers, ELEMENTSOF(answers));
        run(f);
        assert_told(f, "delivered a\ndelivered b\n");
}

/* A queue that cannot be served holds up no other. */
static void test_two_sinks(void **state) {
        Fixture *f = *state;

        f->settings.n_sinks = 2;
        f->sinks[0].url = (char *) "ftp://example.org/";
        add_row(f, "chat", "a");
        add_row(f, "other", "b");
        SCRIPT(f, ANSWER("200", "", ""));
        run(f);
        assert_non_null(strstr(f->told.data, "trouble chat\n"));
        assert_non_null(strstr(f->told.data, "delivered b\n"));
}

/* Found in SENDING after a crash: the same once more, under the same id. */
static void test_crashed(void **state) {
        Fixture *f = *state;

        add_row(f, "chat", "a");
        f->rows[0].state = DELIVERY_SENDING;
        f->rows[0].n_attempts = 1;
        SCRIPT(f, ANSWER("200", "", ""));
        run(f);
        assert_told(f, "delivered a\n");
        assert_int_equal(f->rows[0].n_attempts, 2);
        assert_non_null(strstr(f->server.requests[0], "\r\nwebhook-id: a\r\n"));
}

static void test_private_address(void **state) {
        Fixture *f = *state;

        f->sinks[0].allow_private = false;
        add_row(f, "chat", "a");
        SCRIPT(f, ANSWER("200", "", ""));
        run(f);
        assert_told(f, "trouble chat\n");
        assert_int_equal(f->server.n_requests, 0);
}

/* Without a network only what is near goes out, and what fails is no try. */
static void test_offline(void **state) {
        Fixture *f = *state;
        char far[] = "http://no-such-host.invalid/hook";

        f->sinks[0].url = far;
        f->settings.n_sinks = 2;
        outbox_set_online(f->outbox, false);
        add_row(f, "chat", "far");
        add_row(f, "other", "near");
        SCRIPT(f, ANSWER("200", "", ""), ANSWER("200", "", ""));
        run(f);
        assert_told(f, "delivered near\n");
        assert_true(outbox_rests(f->outbox));
        assert_int_equal(f->n_begun, 1);

        assert_string_equal(outbox_probe(f->outbox), "chat");
        run(f);
        assert_told(f, "");
        assert_int_equal(f->n_begun, 2);
        assert_int_equal(f->rows[0].n_attempts, 0);
        assert_int_equal(f->rows[0].state, DELIVERY_PENDING);
        assert_true(outbox_rests(f->outbox));

        f->sinks[0].url = f->url;
        outbox_set_online(f->outbox, true);
        run(f);
        assert_told(f, "delivered far\n");
        assert_false(outbox_rests(f->outbox));
        assert_null(outbox_probe(f->outbox));
}

/* What failed while nobody knew yet waits for the network and not for its time. */
static void test_online_again(void **state) {
        Fixture *f = *state;
        char far[] = "http://no-such-host.invalid/hook";

        f->sinks[0].url = far;
        add_row(f, "chat", "a");
        SCRIPT(f, ANSWER("200", "", ""));
        run(f);
        assert_told(f, "retry a\n");
        outbox_set_online(f->outbox, false);
        f->sinks[0].url = f->url;
        outbox_set_online(f->outbox, true);
        run(f);
        assert_told(f, "delivered a\n");
}

static void on_test(const char *sink, SinkVerdict verdict, unsigned status, const char *answer,
        const char *message, void *userdata) {
        Fixture *f = userdata;

        assert_true(streq(sink, "chat"));
        assert_true((verdict == SINK_ACCEPTED) == !message);
        f->test_done = true;
        f->test_verdict = verdict;
        f->test_status = status;
        assert_int_equal(free_and_strdup(&f->test_answer, answer), 0);
}

static void test_test(void **state) {
        Fixture *f = *state;
        const Alert alert = sample_plain();

        f->sinks[0].format = SINK_SLACK;
        assert_int_equal(outbox_test(f->outbox, "chat", &alert, on_test, f), -ENOENT);
        SCRIPT(f, ANSWER("200", "", "ok"), ANSWER("403", "", "no\xff\x1b way"));
        assert_int_equal(outbox_test(f->outbox, "chat", &alert, on_test, f), 0);
        assert_false(f->test_done);
        run(f);
        assert_true(f->test_done);
        assert_int_equal(f->test_verdict, SINK_ACCEPTED);
        assert_int_equal(f->test_status, 200);
        assert_string_equal(f->test_answer, "ok");
        assert_non_null(strstr(f->server.requests[0], "[Test] KFOR"));

        assert_int_equal(outbox_test(f->outbox, "chat", &alert, on_test, f), 0);
        run(f);
        assert_int_equal(f->test_verdict, SINK_DESTINATION_REFUSED);
        assert_string_equal(f->test_answer, "no\xef\xbf\xbd way");

        /* Nothing to send to: told all the same, and from the loop. */
        f->sinks[0].url = (char *) "nonsense";
        f->test_done = false;
        assert_int_equal(outbox_test(f->outbox, "chat", &alert, on_test, f), 0);
        assert_false(f->test_done);
        run(f);
        assert_true(f->test_done);
        assert_int_equal(f->test_status, 0);

        f->sinks[0].type = SINK_DESKTOP;
        assert_int_equal(outbox_test(f->outbox, "chat", &alert, on_test, f), -EOPNOTSUPP);
        assert_int_equal(f->n_begun, 0);

        /* One that is under way when all ends. */
        f->sinks[0] = (SinkSettings){
                .name.text = (char *) "chat", .url = f->url, .allow_private = true
        };
        assert_int_equal(outbox_test(f->outbox, "chat", &alert, on_test, f), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_in_order),
                TEST(test_retry),
                TEST(test_rate_limit),
                TEST(test_message_refused),
                TEST(test_destination_refused),
                TEST(test_give_up),
                TEST(test_credentials),
                TEST(test_store_full),
                TEST(test_clock_set_back),
                TEST(test_reload),
                TEST(test_broken_answer),
                TEST(test_two_sinks),
                TEST(test_crashed),
                TEST(test_private_address),
                TEST(test_offline),
                TEST(test_online_again),
                TEST(test_test),
        };

        /* A proxy of the environment is not what is tested. */
        unsetenv("http_proxy");
        unsetenv("all_proxy");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
