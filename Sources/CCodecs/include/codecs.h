// SPDX-License-Identifier: Apache-2.0
// The system libraries that decompress and hash: one module for Swift to import.
#ifndef OUTFLOW_CODECS_H
#define OUTFLOW_CODECS_H
#include <archive.h>
#include <archive_entry.h>
#include <isa-l/igzip_lib.h>
#include <lz4frame.h>
#include <openssl/evp.h>
#include <zstd.h>
#endif
