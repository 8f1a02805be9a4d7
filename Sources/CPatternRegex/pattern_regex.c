// SPDX-License-Identifier: Apache-2.0
#define PCRE2_CODE_UNIT_WIDTH 8
#include "pattern_regex.h"
#include <pcre2.h>
#include <stdlib.h>

struct outflow_regex {
    pcre2_code *code;
    pcre2_match_context *limits;
};

outflow_regex *outflow_regex_new(
    const uint8_t *text, size_t length, int is_utf, size_t *offset, char *message, size_t message_size) {
    int error = 0;
    PCRE2_SIZE at = 0;
    *offset = 0;
    message[0] = 0;
    outflow_regex *regex = calloc(1, sizeof *regex);
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (!regex || !context) {
        free(regex);
        pcre2_compile_context_free(context);
        return NULL;
    }
    pcre2_set_max_pattern_length(context, 65536);
    pcre2_set_parens_nest_limit(context, 100);
    uint32_t options = PCRE2_NEVER_BACKSLASH_C | (is_utf ? PCRE2_UTF | PCRE2_UCP : 0);
    regex->code = pcre2_compile(text, length, options, &error, &at, context);
    pcre2_compile_context_free(context);
    if (!regex->code) {
        *offset = at;
        pcre2_get_error_message(error, (PCRE2_UCHAR *)message, message_size);
        free(regex);
        return NULL;
    }
    regex->limits = pcre2_match_context_create(NULL);
    if (!regex->limits) {
        outflow_regex_free(regex);
        return NULL;
    }
    // Some milliseconds of backtracking, and at most 8 MiB of memory for it.
    pcre2_set_match_limit(regex->limits, 200000);
    pcre2_set_heap_limit(regex->limits, 8192);
    return regex;
}

void outflow_regex_free(outflow_regex *regex) {
    if (!regex) return;
    pcre2_code_free(regex->code);
    pcre2_match_context_free(regex->limits);
    free(regex);
}

int outflow_regex_search(const outflow_regex *regex, const uint8_t *subject, size_t length) {
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    if (!data) return -2;
    int found = pcre2_match(regex->code, subject, length, 0, 0, data, regex->limits);
    pcre2_match_data_free(data);
    if (found >= 0) return 1;
    switch (found) {
    case PCRE2_ERROR_NOMATCH: return 0;
    case PCRE2_ERROR_MATCHLIMIT:
    case PCRE2_ERROR_DEPTHLIMIT:
    case PCRE2_ERROR_HEAPLIMIT: return -1;
    default: return -2;
    }
}
