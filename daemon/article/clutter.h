/* SPDX-License-Identifier: MIT */
#pragma once

/* Which parts of a page are not what a reader came for. For article/ alone. */

#include "article/outline.h"

/* Marks them as dropped and counts what is left. */
void outline_drop_clutter(Outline *outline);

/* +1 or -1 when class or id say that this holds the text, or what stands around it; else 0. */
int element_name_hint(const PageElement *element);
