/* SPDX-License-Identifier: MIT */
#pragma once

/* The elements of a page in document order, each with what is known of it. Every pass over a page
 * is a loop over this list: forwards, a parent is met before its children; backwards, after them.
 * So nothing recurses, whatever the depth, and every pass is linear. For article/ alone. */

#include <libxml/tree.h>

#include "base/memory.h"

typedef enum TagKind {
        TAG_INLINE,
        TAG_BLOCK,     /* begins and ends a line */
        TAG_PARAGRAPH, /* a block meant for running text */
        TAG_HEADING,
        TAG_LIST_ITEM,
        TAG_NEVER, /* holds nothing to read */
        TAG_KIND_MAX,
} TagKind;

TagKind tag_kind(const char *name);

typedef struct PageElement PageElement;
struct PageElement {
        xmlNode *node;
        PageElement *parent;      /* NULL for the root */
        const PageElement *block; /* the nearest block around, itself if it is one */
        size_t n_below; /* how many elements of the list, right behind it, lie within it */
        TagKind kind;
        bool dropped;                                  /* clutter, or within some */
        bool in_link;                                  /* <a>, or within one */
        bool is_h1, is_table, is_th, is_cell, is_time; /* asked for again and again */
        bool in_header;                                /* <header>, or within one */
        bool is_comment;                               /* has a button to reply; boxes.c */
        bool is_card;      /* a headline that leads to another page; boxes.c */
        bool is_permalink; /* a heading that leads into the page itself; boxes.c */
        bool sells;        /* a button that says "subscribe"; boxes.c */
        unsigned hint;     /* what class and id say; hints.c */
        bool in_lead;      /* named as what sums the text up, or within such; clutter.c */
        bool is_main;      /* <article>, <main>, role=main, itemprop=articleBody */

        uint32_t n_direct, n_direct_commas; /* text that is in no other element */

        /* Counted by outline_count(), over what is not dropped. Characters, without white space. */
        uint32_t n_text, n_link_text;          /* all below */
        uint32_t n_own, n_own_link;            /* the element's own and of inline elements in it */
        uint32_t n_commas;                     /* among the own */
        uint32_t n_running;                    /* text of paragraphs below, without their links */
        bool holds_main, holds_h1, holds_time; /* <time> */
        uint32_t n_headings;                   /* <th> below, up to the nearest table */

        double score; /* maintext.c */
};

typedef struct Outline {
        PageElement *elements;
        size_t n_elements;
} Outline;

void outline_done(Outline *outline);
/* @doc must outlive it. 0, -ENODATA (no element) or -ENOMEM. */
int outline_build(xmlDoc *doc, Outline *ret) _warn_unused_;
/* (Re)counts, leaving out what is dropped. */
void outline_count(Outline *outline);

/* What addresses in the page are relative to: its <base>, if it has one, else @base_url. *ret is
 * NULL without any. 0 or -ENOMEM. */
int outline_base_url(const Outline *outline, const char *base_url, char **ret) _warn_unused_;

/* Are both addresses, full or not, of the same page? Its scheme, host, query and fragment do not
 * count. NULL is of none. */
bool is_same_path(const char *a, const char *b) _pure_;

/* The node behind @node and, unless @skip, what is in it; NULL behind @root. */
xmlNode *node_next_within(const xmlNode *node, const xmlNode *root, bool skip);

/* Is this text node nothing but white space? */
bool node_is_blank(const xmlNode *text) _pure_;
/* The characters that are no white space. */
uint32_t text_n_chars(const char *s, size_t n_bytes) _pure_;
/* An image, also as AMP has it. */
bool element_is_picture(const PageElement *element) _pure_;

/* The value of an attribute if it is plain text, else NULL; lent by the document. */
const char *element_attribute(const xmlNode *node, const char *name);
bool element_attribute_is(const xmlNode *node, const char *name, const char *value);
/* Is @word among the space-separated words of @s (may be NULL), or of the attribute? ASCII case is
 * ignored. */
bool words_have(const char *s, const char *word);
bool element_attribute_has(const xmlNode *node, const char *name, const char *word);
bool element_is(const PageElement *element, const char *name);
/* Is this a paragraph to a reader, by its kind or because text lies in it directly? */
bool element_is_running(const PageElement *element);
