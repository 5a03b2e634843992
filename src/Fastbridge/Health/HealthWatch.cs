using System.Collections.Immutable;
using Fastbridge.Core.Live;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Health;

/// <summary>Looks once a second whether all that must go on for ever does. What it finds is what <c>/health/live</c> says, and keeps the service manager's watchdog fed or not.</summary>
/// <param name="hearts">All that there are now.</param>
internal sealed class HealthWatch(Func<ImmutableArray<Heartbeat>> hearts, ILogger log, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>As long as what it watches may be silent: by then a look itself is stuck.</summary>
    private static readonly TimeSpan MostSilence = Interval * HeartbeatWatch.MostLooks;

    private readonly HeartbeatWatch _watch = new();
    private long _lookedAt = time.GetTimestamp();
    private volatile string? _fault;

    /// <summary>Why the process should be ended and started anew, one line; null: all is well. Any thread; waits for nothing.</summary>
    public string? Fault => _fault ?? (time.GetElapsedTime(Volatile.Read(ref _lookedAt)) > MostSilence ? $"nothing has looked for {MostSilence.TotalSeconds:0} s" : null);

    /// <summary>Until <paramref name="stop"/> fires; never throws.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
                Look();
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Find($"the watch over its threads has failed ({e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")})");
        }
    }

    /// <summary>One look; <see cref="RunAsync"/> takes one a second.</summary>
    public void Look()
    {
        string? fault = _watch.Look(hearts());
        Volatile.Write(ref _lookedAt, time.GetTimestamp());
        Find(fault);
    }

    private void Find(string? fault)
    {
        if (fault is not null && _fault is null)
            HealthLog.NotLive(log, fault);
        else if (fault is null && _fault is not null)
            HealthLog.LiveAgain(log);
        _fault = fault;
    }
}

/// <summary>Log lines of health, ids 4300 to 4399.</summary>
internal static partial class HealthLog
{
    [LoggerMessage(4300, LogLevel.Error, "not live: {Fault}; restart the process and please report it (a service manager with a watchdog restarts it by itself)")]
    public static partial void NotLive(ILogger log, string fault);

    [LoggerMessage(4301, LogLevel.Warning, "live again: what was stuck has come back")]
    public static partial void LiveAgain(ILogger log);

    [LoggerMessage(4302, LogLevel.Warning, "the service manager cannot be told at {Address}: {Reason}; the bridge runs on; see NOTIFY_SOCKET and the unit's NotifyAccess")]
    public static partial void NotTold(ILogger log, string address, string reason);

    [LoggerMessage(4303, LogLevel.Warning, "status_topic: {Reason}; tried again, and the bridge runs on")]
    public static partial void StatusNotPublished(ILogger log, string reason);

    [LoggerMessage(4304, LogLevel.Error, "status_topic: nothing more is published, by a fault of fastbridge's own; please report it")]
    public static partial void StatusFailed(ILogger log, Exception exception);
}
