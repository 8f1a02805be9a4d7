// SPDX-License-Identifier: Apache-2.0
// The system libraries that decompress and hash: one module for Swift to import.
#ifndef OUTFLOW_CODECS_H
#define OUTFLOW_CODECS_H
#include <archive.h>
#include <archive_entry.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>
#include <zstd.h>

/// Inflates gzip members. Its state is some 80 KiB of tables that Swift would import as tuples: hence this handle.
typedef struct outflow_gzip outflow_gzip;

/// A new inflater, before a member's header; NULL when there is no memory.
outflow_gzip *outflow_gzip_new(void);
void outflow_gzip_free(outflow_gzip *gzip);
/// Makes it ready for the header of the next member.
void outflow_gzip_next_member(outflow_gzip *gzip);
/// Inflates from `in` to `out`. `in_count` and `out_count` hold the room before and what was taken and written after.
/// Returns 1 when the member's end was reached and its checksum fits, 0 when more input or room is needed, and the
/// negative code of isa-l for damage.
int outflow_gzip_inflate(
    outflow_gzip *gzip, const uint8_t *in, uint32_t *in_count, uint8_t *out, uint32_t *out_count);

/// Decompresses xz streams. LZMA_STREAM_INIT is a macro that Swift does not import: hence this handle.
typedef struct outflow_xz outflow_xz;

/// A new decoder of one or more xz streams that takes at most `memory` bytes; NULL when there is no memory.
outflow_xz *outflow_xz_new(uint64_t memory);
void outflow_xz_free(outflow_xz *xz);
/// Decompresses from `in` to `out`, with counts as above. `is_last` tells that no input follows. Returns liblzma's code.
lzma_ret outflow_xz_decode(
    outflow_xz *xz, const uint8_t *in, size_t *in_count, uint8_t *out, size_t *out_count, int is_last);
#endif
