/* SPDX-License-Identifier: MIT */
#pragma once

/* A verdict for a person at a terminal: score and threshold, what each keyword gave and in which
 * words, and what was missing. */

#include <stdio.h>

#include "model/model.h"

void explain_verdict(FILE *f, const Verdict *verdict, const Document *document, bool color);
/* Text from outside on one line: what could steer a terminal becomes a space. */
void explain_text(FILE *f, const char *text, size_t n_bytes);
