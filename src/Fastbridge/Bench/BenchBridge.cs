using System.Diagnostics;
using System.Globalization;

namespace Fastbridge.Bench;

/// <summary>What the bridge's process has used and done.</summary>
/// <param name="Allocated">Managed bytes since its start.</param>
/// <param name="PeakBytes">Of resident memory.</param>
/// <param name="Delivered">Records that Kafka has acknowledged.</param>
internal sealed record BridgeUse(double CpuSeconds, long Allocated, long PeakBytes, long Delivered)
{
    public string Line() => string.Create(CultureInfo.InvariantCulture, $"{CpuSeconds:F6} {Allocated} {PeakBytes} {Delivered}");

    public static BridgeUse? Parse(string? line) => line?.Split(' ') is [{ } cpu, { } allocated, { } peak, { } delivered]
        && double.TryParse(cpu, CultureInfo.InvariantCulture, out double c) && long.TryParse(allocated, CultureInfo.InvariantCulture, out long a)
        && long.TryParse(peak, CultureInfo.InvariantCulture, out long p) && long.TryParse(delivered, CultureInfo.InvariantCulture, out long d)
        ? new BridgeUse(c, a, p, d)
        : null;
}

/// <summary>The bridge under test, in a process of its own, so that its CPU, memory and allocation are not the load source's. Ends with its standard input.</summary>
internal sealed class BenchBridge : IAsyncDisposable
{
    private static readonly TimeSpan EndingTime = TimeSpan.FromSeconds(15);

    private readonly Process _process;
    private readonly Task _reading;
    private volatile string _lastLine = "";

    private BenchBridge(Process process)
    {
        _process = process;
        _reading = FollowAsync();
    }

    /// <summary>The log's last line: why nothing goes on.</summary>
    public string LastLine => _lastLine;

    public bool HasExited => _process.HasExited;

    /// <exception cref="BenchException">This executable cannot be started again.</exception>
    public static BenchBridge Start(string configFile)
    {
        string program = Environment.ProcessPath ?? throw new BenchException("this executable's own path is not known; start it by its path");
        var start = new ProcessStartInfo(program, ["bench-bridge", "--config", configFile]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        return new BenchBridge(Process.Start(start) ?? throw new BenchException($"{program} cannot be started"));
    }

    /// <summary>Asks it.</summary>
    /// <exception cref="BenchException">It has ended, or does not answer.</exception>
    public async Task<BridgeUse> LookAsync(CancellationToken stop)
    {
        try
        {
            await _process.StandardInput.WriteAsync("look\n".AsMemory(), stop).ConfigureAwait(false);
            await _process.StandardInput.FlushAsync(stop).ConfigureAwait(false);
            string? line = await _process.StandardOutput.ReadLineAsync(stop).AsTask().WaitAsync(TimeSpan.FromSeconds(60), stop).ConfigureAwait(false);
            return BridgeUse.Parse(line) ?? throw Ended();
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            throw Ended();
        }
    }

    public BenchException Ended() => new($"the bridge under test has ended or hangs: {(_lastLine.Length > 0 ? _lastLine : "it said nothing")}");

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended before.
        }

        try
        {
            await _process.WaitForExitAsync().WaitAsync(EndingTime).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _process.Kill();
            await _process.WaitForExitAsync().ConfigureAwait(false);
        }

        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _process.Dispose();
    }

    private async Task FollowAsync()
    {
        while (await _process.StandardError.ReadLineAsync().ConfigureAwait(false) is { } line)
            _lastLine = line;
    }
}
