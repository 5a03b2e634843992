using Microsoft.Extensions.Logging;

namespace Fastbridge.Kafka.Producing;

/// <summary>Log events of the Kafka end: 3000 to 3999. What a connector says of its own state is here at Debug only: one event, one line.</summary>
internal static partial class KafkaLog
{
    [LoggerMessage(3000, LogLevel.Debug, "Kafka {BootstrapServers}: producer started, acks={Acks}")]
    public static partial void ProducerStarted(ILogger logger, string bootstrapServers, string acks);

    [LoggerMessage(3001, LogLevel.Debug, "acks={Acks}: Kafka may lose acknowledged records, and idempotence is off; leave acks out for the safe default")]
    public static partial void NotIdempotent(ILogger logger, int acks);

    [LoggerMessage(3002, LogLevel.Debug, "Kafka {BootstrapServers}: {Fault}")]
    public static partial void KafkaFault(ILogger logger, string bootstrapServers, string fault);

    [LoggerMessage(3003, LogLevel.Debug, "Kafka {BootstrapServers}: works again")]
    public static partial void KafkaBack(ILogger logger, string bootstrapServers);

    [LoggerMessage(3004, LogLevel.Error, "Kafka {BootstrapServers}: fatal producer error, rebuilding: {Reason}")]
    public static partial void Fatal(ILogger logger, string bootstrapServers, string reason);

    [LoggerMessage(3005, LogLevel.Information, "Kafka {BootstrapServers}: producer rebuilt")]
    public static partial void Rebuilt(ILogger logger, string bootstrapServers);

    [LoggerMessage(3006, LogLevel.Error, "The Kafka producer cannot be rebuilt yet: {Reason}; trying again, at the latest {BackoffMs} ms after this")]
    public static partial void RebuildFailed(ILogger logger, string reason, int backoffMs);

    [LoggerMessage(3007, LogLevel.Debug, "Kafka {BootstrapServers}: producer ended")]
    public static partial void ProducerEnded(ILogger logger, string bootstrapServers);

    [LoggerMessage(3008, LogLevel.Critical, "The Kafka delivery thread failed; its connectors will get no more reports")]
    public static partial void DeliveryThreadFailed(ILogger logger, Exception exception);

    [LoggerMessage(3009, LogLevel.Error, "A listener failed on a delivery report")]
    public static partial void ListenerFailed(ILogger logger, Exception exception);

    [LoggerMessage(3010, LogLevel.Warning, "librdkafka {Facility}: {Line}")]
    public static partial void LibraryWarning(ILogger logger, string facility, string line);

    [LoggerMessage(3012, LogLevel.Warning, "Kafka {BootstrapServers}: the token cannot be renewed yet, and is still good: {Reason}")]
    public static partial void TokenNotRenewed(ILogger logger, string bootstrapServers, string reason);

    [LoggerMessage(3011, LogLevel.Debug, "librdkafka {Facility}: {Line}")]
    public static partial void LibraryLine(ILogger logger, string facility, string line);
}
