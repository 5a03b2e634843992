using System.Text;
using Fastbridge.Core.Buffering;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;

namespace Fastbridge.Core.Delivery;

/// <content>The MQTT client's side: what is not a plain PUBLISH.</content>
internal sealed partial class ConnectorDelivery : IMqttHandler
{
    public ValueTask WaitForRoomAsync(CancellationToken cancellation)
    {
        HurryUnlessRecovering(); // What makes room is what has been produced.
        return _room.WaitAsync(cancellation);
    }

    /// <summary>
    /// The socket has nothing more: the server is slow, or it waits for our acks, and then records that linger for company wait for nothing.
    /// </summary>
    public void OnIdle(int unacknowledged)
    {
        Latency.MeasureNext(); // What comes next may be the only message for long.
        if (_window.Messages == 0)
            EndWatchThatIsOver();
        else if (_linger.OnIdle(unacknowledged, _window.TakenToAcknowledge, _acknowledger!.ReceivedAtMs))
            HurryUnlessRecovering();
    }

    public void OnMore(int unacknowledged)
    {
        if (_linger.OnMore(unacknowledged, _window.TakenToAcknowledge))
            HurryUnlessRecovering();
    }

    public void OnConnected(in MqttConnected connected)
    {
        _linger.Reset();
        _window.BeginConnection(connected.Connection, connected.SessionPresent, connected.FirstUnacknowledgedBefore);
    }

    public PublishOutcome OnOversizedPublish(in PublishPacket publishWithoutPayload, long payloadBytes, Receipt receipt)
    {
        if (_leaving)
            return PublishOutcome.Left;
        _offering = true;
        if (publishWithoutPayload.Retain && _config.SkipRetained)
            return Skip(receipt);
        if (!HasRoom())
            return PublishOutcome.NoRoom;
        string mqttTopic = Encoding.UTF8.GetString(publishWithoutPayload.Topic);
        int slot = TakeAside(receipt, publishWithoutPayload.PacketId, 0, publishWithoutPayload.Topic.Length);
        string reason = $"payload of {payloadBytes:N0} bytes exceeds what a record may hold ({_config.Kafka.MessageMaxBytes:N0}); it was not kept";
        var nothing = new OutgoingRecord { TimestampMs = _acknowledger!.ReceivedAtMs };
        Counters.OnReceived(0);
        Counters.OnFailed("payload_too_large");
        _recovery.Add(new RetainedRecord(slot, _window.OrderOf(slot), null, _config.Kafka.Topic, mqttTopic, in nothing, RecordFault.Permanent, reason) { Code = "payload_too_large", IsKept = false });
        return PublishOutcome.Taken;
    }

    /// <summary>By the disk a page keeps each record apart, and the drain shares the sink.</summary>
    private void BeginRun()
    {
        if (_gathers || _buffer is not null)
            return;
        _gathers = true;
        _sink!.BeginRun();
    }

    public void OnBatchEnd()
    {
        if (_gathers)
            _sink!.EndRun();
        _gathers = false;
        _offering = false;
    }

    public void OnRepeatAnswered(ushort packetId) => _window.ForgetOrphan(packetId);

    private void HurryUnlessRecovering()
    {
        _offering = true;
        if (!_recovery.Active && _buffer is not { Mode: not BufferMode.Direct }) // The sink is the drain's then.
        {
            _sink!.Hurry();
            _linger.Sent(_window.TakenToAcknowledge);
        }

        _offering = false;
    }

    public void OnEvent(MqttEvent what) => _events.OnMqtt(what);
}
