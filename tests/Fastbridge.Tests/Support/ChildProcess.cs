using System.Diagnostics;
using System.Globalization;

namespace Fastbridge.Tests.Support;

/// <summary>A process that a test started: its lines as they come, signals, its end. Killed when disposed, and when the test process dies.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>How long the output may stay open behind the process that wrote it: what is in the pipe is read in no time.</summary>
    private static readonly TimeSpan OutputGuard = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ChildProcess(Process process, string name)
    {
        _process = process;
        Output = new LineLog($"{name} stdout");
        Error = new LineLog($"{name} stderr");
        Name = name;
    }

    public string Name { get; }

    public int Id => _process.Id;

    public LineLog Output { get; }

    public LineLog Error { get; }

    /// <summary>The exit code (128 + n after signal n), once the process has ended and all its output has been read.</summary>
    public Task<int> Exit { get; private set; } = null!;

    public bool HasExited => _process.HasExited;

    /// <param name="environment">Added to this process's own; a null value removes.</param>
    public static ChildProcess Start(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? workingDirectory = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>()) start.Environment[name] = value;
        var child = new ChildProcess(new Process { StartInfo = start, EnableRaisingEvents = true }, Path.GetFileName(file));
        child._process.Exited += (_, _) => child._gone.TrySetResult();
        child._process.OutputDataReceived += (_, e) => child.Output.Add(e.Data);
        child._process.ErrorDataReceived += (_, e) => child.Error.Add(e.Data);
        child._process.Start();
        Reaper.Add(child.Id);
        child._process.StandardInput.Close();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        child.Exit = child.WaitAsync();
        return child;
    }

    /// <summary>Runs to the end and returns the exit code.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, TimeSpan? guard = null)
    {
        await using ChildProcess child = Start(file, arguments, environment);
        int code = await child.WaitForExitAsync(guard);
        return (code, child.Output.Text, child.Error.Text);
    }

    public void Signal(UnixSignal signal)
    {
        if (!_process.HasExited) Reaper.Signal(_process.Id, signal);
    }

    /// <summary>The exit code; fails where the process has not ended when the guard (default <see cref="TestTools.Guard"/>) has run out.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan? guard = null)
    {
        try
        {
            return await Exit.WaitAsync(guard ?? TestTools.Guard);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{Name} (pid {Id}) has not ended after {(guard ?? TestTools.Guard).TotalSeconds} s; it said:\n{Error.Tail}");
        }
    }

    /// <summary>Peak resident memory so far, MB (VmHWM). The process must be running.</summary>
    public double PeakMemoryMb => Status("VmHWM:") / 1024.0;

    /// <summary>Resident memory now, MB (VmRSS).</summary>
    public double MemoryMb => Status("VmRSS:") / 1024.0;

    /// <summary>User and system time so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            // The name in parentheses may hold spaces; fields 14 and 15 of proc(5) are the 12th and 13th behind it, in ticks of 10 ms.
            string stat = File.ReadAllText($"/proc/{Id}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return TimeSpan.FromMilliseconds(10 * (Number(fields[11]) + Number(fields[12])));
        }
    }

    /// <summary>Which part of one core it uses, measured for so long. Waits for nothing.</summary>
    public async Task<double> BusyAsync(TimeSpan span)
    {
        TimeSpan before = Cpu;
        var clock = Stopwatch.StartNew();
        await Task.Delay(span, TestContext.Current.CancellationToken);
        return (Cpu - before) / clock.Elapsed;
    }

    public async ValueTask DisposeAsync()
    {
        Signal(UnixSignal.Kill);
        await WaitForExitAsync();
        _process.Dispose();
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private long Status(string field)
    {
        string line = File.ReadLines($"/proc/{Id}/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return Number(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim());
    }

    private async Task<int> WaitAsync()
    {
        await _gone.Task;
        Reaper.Drop(_process.Id);
        try
        {
            await _process.WaitForExitAsync().WaitAsync(OutputGuard);
        }
        catch (TimeoutException)
        {
            // A process that it left behind has inherited its output, and may keep it open for ever.
            Error.Add($"({Name} has ended, and another process still holds its output)");
        }

        Output.End();
        Error.End();
        return _process.ExitCode;
    }
}
