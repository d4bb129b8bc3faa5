/* SPDX-License-Identifier: MIT */

/* JSON-LD of schema.org, read for what publishers write: an object, a list of objects, or a @graph
 * of them. The first article in it is the page's. */

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
#define JSONLD_DEPTH_MAX 6

/* How much further behind a page's own statements rank than those of its article. */
#define RANK_OF_PAGE 5u

typedef json_t Json;

static Json *json_free(Json *json) {
        json_decref(json);
        return NULL;
}
DEFINE_POINTER_CLEANUP(Json, json_free);

typedef struct JsonLd {
        Metadata *metadata;
        unsigned n_objects;
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

/* The text with its markup, rendered like a page. 0 or -ENOMEM. */
static int body_from_markup(const char *html, Buffer *out) {
        _cleanup_(xml_doc_freep) XmlDoc *doc = NULL;
        _cleanup_(outline_done) Outline outline = {};
        int r;

        r = page_parse_text(html, strlen(html), &doc);
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
                const size_t n = strcspn(text, "\r\n"), n_before = out->n_bytes;

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
        _cleanup_(buffer_done) Buffer out = {};
        int r;

        if (!text || value->text)
                return 0;

        if (strcasestr(text, "<p") || strcasestr(text, "<br") || strcasestr(text, "<div"))
                r = body_from_markup(text, &out);
        else
                r = body_from_lines(text, &out);
        if (r < 0 || out.n_bytes == 0)
                return r;

        value->text = buffer_take(&out);
        return 0;
}

/* The entries of a LiveBlogPosting, each with its headline. */
static int offer_updates(Metadata *metadata, const json_t *updates) {
        static const char *const members[] = { "headline", "articleBody" };
        _cleanup_(buffer_done) Buffer text = {};
        const json_t *one;
        size_t i;
        int r;

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

static int offer_object(Metadata *metadata, const json_t *object) {
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
        const bool article = is_article(object);
        int r;

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
        r = offer_body(metadata, member_string(object, "articleBody"));
        return r < 0 ? r : offer_updates(metadata, json_object_get(object, "liveBlogUpdate"));
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
        r = offer_object(ld->metadata, json);
        for (i = 0; r >= 0 && i < ELEMENTSOF(inner); i++)
                r = jsonld_visit(ld, json_object_get(json, inner[i]), depth + 1);
        return r;
}

int jsonld_read(Metadata *metadata, const char *text) {
        _cleanup_free_ char *clean = NULL;
        _cleanup_(json_freep) Json *json = NULL;
        json_error_t error;
        const char *start;

        /* Scripts come wrapped in "<!--" or "//<![CDATA[", and with raw line breaks in strings,
         * which JSON does not have; outside of strings a space is as good. */
        start = strpbrk(text, "{[");
        if (start && strncmp(start, "[CDATA[", 7) == 0)
                start = strpbrk(start + 7, "{[");
        if (!start)
                return 0;
        clean = strdup(start);
        if (!clean)
                return -ENOMEM;
        for (char *s = clean; *s; s++)
                if ((unsigned char) *s < ' ')
                        *s = ' ';

        json = json_loads(clean, JSON_DISABLE_EOF_CHECK, &error);
        if (!json)
                return json_error_code(&error) == json_error_out_of_memory ? -ENOMEM : 0;

        return jsonld_visit(&(JsonLd){ .metadata = metadata }, json, /* depth= */ 0);
}
