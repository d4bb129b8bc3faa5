/* SPDX-License-Identifier: MIT */
#pragma once

/* What stands beside or between the text, told by how it is labelled or laid out. For article/
 * alone. */

#include "article/outline.h"

/* Drops it; counts must be up to date, and are not updated. 0 or -ENOMEM. */
int outline_drop_asides(Outline *outline) _warn_unused_;
