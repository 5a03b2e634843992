using System.Buffers;
using Fastbridge.Mqtt.Codec;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Transport;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Mqtt.Session;

/// <summary>
/// What one connection receives: bytes in; messages to the handler, answers into the outbound queue, and at the end why it ended. Knows no socket and no clock,
/// awaits nothing. Belongs to the read loop but for <see cref="Drain"/>.
/// </summary>
internal sealed partial class Inbound : IDisposable
{
    /// <summary>1 MB for anything but a PUBLISH: a thousand times what a CONNACK or SUBACK takes.</summary>
    public const int MostControlPacket = 1_048_576;

    private static readonly Violation ControlPacketTooLong =
        new(ReasonCode.PacketTooLarge, "4.13.1", "a packet other than PUBLISH takes at most 1 MB");

    private readonly MqttClientOptions _options;
    private readonly MqttVersion _version;
    private readonly IMqttHandler _handler;
    private readonly MqttSession _session;
    private readonly OutboundQueue _outbound;
    private readonly Action<Inbound, SessionStart> _accepted;
    private readonly ILogger _log;
    private readonly string _server;
    private readonly FrameScratch _scratch = new();
    private readonly TopicAliases _aliases;
    private readonly OversizedPublish _oversized;
    private readonly int _bufferedMost;
    private AckQueue? _acks;
    private bool _left;
    private bool _saidExceeded;
    private volatile bool _draining;

    /// <param name="accepted">Called when CONNACK was accepted, before the handler hears of it and before any message.</param>
    /// <param name="server">The address for events, as <c>mqtt://host:port</c>.</param>
    public Inbound(
        MqttClientOptions options,
        IMqttHandler handler,
        MqttSession session,
        OutboundQueue outbound,
        string server,
        Action<Inbound, SessionStart> accepted,
        ILogger log)
    {
        _options = options;
        _version = options.Version;
        _handler = handler;
        _session = session;
        _outbound = outbound;
        _server = server;
        _accepted = accepted;
        _log = log;
        _aliases = new TopicAliases(_version == MqttVersion.V5 ? options.TopicAliasMaximum : 0);
        _oversized = new OversizedPublish(_version);
        _bufferedMost = Math.Min(options.LargestPublish, MostControlPacket);
    }

    /// <summary>The acks of this connection; null before CONNACK.</summary>
    public AckQueue? Acks => _acks;

    /// <summary>Why the connection is over; null while it is not.</summary>
    public ConnectionEnd? End { get; private set; }

    /// <summary>Messages are offered no more: read and left to the server. Any thread; takes effect with the next packet.</summary>
    public void Drain() => _draining = true;

    /// <summary>Works through all whole packets of <paramref name="bytes"/>; <paramref name="consumed"/> is where the next packet, or the rest of this one, begins.</summary>
    public BatchEnd Process(in ReadOnlySequence<byte> bytes, out SequencePosition consumed)
    {
        FrameScanner scanner = new(bytes, _version, _scratch);
        BatchEnd end;
        try
        {
            end = Walk(ref scanner);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The application's code ran in here. Its fault costs this connection, not the process.
            _log.HandlerFailed(e, _server);
            End = new ConnectionEnd($"the application failed on a packet: {Reasons.OneLine(e)} (this is a bug of fastbridge; the log has more)", WaitLong: true);
            end = BatchEnd.Ended;
        }
        finally
        {
            _handler.OnBatchEnd();
        }

        if (_acks is { WasExceeded: true } && !_saidExceeded)
        {
            _saidExceeded = true;
            _handler.OnEvent(new MqttEvent.Warned($"{_server} sends more than the {ReceiveMaximum} unacknowledged messages that it was told to [MQTT-3.3.4-9]; it is borne (mosquitto 2.0.11 does this when it has a queue)"));
        }

        consumed = scanner.Position;
        return end;
    }

    /// <summary>The connection is closed: what was not acknowledged will come again.</summary>
    public void Dispose()
    {
        if (_acks is not null)
            _session.FirstUnacknowledged = _acks.Close(_session.Received);
        _session.Publishes.Disconnected();
        _session.Subscriber.Disconnected();
        _oversized.Dispose();
        _scratch.Dispose();
    }

    private BatchEnd Walk(ref FrameScanner scanner)
    {
        while (true)
        {
            FrameHeader header;
            ProtocolViolation? violation;
            FrameStatus status;
            if (_oversized.IsActive)
            {
                header = default;
            }
            else
            {
                status = scanner.ReadHeader(out header, out violation);
                if (status == FrameStatus.NeedMoreData)
                    return BatchEnd.NeedMoreData;
                if (status == FrameStatus.Malformed)
                    return Break(violation!);
            }

            if (_oversized.IsActive || header.TotalLength > _bufferedMost)
            {
                BatchEnd? long_ = ReadLong(ref scanner, header, out bool isBuffered);
                if (long_ is { } end)
                    return end;
                if (!isBuffered)
                    continue;
            }

            if (scanner.ReadBody(header, out ReadOnlySpan<byte> body) == FrameStatus.NeedMoreData)
                return BatchEnd.NeedMoreData;
            if (header.Type == PacketType.Publish)
            {
                if (_acks is null)
                    return Break(new(Violations.FirstPacketNotConnAck, "PUBLISH"));
                if (!PublishDecoder.TryRead(header, body, _version, out PublishPacket packet, out violation))
                    return Break(violation);
                PublishOutcome outcome = Offer(packet, oversizedBy: -1, out violation);
                if (violation is not null)
                    return Break(violation);
                if (outcome == PublishOutcome.NoRoom)
                    return BatchEnd.NoRoom;
            }
            else if (!Answer(header, body))
            {
                return BatchEnd.Ended;
            }

            scanner.Consume(header);
        }
    }

    /// <summary>A packet above the usual lengths. Null: go on, with this packet where <paramref name="isBuffered"/>, else with the next.</summary>
    private BatchEnd? ReadLong(ref FrameScanner scanner, FrameHeader header, out bool isBuffered)
    {
        isBuffered = false;
        if (!_oversized.IsActive)
        {
            if (_options.MaximumPacketSize != 0 && _version == MqttVersion.V5 && header.TotalLength > _options.MaximumPacketSize)
                return Break(new(Violations.PacketAboveMaximumSize, $"{header.Type} of {header.TotalLength} bytes where {_options.MaximumPacketSize} were announced"));
            if (header.Type != PacketType.Publish && header.TotalLength > MostControlPacket)
                return Break(new(ControlPacketTooLong, $"{header.Type} of {header.TotalLength} bytes"));
            if (header.Type != PacketType.Publish || header.TotalLength <= _options.LargestPublish)
            {
                isBuffered = true;
                return null;
            }

            if (_acks is null)
                return Break(new(Violations.FirstPacketNotConnAck, "PUBLISH"));
        }

        FrameStatus status = _oversized.Advance(ref scanner, header, out ProtocolViolation? violation);
        if (status == FrameStatus.NeedMoreData)
            return BatchEnd.NeedMoreData;
        if (status == FrameStatus.Malformed)
            return Break(violation!);
        PublishOutcome outcome = Offer(_oversized.Read(), _oversized.PayloadLength, out violation);
        if (violation is not null)
            return Break(violation);
        if (outcome == PublishOutcome.NoRoom)
            return BatchEnd.NoRoom;
        _oversized.Finish(ref scanner);
        return null;
    }

    /// <summary>Hands a PUBLISH to the application, with its place in the order of acks.</summary>
    /// <param name="oversizedBy">Bytes of the payload where it was too long to be buffered, else -1.</param>
    private PublishOutcome Offer(in PublishPacket packet, long oversizedBy, out ProtocolViolation? violation)
    {
        violation = null;
        if (_draining || _left)
            return PublishOutcome.Left;
        if (packet.Properties.TopicAlias == 0)
            return OfferNamed(packet, oversizedBy, out violation);
        ReadOnlySpan<byte> topic = packet.Topic;
        violation = _aliases.Resolve(packet.Properties.TopicAlias, ref topic);
        return violation is null ? OfferNamed(packet.WithTopic(topic), oversizedBy, out violation) : PublishOutcome.Left;
    }

    private PublishOutcome OfferNamed(in PublishPacket packet, long oversizedBy, out ProtocolViolation? violation)
    {
        violation = null;
        if (packet.QoS == QoS.AtMostOnce)
            return Give(packet, oversizedBy, default);

        ReceivedIds.Kind kind = packet.QoS == QoS.ExactlyOnce ? _session.Received.Look(packet.PacketId) : ReceivedIds.Kind.New;
        // Without DUP it is no redelivery [MQTT-3.3.1-1] but another message under an identifier that is in use: mosquitto 2.0.11 runs out of them with
        // a large queue. To answer it as a repeat would lose it.
        if (kind == ReceivedIds.Kind.Repeated && !packet.Dup)
            kind = ReceivedIds.Kind.New;
        if (_acks!.Add(packet.PacketId, packet.QoS, again: kind == ReceivedIds.Kind.Repeated, out Receipt receipt) == AckAdmission.TooMany)
        {
            violation = new(Violations.ReceiveMaximumBroken, $"one more than {ReceiveMaximum}");
            return PublishOutcome.Left;
        }

        if (kind != ReceivedIds.Kind.New)
        {
            // [MQTT-4.3.3-10] it was delivered before: PUBREC again, in its turn, and nothing to the application.
            _session.Received.Add(packet.PacketId);
            _handler.OnRepeatAnswered(packet.PacketId);
            _acks.Acknowledge(new ReadOnlySpan<Receipt>(in receipt));
            return PublishOutcome.Taken;
        }

        PublishOutcome outcome = Give(packet, oversizedBy, receipt);
        if (outcome != PublishOutcome.Taken)
            _acks.Retract();
        else if (packet.QoS == QoS.ExactlyOnce)
            _session.Received.Add(packet.PacketId);
        return outcome;
    }

    private PublishOutcome Give(in PublishPacket packet, long oversizedBy, Receipt receipt)
    {
        PublishOutcome outcome = oversizedBy < 0 ? _handler.OnPublish(packet, receipt) : _handler.OnOversizedPublish(packet, oversizedBy, receipt);
        // Acks go out in order [MQTT-4.6.0-2]: behind one that is left nothing could be acknowledged, so nothing is offered either.
        if (outcome == PublishOutcome.Left)
            _left = true;
        return outcome;
    }

    private int ReceiveMaximum => _version == MqttVersion.V5 ? _options.ReceiveMaximum : PacketIds.Count;

    private BatchEnd Break(ProtocolViolation violation)
    {
        End = ConnectionEnd.Broken(violation);
        return BatchEnd.Ended;
    }
}
