// SPDX-License-Identifier: Apache-2.0
#include "cre2.h"

#include <cstdio>
#include <new>
#include <re2/filtered_re2.h>
#include <re2/re2.h>
#include <string>
#include <string_view>
#include <vector>

struct cre2_regex {
    re2::RE2 regex;
    cre2_regex(const re2::StringPiece &pattern, const re2::RE2::Options &options) : regex(pattern, options) {}
};

// Classes that hold other characters for PCRE (pcre2pattern(3), "Generic character types"): for RE2 white space is without the
// vertical tab, and \v that one alone. Written out as parts of a class, and so that they can stand within one.
static const char *class_of(char letter) {
    switch (letter) {
    case 's': return " \\t-\\r";
    case 'S': return "\\x00-\\x08\\x0e-\\x1f!-\\x{10FFFF}";
    case 'v': return "\\n-\\r\\x{85}\\x{2028}\\x{2029}";
    default: return nullptr;
    }
}

// An expression as PCRE reads it, written for RE2.
static std::string translated(const char *pattern, size_t length) {
    std::string text;
    bool in_class = false;
    size_t at = 0;
    auto peek = [&](size_t index) { return index < length ? pattern[index] : '\0'; };
    while (at < length) {
        char letter = pattern[at];
        if (letter == '\\' && peek(at + 1) == 'Q') {
            // As it stands, up to \E.
            std::string_view rest(pattern + at, length - at);
            size_t end = rest.find("\\E", 2);
            size_t count = end == std::string_view::npos ? rest.size() : end + 2;
            text.append(pattern + at, count);
            at += count;
        } else if (letter == '\\' && at + 1 < length) {
            if (const char *members = class_of(pattern[at + 1])) {
                // The end of a range it cannot be: whatever that means, RE2 shall say.
                if (in_class && text.back() == '-') return std::string(pattern, length);
                if (!in_class) text += '[';
                text += members;
                if (!in_class) text += ']';
            } else {
                text.append(pattern + at, 2);
            }
            at += 2;
        } else if (in_class && letter == '[' && peek(at + 1) == ':') {
            std::string_view rest(pattern + at, length - at);
            size_t end = rest.find(":]", 2);
            size_t count = end == std::string_view::npos ? 1 : end + 2;
            text.append(pattern + at, count);
            at += count;
        } else {
            text += letter;
            at += 1;
            if (!in_class && letter == '[') {
                in_class = true;
                if (peek(at) == '^') text += pattern[at++];
                // First in a class it stands for itself.
                if (peek(at) == ']') text += pattern[at++];
            } else if (in_class && letter == ']') {
                in_class = false;
            }
        }
    }
    return text;
}

// RE2 has no flag for ^ and $ at line ends outside its POSIX mode: flags are written before the expression.
static std::string with_flags(const char *pattern, size_t length, int flags) {
    std::string text = "(?";
    if (flags & CRE2_IGNORE_CASE) text += 'i';
    if (flags & CRE2_MULTI_LINE) text += 'm';
    if (flags & CRE2_DOT_NEWLINE) text += 's';
    if (text.size() > 2) text += ')';
    else text.clear();
    return text.append(translated(pattern, length));
}

static re2::RE2::Options options_for(int64_t max_memory) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_never_capture(true);
    options.set_max_mem(max_memory);
    return options;
}

extern "C" cre2_regex *cre2_new(const char *pattern, size_t length, int flags, int64_t max_memory, char *message,
                                size_t message_size) {
    auto *made = new (std::nothrow) cre2_regex(with_flags(pattern, length, flags), options_for(max_memory));
    if (made && made->regex.ok()) return made;
    std::snprintf(message, message_size, "%s", made ? made->regex.error().c_str() : "out of memory");
    delete made;
    return nullptr;
}

extern "C" void cre2_free(cre2_regex *regex) { delete regex; }

extern "C" size_t cre2_size(const cre2_regex *regex) {
    // An instruction has 16 bytes.
    return regex == nullptr ? 0 : 16 * static_cast<size_t>(regex->regex.ProgramSize());
}

extern "C" bool cre2_search(const cre2_regex *regex, const uint8_t *text, size_t length) {
    return regex->regex.Match(re2::StringPiece(reinterpret_cast<const char *>(text), length), 0, length,
                              re2::RE2::UNANCHORED, nullptr, 0);
}

extern "C" size_t cre2_literals(const char *pattern, size_t length, int flags, int64_t max_memory, void *context,
                                void (*literal)(void *, const char *, size_t)) {
    re2::FilteredRE2 filter(3);
    int id = 0;
    if (filter.Add(with_flags(pattern, length, flags), options_for(max_memory), &id) != re2::RE2::NoError) return 0;
    std::vector<std::string> atoms;
    filter.Compile(&atoms);
    // An expression that may match without any of the literals passes the filter when none was found.
    std::vector<int> passed;
    filter.AllPotentials(std::vector<int>(), &passed);
    if (!passed.empty()) return 0;
    for (const auto &atom : atoms) literal(context, atom.data(), atom.size());
    return atoms.size();
}
