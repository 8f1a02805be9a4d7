// SPDX-License-Identifier: Apache-2.0

import Dispatch
import NIOCore

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
