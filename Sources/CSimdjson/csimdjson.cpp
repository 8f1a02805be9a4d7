// SPDX-License-Identifier: Apache-2.0
#include "csimdjson.h"

#include <cstring>
#include <new>
#include <simdjson.h>
#include <type_traits>

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

// An element is a document and an index into its tape: the same two words as a csj_value.
static_assert(sizeof(element) == sizeof(csj_value) && std::is_trivially_copyable<element>::value, "layout");
static_assert(sizeof(array::iterator) == sizeof(csj_value) && std::is_trivially_copyable<array::iterator>::value, "layout");
static_assert(sizeof(object::iterator) == sizeof(csj_value) && std::is_trivially_copyable<object::iterator>::value, "layout");

template <typename T> static T from(csj_value v) {
    T t{};
    std::memcpy(static_cast<void *>(&t), &v, sizeof v);
    return t;
}
template <typename T> static csj_value to(const T &t) {
    csj_value v;
    std::memcpy(&v, static_cast<const void *>(&t), sizeof v);
    return v;
}

struct csj_parser {
    simdjson::dom::parser parser;
    explicit csj_parser(size_t capacity) : parser(capacity) {}
};

extern "C" csj_parser *csj_parser_new(size_t max_document_bytes) { return new (std::nothrow) csj_parser(max_document_bytes); }
extern "C" void csj_parser_free(csj_parser *p) { delete p; }

extern "C" int csj_parse(csj_parser *p, const uint8_t *bytes, size_t length, csj_value *root) {
    element e;
    auto error = p->parser.parse(bytes, length, false).get(e);
    if (error) return static_cast<int>(error);
    *root = to(e);
    return 0;
}

extern "C" const char *csj_error_message(int code) {
    return simdjson::error_message(static_cast<simdjson::error_code>(code));
}

extern "C" enum csj_type csj_type_of(csj_value v) {
    switch (from<element>(v).type()) {
    case element_type::ARRAY: return CSJ_ARRAY;
    case element_type::OBJECT: return CSJ_OBJECT;
    case element_type::INT64: return CSJ_INT64;
    case element_type::UINT64: return CSJ_UINT64;
    case element_type::DOUBLE: return CSJ_DOUBLE;
    case element_type::STRING: return CSJ_STRING;
    case element_type::BOOL: return CSJ_BOOL;
    default: return CSJ_NULL;
    }
}

extern "C" bool csj_bool(csj_value v) { bool x = false; (void)from<element>(v).get(x); return x; }
extern "C" int64_t csj_int64(csj_value v) { int64_t x = 0; (void)from<element>(v).get(x); return x; }
extern "C" uint64_t csj_uint64(csj_value v) { uint64_t x = 0; (void)from<element>(v).get(x); return x; }
extern "C" double csj_double(csj_value v) { double x = 0; (void)from<element>(v).get(x); return x; }

extern "C" const char *csj_string(csj_value v, size_t *length) {
    std::string_view s;
    if (from<element>(v).get(s)) { *length = 0; return ""; }
    *length = s.size();
    return s.data();
}

extern "C" bool csj_member(csj_value v, const char *key, size_t key_length, csj_value *found) {
    object o;
    if (from<element>(v).get(o)) return false;
    element e;
    if (o.at_key(std::string_view(key, key_length)).get(e)) return false;
    *found = to(e);
    return true;
}

extern "C" bool csj_iterate(csj_value v, csj_iterator *it) {
    element e = from<element>(v);
    array a;
    object o;
    if (!e.get(a)) {
        *it = {to(a.begin()), to(a.end()), false};
        return true;
    }
    if (!e.get(o)) {
        *it = {to(o.begin()), to(o.end()), true};
        return true;
    }
    return false;
}

extern "C" bool csj_next(csj_iterator *it, const char **key, size_t *key_length, csj_value *value) {
    if (it->at.index >= it->end.index) return false;
    if (it->is_object) {
        auto i = from<object::iterator>(it->at);
        *key = i.key().data();
        *key_length = i.key().size();
        *value = to(i.value());
        ++i;
        it->at = to(i);
    } else {
        auto i = from<array::iterator>(it->at);
        *value = to(*i);
        ++i;
        it->at = to(i);
    }
    return true;
}
