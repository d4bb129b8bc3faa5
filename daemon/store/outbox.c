/* SPDX-License-Identifier: MIT */

#include "store/outbox.h"

#include <errno.h>

/* Reads a row of DELIVERY_SELECT. */
static int delivery_read(sqlite3_stmt *s, Delivery *ret) {
        _cleanup_(delivery_done) Delivery delivery = {};
        const char *state;
        int r;

        delivery.id = sqlite3_column_int64(s, 0);
        delivery.alert_id = sqlite3_column_int64(s, 2);
        if ((r = column_text(s, 1, &delivery.public_id)) < 0 ||
                (r = column_text(s, 3, &delivery.sink)) < 0 ||
                (r = column_text(s, 4, &delivery.body)) < 0)
                return r;
        state = (const char *) sqlite3_column_text(s, 5);
        if (!state || delivery_state_from_string(state, &delivery.state) < 0)
                return -EUCLEAN;
        delivery.n_attempts = column_unsigned(s, 6);
        delivery.created_usec = column_usec(s, 7);
        delivery.next_try_usec = column_usec(s, 8);
        delivery.done_usec = column_usec(s, 9);
        delivery.last_status = column_unsigned(s, 11);
        if ((r = column_text(s, 10, &delivery.last_error)) < 0 ||
                (r = column_text(s, 12, &delivery.profile)) < 0 ||
                (r = column_text(s, 13, &delivery.title)) < 0)
                return r;

        *ret = delivery;
        delivery = (Delivery){};
        return 0;
}

int deliveries_read(Store *store, sqlite3_stmt *statement, Delivery **ret, size_t *ret_n) {
        Delivery *deliveries = NULL;
        size_t n = 0, n_allocated = 0;
        int r;

        while ((r = statement_step(store, statement)) > 0) {
                r = ARRAY_GROW(deliveries, n_allocated, n + 1);
                if (r >= 0)
                        r = delivery_read(statement, &deliveries[n]);
                if (r < 0)
                        break;
                n++;
        }
        if (r < 0) {
                delivery_array_free(deliveries, n);
                return r;
        }

        *ret = deliveries;
        *ret_n = n;
        return 0;
}

int store_delivery_insert(Store *store, Delivery *delivery) {
        int r;

        r = store_write(store, STATEMENT_DELIVERY_INSERT,
                VALUES(text(delivery->public_id), row_id(delivery->alert_id), text(delivery->sink),
                        text(delivery->body), text(delivery_state_to_string(delivery->state)),
                        count(delivery->n_attempts), usec(delivery->created_usec),
                        usec(delivery->next_try_usec), usec(delivery->done_usec),
                        text(delivery->last_error), count(delivery->last_status)));
        if (r < 0)
                return r;

        delivery->id = sqlite3_last_insert_rowid(store->db);
        return 0;
}

int store_delivery_update(Store *store, const Delivery *delivery) {
        return store_write_known(store, STATEMENT_DELIVERY_UPDATE,
                VALUES(row_id(delivery->id), text(delivery_state_to_string(delivery->state)),
                        count(delivery->n_attempts), usec(delivery->next_try_usec),
                        usec(delivery->done_usec), text(delivery->last_error),
                        count(delivery->last_status)));
}

int store_delivery_next(Store *store, const char *sink, Delivery *ret) {
        _cleanup_(statement_endp) sqlite3_stmt *s = NULL;
        int r;

        r = statement_begin(store, STATEMENT_DELIVERY_NEXT, VALUES(text(sink)), &s);
        if (r < 0)
                return r;

        r = statement_step(store, s);
        if (r < 0)
                return r;
        return r == 0 ? -ENOENT : delivery_read(s, ret);
}

int store_deliveries_recover(Store *store) {
        return store_write(store, STATEMENT_DELIVERY_RECOVER, NULL, 0);
}

int store_deliveries(
        Store *store, DeliveryState state, size_t n_max, Delivery **ret, size_t *ret_n) {
        _cleanup_(statement_endp) sqlite3_stmt *s = NULL;
        int r;

        if (state == DELIVERY_STATE_MAX)
                r = statement_begin(store, STATEMENT_DELIVERY_LIST_OPEN, VALUES(count(n_max)), &s);
        else
                r = statement_begin(store, STATEMENT_DELIVERY_LIST_STATE,
                        VALUES(text(delivery_state_to_string(state)), count(n_max)), &s);
        if (r < 0)
                return r;

        return deliveries_read(store, s, ret, ret_n);
}

int store_delivery_retry(Store *store, int64_t id, usec_t now_usec) {
        int64_t is_dead;
        int r;

        r = store_read_integer(store, STATEMENT_DELIVERY_STATE, VALUES(row_id(id)), &is_dead);
        if (r < 0)
                return r;
        if (!is_dead)
                return -EALREADY;

        r = store_write(store, STATEMENT_DELIVERY_RETRY, VALUES(row_id(id), usec(now_usec)));
        return r < 0 ? r : 0;
}

int store_counts(Store *store, StoreCounts *ret) {
        _cleanup_(statement_endp) sqlite3_stmt *s = NULL;
        StoreCounts counts = {};
        uint64_t *const fields[] = { &counts.n_feeds, &counts.n_items, &counts.n_stories,
                &counts.n_alerts, &counts.n_pending, &counts.n_dead, &counts.n_pages_wanted };
        int64_t n_bytes = 0;
        int r;

        r = statement_begin(store, STATEMENT_COUNTS, NULL, 0, &s);
        if (r < 0)
                return r;

        r = statement_step(store, s);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(fields); i++)
                *fields[i] = column_count(s, (int) i);

        r = store_read_integer(store, STATEMENT_PAGES, NULL, 0, &n_bytes);
        if (r < 0)
                return r;

        counts.n_bytes = (uint64_t) MAX(n_bytes, INT64_C(0));
        *ret = counts;
        return 0;
}

int store_queue(Store *store, const char *sink, uint64_t *ret_n_pending, uint64_t *ret_n_dead) {
        _cleanup_(statement_endp) sqlite3_stmt *s = NULL;
        int r;

        r = statement_begin(store, STATEMENT_QUEUE, VALUES(text(sink)), &s);
        if (r < 0)
                return r;
        r = statement_step(store, s);
        if (r < 0)
                return r;

        *ret_n_pending = column_count(s, 0);
        *ret_n_dead = column_count(s, 1);
        return 0;
}
