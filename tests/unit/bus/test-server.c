/* SPDX-License-Identifier: MIT */

/* The server and the client over a real dbus-daemon of our own: the server runs in this process's
 * loop on invented operations, what calls it is a child, since the client's calls block. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/log.h"
#include "bus/bus.h"

/* Far beyond what anything here takes; only a failing test gets there. */
#define PATIENCE_USEC (20 * USEC_PER_SEC)
#define PATH_CHARS 200
#define NOBODY 65534u

/* --- a bus of our own --- */

static char directory[] = "/tmp/picket-test-bus-XXXXXX";
static char config_path[PATH_CHARS], address[PATH_CHARS];

static pid_t bus_start(void) {
        int ready[2];
        char fd_argument[64], byte;
        pid_t pid;

        assert_int_equal(pipe(ready), 0);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                char config_argument[PATH_CHARS + 32];

                snprintf(config_argument, sizeof(config_argument), "--config-file=%s", config_path);
                snprintf(fd_argument, sizeof(fd_argument), "--print-address=%d", ready[1]);
                execlp("dbus-daemon", "dbus-daemon", config_argument, "--nofork", "--nopidfile",
                        fd_argument, (char *) NULL);
                _exit(127);
        }
        close(ready[1]);
        /* The address comes when the socket listens; the end of the file, when there is no
         * dbus-daemon. */
        assert_int_equal(read(ready[0], &byte, 1), 1);
        close(ready[0]);

        return pid;
}

static void bus_stop(pid_t pid) {
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static int set_up(void **state) {
        FILE *f;

        (void) state;
        if (!mkdtemp(directory) || chmod(directory, 0755) < 0)
                return -1;
        snprintf(config_path, sizeof(config_path), "%s/bus.conf", directory);
        snprintf(address, sizeof(address), "unix:path=%s/socket", directory);
        f = fopen(config_path, "we");
        if (!f)
                return -1;
        /* As open as can be, so that it is the server's own rules that are tested. */
        fprintf(f,
                "<busconfig><listen>%s</listen><auth>EXTERNAL</auth>"
                "<policy context=\"default\"><allow user=\"*\"/><allow own=\"*\"/>"
                "<allow send_destination=\"*\"/><allow receive_sender=\"*\"/></policy>"
                "</busconfig>\n",
                address);
        fclose(f);
        /* Both, so that the two instances can be tested alike. */
        setenv("DBUS_SYSTEM_BUS_ADDRESS", address, /* overwrite= */ 1);
        setenv("DBUS_SESSION_BUS_ADDRESS", address, /* overwrite= */ 1);
        return 0;
}

static int tear_down(void **state) {
        char path[PATH_CHARS];

        (void) state;
        unlink(config_path);
        snprintf(path, sizeof(path), "%s/socket", directory);
        unlink(path);
        return rmdir(directory);
}

/* --- invented operations --- */

typedef struct Fake {
        sd_event *event;
        uint32_t n_max, uid, n_claimed;
        char last[64], acknowledged[256];
        sd_bus_message *waiting;
        sd_event_source *later;
} Fake;

static int fake_status(char **ret_json, void *userdata) {
        (void) userdata;
        *ret_json = strdup("{\"state\":\"running\"}");
        return *ret_json ? 0 : -ENOMEM;
}

static int fake_alerts(uint32_t n_max, char **ret_json, void *userdata) {
        ((Fake *) userdata)->n_max = n_max;
        *ret_json = strdup("[]");
        return *ret_json ? 0 : -ENOMEM;
}

static int fake_outbox(const char *state, char **ret_json, void *userdata) {
        Fake *fake = userdata;

        snprintf(fake->last, sizeof(fake->last), "%s", state);
        if (streq(state, "nonsense"))
                return -EINVAL;
        *ret_json = strdup("[]");
        return *ret_json ? 0 : -ENOMEM;
}

static int fake_reload(const char **ret_error_name, char **ret_error, void *userdata) {
        (void) userdata;
        *ret_error_name = BUS_ERROR_BAD_CONFIGURATION;
        /* A message that quotes a file which is no UTF-8. */
        *ret_error = strdup("picket.conf:1: bad \xff key");
        return -EBADMSG;
}

static int fake_poll(
        const char *feed, const char **ret_error_name, char **ret_error, void *userdata) {
        (void) ret_error;
        (void) userdata;
        if (streq(feed, "known"))
                return 0;
        *ret_error_name = BUS_ERROR_NO_SUCH_FEED;
        return -ENOENT;
}

static int fake_retry(uint64_t id, const char **ret_error_name, char **ret_error, void *userdata) {
        (void) ret_error_name;
        (void) ret_error;
        (void) userdata;
        return id == 7 ? 0 : -ENOENT;
}

static int on_later(sd_event_source *source, void *userdata) {
        Fake *fake = userdata;

        (void) source;
        bus_reply_text(TAKE_PTR(fake->waiting), "{\"status\":204}");
        fake->later = sd_event_source_unref(fake->later);
        return 0;
}

static int fake_test_sink(const char *sink, sd_bus_message *call, const char **ret_error_name,
        char **ret_error, void *userdata) {
        Fake *fake = userdata;

        (void) ret_error_name;
        (void) ret_error;
        if (streq(sink, "refused")) {
                bus_reply_error(
                        sd_bus_message_ref(call), BUS_ERROR_NO_SUCH_SINK, "no sink 'refused'");
                return 0;
        }
        fake->waiting = sd_bus_message_ref(call);
        return sd_event_add_defer(fake->event, &fake->later, on_later, fake);
}

static int fake_claim(uint32_t uid, uint32_t n_max, Delivery **ret, size_t *ret_n, void *userdata) {
        static const char *const bodies[] = {
                "{\"id\":\"a\",\"urgency\":\"critical\"}",
                "no JSON",
                "{\"id\":\"c\"}",
        };
        Fake *fake = userdata;
        Delivery *d;

        fake->uid = uid;
        fake->n_max = n_max;
        d = new0(Delivery, ELEMENTSOF(bodies));
        if (!d)
                return -ENOMEM;
        for (size_t i = 0; i < ELEMENTSOF(bodies); i++) {
                d[i].public_id = strdup((char[]){ (char) ('a' + i), '\0' });
                d[i].body = strdup(bodies[i]);
        }
        *ret = d;
        *ret_n = ELEMENTSOF(bodies);
        return 0;
}

static int fake_acknowledge(uint32_t uid, char *const *ids, void *userdata) {
        Fake *fake = userdata;
        _cleanup_free_ char *joined = strv_join(ids, ",");

        fake->uid = uid;
        snprintf(fake->acknowledged, sizeof(fake->acknowledged), "%s", strempty(joined));
        return 0;
}

static BusServer *server_start(Fake *fake, bool user_instance) {
        const BusOperations operations = {
                .status = fake_status,
                .alerts = fake_alerts,
                .outbox = fake_outbox,
                .reload = fake_reload,
                .poll = fake_poll,
                .retry = fake_retry,
                .test_sink = fake_test_sink,
                .claim = fake_claim,
                .acknowledge = fake_acknowledge,
                .userdata = fake,
        };
        BusServer *server;

        assert_true(sd_event_new(&fake->event) >= 0);
        assert_int_equal(bus_server_new(fake->event, user_instance, &operations, &server), 0);
        return server;
}

static void run_until_connected(Fake *fake, const BusServer *server, bool connected) {
        usec_t end = clock_boottime(&clock_system) + PATIENCE_USEC;

        while (bus_server_is_connected(server) != connected) {
                assert_true(clock_boottime(&clock_system) < end);
                assert_true(sd_event_run(fake->event, PATIENCE_USEC) >= 0);
        }
}

/* --- callers, each in a child --- */

#define CHECK(x)                                                                \
        do {                                                                    \
                if (!(x)) {                                                     \
                        fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x); \
                        return 1;                                               \
                }                                                               \
        } while (0)

static int on_child(sd_event_source *source, const siginfo_t *info, void *userdata) {
        (void) source;
        *(int *) userdata = info->si_code == CLD_EXITED ? info->si_status : 255;
        return 0;
}

/* Runs @caller in a child, as @uid, while the loop serves it. */
static void call_from_child(Fake *fake, int (*caller)(void), uid_t uid) {
        usec_t end = clock_boottime(&clock_system) + PATIENCE_USEC;
        sd_event_source *source = NULL;
        int status = -1;
        pid_t pid;

        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                if (uid != geteuid() && setresuid(uid, uid, uid) < 0)
                        _exit(99);
                alarm(PATIENCE_USEC / USEC_PER_SEC);
                _exit(caller());
        }

        assert_true(sd_event_add_child(fake->event, &source, pid, WEXITED, on_child, &status) >= 0);
        while (status < 0) {
                assert_true(clock_boottime(&clock_system) < end);
                assert_true(sd_event_run(fake->event, PATIENCE_USEC) >= 0);
        }
        sd_event_source_unref(source);
        assert_int_equal(status, 0);
}

/* Calls @method and expects @expected (the text answered, or the name of the error). */
static int expect(BusClient *client, const char *method, const char *expected, const char *types,
        const char *argument) {
        _cleanup_free_ char *text = NULL, *name = NULL, *message = NULL;
        int r;

        r = bus_client_call(client, method, &text, &name, &message, types, argument);
        if (r == -EREMOTEIO)
                CHECK(name && message);
        else
                CHECK(r >= 0);
        if (!streq(r < 0 ? name : text, expected)) {
                fprintf(stderr, "%s(%s): %s\n", method, strempty(argument), r < 0 ? name : text);
                return 1;
        }
        return 0;
}

static int caller_manager(void) {
        _cleanup_(bus_client_freep) BusClient *client = NULL;
        _cleanup_free_ char *name = NULL, *message = NULL, *long_name = NULL;
        char *no_name = NULL, *no_message = NULL;

        CHECK(bus_client_new(/* user_instance= */ false, &client) == 0);
        CHECK(expect(client, "Status", "{\"state\":\"running\"}", NULL, NULL) == 0);
        CHECK(expect(client, "Outbox", "[]", "s", "dead") == 0);
        CHECK(expect(client, "Outbox", SD_BUS_ERROR_INVALID_ARGS, "s", "nonsense") == 0);
        CHECK(expect(client, "Poll", BUS_ERROR_NO_SUCH_FEED, "s", "unknown") == 0);
        CHECK(expect(client, "TestSink", "{\"status\":204}", "s", "chat") == 0);
        CHECK(expect(client, "TestSink", BUS_ERROR_NO_SUCH_SINK, "s", "refused") == 0);
        CHECK(expect(client, "NoSuchMethod", SD_BUS_ERROR_UNKNOWN_METHOD, NULL, NULL) == 0);

        CHECK(bus_client_call(client, "Alerts", NULL, &no_name, &no_message, "u", 4000u) == 0);
        CHECK(bus_client_call(client, "Poll", NULL, &no_name, &no_message, "s", "known") == 0);
        CHECK(bus_client_call(
                      client, "RetryDelivery", NULL, &no_name, &no_message, "t", UINT64_C(7)) == 0);
        CHECK(!no_name && !no_message);

        CHECK(bus_client_call(client, "Reload", NULL, &name, &message, NULL) == -EREMOTEIO);
        CHECK(streq(name, BUS_ERROR_BAD_CONFIGURATION));
        CHECK(streq(message, "picket.conf:1: bad \xEF\xBF\xBD key"));
        name = mfree(name);
        message = mfree(message);

        /* The operation names the error and leaves the words to us. */
        CHECK(bus_client_call(client, "Poll", NULL, &name, &message, "s", "unknown") == -EREMOTEIO);
        CHECK(streq(message, "The configuration has no feed of this name"));

        long_name = new0(char, 2000);
        CHECK(long_name);
        memset(long_name, 'x', 1999);
        CHECK(expect(client, "Poll", SD_BUS_ERROR_INVALID_ARGS, "s", long_name) == 0);
        return 0;
}

static int claim_and_acknowledge(sd_bus *bus, sd_bus_error *error) {
        sd_bus_message *reply = NULL, *call = NULL;
        const char *id, *urgency, *body;

        CHECK(sd_bus_call_method(bus, BUS_NAME, BUS_PATH, BUS_INTERFACE_DESKTOP, "Claim", error,
                      &reply, "u", 20u) >= 0);
        CHECK(sd_bus_message_enter_container(reply, 'a', "(sss)") > 0);
        CHECK(sd_bus_message_read(reply, "(sss)", &id, &urgency, &body) > 0);
        CHECK(streq(id, "a") && streq(urgency, "critical") && strstr(body, "critical"));
        /* "b" is no JSON and was left out. */
        CHECK(sd_bus_message_read(reply, "(sss)", &id, &urgency, &body) > 0);
        CHECK(streq(id, "c") && streq(urgency, "normal"));
        CHECK(sd_bus_message_read(reply, "(sss)", &id, &urgency, &body) == 0);
        sd_bus_message_unref(reply);

        CHECK(sd_bus_call_method(bus, BUS_NAME, BUS_PATH, BUS_INTERFACE_DESKTOP, "Acknowledge",
                      error, NULL, "as", 2, "a", "c") >= 0);

        /* More than any claim gives. */
        CHECK(sd_bus_message_new_method_call(
                      bus, &call, BUS_NAME, BUS_PATH, BUS_INTERFACE_DESKTOP, "Acknowledge") >= 0);
        CHECK(sd_bus_message_open_container(call, 'a', "s") >= 0);
        for (int i = 0; i < 1001; i++)
                CHECK(sd_bus_message_append(call, "s", "x") >= 0);
        CHECK(sd_bus_message_close_container(call) >= 0);
        CHECK(sd_bus_call(bus, call, 0, error, NULL) < 0);
        CHECK(sd_bus_error_has_name(error, SD_BUS_ERROR_LIMITS_EXCEEDED));
        sd_bus_message_unref(call);
        return 0;
}

static int caller_desktop(void) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus *bus = NULL;

        CHECK(sd_bus_open_system(&bus) >= 0);
        CHECK(claim_and_acknowledge(bus, &error) == 0);
        sd_bus_error_free(&error);
        sd_bus_flush_close_unref(bus);
        return 0;
}

/* Anyone may look and claim; only root and the owner may act. */
static int caller_nobody(void) {
        _cleanup_(bus_client_freep) BusClient *client = NULL;
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus *bus = NULL;

        CHECK(bus_client_new(/* user_instance= */ false, &client) == 0);
        CHECK(expect(client, "Status", "{\"state\":\"running\"}", NULL, NULL) == 0);
        CHECK(expect(client, "Reload", SD_BUS_ERROR_ACCESS_DENIED, NULL, NULL) == 0);
        CHECK(expect(client, "Poll", SD_BUS_ERROR_ACCESS_DENIED, "s", "known") == 0);
        CHECK(expect(client, "TestSink", SD_BUS_ERROR_ACCESS_DENIED, "s", "chat") == 0);

        CHECK(sd_bus_open_system(&bus) >= 0);
        CHECK(sd_bus_set_property(bus, BUS_NAME, "/org/freedesktop/LogControl1",
                      "org.freedesktop.LogControl1", "LogLevel", &error, "s", "debug") < 0);
        CHECK(sd_bus_error_has_name(&error, SD_BUS_ERROR_ACCESS_DENIED));
        sd_bus_error_free(&error);
        CHECK(claim_and_acknowledge(bus, &error) == 0);
        sd_bus_error_free(&error);
        sd_bus_flush_close_unref(bus);
        return 0;
}

static int caller_log_control(void) {
        static const char path[] = "/org/freedesktop/LogControl1";
        static const char interface[] = "org.freedesktop.LogControl1";
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus *bus = NULL;
        char *s = NULL;

        CHECK(sd_bus_open_system(&bus) >= 0);
        CHECK(sd_bus_set_property(bus, BUS_NAME, path, interface, "LogLevel", &error, "s", "err") >=
                0);
        CHECK(sd_bus_get_property_string(bus, BUS_NAME, path, interface, "LogLevel", &error, &s) >=
                0);
        CHECK(streq(s, "err"));
        s = mfree(s);
        CHECK(sd_bus_set_property(bus, BUS_NAME, path, interface, "LogLevel", &error, "s", "loud") <
                0);
        sd_bus_error_free(&error);
        CHECK(sd_bus_set_property(
                      bus, BUS_NAME, path, interface, "LogTarget", &error, "s", "kmsg") < 0);
        sd_bus_error_free(&error);
        CHECK(sd_bus_get_property_string(
                      bus, BUS_NAME, BUS_PATH, BUS_INTERFACE, "Version", &error, &s) >= 0);
        CHECK(streq(s, PICKET_VERSION));
        s = mfree(s);
        sd_bus_flush_close_unref(bus);
        return 0;
}

/* --- the tests --- */

static void fake_done(Fake *fake, BusServer *server) {
        bus_server_free(server);
        sd_event_source_unref(fake->later);
        sd_event_unref(fake->event);
}

static void test_manager(void **state) {
        pid_t bus = bus_start();
        Fake fake = {};
        BusServer *server = server_start(&fake, /* user_instance= */ false);

        (void) state;
        run_until_connected(&fake, server, true);
        call_from_child(&fake, caller_manager, geteuid());
        assert_int_equal(fake.n_max, 1000);
        call_from_child(&fake, caller_log_control, geteuid());
        log_set_max_level(LOG_INFO);
        fake_done(&fake, server);
        bus_stop(bus);
}

static void test_desktop(void **state) {
        pid_t bus = bus_start();
        Fake fake = {};
        BusServer *server = server_start(&fake, /* user_instance= */ true);

        (void) state;
        run_until_connected(&fake, server, true);
        call_from_child(&fake, caller_desktop, geteuid());
        assert_int_equal(fake.uid, geteuid());
        assert_int_equal(fake.n_max, 20);
        assert_string_equal(fake.acknowledged, "a,c");
        fake_done(&fake, server);
        bus_stop(bus);
}

static void test_permissions(void **state) {
        pid_t bus;
        Fake fake = {};
        BusServer *server;

        (void) state;
        if (geteuid() != 0)
                skip(); /* only root can call as somebody else */

        bus = bus_start();
        server = server_start(&fake, /* user_instance= */ false);
        run_until_connected(&fake, server, true);
        call_from_child(&fake, caller_nobody, NOBODY);
        assert_int_equal(fake.uid, NOBODY);
        fake_done(&fake, server);
        bus_stop(bus);
}

/* Started without a bus, the server finds it when it comes, and again after it was lost. */
static void test_reconnect(void **state) {
        Fake fake = {};
        BusServer *server = server_start(&fake, /* user_instance= */ false);
        pid_t bus;

        (void) state;
        assert_false(bus_server_is_connected(server));
        bus_server_emit_pending(server); /* nobody there is fine */

        bus = bus_start();
        run_until_connected(&fake, server, true);
        bus_server_emit_pending(server);
        bus_stop(bus);
        run_until_connected(&fake, server, false);

        bus = bus_start();
        run_until_connected(&fake, server, true);
        fake_done(&fake, server);
        bus_stop(bus);
}

/* A second picketd on the same bus gets no name, and has it once the first is gone. */
static void test_name_taken(void **state) {
        pid_t bus = bus_start();
        Fake first = {}, second = {};
        BusServer *first_server = server_start(&first, /* user_instance= */ false);
        BusServer *second_server;

        (void) state;
        run_until_connected(&first, first_server, true);
        second_server = server_start(&second, /* user_instance= */ false);
        for (int i = 0; i < 5; i++)
                assert_true(sd_event_run(second.event, 100 * USEC_PER_MSEC) >= 0);
        assert_false(bus_server_is_connected(second_server));

        fake_done(&first, first_server);
        run_until_connected(&second, second_server, true);
        fake_done(&second, second_server);
        bus_stop(bus);
}

static void test_client_alone(void **state) {
        BusClient *client = NULL;
        pid_t bus;

        (void) state;
        assert_int_equal(bus_client_new(/* user_instance= */ false, &client), -ENOENT);
        assert_int_equal(bus_client_new(/* user_instance= */ true, &client), -ENOENT);
        bus = bus_start();
        assert_int_equal(bus_client_new(/* user_instance= */ false, &client), -EHOSTDOWN);
        bus_stop(bus);
        assert_null(client);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_manager),
                cmocka_unit_test(test_desktop),
                cmocka_unit_test(test_permissions),
                cmocka_unit_test(test_reconnect),
                cmocka_unit_test(test_name_taken),
                cmocka_unit_test(test_client_alone),
        };
        sigset_t child;

        /* For sd_event_add_child(). */
        sigemptyset(&child);
        sigaddset(&child, SIGCHLD);
        sigprocmask(SIG_BLOCK, &child, NULL);

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
