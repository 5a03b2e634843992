using Fastbridge.Core.Config;

namespace Fastbridge.Core.Live;

/// <summary>Where the connectors come from: what runs asks this, never a file.</summary>
public interface IConnectorSource
{
    /// <summary>For messages and the status: the file's path.</summary>
    string Name { get; }

    /// <summary>
    /// Reads what stands there now. Never throws for what it holds: that is a fault of the result. Gives the very same object again while nothing has changed. One
    /// thread at a time.
    /// </summary>
    SourceReading Read();

    /// <summary>Completes when it may have changed since the last <see cref="Read"/>; too often is allowed, too late is not (two seconds).</summary>
    Task WaitForChangeAsync(CancellationToken cancellation);
}

/// <summary>What was read.</summary>
/// <param name="Revision">Changes with the text; opaque. Empty where nothing could be read.</param>
public sealed record SourceReading(LoadResult Result, string Revision);
