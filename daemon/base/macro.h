/* SPDX-License-Identifier: MIT */
#pragma once

/* The small vocabulary that every file speaks: attributes, ownership, counting. No functions of
 * weight. */

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define _cleanup_(f) __attribute__((cleanup(f)))
#define _printf_(a, b) __attribute__((format(printf, a, b)))
#define _warn_unused_ __attribute__((warn_unused_result))
#define _unused_ __attribute__((unused))
#define _const_ __attribute__((const))
#define _pure_ __attribute__((pure))

#define ELEMENTSOF(a) (sizeof(a) / sizeof((a)[0]))

#ifdef __cppcheck__ /* its parser loses its way in statement expressions */
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define CLAMP(x, low, high) MIN(MAX(x, low), high)
#define TAKE_PTR(p) (p)
#else
#define MIN(a, b)                                  \
        ({                                         \
                __typeof__(a) _min_a = (a);        \
                __typeof__(b) _min_b = (b);        \
                _min_a < _min_b ? _min_a : _min_b; \
        })
#define MAX(a, b)                                  \
        ({                                         \
                __typeof__(a) _max_a = (a);        \
                __typeof__(b) _max_b = (b);        \
                _max_a > _max_b ? _max_a : _max_b; \
        })
#define CLAMP(x, low, high)                                                                        \
        ({                                                                                         \
                __typeof__(x) _clamp_x = (x);                                                      \
                __typeof__(x) _clamp_low = (low);                                                  \
                __typeof__(x) _clamp_high = (high);                                                \
                _clamp_x<_clamp_low ? _clamp_low : _clamp_x> _clamp_high ? _clamp_high : _clamp_x; \
        })

/* Gives a pointer away: evaluates to it and leaves NULL behind, so that the _cleanup_ of its old
 * owner finds nothing. */
#define TAKE_PTR(p)                              \
        ({                                       \
                __typeof__(p) *_take_p = &(p);   \
                __typeof__(p) _taken = *_take_p; \
                *_take_p = NULL;                 \
                _taken;                          \
        })
#endif

/* Makes NAMEp(), for _cleanup_(), of a destructor NAME() that takes NULL and returns NULL. */
#define DEFINE_POINTER_CLEANUP(type, name)     \
        static inline void name##p(type **p) { \
                if (*p)                        \
                        *p = name(*p);         \
        }                                      \
        struct __useless_struct_to_allow_trailing_semicolon__
