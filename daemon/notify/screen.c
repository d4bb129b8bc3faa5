/* SPDX-License-Identifier: MIT */

/* libnotify's calls block, which is why there is an agent at all; they are made only while a server
 * owns the name, so that nothing is activated and a missing server costs nothing. What the server
 * can do is asked for by ourselves: notify_get_server_caps() blocks and does not tell "nothing"
 * from "no answer".
 *
 * A notification object is kept as long as its notification is on the screen, for its actions
 * arrive through it. When the server goes, all are forgotten: ids of an old server mean other
 * programs' notifications to a new one. notify_uninit() is never called, as it closes what is
 * shown. */

#include "notify/screen.h"

#include <errno.h>
#include <libnotify/notify.h>

#include "base/log.h"

#define SERVER_NAME "org.freedesktop.Notifications"
#define SERVER_PATH "/org/freedesktop/Notifications"
/* KDE refuses what equals the last one within a second: the user has seen it. */
#define ERROR_EXCESS SERVER_NAME ".Error.ExcessNotificationGeneration"

#define SERVER_TIMEOUT_MSEC 10000
#define SERVER_RETRY_SECONDS 30u
/* Servers that never say "closed" must not make us grow; the oldest lose their actions. */
#define SCREEN_LIVE_MAX 64u

struct Screen {
        GDBusConnection *session;
        void (*on_ready)(void *userdata);
        void *userdata;

        guint watch_id, retry_id;
        GCancellable *asking; /* of this owner's capabilities; NULL: no server */
        bool is_ready, has_markup, has_actions;

        GQueue live; /* of NotifyNotification, oldest first */
};

static void screen_ask_capabilities(Screen *screen);

/* --- the server comes and goes --- */

static void screen_forget(Screen *screen) {
        NotifyNotification *n;

        screen->is_ready = false;
        if (screen->asking) {
                g_cancellable_cancel(screen->asking);
                g_object_unref(screen->asking);
                screen->asking = NULL;
        }
        if (screen->retry_id > 0)
                g_source_remove(screen->retry_id);
        screen->retry_id = 0;
        while ((n = g_queue_pop_head(&screen->live))) {
                g_signal_handlers_disconnect_by_data(n, screen);
                g_object_unref(n);
        }
}

static gboolean on_retry(gpointer userdata) {
        Screen *screen = userdata;

        screen->retry_id = 0;
        screen_ask_capabilities(screen);
        return G_SOURCE_REMOVE;
}

static void on_capabilities(GObject *source, GAsyncResult *result, gpointer userdata) {
        Screen *screen = userdata;
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) reply = NULL;
        g_autofree const char **names = NULL;

        reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);
        /* Another owner since, or no screen at all any more. */
        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
                return;
        if (!reply) {
                log_warning("The notification server does not say what it can do: %s, asking "
                            "again in %us",
                        error->message, SERVER_RETRY_SECONDS);
                screen->retry_id = g_timeout_add_seconds(SERVER_RETRY_SECONDS, on_retry, screen);
                return;
        }

        g_variant_get(reply, "(^a&s)", &names);
        screen->has_markup = g_strv_contains(names, "body-markup");
        screen->has_actions = g_strv_contains(names, "actions");
        screen->is_ready = true;
        log_debug("A notification server is there");
        screen->on_ready(screen->userdata);
}

static void screen_ask_capabilities(Screen *screen) {
        g_dbus_connection_call(screen->session, SERVER_NAME, SERVER_PATH, SERVER_NAME,
                "GetCapabilities", /* parameters= */ NULL, G_VARIANT_TYPE("(as)"),
                G_DBUS_CALL_FLAGS_NO_AUTO_START, SERVER_TIMEOUT_MSEC, screen->asking,
                on_capabilities, screen);
}

static void on_appeared(
        GDBusConnection *session, const char *name, const char *owner, gpointer userdata) {
        Screen *screen = userdata;

        (void) session;
        (void) name;
        (void) owner;
        screen_forget(screen);
        screen->asking = g_cancellable_new();
        screen_ask_capabilities(screen);
}

static void on_vanished(GDBusConnection *session, const char *name, gpointer userdata) {
        (void) session;
        (void) name;
        log_debug("There is no notification server, waiting for one");
        screen_forget(userdata);
}

int screen_new(
        GDBusConnection *session, void (*on_ready)(void *userdata), void *userdata, Screen **ret) {
        Screen *screen;

        screen = new0(Screen, 1);
        if (!screen)
                return -ENOMEM;
        screen->session = g_object_ref(session);
        screen->on_ready = on_ready;
        screen->userdata = userdata;
        g_queue_init(&screen->live);
        screen->watch_id = g_bus_watch_name_on_connection(session, SERVER_NAME,
                G_BUS_NAME_WATCHER_FLAGS_NONE, on_appeared, on_vanished, screen,
                /* user_data_free_func= */ NULL);

        *ret = screen;
        return 0;
}

Screen *screen_free(Screen *screen) {
        if (!screen)
                return NULL;
        g_bus_unwatch_name(screen->watch_id);
        screen_forget(screen);
        g_object_unref(screen->session);
        return mfree(screen);
}

bool screen_is_ready(const Screen *screen) {
        return screen->is_ready;
}

/* --- what is shown --- */

static void on_closed(NotifyNotification *n, gpointer userdata) {
        Screen *screen = userdata;

        if (g_queue_remove(&screen->live, n))
                g_object_unref(n);
}

static void on_opened(GObject *source, GAsyncResult *result, gpointer userdata) {
        g_autoptr(GError) error = NULL;

        (void) source;
        (void) userdata;
        if (!g_app_info_launch_default_for_uri_finish(result, &error))
                log_warning("Failed to open the story: %s", error->message);
}

static void on_open(NotifyNotification *n, char *action, gpointer userdata) {
        const char *link = userdata, *token = notify_notification_get_activation_token(n);
        g_autoptr(GAppLaunchContext) context = g_app_launch_context_new();

        (void) action;
        /* With the token of this very click a Wayland desktop lets the browser come to the front.
         */
        if (token)
                g_app_launch_context_setenv(context, "XDG_ACTIVATION_TOKEN", token);
        g_app_info_launch_default_for_uri_async(
                link, context, /* cancellable= */ NULL, on_opened, /* user_data= */ NULL);
}

static NotifyNotification *screen_prepare(
        const Screen *screen, const Card *card, const char *text) {
        static const NotifyUrgency urgencies[URGENCY_MAX] = {
                [URGENCY_LOW] = NOTIFY_URGENCY_LOW,
                [URGENCY_NORMAL] = NOTIFY_URGENCY_NORMAL,
                [URGENCY_CRITICAL] = NOTIFY_URGENCY_CRITICAL,
        };
        NotifyNotification *n;

        n = notify_notification_new(card->title, text, /* icon= */ NULL);
        notify_notification_set_urgency(n, urgencies[card->urgency]);
        notify_notification_set_category(n, "news");
        notify_notification_set_hint(n, "desktop-entry", g_variant_new_string("org.picket.Picket"));
        if (card->link && screen->has_actions) {
                /* "default" is a click anywhere; servers show no button for it. */
                notify_notification_add_action(
                        n, "default", "Open", on_open, g_strdup(card->link), g_free);
                notify_notification_add_action(
                        n, "open", "Open", on_open, g_strdup(card->link), g_free);
        }

        return n;
}

/* Keeps @n for its actions until it is closed. */
static void screen_keep(Screen *screen, NotifyNotification *n) {
        g_signal_connect(n, "closed", G_CALLBACK(on_closed), screen);
        g_queue_push_tail(&screen->live, n);
        if (g_queue_get_length(&screen->live) <= SCREEN_LIVE_MAX)
                return;

        n = g_queue_pop_head(&screen->live);
        g_signal_handlers_disconnect_by_data(n, screen);
        g_object_unref(n);
}

int screen_show(Screen *screen, const Card *card) {
        g_autoptr(GError) error = NULL;
        g_autofree char *remote = NULL;
        _cleanup_free_ char *escaped = NULL;
        NotifyNotification *n;
        int r;

        if (!screen->is_ready)
                return -ENOTCONN;
        if (screen->has_markup) {
                r = card_escape(card->text, &escaped);
                if (r < 0)
                        return log_oom();
        }

        n = screen_prepare(screen, card, escaped ? escaped : card->text);
        if (notify_notification_show(n, &error)) {
                screen_keep(screen, n);
                return 0;
        }

        g_object_unref(n);
        remote = error ? g_dbus_error_get_remote_error(error) : NULL;
        if (remote && streq(remote, ERROR_EXCESS))
                return 0;
        return log_warning_errno(-EREMOTEIO,
                "The notification server did not take an alert: %s, trying again later",
                error ? error->message : "no reason given");
}
