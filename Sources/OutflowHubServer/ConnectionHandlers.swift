// SPDX-License-Identifier: Apache-2.0

import Dispatch
import NIOCore
import OutflowRecords
import Synchronization

/// Notes a connection while it is open, and closes it when its client is too slow.
final class ConnectionHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any
    private let server: ConnectionsOfServer
    private var connection: Connection?
    private var watch: RepeatedTask?

    init(_ server: ConnectionsOfServer) { self.server = server }

    func handlerAdded(context: ChannelHandlerContext) {
        let connection = server.open(context.channel)
        self.connection = connection
        watch = context.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(5), delay: .seconds(5)) { _ in
            if connection.isTooSlow(DispatchTime.now().uptimeNanoseconds) { connection.close() }
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        watch?.cancel()
        watch = nil
        if let connection { server.close(connection, context.channel) }
        connection = nil
    }
}

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

/// Takes no connections for a moment when there are no descriptors left: to try again at once would only keep a core busy.
final class AcceptHandler: ChannelInboundHandler {
    typealias InboundIn = Any
    private var isPaused = false

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The server's socket itself is well; NIO goes on after exactly these (accept(2)).
        guard let error = error as? IOError,
            [EMFILE, ENFILE, ENOBUFS, ENOMEM, ECONNABORTED].contains(error.errnoCode)
        else { return context.fireErrorCaught(error) }
        guard !isPaused, error.errnoCode != ECONNABORTED else { return }
        isPaused = true
        let channel = context.channel
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        channel.setOption(.autoRead, value: false).whenComplete { _ in
            channel.eventLoop.scheduleTask(in: .milliseconds(200)) {
                handler.value.isPaused = false
                channel.setOption(.autoRead, value: true).whenComplete { _ in channel.read() }
            }
        }
    }
}

#if canImport(Glibc)
    import Glibc
#endif

/// Descriptors that the process may have open.
enum Descriptors {
    /// Kept for the database, its log, and files of pages.
    static let reserve = 128

    /// Asks for so many, as far as the system allows; gives how many there may be.
    static func raise(to wanted: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit) == 0 else { return 1_024 }
        if limit.rlim_cur < rlim_t(wanted) {
            var higher = limit
            higher.rlim_cur = min(rlim_t(wanted), limit.rlim_max)
            if setrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &higher) == 0 { limit = higher }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
