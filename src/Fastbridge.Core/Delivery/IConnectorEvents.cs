using Fastbridge.Mqtt;

namespace Fastbridge.Core.Delivery;

/// <summary>What a connector's delivery has to say, for log and status. Any thread; must not block.</summary>
internal interface IConnectorEvents
{
    void OnMqtt(MqttEvent what);

    /// <summary>The way to Kafka: a fault in one line, or null when it works again.</summary>
    void OnKafka(string? fault);

    /// <summary>Why no message is taken at present, or null.</summary>
    void OnHeld(string? reason);

    void OnDeadLetter(RetainedRecord record, string path);

    /// <summary>The first message under a filter that was removed; the rest is only counted.</summary>
    void OnUnmatched(string topic)
    {
    }
}
