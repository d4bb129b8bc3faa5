/* SPDX-License-Identifier: MIT */
#pragma once

/* What outbox.c and desktop.c share. For store/ alone. */

#include "store/database.h"

/* All rows of @statement, begun and made of DELIVERY_SELECT. For delivery_array_free(). */
int deliveries_read(
        Store *store, sqlite3_stmt *statement, Delivery **ret, size_t *ret_n) _warn_unused_;
