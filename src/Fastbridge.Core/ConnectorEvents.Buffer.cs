using Microsoft.Extensions.Logging;

namespace Fastbridge.Core;

/// <content>What the disk buffer has to say.</content>
internal sealed partial class ConnectorEvents
{
    /// <summary>A full buffer drops thousands of messages a second: a line now and then with their number.</summary>
    private static readonly TimeSpan BetweenDrops = TimeSpan.FromSeconds(10);

    private string? _bufferFault;
    private long _dropped;
    private long _droppedSaidAt;

    public void OnBufferFault(string? fault)
    {
        bool changed = false;
        Change(() =>
        {
            changed = _bufferFault != fault;
            _bufferFault = fault;
        });
        if (!changed)
            return;
        if (fault is null)
            BufferLog.Works(log, name);
        else
            BufferLog.Fault(log, name, fault);
    }

    public void OnBufferMode(bool buffered)
    {
        if (buffered)
            BufferLog.Buffering(log, name);
        else
            BufferLog.Direct(log, name);
    }

    public void OnBufferDropped(long messages)
    {
        long said = 0;
        lock (_lock)
        {
            _dropped += messages;
            if (_droppedSaidAt == 0 || time.GetElapsedTime(_droppedSaidAt) >= BetweenDrops)
            {
                said = _dropped;
                _droppedSaidAt = time.GetTimestamp();
            }
        }

        if (said > 0)
            BufferLog.Dropped(log, name, said);
    }

    public void OnBufferDamaged(string what) => BufferLog.Damaged(log, name, what);
}

/// <summary>The log lines of a connector's disk buffer, ids 2060 to 2069.</summary>
internal static partial class BufferLog
{
    [LoggerMessage(2060, LogLevel.Warning, "{Connector}: messages go by the disk buffer and are acknowledged from there")]
    public static partial void Buffering(ILogger log, string connector);

    [LoggerMessage(2061, LogLevel.Information, "{Connector}: the disk buffer is drained; messages go straight to Kafka again")]
    public static partial void Direct(ILogger log, string connector);

    [LoggerMessage(2062, LogLevel.Error, "{Connector}: {Fault}")]
    public static partial void Fault(ILogger log, string connector, string fault);

    [LoggerMessage(2063, LogLevel.Information, "{Connector}: the disk buffer works again")]
    public static partial void Works(ILogger log, string connector);

    [LoggerMessage(2064, LogLevel.Error, "{Connector}: the disk buffer is full: {Messages} messages were given up since the start, as buffer.full says")]
    public static partial void Dropped(ILogger log, string connector, long messages);

    [LoggerMessage(2065, LogLevel.Error, "{Connector}: {What}")]
    public static partial void Damaged(ILogger log, string connector, string what);

    [LoggerMessage(2066, LogLevel.Warning, "{Connector}: buffer: {Warning}")]
    public static partial void Warned(ILogger log, string connector, string warning);

    [LoggerMessage(2067, LogLevel.Information, "{Connector}: {Records} records stay in the disk buffer and are delivered when the connector runs with it again")]
    public static partial void Kept(ILogger log, string connector, long records);
}
