/* SPDX-License-Identifier: MIT */

/* picketctl parse: what Picket sees in feeds, as JSON, a line for each.
 *
 * The order of an object's members means nothing, so the items come first, each printed as soon as
 * it is read, and what the feed says of itself, known for certain only at its end, comes last. So a
 * feed of any length takes no more memory than one of its items. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/json.h"
#include "ctl/ctl.h"
#include "feed/feed.h"
#include "feed/json.h"

#define CHUNK_BYTES ((size_t) 64 * 1024)

typedef struct Printer {
        size_t n_items;
        json_t *warnings;
        Buffer text; /* of the item being printed */
} Printer;

static int print_text(const char *s) {
        return fputs(s, stdout) == EOF ? -errno : 0;
}

static int print_json(json_t *json) {
        _cleanup_free_ char *text = NULL;
        int r;

        r = json_to_text(json, JSON_LINE | JSON_ENCODE_ANY, &text);
        json_decref(json);
        return r < 0 ? r : print_text(text);
}

static int on_item(const Item *item, void *userdata) {
        Printer *printer = userdata;
        int r;

        buffer_reset(&printer->text);
        r = buffer_append_str(&printer->text, printer->n_items++ == 0 ? "{\"items\":[" : ",");
        if (r >= 0)
                r = feed_item_append_json(item, &printer->text);
        if (r < 0)
                return r;
        return fwrite(printer->text.data, 1, printer->text.n_bytes, stdout) < printer->text.n_bytes
                ? -errno
                : 0;
}

static void on_warning(unsigned line, const char *message, void *userdata) {
        Printer *printer = userdata;
        json_t *text;

        text = line > 0 ? json_sprintf("line %u: %s", line, message) : json_string(message);
        /* Out of memory here costs a warning; whatever else needs memory will say so. */
        (void) json_array_append_new(printer->warnings, text);
}

/* The members of the feed itself, behind the items. */
static int print_end(const Printer *printer, const FeedInfo *info) {
        const char *key;
        json_t *value, *members;
        int r;

        members = feed_info_to_json(info);
        if (!members)
                return -ENOMEM;

        r = print_text(printer->n_items == 0 ? "{\"items\":[]" : "]");
        json_object_foreach (members, key, value) {
                if (r >= 0)
                        r = print_text(",");
                if (r >= 0)
                        r = print_json(json_string(key));
                if (r >= 0)
                        r = print_text(":");
                if (r >= 0)
                        r = print_json(json_incref(value));
        }
        json_decref(members);

        if (r >= 0)
                r = print_text(",\"warnings\":");
        if (r >= 0)
                r = print_json(json_incref(printer->warnings));
        if (r >= 0)
                r = print_text("}\n");
        if (r >= 0 && fflush(stdout) == EOF)
                r = -errno;
        return r;
}

static int parse_file(int fd, FeedParser *parser, bool *ret_read_failed) {
        static char chunk[CHUNK_BYTES];
        int r;

        for (;;) {
                ssize_t n = read(fd, chunk, sizeof(chunk));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0) {
                        *ret_read_failed = true;
                        return -errno;
                }
                if (n == 0)
                        return feed_parser_finish(parser);

                r = feed_parser_push(parser, chunk, (size_t) n);
                if (r < 0)
                        return r;
        }
}

static int parse_open(const CtlArguments *arguments, int fd, const char *name) {
        _cleanup_(feed_parser_freep) FeedParser *parser = NULL;
        Printer printer = { .warnings = json_array() };
        const FeedHandler handler = { on_item, on_warning, &printer };
        const FeedOptions options = { .url = arguments->base,
                .content_type = arguments->content_type };
        bool read_failed = false;
        int r;

        r = printer.warnings ? feed_parser_new(&options, &handler, &parser) : -ENOMEM;
        if (r >= 0)
                r = parse_file(fd, parser, &read_failed);
        if (r >= 0)
                r = print_end(&printer, feed_parser_info(parser));
        else if (printer.n_items > 0 && arguments->n_operands > 1)
                (void) print_text("\n"); /* the next one begins on a line of its own */
        json_decref(printer.warnings);
        buffer_done(&printer.text);

        if (r == -EBADMSG && !read_failed && parser && feed_parser_error(parser))
                fprintf(stderr, "picketctl: '%s' is %s\n", name, feed_parser_error(parser));
        else if (read_failed)
                fprintf(stderr, "picketctl: failed to read '%s': %s\n", name, strerror(-r));
        else if (r < 0)
                fprintf(stderr, "picketctl: failed to parse '%s': %s\n", name, strerror(-r));
        return r < 0 ? CTL_FAILURE : CTL_OK;
}

static int parse_operand(const CtlArguments *arguments, const char *operand) {
        int fd, status;

        if (streq(operand, "-"))
                return parse_open(arguments, STDIN_FILENO, "standard input");
        if (startswith_nocase(operand, "http://") || startswith_nocase(operand, "https://")) {
                fprintf(stderr, "picketctl: parse reads a FILE or -, not a URL; fetch it first\n");
                return CTL_USAGE;
        }

        fd = open(operand, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0) {
                fprintf(stderr, "picketctl: failed to open '%s': %s\n", operand, strerror(errno));
                return CTL_FAILURE;
        }

        status = parse_open(arguments, fd, operand);
        (void) close(fd);
        return status;
}

int ctl_parse(const CtlArguments *arguments) {
        int status = CTL_OK;

        for (size_t i = 0; i < arguments->n_operands; i++)
                status = MAX(status, parse_operand(arguments, arguments->operands[i]));
        return status;
}
