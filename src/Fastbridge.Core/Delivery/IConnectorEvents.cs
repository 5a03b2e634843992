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

    /// <summary>What ails the disk buffer, one line; null when it works again.</summary>
    void OnBufferFault(string? fault)
    {
    }

    /// <summary>Messages go by the disk from now on, or straight to Kafka again.</summary>
    void OnBufferMode(bool buffered)
    {
    }

    /// <summary>So many messages were given up because the buffer is full.</summary>
    void OnBufferDropped(long messages)
    {
    }

    /// <summary>Something in the buffer is not as it was written, one line.</summary>
    void OnBufferDamaged(string what)
    {
    }
}
