// SPDX-License-Identifier: Apache-2.0
// The system's libsodium.
#ifndef CSODIUM_H
#define CSODIUM_H
#include <sodium.h>
#endif
