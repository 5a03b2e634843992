using System.Buffers;

namespace Fastbridge.Mqtt.Transport;

/// <summary>
/// What answers where an MQTT server should: told by its first bytes, which no CONNACK begins with. A wrong port is a person's error, and a rule of MQTT that an HTTP answer
/// breaks would not lead to it.
/// </summary>
internal static class OtherProtocol
{
    // RFC 8446, 5.1: the type of a record (alert, handshake), then the major version 3.
    private const byte TlsAlert = 21;
    private const byte TlsHandshake = 22;
    private const byte TlsMajor = 3;

    /// <summary>One line with the remedy; null where it may be MQTT, or where too little has come to tell.</summary>
    /// <param name="bytes">All that the server has sent, from its first byte.</param>
    public static string? Of(in ReadOnlySequence<byte> bytes)
    {
        Span<byte> first = stackalloc byte[7];
        int length = (int)Math.Min(bytes.Length, first.Length);
        bytes.Slice(0, length).CopyTo(first);
        first = first[..length];
        if (first.StartsWith("HTTP/1."u8))
            return "this is an HTTP server; MQTT is usually on 1883, with TLS on 8883";
        return first.Length >= 3 && first[0] is (TlsAlert or TlsHandshake) && first[1] == TlsMajor && first[2] <= 4
            ? "this port speaks TLS; use mqtts://"
            : null;
    }
}
