/* SPDX-License-Identifier: MIT */

#include "model/verdict.h"

#include <errno.h>

#include "base/buffer.h"

json_t *json_milli(int64_t milli) {
        return milli % 1000 == 0 ? json_integer(milli / 1000) : json_real((double) milli / 1000);
}

/* Reads what json_milli() wrote; the nearest thousandth. */
static int json_to_milli(const json_t *json, int64_t *ret) {
        double value;

        if (!json_is_number(json))
                return -EBADMSG;

        value = json_number_value(json) * 1000;
        if (value < -9e15 || value > 9e15)
                return -EBADMSG;

        *ret = (int64_t) (value < 0 ? value - 0.5 : value + 0.5);
        return 0;
}

static json_t *spans_to_json(const KeywordHit *hit) {
        json_auto_t *spans = json_array();

        for (size_t i = 0; spans && i < hit->n_spans; i++)
                if (json_array_append_new(spans,
                            json_pack("[sII]", field_to_string(hit->spans[i].field),
                                    (json_int_t) hit->spans[i].offset,
                                    (json_int_t) hit->spans[i].n_bytes)) < 0)
                        return NULL;

        return TAKE_PTR(spans);
}

json_t *verdict_keywords_to_json(const Verdict *verdict) {
        json_auto_t *keywords = json_array();

        for (size_t i = 0; keywords && i < verdict->n_hits; i++) {
                const KeywordHit *hit = &verdict->hits[i];

                if (json_array_append_new(keywords,
                            json_pack("{ss so ss sI so ss? so}", "expression", hit->expression,
                                    "weight", json_milli(hit->weight_milli), "field",
                                    field_to_string(hit->field), "count", (json_int_t) hit->count,
                                    "points", json_milli(hit->points_milli), "words", hit->words,
                                    "spans", spans_to_json(hit))) < 0)
                        return NULL;
        }

        return TAKE_PTR(keywords);
}

json_t *verdict_to_json(const Verdict *verdict) {
        return json_pack("{ss so so sb so ss? ss ss?}", "profile", verdict->profile, "score",
                json_milli(verdict->score_milli), "threshold", json_milli(verdict->threshold_milli),
                "matched", (int) verdict->matched, "keywords", verdict_keywords_to_json(verdict),
                "blocked_by", verdict->blocked_by, "body", body_state_to_string(verdict->body),
                "body_reason", verdict->body_reason);
}

static int spans_from_json(const json_t *json, KeywordHit *hit) {
        size_t n = json_array_size(json);

        if (!json_is_array(json) || n > SPANS_PER_KEYWORD_MAX)
                return -EBADMSG;

        hit->spans = new0(Span, MAX(n, (size_t) 1));
        if (!hit->spans)
                return -ENOMEM;

        for (size_t i = 0; i < n; i++) {
                json_int_t offset, n_bytes;
                const char *field;

                if (json_unpack(json_array_get(json, i), "[sII]", &field, &offset, &n_bytes) < 0 ||
                        field_from_string(field, &hit->spans[i].field) < 0 || offset < 0 ||
                        offset > UINT32_MAX || n_bytes < 0 || n_bytes > UINT32_MAX)
                        return -EBADMSG;
                hit->spans[i].offset = (uint32_t) offset;
                hit->spans[i].n_bytes = (uint32_t) n_bytes;
        }

        hit->n_spans = n;
        return 0;
}

static int hit_from_json(const json_t *json, KeywordHit *hit) {
        const char *expression, *field, *words;
        json_int_t count;
        int r;

        if (json_unpack((json_t *) json, "{ss ss sI}", "expression", &expression, "field", &field,
                    "count", &count) < 0 ||
                field_from_string(field, &hit->field) < 0 || count < 0 || count > UINT32_MAX)
                return -EBADMSG;

        r = json_to_milli(json_object_get(json, "weight"), &hit->weight_milli);
        if (r < 0)
                return r;
        r = json_to_milli(json_object_get(json, "points"), &hit->points_milli);
        if (r < 0)
                return r;
        r = spans_from_json(json_object_get(json, "spans"), hit);
        if (r < 0)
                return r;

        words = json_string_value(json_object_get(json, "words"));
        if (free_and_strdup(&hit->words, words) < 0)
                return -ENOMEM;
        hit->count = (unsigned) count;
        hit->expression = strdup(expression);
        return hit->expression ? 0 : -ENOMEM;
}

int verdict_from_json(const json_t *json, Verdict *ret) {
        _cleanup_(verdict_done) Verdict v = {};
        const char *profile, *blocked_by, *body, *body_reason;
        const json_t *keywords;
        int matched, r;

        if (json_unpack((json_t *) json, "{ss sb so ss}", "profile", &profile, "matched", &matched,
                    "keywords", &keywords, "body", &body) < 0 ||
                !json_is_array(keywords) || body_state_from_string(body, &v.body) < 0)
                return -EBADMSG;

        /* Null when there is nothing to say, which json_unpack() takes for no string. */
        blocked_by = json_string_value(json_object_get(json, "blocked_by"));
        body_reason = json_string_value(json_object_get(json, "body_reason"));

        r = json_to_milli(json_object_get(json, "score"), &v.score_milli);
        if (r < 0)
                return r;
        r = json_to_milli(json_object_get(json, "threshold"), &v.threshold_milli);
        if (r < 0)
                return r;

        v.matched = matched;
        v.hits = new0(KeywordHit, MAX(json_array_size(keywords), (size_t) 1));
        v.profile = strdup(profile);
        if (!v.hits || !v.profile || free_and_strdup(&v.blocked_by, blocked_by) < 0 ||
                free_and_strdup(&v.body_reason, body_reason) < 0)
                return -ENOMEM;

        for (; v.n_hits < json_array_size(keywords); v.n_hits++) {
                r = hit_from_json(json_array_get(keywords, v.n_hits), &v.hits[v.n_hits]);
                if (r < 0) {
                        v.n_hits++; /* its half-read strings too */
                        return r;
                }
        }

        *ret = v;
        v = (Verdict){};
        return 0;
}

/* Enough to recognise a passage by. */
#define QUOTE_BYTES_MAX 80

/* Only what a reader takes for one run of words: a space, a hyphen. */
static bool is_gap(const char *s, size_t n_bytes) {
        return n_bytes == 0 || (n_bytes == 1 && (*s == ' ' || *s == '-' || *s == '\''));
}

static int hit_quote(KeywordHit *hit, const char *text) {
        _cleanup_(buffer_done) Buffer b = {};
        size_t end = SIZE_MAX;
        int r = 0;

        for (size_t i = 0; i < hit->n_spans && b.n_bytes < QUOTE_BYTES_MAX; i++) {
                const Span *span = &hit->spans[i];
                _cleanup_free_ char *word = NULL;

                if (span->field != hit->field || (end != SIZE_MAX && span->offset < end))
                        continue;
                word = memdup_suffix0(text + span->offset, span->n_bytes);
                if (!word)
                        return -ENOMEM;

                if (end != SIZE_MAX && is_gap(text + end, span->offset - end))
                        r = buffer_append(&b, text + end, span->offset - end);
                else if (b.n_bytes > 0 && strcasestr(buffer_str(&b), word))
                        continue; /* said already */
                else if (b.n_bytes > 0)
                        r = buffer_append_str(&b, " ... ");
                if (r < 0 || buffer_append_str(&b, word) < 0)
                        return -ENOMEM;
                end = span->offset + span->n_bytes;
        }
        if (b.n_bytes == 0)
                return 0;

        free(hit->words);
        hit->words = buffer_take(&b);
        return hit->words ? 0 : -ENOMEM;
}

int verdict_quote(Verdict *verdict, const Document *document) {
        int r;

        for (size_t i = 0; i < verdict->n_hits; i++) {
                KeywordHit *hit = &verdict->hits[i];

                r = document->text[hit->field] ? hit_quote(hit, document->text[hit->field]) : 0;
                if (r < 0)
                        return r;
        }

        return 0;
}

static int append_hit(Buffer *b, const KeywordHit *hit, bool first) {
        const char *quote = hit->words ? "\"" : "";
        char points[32];
        int r;

        r = buffer_printf(b, "%s%s%s%s %s%s (%s", first ? "" : ", ", quote,
                hit->words ?: hit->expression, quote, hit->points_milli > 0 ? "+" : "",
                format_milli(hit->points_milli, points), field_to_string(hit->field));
        if (r < 0)
                return r;
        if (hit->count > 1) {
                r = buffer_printf(b, ", %u times", hit->count);
                if (r < 0)
                        return r;
        }

        return buffer_append_char(b, ')');
}

static int64_t weight_of(const KeywordHit *hit) {
        return hit->points_milli < 0 ? -hit->points_milli : hit->points_milli;
}

/* For one long keyword, or a long reason at the end: at a character, marked. */
static int cut(Buffer *b, size_t n_bytes_max) {
        size_t n = n_bytes_max - MIN(n_bytes_max, strlen("..."));

        if (b->n_bytes <= n_bytes_max)
                return 0;

        while (n > 0 && ((unsigned char) b->data[n] & 0xC0) == 0x80)
                n--;
        buffer_truncate(b, n);
        return buffer_append_str(b, n_bytes_max < strlen("...") ? "" : "...");
}

char *verdict_reason(const Verdict *verdict, size_t n_chars_max) {
        _cleanup_(buffer_done) Buffer b = {}, tail = {};
        _cleanup_free_ const KeywordHit **order = NULL;
        char score[32], threshold[32];
        size_t n_shown = 0;

        order = new (const KeywordHit *, MAX(verdict->n_hits, (size_t) 1));
        if (!order)
                return NULL;

        /* Insertion sort, stable: few keywords hit, and equal ones stay in the profile's order. */
        for (size_t i = 0; i < verdict->n_hits; i++) {
                size_t at = i;

                for (; at > 0 && weight_of(order[at - 1]) < weight_of(&verdict->hits[i]); at--)
                        order[at] = order[at - 1];
                order[at] = &verdict->hits[i];
        }

        if (verdict->body == BODY_FAILED &&
                buffer_printf(&tail, "; body could not be read: %s", strna(verdict->body_reason)) <
                        0)
                return NULL;
        if (verdict->body == BODY_WANTED && buffer_append_str(&tail, "; body not read yet") < 0)
                return NULL;
        if (buffer_printf(&b, "score %s of %s: ", format_milli(verdict->score_milli, score),
                    format_milli(verdict->threshold_milli, threshold)) < 0)
                return NULL;

        for (; n_shown < verdict->n_hits; n_shown++) {
                size_t before = b.n_bytes;

                if (append_hit(&b, order[n_shown], n_shown == 0) < 0)
                        return NULL;
                if (n_shown > 0 &&
                        b.n_bytes + tail.n_bytes + strlen(", and 99 more") > n_chars_max) {
                        buffer_truncate(&b, before);
                        break;
                }
        }
        if (n_shown < verdict->n_hits &&
                buffer_printf(&b, ", and %zu more", verdict->n_hits - n_shown) < 0)
                return NULL;
        if (verdict->n_hits == 0 && buffer_append_str(&b, "no keyword matched") < 0)
                return NULL;
        if (buffer_append_str(&b, buffer_str(&tail)) < 0 || cut(&b, n_chars_max) < 0)
                return NULL;

        return buffer_take(&b);
}
