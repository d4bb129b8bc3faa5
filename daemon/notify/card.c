/* SPDX-License-Identifier: MIT */

#include "notify/card.h"

#include <errno.h>
#include <jansson.h>

#include "base/url.h"
#include "text/utf8.h"

/* Code points. A server cuts for itself, but at its own cost. */
#define TITLE_CHARS_MAX 200u
#define NAME_CHARS_MAX 80u
#define REASON_CHARS_MAX 300u
#define DIGEST_TITLE_CHARS_MAX 80u

/* Nothing to see and no harm to leave out, or worse: marks and overrides of the reading direction
 * (UAX #9, 2), byte order marks, annotation and tag characters. Joiners (U+200C, U+200D) stay, for
 * Persian and emoji need them. */
static bool is_hidden(uint32_t c) {
        return c == 0x00AD || c == 0x061C || c == 0x200B || (c >= 0x200E && c <= 0x200F) ||
                (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
                (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
}

/* Controls part words, as line breaks do. */
static bool is_space(uint32_t c) {
        return c <= ' ' || (c >= 0x7F && c <= 0xA0) || c == 0x2028 || c == 0x2029;
}

int card_append_clean(Buffer *b, const char *s, size_t n_chars_max) {
        size_t n_bytes = strlen(s), n_chars = 0;
        bool space = false;
        int r;

        for (size_t i = 0; i < n_bytes;) {
                char encoded[4];
                uint32_t c;

                i += utf8_decode(s + i, n_bytes - i, &c);
                if (is_hidden(c))
                        continue;
                if (is_space(c)) {
                        space = n_chars > 0;
                        continue;
                }

                n_chars += space ? 2 : 1;
                if (n_chars > n_chars_max)
                        return buffer_append_str(b, "\u2026");
                if (space) {
                        r = buffer_append_char(b, ' ');
                        if (r < 0)
                                return r;
                        space = false;
                }
                r = buffer_append(b, encoded, utf8_encode(c, encoded));
                if (r < 0)
                        return r;
        }

        return 0;
}

int card_escape(const char *s, char **ret) {
        _cleanup_(buffer_done) Buffer b = {};
        char *escaped;
        int r = 0;

        for (; *s && r >= 0; s++)
                switch (*s) {
                case '&':
                        r = buffer_append_str(&b, "&amp;");
                        break;
                case '<':
                        r = buffer_append_str(&b, "&lt;");
                        break;
                case '>':
                        r = buffer_append_str(&b, "&gt;");
                        break;
                case '"':
                        r = buffer_append_str(&b, "&quot;");
                        break;
                case '\'':
                        r = buffer_append_str(&b, "&#39;");
                        break;
                default:
                        r = buffer_append_char(&b, *s);
                }
        if (r < 0)
                return r;

        escaped = buffer_take(&b);
        if (!escaped)
                return -ENOMEM;
        *ret = escaped;
        return 0;
}

/* Appends @prefix and the clean text of the member @key, or nothing when there is none. */
static int append_member(
        Buffer *b, const char *prefix, const json_t *root, const char *key, size_t n_chars_max) {
        const char *s = json_string_value(json_object_get(root, key));
        int r;

        if (isempty(s))
                return 0;
        if (b->n_bytes > 0) {
                r = buffer_append_str(b, prefix);
                if (r < 0)
                        return r;
        }
        return card_append_clean(b, s, n_chars_max);
}

/* What a digest groups by. */
static int card_fill_story(Card *card, const json_t *root) {
        const json_t *story = json_object_get(root, "story");
        _cleanup_(buffer_done) Buffer profile = {};
        int r;

        if (json_is_integer(story) &&
                asprintf(&card->story, "%" JSON_INTEGER_FORMAT, json_integer_value(story)) < 0) {
                card->story = NULL;
                return -ENOMEM;
        }

        r = append_member(&profile, "", root, "profile_title", NAME_CHARS_MAX);
        if (r < 0 || profile.n_bytes == 0)
                return r;

        card->profile = buffer_take(&profile);
        return card->profile ? 0 : -ENOMEM;
}

/* Title and text of @root, which is NULL when the body was no JSON object. */
static int card_fill(Card *card, const json_t *root) {
        _cleanup_(buffer_done) Buffer title = {}, text = {};
        int r;

        r = append_member(&title, "", root, "title", TITLE_CHARS_MAX);
        if (r < 0)
                return r;
        if (title.n_bytes == 0) {
                r = buffer_append_str(&title, "Picket alert");
                if (r < 0)
                        return r;
        }

        r = append_member(&text, "", root, "profile_title", NAME_CHARS_MAX);
        if (r >= 0)
                r = append_member(&text, "\n", root, "reason", REASON_CHARS_MAX);
        if (r >= 0)
                r = append_member(&text, "\n", root, "feed", NAME_CHARS_MAX);
        if (r >= 0 && !root)
                r = buffer_append_str(
                        &text, "It cannot be shown here. `picketctl alerts` lists it.");
        if (r < 0)
                return r;

        r = card_fill_story(card, root);
        if (r < 0)
                return r;

        card->title = buffer_take(&title);
        card->text = buffer_take(&text);
        return card->title && card->text ? 0 : -ENOMEM;
}

int card_new(const char *urgency, const char *json, Card **ret) {
        _cleanup_(card_freep) Card *card = NULL;
        const char *link;
        json_t *root;
        int r;

        card = new0(Card, 1);
        if (!card)
                return -ENOMEM;
        if (urgency_from_string(urgency, &card->urgency) < 0)
                card->urgency = URGENCY_NORMAL;

        root = json_loads(json, /* flags= */ 0, /* error= */ NULL);
        r = card_fill(card, json_is_object(root) ? root : NULL);
        /* The desktop opens any scheme it knows, also those that run programs. */
        link = json_string_value(json_object_get(root, "link"));
        if (r >= 0 && link && url_check_fetchable(link) >= 0)
                r = free_and_strdup(&card->link, link);
        json_decref(root);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(card);
        return 0;
}

static bool same_story(const Card *a, const Card *b) {
        return a->story && streq_ptr(a->story, b->story);
}

static bool told_before(Card *const *cards, size_t at) {
        for (size_t i = 0; i < at; i++)
                if (same_story(cards[i], cards[at]))
                        return true;

        return false;
}

/* The story of cards[@at], and behind it the profiles of all cards that tell of it. */
static int append_story(Buffer *text, Card *const *cards, size_t n_cards, size_t at) {
        const char *separator = " (";
        int r;

        r = card_append_clean(text, cards[at]->title, DIGEST_TITLE_CHARS_MAX);
        for (size_t i = at; i < n_cards && r >= 0; i++) {
                if (!cards[i]->profile || (i != at && !same_story(cards[i], cards[at])))
                        continue;
                r = buffer_append_str(text, separator);
                if (r >= 0)
                        r = buffer_append_str(text, cards[i]->profile);
                separator = ", ";
        }
        if (r >= 0 && *separator == ',')
                r = buffer_append_char(text, ')');
        return r;
}

int card_new_digest(Card *const *cards, size_t n_cards, Card **ret) {
        _cleanup_(buffer_done) Buffer title = {}, text = {};
        size_t n_lines = 0, n_left = 0;
        Card *card;
        int r;

        r = buffer_printf(&title, "%zu alerts while you were away", n_cards);
        for (size_t i = 0; i < n_cards && r >= 0; i++) {
                if (told_before(cards, i))
                        continue;
                if (n_lines == CARD_DIGEST_LINES_MAX) {
                        n_left++;
                        continue;
                }
                r = buffer_append_str(&text, n_lines++ > 0 ? "\n\u2022 " : "\u2022 ");
                if (r >= 0)
                        r = append_story(&text, cards, n_cards, i);
        }
        if (r >= 0 && n_left > 0)
                r = buffer_printf(&text, "\nand %zu more", n_left);
        if (r < 0)
                return r;

        card = new0(Card, 1);
        if (!card)
                return -ENOMEM;
        for (size_t i = 0; i < n_cards; i++)
                card->urgency = MAX(card->urgency, cards[i]->urgency);
        card->title = buffer_take(&title);
        card->text = buffer_take(&text);
        if (!card->title || !card->text) {
                card_free(card);
                return -ENOMEM;
        }

        *ret = card;
        return 0;
}

Card *card_free(Card *card) {
        if (!card)
                return NULL;
        free(card->title);
        free(card->text);
        free(card->story);
        free(card->profile);
        free(card->link);
        return mfree(card);
}
