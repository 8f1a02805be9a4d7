// SPDX-License-Identifier: Apache-2.0
// A C view of PCRE2 for the few expressions that RE2 refuses; every search is bounded in steps and memory.
#ifndef CPCRE2_H
#define CPCRE2_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

/// A compiled expression: immutable, may be used by several threads at once.
typedef struct cpcre2_regex cpcre2_regex;

enum cpcre2_flags {
    CPCRE2_IGNORE_CASE = 1,
    CPCRE2_MULTI_LINE = 2,
    CPCRE2_DOT_NEWLINE = 4,
    /// Classes such as \w by Unicode properties.
    CPCRE2_UNICODE_CLASSES = 8,
    /// Expression and texts are bytes, not UTF-8.
    CPCRE2_BYTES = 16,
    /// For cpcre2_search_counted: PCRE2 calls back before each item of the expression.
    CPCRE2_COUNTED = 32,
};
enum cpcre2_outcome { CPCRE2_NO_MATCH = 0, CPCRE2_MATCH = 1, CPCRE2_LIMIT = 2 };

/// Compiles `pattern`. NULL when PCRE2 refuses it; `message` then holds its words, cut to `message_size`.
cpcre2_regex *cpcre2_new(const char *pattern, size_t length, int flags, uint32_t max_steps, uint32_t max_heap_kib,
                         char *message, size_t message_size);
void cpcre2_free(cpcre2_regex *);
/// Bytes of the compiled expression; 0 for NULL.
size_t cpcre2_size(const cpcre2_regex *);
/// Searches in `text`: found, not found, or given up at a limit.
enum cpcre2_outcome cpcre2_search(const cpcre2_regex *, const uint8_t *text, size_t length);

/// The same for an expression compiled with CPCRE2_COUNTED, in at most *steps steps, wherever in the text a match begins;
/// what was taken is taken off. A step is a callback, and what was done since the last one: the bytes that the search moved by,
/// and what back-references and counted repetitions may have compared, by the 16. So the work of a search is bounded by
/// its steps whatever the expression. The same search takes the same steps each time.
enum cpcre2_outcome cpcre2_search_counted(const cpcre2_regex *, const uint8_t *text, size_t length, uint64_t *steps);

#ifdef __cplusplus
}
#endif
#endif
