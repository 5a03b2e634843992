namespace Fastbridge.Tests.Support;

/// <summary>Lines as they arrive, and waiting for one. Thread-safe.</summary>
public sealed class LineLog(string name)
{
    private readonly List<string> _lines = [];
    private TaskCompletionSource _changed = New();
    private bool _ended;

    /// <summary>How many lines there are: a mark from which to wait for what comes next.</summary>
    public int Count
    {
        get
        {
            lock (_lines) return _lines.Count;
        }
    }

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    public string Text => string.Join('\n', Lines);

    /// <summary>The last 40 lines, for failure messages.</summary>
    public string Tail => string.Join('\n', Lines.TakeLast(40));

    /// <summary>Takes one line; null (the end of a stream) is ignored.</summary>
    public void Add(string? line)
    {
        if (line is null) return;
        lock (_lines)
        {
            _lines.Add(line);
            Wake();
        }
    }

    /// <summary>No line will follow: whoever still waits fails now.</summary>
    public void End()
    {
        lock (_lines)
        {
            _ended = true;
            Wake();
        }
    }

    /// <summary>The first line from <paramref name="from"/> on that holds all the words (case ignored).</summary>
    public Task<string> WaitForAsync(string[] words, int from = 0, TimeSpan? guard = null) =>
        WaitForAsync(line => words.All(w => line.Contains(w, StringComparison.OrdinalIgnoreCase)), string.Join(" … ", words), from, guard);

    /// <summary>The first line from <paramref name="from"/> on that matches.</summary>
    public async Task<string> WaitForAsync(Func<string, bool> matches, string what, int from = 0, TimeSpan? guard = null)
    {
        DateTime deadline = DateTime.UtcNow + (guard ?? TestTools.Guard);
        int next = from;
        while (true)
        {
            Task changed;
            lock (_lines)
            {
                for (; next < _lines.Count; next++)
                {
                    if (matches(_lines[next])) return _lines[next];
                }

                if (_ended) throw new InvalidOperationException($"{name} ended without a line with '{what}'; it said:\n{Tail}");
                changed = _changed.Task;
            }

            TimeSpan left = deadline - DateTime.UtcNow;
            try
            {
                await changed.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            }
            catch (TimeoutException)
            {
                throw new TimeoutException($"{name} has no line with '{what}' after {(guard ?? TestTools.Guard).TotalSeconds} s; it said:\n{Tail}");
            }
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Wake()
    {
        TaskCompletionSource old = _changed;
        _changed = New();
        old.TrySetResult();
    }
}
