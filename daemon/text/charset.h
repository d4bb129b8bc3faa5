/* SPDX-License-Identifier: MIT */
#pragma once

/* From any charset to UTF-8, in a stream. Names are the WHATWG Encoding Standard's labels (latin1
 * is windows-1252, and so on); conversion is iconv's. What cannot be converted becomes U+FFFD;
 * nothing fails on input. */

#include "base/buffer.h"

typedef struct Charset Charset;

/* The canonical name for a label ("utf8", " ISO-8859-1 "): a static string, or NULL for an unknown
 * one. */
const char *charset_from_label(const char *label);
/* The charset parameter of a Content-Type, as a label copied into @label (cut to fit); false
 * without one. */
bool charset_from_content_type(const char *content_type, char label[static 64]);
/* By byte order mark (UTF-8, UTF-16, UTF-32): the canonical name and how many bytes the mark takes;
 * NULL without a mark. */
const char *charset_from_bom(const void *p, size_t n_bytes, size_t *ret_n_bom);

/* @name is canonical. "utf-8" mends. 0, -EOPNOTSUPP (iconv does not know it) or -ENOMEM. */
int charset_new(const char *name, Charset **ret) _warn_unused_;
Charset *charset_free(Charset *charset);
DEFINE_POINTER_CLEANUP(Charset, charset_free);
/* Converts the next bytes, keeping a half character for later, and appends to @out. 0 or -ENOMEM.
 */
int charset_convert(Charset *charset, const void *p, size_t n_bytes, Buffer *out) _warn_unused_;
/* The end: a half character left over becomes U+FFFD. */
int charset_finish(Charset *charset, Buffer *out) _warn_unused_;
/* How many replacements were made so far. */
uint64_t charset_n_replaced(const Charset *charset);
