/* SPDX-License-Identifier: MIT */
#pragma once

/* Named points at which a test build can be made to die as if by kill -9, to prove that nothing is
 * lost or doubled there. Only with CRASH_POINTS=1 on make's command line; otherwise a point is
 * nothing at all. $PICKET_CRASH_AT=NAME:N dies at the Nth passing. */

#ifdef PICKET_CRASH_POINTS
void crash_point(const char *name);
#else
#define crash_point(name) ((void) 0)
#endif
