using System.Collections.Immutable;

namespace Fastbridge.Core.Config;

/// <summary>What <see cref="ConnectorsFile"/> made of a file: a configuration to run, or everything that is wrong with it.</summary>
public sealed record LoadResult
{
    /// <summary>Complete and valid; null where there is a fault.</summary>
    public BridgeConfig? Config { get; init; }

    /// <summary>All faults, in the order of the file; empty where <see cref="Config"/> is there.</summary>
    public ImmutableArray<Fault> Faults { get; init; } = [];

    /// <summary>What is allowed and weakens a promise (acks 1, a session that does not last, unchecked certificates): a line each, as <see cref="Fault.ToString"/> has it.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>
    /// Full paths of the files that <c>${file:}</c> names and of those of TLS, at both ends, also of those that could not be read: when one changes, so may the result.
    /// </summary>
    public ImmutableArray<string> WatchedFiles { get; init; } = [];
}
