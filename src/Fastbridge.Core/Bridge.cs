using System.Collections.Immutable;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Core;

/// <summary>Runs connectors side by side until told to stop.</summary>
public sealed class Bridge : IAsyncDisposable
{
    /// <summary>How long a clean end may take by default. 10 s: what container and service managers allow between SIGTERM and SIGKILL.</summary>
    public static readonly TimeSpan DefaultDrain = TimeSpan.FromSeconds(9);

    private readonly ImmutableArray<ConnectorRunner> _runners;
    private readonly ILogger _log;

    public Bridge(BridgeConfig config, IRecordSinkFactory sinks, ILoggerFactory loggers, TimeProvider time)
    {
        _log = loggers.CreateLogger<Bridge>();
        _runners = [.. config.Connectors.Where(c => c.Enabled).Select(c => new ConnectorRunner(c, config.StateDir, sinks, loggers, time))];
    }

    /// <summary>Of every connector that runs, in the file's order.</summary>
    public ImmutableArray<ConnectorStatus> Status => [.. _runners.Select(r => r.Status)];

    /// <summary>Runs until <paramref name="stop"/> fires, then ends cleanly within <paramref name="drain"/>.</summary>
    /// <returns>Messages that were left to the broker; 0 in a clean end with Kafka there.</returns>
    public async Task<long> RunAsync(TimeSpan drain, CancellationToken stop)
    {
        foreach (ConnectorRunner runner in _runners)
            runner.Start();
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (stop.UnsafeRegister(static s => ((TaskCompletionSource)s!).TrySetResult(), stopped).ConfigureAwait(false))
            await stopped.Task.ConfigureAwait(false);
        BridgeLog.Stopping(_log, _runners.Length, drain.TotalSeconds);
        long[] unsettled = await Task.WhenAll(_runners.Select(r => r.StopAsync(drain))).ConfigureAwait(false);
        return unsettled.Sum();
    }

    /// <summary>Completes when every connector is Running: connected and subscribed, with nothing in the way.</summary>
    public async Task WhenRunningAsync(CancellationToken cancellation)
    {
        foreach (ConnectorRunner runner in _runners)
            await runner.WhenRunningAsync(cancellation).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ConnectorRunner runner in _runners)
            await runner.DisposeAsync().ConfigureAwait(false);
    }
}

/// <summary>Log lines of the bridge as a whole, ids 2100 to 2199.</summary>
internal static partial class BridgeLog
{
    [LoggerMessage(2100, LogLevel.Information, "stopping {Connectors} connectors; at most {DrainSeconds} s")]
    public static partial void Stopping(ILogger log, int connectors, double drainSeconds);
}
