using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;

namespace Fastbridge.Mqtt.Transport;

/// <summary>One network connection [4.2]: a byte stream, and how to half-close and end it. Owns both.</summary>
internal sealed class MqttTransport(Stream stream, Socket? socket) : IDisposable
{
    // 16 KB: fifty small messages. Twice as much measured a thirtieth faster at QoS 0 and no faster else, and a reader that waits for room holds one of them or two.
    private static readonly StreamPipeReaderOptions ReaderOptions = new(bufferSize: 16_384, useZeroByteReads: true, leaveOpen: true);

    private int _disposed;

    public Stream Stream => stream;

    /// <summary>
    /// Reads straight from the stream: no pump and no thread between socket and reader, and by the zero-byte read no buffer while nothing comes.
    /// </summary>
    public PipeReader CreateReader() => PipeReader.Create(stream, ReaderOptions);

    /// <summary>
    /// Says that nothing more will be sent, and goes on receiving. To close at once with bytes unread would reset the connection, and the reset could
    /// overtake the acks that were sent last. Errors mean that the peer is gone already, and are none here.
    /// </summary>
    public async Task ShutdownSendAsync()
    {
        try
        {
            if (stream is WebSocketFrameStream webSocket)
                await webSocket.ShutdownAsync().ConfigureAwait(false);
            else if (stream is SslStream tls)
                await tls.ShutdownAsync().ConfigureAwait(false);
            socket?.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The peer has closed, or the connection was aborted meanwhile.
        }
    }

    /// <summary>Any thread, any number of times: ends the connection at once; pending reads and writes fail.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;

        // The socket first: an SslStream's Dispose must not wait for a write that is stuck.
        socket?.Dispose();
        stream.Dispose();
    }
}
