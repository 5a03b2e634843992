using System.Diagnostics;

namespace Fastbridge.Bench;

/// <summary>How far the bench is: on a terminal one line that is written over each second, else a line each ten seconds. One thread at a time.</summary>
internal sealed class ProgressLine(TextWriter output, bool isTerminal)
{
    // ECMA-48: erase to the end of the line.
    private const string Erase = "\r\u001b[K";

    private readonly TimeSpan _every = TimeSpan.FromSeconds(isTerminal ? 1 : 10);
    private long _shown = Stopwatch.GetTimestamp();
    private bool _stands;

    /// <summary>Time for another look.</summary>
    /// <param name="since">How long ago the last one was.</param>
    public bool IsDue(out TimeSpan since)
    {
        since = Stopwatch.GetElapsedTime(_shown);
        return since >= _every;
    }

    public void Show(string line)
    {
        _shown = Stopwatch.GetTimestamp();
        if (isTerminal)
            output.Write($"\r{line}\u001b[K");
        else
            output.WriteLine(line);
        _stands = isTerminal;
    }

    /// <summary>A line that stays.</summary>
    public void Say(string line)
    {
        Clear();
        output.WriteLine(line);
    }

    /// <summary>The terminal's line is free.</summary>
    public void Clear()
    {
        if (_stands)
            output.Write(Erase);
        _stands = false;
    }
}
