using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec.Packets;

/// <summary>DISCONNECT [3.14], in both directions; from a server in 5.0 only. In 3.1.1 it has no body.</summary>
internal sealed record DisconnectPacket(ReasonCode ReasonCode) : IClientPacket
{
    /// <summary>Seconds; only from a client, and not above 0 where CONNECT said 0 [3.14.2.2.2].</summary>
    public uint? SessionExpiryInterval { get; init; }

    public string? ReasonString { get; init; }

    public ImmutableArray<UserProperty> UserProperties { get; init; } = [];

    /// <summary>Only from a server: where to go, as host or host:port, several with blanks between [4.11].</summary>
    public string? ServerReference { get; init; }

    public byte FirstByte => (byte)PacketType.Disconnect << 4;

    public static bool TryRead(
        ReadOnlySpan<byte> body, [NotNullWhen(true)] out DisconnectPacket? packet, [NotNullWhen(false)] out ProtocolViolation? violation)
    {
        PacketReader reader = new(body);
        // [3.14.2] reason code (may be absent: 0x00), properties (may be absent)
        byte code = body.IsEmpty ? (byte)0 : reader.ReadByte();
        if (!ReasonCodes.IsFromServer(PacketType.Disconnect, code))
            reader.Fail(Violations.ReasonCodeNotAllowed, string.Create(CultureInfo.InvariantCulture, $"0x{code:X2} in Disconnect"));
        ReadOnlySpan<byte> section = reader.Remaining > 0 ? reader.ReadPropertySection() : default;
        reader.End();
        packet = null;
        violation = reader.Violation;
        if (violation is not null)
            return false;

        string? reason = null, reference = null;
        ImmutableArray<UserProperty>.Builder? user = null;
        PropertyReader properties = new(section, PacketType.Disconnect);
        while (properties.MoveNext())
        {
            switch (properties.Id)
            {
                case PropertyId.ReasonString:
                    reason = properties.Text;
                    break;
                case PropertyId.ServerReference:
                    reference = properties.Text;
                    break;
                default:
                    properties.AddTo(ref user);
                    break;
            }
        }

        violation = properties.Violation;
        if (violation is not null)
            return false;
        packet = new DisconnectPacket((ReasonCode)code)
        {
            ReasonString = reason,
            ServerReference = reference,
            UserProperties = user is null ? [] : user.ToImmutable(),
        };
        return true;
    }

    public void WriteBody(ref PacketWriter writer, MqttVersion version)
    {
        bool plain = SessionExpiryInterval is null && ReasonString is null && UserProperties.IsDefaultOrEmpty;
        if (version == MqttVersion.V311 || (plain && ReasonCode == ReasonCode.Success))
            return;
        writer.WriteByte((byte)ReasonCode);
        if (plain)
            return;
        int start = writer.BeginProperties();
        writer.Property(PropertyId.SessionExpiryInterval, SessionExpiryInterval);
        writer.Property(PropertyId.ReasonString, ReasonString);
        writer.Properties(UserProperties);
        writer.EndProperties(start);
    }
}
