/* SPDX-License-Identifier: MIT */

/* The road of a page: bytes to a tree (page.c), the tree to a list of its elements (outline.c),
 * without its clutter (clutter.c); from it what the page says of itself (metadata.c, jsonld.c), the
 * element that holds the text (maintext.c), and its paragraphs (render.c). */

#include "article/article.h"

#include <errno.h>

#include "article/clutter.h"
#include "article/maintext.h"
#include "article/metadata.h"
#include "article/outline.h"
#include "article/page.h"
#include "base/str.h"

/* An articleBody of this length is an article and no abstract. */
#define BODY_BYTES_MIN 250
/* And so long it is the text where the page itself shows none. */
#define BODY_BYTES_ALONE_MIN 40
/* So much of its end tells where in the page it is. */
#define CUT_TAIL_BYTES ((size_t) 32)

void article_done(Article *article) {
        free(article->title);
        free(article->url);
        free(article->text);
        free(article->language);
        *article = (Article){};
}

/* Does @body stop where @found goes on within the same paragraph? */
static bool is_cut_off(const char *body, const char *found) {
        size_t n = strlen(body);
        const char *tail, *at;

        if (endswith(body, "\xE2\x80\xA6") || endswith(body, "..."))
                n -= 3;
        if (n < CUT_TAIL_BYTES)
                return false;
        tail = body + n - CUT_TAIL_BYTES;
        at = memmem(found, strlen(found), tail, CUT_TAIL_BYTES);
        return at && strcspn(at + CUT_TAIL_BYTES, "\n") >= CUT_TAIL_BYTES / 2;
}

/* Between what JSON-LD has as the text and what the page shows. Some publishers put a mere abstract
 * into the first, some show the text to no one but browsers. */
static bool prefers_body(const char *body, const Buffer *found) {
        const size_t n = body ? strlen(body) : 0;

        if (found->n_bytes == 0)
                return n >= BODY_BYTES_ALONE_MIN;
        return n >= BODY_BYTES_MIN && n >= found->n_bytes / 2 &&
                !is_cut_off(body, buffer_str(found));
}

static int article_find_text(const Outline *outline, Metadata *metadata, char **ret) {
        _cleanup_(buffer_done) Buffer found = {};
        char *text;
        int r;

        r = maintext_find(outline, metadata->values[METADATA_TITLE].text, &found);
        if (r < 0 && r != -ENODATA)
                return r;

        if (prefers_body(metadata->values[METADATA_BODY].text, &found))
                text = TAKE_PTR(metadata->values[METADATA_BODY].text);
        else if (found.n_bytes > 0)
                text = buffer_take(&found);
        else
                return -ENODATA;
        if (!text)
                return -ENOMEM;

        *ret = text;
        return 0;
}

int article_extract(const void *p, size_t n_bytes, const char *base_url, const char *content_type,
        Article *ret) {
        _cleanup_(xml_doc_freep) XmlDoc *doc = NULL;
        _cleanup_(outline_done) Outline outline = {};
        _cleanup_(metadata_done) Metadata metadata = {};
        _cleanup_(article_done) Article article = {};
        _cleanup_free_ char *page_base = NULL;
        int r;

        r = page_parse(p, MIN(n_bytes, ARTICLE_BYTES_MAX), content_type, &doc, &article.cut);
        if (r >= 0)
                r = outline_build(doc, &outline);
        if (r < 0)
                return r;

        r = outline_drop_clutter(&outline);
        if (r < 0)
                return r;

        r = outline_base_url(&outline, base_url, &page_base);
        if (r < 0)
                return r;
        metadata.base_url = page_base;
        r = metadata_read(&metadata, &outline);
        if (r < 0)
                return r;
        r = article_find_text(&outline, &metadata, &article.text);
        if (r < 0)
                return r;

        article.title = TAKE_PTR(metadata.values[METADATA_TITLE].text);
        article.url = TAKE_PTR(metadata.values[METADATA_URL].text);
        article.language = TAKE_PTR(metadata.values[METADATA_LANGUAGE].text);
        article.published_usec = metadata_time(&metadata, METADATA_PUBLISHED);
        article.modified_usec = metadata_time(&metadata, METADATA_MODIFIED);

        *ret = article;
        article = (Article){};
        return 0;
}
