namespace Fastbridge.Logs;

/// <summary>How a log line is written.</summary>
internal enum LogFormat
{
    /// <summary>Time, level, text.</summary>
    Text,

    /// <summary>The same with the level in colour.</summary>
    Colour,

    /// <summary>Priority and text: the journal has the time.</summary>
    Journal,

    /// <summary>A JSON object a line.</summary>
    Json,
}

/// <summary>Which format fits what standard error is.</summary>
internal static class LogFormats
{
    /// <param name="json">Asked for by --log-format.</param>
    /// <param name="variable">The environment.</param>
    /// <param name="isTerminal">Whether standard error is one.</param>
    /// <param name="target">What standard error is, as /proc/self/fd/2 has it: <c>socket:[4711]</c>; null where that is not known.</param>
    public static LogFormat Choose(bool json, Func<string, string?> variable, bool isTerminal, string? target)
    {
        if (json)
            return LogFormat.Json;
        // JOURNAL_STREAM is inherited, also by what writes elsewhere: it names the device and the inode, and the inode must be ours.
        if (variable("JOURNAL_STREAM") is { } stream && stream.IndexOf(':', StringComparison.Ordinal) is > 0 and int colon && target == $"socket:[{stream[(colon + 1)..]}]")
            return LogFormat.Journal;
        return isTerminal && string.IsNullOrEmpty(variable("NO_COLOR")) && variable("TERM") is not (null or "" or "dumb") ? LogFormat.Colour : LogFormat.Text;
    }

    /// <summary>What standard error is; null where /proc does not say.</summary>
    public static string? ErrorTarget()
    {
        try
        {
            return new FileInfo("/proc/self/fd/2").LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
