using System.Collections.Immutable;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec.Packets;

/// <summary>CONNECT [3.1]. Members that 3.1.1 does not have are left out there.</summary>
internal sealed record ConnectPacket : IClientPacket
{
    /// <summary>Client Identifier [3.1.3.1]; empty asks the server for one, in 3.1.1 only together with <see cref="CleanStart"/> [MQTT-3.1.3-7 there].</summary>
    public string ClientId { get; init; } = "";

    /// <summary>Clean Start [3.1.2.4]; Clean Session in 3.1.1.</summary>
    public bool CleanStart { get; init; }

    /// <summary>Seconds [3.1.2.10]; 0 is off.</summary>
    public ushort KeepAlive { get; init; }

    public string? Username { get; init; }

    /// <summary>Any bytes. In 3.1.1 only together with <see cref="Username"/> [MQTT-3.1.2-22 there].</summary>
    public ReadOnlyMemory<byte>? Password { get; init; }

    public ConnectWill? Will { get; init; }

    /// <summary>Seconds [3.1.2.11.2]; absent means 0: the session ends with the connection.</summary>
    public uint? SessionExpiryInterval { get; init; }

    /// <summary>[3.1.2.11.3]; absent means 65,535; 0 is forbidden.</summary>
    public ushort? ReceiveMaximum { get; init; }

    /// <summary>Bytes [3.1.2.11.4]; absent means no limit; 0 is forbidden.</summary>
    public uint? MaximumPacketSize { get; init; }

    /// <summary>[3.1.2.11.5]; absent means 0: no aliases.</summary>
    public ushort? TopicAliasMaximum { get; init; }

    /// <summary>[3.1.2.11.6]; absent means false.</summary>
    public bool? RequestResponseInformation { get; init; }

    /// <summary>[3.1.2.11.7]; absent means true.</summary>
    public bool? RequestProblemInformation { get; init; }

    public ImmutableArray<UserProperty> UserProperties { get; init; } = [];

    public string? AuthenticationMethod { get; init; }

    public ReadOnlyMemory<byte>? AuthenticationData { get; init; }

    public byte FirstByte => (byte)PacketType.Connect << 4;

    public void WriteBody(ref PacketWriter writer, MqttVersion version)
    {
        Check(version);
        // [3.1.2] protocol name "MQTT", version, flags, keep alive (2), properties (5.0)
        writer.WriteUInt16(4);
        writer.WriteRaw("MQTT"u8);
        writer.WriteByte((byte)version);
        writer.WriteByte(Flags());
        writer.WriteUInt16(KeepAlive);
        if (version == MqttVersion.V5)
            WriteProperties(ref writer);
        // [3.1.3] client identifier, will properties (5.0), will topic, will payload, user name, password
        writer.WriteUtf8(ClientId, nameof(ClientId));
        if (Will is { } will)
            will.Write(ref writer, version);
        if (Username is { } username)
            writer.WriteUtf8(username, nameof(Username));
        if (Password is { } password)
            writer.WriteBinary(password.Span, nameof(Password));
    }

    // [3.1.2.3] 7 user name, 6 password, 5 will retain, 4-3 will QoS, 2 will, 1 clean start, 0 reserved
    private byte Flags()
    {
        int flags = CleanStart ? 0x02 : 0;
        if (Will is { } will)
            flags |= 0x04 | (int)will.QoS << 3 | (will.Retain ? 0x20 : 0);
        if (Password is not null)
            flags |= 0x40;
        if (Username is not null)
            flags |= 0x80;
        return (byte)flags;
    }

    private void WriteProperties(ref PacketWriter writer)
    {
        int start = writer.BeginProperties();
        writer.Property(PropertyId.SessionExpiryInterval, SessionExpiryInterval);
        writer.Property(PropertyId.ReceiveMaximum, ReceiveMaximum);
        writer.Property(PropertyId.MaximumPacketSize, MaximumPacketSize);
        writer.Property(PropertyId.TopicAliasMaximum, TopicAliasMaximum);
        if (RequestResponseInformation is { } response)
            writer.Property(PropertyId.RequestResponseInformation, response);
        if (RequestProblemInformation is { } problem)
            writer.Property(PropertyId.RequestProblemInformation, problem);
        writer.Properties(UserProperties);
        writer.Property(PropertyId.AuthenticationMethod, AuthenticationMethod);
        writer.Property(PropertyId.AuthenticationData, AuthenticationData);
        writer.EndProperties(start);
    }

    private void Check(MqttVersion version)
    {
        if (ReceiveMaximum == 0)
            throw PacketWriter.Refused(nameof(ReceiveMaximum), "0 is forbidden [3.1.2.11.3]");
        if (MaximumPacketSize == 0)
            throw PacketWriter.Refused(nameof(MaximumPacketSize), "0 is forbidden [3.1.2.11.4]");
        if (AuthenticationData is not null && AuthenticationMethod is null)
            throw PacketWriter.Refused(nameof(AuthenticationData), "data without a method is forbidden [3.1.2.11.10]");
        if (version == MqttVersion.V311 && Password is not null && Username is null)
            throw PacketWriter.Refused(nameof(Password), "MQTT 3.1.1 has no password without a user name [MQTT-3.1.2-22]");
        if (version == MqttVersion.V311 && ClientId.Length == 0 && !CleanStart)
            throw PacketWriter.Refused(nameof(ClientId), "MQTT 3.1.1 has no empty client identifier without Clean Session [MQTT-3.1.3-7]");
    }
}
