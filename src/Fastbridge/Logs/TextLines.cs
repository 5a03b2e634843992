using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Fastbridge.Logs;

/// <summary>One line an event, for people and for the journal.</summary>
internal sealed class TextLines(LogFormat format, TimeProvider time) : ConsoleFormatter(LogOutput.FormatterName)
{
    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        string text = entry.Formatter(entry.State, entry.Exception);
        if (format is LogFormat.Journal)
        {
            textWriter.Write(Priority(entry.LogLevel));
        }
        else
        {
            textWriter.Write(time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fff'Z '", CultureInfo.InvariantCulture));
            textWriter.Write(format is LogFormat.Colour ? Coloured(entry.LogLevel) : LogOutput.NameOf(entry.LogLevel).PadRight(6));
        }

        // Names and reasons come from files and networks: a line break in one must not forge a log line.
        textWriter.Write(LogOutput.OneLine(text));
        if (entry.Exception is { } e)
            textWriter.Write($": {e.GetType().Name}: {LogOutput.OneLine(e.Message)}");
        textWriter.Write('\n');
    }

    private static string Priority(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "<7>",
        LogLevel.Information => "<6>",
        LogLevel.Warning => "<4>",
        LogLevel.Error => "<3>",
        _ => "<2>",
    };

    private static string Coloured(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "\e[2mdebug\e[0m ",
        LogLevel.Information => "info  ",
        LogLevel.Warning => "\e[33mwarn\e[0m  ",
        _ => "\e[31merror\e[0m ",
    };
}
