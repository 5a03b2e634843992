using System.Diagnostics;

namespace Fastbridge.Tests.Support;

/// <summary><c>fastbridge run</c> as users run it: the published executable, as a process.</summary>
public sealed class BridgeProcess : IAsyncDisposable
{
    private BridgeProcess(ChildProcess process) => Process = process;

    public ChildProcess Process { get; }

    /// <summary>stderr: the bridge's log.</summary>
    public LineLog Log => Process.Error;

    /// <summary>Starts <c>fastbridge run --config FILE</c>; returns at once. Without --admin it has no admin API: many bridges run here at once, and there is one default port.</summary>
    public static BridgeProcess Start(string configFile, IReadOnlyDictionary<string, string?>? environment = null, params string[] more) =>
        new(ChildProcess.Start(TestTools.RequireExecutable(), ["run", "--config", configFile, .. more.Contains("--admin") ? [] : (string[])["--no-admin"], .. more], environment));

    /// <summary>
    /// Starts <c>fastbridge run --config FILE</c> through another command (<c>unshare</c>, <c>sh -c</c>), which gets executable and arguments behind its own and must
    /// replace itself by them: signals go to what was started.
    /// </summary>
    public static BridgeProcess StartThrough(string command, IEnumerable<string> arguments, string configFile, IReadOnlyDictionary<string, string?>? environment = null) =>
        new(ChildProcess.Start(command, [.. arguments, TestTools.RequireExecutable(), "run", "--config", configFile], environment));

    /// <summary>Runs a command to its end.</summary>
    public static Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        ChildProcess.RunAsync(TestTools.RequireExecutable(), arguments);

    /// <summary>The first log line from <paramref name="from"/> on that names the connector and this word: connected, subscribed, lost.</summary>
    public Task<string> WaitForAsync(string connector, string word, int from = 0) => Log.WaitForAsync([$"{connector}:", word], from);

    /// <summary>SUBACK came, or the broker resumed a session, which has its subscriptions.</summary>
    public Task WaitForSubscriptionAsync(string connector, int from = 0) => Log.WaitForAsync(
        line => line.Contains($"{connector}: subscribed", StringComparison.Ordinal) || (line.Contains($"{connector}: connected", StringComparison.Ordinal) && line.Contains("session resumed", StringComparison.Ordinal)),
        $"{connector}: subscribed, or session resumed",
        from);

    /// <summary>Ends the bridge by a signal; returns its exit code and how long it took.</summary>
    public async Task<(int Code, TimeSpan Took)> StopAsync(UnixSignal signal = UnixSignal.Terminate)
    {
        var clock = Stopwatch.StartNew();
        Process.Signal(signal);
        int code = await Process.WaitForExitAsync();
        return (code, clock.Elapsed);
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
