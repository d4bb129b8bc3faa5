/* SPDX-License-Identifier: MIT */

/* The internal subset of a DOCTYPE, read for one thing: <!ENTITY name "text">. All else in it, and
 * all other kinds of entities (external ones, those for the DTD itself), is passed over. */

#include <strings.h>

#include "feed/tag.h"
#include "text/entity.h"

void tag_entities_done(TagEntities *entities) {
        buffer_done(&entities->text);
        entities->n = 0;
}

static bool is_name_char(char c) {
        return ascii_isalpha(c) || ascii_isdigit(c);
}

static const char *skip_space_before(const char *p, const char *end) {
        while (p < end && ascii_isspace(*p))
                p++;
        return p;
}

/* What a reference can be: as the sieve gathers it. */
static size_t name_length(const char *p, const char *end) {
        size_t n = 0;

        while (p + n < end && is_name_char(p[n]))
                n++;
        return n;
}

static int add(
        TagEntities *entities, const char *name, size_t n_name, const char *value, size_t n_value) {
        const size_t at = entities->text.n_bytes;
        int r;

        /* The first declaration counts (XML 1.0, 4.2). */
        for (size_t i = 0; i < entities->n; i++)
                if (entities->rows[i].n_name == n_name &&
                        memcmp(entities->text.data + entities->rows[i].name, name, n_name) == 0)
                        return 0;
        if (entities->n == TAG_ENTITIES_MAX)
                return 0;

        r = buffer_append(&entities->text, name, n_name);
        if (r >= 0)
                r = buffer_append(&entities->text, value, n_value);
        if (r < 0)
                return r;
        entities->rows[entities->n].name = at;
        entities->rows[entities->n].n_name = n_name;
        entities->rows[entities->n].value = at + n_name;
        entities->rows[entities->n++].n_value = n_value;
        return 0;
}

/* One that calls others is passed over, so that none can explode. */
static bool is_plain(const char *s, size_t n_bytes) {
        const char *end = s + n_bytes;
        char text[8];
        size_t n_text;

        for (; (s = memchr(s, '&', (size_t) (end - s))); s++)
                if (entity_decode(s + 1, (size_t) (end - s - 1), text, &n_text) == 0)
                        return false;
        return true;
}

int tag_entities_declare(TagEntities *entities, const char *s, size_t n_bytes) {
        static const char keyword[] = "<!ENTITY";
        const char *p = s, *end = s + n_bytes;

        while ((p = memmem(p, (size_t) (end - p), keyword, sizeof(keyword) - 1))) {
                const char *name, *value;
                size_t n_name;
                char quote;
                int r;

                name = skip_space_before(p += sizeof(keyword) - 1, end);
                n_name = name_length(name, end);
                value = skip_space_before(name + n_name, end);
                if (n_name == 0 || n_name > SIEVE_REFERENCE_BYTES_MAX || value == end ||
                        (*value != '"' && *value != '\''))
                        continue;
                quote = *value++;
                p = memchr(value, quote, (size_t) (end - value));
                if (!p)
                        return 0;
                if ((size_t) (p - value) > TAG_ENTITY_BYTES_MAX ||
                        !is_plain(value, (size_t) (p - value)))
                        continue;
                r = add(entities, name, n_name, value, (size_t) (p - value));
                if (r < 0)
                        return r;
        }

        return 0;
}
