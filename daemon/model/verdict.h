/* SPDX-License-Identifier: MIT */
#pragma once

/* A verdict in words and in JSON: the one wording of "why" that alerts, picketctl and the store
 * share. */

#include <jansson.h>

#include "model/model.h"

/* {"profile","score","threshold","matched","keywords":[{"expression","weight","field","count",
 * "points","words","spans":[[field,offset,bytes]]}],"blocked_by","body","body_reason"}: what
 * `score --json` prints and the store keeps. A new reference, NULL when memory is out. */
json_t *verdict_to_json(const Verdict *verdict);
/* The reverse. 0, -EBADMSG (not such a document) or -ENOMEM; *ret is for verdict_done(). */
int verdict_from_json(const json_t *json, Verdict *ret) _warn_unused_;
/* The keywords array alone, for payloads. */
json_t *verdict_keywords_to_json(const Verdict *verdict);

/* Thousandths as a JSON number: an integer when whole, else a decimal that prints with at most
 * three places. */
json_t *json_milli(int64_t milli);

/* Fills the words of each hit from the text that was scored, in the field where its points come
 * from: neighbouring words as they stand, distant ones joined by " ... ". 0 or -ENOMEM. */
int verdict_quote(Verdict *verdict, const Document *document) _warn_unused_;

/* One line that says why: "score 27.5 of 10: "KFOR" +15 (title), "Kosovo ... troops" +6.75 (body, 3
 * times); body could not be read: HTTP 503". The strongest keywords first, at most @n_chars_max
 * bytes, cut between keywords. The caller owns it; NULL when memory is out. */
char *verdict_reason(const Verdict *verdict, size_t n_chars_max) _warn_unused_;
