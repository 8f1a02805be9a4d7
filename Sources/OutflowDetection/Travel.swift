// SPDX-License-Identifier: Apache-2.0

import OutflowSketches

#if canImport(Glibc)
    import Glibc
#endif

/// How fast somebody would have travelled who signed in at several places on one day.
enum Travel {
    /// Places nearer to each other are one: where an address is, is known to a city at best.
    static let nearest = 500.0
    /// Nothing is faster, in km/h: of two sign-ins in one second the speed would have no bound.
    static let fastest = 100_000.0

    /// A moment of a day (UTC) and a place, in one number that rises with the moment: seconds, then latitude and longitude in
    /// hundredths of a degree.
    static func pack(second: Int64, latitude: Double, longitude: Double) -> UInt64? {
        guard abs(latitude) <= 90, abs(longitude) <= 180, (0..<86_400).contains(second) else { return nil }
        let north = UInt64(((latitude + 90) * 100).rounded())
        let east = UInt64(((longitude + 180) * 100).rounded())
        return UInt64(second) << 32 | north << 16 | east
    }

    /// The highest speed in km/h between one sign-in and the next, of packed ones; 0 if all were near each other.
    static func speed(_ packed: [UInt64]) -> UInt64 {
        var highest = 0.0
        let sorted = packed.sorted()
        for (from, to) in zip(sorted, sorted.dropFirst()) {
            let distance = kilometres(from, to)
            guard distance >= nearest else { continue }
            let hours = max(1, Double(to >> 32) - Double(from >> 32)) / 3600
            highest = max(highest, min(fastest, distance / hours))
        }
        return UInt64(highest)
    }

    /// Along a great circle (haversine formula; mean radius of the Earth 6,371 km).
    private static func kilometres(_ a: UInt64, _ b: UInt64) -> Double {
        func radians(_ hundredths: UInt64) -> Double { Double(hundredths) / 100 * .pi / 180 }
        let (northA, northB) = (radians(a >> 16 & 0xFFFF) - .pi / 2, radians(b >> 16 & 0xFFFF) - .pi / 2)
        let (eastA, eastB) = (radians(a & 0xFFFF), radians(b & 0xFFFF))
        let (up, across) = (sin((northB - northA) / 2), sin((eastB - eastA) / 2))
        let chord = up * up + cos(northA) * cos(northB) * across * across
        return 2 * 6371 * asin(min(1, chord.squareRoot()))
    }
}
