/* SPDX-License-Identifier: MIT */

/* libxml2 keeps each name and namespace once, so that the address of the string is as good as the
 * string: what it means is looked up once and remembered by address.
 *
 * The user data is our own, not libxml2's parser context: so it has no entity table, and none of
 * its handlers that build a tree. (XML_PARSE_NOENT, which would be dangerous with one, only makes
 * it resolve "&amp;" inside attributes.) XML_PARSE_HUGE stays off, its limits are a second fence
 * behind the sieve. */

#include "feed/xml.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "text/bytes.h"
#include "text/utf8.h"

/* Handed to libxml2 at once. */
#define XML_BYTES ((size_t) 64 * 1024)

#define CACHE_SLOTS 128u /* seven bits; real feeds use some 40 names */

typedef struct CacheSlot {
        const void *key;
        int value;
} CacheSlot;

struct XmlReader {
        XmlHandler handler;
        Warnings *warnings;
        xmlParserCtxt *context;
        CacheSlot names[CACHE_SLOTS], namespaces[CACHE_SLOTS], prefixes[CACHE_SLOTS];
        /* The root's default namespace, whatever it is, and its own when it is an unknown one:
         * what stands in them is the format's. */
        const void *home_default, *home;
        unsigned depth;
        PieceTexts texts;
        unsigned n_text_lines; /* that libxml2 did not see */
        int error;
        bool halted;
};

static void reader_fail(XmlReader *reader, int r) {
        if (r >= 0 || reader->error < 0)
                return;

        reader->error = r;
        xmlStopParser(reader->context);
}

static CacheSlot *cache_slot(CacheSlot *cache, const void *key) {
        /* The strings lie close together: multiplied, their addresses differ in the highest bits.
         */
        return &cache[(uint64_t) (uintptr_t) key * UINT64_C(0x9e3779b97f4a7c15) >> 57];
}

static XmlName reader_name(XmlReader *reader, const xmlChar *local) {
        CacheSlot *slot = cache_slot(reader->names, local);

        if (slot->key != local)
                *slot = (CacheSlot){ local, (int) vocabulary_name((const char *) local) };
        return (XmlName) slot->value;
}

static XmlNs reader_prefix(XmlReader *reader, const xmlChar *prefix) {
        CacheSlot *slot;

        if (!prefix)
                return vocabulary_namespace(NULL, NULL);

        slot = cache_slot(reader->prefixes, prefix);
        if (slot->key != prefix)
                *slot = (CacheSlot){ prefix,
                        (int) vocabulary_namespace(NULL, (const char *) prefix) };
        return (XmlNs) slot->value;
}

static XmlNs reader_namespace(XmlReader *reader, const xmlChar *uri, const xmlChar *prefix) {
        CacheSlot *slot;

        if (!uri)
                return reader_prefix(reader, prefix);
        if (uri == reader->home || (!prefix && uri == reader->home_default))
                return NS_HOME;

        slot = cache_slot(reader->namespaces, uri);
        if (slot->key != uri)
                *slot = (CacheSlot){ uri, (int) vocabulary_namespace((const char *) uri, NULL) };
        if (slot->value == NS_OTHER && prefix)
                return reader_prefix(reader, prefix);
        return (XmlNs) slot->value;
}

/* What the root says of namespaces. */
static void reader_root(
        XmlReader *reader, const xmlChar *uri, int n_namespaces, const xmlChar **namespaces) {
        for (int i = 0; i < n_namespaces; i++)
                if (!namespaces[2 * i])
                        reader->home_default = namespaces[2 * i + 1];
        if (uri && vocabulary_namespace((const char *) uri, NULL) == NS_OTHER)
                reader->home = uri;
}

static void on_start_element(void *userdata, const xmlChar *local, const xmlChar *prefix,
        const xmlChar *uri, int n_namespaces, const xmlChar **namespaces, int n_attributes,
        int n_defaulted, const xmlChar **attributes) {
        XmlReader *reader = userdata;
        XmlElement element = {
                .local = (const char *) local,
                .name = reader_name(reader, local),
                .attributes = attributes,
                .n_attributes = (size_t) n_attributes,
                .namespaces = namespaces,
                .n_namespaces = (size_t) n_namespaces,
        };

        (void) n_defaulted;
        if (reader->error < 0)
                return;

        if (reader->depth == 0)
                reader_root(reader, uri, n_namespaces, namespaces);
        element.ns = reader_namespace(reader, uri, prefix);
        /* A channel or item that moves into a namespace of its own takes what it holds with it. */
        if (element.ns == NS_OTHER && !prefix && reader->depth > 0 && reader->depth <= 2 &&
                (element.name == NAME_CHANNEL || element.name == NAME_ITEM ||
                        element.name == NAME_ENTRY)) {
                reader->home = uri;
                element.ns = NS_HOME;
        }
        element.depth = ++reader->depth;
        reader_fail(reader, reader->handler.on_start(&element, reader->handler.userdata));
}

static void on_end_element(
        void *userdata, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri) {
        XmlReader *reader = userdata;

        (void) local;
        (void) prefix;
        (void) uri;
        if (reader->error >= 0)
                reader_fail(
                        reader, reader->handler.on_end(reader->depth, reader->handler.userdata));
        reader->depth--;
}

static void on_characters(void *userdata, const xmlChar *p, int n_bytes) {
        XmlReader *reader = userdata;

        if (reader->error >= 0)
                reader_fail(reader,
                        reader->handler.on_text(
                                (const char *) p, (size_t) n_bytes, reader->handler.userdata));
}

/* The place of a text that goes around libxml2. */
static void on_mark(void *userdata, const xmlChar *target, const xmlChar *data) {
        XmlReader *reader = userdata;
        const char *text;
        size_t n_bytes;

        (void) target;
        (void) data;
        if (reader->error < 0 || !piece_texts_next(&reader->texts, &text, &n_bytes))
                return;

        reader_fail(reader, reader->handler.on_text(text, n_bytes, reader->handler.userdata));
        reader->n_text_lines += count_lines(text, text + n_bytes);
}

/* The one place that maps libxml2's errors. It recovers from all but memory by itself. */
static void on_xml_error(void *userdata, xmlError *error) {
        XmlReader *reader = userdata;
        char message[WARNING_DETAIL_BYTES_MAX + 1];
        size_t n;

        if (error->code == XML_ERR_NO_MEMORY) {
                reader_fail(reader, -ENOMEM);
                return;
        }
        /* That a namespace is no absolute address harms nobody; a feed that is cut off is the
         * sieve's to tell. */
        if (error->level == XML_ERR_WARNING || error->code == XML_ERR_DOCUMENT_END ||
                error->code == XML_ERR_TAG_NOT_FINISHED)
                return;

        n = utf8_cut(
                strempty(error->message), strlen(strempty(error->message)), sizeof(message) - 1);
        memcpy(message, strempty(error->message), n);
        while (n > 0 && ascii_isspace(message[n - 1]))
                n--;
        message[n] = '\0';

        if (error->code == XML_NS_ERR_UNDEFINED_NAMESPACE)
                warnings_add(reader->warnings, xml_reader_line(reader),
                        "an undeclared namespace, taken for what its prefix usually means",
                        message);
        else
                warnings_add(reader->warnings, xml_reader_line(reader),
                        "faulty XML, read as well as possible", message);
}

int xml_reader_new(const XmlHandler *handler, Warnings *warnings, XmlReader **ret) {
        _cleanup_(xml_reader_freep) XmlReader *reader = NULL;
        xmlSAXHandler sax = {
                .initialized = XML_SAX2_MAGIC,
                .startElementNs = on_start_element,
                .endElementNs = on_end_element,
                .characters = on_characters,
                .ignorableWhitespace = on_characters,
                .cdataBlock = on_characters,
                .processingInstruction = on_mark,
                .serror = on_xml_error,
        };

        reader = new0(XmlReader, 1);
        if (!reader)
                return -ENOMEM;

        reader->handler = *handler;
        reader->warnings = warnings;
        reader->context = xmlCreatePushParserCtxt(
                &sax, reader, /* chunk= */ NULL, /* size= */ 0, /* filename= */ NULL);
        if (!reader->context)
                return -ENOMEM;
        (void) xmlCtxtUseOptions(
                reader->context, XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOENT);

        *ret = TAKE_PTR(reader);
        return 0;
}

XmlReader *xml_reader_free(XmlReader *reader) {
        if (!reader)
                return NULL;

        xmlFreeParserCtxt(reader->context);
        return mfree(reader);
}

static int reader_parse(XmlReader *reader, const char *p, size_t n_bytes, bool final) {
        if (reader->error < 0)
                return reader->error;

        (void) xmlParseChunk(reader->context, p, (int) n_bytes, final);
        if (reader->error < 0)
                return reader->error;

        /* The sieve leaves it no reason to halt; if it does, what was read counts all the same. */
        if (!final && reader->context->instate == XML_PARSER_EOF && !reader->halted) {
                reader->halted = true;
                warnings_add(reader->warnings, xml_reader_line(reader),
                        "the XML cannot be read any further, ignoring the rest", NULL);
        }
        return 0;
}

int xml_reader_push(XmlReader *reader, const Piece *piece) {
        int r = 0;

        reader->texts = piece_texts(piece);
        for (size_t i = 0; i < piece->n_xml && r >= 0; i += XML_BYTES)
                r = reader_parse(reader, piece->xml + i, MIN(piece->n_xml - i, XML_BYTES),
                        /* final= */ false);
        reader->texts = (PieceTexts){};
        return r;
}

int xml_reader_finish(XmlReader *reader) {
        return reader_parse(reader, NULL, 0, /* final= */ true);
}

unsigned xml_reader_line(const XmlReader *reader) {
        const xmlParserInput *input = reader->context->input;

        return input && input->line > 0 ? (unsigned) input->line + reader->n_text_lines : 0;
}

/* An attribute without a prefix is its element's; some repeat the prefix of the element. */
static bool attribute_is_in(const XmlElement *element, XmlNs ns, const xmlChar **attribute) {
        XmlNs own;

        if (!attribute[1])
                return ns == NS_HOME;
        own = vocabulary_namespace((const char *) attribute[2], (const char *) attribute[1]);
        return own == ns || (ns == NS_HOME && own != NS_OTHER && own == element->ns);
}

int xml_attribute(const XmlElement *element, XmlNs ns, const char *local, char **ret) {
        *ret = NULL;

        for (size_t i = 0; i < element->n_attributes; i++) {
                const xmlChar **a = element->attributes + 5 * i;

                if (!streq_nocase((const char *) a[0], local))
                        continue;
                if (!attribute_is_in(element, ns, a))
                        continue;
                *ret = memdup_suffix0(a[3], (size_t) (a[4] - a[3]));
                return *ret ? 0 : -ENOMEM;
        }

        return 0;
}

bool xml_declares(const XmlElement *element, const char *part) {
        for (size_t i = 0; i < element->n_namespaces; i++) {
                const char *uri = (const char *) element->namespaces[2 * i + 1];

                if (uri && strcasestr(uri, part))
                        return true;
        }

        return false;
}
