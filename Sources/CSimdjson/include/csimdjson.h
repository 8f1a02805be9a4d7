// SPDX-License-Identifier: Apache-2.0
// A C view of simdjson's DOM: parse one JSON value, then look around in it.
#ifndef CSIMDJSON_H
#define CSIMDJSON_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

/// A parser with its buffers; serves one thread, one document at a time.
typedef struct csj_parser csj_parser;
/// A value inside the parser's current document: dies with the next parse.
typedef struct csj_value { const void *document; size_t index; } csj_value;

enum csj_type { CSJ_NULL, CSJ_BOOL, CSJ_INT64, CSJ_UINT64, CSJ_DOUBLE, CSJ_STRING, CSJ_ARRAY, CSJ_OBJECT };

csj_parser *csj_parser_new(size_t max_document_bytes);
void csj_parser_free(csj_parser *);
/// Parses one document. 64 readable bytes must follow `length`. Returns 0 and the root, else an error code.
int csj_parse(csj_parser *, const uint8_t *bytes, size_t length, csj_value *root);
/// Words for an error code of csj_parse.
const char *csj_error_message(int code);

enum csj_type csj_type_of(csj_value);
bool csj_bool(csj_value);
int64_t csj_int64(csj_value);
uint64_t csj_uint64(csj_value);
double csj_double(csj_value);
/// The unescaped string; valid until the next parse.
const char *csj_string(csj_value, size_t *length);
/// The member called `key`; false if the value is no object or has no such member.
bool csj_member(csj_value, const char *key, size_t key_length, csj_value *found);
/// Iteration over an array's elements or an object's members: the first child, then the next. `key` is set for members.
typedef struct csj_iterator { csj_value at; csj_value end; bool is_object; } csj_iterator;
bool csj_iterate(csj_value, csj_iterator *);
bool csj_next(csj_iterator *, const char **key, size_t *key_length, csj_value *value);

#ifdef __cplusplus
}
#endif
#endif
