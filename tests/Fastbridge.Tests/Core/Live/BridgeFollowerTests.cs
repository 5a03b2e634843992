using Fastbridge.Core;
using Fastbridge.Core.Config;
using Fastbridge.Core.Live;
using Fastbridge.Tests.Mqtt.Client;
using Fastbridge.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Tests.Core.Live;

/// <summary>A bridge that follows its source: what is sound is applied, what is not is said once and changes nothing.</summary>
public class BridgeFollowerTests
{
    [Fact]
    public async Task a_sound_change_is_applied_and_shows_in_the_status()
    {
        await using var bench = new Bench();
        bench.Source.Put(bench.Good("2", "a", "b"));
        await bench.UntilAsync(s => s.Revision == "2" && s.Connectors.Length == 2);
        Assert.Equal(("test source", 0, 0), (bench.Follower.Status.Source, bench.Follower.Status.Faults.Length, bench.Follower.Status.Warnings.Length));
    }

    [Fact]
    public async Task what_is_half_written_is_looked_at_again_before_a_word_is_said()
    {
        var time = new ManualTime();
        await using var bench = new Bench(time);
        bench.Source.Put(Bench.Bad("half", "a brace is missing"));

        // It has read it, and waits before it looks again.
        await time.WaitForTimerAsync(TimeSpan.FromMilliseconds(250));
        bench.Source.Put(bench.Good("2", "a", "b"), silently: true);
        time.Advance(TimeSpan.FromMilliseconds(250));
        await bench.UntilAsync(s => s.Revision == "2");
        Assert.DoesNotContain(bench.Log.Lines, l => l.Contains("brace", StringComparison.Ordinal));
    }

    [Fact]
    public async Task faults_that_stay_are_said_once_and_stand_in_the_status_while_the_old_set_runs_on()
    {
        await using var bench = new Bench();
        bench.Source.Put(Bench.Bad("bad", "a brace is missing"));
        await bench.UntilAsync(s => !s.Faults.IsEmpty);
        int reads = bench.Source.Reads;
        bench.Source.Touch();
        bench.Source.Touch();
        await LiveRig.UntilAsync(() => bench.Source.Reads >= reads + 2, "nobody reads");
        Assert.Contains("a brace is missing", Assert.Single(bench.Follower.Status.Faults), StringComparison.Ordinal);
        Assert.Equal(("1", 1), (bench.Follower.Status.Revision, bench.Follower.Status.Connectors.Length));
        Assert.Single(bench.Log.Lines, l => l.Contains("what ran before runs on", StringComparison.Ordinal) && l.Contains("brace", StringComparison.Ordinal));

        bench.Source.Put(bench.Good("1", "a"));
        await bench.UntilAsync(s => s.Faults.IsEmpty);
        await bench.Log.WaitForAsync(["test source is sound again"]);
    }

    [Fact]
    public async Task who_asks_hears_of_faults_at_once_and_of_nothing_new_too()
    {
        await using var bench = new Bench();
        bench.Source.Put(Bench.Bad("bad", "a brace is missing"), silently: true);
        await bench.Follower.ReloadAsync(CancellationToken.None).Guarded();
        Assert.Single(bench.Follower.Status.Faults);
        bench.Source.Put(bench.Good("1", "a"), silently: true);
        await bench.Follower.ReloadAsync(CancellationToken.None).Guarded();
        Assert.Empty(bench.Follower.Status.Faults);
        bench.Follower.LookNow();
        await bench.Log.WaitForAsync(["nothing has changed"]);
    }

    [Fact]
    public async Task warnings_of_the_file_and_of_the_bridge_stand_in_the_status()
    {
        await using var bench = new Bench();
        SourceReading empty = bench.Good("2");
        bench.Source.Put(empty with { Result = empty.Result with { Warnings = ["there is no connector"] } });
        await bench.UntilAsync(s => s.Revision == "2");
        Assert.Equal(["there is no connector", "an edit removed every connector (1)"], bench.Follower.Status.Warnings.Select(w => w.Split(" at ")[0]));
    }

    [Fact]
    public async Task a_source_that_fails_does_not_end_the_following()
    {
        await using var bench = new Bench();
        bench.Source.Fail = true;
        bench.Source.Touch();
        await bench.Log.WaitForAsync(["could not be followed", "out of order"]);
        bench.Source.Fail = false;
        bench.Source.Put(bench.Good("2", "a", "b"));
        await bench.UntilAsync(s => s.Revision == "2");
    }

    [Fact]
    public async Task a_look_that_hangs_is_seen_and_waiting_for_a_change_is_none()
    {
        await using var bench = new Bench();
        var watch = new HeartbeatWatch();
        Heartbeat follower = bench.Follower.Hearts[^1];
        for (int i = 0; i < 500; i++) Assert.Null(watch.Look([follower]));
        using var gate = new ManualResetEventSlim();
        bench.Source.Gate = gate;
        bench.Source.Touch();
        await LiveRig.UntilAsync(() => !follower.Rests, "the follower does not look");
        for (int i = 0; i < HeartbeatWatch.MostLooks; i++) Assert.Null(watch.Look([follower]));
        Assert.StartsWith("the follower of the connectors file has not come back", watch.Look([follower]), StringComparison.Ordinal);
        gate.Set();
        await LiveRig.UntilAsync(() => follower.Rests, "the follower does not come back");
        Assert.Null(watch.Look([follower]));
    }

    [Fact]
    public async Task the_bridges_pulse_beats_while_it_runs_and_its_phase_tells_where_it_is()
    {
        await using var bench = new Bench();
        Heartbeat pulse = bench.Follower.Hearts[0];
        await LiveRig.UntilAsync(() => pulse.Beats >= 2, "the pulse does not beat");
        Assert.Equal(BridgePhase.Running, bench.Follower.Status.Phase);
        await bench.StopBridgeAsync();
        Assert.Equal((BridgePhase.Stopping, true), (bench.Follower.Status.Phase, pulse.Rests));
    }

    private sealed class Bench : IAsyncDisposable
    {
        private readonly LiveRig _rig = new();
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _following;

        public Bench(TimeProvider? time = null)
        {
            SourceReading first = Good("1", "a");
            Source = new FakeSource(first);
            _rig.Start([.. first.Result.Config!.Connectors]);
            Follower = new BridgeFollower(_rig.Bridge, Source, first, new LogFactory(Log), time ?? TimeProvider.System);
            _following = Follower.RunAsync(_stop.Token);
        }

        public FakeSource Source { get; }

        public BridgeFollower Follower { get; }

        public LineLog Log { get; } = new("log");

        public Task<long> StopBridgeAsync() => _rig.StopAsync();

        public static SourceReading Bad(string revision, string fault) => new(new LoadResult { Faults = [new Fault("f", "", null, fault)] }, revision);

        public SourceReading Good(string revision, params string[] names) =>
            new(new LoadResult { Config = _rig.Set([.. names.Select(n => _rig.Connector(n, n))]) }, revision);

        public Task UntilAsync(Func<BridgeStatus, bool> what) => LiveRig.UntilAsync(() => what(Follower.Status), $"the status does not come: {Follower.Status}");

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _following.Guarded();
            Follower.Dispose();
            Source.Dispose();
            await _rig.DisposeAsync();
            _stop.Dispose();
        }
    }

    private sealed class FakeSource(SourceReading first) : IConnectorSource, IDisposable
    {
        private readonly SemaphoreSlim _changed = new(0);
        private volatile SourceReading _now = first;
        private volatile int _reads;

        public string Name => "test source";

        public bool Fail { get; set; }

        /// <summary>What a read waits for.</summary>
        public ManualResetEventSlim? Gate { get; set; }

        public void Put(SourceReading reading, bool silently = false)
        {
            _now = reading;
            if (!silently)
                Touch();
        }

        public void Touch() => _changed.Release();

        public int Reads => _reads;

        public SourceReading Read()
        {
            _reads++;
            Gate?.Wait(ScriptedBroker.HangGuard);
            return Fail ? throw new InvalidOperationException("out of order") : _now;
        }

        public Task WaitForChangeAsync(CancellationToken cancellation) => _changed.WaitAsync(cancellation);

        public void Dispose() => _changed.Dispose();
    }

    private sealed class LogFactory(LineLog lines) : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => lines.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
