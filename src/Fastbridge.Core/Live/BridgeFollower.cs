using System.Collections.Immutable;
using Fastbridge.Core.Config;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Core.Live;

/// <summary>
/// Keeps a running bridge at what its source of connectors says. What has faults changes nothing: the set before runs on, and the faults stand in log and status until
/// it is sound again. All members may be called from any thread.
/// </summary>
public sealed class BridgeFollower : IBridgeControl, IDisposable
{
    /// <summary>Between two looks at what has faults and may be half-written: a writer takes less.</summary>
    private static readonly TimeSpan AnotherLook = TimeSpan.FromMilliseconds(250);

    /// <summary>A file that changes all the time and is never whole is no longer taken for one that is being written.</summary>
    private const int MostLooks = 8;

    /// <summary>A terminal's height: who has more faults reads the rest in `check`, or after the first are mended.</summary>
    private const int MostFaultsLogged = 20;

    private readonly Bridge _bridge;
    private readonly IConnectorSource _source;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _startedAt;
    private readonly Heartbeat _heart = new("the follower of the connectors file");
    private readonly SemaphoreSlim _one = new(1);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private SourceReading _seen;
    private SourceReading? _suspect;
    private int _looks;
    private long _reloads;
    private bool _isReloading;
    private long _failedReloads;
    private volatile Shown _shown;

    /// <param name="first">What the bridge was made with.</param>
    public BridgeFollower(Bridge bridge, IConnectorSource source, SourceReading first, ILoggerFactory loggers, TimeProvider time)
    {
        _bridge = bridge;
        _source = source;
        _log = loggers.CreateLogger<BridgeFollower>();
        _time = time;
        _startedAt = time.GetUtcNow();
        _seen = first;
        _shown = new Shown(first.Revision, [], first.Result.Warnings);
    }

    public BridgeStatus Status
    {
        get
        {
            Shown shown = _shown;
            return new BridgeStatus
            {
                StartedAt = _startedAt,
                Phase = _bridge.Phase,
                Source = _source.Name,
                Revision = shown.Revision,
                Faults = shown.Faults,
                Reloads = Volatile.Read(ref _reloads),
                FailedReloads = Volatile.Read(ref _failedReloads),
                Warnings = shown.Warnings.AddRange(_bridge.Warnings),
                Connectors = _bridge.Status,
            };
        }
    }

    /// <summary>Told true when connectors are about to be read again because somebody asked, or taken over because they changed, and false when that is done. Set before the start; must not throw.</summary>
    public Action<bool>? Reloading { get; init; }

    /// <summary>Of this and of all that the bridge runs. Never waits for anything.</summary>
    public ImmutableArray<Heartbeat> Hearts => _bridge.Hearts.Add(_heart);

    /// <summary>Looks at once and says what was found: SIGHUP. Returns at once.</summary>
    public void LookNow()
    {
        lock (_wake)
        {
            if (_wake.CurrentCount == 0)
                _wake.Release();
        }
    }

    /// <inheritdoc/>
    public Task ReloadAsync(CancellationToken cancellation) => LookAsync(asked: true, cancellation);

    /// <inheritdoc/>
    public RecordSample? LookAtRecords(string? clusterName, string name, int limit) => _bridge.LookAtRecords(clusterName, name, limit);

    /// <summary>Follows until <paramref name="stop"/> fires. Never throws for what the source holds.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                _heart.Rest(); // A file that stays as it is wakes nobody.
                bool asked = await WaitAsync(stop).ConfigureAwait(false);
                _heart.Beat();
                await LookAsync(asked, stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Nothing of the kind is known; but a bridge that runs for years does not stop listening over it.
                BridgeLog.FollowFailed(_log, $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}");
                await Task.Delay(TimeSpan.FromSeconds(1), _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        _heart.Rest();
    }

    public void Dispose()
    {
        _one.Dispose();
        _wake.Dispose();
    }

    /// <returns>True where somebody asked for it.</returns>
    private async Task<bool> WaitAsync(CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task changed = _suspect is null ? _source.WaitForChangeAsync(over.Token) : Task.Delay(AnotherLook, _time, over.Token);
        Task asked = _wake.WaitAsync(over.Token);
        Task first = await Task.WhenAny(changed, asked).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(changed, asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.ThrowIfCancellationRequested();
        if (asked.IsCompletedSuccessfully)
            return true;
        await first.ConfigureAwait(false);
        return false;
    }

    private async Task LookAsync(bool asked, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        _isReloading = false;
        try
        {
            if (asked)
                Reload();
            // Marks first: one that is there now belongs to a change that is in the file already.
            ImmutableArray<DeletedMark> deleted = _bridge.DeletedMarks();
            SourceReading reading = await Task.Run(_source.Read, cancellation).ConfigureAwait(false);
            if (ReferenceEquals(reading, _seen))
            {
                _suspect = null;
                if (asked && reading.Result.Config is not null)
                    BridgeLog.Unchanged(_log, _source.Name);
                else if (asked)
                    Say(reading);
                return;
            }

            if (reading.Result.Config is { } config)
                await ApplyAsync(reading, config, deleted).ConfigureAwait(false);
            else if (asked || ReferenceEquals(reading, _suspect) || ++_looks > MostLooks)
                Refuse(reading);
            else
                _suspect = reading; // Perhaps only half of it is written: said if the next look finds the same.
        }
        finally
        {
            if (_isReloading)
                Reloading?.Invoke(false);
            _one.Release();
        }
    }

    private async Task ApplyAsync(SourceReading reading, BridgeConfig config, ImmutableArray<DeletedMark> deleted)
    {
        bool sound = _shown.Faults.IsEmpty, another = _shown.Revision != reading.Revision;
        Reload();
        await _bridge.ApplyAsync(config, deleted).ConfigureAwait(false);
        if (!sound)
            BridgeLog.Sound(_log, _source.Name);
        if (another)
            BridgeLog.Applied(_log, _source.Name, BridgeLog.Connectors(config.Connectors.Length), reading.Revision);
        foreach (string warning in reading.Result.Warnings)
        {
            if (!_shown.Warnings.Contains(warning))
                BridgeLog.Warned(_log, warning);
        }

        _shown = new Shown(reading.Revision, [], reading.Result.Warnings);
        Interlocked.Increment(ref _reloads);
        See(reading);
    }

    private void Reload()
    {
        if (_isReloading)
            return;
        _isReloading = true;
        Reloading?.Invoke(true);
    }

    private void Refuse(SourceReading reading)
    {
        ImmutableArray<string>.Builder faults = ImmutableArray.CreateBuilder<string>();
        foreach (Fault fault in reading.Result.Faults)
            faults.Add(fault.ToString());
        _shown = _shown with { Faults = faults.ToImmutable() };
        Interlocked.Increment(ref _failedReloads);
        Say(reading);
        See(reading);
    }

    private void Say(SourceReading reading)
    {
        int count = 0;
        foreach (Fault fault in reading.Result.Faults)
        {
            if (++count > MostFaultsLogged)
            {
                BridgeLog.Faulty(_log, _source.Name, $"and {reading.Result.Faults.Length - MostFaultsLogged} faults more; mend the first ones and look again");
                return;
            }

            BridgeLog.Faulty(_log, _source.Name, fault.ToString());
        }
    }

    private void See(SourceReading reading)
    {
        _seen = reading;
        _suspect = null;
        _looks = 0;
    }

    /// <summary>What the status tells of the source.</summary>
    private sealed record Shown(string Revision, ImmutableArray<string> Faults, ImmutableArray<string> Warnings);
}
