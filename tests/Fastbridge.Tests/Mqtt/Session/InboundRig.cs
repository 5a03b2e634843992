using System.Buffers;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Session;
using Fastbridge.Mqtt.Transport;
using Fastbridge.Tests.Mqtt.Client;
using Fastbridge.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fastbridge.Tests.Mqtt.Session;

/// <summary>The session without a socket: bytes of the server in, packets of the client out. Nothing is awaited.</summary>
internal sealed class InboundRig : IDisposable
{
    private MemoryStream _wire = new();
    private Inbound _inbound;
    private OutboundQueue _outbound;
    private byte[] _rest = [];

    public InboundRig(MqttVersion version = MqttVersion.V5, Func<MqttClientOptions, MqttClientOptions>? options = null)
    {
        Options = new MqttClientOptions { Version = version, ClientId = "rig" };
        Options = options?.Invoke(Options) ?? Options;
        Session = new MqttSession(Options);
        (_inbound, _outbound) = Open();
    }

    public MqttClientOptions Options { get; }

    public MqttVersion Version => Options.Version;

    public MqttSession Session { get; }

    public RecordingHandler Handler { get; } = new();

    public ConnectionEnd? End => _inbound.End;

    public Inbound Inbound => _inbound;

    public OutboundQueue Outbound => _outbound;

    /// <summary>A rig whose connection stands.</summary>
    public static InboundRig Connected(
        MqttVersion version = MqttVersion.V5, Func<MqttClientOptions, MqttClientOptions>? options = null, params byte[][] properties)
    {
        InboundRig rig = new(version, options);
        rig.Feed(ServerPackets.ConnAck(version, 0, false, properties));
        rig.Sent();
        return rig;
    }

    /// <summary>What the server sends; what is left of an unfinished or refused packet is kept for the next call.</summary>
    public BatchEnd Feed(params byte[][] packets)
    {
        _rest = [.. _rest, .. packets.SelectMany(p => p)];
        ReadOnlySequence<byte> bytes = new(_rest);
        BatchEnd end = _inbound.Process(bytes, out SequencePosition consumed);
        _rest = bytes.Slice(consumed).ToArray();
        return end;
    }

    public byte[] Publish(string topic, int qos = 0, ushort id = 0, bool dup = false, params byte[][] properties) =>
        ServerPackets.Publish(Version, topic, "payload"u8.ToArray(), qos, id, false, dup, properties);

    public void Acknowledge(params Receipt[] receipts) => _inbound.Acks!.Acknowledge(receipts);

    /// <summary>What the client sent since the last call.</summary>
    public List<ClientPacket> Sent()
    {
        _outbound.Flush();
        List<ClientPacket> packets = ServerCodec.SplitAll(_wire.ToArray());
        _wire.SetLength(0);
        return packets;
    }

    /// <summary>The same as short text: <c>PubAck 1, PubRec 2</c>.</summary>
    public string SentAcks() => string.Join(", ", Sent().Select(p =>
    {
        ClientAck ack = ServerCodec.DecodeAck(p);
        return $"{ack.Type} {ack.PacketId}{(ack.Code == 0 ? "" : $" 0x{ack.Code:X2}")}";
    }));

    /// <summary>The connection is lost, a new one is made.</summary>
    public void Reconnect(bool sessionPresent = true, params byte[][] properties)
    {
        _inbound.Dispose();
        _rest = [];
        _wire = new MemoryStream();
        (_inbound, _outbound) = Open();
        Feed(ServerPackets.ConnAck(Version, 0, sessionPresent, properties));
    }

    public void Dispose()
    {
        _inbound.Dispose();
        _wire.Dispose();
    }

    private (Inbound, OutboundQueue) Open()
    {
        Session.Connect();
        OutboundQueue outbound = new(_wire, TimeProvider.System);
        return (new Inbound(Options, Handler, Session, outbound, "mqtt://rig:1883", (_, _) => { }, NullLogger.Instance), outbound);
    }
}
