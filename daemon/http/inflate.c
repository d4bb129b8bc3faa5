/* SPDX-License-Identifier: MIT */

/* A row of stages, one for each coding, the last one named first as it was put on last. Bytes are
 * pulled: a stage that has run out of input asks the one before it for one buffer more, so each
 * holds one buffer and one window, whatever the others would like to give. */

#include "http/inflate.h"

#include <errno.h>

#include "base/buffer.h"
#include "base/str.h"

/* Between two stages. */
#define STAGE_BYTES ((size_t) 16 * 1024)

typedef struct Stage {
        Coding coding;
        Unpacker *unpacker; /* as soon as its first bytes are there */
        uint8_t *buffer;    /* STAGE_BYTES, but for the first stage */
        const uint8_t *in;  /* what is left of its input */
        size_t n_in;
        bool ended; /* nothing comes behind that */
        uint64_t n_out;
} Stage;

struct Inflate {
        Stage stages[INFLATE_CODINGS_MAX]; /* the wire enters the first */
        size_t n_stages;
        uint64_t n_bytes_max, n_pushed;
        Buffer kept; /* what the first stage's input lies in, when it is not lent */
};

/* --- the list of codings --- */

/* Steps through a comma-separated list; false at its end. */
static bool next_name(const char **list, const char **ret_name, size_t *ret_n) {
        const char *s = *list, *end;

        s += strspn(s, ", \t");
        if (*s == '\0')
                return false;
        end = s + strcspn(s, ",");
        *list = end;
        while (end > s && ascii_isspace(end[-1]))
                end--;
        *ret_name = s;
        *ret_n = (size_t) (end - s);
        return true;
}

int inflate_new(
        const char *codings, uint64_t n_bytes_max, Inflate **ret, const char **ret_unknown) {
        _cleanup_(inflate_freep) Inflate *f = NULL;
        Coding found[INFLATE_CODINGS_MAX];
        const char *name;
        size_t n_name, n = 0, n_named = 0;

        while (next_name(&codings, &name, &n_name)) {
                Coding coding = coding_from_name(name, n_name);

                if (coding == CODING_MAX) {
                        *ret_unknown = name;
                        return -ENOTSUP;
                }
                if (++n_named > INFLATE_CODINGS_MAX)
                        return -E2BIG;
                if (coding != CODING_IDENTITY)
                        found[n++] = coding;
        }
        if (n == 0) {
                *ret = NULL;
                return 0;
        }

        f = new0(Inflate, 1);
        if (!f)
                return -ENOMEM;
        f->n_bytes_max = n_bytes_max;
        for (; f->n_stages < n; f->n_stages++) {
                Stage *s = &f->stages[f->n_stages];

                s->coding = found[n - 1 - f->n_stages];
                if (f->n_stages == 0)
                        continue;
                s->buffer = malloc(STAGE_BYTES);
                if (!s->buffer)
                        return -ENOMEM;
        }

        *ret = TAKE_PTR(f);
        return 0;
}

Inflate *inflate_free(Inflate *f) {
        if (!f)
                return NULL;

        for (size_t i = 0; i < ELEMENTSOF(f->stages); i++) {
                (void) unpacker_free(f->stages[i].unpacker);
                free(f->stages[i].buffer);
        }
        buffer_done(&f->kept);
        return mfree(f);
}

/* --- input --- */

/* Joins @p to what is left of the first stage's input. */
static int keep(Inflate *f, const void *p, size_t n_bytes) {
        Stage *s = &f->stages[0];
        Buffer joined = {};
        int r;

        r = buffer_append(&joined, s->in, s->n_in);
        if (r >= 0)
                r = buffer_append(&joined, p, n_bytes);
        if (r < 0) {
                buffer_done(&joined);
                return r;
        }

        buffer_done(&f->kept);
        f->kept = joined;
        s->in = (const uint8_t *) f->kept.data;
        s->n_in = f->kept.n_bytes;
        return 0;
}

int inflate_push(Inflate *f, const void *p, size_t n_bytes) {
        Stage *s = &f->stages[0];

        f->n_pushed += n_bytes;
        if (s->n_in > 0)
                return keep(f, p, n_bytes);
        buffer_done(&f->kept);
        s->in = p;
        s->n_in = n_bytes;
        return 0;
}

int inflate_keep(Inflate *f) {
        const Stage *s = &f->stages[0];

        if (s->n_in == 0 || f->kept.n_bytes > 0)
                return 0;
        return keep(f, NULL, 0);
}

void inflate_end(Inflate *f) {
        f->stages[0].ended = true;
}

/* --- steps --- */

static bool is_bomb(const Inflate *f, const Stage *s) {
        if (s->n_out > INFLATE_RATIO_FROM_BYTES &&
                s->n_out / INFLATE_RATIO_MAX > f->n_pushed - f->stages[0].n_in)
                return true;
        return s != &f->stages[f->n_stages - 1] && s->n_out > f->n_bytes_max;
}

/* One call of the unpacker on the input at hand. False in *ret_moved: it waits for more. */
static int stage_decode(Inflate *f, Stage *s, uint8_t *out, size_t n_out, size_t *ret_n_out,
        size_t *work, bool *ret_moved) {
        size_t n_before = s->n_in;
        int r;

        *ret_n_out = 0;
        *ret_moved = false;
        if (!s->unpacker) {
                if (s->n_in == 0 || (s->n_in < UNPACKER_SNIFF_BYTES && !s->ended))
                        return 0;
                r = unpacker_new(s->coding, s->in, s->n_in, &s->unpacker);
                if (r < 0)
                        return r;
        }

        r = unpacker_step(s->unpacker, &s->in, &s->n_in, out, n_out, ret_n_out);
        s->n_out += *ret_n_out;
        *work += *ret_n_out;
        *ret_moved = *ret_n_out > 0 || s->n_in != n_before;
        if (r >= 0 && is_bomb(f, s))
                r = -EFBIG;
        return r;
}

/* Gives stage @i one more buffer of input, if it has room. */
static int stage_feed(Inflate *f, size_t i, size_t *work) {
        Stage *s = &f->stages[i], *source = s - 1;
        size_t n = 0;
        bool moved;
        int r;

        if (i == 0)
                return INFLATE_HUNGRY;
        if (s->n_in > 0 && s->in != s->buffer) /* the first bytes, still too few */
                memmove(s->buffer, s->in, s->n_in);
        s->in = s->buffer;

        r = stage_decode(f, source, s->buffer + s->n_in, STAGE_BYTES - s->n_in, &n, work, &moved);
        if (r < 0)
                return r;
        s->n_in += n;
        if (moved)
                return INFLATE_GOES_ON;

        r = stage_feed(f, i - 1, work);
        if (r == INFLATE_HUNGRY && source->ended && !s->ended) {
                if (source->unpacker && !unpacker_is_complete(source->unpacker))
                        return -EPIPE;
                s->ended = true;
                return INFLATE_GOES_ON;
        }
        return r;
}

int inflate_step(Inflate *f, uint8_t *out, size_t n_out, size_t *ret_n_out, size_t *work) {
        Stage *last = &f->stages[f->n_stages - 1];
        bool moved;
        int r;

        r = stage_decode(f, last, out, n_out, ret_n_out, work, &moved);
        if (r < 0)
                return r;
        if (moved)
                return INFLATE_GOES_ON;

        r = stage_feed(f, f->n_stages - 1, work);
        if (r == INFLATE_HUNGRY && last->ended && last->unpacker &&
                !unpacker_is_complete(last->unpacker))
                return -EPIPE;
        return r;
}

/* --- words --- */

const char *inflate_reason(int error) {
        switch (error) {
        case -E2BIG:
                return "the body is in more than 5 codings";
        case -EOVERFLOW:
                return "the body wants more memory to be inflated than a feed or page needs";
        case -EFBIG:
                return "the body inflates more than 200-fold";
        case -EPIPE:
                return "the compressed body is cut off";
        case -ENOMEM:
                return "out of memory";
        default:
                return "the body cannot be inflated";
        }
}

const char *inflate_oddity(const Inflate *f) {
        for (size_t i = 0; i < f->n_stages; i++)
                if (f->stages[i].unpacker && unpacker_oddity(f->stages[i].unpacker))
                        return unpacker_oddity(f->stages[i].unpacker);
        return NULL;
}
