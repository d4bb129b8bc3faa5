/* SPDX-License-Identifier: MIT */
#pragma once

/* What stands before libxml2: takes a feed as publishers write it and hands on well-formed XML in
 * UTF-8 with the same text. libxml2 recovers from much, but it halts at a bare '<', at NUL, at an
 * unknown encoding and at what stands before the prolog, and takes quadratic time or unbounded
 * memory for some things that are legal (many attributes, deep nesting, long tokens, entities). So
 * all of that ends here, in a stream, in linear time, each repair a warning with its line. Line
 * breaks are kept, so that lines are those of the feed. */

#include "feed/piece.h"
#include "feed/warnings.h"

/* Bytes of one tag. libxml2's time for a tag grows with the square of its attributes: 64 KiB cost
 * it 11 ms, 1 MiB three seconds. */
#define SIEVE_TAG_BYTES_MAX ((size_t) 64 * 1024)
/* Attributes kept of one tag; real ones have fewer than 30, namespaces of a root included. */
#define SIEVE_ATTRIBUTES_MAX 128
/* Bytes of a name; the longest of any known vocabulary has 30. */
#define SIEVE_NAME_BYTES_MAX ((size_t) 128)
/* Different names, prefixes and namespaces of one feed that are kept apart. libxml2 keeps each for
 * good, and halts when they take 10 MB; real feeds stay below 200. */
#define SIEVE_NAMES_MAX 4096
/* What may stand before the root: a few PHP warnings, no article. */
#define SIEVE_PROLOG_BYTES_MAX ((uint64_t) 64 * 1024)
/* What a comment may hold until its end must have been met. One that goes on was never closed: real
 * ones, with a page's worth of items left out, stay far below. */
#define SIEVE_COMMENT_BYTES_MAX ((size_t) 256 * 1024)
/* Of a DOCTYPE, how much is looked at for entities. */
#define SIEVE_DOCTYPE_BYTES_MAX ((size_t) 16 * 1024)
/* Bytes of a character reference, without '&' and ';'. */
#define SIEVE_REFERENCE_BYTES_MAX 32

typedef struct Sieve Sieve;

/* Takes sieved XML, lent, in pieces that may end anywhere but inside a tag or a character. Negative
 * stops the sieve. */
typedef int (*SieveOutput)(const Piece *piece, void *userdata);

/* @content_type may be NULL; @warnings outlives the sieve. */
int sieve_new(const char *content_type, Warnings *warnings, SieveOutput output, void *userdata,
        Sieve **ret) _warn_unused_;
/* Before the first push: takes documents of another kind instead of feeds. @names, literals, are
 * those that count in it, however many strange ones come before; the first is the root. 0 or
 * -ENOMEM. */
int sieve_expect(Sieve *sieve, const char *const *names, size_t n_names) _warn_unused_;
Sieve *sieve_free(Sieve *sieve);
DEFINE_POINTER_CLEANUP(Sieve, sieve_free);

/* 0, -EBADMSG (no feed, see sieve_error()), -ENOMEM or what the output returned. */
int sieve_push(Sieve *sieve, const void *p, size_t n_bytes) _warn_unused_;
int sieve_finish(Sieve *sieve) _warn_unused_;

/* Why it is no feed; NULL without such an error. */
const char *sieve_error(const Sieve *sieve);
/* After sieve_finish(): did the bytes end inside the root? */
bool sieve_is_cut(const Sieve *sieve);
