/* SPDX-License-Identifier: MIT */
#pragma once

/* The inside of the collector, shared by its three files alone: collect.c (where an element stands
 * and what is done with it), collect-root.c (what the root says of all) and collect-field.c (what
 * an element's attributes and text say). */

#include "feed/collect.h"

#define PLACES_MAX 8 /* feed, item, source, person: one inside the other */

struct Collector {
        Warnings *warnings;
        const XmlReader *reader;
        Addresses addresses;

        const Rules *rules;
        RuleIndex index; /* of them, and of those of the modules */
        FeedFormat format;
        XmlNs home; /* what NS_HOME is called when it is called by name */
        Entry feed, item;
        bool is_feed;
        size_t n_items;

        struct {
                Place place;
                unsigned depth;
        } places[PLACES_MAX];
        size_t n_places;

        unsigned skip_depth; /* 0: none */

        /* while an element's text is gathered */
        unsigned gather_depth, mute_depth;
        const Rule *rule;
        TextKind kind;
        bool permalink, cut;
        bool xhtml, has_elements; /* is it said to be XHTML; was there an element in it? */
        Buffer raw, plain;

        Buffer person; /* name, else address, of the person being read */
        unsigned person_priority;
        unsigned author_priority; /* of the author that the person is */
};

/* --- collect.c --- */

/* A warning with the line of what is being read. */
void collector_warn(Collector *collector, const char *what, const char *detail);
bool collector_in_item(const Collector *collector) _pure_;
/* Whom an element at this place speaks of. */
Entry *collector_entry(Collector *collector) _pure_;
LabelList *collector_authors(Collector *collector) _pure_;

/* Opens a place; false when there are too many. */
bool collector_enter(Collector *collector, Place place, unsigned depth);

/* --- collect-root.c --- */

int collector_root(Collector *collector, const XmlElement *element) _warn_unused_;
/* The language of the root, or of the channel in it. */
int collector_read_language(Collector *collector, const XmlElement *element) _warn_unused_;
/* Address and date of a channel or item of CDF. */
int collector_read_cdf(Collector *collector, const XmlElement *element) _warn_unused_;

/* --- collect-field.c --- */

/* Resolves and takes a link; one that cannot be resolved is a warning. 0 or -ENOMEM, as all below.
 */
int collector_set_link(
        Collector *collector, unsigned priority, const char *reference) _warn_unused_;
void collector_set_date(Collector *collector, Part part, unsigned priority, const char *s);
/* 1 when its text is the address. */
int collector_read_atom_link(
        Collector *collector, const XmlElement *element, const Rule *rule) _warn_unused_;
/* 1 when no attribute has the address: its text may. */
int collector_read_enclosure(Collector *collector, const XmlElement *element) _warn_unused_;
/* 1 when the attributes told the category; its text does not matter then. */
int collector_read_category(
        Collector *collector, const XmlElement *element, const Rule *rule) _warn_unused_;
/* 1 when `role` says that it names no author. */
int collector_read_credit(const XmlElement *element) _warn_unused_;
/* Which kind of text `type` announces. 1: it holds no text (that was not taken); 2: it holds
 * elements like itself. */
int collector_typed_kind(Collector *collector, const XmlElement *element) _warn_unused_;

/* The same for Media RSS, where "plain" is the default, but many write markup without saying so. */
int collector_media_kind(Collector *collector, const XmlElement *element) _warn_unused_;

/* Begins to gather the text of an element; the other takes what was gathered, at its end. */
void collector_gather(Collector *collector, const XmlElement *element, const Rule *rule);
int collector_gathered(Collector *collector) _warn_unused_;
