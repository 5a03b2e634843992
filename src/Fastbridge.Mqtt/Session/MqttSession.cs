using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Session;

/// <summary>What a CONNACK that was accepted means for the session.</summary>
/// <param name="Resumed">The server kept the session [3.2.2.1.1].</param>
/// <param name="StateLost">It did not, although this process had made one there, or at the server before.</param>
/// <param name="Before">The server of the connection before, where it was another; else null.</param>
internal readonly record struct SessionStart(ServerLimits Limits, bool Resumed, bool StateLost, MqttServer? Before);

/// <summary>
/// The client's half of the Session State [4.1], which outlives connections: QoS 2 messages received and not released, our publishes on their way, what
/// is subscribed, the client identifier in force. Belongs to the read loop but for <see cref="Publishes"/>.
/// </summary>
internal sealed class MqttSession
{
    private readonly MqttClientOptions _options;
    private bool _wasConnected;
    private bool _hasState;
    private bool _cleanStart;
    private MqttServer? _last;

    public MqttSession(MqttClientOptions options)
    {
        _options = options;
        ClientId = options.ClientId;
        Publishes = new OutboundPublishes(options.Version);
        Subscriber = new Subscriber(options, Publishes);
    }

    /// <summary>The configured identifier, or the one that the server assigned [MQTT-3.2.2-16].</summary>
    public string ClientId { get; private set; }

    public ReceivedIds Received { get; } = new();

    public OutboundPublishes Publishes { get; }

    public Subscriber Subscriber { get; }

    /// <summary>Connections accepted so far: the number of the latest, which its receipts carry.</summary>
    public int Connection { get; private set; }

    /// <summary>Of the latest connection that ended: the first receipt sequence whose ack was not written.</summary>
    public int FirstUnacknowledged { get; set; }

    /// <summary>The server of the connection that is being made.</summary>
    public MqttServer? Server { get; set; }

    /// <summary>The CONNECT for the next connection.</summary>
    public ConnectPacket Connect()
    {
        bool v5 = _options.Version == MqttVersion.V5;
        _cleanStart = _options.CleanStart && !(v5 && _wasConnected);
        return new ConnectPacket
        {
            ClientId = ClientId,
            CleanStart = _cleanStart,
            KeepAlive = _options.KeepAlive,
            Username = _options.Username,
            Password = _options.Password,
            Will = _options.Will is not { } will ? null : new ConnectWill(will.Topic, will.Payload)
            {
                QoS = will.QoS,
                Retain = will.Retain,
                DelayInterval = will.DelayInterval == 0 ? null : will.DelayInterval,
            },

            // 5.0 only; absent has the meaning of the value left out.
            SessionExpiryInterval = _options.SessionExpiryInterval == 0 ? null : _options.SessionExpiryInterval,
            ReceiveMaximum = _options.ReceiveMaximum == ushort.MaxValue ? null : _options.ReceiveMaximum,
            MaximumPacketSize = _options.MaximumPacketSize == 0 ? null : _options.MaximumPacketSize,
            TopicAliasMaximum = _options.TopicAliasMaximum == 0 ? null : _options.TopicAliasMaximum,
        };
    }

    /// <summary>CONNACK with success came. Null: the connection stands, and the state is as the server says.</summary>
    public ProtocolViolation? Accept(ConnAckPacket packet, out SessionStart start)
    {
        start = default;

        // With Clean Start 0 a configured identifier is our state, also after a crash. Without one there is none to be present before the first connection.
        if (packet.SessionPresent && (_cleanStart || (_options.ClientId.Length == 0 && !_wasConnected)))
            return new(Violations.SessionPresentOnCleanStart, _cleanStart ? "1 after a clean start" : "1 for an identifier that the server has just assigned");

        if (packet.AssignedClientIdentifier is { } assigned)
            ClientId = assigned;
        ServerLimits limits = ServerLimits.From(packet, _options);
        MqttServer? before = _last is not null && _last != Server ? _last : null;
        start = new SessionStart(limits, packet.SessionPresent, _hasState && !packet.SessionPresent, before);

        // Another server may share the session, or have one of its own under our name, from an earlier absence of the first. There an identifier stands for another
        // message, and to answer that as a repeat would lose it: better that a message comes twice.
        if (!packet.SessionPresent || before is not null)
            Received.Clear();
        _last = Server;
        _wasConnected = true;
        _hasState = limits.SessionExpiry > 0;
        Connection++;
        return null;
    }
}
