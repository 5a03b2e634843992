using System.Collections.Immutable;

namespace Fastbridge.Admin;

/// <summary>What a member of a request or an answer may hold.</summary>
internal enum MemberType
{
    Text,

    /// <summary>A whole number from 0.</summary>
    Count,

    /// <summary>A number with a fraction.</summary>
    Rate,

    /// <summary>A point in time, RFC 3339 in UTC.</summary>
    Time,

    /// <summary>true or false; in answers only.</summary>
    Truth,

    Object,

    List,

    /// <summary>A list of numbers, null where there was none; in answers only.</summary>
    Rates,

    /// <summary>An object, or its JSON as a string, as RobustMQ has it.</summary>
    JsonText,

    /// <summary>A string or a list of strings.</summary>
    Texts,
}

/// <summary>A query parameter, or a member of a body: what requests are checked by, and what the OpenAPI document is made from.</summary>
/// <param name="Meaning">One line, without a full stop.</param>
internal sealed record Member(string Name, MemberType Type, string Meaning)
{
    public bool Required { get; init; }

    /// <summary>In answers: may be null.</summary>
    public bool Nullable { get; init; }

    /// <summary>Another name that is taken for it; null where there is none.</summary>
    public string? Alias { get; init; }

    /// <summary>The only values of a Text; empty: any.</summary>
    public ImmutableArray<string> Choices { get; init; } = [];

    /// <summary>Of an Object, or of each element of a List; empty: whatever stands there (an object) or texts (a list).</summary>
    public ImmutableArray<Member> Members { get; init; } = [];

    /// <summary>Bounds of a Count.</summary>
    public long Least { get; init; }

    /// <summary>Default: what a double, and so JavaScript, still counts.</summary>
    public long Most { get; init; } = (1L << 53) - 1;
}
