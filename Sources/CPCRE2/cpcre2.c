// SPDX-License-Identifier: Apache-2.0
#define PCRE2_CODE_UNIT_WIDTH 8
#include "cpcre2.h"

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

struct cpcre2_regex {
    pcre2_code *code;
    uint32_t max_steps, max_heap_kib;
    /// Of CPCRE2_COUNTED: whether it refers back, and its largest counted repetition.
    bool refers_back;
    uint32_t longest_repeat;
};

/// The largest number behind a brace or a comma, which is that of a repetition or more.
static uint32_t longest_repeat(const char *pattern, size_t length) {
    uint32_t longest = 0, number = 0;
    for (size_t at = 0; at < length; at++) {
        char c = pattern[at];
        if (c < '0' || c > '9') number = 0;
        else if (number < 65536) number = number * 10 + (uint32_t)(c - '0');
        if (number > longest) longest = number;
    }
    return longest;
}

cpcre2_regex *cpcre2_new(const char *pattern, size_t length, int flags, uint32_t max_steps, uint32_t max_heap_kib,
                         char *message, size_t message_size) {
    // Invalid UTF-8 in a text is matched around (PCRE2_MATCH_INVALID_UTF), never an error. \C would look inside a
    // character; callouts only count.
    uint32_t options = PCRE2_NEVER_BACKSLASH_C;
    if (!(flags & CPCRE2_BYTES)) options |= PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
    if (flags & CPCRE2_UNICODE_CLASSES) options |= PCRE2_UCP;
    if (flags & CPCRE2_IGNORE_CASE) options |= PCRE2_CASELESS;
    if (flags & CPCRE2_MULTI_LINE) options |= PCRE2_MULTILINE;
    if (flags & CPCRE2_DOT_NEWLINE) options |= PCRE2_DOTALL;
    if (flags & CPCRE2_COUNTED) options |= PCRE2_AUTO_CALLOUT;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (context == NULL) {
        snprintf(message, message_size, "out of memory");
        return NULL;
    }
    pcre2_set_parens_nest_limit(context, 100);
    pcre2_set_max_pattern_length(context, 65536);
    int error = 0;
    PCRE2_SIZE at = 0;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, length, options, &error, &at, context);
    pcre2_compile_context_free(context);
    if (code == NULL) {
        PCRE2_UCHAR words[200];
        pcre2_get_error_message(error, words, sizeof words);
        snprintf(message, message_size, "%s at character %zu", (const char *)words, (size_t)at);
        return NULL;
    }
    cpcre2_regex *made = malloc(sizeof *made);
    if (made == NULL) {
        pcre2_code_free(code);
        snprintf(message, message_size, "out of memory");
        return NULL;
    }
    uint32_t last_reference = 0;
    pcre2_pattern_info(code, PCRE2_INFO_BACKREFMAX, &last_reference);
    *made = (cpcre2_regex){code, max_steps, max_heap_kib, last_reference > 0, longest_repeat(pattern, length)};
    return made;
}

void cpcre2_free(cpcre2_regex *regex) {
    if (regex == NULL) return;
    pcre2_code_free(regex->code);
    free(regex);
}

size_t cpcre2_size(const cpcre2_regex *regex) {
    size_t size = 0;
    if (regex != NULL) pcre2_pattern_info(regex->code, PCRE2_INFO_SIZE, &size);
    return size;
}

/// Searches with the limits of a context, which it frees; a context of NULL is no memory.
static enum cpcre2_outcome search(const cpcre2_regex *regex, const uint8_t *text, size_t length,
                                  pcre2_match_context *context) {
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    enum cpcre2_outcome outcome = CPCRE2_LIMIT;
    if (data != NULL && context != NULL) {
        pcre2_set_heap_limit(context, regex->max_heap_kib);
        int found = pcre2_match(regex->code, text, length, 0, 0, data, context);
        outcome = found >= 0 ? CPCRE2_MATCH : found == PCRE2_ERROR_NOMATCH ? CPCRE2_NO_MATCH : CPCRE2_LIMIT;
    }
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    return outcome;
}

enum cpcre2_outcome cpcre2_search(const cpcre2_regex *regex, const uint8_t *text, size_t length) {
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    if (context != NULL) {
        // PCRE2 counts anew for each place where a match may begin: the longer the text, the fewer steps at each.
        size_t share = 40 * (size_t)regex->max_steps / (length + 1);
        size_t least = regex->max_steps < 1000 ? regex->max_steps : 1000;
        uint32_t steps = share > regex->max_steps ? regex->max_steps : (uint32_t)(share < least ? least : share);
        pcre2_set_match_limit(context, steps);
    }
    return search(regex, text, length, context);
}

/// What a search has left.
struct counter {
    uint64_t left;
    size_t last;
    uint64_t hidden;
};

static int count(pcre2_callout_block *block, void *data) {
    struct counter *counter = data;
    size_t at = block->current_position;
    size_t moved = at > counter->last ? at - counter->last : counter->last - at;
    counter->last = at;
    uint64_t steps = 1 + moved / 16 + counter->hidden;
    if (steps > counter->left) {
        counter->left = 0;
        return PCRE2_ERROR_CALLOUT;
    }
    counter->left -= steps;
    return 0;
}

enum cpcre2_outcome cpcre2_search_counted(const cpcre2_regex *regex, const uint8_t *text, size_t length,
                                          uint64_t *steps) {
    // A reference may compare up to half of the text before it fails, a repetition pass over as many characters.
    size_t repeated = regex->longest_repeat < length ? regex->longest_repeat : length;
    size_t compared = (regex->refers_back ? length / 2 : 0) + repeated;
    struct counter counter = {*steps, 0, compared / 16};
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    if (context != NULL) pcre2_set_callout(context, count, &counter);
    enum cpcre2_outcome outcome = search(regex, text, length, context);
    *steps = counter.left;
    return outcome;
}
