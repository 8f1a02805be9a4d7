// SPDX-License-Identifier: Apache-2.0

/// A theft that is asked for.
public struct TheftPlan: Sendable, Hashable {
}
