/* SPDX-License-Identifier: MIT */

#include "story/content.h"

#include <errno.h>

#include "text/fold.h"

/* What lies behind this much text tells no two entries apart that their beginnings do not. */
#define FOLD_BYTES_MAX ((size_t) 16 * 1024)

void content_done(Content *content) {
        free(content->title);
        free(content->summary);
        *content = (Content){};
}

int content_fold(const char *text, size_t n_bytes_max, char **ret) {
        _cleanup_free_ char *cut = NULL;
        char *folded;

        text = strempty(text);
        if (strlen(text) > n_bytes_max) {
                /* A character cut in two is mended on folding, alike each time. */
                cut = strndup(text, n_bytes_max);
                if (!cut)
                        return -ENOMEM;
                text = cut;
        }

        folded = fold_string(text);
        if (!folded)
                return -ENOMEM;

        *ret = folded;
        return 0;
}

size_t content_count_words(const char *folded) {
        size_t n = *folded != '\0';

        for (; *folded; folded++)
                n += *folded == ' ';
        return n;
}

/* Code points of UTF-8: all bytes but those that continue one. */
static size_t count_chars(const char *s) {
        size_t n = 0;

        for (; *s; s++)
                n += ((unsigned char) *s & 0xc0) != 0x80;
        return n;
}

int content_of_item(const Item *item, Content *ret) {
        _cleanup_(content_done) Content content = {};
        int r;

        r = content_fold(item->title, FOLD_BYTES_MAX, &content.title);
        if (r >= 0)
                r = content_fold(item->summary, FOLD_BYTES_MAX, &content.summary);
        if (r < 0)
                return r;

        content.n_title_words = content_count_words(content.title);
        content.n_summary_words = content_count_words(content.summary);
        content.n_summary_chars = count_chars(content.summary);
        *ret = content;
        content = (Content){};
        return 0;
}
