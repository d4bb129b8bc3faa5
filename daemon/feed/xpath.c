/* SPDX-License-Identifier: MIT */

/* The page is read to its end first, since an expression may ask for anything in it. XPath 1.0 has
 * no function that reaches outside the document, and none is registered here. libxml2 counts what
 * an evaluation costs, and stops it. */

#include "feed/xpath.h"

#include <errno.h>
#include <libxml/xpath.h>
#include <stdio.h>

#include "base/buffer.h"
#include "feed/address.h"
#include "feed/collect.h"
#include "feed/entry.h"
#include "feed/page.h"
#include "feed/vocabulary.h"
#include "text/date.h"

enum {
        EXPRESSION_ITEM,
        EXPRESSION_TITLE,
        EXPRESSION_LINK,
        EXPRESSION_SUMMARY,
        EXPRESSION_DATE,
        EXPRESSION_MAX,
};

typedef xmlXPathObject XPathObject;

static XPathObject *xpath_object_free(XPathObject *object) {
        xmlXPathFreeObject(object);
        return NULL;
}
DEFINE_POINTER_CLEANUP(XPathObject, xpath_object_free);

struct XPathFeed {
        Warnings *warnings;
        Page *page;
        xmlXPathCompExpr *expressions[EXPRESSION_MAX]; /* NULL: not given */
        xmlXPathContext *context;
        Addresses addresses;
        Entry feed, item;
        Buffer raw, plain;
        size_t n_items;
        const char *refusal;
};

/* --- expressions --- */

/* libxml2 prints errors when nobody takes them; they are told by the context afterwards. */
static void on_error(void *userdata _unused_, xmlError *error _unused_) {
}

static void on_message(void *userdata _unused_, const char *format _unused_, ...) {
}

static xmlXPathContext *context_new(xmlDoc *doc) {
        xmlXPathContext *context = xmlXPathNewContext(doc);

        if (context) {
                context->error = on_error;
                context->opLimit = XPATH_STEPS_MAX;
        }
        return context;
}

/* With what it would print of functions that it does not know kept quiet. */
static XPathObject *context_evaluate(xmlXPathContext *context, xmlXPathCompExpr *expression) {
        XPathObject *object;

        xmlSetGenericErrorFunc(/* ctx= */ NULL, on_message);
        xmlResetError(&context->lastError);
        object = xmlXPathCompiledEval(expression, context);
        xmlSetGenericErrorFunc(/* ctx= */ NULL, /* handler= */ NULL);
        return object;
}

static int last_error(const xmlXPathContext *context) {
        return context->lastError.domain == XML_FROM_XPATH ? context->lastError.code : 0;
}

/* libxml2 has texts for these, but tells them to nobody. */
static const char *error_text(const xmlXPathContext *context) {
        static const struct {
                int code;
                const char *text;
        } texts[] = {
                { XML_XPATH_NUMBER_ERROR, "a number that cannot be read" },
                { XML_XPATH_UNFINISHED_LITERAL_ERROR, "a text without its end quote" },
                { XML_XPATH_VARIABLE_REF_ERROR, "a variable without a name" },
                { XML_XPATH_UNDEF_VARIABLE_ERROR, "an unknown variable" },
                { XML_XPATH_INVALID_PREDICATE_ERROR, "a condition without its end" },
                { XML_XPATH_UNCLOSED_ERROR, "a bracket without its end" },
                { XML_XPATH_UNKNOWN_FUNC_ERROR, "an unknown function" },
                { XML_XPATH_INVALID_OPERAND, "a value of the wrong type" },
                { XML_XPATH_INVALID_TYPE, "a value of the wrong type" },
                { XML_XPATH_INVALID_ARITY, "a wrong number of arguments" },
                { XML_XPATH_UNDEF_PREFIX_ERROR, "an unknown prefix" },
        };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                if (texts[i].code == last_error(context))
                        return texts[i].text;
        return "something is missing or out of place";
}

/* Functions and variables are looked up when they are met, so the expression is tried as well. */
static int check_by_trying(xmlXPathContext *context, xmlXPathCompExpr *expression, bool elements,
        const char **ret_message) {
        _cleanup_(xpath_object_freep) XPathObject *object = NULL;

        context->node = xmlDocGetRootElement(context->doc);
        object = context_evaluate(context, expression);
        if (!object) {
                *ret_message = error_text(context);
                return last_error(context) > 0 ? -EINVAL : -ENOMEM;
        }
        if (elements && object->type != XPATH_NODESET) {
                *ret_message = "it selects no elements";
                return -EINVAL;
        }
        return 0;
}

int feed_xpath_check(
        const char *expression, bool elements, size_t *ret_offset, const char **ret_message) {
        static const char page[] = "<html><head/><body><p>x</p></body></html>";
        xmlXPathContext *context = NULL;
        xmlXPathCompExpr *compiled;
        xmlDoc *doc;
        int r = -ENOMEM;

        *ret_offset = 0;
        *ret_message = NULL;
        doc = xmlReadMemory(page, (int) strlen(page), NULL, NULL, XML_PARSE_NONET);
        if (doc)
                context = context_new(doc);
        if (context) {
                compiled = xmlXPathCtxtCompile(context, (const xmlChar *) expression);
                if (compiled)
                        r = check_by_trying(context, compiled, elements, ret_message);
                else if (last_error(context) > 0) {
                        r = -EINVAL;
                        *ret_message = error_text(context);
                        *ret_offset =
                                MIN((size_t) MAX(context->lastError.int1, 0), strlen(expression));
                }
                xmlXPathFreeCompExpr(compiled);
        }

        xmlXPathFreeContext(context);
        xmlFreeDoc(doc);
        return r;
}

static int compile_all(XPathFeed *feed, const FeedXPath *xpath) {
        const char *const texts[EXPRESSION_MAX] = { xpath->item, xpath->title, xpath->link,
                xpath->summary, xpath->date };
        xmlXPathContext *context = context_new(/* doc= */ NULL);
        int r = 0;

        if (!context)
                return -ENOMEM;
        for (size_t i = 0; i < EXPRESSION_MAX && r >= 0; i++) {
                if (!texts[i])
                        continue;
                feed->expressions[i] = xmlXPathCtxtCompile(context, (const xmlChar *) texts[i]);
                if (!feed->expressions[i])
                        r = last_error(context) > 0 ? -EINVAL : -ENOMEM;
        }

        xmlXPathFreeContext(context);
        return r;
}

/* --- text of nodes --- */

static int text_put(XPathFeed *feed, const char *s) {
        size_t n = strlen(s);

        if (feed->raw.n_bytes + n > COLLECT_RAW_BYTES_MAX)
                return 0; /* it is cut below, with a warning */
        return buffer_append(&feed->raw, s, n);
}

/* The next node in the order of the page, below @top; the children of @node left out with @over. */
static const xmlNode *walk(const xmlNode *node, const xmlNode *top, bool over) {
        if (!over && node->children && node->type != XML_ENTITY_REF_NODE)
                return node->children;
        while (node != top && !node->next)
                node = node->parent;
        return node == top ? NULL : node->next;
}

/* As a reader would see it: blocks separate words, code is no text. */
static int node_text(XPathFeed *feed, const xmlNode *top) {
        const xmlNode *node = top;
        int r = 0;

        if (top->type == XML_NAMESPACE_DECL)
                return 0;
        while (node && r >= 0) {
                bool over = false;

                if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
                        r = text_put(feed, strempty((const char *) node->content));
                else if (node->type == XML_ELEMENT_NODE) {
                        XmlName name = vocabulary_name((const char *) node->name);

                        over = name == NAME_SCRIPT || name == NAME_STYLE;
                        if (name == NAME_BLOCK)
                                r = text_put(feed, " ");
                } else if (node->type != XML_ATTRIBUTE_NODE)
                        over = node != top;

                if (node == top && node->type == XML_TEXT_NODE)
                        break;
                node = walk(node, top, over);
                /* Behind a block as well as before it: what follows it begins a line. */
                if (r >= 0 && node && node->prev && node->prev->type == XML_ELEMENT_NODE &&
                        vocabulary_name((const char *) node->prev->name) == NAME_BLOCK)
                        r = text_put(feed, " ");
        }
        return r;
}

/* An element <time> has its date in an attribute, for machines. */
static int node_date(XPathFeed *feed, const xmlNode *node) {
        if (node->type == XML_ELEMENT_NODE && streq_nocase((const char *) node->name, "time")) {
                xmlChar *datetime = xmlGetProp((xmlNode *) node, (const xmlChar *) "datetime");

                if (datetime) {
                        int r = text_put(feed, (const char *) datetime);

                        xmlFree(datetime);
                        return r;
                }
        }
        return node_text(feed, node);
}

static int evaluate(XPathFeed *feed, size_t which, xmlNode *node, XPathObject **ret) {
        *ret = NULL;
        feed->context->node = node;
        *ret = context_evaluate(feed->context, feed->expressions[which]);
        if (*ret)
                return 0;

        if (last_error(feed->context) == 0 || last_error(feed->context) == XML_XPATH_MEMORY_ERROR)
                return -ENOMEM;
        warnings_add(feed->warnings, 0, "an expression that fails on this page, taken as nothing",
                error_text(feed->context));
        return 0;
}

/* Leaves the text of the first node that the expression finds, or what it computes, in `raw`. */
static int expression_text(XPathFeed *feed, size_t which, xmlNode *node) {
        _cleanup_(xpath_object_freep) XPathObject *object = NULL;
        xmlChar *s;
        int r;

        buffer_reset(&feed->raw);
        if (!feed->expressions[which])
                return 0;
        r = evaluate(feed, which, node, &object);
        if (r < 0 || !object)
                return r;

        if (object->type == XPATH_NODESET) {
                if (xmlXPathNodeSetIsEmpty(object->nodesetval))
                        return 0;
                node = object->nodesetval->nodeTab[0];
                return which == EXPRESSION_DATE ? node_date(feed, node) : node_text(feed, node);
        }

        s = xmlXPathCastToString(object);
        if (!s)
                return -ENOMEM;
        r = text_put(feed, (const char *) s);
        xmlFree(s);
        return r;
}

/* --- items --- */

static int set_text(XPathFeed *feed, Entry *entry, Part part) {
        int r;

        buffer_reset(&feed->plain);
        r = entry_plain_text(TEXT_PLAIN, buffer_str(&feed->raw), feed->raw.n_bytes,
                FEED_FIELD_BYTES_MAX, &feed->plain);
        if (r > 0)
                warnings_add(feed->warnings, 0, "a text that is too long, cut", NULL);
        return r < 0
                ? r
                : entry_set_text(entry, part, 1, buffer_str(&feed->plain), feed->plain.n_bytes);
}

static int set_link(XPathFeed *feed) {
        _cleanup_free_ char *url = NULL;
        int r;

        r = addresses_resolve(
                &feed->addresses, NULL, /* site_first= */ false, buffer_str(&feed->raw), &url);
        if (r >= 0 && !url && feed->raw.n_bytes > 0)
                warnings_add(feed->warnings, 0, "an address that cannot be resolved, ignoring it",
                        buffer_str(&feed->raw));
        return r < 0 || !url ? r : entry_set_text(&feed->item, PART_LINK, 1, url, strlen(url));
}

static void set_date(XPathFeed *feed) {
        const char *s = strstrip(feed->raw.data ?: (char[1]){});
        usec_t t;

        if (isempty(s))
                return;
        if (date_parse(s, &t) < 0)
                warnings_add(feed->warnings, 0, "a date that cannot be read, ignoring it", s);
        else
                entry_set_time(&feed->item, PART_PUBLISHED, 1, t);
}

static int take_item(XPathFeed *feed, xmlNode *node) {
        const FeedHandler *handler = &feed->warnings->handler;
        Item item;
        int r;

        entry_reset(&feed->item);
        r = expression_text(feed, EXPRESSION_TITLE, node);
        if (r >= 0)
                r = set_text(feed, &feed->item, PART_TITLE);
        if (r >= 0)
                r = expression_text(feed, EXPRESSION_LINK, node);
        if (r >= 0)
                r = set_link(feed);
        if (r >= 0)
                r = expression_text(feed, EXPRESSION_SUMMARY, node);
        if (r >= 0)
                r = set_text(feed, &feed->item, PART_SUMMARY);
        if (r >= 0)
                r = expression_text(feed, EXPRESSION_DATE, node);
        if (r < 0)
                return r;
        set_date(feed);

        if (entry_is_empty(&feed->item)) {
                warnings_add(feed->warnings, 0, "an item without any content, ignoring it", NULL);
                return 0;
        }
        feed->n_items++;
        item = entry_item(&feed->item, &feed->feed);
        return handler->on_item(&item, handler->userdata);
}

/* What the page says of itself. */
static int take_page(XPathFeed *feed) {
        static const struct {
                const char *expression;
                int part; /* -1: the base of its links */
        } parts[] = {
                { "string(/html/head//title)", PART_TITLE },
                { "string(/html/@lang)", PART_LANGUAGE },
                { "string(/html/head//meta[@name='description']/@content)", PART_SUMMARY },
                { "string(//base/@href)", -1 },
        };

        for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
                _cleanup_(xpath_object_freep) XPathObject *object = NULL;
                int r;

                feed->context->opCount = 0;
                object = xmlXPathEvalExpression(
                        (const xmlChar *) parts[i].expression, feed->context);
                if (!object && last_error(feed->context) == 0)
                        return -ENOMEM;
                if (!object)
                        continue;
                buffer_reset(&feed->raw);
                r = text_put(feed, strempty((const char *) object->stringval));
                if (r >= 0 && parts[i].part >= 0)
                        r = set_text(feed, &feed->feed, (Part) parts[i].part);
                else if (r >= 0 && feed->raw.n_bytes > 0)
                        r = addresses_enter(&feed->addresses, 1, buffer_str(&feed->raw));
                if (r < 0)
                        return r;
        }
        return 0;
}

static int take_items(XPathFeed *feed) {
        _cleanup_(xpath_object_freep) XPathObject *found = NULL;
        xmlNodeSet *nodes;
        int r;

        feed->context->opCount = 0;
        r = evaluate(feed, EXPRESSION_ITEM, xmlDocGetRootElement(page_doc(feed->page)), &found);
        if (r < 0)
                return r;

        nodes = found && found->type == XPATH_NODESET ? found->nodesetval : NULL;
        for (int i = 0; nodes && i < nodes->nodeNr && r >= 0; i++) {
                if (feed->n_items >= FEED_ITEMS_MAX) {
                        warnings_add(feed->warnings, 0,
                                "more items than are read of one feed, ignoring the rest", NULL);
                        break;
                }
                if (feed->context->opCount >= XPATH_STEPS_MAX) {
                        warnings_add(feed->warnings, 0,
                                "expressions that take too long on this page, ignoring the rest",
                                NULL);
                        break;
                }
                if (nodes->nodeTab[i]->type == XML_ELEMENT_NODE)
                        r = take_item(feed, nodes->nodeTab[i]);
        }
        return r;
}

/* --- the whole --- */

int xpath_feed_new(const FeedOptions *options, Warnings *warnings, XPathFeed **ret) {
        _cleanup_(xpath_feed_freep) XPathFeed *feed = NULL;
        int r;

        feed = new0(XPathFeed, 1);
        if (!feed)
                return -ENOMEM;

        feed->warnings = warnings;
        r = entry_init(&feed->feed);
        if (r >= 0)
                r = entry_init(&feed->item);
        if (r >= 0)
                r = free_and_strdup(&feed->addresses.url, options->url);
        if (r >= 0)
                r = compile_all(feed, options->xpath);
        if (r >= 0)
                r = page_new(options->content_type, warnings, &feed->page);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(feed);
        return 0;
}

XPathFeed *xpath_feed_free(XPathFeed *feed) {
        if (!feed)
                return NULL;

        for (size_t i = 0; i < EXPRESSION_MAX; i++)
                xmlXPathFreeCompExpr(feed->expressions[i]);
        xmlXPathFreeContext(feed->context);
        page_free(feed->page);
        addresses_done(&feed->addresses);
        entry_done(&feed->feed);
        entry_done(&feed->item);
        buffer_done(&feed->raw);
        buffer_done(&feed->plain);
        return mfree(feed);
}

int xpath_feed_push(XPathFeed *feed, const void *p, size_t n_bytes) {
        return page_push(feed->page, p, n_bytes);
}

int xpath_feed_finish(XPathFeed *feed) {
        int r;

        r = page_finish(feed->page);
        if (r < 0)
                return r;
        if (!page_doc(feed->page)) {
                feed->refusal = "an empty page";
                return -EBADMSG;
        }

        feed->context = context_new(page_doc(feed->page));
        if (!feed->context)
                return -ENOMEM;
        r = take_page(feed);
        if (r >= 0)
                r = take_items(feed);
        if (r < 0)
                return r;

        /* A list that is empty is rarer by far than a page that was made anew. */
        if (feed->n_items == 0) {
                feed->refusal = "a page without anything that its expressions find";
                return -EBADMSG;
        }
        return 0;
}

size_t xpath_feed_n_items(const XPathFeed *feed) {
        return feed->n_items;
}

const char *xpath_feed_error(const XPathFeed *feed) {
        return feed->refusal;
}

FeedInfo xpath_feed_info(const XPathFeed *feed) {
        return entry_feed_info(&feed->feed, FEED_XPATH);
}
