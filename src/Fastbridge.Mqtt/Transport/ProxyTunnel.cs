using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fastbridge.Mqtt.Transport;

/// <summary>Asks a proxy for a connection to the broker: SOCKS 5 (RFC 1928, with user name and password of RFC 1929) or HTTP CONNECT.</summary>
internal static class ProxyTunnel
{
    /// <summary>Completes when the stream leads to the broker. It stays the caller's.</summary>
    /// <exception cref="MqttConnectException">The proxy refuses, or what answers is none; one line that names it.</exception>
    public static async ValueTask OpenAsync(Stream stream, MqttProxy proxy, string host, int port, CancellationToken cancellation)
    {
        try
        {
            if (proxy.Kind == MqttProxyKind.Http)
                await ConnectAsync(stream, proxy, host, port, cancellation).ConfigureAwait(false);
            else
                await SocksAsync(stream, proxy, host, port, cancellation).ConfigureAwait(false);
        }
        catch (MqttConnectException e)
        {
            throw new MqttConnectException($"proxy {proxy.Address}: {e.Message}", e);
        }
        catch (EndOfStreamException e)
        {
            throw new MqttConnectException($"proxy {proxy.Address}: it closed the connection; is it a SOCKS 5 proxy? check mqtt.proxy", e);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new MqttConnectException($"proxy {proxy.Address}: {(e is SocketException ? Reasons.OfConnect(e) : Reasons.OfConnection(e))}", e);
        }
    }

    private static async ValueTask ConnectAsync(Stream stream, MqttProxy proxy, string host, int port, CancellationToken cancellation)
    {
        string target = new MqttServer(host, port).HostAndPort;
        string credentials = proxy.Username is null
            ? ""
            : $"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{proxy.Username}:{proxy.Password}"))}\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{credentials}\r\n"), cancellation).ConfigureAwait(false);
        HttpHead head = await HttpHead.ReadAsync(stream, cancellation).ConfigureAwait(false);
        if (head.Status is >= 200 and < 300)
            return;
        throw new MqttConnectException(head.Status switch
        {
            407 when proxy.Username is null => $"it asks for a user name and password ({head.StatusLine}); write them in mqtt.proxy: http://USER:PASSWORD@HOST:PORT",
            407 => $"it refuses user name and password ({head.StatusLine}); check mqtt.proxy",
            403 or 405 => $"it does not permit a connection to {target} ({head.StatusLine}); ask its operator to allow host and port",
            502 or 503 or 504 => $"it cannot reach {target} ({head.StatusLine}); check mqtt.server, and that the broker runs",
            _ => $"it refuses ({head.StatusLine})",
        });
    }

    private static async ValueTask SocksAsync(Stream stream, MqttProxy proxy, string host, int port, CancellationToken cancellation)
    {
        byte[] buffer = new byte[512];
        bool named = proxy.Username is not null;
        byte[] greeting = named ? [5, 2, 0, 2] : [5, 1, 0];
        await stream.WriteAsync(greeting, cancellation).ConfigureAwait(false);
        await stream.ReadExactlyAsync(buffer.AsMemory(0, 2), cancellation).ConfigureAwait(false);
        if (buffer[0] != 5)
            throw new MqttConnectException("it does not answer in SOCKS 5; check mqtt.proxy (an HTTP proxy is written http://HOST:PORT)");
        if (buffer[1] == 2 && named)
            await LogInAsync(stream, proxy, buffer, cancellation).ConfigureAwait(false);
        else if (buffer[1] != 0)
            throw new MqttConnectException(named ? "it takes neither a user name and password nor none; ask its operator" : "it asks for a user name and password; write them in mqtt.proxy: socks5://USER:PASSWORD@HOST:PORT");

        await stream.WriteAsync(await RequestAsync(proxy, host, port, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        await stream.ReadExactlyAsync(buffer.AsMemory(0, 5), cancellation).ConfigureAwait(false);
        if (buffer[0] != 5)
            throw new MqttConnectException("its answer is no SOCKS 5");
        if (buffer[1] != 0)
            throw new MqttConnectException(OfReply(buffer[1], new MqttServer(host, port).HostAndPort));

        // The address that it is bound to says nothing to us; its length has to be known.
        int left = buffer[3] switch
        {
            1 => 4 + 2 - 1,
            3 => buffer[4] + 2,
            4 => 16 + 2 - 1,
            _ => throw new MqttConnectException("its answer is no SOCKS 5"),
        };
        await stream.ReadExactlyAsync(buffer.AsMemory(5, left), cancellation).ConfigureAwait(false);
    }

    private static async ValueTask LogInAsync(Stream stream, MqttProxy proxy, byte[] buffer, CancellationToken cancellation)
    {
        byte[] user = Encoding.UTF8.GetBytes(proxy.Username!);
        byte[] password = Encoding.UTF8.GetBytes(proxy.Password ?? "");
        byte[] request = [1, (byte)user.Length, .. user, (byte)password.Length, .. password];
        await stream.WriteAsync(request, cancellation).ConfigureAwait(false);
        await stream.ReadExactlyAsync(buffer.AsMemory(0, 2), cancellation).ConfigureAwait(false);
        if (buffer[1] != 0)
            throw new MqttConnectException("it refuses user name and password; check mqtt.proxy");
    }

    private static async ValueTask<byte[]> RequestAsync(MqttProxy proxy, string host, int port, CancellationToken cancellation)
    {
        byte[] request = new byte[4 + 1 + 255 + 2];
        request[0] = 5;
        request[1] = 1; // CONNECT
        int at = 4;
        IPAddress? address = IPAddress.TryParse(host, out IPAddress? literal) ? literal : null;
        if (address is null && proxy.Kind == MqttProxyKind.Socks5)
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(host, cancellation).ConfigureAwait(false);
            address = found.Length > 0 ? found[0] : throw new MqttConnectException("the broker's name has no address; socks5h:// lets the proxy resolve it");
        }

        if (address is not null)
        {
            request[3] = (byte)(address.AddressFamily == AddressFamily.InterNetwork ? 1 : 4);
            address.TryWriteBytes(request.AsSpan(at), out int written);
            at += written;
        }
        else
        {
            request[3] = 3;
            int length = Encoding.UTF8.GetBytes(host, request.AsSpan(at + 1, 255));
            request[at] = (byte)length;
            at += 1 + length;
        }

        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(at), (ushort)port);
        return request[..(at + 2)];
    }

    private static string OfReply(byte code, string target) => code switch
    {
        2 => $"its rules do not permit a connection to {target}; ask its operator to allow host and port",
        3 => $"it has no route to the network of {target}",
        4 => $"it cannot reach the host of {target}; check mqtt.server",
        5 => $"{target} refuses the connection; is the broker running there?",
        6 => $"the way to {target} is too long",
        8 => $"it does not take this kind of address ({target}); try socks5h:// in place of socks5://, or the other way round",
        _ => string.Create(CultureInfo.InvariantCulture, $"it failed to connect to {target} (reply {code}); look at the proxy's log"),
    };
}
