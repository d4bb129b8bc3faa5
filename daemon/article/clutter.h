/* SPDX-License-Identifier: MIT */
#pragma once

/* Which parts of a page are not what a reader came for. For article/ alone. */

#include "article/outline.h"

/* Marks them as dropped and counts what is left. 0 or -ENOMEM. */
int outline_drop_clutter(Outline *outline) _warn_unused_;
