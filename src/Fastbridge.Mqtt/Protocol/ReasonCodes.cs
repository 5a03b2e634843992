using System.Globalization;
using System.Text;

namespace Fastbridge.Mqtt.Protocol;

/// <summary>Which reason code may stand in which packet from a server, what the codes are called, and how 3.1.1's map to 5.0's.</summary>
public static class ReasonCodes
{
    // One 256-bit set for each packet that carries a code: four words, bit (code & 63) of word (code >> 6). All codes lie in words 0 and 2.
    private readonly record struct CodeSet(ulong Low, ulong High)
    {
        public bool Contains(byte code) => (code >> 6) switch
        {
            0 => (Low >> code & 1) != 0,
            2 => (High >> (code & 63) & 1) != 0,
            _ => false,
        };
    }

    // [3.2.2.2] table 3-1.
    private static readonly CodeSet ConnAck = Set(
        0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90, 0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F);

    // [3.4.2.1], [3.5.2.1]: PUBACK and PUBREC have the same list.
    private static readonly CodeSet PubAckPubRec = Set(0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99);

    // [3.6.2.1], [3.7.2.1].
    private static readonly CodeSet PubRelPubComp = Set(0x00, 0x92);

    // [3.9.3].
    private static readonly CodeSet SubAck = Set(0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2);

    // [3.11.3].
    private static readonly CodeSet UnsubAck = Set(0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91);

    // [3.14.2.1], those that a server may send: all but 0x04.
    private static readonly CodeSet Disconnect = Set(
        0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D,
        0x9E, 0x9F, 0xA0, 0xA1, 0xA2);

    // [3.15.2.1], those that a server may send: all but 0x19.
    private static readonly CodeSet Auth = Set(0x00, 0x18);

    /// <summary>True when a server may put <paramref name="code"/> into that 5.0 packet.</summary>
    public static bool IsFromServer(PacketType packet, byte code) => packet switch
    {
        PacketType.ConnAck => ConnAck.Contains(code),
        PacketType.PubAck or PacketType.PubRec => PubAckPubRec.Contains(code),
        PacketType.PubRel or PacketType.PubComp => PubRelPubComp.Contains(code),
        PacketType.SubAck => SubAck.Contains(code),
        PacketType.UnsubAck => UnsubAck.Contains(code),
        PacketType.Disconnect => Disconnect.Contains(code),
        PacketType.Auth => Auth.Contains(code),
        _ => false,
    };

    /// <summary>True from 0x80 on: what was asked for did not happen.</summary>
    public static bool IsError(this ReasonCode code) => (byte)code >= 0x80;

    /// <summary>A code's name in words, with its number: "quota exceeded (0x97)".</summary>
    public static string InWords(this ReasonCode code)
    {
        StringBuilder words = new();
        string name = Enum.IsDefined(code) ? code.ToString() : "unknown reason";
        for (int i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && char.IsLower(name[i - 1]))
                words.Append(' ');
            words.Append(i > 0 && i + 1 < name.Length && char.IsUpper(name[i + 1]) ? name[i] : char.ToLowerInvariant(name[i]));
        }

        return words.Append(CultureInfo.InvariantCulture, $" (0x{(byte)code:X2})").ToString();
    }

    /// <summary>A 3.1.1 return code as the 5.0 reason code of the same meaning, so that the layers above know one set.</summary>
    public static ReasonCode ToReasonCode(this ConnectReturnCode code) => code switch
    {
        ConnectReturnCode.Accepted => ReasonCode.Success,
        ConnectReturnCode.UnacceptableProtocolVersion => ReasonCode.UnsupportedProtocolVersion,
        ConnectReturnCode.IdentifierRejected => ReasonCode.ClientIdentifierNotValid,
        ConnectReturnCode.ServerUnavailable => ReasonCode.ServerUnavailable,
        ConnectReturnCode.BadUserNameOrPassword => ReasonCode.BadUserNameOrPassword,
        ConnectReturnCode.NotAuthorized => ReasonCode.NotAuthorized,
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "not a return code of MQTT 3.1.1"),
    };

    private static CodeSet Set(params ReadOnlySpan<byte> codes)
    {
        ulong low = 0, high = 0;
        foreach (byte code in codes)
        {
            if (code < 64)
                low |= 1UL << code;
            else
                high |= 1UL << (code & 63);
        }

        return new CodeSet(low, high);
    }
}
