// SPDX-License-Identifier: Apache-2.0
#include "outflow_pieces.h"
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// The first three bytes of each piece, shared out to eight buckets, one bit each: a place where all three bytes have a
// bucket in common is looked at closely. (The idea is that of "Teddy" in Hyperscan, Wang et al., NSDI 2019.)
struct outflow_pieces {
    uint8_t low[3][16], high[3][16]; // Buckets by the two halves of a byte.
    uint8_t whole[3][256];           // Buckets by byte.
    uint32_t bucket_start[9];        // First of each bucket's pieces in `order`.
    uint32_t *order;
    uint32_t *starts;
    uint8_t *bytes;
};

static uint8_t small(uint8_t byte) { return (uint8_t)(byte | ((uint8_t)(byte - 'A') < 26 ? 0x20 : 0)); }

outflow_pieces *outflow_pieces_new(const uint8_t *bytes, const uint32_t *starts, size_t count) {
    outflow_pieces *pieces = calloc(1, sizeof *pieces);
    if (!pieces) return NULL;
    pieces->order = calloc(count + 1, sizeof(uint32_t));
    pieces->starts = malloc((count + 1) * sizeof(uint32_t));
    pieces->bytes = malloc((size_t)starts[count] + 1);
    if (!pieces->order || !pieces->starts || !pieces->bytes) {
        outflow_pieces_free(pieces);
        return NULL;
    }
    memcpy(pieces->starts, starts, (count + 1) * sizeof(uint32_t));
    memcpy(pieces->bytes, bytes, starts[count]);
    uint32_t filled = 0;
    for (size_t bucket = 0; bucket < 8; bucket++) {
        pieces->bucket_start[bucket] = filled;
        for (size_t piece = bucket; piece < count; piece += 8) {
            pieces->order[filled++] = (uint32_t)piece;
            for (int k = 0; k < 3; k++) {
                uint8_t byte = bytes[starts[piece] + (uint32_t)k];
                uint8_t big = byte >= 'a' && byte <= 'z' ? (uint8_t)(byte & ~0x20) : byte;
                uint8_t both[2] = {byte, big};
                for (int form = 0; form < 2; form++) {
                    pieces->low[k][both[form] & 15] |= (uint8_t)(1 << bucket);
                    pieces->high[k][both[form] >> 4] |= (uint8_t)(1 << bucket);
                    pieces->whole[k][both[form]] |= (uint8_t)(1 << bucket);
                }
            }
        }
    }
    pieces->bucket_start[8] = filled;
    return pieces;
}

void outflow_pieces_free(outflow_pieces *pieces) {
    if (!pieces) return;
    free(pieces->order);
    free(pieces->starts);
    free(pieces->bytes);
    free(pieces);
}

// Whether a piece of one of the buckets stands at `at`.
static bool stands(const outflow_pieces *pieces, const uint8_t *text, size_t length, size_t at, uint8_t buckets) {
    while (buckets) {
        int bucket = __builtin_ctz(buckets);
        buckets &= (uint8_t)(buckets - 1);
        for (uint32_t i = pieces->bucket_start[bucket]; i < pieces->bucket_start[bucket + 1]; i++) {
            uint32_t piece = pieces->order[i];
            size_t size = pieces->starts[piece + 1] - pieces->starts[piece];
            if (size > length - at) continue;
            const uint8_t *bytes = pieces->bytes + pieces->starts[piece];
            size_t k = 0;
            while (k < size && small(text[at + k]) == bytes[k]) k++;
            if (k == size) return true;
        }
    }
    return false;
}

static bool find_plain(const outflow_pieces *pieces, const uint8_t *text, size_t length, size_t from, bool *other) {
    uint8_t seen = 0;
    for (size_t at = from; at < length; at++) {
        seen |= text[at];
        if (at + 3 > length) continue;
        uint8_t buckets = pieces->whole[0][text[at]] & pieces->whole[1][text[at + 1]] & pieces->whole[2][text[at + 2]];
        if (buckets && stands(pieces, text, length, at, buckets)) return true;
    }
    if (seen > 0x7F) *other = true;
    return false;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static inline __m256i buckets_of(__m256i x, __m256i low, __m256i high) {
    const __m256i nibble = _mm256_set1_epi8(15);
    return _mm256_and_si256(_mm256_shuffle_epi8(low, _mm256_and_si256(x, nibble)),
                            _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble)));
}

__attribute__((target("avx2"))) static inline __m256i twice(const uint8_t table[16]) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table));
}

__attribute__((target("avx2"))) static bool find_avx2(const outflow_pieces *pieces, const uint8_t *text, size_t length,
                                                      bool *other) {
    const __m256i l0 = twice(pieces->low[0]), h0 = twice(pieces->high[0]), l1 = twice(pieces->low[1]),
                  h1 = twice(pieces->high[1]), l2 = twice(pieces->low[2]), h2 = twice(pieces->high[2]);
    uint32_t seen = 0;
    for (size_t at = 0; at < length; at += 32) {
        const uint8_t *p = text + at;
        __m256i x = _mm256_loadu_si256((const __m256i *)p);
        uint32_t inside = length - at >= 32 ? 0xFFFFFFFFu : (1u << (length - at)) - 1;
        seen |= (uint32_t)_mm256_movemask_epi8(x) & inside;
        __m256i hit = _mm256_and_si256(
            buckets_of(x, l0, h0),
            _mm256_and_si256(buckets_of(_mm256_loadu_si256((const __m256i *)(p + 1)), l1, h1),
                             buckets_of(_mm256_loadu_si256((const __m256i *)(p + 2)), l2, h2)));
        uint32_t places = ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(hit, _mm256_setzero_si256())) & inside;
        if (!places) continue;
        uint8_t buckets[32];
        _mm256_storeu_si256((__m256i *)buckets, hit);
        do {
            unsigned k = (unsigned)__builtin_ctz(places);
            places &= places - 1;
            if (at + k + 3 <= length && stands(pieces, text, length, at + k, buckets[k])) return true;
        } while (places);
    }
    if (seen) *other = true;
    return false;
}
#endif

bool outflow_pieces_find(const outflow_pieces *pieces, const uint8_t *text, size_t length, bool *other) {
#if defined(__x86_64__)
    if (length >= 16 && __builtin_cpu_supports("avx2")) return find_avx2(pieces, text, length, other);
#endif
    return find_plain(pieces, text, length, 0, other);
}
