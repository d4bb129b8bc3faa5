/* SPDX-License-Identifier: MIT */

/* picketctl discover: the feeds of a site. What the page declares and what it links to are
 * candidates; where none of these is a feed, so are the paths where feeds usually are. A candidate
 * counts when its beginning can be parsed as a feed, whatever it calls itself.
 *
 * It asks one thing after the other, and the site for no more than the limits say. */

#include <errno.h>
#include <stdio.h>

#include "article/article.h"
#include "article/links.h"
#include "base/json.h"
#include "base/url.h"
#include "ctl/ctl.h"
#include "ctl/explain.h"
#include "ctl/fetch.h"
#include "feed/feed.h"

/* Enough for the head and some items of any feed. */
#define FEED_BEGINNING_BYTES ((uint64_t) 512 * 1024)
/* A page of a large site declares a dozen, and links to a list of hundreds. */
#define DECLARED_MAX ((size_t) 16)
#define LIKELY_MAX ((size_t) 8)

/* Most frequent first; no more than eight requests on a guess. */
static const char *const well_known[] = { "/feed", "/rss", "/rss.xml", "/atom.xml", "/feed.xml",
        "/index.xml", "/feed.json" };

typedef struct Found {
        char *title;
        FeedFormat format;
        size_t n_items;
} Found;

static void found_done(Found *found) {
        free(found->title);
        *found = (Found){};
}

typedef struct Discovery {
        char **candidates; /* addresses, each once */
        size_t n_declared, n_likely;
        char **found_urls; /* as they are after redirects */
        json_t *feeds;     /* with --json */
} Discovery;

static void discovery_done(Discovery *discovery) {
        strv_free(discovery->candidates);
        strv_free(discovery->found_urls);
        json_decref(discovery->feeds);
}

static int say_failed(int error) {
        fprintf(stderr, "picketctl: failed to look for feeds: %s\n", strerror(-error));
        return CTL_FAILURE;
}

/* --- is it a feed? --- */

static int on_item(const Item *item _unused_, void *userdata) {
        size_t *n_items = userdata;

        (*n_items)++;
        return 0;
}

/* 1 and *ret when the bytes are a feed or the beginning of one, 0 when not, -ENOMEM. */
static int parse_beginning(
        const Buffer *body, const char *url, const char *content_type, Found *ret) {
        _cleanup_(feed_parser_freep) FeedParser *parser = NULL;
        _cleanup_(found_done) Found found = {};
        const FeedHandler handler = { on_item, /* on_warning= */ NULL, &found.n_items };
        const FeedOptions options = { .url = url, .content_type = content_type };
        const FeedInfo *info;
        int r;

        r = feed_parser_new(&options, &handler, &parser);
        if (r >= 0)
                r = feed_parser_push(parser, buffer_str(body), body->n_bytes);
        if (r >= 0)
                r = feed_parser_finish(parser);
        if (r < 0)
                return r == -ENOMEM ? r : 0;

        info = feed_parser_info(parser);
        found.format = info->format;
        r = free_and_strdup(&found.title, info->title);
        if (r < 0)
                return r;

        *ret = found;
        found = (Found){};
        return 1;
}

/* --- what is shown --- */

static int tell(Discovery *discovery, const char *url, const Found *found) {
        int r;

        if (strv_contains(discovery->found_urls, url))
                return 0;
        r = strv_extend(&discovery->found_urls, url);
        if (r < 0)
                return r;

        if (discovery->feeds) {
                json_t *one = json_pack("{s:s, s:o, s:s, s:I}", "url", url, "title",
                        found->title ? json_string(found->title) : json_null(), "format",
                        feed_format_to_string(found->format), "items", (json_int_t) found->n_items);

                return json_array_append_new(discovery->feeds, one) < 0 ? -ENOMEM : 0;
        }

        if (found->title)
                explain_text(stdout, found->title, strlen(found->title));
        else
                fputs("(no title)", stdout);
        printf("\n    %s, %zu item%s\n    %s\n", feed_format_to_string(found->format),
                found->n_items, found->n_items == 1 ? "" : "s", url);
        return 0;
}

/* Fetches a candidate and tells it if it is a feed. 0 or -ENOMEM. */
static int try_candidate(Discovery *discovery, const char *url) {
        _cleanup_free_ char *final_url = NULL, *content_type = NULL;
        _cleanup_(buffer_done) Buffer body = {};
        _cleanup_(found_done) Found found = {};
        int r;

        r = ctl_fetch_quietly(
                url, HTTP_FEED, FEED_BEGINNING_BYTES, &body, &final_url, &content_type);
        if (r >= 0)
                r = parse_beginning(&body, final_url, content_type, &found);
        if (r <= 0)
                return r == -ENOMEM ? r : 0;

        return tell(discovery, final_url, &found);
}

/* --- where to look --- */

static int on_link(FeedLinkKind kind, const char *url, const char *title _unused_, void *userdata) {
        Discovery *discovery = userdata;
        size_t *n = kind == FEED_LINK_DECLARED ? &discovery->n_declared : &discovery->n_likely;

        if (*n >= (kind == FEED_LINK_DECLARED ? DECLARED_MAX : LIKELY_MAX) ||
                strv_contains(discovery->candidates, url))
                return 0;
        (*n)++;
        return strv_extend(&discovery->candidates, url);
}

static int try_well_known(Discovery *discovery, const char *base_url) {
        for (size_t i = 0; i < ELEMENTSOF(well_known) && !discovery->found_urls; i++) {
                _cleanup_free_ char *url = NULL;
                int r;

                r = url_resolve(base_url, well_known[i], &url);
                if (r < 0)
                        return r;
                if (strv_contains(discovery->candidates, url))
                        continue;
                r = try_candidate(discovery, url);
                if (r < 0)
                        return r;
        }

        return 0;
}

static int look_around(
        Discovery *discovery, const Buffer *page, const char *url, const char *content_type) {
        int r;

        r = article_feed_links(
                buffer_str(page), page->n_bytes, url, content_type, on_link, discovery);
        if (r < 0 && r != -EBADMSG)
                return r;

        STRV_FOREACH (candidate, discovery->candidates) {
                r = try_candidate(discovery, *candidate);
                if (r < 0)
                        return r;
        }

        return discovery->found_urls ? 0 : try_well_known(discovery, url);
}

int ctl_discover(const CtlArguments *arguments) {
        const char *operand = arguments->operands[0];
        _cleanup_free_ char *url = NULL, *content_type = NULL;
        _cleanup_(discovery_done) Discovery discovery = {};
        _cleanup_(buffer_done) Buffer page = {};
        _cleanup_(found_done) Found found = {};
        int r;

        if (!ctl_operand_is_url(operand)) {
                fprintf(stderr,
                        "picketctl: discover needs an address that begins with http:// or "
                        "https://\n");
                return CTL_USAGE;
        }
        r = ctl_fetch(operand, HTTP_PAGE, ARTICLE_BYTES_MAX, &page, &url, &content_type);
        if (r < 0)
                return CTL_FAILURE;
        if (arguments->json) {
                discovery.feeds = json_array();
                if (!discovery.feeds)
                        return say_failed(-ENOMEM);
        }

        r = parse_beginning(&page, url, content_type, &found);
        if (r > 0) {
                fprintf(stderr, "picketctl: this is a feed itself\n");
                r = tell(&discovery, url, &found);
        } else if (r == 0)
                r = look_around(&discovery, &page, url, content_type);
        if (r < 0)
                return say_failed(r);

        if (!discovery.found_urls)
                fprintf(stderr, "picketctl: no feed was found\n");
        if (arguments->json &&
                ctl_print_json(json_pack("{s:O}", "feeds", discovery.feeds)) != CTL_OK)
                return CTL_FAILURE;
        if (fflush(stdout) == EOF)
                return say_failed(-errno);

        return discovery.found_urls ? CTL_OK : CTL_NO;
}
