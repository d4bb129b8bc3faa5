/* SPDX-License-Identifier: MIT */

#include "ctl/access.h"

#include <errno.h>
#include <stdarg.h>

#include "bus/bus.h"

/* With -c FILE it may be another daemon that answers on the bus: its state directory tells. */
static int serves_us(const CtlArguments *arguments, BusClient *client) {
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(diags_done) Diags diags = {};
        _cleanup_free_ char *text = NULL, *name = NULL, *error = NULL;
        const char *theirs;
        json_t *status;
        bool same;
        int r;

        if (!arguments->source.path)
                return 1;

        r = settings_load(&arguments->source, &diags, &settings);
        if (r < 0)
                return 0; /* whoever reads the store itself says what is wrong */
        r = bus_client_call(client, "Status", &text, &name, &error, "");
        if (r < 0)
                return 0;

        status = json_loads(text, /* flags= */ 0, /* error= */ NULL);
        theirs = json_string_value(json_object_get(status, "state_directory"));
        same = theirs && streq(theirs, settings->state_directory);
        json_decref(status);
        return same;
}

/* One argument at most: what the interface has. */
static int call(BusClient *client, const char *method, char **ret_text, char **ret_name,
        char **ret_error, const char *types, va_list ap) {
        switch (types[0]) {
        case 'u':
                return bus_client_call(
                        client, method, ret_text, ret_name, ret_error, types, va_arg(ap, uint32_t));
        case 't':
                return bus_client_call(
                        client, method, ret_text, ret_name, ret_error, types, va_arg(ap, uint64_t));
        case 's':
                return bus_client_call(client, method, ret_text, ret_name, ret_error, types,
                        va_arg(ap, const char *));
        default:
                return bus_client_call(client, method, ret_text, ret_name, ret_error, types);
        }
}

int access_daemon(
        const CtlArguments *arguments, const char *method, json_t **ret, const char *types, ...) {
        _cleanup_(bus_client_freep) BusClient *client = NULL;
        _cleanup_free_ char *text = NULL, *name = NULL, *error = NULL;
        json_error_t json_error;
        va_list ap;
        int r;

        r = bus_client_new(arguments->source.user_instance, &client);
        if (r < 0 || serves_us(arguments, client) == 0)
                return 0;

        va_start(ap, types);
        r = call(client, method, ret ? &text : NULL, &name, &error, types, ap);
        va_end(ap);
        if (r == -EHOSTDOWN || r == -ENOENT)
                return 0;
        if (r < 0) {
                fprintf(stderr, "picketctl: %s\n", error ? error : strerror(-r));
                return r;
        }
        if (!ret)
                return 1;

        *ret = json_loads(text, /* flags= */ 0, &json_error);
        if (!*ret) {
                fprintf(stderr, "picketctl: picketd's answer is no JSON: %s\n", json_error.text);
                return -EBADMSG;
        }

        return 1;
}

int access_store(const CtlArguments *arguments, Settings **ret_settings, Store **ret_store) {
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_free_ char *message = NULL;
        int r;

        r = ctl_load_settings(arguments, &settings);
        if (r != CTL_OK)
                return r;

        r = store_open(settings->state_directory, STORE_READ_ONLY, ret_store, &message);
        if (r == -ENOENT)
                fprintf(stderr,
                        "picketctl: picketd is not running, and has not run yet: there is no store in '%s'\n",
                        settings->state_directory);
        else if (r == -EACCES || r == -EPERM)
                fprintf(stderr,
                        "picketctl: picketd is not running, and the store in '%s' may be read by its owner only (try as root)\n",
                        settings->state_directory);
        else if (r < 0)
                fprintf(stderr,
                        "picketctl: picketd is not running, and the store in '%s' cannot be read: %s\n",
                        settings->state_directory, message ? message : strerror(-r));
        if (r < 0)
                return CTL_FAILURE;

        *ret_settings = TAKE_PTR(settings);
        return CTL_OK;
}
