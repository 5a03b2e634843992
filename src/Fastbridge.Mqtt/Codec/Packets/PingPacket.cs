using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec.Packets;

/// <summary>PINGREQ [3.12] and PINGRESP [3.13]: a fixed header and nothing behind it.</summary>
internal static class PingPacket
{
    /// <summary>The two bytes of a PINGREQ.</summary>
    public static ReadOnlySpan<byte> Request => [(byte)PacketType.PingReq << 4, 0];

    /// <summary>Checks the body of a PINGRESP: there is none.</summary>
    public static bool TryReadResponse(ReadOnlySpan<byte> body, [NotNullWhen(false)] out ProtocolViolation? violation)
    {
        violation = body.IsEmpty ? null : new(Violations.TrailingBytes, string.Create(CultureInfo.InvariantCulture, $"a PINGRESP of {body.Length} bytes"));
        return violation is null;
    }
}
