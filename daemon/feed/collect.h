/* SPDX-License-Identifier: MIT */
#pragma once

/* Elements to items, as the tables of rules say. Sees a feed from its root on; holds the item that
 * is being read and what the feed has said of itself so far, nothing else. */

#include "feed/address.h"
#include "feed/entry.h"
#include "feed/rules.h"
#include "feed/xml.h"

/* Markup gathered for one field before it is made text. */
#define COLLECT_RAW_BYTES_MAX (2 * FEED_FIELD_BYTES_MAX)

typedef struct Collector Collector;

/* @url may be NULL; @warnings, which also has the handler of items, outlives the collector. */
int collector_new(const char *url, Warnings *warnings, Collector **ret) _warn_unused_;
Collector *collector_free(Collector *collector);
DEFINE_POINTER_CLEANUP(Collector, collector_free);

/* For warnings' lines. The reader outlives the collector's use. */
void collector_set_reader(Collector *collector, const XmlReader *reader);

/* The three callbacks of XmlHandler; @userdata is the collector. -ENOMEM, or what the handler of
 * items returned. */
int collector_on_start(const XmlElement *element, void *userdata) _warn_unused_;
int collector_on_end(unsigned depth, void *userdata) _warn_unused_;
int collector_on_text(const char *p, size_t n_bytes, void *userdata) _warn_unused_;

/* Was there anything but a root that could be many things (RDF)? */
bool collector_is_feed(const Collector *collector);
size_t collector_n_items(const Collector *collector);
/* Lent until the next callback. */
FeedInfo collector_info(const Collector *collector);
