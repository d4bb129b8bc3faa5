/* SPDX-License-Identifier: MIT */
#pragma once

/* The charsets that can be read, and what publishers call them; for text/ alone. */

#include "base/macro.h"

typedef struct CharsetLabel {
        const char *name;       /* canonical; a label of itself */
        const char *iconv_name; /* what glibc calls it; NULL: see charset_table_find() */
} CharsetLabel;

/* --- charset-labels.c --- */

/* Whatever it is spelled like, with quotes or space around it; NULL when unknown. */
const CharsetLabel *charset_label_find(const char *label);

/* --- charset-tables.c --- */

/* What the bytes from 0x80 on mean in a charset that iconv does not know; 0: nothing. */
const uint16_t *charset_table_find(const char *name);
