/* SPDX-License-Identifier: MIT */
#pragma once

/* The table behind entity_decode(); for text/ alone. */

#include "base/macro.h"

/* "CounterClockwiseContourIntegral" is the longest name, "Aacute" and its like the longest without
 * a semicolon. A test holds the table to these. */
#define ENTITY_NAME_BYTES_MAX 31
#define ENTITY_LEGACY_NAME_BYTES_MAX 6

typedef struct EntityName {
        const char *name, *text; /* text: UTF-8, one or two code points */
        bool legacy;             /* may stand without its semicolon */
} EntityName;

extern const EntityName entity_names[]; /* sorted by name, as strcmp() does */
extern const size_t n_entity_names;
