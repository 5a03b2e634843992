using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec;

/// <summary>
/// Walks a property section [2.2.2] and checks each property against <see cref="PropertyTable"/>: known, allowed in this packet, not repeated, of
/// its type, of a legal value. Stops at the first fault. Allocates nothing but to report it.
/// </summary>
internal ref struct PropertyReader(ReadOnlySpan<byte> section, PacketType packet)
{
    private readonly PacketType _packet = packet;
    private PacketReader _reader = new(section);
    private ulong _seen;

    public PropertyId Id { get; private set; }

    /// <summary>The value of a property of an integer type.</summary>
    public uint Number { get; private set; }

    /// <summary>The value of a string or binary property; the key of a User Property.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>The value of a User Property.</summary>
    public ReadOnlySpan<byte> PairValue { get; private set; }

    public readonly bool Flag => Number != 0;

    public readonly string Text => Encoding.UTF8.GetString(Bytes);

    public readonly ProtocolViolation? Violation => _reader.Violation;

    /// <summary>Steps to the next property; false at the end and at a fault.</summary>
    public bool MoveNext()
    {
        if (_reader.Remaining == 0)
            return false;
        // [2.2.2.2] identifier (variable byte integer), value
        int id = _reader.ReadVariableByteInteger();
        PropertyType type = PropertyTable.TypeOf((uint)id);
        if (_reader.Failed)
            return false;
        if (type == PropertyType.None)
            return Fail(Violations.PropertyUnknown, string.Create(CultureInfo.InvariantCulture, $"0x{id:X2}"));
        Id = (PropertyId)id;
        if (!PropertyTable.IsAllowed((uint)id, _packet))
            return Fail(Violations.PropertyMisplaced, $"{Id} in {(_packet == PacketType.None ? "the will" : _packet.ToString())}");
        ulong bit = 1UL << id;
        if ((_seen & bit) != 0 && !PropertyTable.IsRepeatable((uint)id, _packet))
            return Fail(Violations.PropertyRepeated, Id.ToString());
        _seen |= bit;
        ReadValue(type);
        return !_reader.Failed && CheckValue();
    }

    /// <summary>Adds the current User Property to a list that is made when it is needed.</summary>
    public readonly void AddTo(ref ImmutableArray<UserProperty>.Builder? list) =>
        (list ??= ImmutableArray.CreateBuilder<UserProperty>()).Add(new UserProperty(Text, Encoding.UTF8.GetString(PairValue)));

    private void ReadValue(PropertyType type)
    {
        switch (type)
        {
            case PropertyType.Byte:
                Number = _reader.ReadByte();
                break;
            case PropertyType.TwoByteInteger:
                Number = _reader.ReadUInt16();
                break;
            case PropertyType.FourByteInteger:
                Number = _reader.ReadUInt32();
                break;
            case PropertyType.VariableByteInteger:
                Number = (uint)_reader.ReadVariableByteInteger();
                break;
            case PropertyType.Utf8String:
                Bytes = _reader.ReadUtf8();
                break;
            case PropertyType.BinaryData:
                Bytes = _reader.ReadBinary();
                break;
            default:
                Bytes = _reader.ReadUtf8();
                PairValue = _reader.ReadUtf8();
                break;
        }
    }

    private bool CheckValue()
    {
        switch (Id)
        {
            // All one-byte properties of MQTT 5.0 are 0 or 1 [3.2.2.3.5, 3.3.2.3.2 and so on].
            case PropertyId.PayloadFormatIndicator or PropertyId.RequestProblemInformation or PropertyId.RequestResponseInformation
                or PropertyId.RetainAvailable or PropertyId.WildcardSubscriptionAvailable
                or PropertyId.SubscriptionIdentifierAvailable or PropertyId.SharedSubscriptionAvailable:
                return Number <= 1 || Fail(Violations.NotBoolean, string.Create(CultureInfo.InvariantCulture, $"{Id} {Number}"));
            // [3.2.2.3.4] allows 0 and 1 and means 2 by absence. RobustMQ among others sends 2, which can mean nothing else: accepted.
            case PropertyId.MaximumQoS:
                return Number <= 2 || Fail(Violations.MaximumQoSAbove2, string.Create(CultureInfo.InvariantCulture, $"{Number}"));
            case PropertyId.ReceiveMaximum:
                return Number != 0 || Fail(Violations.ReceiveMaximumZero, "0");
            case PropertyId.MaximumPacketSize:
                return Number != 0 || Fail(Violations.MaximumPacketSizeZero, "0");
            case PropertyId.SubscriptionIdentifier:
                return Number != 0 || Fail(Violations.SubscriptionIdentifierZero, "0");
            case PropertyId.TopicAlias:
                return Number != 0 || Fail(Violations.TopicAliasZero, "0");
            case PropertyId.ResponseTopic:
                return MqttText.IsTopicName(Bytes) || Fail(Violations.ResponseTopicWildcard, MqttText.Show(Bytes));
            case PropertyId.SessionExpiryInterval when _packet == PacketType.Disconnect:
                return Fail(Violations.DisconnectSessionExpiry, string.Create(CultureInfo.InvariantCulture, $"{Number}"));
            default:
                return true;
        }
    }

    private bool Fail(Violation rule, string value)
    {
        _reader.Fail(rule, value);
        return false;
    }
}
