using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Fastbridge.Logs;

/// <summary>The program's log, on standard error.</summary>
internal static class LogOutput
{
    public const string FormatterName = "line";

    /// <param name="more">Takes the lines too; null: nobody.</param>
    public static ILoggerFactory Create(LogLevels levels, LogFormat format, ILoggerProvider? more = null) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(levels.Lowest);
        builder.AddFilter(levels.IsHeard);
        builder.AddConsole(o =>
        {
            o.FormatterName = FormatterName;
            o.LogToStandardErrorThreshold = LogLevel.Trace;
        });
        if (more is not null)
            builder.AddProvider(more);
        builder.Services.AddSingleton<ConsoleFormatter>(format is LogFormat.Json ? new JsonLines(TimeProvider.System) : new TextLines(format, TimeProvider.System));
    });

    public static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        _ => "error",
    };

    public static string OneLine(string text) => text.AsSpan().ContainsAny('\n', '\r') ? text.ReplaceLineEndings(" ") : text;
}
