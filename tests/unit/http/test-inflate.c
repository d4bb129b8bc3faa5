/* SPDX-License-Identifier: MIT */

/* Content codings: whatever the pieces they come in, what servers get wrong, and bombs, which must
 * cost neither time nor memory. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <zlib.h>
#include <zstd.h>

#include "base/buffer.h"
#include "base/str.h"
#include "base/time.h"
#include "http/inflate.h"

#define TEXT "<rss version=\"2.0\"><channel><title>hello hello hello</title></channel></rss>"

/* --- packing --- */

static void pack_zlib(Buffer *b, const void *p, size_t n_bytes, int window_bits) {
        z_stream z = {};
        size_t room = compressBound((uLong) n_bytes) + 64;
        uint8_t *out = malloc(room);

        assert_non_null(out);
        assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window_bits, 9, Z_DEFAULT_STRATEGY), Z_OK);
        z.next_in = (uint8_t *) p;
        z.avail_in = (uInt) n_bytes;
        z.next_out = out;
        z.avail_out = (uInt) room;
        assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
        assert_int_equal(buffer_append(b, out, room - z.avail_out), 0);
        deflateEnd(&z);
        free(out);
}

static void pack_zstd(Buffer *b, const void *p, size_t n_bytes) {
        size_t room = ZSTD_compressBound(n_bytes), n;
        uint8_t *out = malloc(room);

        assert_non_null(out);
        n = ZSTD_compress(out, room, p, n_bytes, 3);
        assert_false(ZSTD_isError(n));
        assert_int_equal(buffer_append(b, out, n), 0);
        free(out);
}

/* libbrotli's encoder at its best, for TEXT */
static const char brotli_text[] =
        "\x1b\x4b\x00\xa0\x1d\x07\x76\xac\xb1\x89\xc9\xd3\xc2\xd9\x51\xf2\xc8\xc8\x95\xcf\x5c\x8b\xb8"
        "\xbc\xc0\x70\x8c\x03\xd6\x6b\x7e\x81\x65\xa0\x7d\x8f\xb1\x69\x6c\x17\xdb\x90\xfa\xb1\x67\x72"
        "\x88\x89\xcc\xa6\x7b\xdc\x8d\xc0\x19\xc0\x3c";
/* 20 MiB of zeros, with windows of 4 and of 16 MiB */
static const char brotli_zeros22[] =
        "\xcb\xff\xff\x3f\x00\x24\x00\xe2\xb1\x40\x72\xef\xff\xf8\xff\xff\x07\x80\x04\x40\x1c\x16\x80"
        "\xee\xfd\x5f\xfe\xff\xff\x00\x90\x00\x88\xc3\x02\xd0\xbd\xff\x01";
static const char brotli_zeros24[] =
        "\xcf\xff\xff\x7f\x00\x24\x00\xe2\xb1\x40\x72\xef\xff\xf3\xff\xff\x07\x80\x04\x40\x1c\x16\x80"
        "\xee\xfd\x0f";

#define APPEND(b, literal) assert_int_equal(buffer_append((b), (literal), sizeof(literal) - 1), 0)

/* @how is a row of packers, the first applied first: g(zip) d(eflate) r(aw deflate) b(rotli, of
 * TEXT) s (zstd) p(lain); then marks of what is added behind: + (garbage) 2 (all of it again) and
 * - (the last bytes are lost). */
static void pack(Buffer *ret, const char *how) {
        Buffer b = {};

        APPEND(&b, TEXT);
        for (; *how; how++) {
                Buffer next = {};

                switch (*how) {
                case 'g':
                        pack_zlib(&next, b.data, b.n_bytes, 15 + 16);
                        break;
                case 'd':
                        pack_zlib(&next, b.data, b.n_bytes, 15);
                        break;
                case 'r':
                        pack_zlib(&next, b.data, b.n_bytes, -15);
                        break;
                case 's':
                        pack_zstd(&next, b.data, b.n_bytes);
                        break;
                case 'b':
                        APPEND(&next, brotli_text);
                        break;
                case 'p':
                        continue;
                case '+':
                        APPEND(&b, "\nGARBAGE\n");
                        continue;
                case '0':
                        APPEND(&b, "\0\0\0\0");
                        continue;
                case '2':
                        assert_int_equal(buffer_append(&next, b.data, b.n_bytes), 0);
                        assert_int_equal(buffer_append(&next, b.data, b.n_bytes), 0);
                        break;
                case '-':
                        buffer_truncate(&b, b.n_bytes - 12);
                        continue;
                default:
                        fail();
                }
                buffer_done(&b);
                b = next;
        }
        *ret = b;
}

/* --- unpacking --- */

typedef struct Outcome {
        int error;
        Buffer body; /* its first MiB */
        uint64_t n_bytes, n_steps;
        usec_t longest_usec;
        size_t most_work;
        bool odd;
} Outcome;

static void drain(Inflate *f, Outcome *o) {
        static uint8_t out[64 * 1024];
        int r;

        do {
                size_t n = 0, work = 0;
                usec_t begin = clock_boottime(&clock_system);

                r = inflate_step(f, out, sizeof(out), &n, &work);
                o->longest_usec = MAX(o->longest_usec, clock_boottime(&clock_system) - begin);
                o->most_work = MAX(o->most_work, work);
                o->n_steps++;
                o->n_bytes += n;
                if (o->body.n_bytes < 1024 * 1024)
                        assert_int_equal(buffer_append(&o->body, out, n), 0);
        } while (r == INFLATE_GOES_ON);
        if (r < 0)
                o->error = r;
        else
                assert_int_equal(inflate_keep(f), 0);
}

/* In pieces of @n_piece bytes, each in memory of its own, so that a sanitizer sees who keeps it. */
static Outcome unpack(const char *codings, const Buffer *b, size_t n_piece) {
        _cleanup_(inflate_freep) Inflate *f = NULL;
        const char *unknown = NULL;
        Outcome o = {};

        o.error = inflate_new(codings, UINT64_C(16) << 20, &f, &unknown);
        if (o.error < 0) {
                assert_int_equal(o.error == -ENOTSUP, unknown != NULL);
                return o;
        }
        assert_non_null(f);
        for (size_t i = 0; i < b->n_bytes && o.error >= 0; i += n_piece) {
                size_t n = MIN(n_piece, b->n_bytes - i);
                char *piece = malloc(n);

                assert_non_null(piece);
                memcpy(piece, b->data + i, n);
                assert_int_equal(inflate_push(f, piece, n), 0);
                drain(f, &o);
                free(piece);
        }
        if (o.error >= 0) {
                inflate_end(f);
                drain(f, &o);
        }
        o.odd = inflate_oddity(f) != NULL;
        return o;
}

static const struct {
        const char *codings, *packed;
        int error;
        bool odd;
        unsigned n_times; /* 0: once */
} cases[] = {
        { "gzip", "g", .error = 0 },
        { "X-GZip", "g", .error = 0 },
        { "deflate", "d", .error = 0 },
        { "br", "b", .error = 0 },
        { "zstd", "s", .error = 0 },
        { "Gzip , identity", "g", .error = 0 },
        { "gzip, br, zstd", "bgs", .error = -EBADMSG }, /* the order is that of packing */
        { "br, gzip, zstd", "bgs", .error = 0 },
        { "gzip, deflate, zstd, gzip, gzip", "gdsgg", .error = 0 },
        { "gzip, gzip, gzip, gzip, gzip, gzip", "gggggg", .error = -E2BIG },
        { "identity, identity, identity, identity, identity, identity", "p", .error = -E2BIG },
        { "compress", "p", .error = -ENOTSUP },
        { "gzip, x", "p", .error = -ENOTSUP },
        { "gzip;q=1", "p", .error = -ENOTSUP },
        /* more than one stream, and what is none behind it */
        { "gzip", "g2", .n_times = 2 },
        { "zstd", "s2", .n_times = 2 },
        { "gzip", "g+", .odd = true },
        { "gzip", "g0", .odd = true },
        { "deflate", "d+", .odd = true },
        { "br", "b+", .odd = true },
        { "zstd", "s+", .odd = true },
        { "gzip, zstd", "gs+", .odd = true },
        { "gzip, zstd", "g+s", .odd = true },
        /* labels that are wrong */
        { "deflate", "r", .odd = true },
        { "gzip", "r", .odd = true },
        { "gzip", "d", .odd = true },
        { "deflate", "g", .odd = true },
        { "gzip", "p", .odd = true },
        { "deflate", "p", .odd = true },
        { "br", "p", .odd = true },
        { "zstd", "p", .odd = true },
        { "gzip, gzip", "g", .odd = true },
        { "br", "g", .error = -EBADMSG },
        { "zstd", "g", .error = -EBADMSG },
        { "gzip", "s", .error = -EBADMSG },
        /* cut off */
        { "gzip", "g-", .error = -EPIPE },
        { "deflate", "d-", .error = -EPIPE },
        { "br", "b-", .error = -EPIPE },
        { "zstd", "s-", .error = -EPIPE },
        { "gzip, gzip", "g-g", .error = -EPIPE },
};

static void test_codings(void **state) {
        static const size_t pieces[] = { 1, 7, 100000 };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                for (size_t k = 0; k < ELEMENTSOF(pieces); k++) {
                        Buffer b;
                        Outcome o;
                        unsigned n_times = MAX(cases[i].n_times, 1U);

                        pack(&b, cases[i].packed);
                        o = unpack(cases[i].codings, &b, pieces[k]);
                        if (o.error != cases[i].error)
                                fail_msg("%s, %s in pieces of %zu: %d", cases[i].codings,
                                        cases[i].packed, pieces[k], o.error);
                        if (o.error < 0)
                                assert_non_null(inflate_reason(o.error));
                        else {
                                if (o.odd != cases[i].odd || o.n_bytes != n_times * strlen(TEXT))
                                        fail_msg("%s, %s in pieces of %zu: %" PRIu64 " bytes",
                                                cases[i].codings, cases[i].packed, pieces[k],
                                                o.n_bytes);
                                assert_non_null(startswith(buffer_str(&o.body), TEXT));
                        }
                        buffer_done(&o.body);
                        buffer_done(&b);
                }
}

static void test_nothing_to_take_off(void **state) {
        static const char *const names[] = { "", " , ", "identity", "none", "UTF-8", "binary" };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                Inflate *f = NULL;
                const char *unknown;

                assert_int_equal(inflate_new(names[i], 1, &f, &unknown), 0);
                assert_null(f);
        }
}

static void test_empty_body(void **state) {
        static const char *const codings[] = { "gzip", "br", "gzip, zstd" };
        Buffer b = {};

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(codings); i++) {
                Outcome o = unpack(codings[i], &b, 1);

                assert_int_equal(o.error, 0);
                assert_int_equal(o.n_bytes, 0);
                buffer_done(&o.body);
        }
}

/* Something like a feed: 8 MiB, of which a tenth is new. */
static void test_large(void **state) {
        static const char how[] = "gs";
        Buffer body = {};
        uint64_t random = 7;

        (void) state;
        while (body.n_bytes < 8 << 20) {
                random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
                assert_int_equal(
                        buffer_printf(&body, "<item><guid>%016" PRIx64 "</guid>%0100u", random, 0),
                        0);
        }
        for (const char *h = how; *h; h++) {
                Buffer b = {};
                Outcome o;

                if (*h == 'g')
                        pack_zlib(&b, body.data, body.n_bytes, 15 + 16);
                else
                        pack_zstd(&b, body.data, body.n_bytes);
                o = unpack(*h == 'g' ? "gzip" : "zstd", &b, 16384);
                assert_int_equal(o.error, 0);
                assert_int_equal(o.n_bytes, body.n_bytes);
                assert_memory_equal(o.body.data, body.data, o.body.n_bytes);
                buffer_done(&o.body);
                buffer_done(&b);
        }
        buffer_done(&body);
}

/* --- bombs --- */

static void append_u24(Buffer *b, uint32_t v) {
        const uint8_t bytes[3] = { (uint8_t) v, (uint8_t) (v >> 8), (uint8_t) (v >> 16) };

        assert_int_equal(buffer_append(b, bytes, sizeof(bytes)), 0);
}

/* A zstd frame (RFC 8878, 3.1.1) of @n_blocks times 128 KiB of one byte. */
static void bomb_zstd(Buffer *b, unsigned window_bits, unsigned n_blocks) {
        APPEND(b, "\x28\xb5\x2f\xfd");
        assert_int_equal(buffer_append_char(b, 0), 0);
        assert_int_equal(buffer_append_char(b, (char) ((window_bits - 10) << 3)), 0);
        for (unsigned i = 0; i < n_blocks; i++) {
                append_u24(b, (UINT32_C(128) * 1024) << 3 | 1 << 1 | (i + 1 == n_blocks));
                assert_int_equal(buffer_append_char(b, 'a'), 0);
        }
}

static size_t memory_in_use(void) {
        struct mallinfo2 info = mallinfo2();

        return info.uordblks + info.hblkhd;
}

/* Sanitizers and Valgrind have an allocator of their own, and take their time. */
static bool is_measurable(void) {
        size_t before = memory_in_use();
        char *volatile p = malloc(1 << 20);
        bool seen = memory_in_use() >= before + (1 << 20);

        free(p);
        return seen;
}

static void s11_15_bombs(void **state) {
        enum { GZIP_ZEROS, BROTLI_4, BROTLI_16, ZSTD_2, ZSTD_8, ZSTD_16, ZSTD_IN_GZIP, N };
        static const struct {
                const char *codings;
                int error;
                size_t memory_bytes_max;
        } bombs[N] = {
                [GZIP_ZEROS] = { "gzip", -EFBIG, 128 << 10 },
                [BROTLI_4] = { "br", -EFBIG, 6 << 20 },
                [BROTLI_16] = { "br", -EOVERFLOW, 6 << 20 },
                [ZSTD_2] = { "zstd", -EFBIG, 3 << 20 },
                [ZSTD_8] = { "zstd", -EFBIG, 10 << 20 },
                [ZSTD_16] = { "zstd", -EOVERFLOW, 1 << 20 },
                [ZSTD_IN_GZIP] = { "zstd, gzip", -EFBIG, 3 << 20 },
        };

        (void) state;
        for (size_t i = 0; i < N; i++) {
                Buffer b = {}, inner = {};
                uint8_t *zeros = calloc(1, 20 << 20);
                size_t before, most;
                const char *unknown;
                Inflate *f;
                Outcome o = {};

                assert_non_null(zeros);
                switch (i) {
                case GZIP_ZEROS:
                        pack_zlib(&b, zeros, 20 << 20, 15 + 16);
                        break;
                case BROTLI_4:
                        APPEND(&b, brotli_zeros22);
                        break;
                case BROTLI_16:
                        APPEND(&b, brotli_zeros24);
                        break;
                case ZSTD_2:
                        bomb_zstd(&b, 21, 8000);
                        break;
                case ZSTD_8:
                        bomb_zstd(&b, 23, 8000);
                        break;
                case ZSTD_16:
                        bomb_zstd(&b, 24, 8000);
                        break;
                case ZSTD_IN_GZIP:
                        bomb_zstd(&inner, 20, 80000);
                        pack_zlib(&b, inner.data, inner.n_bytes, 15 + 16);
                        break;
                default:
                        fail();
                }
                free(zeros);

                before = memory_in_use();
                assert_int_equal(inflate_new(bombs[i].codings, 16 << 20, &f, &unknown), 0);
                assert_int_equal(inflate_push(f, b.data, MIN(b.n_bytes, (size_t) 32 * 1024)), 0);
                drain(f, &o);
                most = memory_in_use() - MIN(before, memory_in_use()) - o.body.n_allocated;
                if (getenv("PICKET_TEST_FIGURES"))
                        printf("bomb %zu: %" PRIu64 " bytes in %" PRIu64
                               " steps, the longest %" PRIu64
                               " us with %zu bytes of work, %zu bytes of memory\n",
                                i, o.n_bytes, o.n_steps, o.longest_usec, o.most_work, most);
                if (o.error == 0) { /* the window holds it all: a bomb only when it comes out */
                        inflate_end(f);
                        drain(f, &o);
                }
                if (o.error != bombs[i].error)
                        fail_msg("bomb %zu: %d", i, o.error);
                /* What a ratio of 200 lets pass, and the step that saw it. */
                assert_true(o.n_bytes <= 200 * 32 * 1024 + 64 * 1024);
                assert_true(o.most_work <= 128 * 1024);
                if (is_measurable()) {
                        assert_true(most <= bombs[i].memory_bytes_max);
                        assert_true(o.longest_usec < 50 * USEC_PER_MSEC);
                }
                f = inflate_free(f);
                buffer_done(&o.body);
                buffer_done(&b);
                buffer_done(&inner);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_codings),
                cmocka_unit_test(test_nothing_to_take_off),
                cmocka_unit_test(test_empty_body),
                cmocka_unit_test(test_large),
                cmocka_unit_test(s11_15_bombs),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
