/* SPDX-License-Identifier: MIT */

#include "article/article.h"

#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes) {
        _cleanup_(article_done) Article article = {};

        if (article_extract(data, n_bytes, "https://example.org/news/page",
                    /* content_type= */ NULL, &article) < 0)
                return 0;

        if (!article.text || !utf8_is_valid(article.text, strlen(article.text)))
                abort();
        if (article.title && !utf8_is_valid(article.title, strlen(article.title)))
                abort();
        return 0;
}
