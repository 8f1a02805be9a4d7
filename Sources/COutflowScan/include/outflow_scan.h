// SPDX-License-Identifier: Apache-2.0
// Cuts log text at given bytes, 64 at a time. The processor part is chosen at run time.
#ifndef OUTFLOW_SCAN_H
#define OUTFLOW_SCAN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "outflow_pieces.h"
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Finds every `field` and `line` byte of `text` (the caller provides 64 readable bytes behind `length`, which is below
/// 2^32). Writes their positions to `ends` in order, and to `lines` which of `ends` are `line` bytes; both have room for
/// `length` + 16. Returns how many ends there are.
size_t outflow_cut(const uint8_t *text, size_t length, uint8_t field, uint8_t line, uint32_t *ends, uint32_t *lines,
                   size_t *line_count);

/// The first place of `needle` in `text`, NULL when there is none; in linear time (memmem).
const uint8_t *outflow_find(const uint8_t *text, size_t length, const uint8_t *needle, size_t needle_length);

/// `size` bytes of zeroed memory of its own pages, NULL when there is none. Given back at once by outflow_unmap, unlike
/// malloc's; grown without a copy by outflow_remap.
void *outflow_map(size_t size);
void *outflow_remap(void *old, size_t old_size, size_t new_size);
void outflow_unmap(void *memory, size_t size);

/// The first byte at or after `p` that ends or breaks the plain run of a JSON string: a quote, a backslash, or a control
/// character; `end` when there is none before it. 16 bytes behind `end` must be readable.
static inline const uint8_t *outflow_json_plain_end(const uint8_t *p, const uint8_t *end) {
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), last = _mm_set1_epi8(0x1F);
    while (p < end) {
        __m128i x = _mm_loadu_si128((const __m128i *)p);
        __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, slash)),
                                   _mm_cmpeq_epi8(_mm_min_epu8(x, last), x));
        int mask = _mm_movemask_epi8(hit);
        if (mask) {
            p += __builtin_ctz((unsigned)mask);
            return p < end ? p : end;
        }
        p += 16;
    }
    return end;
#else
    while (p < end && *p != '"' && *p != '\\' && *p >= 0x20) p++;
    return p;
#endif
}

#if defined(__SSE2__)
/// The number of one part of a dotted address, `length` digits (1 to 3) at `text`. 4 bytes are read.
static inline uint32_t outflow_v4_part(const uint8_t *text, uint32_t length) {
    uint32_t four;
    __builtin_memcpy(&four, text, 4);
    four <<= 32 - 8 * length;
    return (four >> 8 & 15) * 100 + (four >> 16 & 15) * 10 + (four >> 24 & 15);
}

/// Reads `length` bytes as a dotted IPv4 address without leading zeros into `address`, the first part in its highest byte;
/// false for anything else. 16 bytes from `text`, and 3 behind its end, must be readable.
static inline bool outflow_v4(const uint8_t *text, size_t length, uint32_t *address) {
    if (length - 7 > 8) return false;
    __m128i x = _mm_loadu_si128((const __m128i *)text);
    __m128i digits = _mm_sub_epi8(x, _mm_set1_epi8('0'));
    uint32_t all = (1u << length) - 1;
    uint32_t points = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_set1_epi8('.'))) & all;
    uint32_t numbers = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits)) & all;
    uint32_t zeros = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(digits, _mm_setzero_si128()));
    // A zero may begin a part only where it ends it.
    uint32_t begins = points << 1 | 1, ends = points >> 1 | 1u << (length - 1);
    uint32_t more = points & (points - 1), last = more & (more - 1);
    if ((points | numbers) != all || (zeros & begins & ~ends) || last == 0 || (last & (last - 1))) return false;
    uint32_t first = (uint32_t)__builtin_ctz(points), second = (uint32_t)__builtin_ctz(more);
    uint32_t third = (uint32_t)__builtin_ctz(last);
    uint32_t two = second - first - 1, three = third - second - 1, four = (uint32_t)length - third - 1;
    // Lengths of 1 to 3 only: below 1 they wrap.
    if ((first - 1 > 2) | (two - 1 > 2) | (three - 1 > 2) | (four - 1 > 2)) return false;
    uint32_t a = outflow_v4_part(text, first), b = outflow_v4_part(text + first + 1, two);
    uint32_t c = outflow_v4_part(text + second + 1, three), d = outflow_v4_part(text + third + 1, four);
    *address = a << 24 | b << 16 | c << 8 | d;
    return (a | b | c | d) < 256;
}
#endif

/// Copies `length` bytes with A to Z made small. Returns whether a byte above 0x7F is among them.
static inline bool outflow_lower(const uint8_t *from, uint8_t *to, size_t length) {
    uint8_t seen = 0;
    for (size_t i = 0; i < length; i++) {
        uint8_t byte = from[i];
        seen |= byte;
        to[i] = (uint8_t)(byte | ((uint8_t)(byte - 'A') < 26 ? 0x20 : 0));
    }
    return seen > 0x7F;
}

static inline void outflow_prefetch(const void *p) { __builtin_prefetch(p, 1, 3); }

/// The same for memory that is only read.
static inline void outflow_prefetch_read(const void *p) { __builtin_prefetch(p, 0, 3); }
#endif
