/* SPDX-License-Identifier: MIT */
#pragma once

/* Sieved XML to elements and text: libxml2's SAX2 push parser with the vocabulary of feeds. Every
 * element that is opened is closed, but for those that a feed cut off leaves open. */

#include "feed/piece.h"
#include "feed/warnings.h"
#include "feed/vocabulary.h"

typedef struct XmlReader XmlReader;

typedef struct XmlElement {
        XmlNs ns;
        XmlName name;
        const char *local;
        unsigned depth; /* the root's is 1 */
        /* libxml2's own: five pointers for each attribute, two for each namespace declared here */
        const unsigned char **attributes, **namespaces;
        size_t n_attributes, n_namespaces;
} XmlElement;

typedef struct XmlHandler {
        /* Negative stops the reader with that error. */
        int (*on_start)(const XmlElement *element, void *userdata);
        int (*on_end)(unsigned depth, void *userdata);
        int (*on_text)(const char *p, size_t n_bytes, void *userdata);
        void *userdata;
} XmlHandler;

/* @warnings outlives the reader. */
int xml_reader_new(const XmlHandler *handler, Warnings *warnings, XmlReader **ret) _warn_unused_;
XmlReader *xml_reader_free(XmlReader *reader);
DEFINE_POINTER_CLEANUP(XmlReader, xml_reader_free);

/* 0, -ENOMEM or what the handler returned. */
int xml_reader_push(XmlReader *reader, const Piece *piece) _warn_unused_;
int xml_reader_finish(XmlReader *reader) _warn_unused_;

/* The line of what is being handed out. */
unsigned xml_reader_line(const XmlReader *reader);

/* The attribute of that name in any case, without a namespace (or in its element's: @ns NS_HOME) or
 * in another one (NS_XML, NS_RDF ...).
 * A heap copy, or NULL without one, in *ret. 0 or -ENOMEM. */
int xml_attribute(const XmlElement *element, XmlNs ns, const char *local, char **ret) _warn_unused_;
/* Is there a namespace declared here whose address holds @part? */
bool xml_declares(const XmlElement *element, const char *part);
