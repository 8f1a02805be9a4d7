// SPDX-License-Identifier: Apache-2.0
// Whether any of some short texts stands in a long one: 32 places at a time, before anything dearer is tried.
#ifndef OUTFLOW_PIECES_H
#define OUTFLOW_PIECES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Pieces of 3 bytes at least, in ASCII with A to Z made small. Reading threads may share one.
typedef struct outflow_pieces outflow_pieces;

/// Pieces `i` is `bytes[starts[i]]` up to `bytes[starts[i + 1]]`. NULL when there is no memory.
outflow_pieces *outflow_pieces_new(const uint8_t *bytes, const uint32_t *starts, size_t count);
void outflow_pieces_free(outflow_pieces *pieces);

/// Whether a piece stands in `text`, A to Z taken for a to z. Sets `*other` when bytes above 0x7F are there and the text was
/// searched to its end. 34 bytes behind `length` must be readable.
bool outflow_pieces_find(const outflow_pieces *pieces, const uint8_t *text, size_t length, bool *other);

#endif
