/* SPDX-License-Identifier: MIT */

/* picketctl score: scores a text, a page or the items of a feed against the profiles of the
 * configuration, and explains the result. Reads no pages of a feed's items.
 *
 * What the operand is, its content says: a feed is what the feed parser takes; else what begins
 * with a tag is a page; anything else is plain text, all of it body. With --title or --summary it
 * is one item, and the operand its body. */

#include <errno.h>

#include "article/article.h"
#include "base/log.h"
#include "ctl/ctl.h"
#include "ctl/explain.h"
#include "ctl/fetch.h"
#include "feed/feed.h"
#include "match/document.h"
#include "match/profile.h"
#include "model/verdict.h"
#include "text/markup.h"
#include "text/utf8.h"

/* A file is read as far as this: the largest archives of feeds, several times over. */
#define SCORE_BYTES_MAX (UINT64_C(64) * 1024 * 1024)
/* A profile's name is suggested when this many letters differ. */
#define SUGGESTION_DISTANCE_MAX 3

typedef struct Score {
        const CtlArguments *arguments;
        Settings *settings;
        ProfileSet *profiles;
        const FeedSettings *feed; /* whose address the operand is; NULL */
        Buffer body;
        char *url, *content_type; /* of a fetched operand */
        json_t *items;            /* with --json */
        size_t n_items, n_matched;
} Score;

static void score_done(Score *score) {
        settings_free(score->settings);
        profile_set_free(score->profiles);
        buffer_done(&score->body);
        free(score->url);
        free(score->content_type);
        json_decref(score->items);
        *score = (Score){};
}

/* --- one item --- */

static json_t *string_or_null(const char *s) {
        return isempty(s) ? json_null() : json_string(s);
}

static int item_to_json(
        Score *score, const char *title, const char *link, const Verdict *verdicts, size_t n) {
        json_t *profiles = json_array();

        for (size_t i = 0; profiles && i < n; i++)
                if (json_array_append_new(profiles, verdict_to_json(&verdicts[i])) < 0) {
                        json_decref(profiles);
                        return -ENOMEM;
                }

        return json_array_append_new(score->items,
                       json_pack("{so so so}", "title", string_or_null(title), "link",
                               string_or_null(link), "profiles", profiles)) < 0
                ? -ENOMEM
                : 0;
}

static void item_explain(Score *score, const char *title, const char *link,
        const Document *document, const Verdict *verdicts, size_t n) {
        if (score->n_items > 0)
                putchar('\n');
        if (isempty(title))
                fputs("(no title)", stdout);
        else
                explain_text(stdout, title, strlen(title));
        putchar('\n');
        if (!isempty(link)) {
                fputs("  ", stdout);
                explain_text(stdout, link, strlen(link));
                putchar('\n');
        }

        for (size_t i = 0; i < n; i++)
                explain_verdict(stdout, &verdicts[i], document, score->arguments->color);
}

static int score_item(Score *score, const DocumentSource *source, const char *link) {
        size_t n = profile_set_size(score->profiles);
        _cleanup_free_ char *buffer = NULL;
        Verdict *verdicts = NULL;
        Document document;
        BodyState body;
        bool matched = false;
        int r;

        r = document_make(source, &document, &body, &buffer);
        if (r < 0)
                return r;
        r = profile_set_score(score->profiles, &document,
                score->feed ? score->feed->weight_milli : 1000, &verdicts);
        if (r < 0)
                return r;

        for (size_t i = 0; i < n && r >= 0; i++) {
                verdicts[i].body = body;
                matched = matched || verdicts[i].matched;
                r = verdict_quote(&verdicts[i], &document);
        }
        if (r >= 0 && score->items)
                r = item_to_json(score, source->title, link, verdicts, n);
        else if (r >= 0)
                item_explain(score, source->title, link, &document, verdicts, n);
        verdict_array_free(verdicts, n);

        score->n_items++;
        score->n_matched += matched;
        return r;
}

/* --- what the operand may be --- */

static int join(const char *const *list, char **ret) {
        static const char separator[] = { FIELD_LIST_SEPARATOR, '\0' };

        *ret = list ? strv_join((char *const *) list, separator) : strdup("");
        return *ret ? 0 : -ENOMEM;
}

static int on_item(const Item *item, void *userdata) {
        _cleanup_free_ char *authors = NULL, *categories = NULL;
        Score *score = userdata;
        int r;

        r = join(item->authors, &authors);
        if (r < 0)
                return r;
        r = join(item->categories, &categories);
        if (r < 0)
                return r;

        return score_item(score,
                &(DocumentSource){
                        .title = item->title,
                        .summary = item->summary,
                        .content = item->content,
                        .authors = authors,
                        .categories = categories,
                        .feed = score->feed ? score->feed->name.text : NULL,
                },
                item->link);
}

/* 0, -EBADMSG when it is no feed, or another error. */
static int score_feed(Score *score) {
        const FeedHandler handler = { .on_item = on_item, .userdata = score };
        const FeedOptions options = { .url = score->url, .content_type = score->content_type };
        _cleanup_(feed_parser_freep) FeedParser *parser = NULL;
        int r;

        r = feed_parser_new(&options, &handler, &parser);
        if (r < 0)
                return r;
        r = feed_parser_push(parser, score->body.data, score->body.n_bytes);
        if (r >= 0)
                r = feed_parser_finish(parser);
        if (r != -EBADMSG || score->n_items == 0)
                return r;

        fprintf(stderr, "picketctl: the feed ends in error: %s\n",
                strna(feed_parser_error(parser)));
        return -EIO;
}

static bool looks_like_page(const Score *score) {
        const char *s = buffer_str(&score->body), *behind_mark = startswith(s, "\xef\xbb\xbf");

        if (score->content_type)
                return strcasestr(score->content_type, "html") != NULL;

        if (behind_mark)
                s = behind_mark;
        while (ascii_isspace(*s))
                s++;
        return *s == '<';
}

/* The text of a page without main text, of a fragment, or plain text as it is. */
static int plain_text(const Score *score, bool markup, char **ret) {
        _cleanup_(buffer_done) Buffer mended = {}, text = {};
        int r;

        r = utf8_append_mended(&mended, buffer_str(&score->body), score->body.n_bytes);
        if (r >= 0)
                r = markup ? markup_to_text(buffer_str(&mended), mended.n_bytes, &text)
                           : text_fold_space(buffer_str(&mended), mended.n_bytes, &text);
        if (r < 0)
                return r;

        *ret = buffer_take(&text);
        return *ret ? 0 : -ENOMEM;
}

/* Reads the operand as a page or plain text. *ret is for article_done(). */
static int read_page(const Score *score, Article *ret) {
        bool page = looks_like_page(score);
        int r = -EBADMSG;

        *ret = (Article){};
        if (page)
                r = article_extract(score->body.data, score->body.n_bytes, score->url,
                        score->content_type, ret);
        if (r == -ENODATA)
                fprintf(stderr, "picketctl: no main text found, taking all of the page's text\n");
        if (r == -ENODATA || r == -EBADMSG)
                r = plain_text(score, page, &ret->text);
        return r;
}

static int mend(const char *s, char **ret) {
        _cleanup_(buffer_done) Buffer b = {};

        if (!s)
                return 0;
        if (utf8_append_mended(&b, s, strlen(s)) < 0)
                return -ENOMEM;

        *ret = buffer_take(&b);
        return *ret ? 0 : -ENOMEM;
}

static int score_page(Score *score) {
        _cleanup_free_ char *title = NULL, *summary = NULL;
        _cleanup_(article_done) Article article = {};
        DocumentSource source;
        int r;

        r = mend(score->arguments->title, &title);
        if (r < 0)
                return r;
        r = mend(score->arguments->summary, &summary);
        if (r < 0)
                return r;
        if (score->arguments->n_operands > 0) {
                r = read_page(score, &article);
                if (r < 0)
                        return r;
        }

        source = (DocumentSource){ .title = title ?: article.title, .summary = summary };
        if (looks_like_page(score))
                source.page_text = article.text;
        else
                source.content = article.text;
        return score_item(score, &source, article.url ?: score->url);
}

/* --- the verb --- */

/* Compiles the profiles asked for, all of them by default. */
static int compile_profiles(Score *score) {
        const Settings *settings = score->settings;
        _cleanup_(diags_done) Diags diags = {};
        _cleanup_free_ ProfileSettings *chosen = NULL;
        size_t n_chosen = 0;
        int r;

        chosen = new (ProfileSettings, settings->n_profiles + 1);
        if (!chosen)
                return log_oom(), CTL_FAILURE;

        STRV_FOREACH (name, score->arguments->profiles) {
                const char *best = NULL;
                unsigned best_distance = SUGGESTION_DISTANCE_MAX + 1;

                if (settings_find_profile(settings, *name))
                        continue;
                for (size_t i = 0; i < settings->n_profiles; i++) {
                        unsigned distance = str_distance(*name, settings->profiles[i].name.text);

                        if (distance < best_distance) {
                                best = settings->profiles[i].name.text;
                                best_distance = distance;
                        }
                }
                fprintf(stderr, "picketctl: there is no profile '%s'%s%s%s\n", *name,
                        best ? ", did you mean '" : "", strempty(best), best ? "'?" : "");
                return CTL_USAGE;
        }
        for (size_t i = 0; i < settings->n_profiles; i++)
                if (!score->arguments->profiles ||
                        strv_contains(score->arguments->profiles, settings->profiles[i].name.text))
                        chosen[n_chosen++] = settings->profiles[i];
        if (n_chosen == 0)
                fprintf(stderr, "picketctl: the configuration has no profile\n");

        r = profile_set_new(chosen, n_chosen, &diags, &score->profiles);
        diags_print(&diags, stderr, score->arguments->color);
        if (r == -ENOMEM)
                log_oom();
        return r < 0 ? CTL_FAILURE : CTL_OK;
}

/* 0 or negative; what went wrong was said. */
static int read_operand(Score *score) {
        const char *operand = score->arguments->operands[0];

        if (!operand)
                return 0;
        if (!ctl_operand_is_url(operand)) {
                if (free_and_strdup(&score->url, score->arguments->base) < 0 ||
                        free_and_strdup(&score->content_type, score->arguments->content_type) < 0)
                        return log_oom(), -ENOMEM;
                return ctl_read(operand, SCORE_BYTES_MAX, &score->body);
        }

        for (size_t i = 0; i < score->settings->n_feeds; i++)
                if (streq(score->settings->feeds[i].url.text, operand))
                        score->feed = &score->settings->feeds[i];
        return ctl_fetch(operand, HTTP_PAGE, FEED_BYTES_MAX, &score->body, &score->url,
                &score->content_type);
}

int ctl_score(const CtlArguments *arguments) {
        bool one = arguments->title || arguments->summary;
        _cleanup_(score_done) Score score = { .arguments = arguments };
        int r;

        if (arguments->n_operands > 1 || (arguments->n_operands == 0 && !one)) {
                fprintf(stderr,
                        "picketctl: score takes one file, address or '-', or --title and "
                        "--summary\n");
                return CTL_USAGE;
        }

        r = ctl_load_settings(arguments, &score.settings);
        if (r != CTL_OK)
                return r;
        r = compile_profiles(&score);
        if (r != CTL_OK)
                return r;
        if (read_operand(&score) < 0)
                return CTL_FAILURE;
        if (arguments->json) {
                score.items = json_array();
                if (!score.items)
                        return log_oom(), CTL_FAILURE;
        }

        r = one ? -EBADMSG : score_feed(&score);
        if (r == -EBADMSG)
                r = score_page(&score);
        if (r < 0) {
                fprintf(stderr, "picketctl: failed to score: %s\n", strerror(-r));
                return CTL_FAILURE;
        }

        if (arguments->json)
                r = ctl_print_json(json_pack("{sO}", "items", score.items));
        else {
                if (score.n_items != 1)
                        printf("%s%zu of %zu items matched\n", score.n_items > 0 ? "\n" : "",
                                score.n_matched, score.n_items);
                r = fflush(stdout) == EOF ? CTL_FAILURE : CTL_OK;
        }
        return r != CTL_OK ? r : score.n_matched > 0 ? CTL_OK : CTL_NO;
}
