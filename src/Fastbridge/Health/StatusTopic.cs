using Fastbridge.Core;
using Fastbridge.Core.Config;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Health;

/// <summary>
/// Publishes the bridge's status, retained, every minute and when a state changes, for gateways that nobody can reach from outside. The bridge does not depend on it. The
/// connection is made anew when an edit changes it.
/// </summary>
/// <param name="wanted">What the file says now; the same object while that is the same. Null: nothing.</param>
/// <param name="status">The bridge's.</param>
internal sealed class StatusTopic(Func<StatusTopicConfig?> wanted, Func<BridgeStatus> status, ILoggerFactory loggers, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ILogger _log = loggers.CreateLogger("fastbridge");

    /// <summary>Until <paramref name="stop"/> fires, and then the last word. Never throws.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        StatusLink? link = null;
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                StatusTopicConfig? config = wanted();
                if (config != link?.Config)
                {
                    if (link is not null)
                        await link.DisposeAsync().ConfigureAwait(false);
                    link = config is null ? null : new StatusLink(config, loggers.CreateLogger("Fastbridge.Mqtt"), _log, time);
                }

                link?.Step(status);
            }
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            HealthLog.StatusFailed(_log, e);
        }

        if (link is not null)
            await link.DisposeAsync().ConfigureAwait(false);
    }
}
