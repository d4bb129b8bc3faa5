/* SPDX-License-Identifier: MIT */
#pragma once

/* What goes from the sieve to libxml2, and around it. Long runs of text hold nothing that libxml2
 * could tell, but it looks at each of their bytes twice and copies them. So only the place of such
 * a run is in the XML, marked by a processing instruction (the feed's own ones are left out), and
 * the text itself, decoded, goes beside. That halves the time of a feed with whole articles. */

#include "base/macro.h"

#define PIECE_MARK "<?t?>"
/* From this length on it pays: a mark costs libxml2 as much as some 60 bytes of text. */
#define PIECE_TEXT_BYTES_MIN ((size_t) 64)
#define PIECE_TEXTS_MAX ((size_t) 128)

typedef struct Piece {
        const char *xml;
        size_t n_xml;
        const char *texts; /* one behind the other */
        size_t text_bytes[PIECE_TEXTS_MAX];
        size_t n_texts; /* as many as there are marks in @xml */
} Piece;
