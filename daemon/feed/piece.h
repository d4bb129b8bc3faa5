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

/* Hands out the texts of a piece as their marks are met. Embedded; zeroed between two pieces, when
 * a mark means nothing. */
typedef struct PieceTexts {
        const Piece *piece;
        const char *next;
        size_t n_read;
} PieceTexts;

static inline PieceTexts piece_texts(const Piece *piece) {
        return (PieceTexts){ .piece = piece, .next = piece->texts };
}

static inline bool piece_texts_next(PieceTexts *texts, const char **ret, size_t *ret_n_bytes) {
        if (!texts->piece || texts->n_read == texts->piece->n_texts)
                return false;

        *ret = texts->next;
        *ret_n_bytes = texts->piece->text_bytes[texts->n_read++];
        texts->next += *ret_n_bytes;
        return true;
}
