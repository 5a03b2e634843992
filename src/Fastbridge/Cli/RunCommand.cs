using System.CommandLine;
using Fastbridge.Admin;
using Fastbridge.Core;
using Fastbridge.Core.Config;
using Fastbridge.Core.Config.Store;
using Fastbridge.Core.Live;
using Fastbridge.Health;
using Fastbridge.Kafka;
using Fastbridge.Logs;
using Fastbridge.Otlp;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Cli;

/// <summary><c>fastbridge run</c>: bridge until SIGTERM.</summary>
internal static partial class RunCommand
{
    /// <summary>
    /// How long the process waits for librdkafka's threads after the connectors have ended: one that asks a name server that does not answer ends after many
    /// seconds, and has nothing left to do. With the drain's 9 s it makes the 10 s that service managers allow.
    /// </summary>
    private static readonly TimeSpan EndingTime = TimeSpan.FromMilliseconds(800);

    public static Command Create()
    {
        Option<string?> config = ConfigPath.NewOption("--config", "-c");
        var level = new Option<string?>("--log-level") { Description = "debug, info, warn or error; for a part as in info,mqtt=debug (core, mqtt, kafka, admin, otlp). Default: FASTBRIDGE_LOG_LEVEL, else info", HelpName = "LEVEL" };
        level.CompletionSources.Add("debug", "info", "warn", "error");
        var format = new Option<string?>("--log-format") { Description = "text, or json: an object a line. Default: FASTBRIDGE_LOG_FORMAT, else text", HelpName = "FORMAT" };
        format.AcceptOnlyFromAmong("text", "json");
        var admin = new AdminFlags();
        var command = new Command("run", "Bridge what the connectors file says until SIGTERM or Ctrl-C; a second one ends at once.") { config, level, format };
        admin.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(config), Settings.Load([KeyValuePair.Create("log_level", parsed.GetValue(level)), KeyValuePair.Create("log_format", parsed.GetValue(format)), .. admin.Overrides(parsed)])));
        return command;
    }

    /// <param name="file">As given; null: <see cref="ConfigPath"/> finds it.</param>
    /// <param name="settings">The process's.</param>
    /// <param name="until">What ends the run when it has ended, beside the signals; null: nothing does.</param>
    internal static async Task<int> RunAsync(string? file, Settings settings, Func<Bridge, Task>? until = null)
    {
        SocketThreads.GoOnInPlace();
        string path = ConfigPath.Require(file, settings);
        AdminOptions? admin = settings.Admin;
        (LogLevels levels, bool json, TimeSpan drain) = (settings.LogLevels, settings.LogsJson, settings.Drain);
        OtlpSettings? telemetry = OtlpSettings.Read(Environment.GetEnvironmentVariable);
        LoadEnvironment environment = LoadEnvironment.Current with { CheckKafkaProperty = KafkaProperties.Check };
        var source = new FileConnectorSource(path, environment, TimeProvider.System);
        SourceReading first = source.Read();
        LoadResult loaded = first.Result;
        if (loaded.Config is null)
        {
            foreach (Fault fault in loaded.Faults)
                await Console.Error.WriteLineAsync(fault.ToString()).ConfigureAwait(false);
            return CommandTree.Wrong;
        }

        using var signals = new Signals();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Stop);
        using StateLock? state = StateLock.TryTake(loaded.Config.StateDir, out string? taken);
        if (state is null)
        {
            await Console.Error.WriteLineAsync($"fastbridge run: {taken}").ConfigureAwait(false);
            return CommandTree.Failed;
        }

        using OtlpLogs? lines = telemetry?.Logs is null ? null : new OtlpLogs(telemetry, TimeProvider.System);
        LogFormat format = LogFormats.Choose(json, Environment.GetEnvironmentVariable, !Console.IsErrorRedirected, LogFormats.ErrorTarget());
        using ILoggerFactory loggers = LogOutput.Create(levels, format, lines);
        ILogger log = loggers.CreateLogger("fastbridge");
        RunLog.Starting(log, Version.Text, path, BridgeLog.Connectors(loaded.Config.Connectors.Count(c => c.Enabled)));
        foreach (string warning in loaded.Warnings)
            RunLog.Warned(log, warning);
        if (StateDirTrouble(loaded.Config.StateDir) is { } trouble)
            RunLog.Warned(log, trouble);
        var sinks = new KafkaSinkFactory(loggers);
        var bridge = new Bridge(loaded.Config, sinks, loggers, TimeProvider.System);
        using ServiceManager? manager = ServiceManager.Find(Environment.GetEnvironmentVariable, log, TimeProvider.System);
        using var follower = new BridgeFollower(bridge, source, first, loggers, TimeProvider.System) { Reloading = manager is null ? null : manager.Reloading };
        var health = new HealthWatch(() => [.. follower.Hearts, .. sinks.Hearts], log, TimeProvider.System);
        using var over = new CancellationTokenSource();
        signals.OnReload(follower.LookNow);
        var store = new ConnectorStore(path, environment) { Deleted = DeletedConnectors.Mark };
        AdminHost api = await AdminHost.StartAsync(admin, store, follower, loggers, notLive: () => health.Fault).ConfigureAwait(false);
        OtlpExport? export = OtlpExport.Start(telemetry, follower, lines, loggers, TimeProvider.System, api.Counts);
        Task<long> running = bridge.RunAsync(drain, stop.Token);
        if (until is not null)
            _ = StopAfterAsync(until(bridge), stop);
        _ = health.RunAsync(over.Token);
        Task status = new StatusTopic(() => bridge.StatusTopic, () => follower.Status, loggers, TimeProvider.System).RunAsync(over.Token);
        if (manager is not null)
            Tell(manager, follower, health, drain, stop.Token, over.Token);
        Task following = follower.RunAsync(stop.Token);
        _ = ReturnStartMemoryAsync(stop.Token);
        long left = await running.ConfigureAwait(false);
        RunLog.Ended(log, left);
        await over.CancelAsync().ConfigureAwait(false);
        await Task.WhenAny(EndAsync(bridge, sinks, following, status, api, export), Task.Delay(EndingTime)).ConfigureAwait(false);
        return CommandTree.Done;
    }

    private static async Task StopAfterAsync(Task end, CancellationTokenSource stop)
    {
        await end.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await stop.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>From now on, beside everything else.</summary>
    /// <param name="stop">The end begins.</param>
    /// <param name="over">The drain is done.</param>
    private static void Tell(ServiceManager manager, BridgeFollower follower, HealthWatch health, TimeSpan drain, CancellationToken stop, CancellationToken over)
    {
        string State() => new Summary(follower.Status).Line;
        manager.Ready(State());
        stop.UnsafeRegister(_ => manager.Stopping(drain), null);
        _ = manager.FeedAsync(() => health.Fault, over);
        _ = manager.TellStateAsync(State, over);
    }

    /// <summary>
    /// When the connectors have had time to connect, what only the start needed is garbage, or cold; no collection would come by itself for long, as almost nothing is allocated from here on.
    /// Twice: once before the first load brings its own needs and the peak is both together, once behind a slow start. A collection takes 5 to 11 ms with a hundred connectors at work.
    /// </summary>
    private static async Task ReturnStartMemoryAsync(CancellationToken stop)
    {
        foreach (double seconds in new[] { 0.25, 2 })
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
                return;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            NativeMemory.ReturnStartCode();
        }
    }

    private static async Task EndAsync(Bridge bridge, KafkaSinkFactory sinks, Task following, Task status, AdminHost api, OtlpExport? export)
    {
        // Beside the others: a client that keeps its connection open must not take from their time.
        Task closing = Task.WhenAll(status, api.DisposeAsync().AsTask(), export?.DisposeAsync().AsTask() ?? Task.CompletedTask);
        await following.ConfigureAwait(false);
        await bridge.DisposeAsync().ConfigureAwait(false);
        await sinks.DisposeAsync().ConfigureAwait(false);
        await closing.ConfigureAwait(false);
    }

    /// <summary>A folder that cannot be written is no fault of the connectors: only a dead letter would need it, and would hold its connector.</summary>
    private static string? StateDirTrouble(string stateDir)
    {
        try
        {
            Directory.CreateDirectory(stateDir);
            string probe = Path.Combine(stateDir, $".probe-{Environment.ProcessId}");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"state_dir {stateDir} cannot be written ({e.Message.TrimEnd('.')}): a record that Kafka can never take would hold its connector; set state_dir to a folder of the service's";
        }
    }

    private static partial class RunLog
    {
        [LoggerMessage(4000, LogLevel.Information, "fastbridge {Version} runs {Connectors} of {File}")]
        public static partial void Starting(ILogger log, string version, string file, string connectors);

        [LoggerMessage(4001, LogLevel.Warning, "{Text}")]
        public static partial void Warned(ILogger log, string text);

        [LoggerMessage(4002, LogLevel.Information, "stopped; {Left} messages left to the broker")]
        public static partial void Ended(ILogger log, long left);
    }
}
