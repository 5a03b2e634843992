using Fastbridge.Mqtt;

namespace Fastbridge.Core.Delivery;

/// <summary>What a connector's delivery has to say, for log and status. Any thread; must not block.</summary>
internal interface IConnectorEvents
{
    void OnMqtt(MqttEvent what);

    /// <summary>The way to Kafka: a fault in one line, or null when it works again.</summary>
    void OnKafka(string? fault);

    /// <summary>What ails the fixed Kafka topic as Kafka itself says, one line; null when it is there.</summary>
    /// <param name="blocks">Nothing can be delivered. Else it may yet come to be: many clusters make a topic with its first message.</param>
    void OnTopic(string? fault, bool blocks)
    {
    }

    /// <summary>Why no message is taken at present, or null.</summary>
    void OnHeld(string? reason);

    /// <summary>The first message under a filter that was removed; the rest is only counted.</summary>
    void OnUnmatched(string topic)
    {
    }

    /// <summary>A dead letter is safe in <paramref name="where"/>: the file's path, or the Kafka topic.</summary>
    void OnDeadLetter(RetainedRecord record, string where);

    /// <summary>The failure strategy dropped a message.</summary>
    void OnDiscarded(RetainedRecord record)
    {
    }

    /// <summary>The message that blocks all behind it, one line; null when none does any more.</summary>
    void OnStuck(string? what)
    {
    }

    /// <summary>Now and then: a moment to say what was gathered.</summary>
    void OnTick()
    {
    }

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
