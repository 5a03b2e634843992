using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Fastbridge.Mqtt.Transport;

/// <summary>The opening handshake of a WebSocket (RFC 6455, 4.1) for MQTT [6]; each refusal is told with its remedy.</summary>
internal static class WebSocketHandshake
{
    /// <summary>Completes when frames may be sent. The stream stays the caller's.</summary>
    /// <exception cref="MqttConnectException">The server does not agree; one line.</exception>
    public static async ValueTask RunAsync(Stream stream, MqttClientOptions options, CancellationToken cancellation)
    {
        try
        {
            string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
            await stream.WriteAsync(Request(options, key), cancellation).ConfigureAwait(false);
            HttpHead head = await HttpHead.ReadAsync(stream, cancellation).ConfigureAwait(false);
            if (Refusal(head, key, options.WebSocketPath!) is { } refusal)
                throw new MqttConnectException(refusal);
        }
        catch (MqttConnectException e)
        {
            throw new MqttConnectException("WebSocket: " + e.Message, e);
        }
        catch (IOException e)
        {
            throw new MqttConnectException("WebSocket: " + Reasons.OfConnection(e), e);
        }
    }

    private static byte[] Request(MqttClientOptions options, string key)
    {
        // The default port is left out, as browsers do: some servers compare the name as it stands.
        string host = new MqttServer(options.Host, options.Port).HostAndPort;
        if (options.Port == (options.Tls is null ? 80 : 443))
            host = host[..host.LastIndexOf(':')];
        var text = new StringBuilder();
        text.Append("GET ").Append(options.WebSocketPath).Append(" HTTP/1.1\r\nHost: ").Append(host)
            .Append("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Key: ").Append(key).Append("\r\n");
        foreach ((string name, string value) in options.WebSocketHeaders)
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        return Encoding.UTF8.GetBytes(text.Append("\r\n").ToString());
    }

    private static string? Refusal(HttpHead head, string key, string path)
    {
        if (head.Status != 101)
            return OfStatus(head, path);
        if (head.Version != "1.1")
            return $"it answers in HTTP/{HttpHead.Cut(head.Version)}, which knows no WebSocket; something on the way speaks for it: use mqtt:// or mqtts://, or a proxy that leaves the connection alone";
        if (!head.Has("Upgrade", "websocket") || !head.Has("Connection", "upgrade"))
            return "its answer 101 does not switch to WebSocket; something on the way changes the headers Upgrade and Connection";
        if (head.Find("Sec-WebSocket-Accept") != Accept(key))
            return "its answer does not fit our key (Sec-WebSocket-Accept); what answers there is no WebSocket server, or a cache on the way";
        if (head.Find("Sec-WebSocket-Extensions") is { } extensions)
            return $"it uses an extension that was not asked for ({HttpHead.Cut(extensions)})";
        // [MQTT-6.0.0-4]
        return head.Find("Sec-WebSocket-Protocol") is not { } protocol
            ? "it does not choose the sub-protocol mqtt [MQTT-6.0.0-4]; does an MQTT broker answer at this path? check the path in mqtt.server"
            : protocol == "mqtt" ? null : $"it chooses the sub-protocol {HttpHead.Cut(protocol)}, not mqtt [MQTT-6.0.0-4]; check the path in mqtt.server";
    }

    private static string OfStatus(HttpHead head, string path)
    {
        int query = path.IndexOf('?', StringComparison.Ordinal);
        string shown = query < 0 ? path : path[..query];
        return head.Status switch
        {
            401 => $"it asks for credentials ({head.StatusLine}); give them in mqtt.headers, as Authorization",
            403 => $"it forbids the connection ({head.StatusLine}); check mqtt.headers and the query of mqtt.server, and which origins it admits",
            >= 300 and < 400 => $"it redirects ({head.StatusLine}) to {Location(head)}; write the address that is meant in mqtt.server",
            200 or 400 or 404 or 405 or 426 => $"no MQTT at the path {shown} ({head.StatusLine}); check the path in mqtt.server: /mqtt is usual, / and /ws are others",
            >= 500 => $"it is not ready ({head.StatusLine}); look at the broker, and at what stands before it",
            _ => $"it does not switch to WebSocket ({head.StatusLine})",
        };
    }

    // A redirect's query may hold a token.
    private static string Location(HttpHead head)
    {
        string location = head.Find("Location") ?? "nowhere";
        int query = location.IndexOf('?', StringComparison.Ordinal);
        return HttpHead.Cut(query < 0 ? location : location[..query]);
    }

    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 says SHA-1, which proves here that the server has read the key, and protects nothing.")]
    private static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
}
