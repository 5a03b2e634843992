using Fastbridge.Tests.EndToEnd;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.FaultMatrix;

/// <summary>One at a time, as <see cref="HeavyTests"/>, and beside those: most of both is waiting for servers.</summary>
[CollectionDefinition(Name)]
public sealed class FaultTests
{
    public const string Name = "fault matrix";
}

/// <summary>A row of the fault matrix on the published executable. What needs a machine's means (root, a namespace, a compiler) asks for it and is skipped by name.</summary>
public abstract class FaultTest(Lab lab) : EndToEndTest(lab)
{
    /// <summary>Of a core, with nothing to do or nothing that can be done: far above what waiting costs, far below a loop that spins.</summary>
    protected const double SpinningCpu = 0.5;

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Waits for what no log line tells; asked every 20 ms.</summary>
    protected static async Task UntilAsync(Func<bool> what, string name)
    {
        DateTime deadline = DateTime.UtcNow + TestTools.Guard;
        while (!what())
        {
            Assert.True(DateTime.UtcNow < deadline, $"{name}: not after {TestTools.Guard.TotalSeconds} s");
            await Task.Delay(20, Cancelled);
        }
    }

    /// <summary>The bridge waits, and does not turn in a loop.</summary>
    protected static async Task AssertDoesNotSpinAsync(BridgeProcess bridge, int seconds = 2)
    {
        double used = await bridge.Process.BusyAsync(TimeSpan.FromSeconds(seconds));
        Note($"CPU while it waits: {used:P0} of a core");
        Assert.True(used < SpinningCpu, $"the bridge uses {used:P0} of a core with nothing that it could do");
    }

    /// <summary>Reads until the fleets' messages are there, ends the bridge in good order, and counts all there is.</summary>
    protected static async Task CheckAsync(Ledger ledger, BridgeProcess bridge, int repeats, params Fleet[] fleets)
    {
        await ledger.ReadAllAsync(fleets, TestTools.Guard);
        await EndAsync(bridge);
        await ledger.ReadToEndAsync();
        Note($"{fleets.Sum(f => f.Acknowledged)} messages, {ledger.Count} records, {ledger.Repeats(fleets)} repeated");
        ledger.Check(fleets, repeats);
    }

    /// <summary>As <see cref="EndToEndTest.Start"/>, through another command.</summary>
    protected BridgeProcess StartThrough(string command, IEnumerable<string> arguments, string file, IReadOnlyDictionary<string, string?>? environment = null)
    {
        BridgeProcess bridge = Own(BridgeProcess.StartThrough(command, arguments, file, environment));
        Own(new LogNote(bridge));
        return bridge;
    }

    /// <summary>Runs a small command; skips the test where it fails, with the reason.</summary>
    protected static async Task RequireAsync(string means, string command, params string[] arguments)
    {
        (int code, string error) = await TryRunAsync(command, arguments);
        if (code != 0) TestTools.Skip($"{means} cannot be had here: {command} {string.Join(' ', arguments)}: {error.Trim().ReplaceLineEndings(" ")}");
    }

    /// <summary>Runs a command that must succeed.</summary>
    protected static async Task RunAsync(string command, params string[] arguments)
    {
        (int code, string error) = await TryRunAsync(command, arguments);
        Assert.True(code == 0, $"{command} {string.Join(' ', arguments)} failed with {code}: {error}");
    }

    private static async Task<(int Code, string Error)> TryRunAsync(string command, string[] arguments)
    {
        try
        {
            (int code, _, string error) = await ChildProcess.RunAsync(command, arguments);
            return (code, error);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (127, e.Message);
        }
    }

    private sealed class LogNote(BridgeProcess bridge) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            Note($"--- log of bridge {bridge.Process.Id}\n{bridge.Log.Tail}");
            return ValueTask.CompletedTask;
        }
    }
}
