/* SPDX-License-Identifier: MIT */
#pragma once

/* A verdict as the JSON text that verdicts and alerts are kept in. For store/ alone. */

#include "model/model.h"

/* 0 or -ENOMEM; the caller owns *ret. */
int verdict_to_text(const Verdict *verdict, char **ret) _warn_unused_;
/* 0, -EUCLEAN (not what we wrote; also for NULL) or -ENOMEM; *ret is for verdict_done(). */
int verdict_from_text(const char *text, Verdict *ret) _warn_unused_;
