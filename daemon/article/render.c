/* SPDX-License-Identifier: MIT */

/* From elements to paragraphs. Text gathers in `raw` until a block begins or the text comes from
 * another block than before; then it is folded, judged as a whole, and kept or not. A heading waits
 * for a kept paragraph behind it: those of lists of links never get one. */

#include "article/maintext.h"

#include <errno.h>

#include "base/str.h"
#include "text/markup.h"

/* Text that is in no paragraph: so long, it is read all the same; shorter, it must end like a
 * sentence, and "5 min read" does not. */
#define SCRAP_CHARS_MIN 40
#define SENTENCE_CHARS_MIN 12

typedef struct Renderer {
        const char *title;
        Buffer *out;
        Buffer raw, folded, heading;
        const PageElement *block;       /* where raw comes from */
        uint32_t n_chars, n_link_chars; /* of raw, without white space */
        bool after_break;               /* nothing but white space since a <br> */
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

static bool ends_like_sentence(const char *s) {
        static const char *const ends[] = { ".", "!", "?", ":", ";", ".\"", "\xE2\x80\xA6",
                "\xE2\x80\x9D", "\xE2\x80\x9C", "\xC2\xBB", "\xC2\xAB", "\xE3\x80\x82",
                "\xD8\x9F" };

        for (size_t i = 0; i < ELEMENTSOF(ends); i++)
                if (endswith(s, ends[i]))
                        return true;

        return false;
}

static bool renderer_wants(const Renderer *r, const char *text) {
        const double n_link = r->n_link_chars, n_all = r->n_chars;

        if (r->n_chars == 0 || text[0] == '\0')
                return false;
        if (is_notice(text) || (r->title && streq(text, r->title)))
                return false;

        switch (r->block->kind) {
        case TAG_PARAGRAPH:
                return n_link < 0.66 * n_all;
        case TAG_HEADING:
                return n_link < 0.66 * n_all && !element_is(r->block, "h1");
        case TAG_LIST_ITEM:
                return n_link < 0.5 * n_all;
        case TAG_BLOCK:
        case TAG_INLINE: /* a page without a single block */
                return n_link < 0.5 * n_all &&
                        (r->n_chars >= SCRAP_CHARS_MIN ||
                                (r->n_chars >= SENTENCE_CHARS_MIN && ends_like_sentence(text)));
        case TAG_NEVER:
        case TAG_KIND_MAX:
                break;
        }

        return false;
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

static int renderer_judge(Renderer *renderer) {
        int r;

        buffer_reset(&renderer->folded);
        r = text_fold_space(renderer->raw.data, renderer->raw.n_bytes, &renderer->folded);
        if (r < 0)
                return r;
        if (!renderer_wants(renderer, buffer_str(&renderer->folded)))
                return 0;

        if (renderer->block->kind == TAG_HEADING) {
                buffer_reset(&renderer->heading);
                return buffer_append(
                        &renderer->heading, renderer->folded.data, renderer->folded.n_bytes);
        }

        r = append_line(renderer->out, &renderer->heading);
        if (r < 0)
                return r;
        buffer_reset(&renderer->heading);
        return append_line(renderer->out, &renderer->folded);
}

/* The end of a block. */
static int renderer_flush(Renderer *renderer) {
        int r = 0;

        if (renderer->raw.n_bytes > 0)
                r = renderer_judge(renderer);
        buffer_reset(&renderer->raw);
        renderer->n_chars = renderer->n_link_chars = 0;
        renderer->after_break = false;
        return r;
}

static int renderer_take_text(Renderer *renderer, const xmlNode *node) {
        const PageElement *parent = node->parent->_private;
        const char *text = (const char *) node->content;
        uint32_t n = 0;
        int r;

        if (!text || !parent)
                return 0;
        if (renderer->block != parent->block) {
                r = renderer_flush(renderer);
                if (r < 0)
                        return r;
                renderer->block = parent->block;
        }

        for (const char *s = text; *s; s++)
                n += !ascii_isspace(*s) && ((unsigned char) *s & 0xC0) != 0x80;
        renderer->n_chars += n;
        renderer->n_link_chars += parent->in_link ? n : 0;
        renderer->after_break = renderer->after_break && n == 0;
        return buffer_append_str(&renderer->raw, text);
}

/* One <br> is a space; two make a paragraph. */
static int renderer_take_break(Renderer *renderer) {
        if (renderer->after_break)
                return renderer_flush(renderer);
        renderer->after_break = true;
        return buffer_append_char(&renderer->raw, ' ');
}

/* Before the children of @e, which is not dropped. */
static int renderer_enter(Renderer *renderer, const PageElement *e) {
        if (element_is(e, "br"))
                return renderer_take_break(renderer);

        return e->kind == TAG_INLINE ? 0 : renderer_flush(renderer);
}

/* The node behind @node and, unless @skip, what is in it; NULL behind @root. */
static xmlNode *next_within(xmlNode *node, const xmlNode *root, bool skip) {
        if (!skip && node->type == XML_ELEMENT_NODE && node->children)
                return node->children;
        while (node != root && !node->next)
                node = node->parent;
        return node == root ? NULL : node->next;
}

int maintext_render(const PageElement *root, const char *title, Buffer *out) {
        _cleanup_(renderer_done) Renderer renderer = {
                .title = title,
                .out = out,
                .block = root->block,
        };
        bool skip = false;
        int r = 0;

        for (xmlNode *node = root->node; node && r >= 0;
                node = next_within(node, root->node, skip)) {
                const PageElement *e = node->type == XML_ELEMENT_NODE ? node->_private : NULL;

                skip = e && e->dropped;
                if (e && !skip)
                        r = renderer_enter(&renderer, e);
                else if (node->type == XML_TEXT_NODE)
                        r = renderer_take_text(&renderer, node);
        }
        if (r < 0)
                return r;

        return renderer_flush(&renderer);
}
