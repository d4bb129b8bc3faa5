/* SPDX-License-Identifier: MIT */

/* The libraries' own memory follows the stream's window. zlib's is 32 KiB, zstd takes a limit, and
 * brotli takes an allocator: what its window may not have, the allocator refuses. */

#include "http/unpacker.h"

#include <brotli/decode.h>
#include <errno.h>
#define ZLIB_CONST /* input stays const */
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/str.h"

/* Beside the window: brotli's state, its tables of codes (some 100 KiB) and what lies behind the
 * window's end. */
#define BROTLI_BYTES_MAX (((size_t) 1 << UNPACKER_BROTLI_WINDOW_BITS_MAX) + (size_t) 1024 * 1024)

struct Unpacker {
        Coding coding; /* what it is, not what it was called */
        union {
                z_stream zlib;
                BrotliDecoderState *brotli;
                ZSTD_DStream *zstd;
        };
        size_t n_allocated; /* by brotli */
        bool allocated_too_much;

        bool opened;  /* the library's state is there to be freed */
        bool at_end;  /* of a stream; another may follow with gzip and zstd */
        bool is_over; /* what follows is garbage */
        bool is_later;
        const char *oddity;
};

Coding coding_from_name(const char *name, size_t n_bytes) {
        static const struct {
                const char *name;
                Coding coding;
        } names[] = {
                { "gzip", CODING_GZIP },
                { "x-gzip", CODING_GZIP }, /* RFC 9110, 8.4.1.3 */
                { "deflate", CODING_DEFLATE },
                { "br", CODING_BROTLI },
                { "zstd", CODING_ZSTD },
                { "identity", CODING_IDENTITY },
                /* no codings, but what servers put there and browsers pass over */
                { "none", CODING_IDENTITY },
                { "binary", CODING_IDENTITY },
                { "utf-8", CODING_IDENTITY },
                { "utf8", CODING_IDENTITY },
        };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (strlen(names[i].name) == n_bytes &&
                        strncasecmp(names[i].name, name, n_bytes) == 0)
                        return names[i].coding;
        return CODING_MAX;
}

/* --- what is it? --- */

/* "<?xml", "<html", "{\"version\"": no stream of these codings begins so. Brotli cannot begin with
 * '<' or a byte order mark; for deflate it would take luck, so all that was seen has to be text. */
static bool is_markup(const uint8_t *p, size_t n_bytes) {
        size_t i = 0;

        for (size_t k = 0; k < n_bytes; k++)
                if (p[k] < ' ' && !ascii_isspace((char) p[k]))
                        return false;

        if (n_bytes >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
                i = 3;
        while (i < n_bytes && ascii_isspace((char) p[i]))
                i++;
        if (i + 1 >= n_bytes)
                return false;
        if (p[i] == '<')
                return ascii_isalpha((char) p[i + 1]) || strchr("!?/", p[i + 1]);
        return p[i] == '{' && (ascii_isspace((char) p[i + 1]) || strchr("\"}", p[i + 1]));
}

static bool is_gzip(const uint8_t *p, size_t n_bytes) {
        return n_bytes >= 2 && p[0] == 0x1f && p[1] == 0x8b;
}

/* RFC 1950, 2.2: method 8, a window of at most 32 KiB, and a check of these two bytes. */
static bool is_zlib(const uint8_t *p, size_t n_bytes) {
        return n_bytes >= 2 && (p[0] & 0x0f) == 8 && p[0] >> 4 <= 7 && (p[0] << 8 | p[1]) % 31 == 0;
}

/* --- making and freeing --- */

/* Each piece carries its size, as brotli does not say it when it frees. */
static void *brotli_allocate(void *opaque, size_t n_bytes) {
        Unpacker *d = opaque;
        size_t *piece;

        if (n_bytes > BROTLI_BYTES_MAX - d->n_allocated) {
                d->allocated_too_much = true;
                return NULL;
        }
        piece = malloc(n_bytes + 2 * sizeof(size_t)); /* two keep the alignment */
        if (!piece)
                return NULL;
        piece[0] = n_bytes;
        d->n_allocated += n_bytes;
        return piece + 2;
}

static void brotli_free(void *opaque, void *address) {
        Unpacker *d = opaque;
        size_t *piece = address;

        if (!piece)
                return;
        piece -= 2;
        d->n_allocated -= piece[0];
        free(piece);
}

static int unpacker_open(Unpacker *d, int zlib_bits) {
        switch (d->coding) {
        case CODING_IDENTITY:
        case CODING_MAX:
                return 0;

        case CODING_GZIP:
        case CODING_DEFLATE:
                if (inflateInit2(&d->zlib, zlib_bits) != Z_OK)
                        return -ENOMEM;
                break;

        case CODING_BROTLI:
                d->brotli = BrotliDecoderCreateInstance(brotli_allocate, brotli_free, d);
                if (!d->brotli)
                        return -ENOMEM;
                break;

        case CODING_ZSTD:
                d->zstd = ZSTD_createDStream();
                if (!d->zstd)
                        return -ENOMEM;
                (void) ZSTD_DCtx_setParameter(
                        d->zstd, ZSTD_d_windowLogMax, UNPACKER_ZSTD_WINDOW_BITS_MAX);
                break;
        }

        d->opened = true;
        return 0;
}

int unpacker_new(Coding coding, const void *p, size_t n_bytes, Unpacker **ret) {
        _cleanup_(unpacker_freep) Unpacker *d = NULL;
        int zlib_bits = 0, r;

        d = new0(Unpacker, 1);
        if (!d)
                return -ENOMEM;
        d->coding = coding;

        if (coding != CODING_IDENTITY && is_markup(p, n_bytes)) {
                d->coding = CODING_IDENTITY;
                d->oddity = "is plain in spite of its Content-Encoding";
        } else if (coding == CODING_GZIP || coding == CODING_DEFLATE) {
                if (is_gzip(p, n_bytes))
                        zlib_bits = 15 + 16;
                else if (is_zlib(p, n_bytes))
                        zlib_bits = 15;
                else
                        zlib_bits = -15;
                if ((zlib_bits == 15 + 16) != (coding == CODING_GZIP))
                        d->oddity = "has gzip and deflate confused in its Content-Encoding";
                else if (zlib_bits == -15)
                        d->oddity = "lacks the zlib header of deflate";
                d->coding = zlib_bits == 15 + 16 ? CODING_GZIP : CODING_DEFLATE;
        }

        r = unpacker_open(d, zlib_bits);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(d);
        return 0;
}

Unpacker *unpacker_free(Unpacker *d) {
        if (!d)
                return NULL;

        if (d->opened)
                switch (d->coding) {
                case CODING_IDENTITY:
                case CODING_MAX:
                        break;
                case CODING_GZIP:
                case CODING_DEFLATE:
                        (void) inflateEnd(&d->zlib);
                        break;
                case CODING_BROTLI:
                        BrotliDecoderDestroyInstance(d->brotli);
                        break;
                case CODING_ZSTD:
                        (void) ZSTD_freeDStream(d->zstd);
                        break;
                }
        return mfree(d);
}

/* --- decoding --- */

/* A second stream may follow at once (RFC 1952, 2.2; RFC 8878, 3). What follows and is none is
 * padding or noise, and all other clients pass over it. */
static void end_all(Unpacker *d, const char *oddity) {
        d->is_over = true;
        if (!d->oddity)
                d->oddity = oddity;
}

static const char behind_the_end[] = "has bytes behind its compressed end";

static int zlib_step(Unpacker *d, const uint8_t **p, size_t *n_bytes, uint8_t *out, size_t n_out,
        size_t *ret_n_out) {
        int code;

        if (d->at_end) {
                if (*n_bytes == 0)
                        return 0;
                if (d->coding != CODING_GZIP || **p != 0x1f) {
                        end_all(d, behind_the_end);
                        return 0;
                }
                (void) inflateReset(&d->zlib); /* fails only without a state */
                d->at_end = false;
                d->is_later = true;
        }

        d->zlib.next_in = *p;
        d->zlib.avail_in = (uInt) MIN(*n_bytes, (size_t) UINT32_MAX);
        d->zlib.next_out = out;
        d->zlib.avail_out = (uInt) n_out;
        code = inflate(&d->zlib, Z_NO_FLUSH);
        *n_bytes -= (size_t) (d->zlib.next_in - *p);
        *p = d->zlib.next_in;
        *ret_n_out = n_out - d->zlib.avail_out;

        switch (code) {
        case Z_OK:
        case Z_BUF_ERROR: /* no progress, which is no error */
                return 0;
        case Z_STREAM_END:
                d->at_end = true;
                return 0;
        case Z_MEM_ERROR:
                return -ENOMEM;
        default:
                if (d->is_later && d->zlib.total_out == 0) {
                        end_all(d, behind_the_end);
                        return 0;
                }
                return -EBADMSG;
        }
}

static int brotli_step(Unpacker *d, const uint8_t **p, size_t *n_bytes, uint8_t *out, size_t n_out,
        size_t *ret_n_out) {
        size_t n_free = n_out;
        BrotliDecoderResult result;
        BrotliDecoderErrorCode code;

        if (d->at_end) {
                if (*n_bytes > 0)
                        end_all(d, behind_the_end);
                return 0;
        }

        result = BrotliDecoderDecompressStream(d->brotli, n_bytes, p, &n_free, &out, NULL);
        *ret_n_out = n_out - n_free;
        if (result == BROTLI_DECODER_RESULT_SUCCESS)
                d->at_end = true;
        if (result != BROTLI_DECODER_RESULT_ERROR)
                return 0;
        if (d->allocated_too_much)
                return -EOVERFLOW;
        code = BrotliDecoderGetErrorCode(d->brotli);
        return code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
                        code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES
                ? -ENOMEM
                : -EBADMSG;
}

static int zstd_step(Unpacker *d, const uint8_t **p, size_t *n_bytes, uint8_t *out, size_t n_out,
        size_t *ret_n_out) {
        ZSTD_inBuffer in = { .src = *p, .size = *n_bytes };
        ZSTD_outBuffer given = { .dst = out, .size = n_out };
        size_t code;

        if (d->at_end && *n_bytes == 0)
                return 0;

        code = ZSTD_decompressStream(d->zstd, &given, &in);
        *p += in.pos;
        *n_bytes -= in.pos;
        *ret_n_out = given.pos;
        if (!ZSTD_isError(code)) {
                d->is_later = d->is_later || code == 0;
                d->at_end = code == 0;
                return 0;
        }

        switch ((int) ZSTD_getErrorCode(code)) {
        case ZSTD_error_memory_allocation:
                return -ENOMEM;
        case ZSTD_error_frameParameter_windowTooLarge:
                return -EOVERFLOW;
        case ZSTD_error_prefix_unknown:
                if (d->is_later) {
                        d->at_end = true;
                        end_all(d, behind_the_end);
                        return 0;
                }
                return -EBADMSG;
        default:
                return -EBADMSG;
        }
}

static int identity_step(
        const uint8_t **p, size_t *n_bytes, uint8_t *out, size_t n_out, size_t *ret_n_out) {
        size_t n = MIN(*n_bytes, n_out);

        if (n > 0)
                memcpy(out, *p, n);
        *p += n;
        *n_bytes -= n;
        *ret_n_out = n;
        return 0;
}

int unpacker_step(Unpacker *d, const uint8_t **p, size_t *n_bytes, uint8_t *out, size_t n_out,
        size_t *ret_n_out) {
        int r = 0;

        *ret_n_out = 0;
        if (!d->is_over)
                switch (d->coding) {
                case CODING_IDENTITY:
                case CODING_MAX:
                        return identity_step(p, n_bytes, out, n_out, ret_n_out);
                case CODING_GZIP:
                case CODING_DEFLATE:
                        r = zlib_step(d, p, n_bytes, out, n_out, ret_n_out);
                        break;
                case CODING_BROTLI:
                        r = brotli_step(d, p, n_bytes, out, n_out, ret_n_out);
                        break;
                case CODING_ZSTD:
                        r = zstd_step(d, p, n_bytes, out, n_out, ret_n_out);
                        break;
                }

        if (d->is_over) {
                *p += *n_bytes;
                *n_bytes = 0;
        }
        return r;
}

bool unpacker_is_complete(const Unpacker *d) {
        if (d->coding == CODING_IDENTITY || d->is_over || d->at_end)
                return true;
        /* A lone 1f is no second member. */
        return d->coding == CODING_GZIP && d->is_later && d->zlib.total_out == 0;
}

const char *unpacker_oddity(const Unpacker *d) {
        return d->oddity;
}
