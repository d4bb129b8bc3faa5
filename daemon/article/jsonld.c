/* SPDX-License-Identifier: MIT */

/* JSON-LD of schema.org, read for what publishers write: an object, a list of objects, or a @graph
 * of them. Pages also describe the stories that they lead to. So all scripts are gathered first:
 * when some article has this page's address or headline, the others are not looked at; otherwise
 * the first is the page's. */

#include "article/metadata.h"

#include <errno.h>
#include <jansson.h>

#include "article/clutter.h"
#include "article/maintext.h"
#include "article/page.h"
#include "base/str.h"
#include "text/markup.h"

/* Lists of hundreds of related articles occur; the page's own comes early. */
#define JSONLD_OBJECTS_MAX 200
/* The list of scripts is the first level. */
#define JSONLD_DEPTH_MAX 7

/* How much further behind a page's own statements rank than those of its article. */
#define RANK_OF_PAGE 5u
#define RANK_OF_SALVAGE 28u
/* A longer string is no date. */
#define DATE_BYTES_MAX 48

/* Of all scripts of a page, as the loop waits for it. Real ones have some hundred values, a live
 * blog's a few thousand, and 100 KiB. */
#define JSONLD_BYTES_MAX ((size_t) 512 * 1024)
#define JSONLD_VALUES_MAX 10000u
/* A tenth of a page's. */
#define BODY_WORK_MAX (PAGE_WORK_MAX / 10)

typedef json_t Json;

static Json *json_free(Json *json) {
        json_decref(json);
        return NULL;
}
DEFINE_POINTER_CLEANUP(Json, json_free);

/* A shorter headline is of a column. */
#define HEADLINE_BYTES_MIN 12

typedef struct JsonLd {
        Metadata *metadata;
        unsigned n_objects, n_own; /* n_own: articles that are known to be this page's */
        bool counts;               /* the first walk: only n_own is wanted */
} JsonLd;

static const char *member_string(const json_t *object, const char *key) {
        const json_t *value = json_object_get(object, key);

        /* A list of one, or of several from which the first will do. */
        if (json_is_array(value))
                value = json_array_get(value, 0);
        return json_string_value(value);
}

/* "NewsArticle", "https://schema.org/Article", ["Article", "BlogPosting"] */
static bool type_ends_with(const json_t *object, const char *suffix) {
        const json_t *type = json_object_get(object, "@type");
        const json_t *one;
        size_t i;

        if (json_is_string(type))
                return endswith(json_string_value(type), suffix);
        json_array_foreach (type, i, one) {
                if (json_is_string(one) && endswith(json_string_value(one), suffix))
                        return true;
        }

        return false;
}

static bool is_article(const json_t *object) {
        return json_object_get(object, "articleBody") || type_ends_with(object, "Article") ||
                type_ends_with(object, "Posting") || type_ends_with(object, "Report");
}

/* --- whose article? --- */

static bool is_of_page(const Metadata *metadata, const json_t *object) {
        static const char *const members[] = { "url", "@id", "mainEntityOfPage" };
        const char *url = metadata->values[METADATA_URL].text;
        const char *title = metadata->values[METADATA_TITLE].text;
        const char *headline = member_string(object, "headline");

        for (size_t i = 0; i < ELEMENTSOF(members); i++) {
                const json_t *value = json_object_get(object, members[i]);
                const char *said = json_is_object(value) ? member_string(value, "@id")
                                                         : member_string(object, members[i]);

                if (is_same_path(said, url) || (!url && is_same_path(said, metadata->base_url)))
                        return true;
        }

        /* The title may have the site's name behind it. */
        return title && headline && strlen(headline) >= HEADLINE_BYTES_MIN &&
                startswith(title, headline);
}

/* --- the text --- */

/* The text with its markup, rendered like a page. 0 or -ENOMEM. */
static int body_from_markup(const char *html, Buffer *out) {
        _cleanup_(xml_doc_freep) XmlDoc *doc = NULL;
        _cleanup_(outline_done) Outline outline = {};
        int r;

        r = page_parse_text(html, strlen(html), BODY_WORK_MAX, &doc, /* ret_cut= */ NULL);
        if (r >= 0)
                r = outline_build(doc, &outline);
        if (r < 0)
                return r == -ENOMEM ? r : 0;

        r = outline_drop_clutter(&outline);
        if (r < 0)
                return r;
        return maintext_render(outline.elements, /* title= */ NULL, out);
}

static int body_from_lines(const char *text, Buffer *out) {
        int r;

        while (*text) {
                const size_t n_before = out->n_bytes;
                size_t n = 0;

                while (text[n] != '\0' && text[n] != '\r' && text[n] != '\n')
                        n++;
                if (n_before > 0) {
                        r = buffer_append_char(out, '\n');
                        if (r < 0)
                                return r;
                }
                r = text_has_markup(text, n) ? markup_to_text(text, n, out)
                                             : text_fold_space(text, n, out);
                if (r < 0)
                        return r;
                /* An empty line leaves nothing behind, not even its line break. */
                if (out->n_bytes == n_before + (n_before > 0))
                        buffer_truncate(out, n_before);
                text += n + (text[n] != '\0');
        }

        return 0;
}

/* articleBody is longer than metadata_offer() takes, and has paragraphs. */
static int offer_body(Metadata *metadata, const char *text) {
        MetadataValue *value = metadata->values + METADATA_BODY;
        _cleanup_(buffer_done) Buffer plain = {}, out = {};
        int r;

        if (!text || value->text)
                return 0;

        /* Escaped once for the page, though a script takes no references. */
        if (strcasestr(text, "&lt;p") && !strchr(text, '<')) {
                r = markup_to_text(text, strlen(text), &plain);
                if (r < 0)
                        return r;
                text = buffer_str(&plain);
        }
        if (strcasestr(text, "<p") || strcasestr(text, "<br") || strcasestr(text, "<div"))
                r = body_from_markup(text, &out);
        else
                r = body_from_lines(text, &out);
        if (r < 0 || out.n_bytes == 0)
                return r;

        value->text = buffer_take(&out);
        return 0;
}

/* The entries of a LiveBlogPosting, each with its headline, behind its @abstract (may be NULL). */
static int offer_updates(Metadata *metadata, const char *abstract, const json_t *updates) {
        static const char *const members[] = { "headline", "articleBody" };
        _cleanup_(buffer_done) Buffer text = {};
        const json_t *one;
        size_t i;
        int r;

        if (abstract && json_array_size(updates) > 0) {
                r = buffer_printf(&text, "%s\n", abstract);
                if (r < 0)
                        return r;
        }

        json_array_foreach (updates, i, one) {
                for (size_t k = 0; k < ELEMENTSOF(members); k++) {
                        const char *s = member_string(one, members[k]);

                        if (!s)
                                continue;
                        r = buffer_append_str(&text, s);
                        if (r >= 0)
                                r = buffer_append_char(&text, '\n');
                        if (r < 0)
                                return r;
                }
        }

        return text.n_bytes > 0 ? offer_body(metadata, buffer_str(&text)) : 0;
}

/* --- walks --- */

static int offer_object(JsonLd *ld, const json_t *object) {
        /* Ranks among those of metadata.c. */
        static const struct {
                const char *member;
                MetadataKey key;
                unsigned rank;
        } members[] = {
                { "headline", METADATA_TITLE, 20 },
                { "url", METADATA_URL, 40 },
                { "datePublished", METADATA_PUBLISHED, 20 },
                { "dateModified", METADATA_MODIFIED, 20 },
                { "inLanguage", METADATA_LANGUAGE, 40 },
        };
        Metadata *metadata = ld->metadata;
        const bool article = is_article(object);
        const char *body;
        int r;

        if (ld->counts) {
                ld->n_own += article && is_of_page(metadata, object);
                return 0;
        }
        if (article && ld->n_own > 0 && !is_of_page(metadata, object))
                return 0;
        if (!article && !type_ends_with(object, "WebPage"))
                return 0;

        for (size_t i = 0; i < ELEMENTSOF(members); i++) {
                r = metadata_offer(metadata, members[i].key,
                        members[i].rank + (article ? 0 : RANK_OF_PAGE),
                        member_string(object, members[i].member));
                if (r < 0)
                        return r;
        }

        if (!article)
                return 0;
        body = member_string(object, "articleBody");
        r = offer_updates(metadata, body, json_object_get(object, "liveBlogUpdate"));
        return r < 0 ? r : offer_body(metadata, body);
}

/* Depth-bounded, and so few levels that it may recurse. */
static int jsonld_visit(JsonLd *ld, const json_t *json, unsigned depth) {
        static const char *const inner[] = { "@graph", "mainEntity", "mainEntityOfPage" };
        const json_t *one;
        size_t i;
        int r;

        if (depth >= JSONLD_DEPTH_MAX || ld->n_objects >= JSONLD_OBJECTS_MAX)
                return 0;

        if (json_is_array(json)) {
                json_array_foreach (json, i, one) {
                        r = jsonld_visit(ld, one, depth + 1);
                        if (r < 0)
                                return r;
                }
                return 0;
        }
        if (!json_is_object(json))
                return 0;

        ld->n_objects++;
        r = offer_object(ld, json);
        for (i = 0; r >= 0 && i < ELEMENTSOF(inner); i++)
                r = jsonld_visit(ld, json_object_get(json, inner[i]), depth + 1);
        return r;
}

/* Scripts come wrapped in "<!--" or "//<![CDATA[", with raw line breaks in strings and with commas
 * before a closing bracket, none of which JSON has; outside of strings a space is as good. Returns
 * how many values there are at most. */
static unsigned mend_json(char *s) {
        char *comma = NULL;
        bool in_string = false;
        unsigned n_values = 0;

        for (; *s; s++) {
                if ((unsigned char) *s < ' ')
                        *s = ' ';
                if (in_string && *s == '\\' && s[1] != '\0')
                        s++;
                else if (*s == '"')
                        in_string = !in_string;
                if (in_string || *s == ' ')
                        continue;
                n_values += *s == ',' || *s == '[' || *s == '{';
                if ((*s == '}' || *s == ']') && comma)
                        *comma = ' ';
                comma = *s == ',' ? s : NULL;
        }

        return n_values;
}

/* What is no JSON, as of a template that does not escape quotes, still has its dates: the first of
 * each name, since those of other things come behind. */
static int salvage_dates(Metadata *metadata, const char *json) {
        static const struct {
                const char *member;
                MetadataKey key;
        } members[] = {
                { "\"datePublished\"", METADATA_PUBLISHED },
                { "\"dateModified\"", METADATA_MODIFIED },
        };

        for (size_t i = 0; i < ELEMENTSOF(members); i++) {
                const char *s = strstr(json, members[i].member);
                char value[DATE_BYTES_MAX] = "";
                size_t n;
                int r;

                if (!s)
                        continue;
                s += strlen(members[i].member);
                s += strspn(s, " :");
                n = *s == '"' ? strcspn(s + 1, "\"") : 0;
                if (n == 0 || n >= sizeof(value))
                        continue;
                memcpy(value, s + 1, n);
                r = metadata_offer(metadata, members[i].key, RANK_OF_SALVAGE, value);
                if (r < 0)
                        return r;
        }

        return 0;
}

/* What is left of the limits of a page. */
typedef struct ScriptLimits {
        size_t n_bytes;
        unsigned n_values;
} ScriptLimits;

/* Appends what the script says to the list @all, within what is left. */
static int read_script(Metadata *metadata, const char *text, ScriptLimits *left, json_t *all) {
        _cleanup_free_ char *clean = NULL;
        json_error_t error;
        const char *start;
        unsigned n_values;
        json_t *json;
        size_t n;

        start = strpbrk(text, "{[");
        if (start && strncmp(start, "[CDATA[", 7) == 0)
                start = strpbrk(start + 7, "{[");
        if (!start)
                return 0;
        n = strlen(start);
        if (n > left->n_bytes)
                return 0;
        left->n_bytes -= n;
        clean = strdup(start);
        if (!clean)
                return -ENOMEM;
        n_values = mend_json(clean);
        if (n_values > left->n_values)
                return salvage_dates(metadata, clean);
        left->n_values -= n_values;

        json = json_loads(clean, JSON_DISABLE_EOF_CHECK, &error);
        if (!json)
                return json_error_code(&error) == json_error_out_of_memory
                        ? -ENOMEM
                        : salvage_dates(metadata, clean);
        return json_array_append_new(all, json) < 0 ? -ENOMEM : 0;
}

static int read_scripts(Metadata *metadata, const Outline *outline, json_t *all) {
        ScriptLimits left = { JSONLD_BYTES_MAX, JSONLD_VALUES_MAX };

        for (size_t i = 0; i < outline->n_elements; i++) {
                const PageElement *e = outline->elements + i;
                const char *type =
                        element_is(e, "script") ? element_attribute(e->node, "type") : NULL;
                int r;

                if (!type || !startswith_nocase(type, "application/ld+json") ||
                        !e->node->children || !e->node->children->content)
                        continue;
                r = read_script(metadata, (const char *) e->node->children->content, &left, all);
                if (r < 0)
                        return r;
        }

        return 0;
}

int jsonld_read(Metadata *metadata, const Outline *outline) {
        _cleanup_(json_freep) Json *all = json_array();
        JsonLd ld = { .metadata = metadata, .counts = true };
        int r;

        if (!all)
                return -ENOMEM;
        r = read_scripts(metadata, outline, all);
        if (r >= 0)
                r = jsonld_visit(&ld, all, /* depth= */ 0);
        if (r < 0)
                return r;

        ld.counts = false;
        ld.n_objects = 0;
        return jsonld_visit(&ld, all, /* depth= */ 0);
}
