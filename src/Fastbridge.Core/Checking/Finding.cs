using System.Collections.Immutable;

namespace Fastbridge.Core.Checking;

/// <summary>What a check found of one thing.</summary>
public enum FindingLevel
{
    Ok,

    /// <summary>It runs, and may not do what is wanted; or it could not be asked.</summary>
    Warn,

    /// <summary>The connector would not carry messages.</summary>
    Fail,
}

/// <summary>One line of a check's report. Holds no secret.</summary>
public sealed record Finding
{
    /// <summary>The connectors it concerns, in the file's order; empty for the file as a whole.</summary>
    public ImmutableArray<string> Connectors { get; init; } = [];

    /// <summary>The end: an MQTT address, <c>kafka HOST:PORT</c>, or <c>file</c>.</summary>
    public required string End { get; init; }

    /// <summary>What was looked at: <c>connect</c>, <c>subscribe a/+/b</c>, <c>topic readings</c>, …</summary>
    public required string What { get; init; }

    public required FindingLevel Level { get; init; }

    /// <summary>One line.</summary>
    public required string Text { get; init; }

    /// <summary>What to do; null where nothing is to be done, or the text says it.</summary>
    public string? Remedy { get; init; }
}
