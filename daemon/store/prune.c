/* SPDX-License-Identifier: MIT */

/* What goes, and in which order.
 *
 *   1. Texts and verdicts of items that no feed has listed for text_usec. The row with its keys,
 *      title and link stays: a feed that replays its history must not look new.
 *   2. Items that no feed has listed for item_usec. An item is never forgotten while its feed lists
 *      it, however old it is; nor while its page or its alerts are still wanted, nor while an alert
 *      of its story is kept, which names it as a source.
 *   3. Alerts over alert_usec with their deliveries and desktop claims. Not while a delivery is
 *      still to be sent, and not while an item of the story was listed since: the alert's row is
 *      what keeps an edit of an old item from alerting a second time.
 *   4. Stories left without items and alerts.
 *   5. Pages of the file that this freed, but for a reserve that the next items take.
 *
 * 3 and 4 free items for the next round, so nothing waits on anything for good. Every step removes
 * row by row within one budget, so a call takes some milliseconds however much has piled up. */

#include <errno.h>

#include "store/database.h"

/* 4 MiB of free pages stay: giving them back and asking for them again costs more than they do. */
#define FREE_PAGES_KEPT 1024

typedef struct Budget {
        size_t n_left;
} Budget;

static void budget_take(Budget *budget, int n_rows) {
        budget->n_left -= MIN((size_t) n_rows, budget->n_left);
}

/* One statement that takes an age and a limit. */
static int prune_rows(Store *store, StatementId id, usec_t before_usec, Budget *budget) {
        int r;

        if (budget->n_left == 0)
                return 0;

        r = store_write(store, id, VALUES(usec(before_usec), count(budget->n_left)));
        if (r > 0)
                budget_take(budget, r);
        return r;
}

/* The ids first: what is removed on the way would move under the reader's feet. */
static int find_ids(Store *store, StatementId id, usec_t before_usec, size_t n_max, int64_t **ret,
        size_t *ret_n) {
        _cleanup_(statement_endp) sqlite3_stmt *s = NULL;
        _cleanup_free_ int64_t *ids = NULL;
        size_t n = 0, n_allocated = 0;
        int r;

        r = statement_begin(store, id, VALUES(usec(before_usec), count(n_max)), &s);
        if (r < 0)
                return r;

        while ((r = statement_step(store, s)) > 0) {
                r = ARRAY_GROW(ids, n_allocated, n + 1);
                if (r < 0)
                        return r;
                ids[n++] = sqlite3_column_int64(s, 0);
        }
        if (r < 0)
                return r;

        *ret = TAKE_PTR(ids);
        *ret_n = n;
        return 0;
}

/* Rows that belong to @id, as many as the budget has. */
static int prune_children(Store *store, StatementId statement, int64_t id, Budget *budget) {
        int r;

        if (budget->n_left == 0)
                return 0;

        r = store_write(store, statement, VALUES(row_id(id), count(budget->n_left)));
        if (r > 0)
                budget_take(budget, r);
        return r;
}

/* The row of @id itself, when the budget reaches so far; then its children are gone. */
static int prune_row(Store *store, StatementId statement, int64_t id, Budget *budget) {
        int r;

        if (budget->n_left == 0)
                return 0;

        r = store_write(store, statement, VALUES(row_id(id)));
        if (r > 0)
                budget_take(budget, r);
        return r;
}

static int prune_texts(Store *store, usec_t before_usec, Budget *budget) {
        _cleanup_free_ int64_t *ids = NULL;
        size_t n = 0;
        int r;

        r = find_ids(store, STATEMENT_PRUNE_TEXTS_FIND, before_usec, budget->n_left, &ids, &n);
        for (size_t i = 0; i < n && r >= 0; i++) {
                r = prune_children(store, STATEMENT_PRUNE_VERDICTS, ids[i], budget);
                if (r >= 0)
                        r = prune_row(store, STATEMENT_PRUNE_TEXTS, ids[i], budget);
                /* Counted too: so a budget of one comes on as well. */
                if (r >= 0)
                        r = prune_row(store, STATEMENT_PRUNE_TEXTS_DONE, ids[i], budget);
        }
        return r;
}

static int prune_alerts(Store *store, usec_t before_usec, Budget *budget) {
        _cleanup_free_ int64_t *ids = NULL;
        size_t n = 0;
        int r;

        r = find_ids(store, STATEMENT_PRUNE_ALERTS_FIND, before_usec, budget->n_left, &ids, &n);
        for (size_t i = 0; i < n && r >= 0; i++) {
                r = prune_children(store, STATEMENT_PRUNE_CLAIMS, ids[i], budget);
                if (r >= 0)
                        r = prune_children(store, STATEMENT_PRUNE_DELIVERIES, ids[i], budget);
                if (r >= 0)
                        r = prune_row(store, STATEMENT_PRUNE_ALERT, ids[i], budget);
        }
        return r;
}

/* 1: more pages than the reserve are still free. */
static int prune_pages(Store *store) {
        int64_t n_free = 0;
        int r;

        r = store_read_integer(store, STATEMENT_FREE_PAGES, NULL, 0, &n_free);
        if (r < 0)
                return r;
        if (n_free <= FREE_PAGES_KEPT)
                return 0;

        r = store_write(store, STATEMENT_PRUNE_VACUUM, NULL, 0);
        if (r < 0)
                return r;

        r = store_read_integer(store, STATEMENT_FREE_PAGES, NULL, 0, &n_free);
        return r < 0 ? r : n_free > FREE_PAGES_KEPT;
}

/* Everything older than this; nothing when the age is infinite or longer than the clock has run. */
static usec_t before(usec_t now_usec, usec_t age_usec) {
        return age_usec == USEC_INFINITY ? 0 : usec_sub(now_usec, age_usec);
}

int store_prune(Store *store, const StoreRetention *retention, usec_t now_usec, size_t n_rows_max) {
        Budget budget = { .n_left = n_rows_max };
        usec_t before_items = before(now_usec, retention->item_usec),
               /* An item cannot outlive its texts the other way round. */
                before_texts = MAX(before(now_usec, retention->text_usec), before_items),
               before_alerts = before(now_usec, retention->alert_usec);
        int r;

        r = prune_texts(store, before_texts, &budget);
        if (r >= 0)
                r = prune_rows(store, STATEMENT_PRUNE_ITEMS, before_items, &budget);
        if (r >= 0)
                r = prune_alerts(store, before_alerts, &budget);
        if (r >= 0)
                r = prune_rows(store, STATEMENT_PRUNE_LOOSE_DELIVERIES, before_alerts, &budget);
        if (r >= 0)
                r = prune_rows(store, STATEMENT_PRUNE_STORIES, before_alerts, &budget);
        if (r < 0)
                return r;

        /* A budget used up is more to do, or looks so: then the next call says 0. */
        return budget.n_left == 0 ? 1 : prune_pages(store);
}
