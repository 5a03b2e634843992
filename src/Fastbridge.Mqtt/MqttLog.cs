using Microsoft.Extensions.Logging;

namespace Fastbridge.Mqtt;

/// <summary>What the MQTT client logs, ids 1000 to 1999: details for whoever looks closely. Changes of state go out as <see cref="MqttEvent"/>.</summary>
internal static partial class MqttLog
{
    [LoggerMessage(1000, LogLevel.Debug, "{Server}: connecting, attempt {Attempt}")]
    public static partial void Connecting(this ILogger log, string server, int attempt);

    [LoggerMessage(1001, LogLevel.Debug, "{Server}: CONNECT sent, client identifier '{ClientId}', clean start {CleanStart}")]
    public static partial void ConnectSent(this ILogger log, string server, string clientId, bool cleanStart);

    [LoggerMessage(1002, LogLevel.Debug, "{Server}: accepted as connection {Connection}, session present {SessionPresent}, keep alive {KeepAliveSeconds} s, receive maximum {ReceiveMaximum}")]
    public static partial void Accepted(this ILogger log, string server, int connection, bool sessionPresent, int keepAliveSeconds, int receiveMaximum);

    [LoggerMessage(1003, LogLevel.Debug, "{Server}: PINGREQ")]
    public static partial void Ping(this ILogger log, string server);

    [LoggerMessage(1004, LogLevel.Debug, "{Server}: the application has no room; reading stops")]
    public static partial void ReadingStopped(this ILogger log, string server);

    [LoggerMessage(1005, LogLevel.Debug, "{Server}: reading goes on")]
    public static partial void ReadingGoesOn(this ILogger log, string server);

    [LoggerMessage(1006, LogLevel.Debug, "{Server}: PUBREL for the unknown packet identifier {PacketId}")]
    public static partial void UnknownRelease(this ILogger log, string server, int packetId);

    [LoggerMessage(1007, LogLevel.Debug, "{Server}: ended: {Reason}")]
    public static partial void Ended(this ILogger log, string server, string reason);

    [LoggerMessage(1008, LogLevel.Debug, "{Server}: DISCONNECT sent, reason {ReasonCode}")]
    public static partial void DisconnectSent(this ILogger log, string server, Protocol.ReasonCode reasonCode);

    [LoggerMessage(1100, LogLevel.Error, "{Server}: the application failed on a packet; the connection is closed")]
    public static partial void HandlerFailed(this ILogger log, Exception fault, string server);

    [LoggerMessage(1101, LogLevel.Error, "{Server}: the MQTT client failed; it tries again")]
    public static partial void ClientFailed(this ILogger log, Exception fault, string server);
}
