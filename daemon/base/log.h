/* SPDX-License-Identifier: MIT */
#pragma once

/* The log: to the journal with structured fields when stderr is the journal's, as readable lines to
 * stderr otherwise.
 *
 * Stages log at debug only; whoever handles an error logs it, once. A non-fatal warning ends with
 * what happens now. Text from outside goes in as a field or as a "%s" argument; either way it is
 * stripped of control characters and capped here. "%m" in a format is the error given as @error.
 * All log calls return -abs(@error), so that `return log_error_errno(r, ...)` reads well. */

#include <syslog.h>

#include "base/message-ids.h"
#include "base/str.h"

/* A field's value and a message are cut (at a character) to this: enough for a headline and an
 * address, too little to flood. */
#define LOG_VALUE_BYTES_MAX 2048

typedef struct LogField {
        const char *name;  /* PICKET_... */
        const char *value; /* NULL: left out */
} LogField;

/* For the command line: @identifier is the program's name; debug lines only with @debug or
 * $PICKET_DEBUG=1. */
void log_open(const char *identifier, bool debug);
bool log_is_debug(void);
/* Nothing below @level (LOG_ERR ... LOG_DEBUG) is written from now on. */
void log_set_max_level(int level);

#define LOG_FIELDS(...) ((const LogField[]){ __VA_ARGS__, {} })

/* @fields may be NULL, else ends with an empty field; @message_id may be NULL. */
int log_event_internal(int level, int error, const char *message_id, const LogField *fields,
        const char *file, int line, const char *func, const char *format, ...) _printf_(8, 9);

#define log_event(level, error, message_id, fields, ...)                                           \
        log_event_internal((level), (error), (message_id), (fields), __FILE__, __LINE__, __func__, \
                __VA_ARGS__)

#define log_full(level, error, ...) log_event((level), (error), NULL, NULL, __VA_ARGS__)
#define log_error(...) ((void) log_full(LOG_ERR, 0, __VA_ARGS__))
#define log_warning(...) ((void) log_full(LOG_WARNING, 0, __VA_ARGS__))
#define log_notice(...) ((void) log_full(LOG_NOTICE, 0, __VA_ARGS__))
#define log_info(...) ((void) log_full(LOG_INFO, 0, __VA_ARGS__))
#define log_debug(...) ((void) (log_is_debug() ? log_full(LOG_DEBUG, 0, __VA_ARGS__) : 0))
#define log_error_errno(error, ...) log_full(LOG_ERR, (error), __VA_ARGS__)
#define log_warning_errno(error, ...) log_full(LOG_WARNING, (error), __VA_ARGS__)
#define log_debug_errno(error, ...) log_full(LOG_DEBUG, (error), __VA_ARGS__)
#define log_oom() log_error_errno(-ENOMEM, "Out of memory")
