using System.Net.Sockets;

namespace Fastbridge.Mqtt.Transport;

/// <summary>Opens TCP and TLS connections. Stateless: certificate files and the host name are looked up anew at each call.</summary>
internal static class Connector
{
    /// <exception cref="MqttConnectException">It failed; the message is one line with the remedy.</exception>
    /// <exception cref="OperationCanceledException">The cancellation came first.</exception>
    public static async ValueTask<MqttTransport> ConnectAsync(MqttClientOptions options, CancellationToken cancellation)
    {
        // Faults of files are found before the server is bothered.
        TlsHandshake? tls = options.Tls is null ? null : TlsHandshake.Load(options.Tls, options.Host);
        Socket socket = OpenSocket();
        try
        {
            await socket.ConnectAsync(options.Host, options.Port, cancellation).ConfigureAwait(false);

            // Finds a peer that vanished also where MQTT's keep alive is off: a probe after a minute of silence, then every 10 s. Set behind the
            // connect: .NET cannot carry options of this kind over to the next socket where a name has several addresses and the first refuses
            // (localhost: ::1 before 127.0.0.1).
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
            NetworkStream plain = new(socket, ownsSocket: false);
            return new MqttTransport(tls is null ? plain : await tls.RunAsync(plain, cancellation).ConfigureAwait(false), socket);
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is SocketException or ArgumentException)
                throw new MqttConnectException(Reasons.OfConnect(e), e);
            throw;
        }
        finally
        {
            tls?.Dispose();
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
