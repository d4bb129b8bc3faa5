/* SPDX-License-Identifier: MIT */

#include "ctl/explain.h"

#include "base/str.h"
#include "text/utf8.h"

/* How much of a sentence is shown on either side of what matched. */
#define CONTEXT_BYTES_MAX 70

typedef struct Marks {
        const char *matched, *missed, *word_begin, *word_end, *end;
} Marks;

static const Marks marks_color = { "\x1b[1;32m", "\x1b[33m", "\x1b[1m", "\x1b[0m", "\x1b[0m" };
static const Marks marks_plain = { "", "", "*", "*", "" };

void explain_text(FILE *f, const char *text, size_t n_bytes) {
        for (size_t at = 0, n; at < n_bytes; at += n) {
                uint32_t c;

                n = utf8_decode(text + at, n_bytes - at, &c);
                if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == CODEPOINT_REPLACEMENT)
                        fputc(' ', f);
                else
                        fwrite(text + at, 1, n, f);
        }
}

static bool ends_sentence(const char *text, size_t at) {
        char c = text[at];

        return c == '\n' || c == FIELD_LIST_SEPARATOR ||
                ((c == '.' || c == '!' || c == '?') &&
                        (text[at + 1] == '\0' || ascii_isspace(text[at + 1])));
}

/* Where the sentence around @offset begins: at most CONTEXT_BYTES_MAX before, at a word. */
static size_t sentence_begin(const char *text, size_t offset) {
        size_t at = offset, word = offset;

        for (; at > 0 && offset - at < CONTEXT_BYTES_MAX; at--) {
                if (ends_sentence(text, at - 1))
                        break;
                if (ascii_isspace(text[at - 1]))
                        word = at;
        }
        if (at > 0 && !ends_sentence(text, at - 1))
                at = word;
        while (at < offset && ascii_isspace(text[at]))
                at++;
        return at;
}

static bool is_sentence_begin(const char *text, size_t at) {
        while (at > 0 && ascii_isspace(text[at - 1]) && text[at - 1] != '\n')
                at--;
        return at == 0 || ends_sentence(text, at - 1);
}

static size_t sentence_end(const char *text, size_t offset, size_t n_bytes) {
        size_t at = offset, word = offset;

        for (; at < n_bytes && at - offset < CONTEXT_BYTES_MAX; at++) {
                if (ends_sentence(text, at))
                        return text[at] != '\n' && text[at] != FIELD_LIST_SEPARATOR ? at + 1 : at;
                if (ascii_isspace(text[at]))
                        word = at;
        }

        return at == n_bytes ? at : word;
}

/* The sentence of the first match in the field that gave the points, all matches in it marked. */
static void explain_words(FILE *f, const KeywordHit *hit, const char *text, const Marks *marks) {
        size_t n_bytes = strlen(text), first = 0, at, end;

        while (first < hit->n_spans && hit->spans[first].field != hit->field)
                first++;
        if (first == hit->n_spans ||
                (size_t) hit->spans[first].offset + hit->spans[first].n_bytes > n_bytes)
                return;

        at = sentence_begin(text, hit->spans[first].offset);
        end = sentence_end(text, hit->spans[first].offset + hit->spans[first].n_bytes, n_bytes);
        fprintf(f, "\n                 %s", is_sentence_begin(text, at) ? "" : "... ");
        for (size_t i = first; i < hit->n_spans; i++) {
                const Span *span = &hit->spans[i];

                if (span->field != hit->field || span->offset < at ||
                        (size_t) span->offset + span->n_bytes > end)
                        break;
                explain_text(f, text + at, span->offset - at);
                fputs(marks->word_begin, f);
                explain_text(f, text + span->offset, span->n_bytes);
                fputs(marks->word_end, f);
                at = (size_t) span->offset + span->n_bytes;
        }
        explain_text(f, text + at, end - at);
        if (end < n_bytes && !ends_sentence(text, end) && !ends_sentence(text, end - 1))
                fputs(" ...", f);
}

static void explain_hit(
        FILE *f, const KeywordHit *hit, const Document *document, const Marks *marks) {
        char points[32], signed_points[34];

        format_milli(hit->points_milli, points);
        snprintf(signed_points, sizeof signed_points, "%s%s", hit->points_milli > 0 ? "+" : "",
                points);
        fprintf(f, "      %9s  ", signed_points);
        explain_text(f, hit->expression, strlen(hit->expression));
        fprintf(f, "  (%s", field_to_string(hit->field));
        if (hit->count > 1)
                fprintf(f, ", %u times", hit->count);
        fprintf(f, "%s)", hit->weight_milli == 0 ? ", on trial" : "");
        explain_words(f, hit, strempty(document->text[hit->field]), marks);
        fputc('\n', f);
}

void explain_verdict(FILE *f, const Verdict *verdict, const Document *document, bool color) {
        const Marks *marks = color ? &marks_color : &marks_plain;
        int64_t missing = verdict->threshold_milli - verdict->score_milli;
        char score[32], threshold[32], points[32];

        fprintf(f, "  %s: %s of %s, %s%s%s", verdict->profile,
                format_milli(verdict->score_milli, score),
                format_milli(verdict->threshold_milli, threshold),
                verdict->matched ? marks->matched : marks->missed,
                verdict->matched ? "matched" : "not matched", marks->end);
        if (missing > 0 && verdict->n_hits > 0)
                fprintf(f, ": %s points short", format_milli(missing, points));
        if (verdict->blocked_by && verdict->n_hits > 0) {
                fprintf(f, "%s %s ", missing > 0 ? "," : ":",
                        startswith(verdict->blocked_by, "require") ? "missing what it requires,"
                                                                   : "kept out by");
                explain_text(f, verdict->blocked_by, strlen(verdict->blocked_by));
        }
        fputc('\n', f);

        for (size_t i = 0; i < verdict->n_hits; i++)
                explain_hit(f, &verdict->hits[i], document, marks);
}
