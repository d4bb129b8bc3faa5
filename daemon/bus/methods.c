/* SPDX-License-Identifier: MIT */

/* What callers may ask. Every method is open to all as far as sd-bus is concerned
 * (SD_BUS_VTABLE_UNPRIVILEGED), for its own rule, a capability, cannot be looked up from within the
 * service's sandbox; bus_caller_may_act() is the rule here, and the policy file of the system bus
 * says the same once more. */

#include "bus/server.h"

#include <errno.h>
#include <jansson.h>
#include <unistd.h>

#include "base/log.h"
#include "text/utf8.h"

/* What no caller is. */
#define UID_NONE ((uid_t) -1)

int bus_caller_uid(sd_bus_message *call, uid_t *ret, sd_bus_error *ret_error) {
        sd_bus_creds *creds = NULL;
        uid_t uid = UID_NONE;
        int r;

        r = sd_bus_query_sender_creds(call, SD_BUS_CREDS_EUID, &creds);
        if (r >= 0)
                r = sd_bus_creds_get_euid(creds, &uid);
        (void) sd_bus_creds_unref(creds);
        if (r < 0)
                return sd_bus_error_setf(ret_error, SD_BUS_ERROR_ACCESS_DENIED,
                        "The bus does not say who is calling");

        *ret = uid;
        return 0;
}

int bus_caller_may_act(sd_bus_message *call, sd_bus_error *ret_error) {
        uid_t uid = UID_NONE;
        int r;

        r = bus_caller_uid(call, &uid, ret_error);
        if (r < 0)
                return r;
        if (uid != 0 && uid != geteuid())
                return sd_bus_error_setf(ret_error, SD_BUS_ERROR_ACCESS_DENIED,
                        "Only root and the user that picketd runs as may do this");

        return 0;
}

/* What an error says when the operation says no more. */
static const char *error_text(const char *error_name, int error) {
        static const struct {
                const char *name, *text;
        } texts[] = {
                { BUS_ERROR_BAD_CONFIGURATION, "The configuration has errors" },
                { BUS_ERROR_NO_SUCH_FEED, "The configuration has no feed of this name" },
                { BUS_ERROR_NO_SUCH_SINK, "The configuration has no sink of this name" },
                { BUS_ERROR_NO_SUCH_DELIVERY, "There is no such dead delivery" },
                { BUS_ERROR_TOO_SOON, "The server asked to be left alone for longer" },
        };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                if (streq_ptr(texts[i].name, error_name))
                        return texts[i].text;
        return strerror(-error);
}

/* Makes a D-Bus error of what an operation returned. Takes @message, which may be NULL. */
static int operation_failed(
        sd_bus_error *ret_error, int error, const char *error_name, char *message) {
        _cleanup_(buffer_done) Buffer mended = {};
        int r = 0;

        /* It may quote a configuration file, which is any bytes. */
        if (message)
                r = utf8_append_mended(&mended, message, strnlen(message, BUS_ANSWER_BYTES_MAX));
        if (r >= 0 && !error_name && !message)
                r = error;
        else if (r >= 0)
                r = sd_bus_error_setf(ret_error, error_name ? error_name : SD_BUS_ERROR_FAILED,
                        "%s", message ? buffer_str(&mended) : error_text(error_name, error));
        free(message);

        return r;
}

/* Reads one short string. */
static int read_name(sd_bus_message *call, const char **ret, sd_bus_error *ret_error) {
        const char *s;
        int r;

        r = sd_bus_message_read(call, "s", &s);
        if (r < 0)
                return r;
        if (strlen(s) > BUS_ARGUMENT_BYTES_MAX)
                return sd_bus_error_setf(ret_error, SD_BUS_ERROR_INVALID_ARGS,
                        "The argument is over %zu bytes", BUS_ARGUMENT_BYTES_MAX);

        *ret = s;
        return 0;
}

static int reply_json(sd_bus_message *call, const char *json, sd_bus_error *ret_error) {
        if (strlen(json) > BUS_ANSWER_BYTES_MAX)
                return sd_bus_error_setf(ret_error, SD_BUS_ERROR_LIMITS_EXCEEDED,
                        "The answer is over %zu MiB; ask for less",
                        BUS_ANSWER_BYTES_MAX / ((size_t) 1024 * 1024));

        return sd_bus_reply_method_return(call, "s", json);
}

/* --- org.picket.Picket1 --- */

static int method_status(sd_bus_message *call, void *userdata, sd_bus_error *ret_error) {
        const BusOperations *operations = &((BusServer *) userdata)->operations;
        _cleanup_free_ char *json = NULL;
        int r;

        r = operations->status(&json, operations->userdata);
        if (r < 0)
                return r;

        return reply_json(call, json, ret_error);
}

static int method_alerts(sd_bus_message *call, void *userdata, sd_bus_error *ret_error) {
        const BusOperations *operations = &((BusServer *) userdata)->operations;
        _cleanup_free_ char *json = NULL;
        uint32_t n_max = 0;
        int r;

        r = sd_bus_message_read(call, "u", &n_max);
        if (r < 0)
                return r;
        r = operations->alerts(MIN(n_max, BUS_ROWS_MAX), &json, operations->userdata);
        if (r < 0)
                return r;

        return reply_json(call, json, ret_error);
}

static int method_outbox(sd_bus_message *call, void *userdata, sd_bus_error *ret_error) {
        const BusOperations *operations = &((BusServer *) userdata)->operations;
        _cleanup_free_ char *json = NULL;
        const char *state = NULL;
        int r;

        r = read_name(call, &state, ret_error);
        if (r < 0)
                return r;
        r = operations->outbox(state, &json, operations->userdata);
        if (r < 0)
                return r;

        return reply_json(call, json, ret_error);
}

static int method_reload(sd_bus_message *call, void *userdata, sd_bus_error *ret_error) {
        const BusOperations *operations = &((BusServer *) userdata)->operations;
        const char *error_name = NULL;
        char *message = NULL;
        int r;

        r = bus_caller_may_act(call, ret_error);
        if (r < 0)
                return r;
        r = operations->reload(&error_name, &message, operations->userdata);
        if (r < 0)
                return operation_failed(ret_error, r, error_name, message);

        free(message);
        return sd_bus_reply_method_return(call, /* types= */ NULL);
}

static int method_poll(sd_bus_message *call, void *userdata, sd_bus_error *ret_error) {
        const BusOperations *operations = &((BusServer *) userdata)->operations;
        const char *feed = NULL, *error_name = NULL;
        char *message = NULL;
        int r;

        r = bus_caller_may_act(call, ret_error);
        if (r < 0)
                return r;
        r = read_name(call, &feed, ret_error);
        if (r < 0)
                return r;
        r = operations->poll(feed, &error_name, &message, operations->userdata);
        if (r < 0)
                return operation_failed(ret_error, r, error_name, message);

        free(message);
        return sd_bus_reply_method_return(call, /* types= */ NULL);
}

static int method_retry_delivery(sd_bus_message *call, void *userdata, sd_bus_error *ret_error) {
        const BusOperations *operations = &((BusServer *) userdata)->operations;
        const char *error_name = NULL;
        char *message = NULL;
        uint64_t id = 0;
        int r;

        r = bus_caller_may_act(call, ret_error);
        if (r < 0)
                return r;
        r = sd_bus_message_read(call, "t", &id);
        if (r < 0)
                return r;
        r = operations->retry(id, &error_name, &message, operations->userdata);
        if (r < 0)
                return operation_failed(ret_error, r, error_name, message);

        free(message);
        return sd_bus_reply_method_return(call, /* types= */ NULL);
}

static int method_test_sink(sd_bus_message *call, void *userdata, sd_bus_error *ret_error) {
        const BusOperations *operations = &((BusServer *) userdata)->operations;
        const char *sink = NULL, *error_name = NULL;
        char *message = NULL;
        int r;

        r = bus_caller_may_act(call, ret_error);
        if (r < 0)
                return r;
        r = read_name(call, &sink, ret_error);
        if (r < 0)
                return r;
        r = operations->test_sink(sink, call, &error_name, &message, operations->userdata);
        if (r < 0)
                return operation_failed(ret_error, r, error_name, message);

        free(message);
        return 1; /* handled; the answer comes from the operation, later */
}

static int property_version(sd_bus *bus, const char *path, const char *interface,
        const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *ret_error) {
        (void) bus;
        (void) path;
        (void) interface;
        (void) property;
        (void) userdata;
        (void) ret_error;
        return sd_bus_message_append(reply, "s", PICKET_VERSION);
}

const sd_bus_vtable bus_manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Version", "s", property_version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_METHOD_WITH_ARGS("Status", SD_BUS_NO_ARGS, SD_BUS_RESULT("s", json), method_status,
                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Alerts", SD_BUS_ARGS("u", n_max), SD_BUS_RESULT("s", json),
                method_alerts, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Outbox", SD_BUS_ARGS("s", state), SD_BUS_RESULT("s", json),
                method_outbox, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Reload", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_reload,
                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Poll", SD_BUS_ARGS("s", feed), SD_BUS_NO_RESULT, method_poll,
                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("RetryDelivery", SD_BUS_ARGS("t", id), SD_BUS_NO_RESULT,
                method_retry_delivery, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("TestSink", SD_BUS_ARGS("s", sink), SD_BUS_RESULT("s", answer),
                method_test_sink, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

/* --- org.picket.Picket1.Desktop --- */

/* An alert's urgency stands in its body; agents get it beside the body as well, so that they can
 * sort without reading that. */
static int append_claim(sd_bus_message *reply, const Delivery *delivery) {
        const char *name;
        json_t *body;
        Urgency urgency;
        int r;

        body = json_loads(delivery->body, /* flags= */ 0, /* error= */ NULL);
        if (!body) {
                log_debug(
                        "The body of delivery %s is no JSON, leaving it out", delivery->public_id);
                return 0;
        }
        name = json_string_value(json_object_get(body, "urgency"));
        r = sd_bus_message_append(reply, "(sss)", delivery->public_id,
                name && urgency_from_string(name, &urgency) >= 0 ? name : "normal", delivery->body);
        json_decref(body);

        return r;
}

static int append_claims(sd_bus_message *reply, const Delivery *deliveries, size_t n_deliveries) {
        size_t n_bytes = 0;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "(sss)");
        if (r < 0)
                return r;

        for (size_t i = 0; i < n_deliveries; i++) {
                /* What finds no room is claimed again when its lease has ended. */
                n_bytes += strlen(deliveries[i].public_id) + strlen(deliveries[i].body);
                if (n_bytes > BUS_ANSWER_BYTES_MAX)
                        break;
                r = append_claim(reply, deliveries + i);
                if (r < 0)
                        return r;
        }

        return sd_bus_message_close_container(reply);
}

static int method_claim(sd_bus_message *call, void *userdata, sd_bus_error *ret_error) {
        const BusOperations *operations = &((BusServer *) userdata)->operations;
        sd_bus_message *reply = NULL;
        Delivery *deliveries = NULL;
        size_t n_deliveries = 0;
        uint32_t n_max = 0;
        uid_t uid = UID_NONE;
        int r;

        r = bus_caller_uid(call, &uid, ret_error);
        if (r < 0)
                return r;
        r = sd_bus_message_read(call, "u", &n_max);
        if (r < 0)
                return r;

        r = operations->claim(
                uid, MIN(n_max, BUS_ROWS_MAX), &deliveries, &n_deliveries, operations->userdata);
        if (r < 0)
                return r;
        r = sd_bus_message_new_method_return(call, &reply);
        if (r >= 0)
                r = append_claims(reply, deliveries, n_deliveries);
        if (r >= 0)
                r = sd_bus_send(/* bus= */ NULL, reply, /* ret_cookie= */ NULL);
        (void) sd_bus_message_unref(reply);
        delivery_array_free(deliveries, n_deliveries);

        return r < 0 ? r : 1;
}

static int read_ids(sd_bus_message *call, char ***ret, sd_bus_error *ret_error) {
        _cleanup_(strv_freep) char **ids = NULL;
        size_t n_ids = 0;
        const char *id;
        int r;

        r = sd_bus_message_enter_container(call, 'a', "s");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_read(call, "s", &id)) > 0) {
                if (++n_ids > BUS_IDS_MAX || strlen(id) > BUS_ARGUMENT_BYTES_MAX)
                        return sd_bus_error_setf(ret_error, SD_BUS_ERROR_LIMITS_EXCEEDED,
                                "At most %u ids of %zu bytes in one call", BUS_IDS_MAX,
                                BUS_ARGUMENT_BYTES_MAX);
                r = strv_extend(&ids, id);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(call);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(ids);
        return 0;
}

static int method_acknowledge(sd_bus_message *call, void *userdata, sd_bus_error *ret_error) {
        const BusOperations *operations = &((BusServer *) userdata)->operations;
        _cleanup_(strv_freep) char **ids = NULL;
        uid_t uid = UID_NONE;
        int r;

        r = bus_caller_uid(call, &uid, ret_error);
        if (r < 0)
                return r;
        r = read_ids(call, &ids, ret_error);
        if (r < 0)
                return r;
        if (ids) {
                r = operations->acknowledge(uid, ids, operations->userdata);
                if (r < 0)
                        return r;
        }

        return sd_bus_reply_method_return(call, /* types= */ NULL);
}

const sd_bus_vtable bus_desktop_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("Claim", SD_BUS_ARGS("u", n_max), SD_BUS_RESULT("a(sss)", alerts),
                method_claim, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Acknowledge", SD_BUS_ARGS("as", ids), SD_BUS_NO_RESULT,
                method_acknowledge, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL("Pending", "", 0),
        SD_BUS_VTABLE_END,
};
