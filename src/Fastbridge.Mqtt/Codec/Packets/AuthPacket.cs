using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec.Packets;

/// <summary>AUTH [3.15], in both directions; 5.0 only.</summary>
/// <param name="AuthenticationMethod">Null only in the short form, which means success.</param>
internal sealed record AuthPacket(ReasonCode ReasonCode, string? AuthenticationMethod) : IClientPacket
{
    public ReadOnlyMemory<byte>? AuthenticationData { get; init; }

    public string? ReasonString { get; init; }

    public ImmutableArray<UserProperty> UserProperties { get; init; } = [];

    public byte FirstByte => (byte)PacketType.Auth << 4;

    public static bool TryRead(
        ReadOnlySpan<byte> body, [NotNullWhen(true)] out AuthPacket? packet, [NotNullWhen(false)] out ProtocolViolation? violation)
    {
        if (body.IsEmpty)
        {
            // [3.15.2.1] both may be omitted where the code is 0x00 and there are no properties.
            packet = new AuthPacket(ReasonCode.Success, AuthenticationMethod: null);
            violation = null;
            return true;
        }

        PacketReader reader = new(body);
        byte code = reader.ReadByte();
        if (!ReasonCodes.IsFromServer(PacketType.Auth, code))
            reader.Fail(Violations.ReasonCodeNotAllowed, string.Create(CultureInfo.InvariantCulture, $"0x{code:X2} in Auth"));
        ReadOnlySpan<byte> section = reader.ReadPropertySection();
        reader.End();
        packet = null;
        violation = reader.Violation;
        if (violation is not null)
            return false;

        AuthPacket read = new((ReasonCode)code, AuthenticationMethod: null);
        ImmutableArray<UserProperty>.Builder? user = null;
        PropertyReader properties = new(section, PacketType.Auth);
        while (properties.MoveNext())
        {
            switch (properties.Id)
            {
                case PropertyId.AuthenticationMethod:
                    read = read with { AuthenticationMethod = properties.Text };
                    break;
                case PropertyId.AuthenticationData:
                    read = read with { AuthenticationData = properties.Bytes.ToArray() };
                    break;
                case PropertyId.ReasonString:
                    read = read with { ReasonString = properties.Text };
                    break;
                default:
                    properties.AddTo(ref user);
                    break;
            }
        }

        violation = properties.Violation;
        if (violation is null && read.AuthenticationMethod is null)
            violation = new(Violations.AuthMethodMissing, "none");
        if (violation is not null)
            return false;
        packet = user is null ? read : read with { UserProperties = user.ToImmutable() };
        return true;
    }

    public void WriteBody(ref PacketWriter writer, MqttVersion version)
    {
        if (version == MqttVersion.V311)
            throw PacketWriter.Refused(nameof(version), "MQTT 3.1.1 has no AUTH");
        if (AuthenticationMethod is null)
            throw PacketWriter.Refused(nameof(AuthenticationMethod), "an AUTH names its method [3.15.2.2.2]");
        writer.WriteByte((byte)ReasonCode);
        int start = writer.BeginProperties();
        writer.Property(PropertyId.AuthenticationMethod, AuthenticationMethod);
        writer.Property(PropertyId.AuthenticationData, AuthenticationData);
        writer.Property(PropertyId.ReasonString, ReasonString);
        writer.Properties(UserProperties);
        writer.EndProperties(start);
    }
}
