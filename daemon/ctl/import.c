/* SPDX-License-Identifier: MIT */

/* picketctl import and export: subscription lists into and out of Picket's configuration. import
 * prints what it would be and writes nothing, so that nobody's configuration changes unseen. */

#include <errno.h>
#include <stdio.h>

#include "base/hashmap.h"
#include "base/json.h"
#include "base/url.h"
#include "ctl/ctl.h"
#include "ctl/explain.h"
#include "ctl/fetch.h"
#include "ctl/opml.h"
#include "settings/outline.h"
#include "text/fold.h"

/* Room for "-10000" behind a name that is taken. */
#define STEM_BYTES_MAX (SECTION_NAME_BYTES_MAX - 8)
/* Words of a title that make a name. */
#define NAME_WORDS_MAX 8

static int say_failed(const char *what, int error) {
        fprintf(stderr, "picketctl: failed to %s: %s\n", what, strerror(-error));
        return CTL_FAILURE;
}

static void print_text(const char *text) {
        explain_text(stdout, text, strlen(text));
}

/* --- names --- */

/* The words of @text in [a-z0-9], with hyphens between: accents and Cyrillic become Latin as in
 * profiles. Empty when nothing is left of it. */
static int name_of_text(const char *text, char buf[static STEM_BYTES_MAX + 1]) {
        _cleanup_free_ char *folded = fold_string(text);
        size_t n = 0, n_words = 0;

        if (!folded)
                return -ENOMEM;

        for (const char *s = folded; *s && n < STEM_BYTES_MAX; s++) {
                const bool is_kept = (*s >= 'a' && *s <= 'z') || ascii_isdigit(*s);

                if (is_kept)
                        buf[n++] = *s;
                else if (n > 0 && buf[n - 1] != '-') {
                        if (++n_words == NAME_WORDS_MAX)
                                break;
                        buf[n++] = '-';
                }
        }
        while (n > 0 && buf[n - 1] == '-')
                n--;
        buf[n] = '\0';
        return 0;
}

/* A name that no feed in @taken has: made of the title, else of the host, else "feed". @taken
 * counts how often a stem was used. */
static int feed_name(
        const OpmlFeed *feed, Hashmap *taken, char buf[static SECTION_NAME_BYTES_MAX + 1]) {
        char stem[STEM_BYTES_MAX + 1] = "";
        _cleanup_free_ char *host = NULL;
        uintptr_t n;
        int r = 0;

        if (feed->title)
                r = name_of_text(feed->title, stem);
        if (r >= 0 && stem[0] == '\0') {
                r = url_host(feed->url, &host);
                if (r >= 0)
                        r = name_of_text(host, stem);
        }
        if (r == -ENOMEM)
                return r;
        if (stem[0] == '\0')
                (void) snprintf(stem, sizeof(stem), "feed");

        (void) snprintf(buf, SECTION_NAME_BYTES_MAX + 1, "%s", stem);
        n = (uintptr_t) hashmap_remove(taken, stem);
        do {
                if (++n > 1) /* a list has 10,000 feeds at most */
                        (void) snprintf(buf, SECTION_NAME_BYTES_MAX + 1, "%s-%hu", stem,
                                (unsigned short) n);
        } while (hashmap_get(taken, buf));

        r = hashmap_put(taken, stem, (void *) n);
        if (r >= 0 && !streq(buf, stem))
                r = hashmap_put(taken, buf, (void *) (uintptr_t) 1);
        return r;
}

/* --- import --- */

typedef struct Import {
        const char *operand;
        json_t *feeds; /* with --json */
        char *folder;  /* the last that was printed */
} Import;

static void on_warning(unsigned line, const char *message, void *userdata) {
        const Import *import = userdata;

        fprintf(stderr, "picketctl: %s, line %u: ", import->operand, line);
        explain_text(stderr, message, strlen(message));
        fputc('\n', stderr);
}

static json_t *strings_to_json(char *const *strings) {
        json_t *list = json_array();

        STRV_FOREACH (s, (char **) strings)
                if (list && json_array_append_new(list, json_string(*s)) < 0) {
                        json_decref(list);
                        return NULL;
                }
        return list;
}

static json_t *string_or_null(const char *s) {
        return s ? json_string(s) : json_null();
}

static int list_feed(Import *import, const OpmlFeed *feed, const char *name) {
        json_t *one;

        one = json_pack("{s:s, s:o, s:s, s:o, s:o}", "name", name, "title",
                string_or_null(feed->title), "url", feed->url, "html_url",
                string_or_null(feed->html_url), "folders", strings_to_json(feed->folders));
        return json_array_append_new(import->feeds, one) < 0 ? -ENOMEM : 0;
}

/* A section, below a comment where the folder is another one than before. */
static int print_feed(Import *import, const OpmlFeed *feed, const char *name) {
        _cleanup_free_ char *folder = NULL;

        folder = feed->folders ? strv_join(feed->folders, " / ") : strdup("");
        if (!folder)
                return -ENOMEM;
        if (!streq(folder, strempty(import->folder))) {
                fputs("\n# --- ", stdout);
                print_text(folder[0] ? folder : "without a folder");
                fputs(" ---\n", stdout);
                free(import->folder);
                import->folder = TAKE_PTR(folder);
        }

        printf("\n[feed %s]\n", name);
        if (feed->title) {
                fputs("# ", stdout);
                print_text(feed->title);
                fputc('\n', stdout);
        }
        printf("url = %s\n", feed->url);
        return 0;
}

static int print_list(Import *import, const OpmlList *list) {
        _cleanup_(hashmap_freep) Hashmap *taken = hashmap_new(/* free_value= */ NULL);
        int r = taken ? 0 : -ENOMEM;

        if (!import->feeds) {
                fputs("# Feeds of ", stdout);
                print_text(list->title ? list->title : import->operand);
                fputs(", made by picketctl import\n", stdout);
        }
        for (size_t i = 0; r >= 0 && i < list->n_feeds; i++) {
                char name[SECTION_NAME_BYTES_MAX + 1];

                r = feed_name(list->feeds + i, taken, name);
                if (r < 0)
                        break;
                r = import->feeds ? list_feed(import, list->feeds + i, name)
                                  : print_feed(import, list->feeds + i, name);
        }

        return r;
}

int ctl_import(const CtlArguments *arguments) {
        _cleanup_(opml_list_done) OpmlList list = {};
        _cleanup_(buffer_done) Buffer text = {};
        Import import = { .operand = arguments->operands[0] };
        int r;

        r = ctl_read(import.operand, OPML_BYTES_MAX, &text);
        if (r < 0)
                return CTL_FAILURE;
        r = opml_read(buffer_str(&text), text.n_bytes, on_warning, &import, &list);
        if (r == -EBADMSG) {
                fprintf(stderr, "picketctl: '%s' is no OPML\n", import.operand);
                return CTL_FAILURE;
        }
        if (r < 0)
                return say_failed("read the list", r);
        if (list.n_duplicates > 0)
                fprintf(stderr, "picketctl: %s: %zu feed%s stood there again, merged\n",
                        import.operand, list.n_duplicates, list.n_duplicates == 1 ? "" : "s");

        if (arguments->json) {
                import.feeds = json_array();
                if (!import.feeds)
                        return say_failed("print the list", -ENOMEM);
        } else if (list.n_feeds == 0)
                fprintf(stderr, "picketctl: '%s' has no feed\n", import.operand);

        if (arguments->json || list.n_feeds > 0)
                r = print_list(&import, &list);
        free(import.folder);
        if (r < 0) {
                json_decref(import.feeds);
                return say_failed("print the list", r);
        }
        if (arguments->json && ctl_print_json(json_pack("{s:o}", "feeds", import.feeds)) != CTL_OK)
                return CTL_FAILURE;
        if (fflush(stdout) == EOF)
                return say_failed("print the list", -errno);

        return list.n_feeds > 0 ? CTL_OK : CTL_NO;
}

/* --- export --- */

static void print_attribute(const char *name, const char *value) {
        printf(" %s=\"", name);
        for (const char *s = value; *s; s++)
                switch (*s) {
                case '&':
                        fputs("&amp;", stdout);
                        break;
                case '<':
                        fputs("&lt;", stdout);
                        break;
                case '>':
                        fputs("&gt;", stdout);
                        break;
                case '"':
                        fputs("&quot;", stdout);
                        break;
                default:
                        fputc((unsigned char) *s < ' ' ? ' ' : *s, stdout);
                }
        fputc('"', stdout);
}

static int export_json(const Settings *settings) {
        json_t *feeds = json_array();

        for (size_t i = 0; feeds && i < settings->n_feeds; i++) {
                const FeedSettings *f = settings->feeds + i;

                if (json_array_append_new(feeds,
                            json_pack("{s:s, s:s}", "name", f->name.text, "url", f->url.text)) <
                        0) {
                        json_decref(feeds);
                        feeds = NULL;
                }
        }

        return ctl_print_json(feeds ? json_pack("{s:o}", "feeds", feeds) : NULL);
}

int ctl_export(const CtlArguments *arguments) {
        _cleanup_(settings_freep) Settings *settings = NULL;
        int r;

        r = ctl_load_settings(arguments, &settings);
        if (r != CTL_OK)
                return r;
        if (arguments->json)
                return export_json(settings);

        fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<opml version=\"2.0\">\n"
              "  <head>\n"
              "    <title>Feeds of Picket</title>\n"
              "  </head>\n"
              "  <body>\n",
                stdout);
        for (size_t i = 0; i < settings->n_feeds; i++) {
                fputs("    <outline type=\"rss\"", stdout);
                print_attribute("text", settings->feeds[i].name.text);
                print_attribute("title", settings->feeds[i].name.text);
                print_attribute("xmlUrl", settings->feeds[i].url.text);
                fputs("/>\n", stdout);
        }
        fputs("  </body>\n</opml>\n", stdout);

        if (fflush(stdout) == EOF)
                return say_failed("write the list", -errno);
        return CTL_OK;
}
