using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Fastbridge.Cli;

/// <summary>One line an event, on stderr: time (UTC), level, text.</summary>
internal static class Logging
{
    /// <param name="more">Takes the lines too; null: nobody.</param>
    public static ILoggerFactory Create(LogLevel level, ILoggerProvider? more = null) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(level);
        builder.AddConsole(o =>
        {
            o.FormatterName = LineFormatter.FormatterName;
            o.LogToStandardErrorThreshold = LogLevel.Trace;
        });
        if (more is not null)
            builder.AddProvider(more);
        builder.Services.AddSingleton<ConsoleFormatter>(new LineFormatter(TimeProvider.System));
    });

    private sealed class LineFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
    {
        public const string FormatterName = "line";

        public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
        {
            string text = entry.Formatter(entry.State, entry.Exception);
            textWriter.Write(time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fff'Z '", System.Globalization.CultureInfo.InvariantCulture));
            textWriter.Write(entry.LogLevel switch
            {
                LogLevel.Trace or LogLevel.Debug => "debug ",
                LogLevel.Information => "info  ",
                LogLevel.Warning => "warn  ",
                _ => "error ",
            });
            // Names and reasons come from files and networks: a line break in one must not forge a log line.
            textWriter.Write(text.AsSpan().ContainsAny('\n', '\r') ? text.ReplaceLineEndings(" ") : text);
            if (entry.Exception is { } e)
                textWriter.Write($": {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}");
            textWriter.Write('\n');
        }
    }
}
