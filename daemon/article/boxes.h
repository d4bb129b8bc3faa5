/* SPDX-License-Identifier: MIT */
#pragma once

/* Boxes that are told by what they hold, whatever they are called: what asks for a mail address,
 * what asks for consent, and what leads to other pages. For article/ alone. */

#include "article/outline.h"

/* Marks them as dropped, but not what is in them; what is dropped already and the counts without it
 * are known. 0 or -ENOMEM. */
int outline_drop_boxes(Outline *outline) _warn_unused_;
