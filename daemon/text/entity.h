/* SPDX-License-Identifier: MIT */
#pragma once

/* Character references of HTML: the named ones (the full table of HTML 5) and numbers, with the
 * Windows-1252 reading of 128 to 159 (HTML Living Standard, 13.2.5.80), and two that are the halves
 * of a pair of surrogates read as the one character they mean. */

#include "base/macro.h"

/* @s is what follows '&'. Writes the UTF-8 text into @out, its length into *ret_n_out, and returns
 * how many bytes of @s were used (with the semicolon, when there); 0 when it is no reference. Names
 * that HTML demands a semicolon for need one. */
size_t entity_decode(const char *s, size_t n_bytes, char out[static 8], size_t *ret_n_out);
/* What Windows-1252 means by 0x80 to 0x9F, which are controls that nobody means; @c where it means
 * nothing, and for any other. */
uint32_t entity_windows_1252(uint32_t c);
