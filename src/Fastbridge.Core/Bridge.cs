using System.Collections.Immutable;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Core.Live;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Core;

/// <summary>
/// Runs connectors side by side until told to stop, and takes over another set while it runs: what did not change is not touched. All members may be called from any
/// thread; one set is applied at a time.
/// </summary>
public sealed partial class Bridge : IAsyncDisposable
{
    /// <summary>How long a clean end may take by default. 10 s: what container and service managers allow between SIGTERM and SIGKILL.</summary>
    public static readonly TimeSpan DefaultDrain = TimeSpan.FromSeconds(9);

    /// <summary>What of the end's time is kept for those that were being drained already, once they are told to hurry.</summary>
    private static readonly TimeSpan HurryTime = TimeSpan.FromSeconds(2);

    private readonly IRecordSinkFactory _sinks;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly SessionGate _gate = new();
    private readonly InflightBudget _budget;
    private readonly SessionEnder _ender;
    private readonly CancellationTokenSource _hurry = new();
    private readonly Lock _lock = new();
    private readonly List<Leaving> _leaving = [];
    private BridgeConfig _config;
    private SessionMemory? _memory;
    private volatile Placed[] _set = [];
    private readonly Heartbeat _heart = new("the bridge's pulse");
    private volatile BridgePhase _phase;
    private volatile StatusTopicConfig? _statusTopic;
    private bool _stopping;

    /// <param name="config">The first set; <see cref="RunAsync"/> starts it.</param>
    public Bridge(BridgeConfig config, IRecordSinkFactory sinks, ILoggerFactory loggers, TimeProvider time)
    {
        _config = config;
        _statusTopic = config.StatusTopic;
        _sinks = sinks;
        _loggers = loggers;
        _time = time;
        _budget = new InflightBudget(time);
        _log = loggers.CreateLogger<Bridge>();
        _ender = new SessionEnder(_log, time);
    }

    /// <summary>Of every connector of the set in the file's order, also of those that do not run; behind them of those that still drain.</summary>
    public ImmutableArray<ConnectorStatus> Status
    {
        get
        {
            ImmutableArray<ConnectorStatus>.Builder all = ImmutableArray.CreateBuilder<ConnectorStatus>();
            foreach (Placed placed in _set)
                all.Add(placed.Runner?.Status ?? NotRun(placed));
            lock (_lock)
            {
                foreach (Leaving leaving in _leaving)
                    all.Add(leaving.Runner.Status with { State = ConnectorState.Stopped, Why = leaving.Why });
            }

            return all.ToImmutable();
        }
    }

    /// <summary>Never waits for anything.</summary>
    public BridgePhase Phase => _phase;

    /// <summary>What the file says of <c>status_topic</c>; the same object while an edit leaves it as it is.</summary>
    public StatusTopicConfig? StatusTopic => _statusTopic;

    /// <summary>Of the pulse and of each disk buffer's drain. Never waits for anything.</summary>
    public ImmutableArray<Heartbeat> Hearts
    {
        get
        {
            ImmutableArray<Heartbeat>.Builder all = ImmutableArray.CreateBuilder<Heartbeat>();
            all.Add(_heart);
            foreach (Placed placed in _set)
            {
                if (placed.Runner?.Heart is { } heart)
                    all.Add(heart);
            }

            return all.ToImmutable();
        }
    }

    /// <summary>Runs until <paramref name="stop"/> fires, then ends cleanly within <paramref name="drain"/>.</summary>
    /// <returns>Messages that were left to the broker; 0 in a clean end with Kafka there.</returns>
    public async Task<long> RunAsync(TimeSpan drain, CancellationToken stop)
    {
        Begin();
        _phase = BridgePhase.Running;
        Task pulse = Task.Run(() => PulseAsync(stop), CancellationToken.None);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (stop.UnsafeRegister(static s => ((TaskCompletionSource)s!).TrySetResult(), stopped).ConfigureAwait(false))
            await stopped.Task.ConfigureAwait(false);
        List<Task<long>> ending = [];
        lock (_lock)
        {
            _stopping = true;
            _phase = BridgePhase.Stopping;
            foreach (Leaving leaving in _leaving)
                ending.Add(leaving.Left);
        }

        BridgeLog.Stopping(_log, BridgeLog.Connectors(_set.Count(p => p.Runner is not null)), drain.TotalSeconds);
        _hurry.CancelAfter(drain > HurryTime * 2 ? drain - HurryTime : drain / 2);
        foreach (Placed placed in _set)
        {
            if (placed.Runner is { } runner)
                ending.Add(runner.StopAsync(drain));
        }

        long[] unsettled = await Task.WhenAll(ending).ConfigureAwait(false);
        await pulse.ConfigureAwait(false);
        await _ender.DisposeAsync().ConfigureAwait(false);
        SaveMemory();
        return unsettled.Sum();
    }

    /// <summary>Completes when every connector is Running: connected and subscribed, with nothing in the way.</summary>
    public async Task WhenRunningAsync(CancellationToken cancellation)
    {
        foreach (Placed placed in _set)
        {
            if (placed.Runner is { } runner)
                await runner.WhenRunningAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc cref="IBridgeControl.LookAtRecords"/>
    public RecordSample? LookAtRecords(string? clusterName, string name, int limit)
    {
        foreach (Placed placed in _set)
        {
            if (placed.Config.Name == name && (clusterName ?? placed.Config.ClusterName) == placed.Config.ClusterName)
                return placed.Runner?.LookAtRecords(limit) ?? RecordSample.None;
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await _ender.DisposeAsync().ConfigureAwait(false);
        foreach (Placed placed in _set)
        {
            if (placed.Runner is { } runner)
                await runner.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static ConnectorStatus NotRun(Placed placed) => new(placed.Config.Name, ConnectorState.Stopped, "the file says Stopped", placed.Since, "")
    {
        ClusterName = placed.Config.ClusterName,
        Window = placed.Config.Window,
    };

    /// <summary>A connector's place in the set.</summary>
    /// <param name="Runner">Null where the file says that it is not to run.</param>
    private sealed record Placed(ConnectorConfig Config, ConnectorRunner? Runner, DateTimeOffset Since);

    /// <summary>One that was removed or replaced, and is drained in the background.</summary>
    private sealed record Leaving(ConnectorRunner Runner, string Why)
    {
        /// <summary>Completes with what it left to the broker.</summary>
        public Task<long> Left { get; set; } = Task.FromResult(0L);
    }
}
