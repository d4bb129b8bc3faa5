/* SPDX-License-Identifier: MIT */
#pragma once

/* Intrusive doubly linked lists: the links lie in the element, as fields NAME_next and NAME_prev;
 * the head is a plain pointer. A list owns nothing by itself. */

#define LIST_FIELDS(t, name) t *name##_next, *name##_prev

#define LIST_PREPEND(name, head, item)                \
        do {                                          \
                (item)->name##_prev = NULL;           \
                (item)->name##_next = (head);         \
                if (head)                             \
                        (head)->name##_prev = (item); \
                (head) = (item);                      \
        } while (false)

/* Walks to the end: for short lists, or keep a tail of one's own. */
#define LIST_APPEND(name, head, item)                                      \
        do {                                                               \
                __typeof__(head) *_list_at = &(head), _list_before = NULL; \
                while (*_list_at) {                                        \
                        _list_before = *_list_at;                          \
                        _list_at = &(*_list_at)->name##_next;              \
                }                                                          \
                (item)->name##_prev = _list_before;                        \
                (item)->name##_next = NULL;                                \
                *_list_at = (item);                                        \
        } while (false)

#define LIST_REMOVE(name, head, item)                                           \
        do {                                                                    \
                if ((item)->name##_next)                                        \
                        (item)->name##_next->name##_prev = (item)->name##_prev; \
                if ((item)->name##_prev)                                        \
                        (item)->name##_prev->name##_next = (item)->name##_next; \
                else                                                            \
                        (head) = (item)->name##_next;                           \
                (item)->name##_next = (item)->name##_prev = NULL;               \
        } while (false)

#ifdef __cppcheck__ /* see base/macro.h */
#define LIST_FOREACH(name, i, head) for (__typeof__(*(head)) *i = (head); i; i = i->name##_next)
#define LIST_FOREACH_SAFE(name, i, head) \
        for (__typeof__(*(head)) *i = (head); i; i = i->name##_next)
#else
#define LIST_FOREACH(name, i, head) for (__typeof__(&*(head)) i = (head); i; i = i->name##_next)

/* The loop's body may remove and free @i, and nothing else. */
#define LIST_FOREACH_SAFE(name, i, head)                                                          \
        for (__typeof__(&*(head)) i = (head), _next_##i; i && (_next_##i = i->name##_next, true); \
                i = _next_##i)
#endif
