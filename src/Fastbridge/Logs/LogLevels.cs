using System.Collections.Immutable;
using Fastbridge.Cli;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Logs;

/// <summary>From which level on each part of the program is heard. Immutable.</summary>
internal sealed class LogLevels
{
    /// <summary>The parts, as they stand in a level's text and in JSON lines.</summary>
    public static readonly ImmutableArray<string> Parts = ["core", "mqtt", "kafka", "admin", "otlp"];

    private const string Choices = "debug, info, warn or error";

    private readonly LogLevel[] _levels = new LogLevel[Parts.Length];

    private LogLevels(LogLevel all) => Array.Fill(_levels, all);

    /// <summary>The lowest of all.</summary>
    public LogLevel Lowest
    {
        get
        {
            LogLevel lowest = LogLevel.None;
            foreach (LogLevel level in _levels)
                lowest = level < lowest ? level : lowest;
            return lowest;
        }
    }

    /// <param name="text">A level for all, then perhaps others for parts: <c>info,mqtt=debug,kafka=warn</c>. Without one for all that is info.</param>
    /// <exception cref="SettingsException">Neither a level nor a part; one line with the remedy.</exception>
    public static LogLevels Parse(string text)
    {
        var levels = new LogLevels(LogLevel.Information);
        // First what is for all, wherever it stands.
        foreach (string item in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!item.Contains('=', StringComparison.Ordinal))
                Array.Fill(levels._levels, Level(item, text));
        }

        foreach (string item in text.Split(',', StringSplitOptions.TrimEntries))
        {
            int equals = item.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                continue;
            int part = Parts.IndexOf(item[..equals].Trim().ToLowerInvariant());
            if (part < 0)
                throw new SettingsException($"--log-level (FASTBRIDGE_LOG_LEVEL): \"{item[..equals]}\" is no part of fastbridge; the parts are {string.Join(", ", Parts)}");
            levels._levels[part] = Level(item[(equals + 1)..].Trim(), text);
        }

        return levels;
    }

    /// <summary>The part that a logger's category belongs to: core where nothing else is known, as connectors' loggers have the connectors' names.</summary>
    public static string PartOf(string? category) => category switch
    {
        "Fastbridge.Mqtt" => "mqtt",
        "Fastbridge.Kafka" => "kafka",
        "fastbridge.admin" => "admin",
        "fastbridge.otlp" => "otlp",
        _ => "core",
    };

    public bool IsHeard(string? category, LogLevel level) => level >= _levels[Parts.IndexOf(PartOf(category))];

    private static LogLevel Level(string name, string whole) => name.ToLowerInvariant() switch
    {
        "debug" => LogLevel.Debug,
        "info" => LogLevel.Information,
        "warn" => LogLevel.Warning,
        "error" => LogLevel.Error,
        _ => throw new SettingsException($"--log-level (FASTBRIDGE_LOG_LEVEL): \"{name}\" in \"{whole}\" is not a level; use {Choices}, and for parts as in info,mqtt=debug"),
    };
}
