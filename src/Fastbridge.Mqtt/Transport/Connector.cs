using System.Net.Sockets;

namespace Fastbridge.Mqtt.Transport;

/// <summary>
/// Opens connections, layer on layer: TCP, a proxy's tunnel, TLS, WebSocket. Stateless: certificate files and host names are looked up anew at each call.
/// </summary>
internal static class Connector
{
    /// <exception cref="MqttConnectException">It failed; the message is one line with the remedy.</exception>
    /// <exception cref="OperationCanceledException">The cancellation came first.</exception>
    public static async ValueTask<MqttTransport> ConnectAsync(MqttClientOptions options, CancellationToken cancellation)
    {
        // Faults of files are found before the server is bothered.
        using TlsHandshake? tls = options.Tls is null ? null : TlsHandshake.Load(options.Tls, options.Host);
        Socket socket = OpenSocket();
        Stream? stream = null;
        try
        {
            await DialAsync(socket, options, cancellation).ConfigureAwait(false);
            stream = new NetworkStream(socket, ownsSocket: false);
            if (options.Proxy is { } proxy)
                await ProxyTunnel.OpenAsync(stream, proxy, options.Host, options.Port, cancellation).ConfigureAwait(false);
            if (tls is not null)
                stream = await tls.RunAsync(stream, cancellation).ConfigureAwait(false);
            if (options.WebSocketPath is not null)
            {
                await WebSocketHandshake.RunAsync(stream, options, cancellation).ConfigureAwait(false);
                stream = new WebSocketFrameStream(stream);
            }

            return new MqttTransport(stream, socket);
        }
        catch
        {
            // The socket first: an SslStream's Dispose must not wait for a write that is stuck.
            socket.Dispose();
            stream?.Dispose();
            throw;
        }
    }

    private static async ValueTask DialAsync(Socket socket, MqttClientOptions options, CancellationToken cancellation)
    {
        try
        {
            await socket.ConnectAsync(options.Proxy?.Host ?? options.Host, options.Proxy?.Port ?? options.Port, cancellation).ConfigureAwait(false);

            // Finds a peer that vanished also where MQTT's keep alive is off: a probe after a minute of silence, then every 10 s. Set behind the
            // connect: .NET cannot carry options of this kind over to the next socket where a name has several addresses and the first refuses
            // (localhost: ::1 before 127.0.0.1).
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            string why = Reasons.OfConnect(e);
            throw new MqttConnectException(options.Proxy is { } proxy ? $"proxy {proxy.Address}: {why.Replace("the broker", "the proxy", StringComparison.Ordinal)}" : why, e);
        }
    }

    private static Socket OpenSocket()
    {
        try
        {
            return new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        }
        catch (SocketException e)
        {
            throw new MqttConnectException(Reasons.OfConnect(e), e);
        }
    }
}
