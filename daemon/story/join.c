/* SPDX-License-Identifier: MIT */

#include "story/join.h"

#include "story/content.h"

int join_by_content(const Item *item) {
        _cleanup_(content_done) Content content = {};
        int r;

        r = content_of_item(item, &content);
        if (r < 0)
                return r;

        return content.n_title_words >= CONTENT_WORDS_MIN ||
                (content.n_title_words > 0 && content.n_summary_chars >= CONTENT_SUMMARY_CHARS_MIN);
}

bool join_by_link(const IdentityCandidates *candidates) {
        return !candidates->by_link;
}
