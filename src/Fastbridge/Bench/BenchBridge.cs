using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Fastbridge.Bench;

/// <summary>What the bridge's process has used and done.</summary>
/// <param name="cpuSeconds">User and system time.</param>
/// <param name="allocated">Managed bytes since its start.</param>
/// <param name="peakBytes">Of resident memory.</param>
/// <param name="delivered">Records that Kafka has acknowledged.</param>
internal sealed class BridgeUse(double cpuSeconds, long allocated, long peakBytes, long delivered)
{
    public double CpuSeconds => cpuSeconds;

    public long Allocated => allocated;

    public long PeakBytes => peakBytes;

    public long Delivered => delivered;

    public string Line() => string.Create(CultureInfo.InvariantCulture, $"{cpuSeconds:F6} {allocated} {peakBytes} {delivered}");

    public static BridgeUse? Parse(string? line) => line?.Split(' ') is [{ } cpu, { } allocated, { } peak, { } delivered]
        && double.TryParse(cpu, CultureInfo.InvariantCulture, out double c) && long.TryParse(allocated, CultureInfo.InvariantCulture, out long a)
        && long.TryParse(peak, CultureInfo.InvariantCulture, out long p) && long.TryParse(delivered, CultureInfo.InvariantCulture, out long d)
        ? new BridgeUse(c, a, p, d)
        : null;
}

/// <summary>The bridge under test, in a process of its own, so that its CPU, memory and allocation are not the load source's. One thread, but for the log's last line.</summary>
internal sealed class BenchBridge : IDisposable
{
    /// <summary>Its drain is shorter.</summary>
    private static readonly TimeSpan EndingTime = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(60);

    private static readonly string[] Others = ["FASTBRIDGE_", "OTEL_", "NOTIFY_SOCKET", "WATCHDOG_", "JOURNAL_STREAM"];

    private readonly Process _process;
    private readonly Task _following;
    private volatile string _lastLine = "it said nothing";

    private BenchBridge(Process process)
    {
        _process = process;
        _following = Task.Factory.StartNew(Follow, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The log's last line: why nothing goes on.</summary>
    public string LastLine => _lastLine;

    public bool HasExited => _process.HasExited;

    /// <exception cref="BenchException">This executable cannot be started again.</exception>
    public static BenchBridge Start(string configFile)
    {
        string program = Environment.ProcessPath ?? throw new BenchException("this executable's own path is not known; start it by its path");
        var start = new ProcessStartInfo(program, ["bench-bridge", "--config", configFile]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        // What is measured is the default, whatever this shell's services are told; and a collector or systemd must not hear of it.
        foreach (string name in new List<string>(start.Environment.Keys))
        {
            if (Array.Exists(Others, o => name.StartsWith(o, StringComparison.Ordinal)))
                start.Environment.Remove(name);
        }

        try
        {
            return new BenchBridge(Process.Start(start)!);
        }
        catch (Win32Exception e)
        {
            throw new BenchException($"{program} cannot be started again ({e.Message}); is it still there?");
        }
    }

    /// <summary>Asks it.</summary>
    /// <exception cref="BenchException">It has ended, or does not answer.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public BridgeUse Look(CancellationToken stop)
    {
        try
        {
            _process.StandardInput.Write("look\n");
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            throw Ended();
        }

        Task<string?> answer = Task.Run(_process.StandardOutput.ReadLine, CancellationToken.None);
        return answer.Wait((int)AnswerTime.TotalMilliseconds, stop) && BridgeUse.Parse(answer.Result) is { } use ? use : throw Ended();
    }

    public BenchException Ended() => new($"the bridge under test has ended or hangs: {_lastLine}");

    /// <summary>Asks it for a clean end, which it makes within its drain; where it does not, ends it.</summary>
    public void Dispose()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended before.
        }

        if (!_process.WaitForExit(EndingTime))
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _following.Wait();
        _process.Dispose();
    }

    private void Follow()
    {
        while (_process.StandardError.ReadLine() is { } line)
            _lastLine = line;
    }
}
