using System.Collections.Immutable;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec.Packets;

/// <summary>The two properties that every acknowledging packet of 5.0 may carry: Reason String and User Properties.</summary>
internal readonly record struct ReasonProperties(string? ReasonString, ImmutableArray<UserProperty> UserProperties)
{
    public static ReasonProperties Read(ReadOnlySpan<byte> section, PacketType packet, out ProtocolViolation? violation)
    {
        string? reason = null;
        ImmutableArray<UserProperty>.Builder? user = null;
        PropertyReader properties = new(section, packet);
        while (properties.MoveNext())
        {
            if (properties.Id == PropertyId.ReasonString)
                reason = properties.Text;
            else
                properties.AddTo(ref user);
        }

        violation = properties.Violation;
        return new ReasonProperties(reason, user is null ? [] : user.ToImmutable());
    }
}
