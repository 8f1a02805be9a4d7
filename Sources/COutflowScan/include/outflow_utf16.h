// SPDX-License-Identifier: Apache-2.0
// The part of UTF-16 to UTF-8 that is nearly all of the work in Windows event logs: runs of ASCII.
#ifndef OUTFLOW_UTF16_H
#define OUTFLOW_UTF16_H
#include <stddef.h>
#include <stdint.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Copies units of the little-endian UTF-16 text `in` to `out`, a byte each, as long as they are ASCII and not NUL.
/// Returns how many were copied. `out` has room for `count` bytes and 16 more, which may be written to.
static inline size_t outflow_utf16_ascii(const uint8_t *in, size_t count, uint8_t *out) {
    size_t done = 0;
#if defined(__SSE2__)
    const __m128i high = _mm_set1_epi16((short)0xFF80), zero = _mm_setzero_si128();
    while (count - done >= 8) {
        __m128i units = _mm_loadu_si128((const __m128i *)(in + 2 * done));
        __m128i ascii = _mm_cmpeq_epi16(_mm_and_si128(units, high), zero);
        int good = _mm_movemask_epi8(_mm_andnot_si128(_mm_cmpeq_epi16(units, zero), ascii));
        _mm_storel_epi64((__m128i *)(out + done), _mm_packus_epi16(units, zero));
        if (good != 0xFFFF) return done + (size_t)__builtin_ctz(~(unsigned)good) / 2;
        done += 8;
    }
#endif
    while (done < count) {
        unsigned unit = in[2 * done] | (unsigned)in[2 * done + 1] << 8;
        if (unit - 1 >= 0x7F) break;
        out[done++] = (uint8_t)unit;
    }
    return done;
}
#endif
