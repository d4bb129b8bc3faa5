/* SPDX-License-Identifier: MIT */

#include "article/article.h"

#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "ctl/ctl.h"
#include "ctl/fetch.h"

/* The page of an operand, and what is known of it from outside. */
typedef struct Page {
        Buffer body;
        char *url;          /* where it came from; NULL for a file */
        char *content_type; /* as the server said, or --content-type; NULL */
} Page;

static void page_done(Page *page) {
        buffer_done(&page->body);
        free(page->url);
        free(page->content_type);
}

static int page_load(const CtlArguments *arguments, const char *operand, Page *page) {
        int r;

        if (ctl_operand_is_url(operand))
                r = ctl_fetch(operand, HTTP_PAGE, ARTICLE_BYTES_MAX, &page->body, &page->url,
                        &page->content_type);
        else
                r = ctl_read(operand, ARTICLE_BYTES_MAX, &page->body);
        if (r < 0)
                return r;

        /* What the person says beats what the server says. */
        if (arguments->content_type &&
                free_and_strdup(&page->content_type, arguments->content_type) < 0) {
                fprintf(stderr, "picketctl: failed to read '%s': out of memory\n", operand);
                return -ENOMEM;
        }
        return 0;
}

static json_t *json_string_or_null(const char *s) {
        return s ? json_string(s) : json_null();
}

static json_t *json_time_or_null(usec_t t) {
        return json_string_or_null(FORMAT_RFC3339(t));
}

static int print_json(const Article *article, const char *url) {
        return ctl_print_json(json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "title",
                json_string_or_null(article->title), "url", json_string_or_null(url), "language",
                json_string_or_null(article->language), "published",
                json_time_or_null(article->published_usec), "modified",
                json_time_or_null(article->modified_usec), "text",
                json_string_or_null(article->text)));
}

static int print_readable(const Article *article, const char *url) {
        if (article->title)
                printf("%s\n", article->title);
        if (url)
                printf("%s\n", url);
        if (article->published_usec != USEC_INFINITY)
                printf("Published %s\n", strna(FORMAT_RFC3339(article->published_usec)));
        if (article->title || url || article->published_usec != USEC_INFINITY)
                printf("\n");

        /* An empty line between paragraphs. */
        for (const char *s = article->text; *s;) {
                const size_t n = strcspn(s, "\n");

                printf("%.*s\n%s", (int) n, s, s[n] ? "\n" : "");
                s += n + (s[n] != '\0');
        }

        if (fflush(stdout) == EOF || ferror(stdout)) {
                fprintf(stderr, "picketctl: failed to write the answer: %s\n", strerror(errno));
                return CTL_FAILURE;
        }
        return CTL_OK;
}

int ctl_article(const CtlArguments *arguments) {
        _cleanup_(page_done) Page page = {};
        _cleanup_(article_done) Article article = {
                .published_usec = USEC_INFINITY,
                .modified_usec = USEC_INFINITY,
        };
        const char *operand = arguments->operands[0], *base, *url;
        int r;

        if (arguments->n_operands != 1) {
                fprintf(stderr, "picketctl: article takes one FILE, URL or -\n");
                return CTL_USAGE;
        }

        r = page_load(arguments, operand, &page);
        if (r < 0)
                return CTL_FAILURE;

        base = arguments->base ? arguments->base : page.url;
        r = article_extract(page.body.data, page.body.n_bytes, base, page.content_type, &article);
        if (r == -ENODATA) {
                fprintf(stderr, "picketctl: '%s' has no main text\n", operand);
                /* A program that reads the answer gets one all the same. */
                r = arguments->json ? print_json(&article, page.url) : CTL_OK;
                return r == CTL_OK ? CTL_NO : r;
        }
        if (r == -EBADMSG) {
                fprintf(stderr, "picketctl: '%s' is no HTML page\n", operand);
                return CTL_FAILURE;
        }
        if (r < 0) {
                fprintf(stderr, "picketctl: failed to read '%s': %s\n", operand, strerror(-r));
                return CTL_FAILURE;
        }

        if (article.cut)
                fprintf(stderr, "picketctl: '%s' has too much markup, its end was left unread\n",
                        operand);
        url = article.url ? article.url : page.url;
        return arguments->json ? print_json(&article, url) : print_readable(&article, url);
}
