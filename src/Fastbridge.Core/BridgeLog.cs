using Microsoft.Extensions.Logging;

namespace Fastbridge.Core;

/// <summary>Log lines of the bridge as a whole, ids 2100 to 2199.</summary>
internal static partial class BridgeLog
{
    [LoggerMessage(2100, LogLevel.Information, "stopping {Connectors}; at most {DrainSeconds} s")]
    public static partial void Stopping(ILogger log, string connectors, double drainSeconds);

    [LoggerMessage(2101, LogLevel.Warning, "{Text}")]
    public static partial void Warned(ILogger log, string text);

    [LoggerMessage(2102, LogLevel.Information, "{Connector}: {Why}, for at most {CleanupTimeoutSecs} s")]
    public static partial void Leaving(ILogger log, string connector, string why, int cleanupTimeoutSecs);

    [LoggerMessage(2110, LogLevel.Information, "{Source} has changed: {Connectors}, revision {Revision}")]
    public static partial void Applied(ILogger log, string source, string connectors, string revision);

    [LoggerMessage(2111, LogLevel.Error, "{Source} cannot be used, and what ran before runs on: {Fault}")]
    public static partial void Faulty(ILogger log, string source, string fault);

    [LoggerMessage(2112, LogLevel.Information, "{Source} is sound again")]
    public static partial void Sound(ILogger log, string source);

    [LoggerMessage(2113, LogLevel.Information, "{Source} was read again, and nothing has changed")]
    public static partial void Unchanged(ILogger log, string source);

    [LoggerMessage(2114, LogLevel.Error, "the connectors could not be followed: {Reason} (this is a bug of fastbridge); tried again")]
    public static partial void FollowFailed(ILogger log, string reason);

    /// <summary>1 connector, 2 connectors.</summary>
    public static string Connectors(int count) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{count} connector{(count == 1 ? "" : "s")}");
}
