/* SPDX-License-Identifier: MIT */

/* One round at a time: claim until no more comes, show, acknowledge. Whatever calls for a round
 * (picketd appears, its Pending signal, the screen becomes ready, a timer) while one is under way
 * is remembered and answered by one more round behind it.
 *
 *   mailbox_collect() -> mailbox_claim() -> on_claimed() -> (again, while claims come back full)
 *                     -> mailbox_present() -> mailbox_acknowledge() -> on_acknowledged()
 *
 * Claiming on until a claim is not full makes one digest of what gathered over a weekend, not one
 * for every twenty. When picketd goes away the round is dropped with it: the cancellable of the
 * owner is cancelled, and a callback that finds its call cancelled touches nothing, as the mailbox
 * itself may be gone. */

#include "notify/mailbox.h"

#include <errno.h>

#include "base/log.h"
#include "bus/bus.h"

#define CLAIM_ROWS 20u
/* In one round; what is beyond makes another digest. */
#define ROUND_CARDS_MAX 200u
/* More than this at once becomes a digest: four banners in a row bury the desktop. */
#define SINGLE_CARDS_MAX 3u
/* Alerts that were shown but whose acknowledgement got lost are not shown twice while remembered.
 */
#define SHOWN_IDS_MAX 256u

#define CALL_TIMEOUT_MSEC 30000
/* After trouble, and for claims of an agent that died: their lease, a minute, ends without a
 * signal.
 */
#define ROUND_RETRY_SECONDS 90u
#define ROUND_IDLE_SECONDS 300u

struct Mailbox {
        GDBusConnection *bus;
        const char *label;
        Screen *screen;

        guint watch_id, pending_id, idle_id, retry_id;
        char *owner; /* unique name of picketd; NULL: not there */
        GCancellable *calls;

        /* the round under way */
        bool is_busy, again;
        GPtrArray *cards; /* of Card, with the same index as: */
        GPtrArray *ids;
        GPtrArray *acknowledged; /* ids */

        char *shown[SHOWN_IDS_MAX]; /* ring */
        size_t n_shown;
};

static void mailbox_claim(Mailbox *mailbox);

/* --- rounds --- */

static gboolean on_retry(gpointer userdata) {
        Mailbox *mailbox = userdata;

        mailbox->retry_id = 0;
        mailbox_collect(mailbox);
        return G_SOURCE_REMOVE;
}

static gboolean on_idle_timer(gpointer userdata) {
        mailbox_collect(userdata);
        return G_SOURCE_CONTINUE;
}

static void mailbox_retry_later(Mailbox *mailbox) {
        if (mailbox->retry_id == 0)
                mailbox->retry_id = g_timeout_add_seconds(ROUND_RETRY_SECONDS, on_retry, mailbox);
}

static void mailbox_end_round(Mailbox *mailbox) {
        g_ptr_array_set_size(mailbox->cards, 0);
        g_ptr_array_set_size(mailbox->ids, 0);
        g_ptr_array_set_size(mailbox->acknowledged, 0);
        mailbox->is_busy = false;
        if (!mailbox->again)
                return;
        mailbox->again = false;
        mailbox_collect(mailbox);
}

void mailbox_collect(Mailbox *mailbox) {
        if (!mailbox->owner || !screen_is_ready(mailbox->screen))
                return;
        if (mailbox->is_busy) {
                mailbox->again = true;
                return;
        }

        mailbox->is_busy = true;
        mailbox_claim(mailbox);
}

/* --- acknowledging --- */

static void on_acknowledged(GObject *source, GAsyncResult *result, gpointer userdata) {
        Mailbox *mailbox = userdata;
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) reply = NULL;

        reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);
        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
                return;
        if (!reply) {
                log_warning("The %s picketd did not take an acknowledgement: %s, trying again "
                            "later",
                        mailbox->label, error->message);
                mailbox_retry_later(mailbox);
        }
        mailbox_end_round(mailbox);
}

static void mailbox_acknowledge(Mailbox *mailbox) {
        GVariantBuilder ids;

        if (mailbox->acknowledged->len == 0) {
                mailbox_end_round(mailbox);
                return;
        }

        g_variant_builder_init(&ids, G_VARIANT_TYPE("as"));
        for (guint i = 0; i < mailbox->acknowledged->len; i++)
                g_variant_builder_add(&ids, "s", g_ptr_array_index(mailbox->acknowledged, i));
        g_dbus_connection_call(mailbox->bus, mailbox->owner, BUS_PATH, BUS_INTERFACE_DESKTOP,
                "Acknowledge", g_variant_new("(as)", &ids), G_VARIANT_TYPE("()"),
                G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_TIMEOUT_MSEC, mailbox->calls, on_acknowledged,
                mailbox);
}

/* --- showing --- */

static bool mailbox_was_shown(const Mailbox *mailbox, const char *id) {
        for (size_t i = 0; i < MIN(mailbox->n_shown, SHOWN_IDS_MAX); i++)
                if (streq(mailbox->shown[i], id))
                        return true;
        return false;
}

static void mailbox_note_shown(Mailbox *mailbox, const char *id) {
        char **slot = &mailbox->shown[mailbox->n_shown++ % SHOWN_IDS_MAX];

        g_free(*slot);
        *slot = g_strdup(id);
        g_ptr_array_add(mailbox->acknowledged, g_strdup(id));
}

static int mailbox_show_digest(Mailbox *mailbox) {
        _cleanup_(card_freep) Card *digest = NULL;
        int r;

        r = card_new_digest((Card *const *) mailbox->cards->pdata, mailbox->cards->len, &digest);
        if (r < 0)
                return log_oom();
        r = screen_show(mailbox->screen, digest);
        if (r < 0)
                return r;

        for (guint i = 0; i < mailbox->ids->len; i++)
                mailbox_note_shown(mailbox, g_ptr_array_index(mailbox->ids, i));
        return 0;
}

static int mailbox_show_each(Mailbox *mailbox) {
        int r;

        for (guint i = 0; i < mailbox->cards->len; i++) {
                r = screen_show(mailbox->screen, g_ptr_array_index(mailbox->cards, i));
                if (r < 0)
                        return r;
                mailbox_note_shown(mailbox, g_ptr_array_index(mailbox->ids, i));
        }
        return 0;
}

static void mailbox_present(Mailbox *mailbox) {
        int r;

        r = mailbox->cards->len > SINGLE_CARDS_MAX ? mailbox_show_digest(mailbox)
                                                   : mailbox_show_each(mailbox);
        if (r < 0)
                mailbox_retry_later(mailbox);
        mailbox_acknowledge(mailbox);
}

/* --- claiming --- */

/* Adds what is not known yet to the round; the number of rows that are news to it. */
static int mailbox_take(Mailbox *mailbox, GVariant *rows) {
        const char *id, *urgency, *body;
        GVariantIter iter;
        int n_new = 0, r;

        g_variant_iter_init(&iter, rows);
        while (g_variant_iter_next(&iter, "(&s&s&s)", &id, &urgency, &body)) {
                _cleanup_(card_freep) Card *card = NULL;

                if (g_ptr_array_find_with_equal_func(mailbox->ids, id, g_str_equal, NULL) ||
                        g_ptr_array_find_with_equal_func(
                                mailbox->acknowledged, id, g_str_equal, NULL))
                        continue;
                n_new++;
                if (mailbox_was_shown(mailbox, id)) {
                        g_ptr_array_add(mailbox->acknowledged, g_strdup(id));
                        continue;
                }

                r = card_new(urgency, body, &card);
                if (r < 0)
                        return r;
                g_ptr_array_add(mailbox->cards, TAKE_PTR(card));
                g_ptr_array_add(mailbox->ids, g_strdup(id));
        }

        return n_new;
}

static void on_claimed(GObject *source, GAsyncResult *result, gpointer userdata) {
        Mailbox *mailbox = userdata;
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) reply = NULL, rows = NULL;
        bool is_full;
        int n_new;

        reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);
        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
                return;
        if (!reply) {
                log_warning("The %s picketd gives no alerts: %s, trying again later",
                        mailbox->label, error->message);
                mailbox_retry_later(mailbox);
                mailbox_present(mailbox); /* what came before */
                return;
        }

        rows = g_variant_get_child_value(reply, 0);
        n_new = mailbox_take(mailbox, rows);
        if (n_new < 0) {
                (void) log_oom();
                mailbox_retry_later(mailbox);
        }

        is_full = n_new > 0 && g_variant_n_children(rows) >= CLAIM_ROWS;
        if (is_full && mailbox->cards->len < ROUND_CARDS_MAX) {
                mailbox_claim(mailbox);
                return;
        }
        if (is_full)
                mailbox->again = true;
        mailbox_present(mailbox);
}

static void mailbox_claim(Mailbox *mailbox) {
        g_dbus_connection_call(mailbox->bus, mailbox->owner, BUS_PATH, BUS_INTERFACE_DESKTOP,
                "Claim", g_variant_new("(u)", CLAIM_ROWS), G_VARIANT_TYPE("(a(sss))"),
                G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_TIMEOUT_MSEC, mailbox->calls, on_claimed,
                mailbox);
}

/* --- picketd comes and goes --- */

static void mailbox_drop_owner(Mailbox *mailbox) {
        if (mailbox->calls) {
                g_cancellable_cancel(mailbox->calls);
                g_object_unref(mailbox->calls);
                mailbox->calls = NULL;
        }
        mailbox->owner = mfree(mailbox->owner);
        if (mailbox->retry_id > 0)
                g_source_remove(mailbox->retry_id);
        mailbox->retry_id = 0;
        mailbox->again = false;
        mailbox_end_round(mailbox);
}

static void on_appeared(
        GDBusConnection *bus, const char *name, const char *owner, gpointer userdata) {
        Mailbox *mailbox = userdata;

        (void) bus;
        (void) name;
        mailbox_drop_owner(mailbox);
        mailbox->owner = strdup(owner);
        if (!mailbox->owner) {
                (void) log_oom();
                return;
        }
        mailbox->calls = g_cancellable_new();
        log_debug("The %s picketd is there", mailbox->label);
        mailbox_collect(mailbox);
}

static void on_vanished(GDBusConnection *bus, const char *name, gpointer userdata) {
        Mailbox *mailbox = userdata;

        (void) bus;
        (void) name;
        log_debug("There is no %s picketd, waiting for it", mailbox->label);
        mailbox_drop_owner(mailbox);
}

static void on_pending(GDBusConnection *bus, const char *sender, const char *path,
        const char *interface, const char *name, GVariant *parameters, gpointer userdata) {
        (void) bus;
        (void) sender;
        (void) path;
        (void) interface;
        (void) name;
        (void) parameters;
        mailbox_collect(userdata);
}

static void destroy_card(gpointer card) {
        card_free(card);
}

int mailbox_new(GDBusConnection *bus, const char *label, Screen *screen, Mailbox **ret) {
        Mailbox *mailbox;

        mailbox = new0(Mailbox, 1);
        if (!mailbox)
                return -ENOMEM;
        mailbox->bus = g_object_ref(bus);
        mailbox->label = label;
        mailbox->screen = screen;
        mailbox->cards = g_ptr_array_new_with_free_func(destroy_card);
        mailbox->ids = g_ptr_array_new_with_free_func(g_free);
        mailbox->acknowledged = g_ptr_array_new_with_free_func(g_free);

        mailbox->pending_id = g_dbus_connection_signal_subscribe(bus, BUS_NAME,
                BUS_INTERFACE_DESKTOP, "Pending", BUS_PATH, /* arg0= */ NULL,
                G_DBUS_SIGNAL_FLAGS_NONE, on_pending, mailbox, /* user_data_free_func= */ NULL);
        mailbox->watch_id = g_bus_watch_name_on_connection(bus, BUS_NAME,
                G_BUS_NAME_WATCHER_FLAGS_NONE, on_appeared, on_vanished, mailbox,
                /* user_data_free_func= */ NULL);
        mailbox->idle_id = g_timeout_add_seconds(ROUND_IDLE_SECONDS, on_idle_timer, mailbox);

        *ret = mailbox;
        return 0;
}

Mailbox *mailbox_free(Mailbox *mailbox) {
        if (!mailbox)
                return NULL;
        g_source_remove(mailbox->idle_id);
        g_bus_unwatch_name(mailbox->watch_id);
        g_dbus_connection_signal_unsubscribe(mailbox->bus, mailbox->pending_id);
        mailbox_drop_owner(mailbox);
        g_ptr_array_unref(mailbox->cards);
        g_ptr_array_unref(mailbox->ids);
        g_ptr_array_unref(mailbox->acknowledged);
        for (size_t i = 0; i < SHOWN_IDS_MAX; i++)
                g_free(mailbox->shown[i]);
        g_object_unref(mailbox->bus);
        return mfree(mailbox);
}
