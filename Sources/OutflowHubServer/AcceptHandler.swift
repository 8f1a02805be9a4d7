// SPDX-License-Identifier: Apache-2.0

import NIOCore

#if canImport(Glibc)
    import Glibc
#endif

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
