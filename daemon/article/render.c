/* SPDX-License-Identifier: MIT */

/* From elements to paragraphs. Text gathers in `raw` until a block begins or the text comes from
 * another block than before; then it is folded, judged as a whole, and kept or not. A heading waits
 * for a kept paragraph behind it: those of lists of links never get one. */

#include "article/maintext.h"

#include <errno.h>

#include "article/phrases.h"
#include "base/str.h"
#include "text/markup.h"

/* Text that is in no paragraph: so long, it is read all the same; shorter, it must end like a
 * sentence, and "5 min read" does not. */
#define SCRAP_CHARS_MIN 40
#define SENTENCE_CHARS_MIN 12

/* What stands before the link in a line that points to another page. */
#define POINTER_LABEL_CHARS_MAX 24
#define CREDIT_BYTES_MAX 100
#define CONTACT_BYTES_MAX 140
#define BOLD_CHARS_MIN 4
#define BOLD_HEADING_CHARS_MAX 80
/* <td><font><b>, or twice as deep */
#define BOLD_LEVELS ((size_t) 4)
/* Behind those of <h6>: a bold line, and a term before what it means. */
#define BOLD_LEVEL 7
#define TERM_LEVEL 8
/* A line of a bulletin; behind the last paragraph it is the end mark. */
#define PRE_HEADING_BYTES_MAX ((size_t) 90)
#define TITLE_DATE_BYTES_MAX ((size_t) 24)

/* Shorter, it may be anything; longer, it is a quotation in its own right. Each is looked for in
 * the whole text, so they are few. */
#define QUOTE_BYTES_MIN 24
#define QUOTE_BYTES_MAX 400
#define QUOTES_MAX 16

/* To ask a line whether it invites takes a microsecond or ten; no article has more lines, and none
 * that ends with as many that are no text. */
#define ASKED_MAX 1000
#define LAST_LINES_MAX 6
/* Each costs a little; a book has fewer. */
#define PARAGRAPHS_MAX 10000u

typedef struct Quote {
        size_t start, n_bytes; /* of its line in the output */
} Quote;

typedef struct Renderer {
        const char *title;
        Buffer *out;
        Buffer raw, folded, heading;
        unsigned heading_level;         /* of the last one in heading */
        const PageElement *block;       /* where raw comes from */
        uint32_t n_chars, n_link_chars; /* of raw, without white space */
        bool after_break;               /* nothing but white space since a <br> */
        Quote quotes[QUOTES_MAX];       /* may be pull quotes, in the order of out */
        size_t n_quotes;
        unsigned n_paragraphs;
        unsigned n_asked; /* lines that were asked whether they are text */
} Renderer;

static void renderer_done(Renderer *r) {
        buffer_done(&r->raw);
        buffer_done(&r->folded);
        buffer_done(&r->heading);
}

/* Lines that are in the markup of paragraphs and in no article. */
static bool is_notice(const char *s) {
        static const char *const notices[] = { "advertisement", "advertisment", "anzeige",
                "publicit\xC3\xA9", "reklam", "read more", "read also", "see also",
                "continue reading", "story continues below advertisement", "share", "loading...",
                "article continues below", "advertisement - scroll to continue" };

        for (size_t i = 0; i < ELEMENTSOF(notices); i++)
                if (streq_nocase(s, notices[i]))
                        return true;

        return false;
}

/* "Lexo edhe: another story", in whatever language: a short label before a link. */
static bool is_pointer(const Renderer *r, const char *text) {
        return r->n_link_chars > 0.4 * r->n_chars &&
                r->n_chars - r->n_link_chars <= POINTER_LABEL_CHARS_MAX &&
                !maintext_ends_like_sentence(text);
}

/* "Source: our newsroom", which is credit and no text. */
static bool is_credit(const char *s) {
        /* As agencies close: "Reporting by A in B; Editing by C". */
        static const char *const agencies[] = { "reporting by ", "(reporting by ",
                "additional reporting by ", "writing by ", "editing by " };

        static const char *const labels[] = { "autor", "bild", "burimi", "editor", "edit\xC3\xB6r",
                "foto", "foto\xC4\x9Fraf", "fotos", "izvor", "kaynak", "muhabir", "photo", "photos",
                "photograph", "quelle", "source", "text",
                ("\xC5\xBAr\xC3\xB3"
                 "d\xC5\x82o"),
                ("\xC5\xB9r\xC3\xB3"
                 "d\xC5\x82o"),
                "\xD0\xB8\xD0\xB7\xD0\xB2\xD0\xBE\xD1\x80",
                "\xD0\x98\xD0\xB7\xD0\xB2\xD0\xBE\xD1\x80" };

        for (size_t i = 0; i < ELEMENTSOF(agencies); i++)
                if (strlen(s) <= CONTACT_BYTES_MAX * 2 && startswith_nocase(s, agencies[i]))
                        return true;
        if (strlen(s) > CREDIT_BYTES_MAX || maintext_ends_like_sentence(s))
                return false;
        for (size_t i = 0; i < ELEMENTSOF(labels); i++)
                if (startswith_nocase(s, labels[i]) && s[strlen(labels[i])] == ':')
                        return true;

        return false;
}

/* The headline once more, and at most a date behind it: some layouts have both in the text. */
static bool repeats_title(const char *s, const char *title) {
        const char *behind = title ? startswith(s, title) : NULL;

        return behind && (*behind == '\0' || *behind == ' ') &&
                strlen(behind) <= TITLE_DATE_BYTES_MAX && !maintext_ends_like_sentence(behind);
}

/* "Press office, +32 2 000 00 00, press@example.org", or whose article it is. */
static bool is_contact(const char *s) {
        const size_t n = strlen(s);
        const char *at = strchr(s, '@');

        return at && n <= CONTACT_BYTES_MAX && !maintext_ends_like_sentence(s) && at > s &&
                at[-1] != ' ' && strchr(at, '.');
}

bool maintext_ends_like_sentence(const char *s) {
        static const char *const ends[] = { ".", "!", "?", ":", ";", ".\"", "\xE2\x80\xA6",
                "\xE2\x80\x9D", "\xE2\x80\x9C", "\xC2\xBB", "\xC2\xAB", "\xE3\x80\x82",
                "\xD8\x9F" };

        for (size_t i = 0; i < ELEMENTSOF(ends); i++)
                if (endswith(s, ends[i]))
                        return true;

        return false;
}

/* <td> in <tr> in <tbody> in <table> */
#define TABLE_LEVELS 4
#define HEADER_LEVELS 6

/* A table of figures has column or row headings, one of layout has not. */
static bool is_data_table(const PageElement *cell) {
        const PageElement *table = cell;

        for (unsigned level = 0; level < TABLE_LEVELS && table && !element_is(table, "table");
                level++)
                table = table->parent;
        return table && element_is(table, "table") && table->n_headings > 0;
}

/* A short line that is bold as a whole, in a cell or a <div>: a heading, or who speaks. */
static bool is_bold_line(const PageElement *block) {
        const PageElement *in = block + 1;

        if ((!block->is_cell && !element_is(block, "div") && !element_is(block, "p")) ||
                block->n_own < BOLD_CHARS_MIN || block->n_own > BOLD_HEADING_CHARS_MAX)
                return false;
        for (; in <= block + MIN(block->n_below, BOLD_LEVELS) && in->n_own == block->n_own; in++)
                if (element_is(in, "b") || element_is(in, "strong"))
                        return true;

        return false;
}

/* The heading in an entry's <header>; beside the page's headline it would be another line of that.
 */
static bool is_entry_heading(const PageElement *block) {
        const PageElement *header = block;

        if (block->kind != TAG_HEADING)
                return false;
        for (unsigned level = 0; header && level < HEADER_LEVELS; level++, header = header->parent)
                if (element_is(header, "header"))
                        return !header->holds_h1;

        return false;
}

static bool renderer_wants(const Renderer *r, const char *text) {
        const double n_link = r->n_link_chars, n_all = r->n_chars;

        if (r->n_chars == 0 || text[0] == '\0')
                return false;
        if (is_notice(text) || is_credit(text) || is_contact(text) || is_pointer(r, text) ||
                repeats_title(text, r->title))
                return false;
        /* A headline's neighbours are names and dates, unless they sum up. */
        if (r->block->in_header && !r->block->in_lead && !element_is(r->block, "h1") &&
                !is_entry_heading(r->block) &&
                !(r->n_chars >= SCRAP_CHARS_MIN && maintext_ends_like_sentence(text)))
                return false;
        if (r->block->is_cell && is_data_table(r->block))
                return n_link < 0.5 * n_all;
        if (r->n_link_chars == 0 && (is_bold_line(r->block) || element_is(r->block, "dt")))
                return true;

        switch (r->block->kind) {
        case TAG_PARAGRAPH:
                return n_link < 0.66 * n_all;
        case TAG_HEADING:
                return (n_link < 0.66 * n_all || r->block->is_permalink) &&
                        !element_is(r->block, "h1");
        case TAG_LIST_ITEM:
                /* The time of an entry that is a list's item. */
                return n_link < 0.5 * n_all && text[strspn(text, "0123456789:.,/- ")] != '\0';
        case TAG_BLOCK:
        case TAG_INLINE: /* a page without a single block */
                return n_link < 0.5 * n_all &&
                        (r->n_chars >= SCRAP_CHARS_MIN ||
                                (r->n_chars >= SENTENCE_CHARS_MIN &&
                                        maintext_ends_like_sentence(text)));
        case TAG_NEVER:
        case TAG_KIND_MAX:
                break;
        }

        return false;
}

/* 1 for <h1> to 6; a bold line that is no sentence is a heading too, and a <dt>. 0: none. */
static unsigned heading_level(const PageElement *block, const char *text) {
        if (block->kind == TAG_HEADING)
                return block->node->name[0] == 'h' ? (unsigned) (block->node->name[1] - '0') : 6;
        if (element_is(block, "dt"))
                return TERM_LEVEL;
        if (element_is(block, "pre"))
                return strlen(text) <= PRE_HEADING_BYTES_MAX && !maintext_ends_like_sentence(text)
                        ? BOLD_LEVEL
                        : 0;
        return is_bold_line(block) && !maintext_ends_like_sentence(text) ? BOLD_LEVEL : 0;
}

static int append_line(Buffer *out, const Buffer *line) {
        int r;

        if (line->n_bytes == 0)
                return 0;
        if (out->n_bytes > 0) {
                r = buffer_append_char(out, '\n');
                if (r < 0)
                        return r;
        }
        return buffer_append(out, line->data, line->n_bytes);
}

/* --- pull quotes --- */

/* A sentence of the text once more, large, between its paragraphs: in no paragraph, or in that of a
 * <blockquote>. Where it will stand is noted, as it may come before what it quotes. */
static void renderer_note_quote(Renderer *r) {
        const size_t n = r->folded.n_bytes;

        if (r->n_quotes >= ELEMENTSOF(r->quotes) || n < QUOTE_BYTES_MIN || n > QUOTE_BYTES_MAX)
                return;
        if (r->block->kind != TAG_BLOCK && !element_is(r->block, "blockquote") &&
                !(r->block->parent && element_is(r->block->parent, "blockquote")))
                return;

        r->quotes[r->n_quotes++] = (Quote){ r->out->n_bytes + (r->out->n_bytes > 0), n };
}

/* The length of a quotation mark, an ellipsis or a space at @s; 0 for anything else. */
static size_t mark_at(const char *s, size_t n_bytes) {
        static const char *const marks[] = { "\"", "'", " ", "\xC2\xAB", "\xC2\xBB", "\xE2\x80\x98",
                "\xE2\x80\x99", "\xE2\x80\x9C", "\xE2\x80\x9D", "\xE2\x80\x9E", "\xE2\x80\xA6" };

        for (size_t i = 0; i < ELEMENTSOF(marks); i++)
                if (n_bytes >= strlen(marks[i]) && memcmp(s, marks[i], strlen(marks[i])) == 0)
                        return strlen(marks[i]);

        return 0;
}

static bool occurs_within(const char *what, size_t n_what, const char *text, size_t n_text) {
        return memmem(text, n_text, what, n_what) != NULL;
}

/* Removes what is noted at @q and is said elsewhere in what was rendered from @n_before on. */
static void drop_if_repeated(Buffer *out, size_t n_before, Quote q) {
        const char *s = out->data + q.start, *end = s + q.n_bytes;
        const size_t behind = MIN(q.start + q.n_bytes + 1, out->n_bytes);
        size_t n;

        while ((n = mark_at(s, (size_t) (end - s))) > 0)
                s += n;
        for (;;) {
                size_t k = 0;

                for (n = 1; n <= 3 && k == 0 && s + n <= end; n++)
                        k = mark_at(end - n, n) == n ? n : 0;
                if (k == 0 && s < end && strchr(".,!?", end[-1]))
                        k = 1;
                if (k == 0)
                        break;
                end -= k;
        }
        /* It may begin within a sentence of the text, so its first letter says nothing. */
        do
                s += s < end;
        while (s < end && ((unsigned char) *s & 0xC0) == 0x80);
        if ((size_t) (end - s) < QUOTE_BYTES_MIN / 2)
                return;

        if (!occurs_within(s, (size_t) (end - s), out->data + n_before, q.start - n_before) &&
                !occurs_within(s, (size_t) (end - s), out->data + behind, out->n_bytes - behind))
                return;

        memmove(out->data + q.start, out->data + behind, out->n_bytes - behind);
        buffer_truncate(out, out->n_bytes - (behind - q.start));
        /* It was the last line: the break before it has nothing left to separate. */
        if (out->n_bytes == q.start && q.start > n_before)
                buffer_truncate(out, q.start - 1);
}

/* A heading takes the place of one that waits, unless that is of a part which this one begins. */
static int renderer_keep_heading(Renderer *renderer, unsigned level) {
        if (level <= renderer->heading_level)
                buffer_reset(&renderer->heading);
        renderer->heading_level = level;
        return append_line(&renderer->heading, &renderer->folded);
}

/* Does the line invite the reader, or send him elsewhere? */
static int is_no_text(Renderer *renderer) {
        const Buffer *line = &renderer->folded;
        int r;

        if (renderer->n_asked >= ASKED_MAX)
                return false;
        renderer->n_asked++;
        r = phrase_is_invitation(line->data, line->n_bytes);
        return r == 0 ? phrase_is_pointer(line->data, line->n_bytes) : r;
}

static int renderer_judge(Renderer *renderer) {
        unsigned level;
        int r;

        buffer_reset(&renderer->folded);
        r = text_fold_space(renderer->raw.data, renderer->raw.n_bytes, &renderer->folded);
        if (r < 0)
                return r;
        if (!renderer_wants(renderer, buffer_str(&renderer->folded))) {
                /* The heading was of a list of links, not of the paragraph behind that. */
                if (renderer->n_link_chars > renderer->n_chars / 2 ||
                        renderer->heading_level == TERM_LEVEL)
                        buffer_reset(&renderer->heading);
                return 0;
        }

        r = is_no_text(renderer);
        if (r != 0)
                return MIN(r, 0);

        level = heading_level(renderer->block, buffer_str(&renderer->folded));
        /* Before the first sentence of a bulletin stand its slug and its headline. */
        if (level > 0 && element_is(renderer->block, "pre") && renderer->out->n_bytes == 0)
                return 0;
        if (level > 0 && !renderer->block->in_lead)
                return renderer_keep_heading(renderer, level);

        r = append_line(renderer->out, &renderer->heading);
        if (r < 0)
                return r;
        buffer_reset(&renderer->heading);
        renderer_note_quote(renderer);
        return append_line(renderer->out, &renderer->folded);
}

/* The end of a block. */
static int renderer_flush(Renderer *renderer) {
        int r = 0;

        if (renderer->raw.n_bytes > 0 && renderer->n_paragraphs++ < PARAGRAPHS_MAX)
                r = renderer_judge(renderer);
        buffer_reset(&renderer->raw);
        renderer->n_chars = renderer->n_link_chars = 0;
        renderer->after_break = false;
        return r;
}

static int renderer_append(Renderer *renderer, const char *text, size_t n_bytes, bool in_link) {
        const uint32_t n = text_n_chars(text, n_bytes);

        renderer->n_chars += n;
        renderer->n_link_chars += in_link ? n : 0;
        renderer->after_break = renderer->after_break && n == 0;
        return buffer_append(&renderer->raw, text, n_bytes);
}

/* The length of what comes before the next empty line or rule, which is all that <pre> has to part
 * paragraphs, or of all of it; *ret_n_gap is the length of that line. @at_line: @text begins one.
 */
static size_t preformatted_paragraph(const char *text, bool at_line, size_t *ret_n_gap) {
        size_t i = 0;

        while (text[i] != '\0') {
                size_t n_marks = 0, n_line;

                while (text[i + n_marks] != '\0' && strchr(" \t\r=-_*~#", text[i + n_marks]))
                        n_marks++;
                n_line = n_marks;
                while (text[i + n_line] != '\0' && text[i + n_line] != '\n')
                        n_line++;

                if (n_marks == n_line && (i > 0 || at_line) && text[i + n_line] == '\n') {
                        *ret_n_gap = n_line + 1;
                        return i;
                }
                i += n_line + (text[i + n_line] == '\n');
        }

        *ret_n_gap = 0;
        return i;
}

static int renderer_take_text(Renderer *renderer, const xmlNode *node) {
        const PageElement *parent = node->parent->_private;
        const char *text = (const char *) node->content;
        /* What is behind an element is in the same line. */
        bool at_line = !node->prev;
        int r;

        if (!text || !parent)
                return 0;
        if (renderer->block != parent->block) {
                r = renderer_flush(renderer);
                if (r < 0)
                        return r;
                renderer->block = parent->block;
        }

        while (element_is(renderer->block, "pre") && *text) {
                size_t n_gap;
                const size_t n_bytes = preformatted_paragraph(text, at_line, &n_gap);

                r = renderer_append(renderer, text, n_bytes, parent->in_link);
                text += n_bytes + n_gap;
                at_line = n_gap > 0;
                if (r >= 0 && n_gap > 0)
                        r = renderer_flush(renderer);
                if (r < 0)
                        return r;
        }
        return renderer_append(renderer, text, strlen(text), parent->in_link);
}

/* One <br> is a space; two make a paragraph. */
static int renderer_take_break(Renderer *renderer) {
        if (renderer->after_break)
                return renderer_flush(renderer);
        renderer->after_break = true;
        return buffer_append_char(&renderer->raw, ' ');
}

/* Before the children of @e, or in place of it: also a box that was dropped parts what is around.
 */
static int renderer_enter(Renderer *renderer, const PageElement *e) {
        if (element_is(e, "br"))
                return renderer_take_break(renderer);

        return e->kind == TAG_INLINE ? 0 : renderer_flush(renderer);
}

/* The last lines may be no text: what the rest costs, or the newsroom's marks in brackets. */
static int drop_last_lines(Buffer *out, size_t n_before) {
        for (unsigned i = 0; i < LAST_LINES_MAX && out->n_bytes > n_before; i++) {
                const char *text = out->data + n_before;
                const char *line = memrchr(text, '\n', out->n_bytes - n_before);
                size_t n;
                int r;

                line = line ? line + 1 : text;
                n = out->n_bytes - (size_t) (line - out->data);
                r = phrase_is_barrier(line, n);
                if (r < 0)
                        return r;
                /* 【...】 */
                if (r == 0 &&
                        !(n >= 6 && memcmp(line, "\xE3\x80\x90", 3) == 0 &&
                                memcmp(line + n - 3, "\xE3\x80\x91", 3) == 0))
                        return 0;
                /* A line that is all there is stays. */
                if (line == text)
                        return 0;
                buffer_truncate(out, (size_t) (line - out->data) - 1);
        }

        return 0;
}

int maintext_render(const PageElement *root, const char *title, Buffer *out) {
        _cleanup_(renderer_done) Renderer renderer = {
                .title = title,
                .out = out,
                .block = root->block,
        };
        const size_t n_before = out->n_bytes;
        bool skip = false;
        int r = 0;

        for (xmlNode *node = root->node; node && r >= 0;
                node = node_next_within(node, root->node, skip)) {
                const PageElement *e = node->type == XML_ELEMENT_NODE ? node->_private : NULL;

                skip = e && e->dropped;
                if (e && !(skip && (e->kind == TAG_INLINE || e->kind == TAG_NEVER)))
                        r = renderer_enter(&renderer, e);
                else if (node->type == XML_TEXT_NODE)
                        r = renderer_take_text(&renderer, node);
        }
        if (r < 0)
                return r;

        r = renderer_flush(&renderer);
        for (size_t i = renderer.n_quotes; r >= 0 && i-- > 0;)
                drop_if_repeated(out, n_before, renderer.quotes[i]);
        return r < 0 ? r : drop_last_lines(out, n_before);
}
