// SPDX-License-Identifier: Apache-2.0

import Dispatch
import NIOCore
import OutflowRecords
import Synchronization

/// The connections of one server, by channel.
final class ConnectionsOfServer: Sendable {
    private let table: ConnectionTable
    private let byChannel = Mutex<[ObjectIdentifier: Connection]>([:])

    private let trusted: Set<String>

    init(_ limits: HubService.Connections, trusted: Set<String>) {
        self.trusted = trusted
        table = ConnectionTable(limits) { trusted.contains($0) }
    }

    func open(_ channel: any Channel) -> Connection {
        let address = PeerAddress.key(channel.remoteAddress?.ipAddress ?? "", trusted: trusted)
        let connection = Connection(address: address, now: DispatchTime.now().uptimeNanoseconds) {
            channel.close(mode: .all, promise: nil)
        }
        byChannel.withLock { $0[ObjectIdentifier(channel)] = connection }
        table.add(connection)
        return connection
    }

    func close(_ connection: Connection, _ channel: any Channel) {
        byChannel.withLock { $0[ObjectIdentifier(channel)] = nil }
        table.remove(connection)
    }

    func find(_ channel: any Channel) -> Connection? { byChannel.withLock { $0[ObjectIdentifier(channel)] } }
}
