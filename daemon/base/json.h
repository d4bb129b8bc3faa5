/* SPDX-License-Identifier: MIT */
#pragma once

/* JSON as text, for whatever keeps, sends or prints it. */

#include <jansson.h>

#include "base/buffer.h"

/* One line. Fifteen digits hold every thousandth and show none of the binary remainder behind it.
 */
#define JSON_LINE (JSON_COMPACT | JSON_REAL_PRECISION(15))

/* @flags as for json_dumps(). A NULL @json is one for which there was no memory. 0 or -ENOMEM; the
 * caller owns *ret.
 *
 * Not json_dumps() itself: jansson 2.14 overlooks a failed append in some places and hands out a
 * text with a hole in it, which would be stored and sent. */
int json_to_text(const json_t *json, size_t flags, char **ret) _warn_unused_;

/* Appends @s (valid UTF-8) as a string with its quotes, or null for NULL. For texts in bulk: it
 * takes a tenth of the time of making a json_t and dumping that. 0 or -ENOMEM. */
int json_append_string(Buffer *out, const char *s) _warn_unused_;
