using System.Collections.Immutable;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt;

/// <summary>How an <c>MqttClient</c> connects, subscribes and stays connected. Immutable; derive with <c>with</c>.</summary>
public sealed record MqttClientOptions
{
    /// <summary>Host name or address. Default: localhost, where a gateway's broker runs.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary>TCP port. Default 1883, or 8883 with TLS (the registered ports).</summary>
    public int Port { get; init; } = 1883;

    /// <summary>Path and query of MQTT over WebSocket [6]; null (the default): MQTT straight on TCP or TLS.</summary>
    public string? WebSocketPath { get; init; }

    /// <summary>
    /// More servers of the same session, tried in turn when the one before cannot be reached or refuses; the back-off waits only after a whole round. A connection that
    /// is lost is made again where it was, as the session is there. Default none.
    /// </summary>
    public ImmutableArray<MqttServer> OtherServers { get; init; } = [];

    /// <summary>
    /// A server that sends its clients elsewhere (Server Reference with 0x9C or 0x9D [4.11]) is obeyed: to servers of the same kind only, so never from TLS to plain, and
    /// at most <c>ServerRound.MostReferences</c> times running. Default true: it is how a cluster is emptied before it is shut down.
    /// </summary>
    public bool FollowServerReference { get; init; } = true;

    /// <summary>Headers of the WebSocket handshake, in this order. Never logged: they are credentials as a rule.</summary>
    public ImmutableArray<KeyValuePair<string, string>> WebSocketHeaders { get; init; } = [];

    /// <summary>A proxy to go by; null (the default): none.</summary>
    public MqttProxy? Proxy { get; init; }

    /// <summary>TLS settings, of all servers; null (the default) is plain TCP.</summary>
    public MqttTlsOptions? Tls { get; init; }

    /// <summary>Protocol version. Default 5.0: only it tells reasons and bounds what is in flight.</summary>
    public MqttVersion Version { get; init; } = MqttVersion.V5;

    /// <summary>Client identifier [3.1.3.1]. Empty asks the server to assign one, and cannot resume a session of an earlier process.</summary>
    public string ClientId { get; init; } = "";

    public string? Username { get; init; }

    /// <summary>Password, any bytes [3.1.3.6]. Never logged.</summary>
    public ReadOnlyMemory<byte>? Password { get; init; }

    /// <summary>
    /// Clean Start [3.1.2.4] on the first connection; later ones resume. In 3.1.1 it is Clean Session on every connection, as there the flag also decides
    /// that the session ends with the connection. Default false: the session is resumed, so that nothing queued is lost.
    /// </summary>
    public bool CleanStart { get; init; }

    /// <summary>Session Expiry Interval in seconds [3.1.2.11.2]. Default seven days: a gateway that is away over a weekend loses nothing; absent would mean 0 and lose all.</summary>
    public uint SessionExpiryInterval { get; init; } = 604_800;

    /// <summary>Keep Alive in seconds [3.1.2.10]; 0 is off. Default 60: half the idle time-out of common NATs.</summary>
    public ushort KeepAlive { get; init; } = 60;

    /// <summary>Receive Maximum [3.1.2.11.3]. Default 10,000: twice what one Kafka batch holds at 1 KB; the specification's default is 65,535.</summary>
    public ushort ReceiveMaximum { get; init; } = 10_000;

    /// <summary>
    /// How many messages above <see cref="ReceiveMaximum"/> are borne, with one warning a connection, before it is ended with 0x93. Default 65,535, which
    /// leaves only the number of packet identifiers as a bound: mosquitto 2.0.11, the broker most gateways have, sends tens of thousands more at any
    /// Receive Maximum as soon as it has a queue. Ending the connection over it would stop a bridge that loses nothing by bearing it, for its window
    /// bounds the memory. 0 is the specification to the letter [MQTT-3.3.4-9].
    /// </summary>
    public int ReceiveMaximumTolerance { get; init; } = 65_535;

    /// <summary>Topic Alias Maximum that we accept [3.1.2.11.5]. Default 1,024 topics: at 64 bytes each, 64 KB at most.</summary>
    public ushort TopicAliasMaximum { get; init; } = 1_024;

    /// <summary>
    /// Maximum Packet Size announced to the server, bytes; 0 (the default) announces none, for a server discards silently what exceeds it [MQTT-3.1.2-25].
    /// </summary>
    public uint MaximumPacketSize { get; init; }

    /// <summary>Largest PUBLISH that is buffered, bytes; a longer one is read past and reported by <see cref="IMqttHandler.OnOversizedPublish"/>. Default 10 MB, the producer's message.max.bytes.</summary>
    public int LargestPublish { get; init; } = 10_000_000;

    public MqttWill? Will { get; init; }

    /// <summary>Subscribed to after every CONNECT that did not resume, and whenever they changed. At most 8 a SUBSCRIBE: some servers allow no more.</summary>
    public ImmutableArray<MqttSubscription> Subscriptions { get; init; } = [];

    /// <summary>
    /// Filters of an earlier configuration, to be unsubscribed when a session is resumed, before anything is subscribed, until the server has confirmed it: else
    /// it would go on queueing for them.
    /// </summary>
    public ImmutableArray<string> Unsubscriptions { get; init; } = [];

    /// <summary>How long TCP connect, TLS handshake and CONNACK may take together. Default 10 s: three SYNs and a slow TLS peer.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>First and longest wait between attempts; exponential with full jitter. Defaults 100 ms and 30 s.</summary>
    public TimeSpan ReconnectDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan ReconnectDelayMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>All servers, in the order in which they are tried.</summary>
    public ImmutableArray<MqttServer> Servers => [new MqttServer(Host, Port, WebSocketPath), .. OtherServers];

    /// <summary>The session outlives its connection, as far as these options decide it: a connection may be made anew without losing a message.</summary>
    public bool SessionLasts => Version == MqttVersion.V5 ? SessionExpiryInterval > 0 : !CleanStart;

    /// <summary>The same, with <paramref name="server"/> for the first one.</summary>
    public MqttClientOptions At(MqttServer server) => this with { Host = server.Host, Port = server.Port, WebSocketPath = server.WebSocketPath };
}

/// <summary>One filter of a SUBSCRIBE [3.8.3.1].</summary>
/// <param name="Filter">Topic filter, <c>$share/group/filter</c> included.</param>
/// <param name="QoS">The most that is asked for.</param>
/// <param name="RetainHandling">0 send retained, 1 only on a new subscription (the default, so that a reconnect does not replay the retained set), 2 never. 5.0 only.</param>
public sealed record MqttSubscription(string Filter, QoS QoS, byte RetainHandling = 1);

/// <summary>Will message [3.1.2.5].</summary>
public sealed record MqttWill(string Topic, ReadOnlyMemory<byte> Payload, QoS QoS = QoS.AtMostOnce, bool Retain = false, uint DelayInterval = 0);
