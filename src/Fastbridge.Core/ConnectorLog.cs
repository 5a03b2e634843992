using Microsoft.Extensions.Logging;

namespace Fastbridge.Core;

/// <summary>The log lines of a connector, ids 2000 to 2099. Every one begins with the connector's name and stands alone.</summary>
internal static partial class ConnectorLog
{
    [LoggerMessage(2000, LogLevel.Information, "{Connector}: connected to {Server} (MQTT {Version}, client id {ClientId}, session {Session})")]
    public static partial void Connected(ILogger log, string connector, string server, string version, string clientId, string session);

    [LoggerMessage(2001, LogLevel.Information, "{Connector}: subscribed \"{Filter}\", granted QoS {QoS}")]
    public static partial void Subscribed(ILogger log, string connector, string filter, int qos);

    [LoggerMessage(2002, LogLevel.Warning, "{Connector}: {What} {Reason}; retrying in {RetryIn}")]
    public static partial void Lost(ILogger log, string connector, string what, string reason, string retryIn);

    [LoggerMessage(2028, LogLevel.Warning, "{Connector}: still not connected: {Attempts} attempts in {Seconds} s; the last: {Reason}")]
    public static partial void StillAway(ILogger log, string connector, long attempts, string seconds, string reason);

    [LoggerMessage(2029, LogLevel.Information, "{Connector}: back after {Seconds} s, {Attempts} failed attempts")]
    public static partial void Back(ILogger log, string connector, string seconds, long attempts);

    [LoggerMessage(2003, LogLevel.Warning, "{Connector}: {Server} had no session of ours although there was one: what it had queued is lost; see its persistence and session expiry")]
    public static partial void StateLost(ILogger log, string connector, string server);

    [LoggerMessage(2008, LogLevel.Warning, "{Connector}: {Server} has no session of ours, which was at {Before} until now: what that one has queued comes when it is connected again")]
    public static partial void SessionElsewhere(ILogger log, string connector, string server, string before);

    [LoggerMessage(2004, LogLevel.Warning, "{Connector}: {Text}")]
    public static partial void Warned(ILogger log, string connector, string text);

    [LoggerMessage(2005, LogLevel.Error, "{Connector}: {Fault}")]
    public static partial void SubscriptionFault(ILogger log, string connector, string fault);

    [LoggerMessage(2006, LogLevel.Information, "{Connector}: unsubscribed \"{Filter}\"")]
    public static partial void Unsubscribed(ILogger log, string connector, string filter);

    [LoggerMessage(2007, LogLevel.Information, "{Connector}: a message on \"{Topic}\" comes under a filter that was removed: it is written, as all of its kind, and counted as unmatched")]
    public static partial void Unmatched(ILogger log, string connector, string topic);

    [LoggerMessage(2010, LogLevel.Warning, "{Connector}: Kafka: {Fault}; records wait, and nothing is acknowledged to MQTT before it is safe")]
    public static partial void KafkaFault(ILogger log, string connector, string fault);

    [LoggerMessage(2011, LogLevel.Information, "{Connector}: Kafka works again, after {Seconds} s")]
    public static partial void KafkaWorks(ILogger log, string connector, string seconds);

    [LoggerMessage(2019, LogLevel.Warning, "{Connector}: Kafka: still away, for {Seconds} s now: {Fault}")]
    public static partial void KafkaStillAway(ILogger log, string connector, string seconds, string fault);

    [LoggerMessage(2012, LogLevel.Warning, "{Connector}: held: {Reason}")]
    public static partial void Held(ILogger log, string connector, string reason);

    [LoggerMessage(2013, LogLevel.Information, "{Connector}: goes on")]
    public static partial void Released(ILogger log, string connector);

    [LoggerMessage(2014, LogLevel.Error, "{Connector}: put away a message on \"{MqttTopic}\" (record of {RecordBytes} bytes): {Reason}; kept in {Path}")]
    public static partial void DeadLettered(ILogger log, string connector, string mqttTopic, int recordBytes, string reason, string path);

    [LoggerMessage(2015, LogLevel.Warning, "{Connector}: acks is {Acks} in the file: a record may be lost with a Kafka broker, and idempotence is off; \"all\" is the safe setting")]
    public static partial void AcksWeakened(ILogger log, string connector, int acks);

    [LoggerMessage(2016, LogLevel.Error, "{Connector}: does not run: {Reason}")]
    public static partial void Refused(ILogger log, string connector, string reason);

    [LoggerMessage(2017, LogLevel.Information, "{Connector}: {What}")]
    public static partial void Changed(ILogger log, string connector, string what);

    [LoggerMessage(2030, LogLevel.Information, "{Connector}: was deleted, and its MQTT session {ClientId} is ended")]
    public static partial void SessionEnded(ILogger log, string connector, string clientId);

    [LoggerMessage(2031, LogLevel.Information, "{Connector}: was deleted, and its MQTT session {ClientId} has expired by itself")]
    public static partial void SessionExpired(ILogger log, string connector, string clientId);

    [LoggerMessage(2032, LogLevel.Warning, "{Connector}: was deleted, and its MQTT session {ClientId} cannot be ended yet: {Reason}; tried again until it has expired")]
    public static partial void SessionNotEnded(ILogger log, string connector, string clientId, string reason);

    [LoggerMessage(2023, LogLevel.Error, "{Connector}: dropped a message on \"{MqttTopic}\" (record of {RecordBytes} bytes), as its failure_strategy asks: {Reason}")]
    public static partial void Discarded(ILogger log, string connector, string mqttTopic, int recordBytes, string reason);

    [LoggerMessage(2018, LogLevel.Error, "{Connector}: {Count} more messages {Done} since {Since} ({Code})")]
    public static partial void MoreLost(ILogger log, string connector, long count, string done, string since, string code);

    [LoggerMessage(2021, LogLevel.Warning, "{Connector}: stuck: {What}")]
    public static partial void Stuck(ILogger log, string connector, string what);

    [LoggerMessage(2022, LogLevel.Information, "{Connector}: no longer stuck")]
    public static partial void Unstuck(ILogger log, string connector);

    [LoggerMessage(2026, LogLevel.Warning, "{Connector}: {Silence}")]
    public static partial void Silent(ILogger log, string connector, string silence);

    [LoggerMessage(2027, LogLevel.Information, "{Connector}: {What}")]
    public static partial void Heard(ILogger log, string connector, string what);

    [LoggerMessage(2024, LogLevel.Warning, "{Connector}: {Fault}")]
    public static partial void TopicFault(ILogger log, string connector, string fault);

    [LoggerMessage(2025, LogLevel.Information, "{Connector}: its Kafka topic is there now")]
    public static partial void TopicFound(ILogger log, string connector);

    [LoggerMessage(2020, LogLevel.Information, "{Connector}: stopped; {Received} received, {Delivered} delivered, {Unsettled} left to the broker")]
    public static partial void Stopped(ILogger log, string connector, long received, long delivered, long unsettled);
}
