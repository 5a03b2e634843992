using System.Collections.Immutable;
using System.Globalization;

namespace Fastbridge.Core.Config.Schema;

/// <summary>The object of the file that a key stands in.</summary>
public enum KeySection
{
    /// <summary>The file's outermost object.</summary>
    File,

    /// <summary>An item of <c>connectors</c>.</summary>
    Connector,

    /// <summary><c>mqtt</c>, of the file or of a connector.</summary>
    Mqtt,

    /// <summary><c>mqtt.will</c>.</summary>
    Will,

    /// <summary><c>mqtt.tls</c>.</summary>
    Tls,

    /// <summary><c>config</c> of a connector.</summary>
    Kafka,

    /// <summary><c>config.tls</c>.</summary>
    KafkaTls,

    /// <summary><c>config.sasl</c>.</summary>
    KafkaSasl,

    /// <summary><c>buffer</c> of a connector.</summary>
    Buffer,
    /// <summary><c>failure_strategy</c> of a connector.</summary>
    Failure,

    /// <summary><c>rate_limit</c> of a connector.</summary>
    RateLimit,
}

/// <summary>What a key takes.</summary>
public enum KeyType
{
    /// <summary>Text; <see cref="KnownKey.Min"/> and <see cref="KnownKey.Max"/> bound its characters.</summary>
    Text,

    /// <summary>Text with placeholders (<see cref="Records.Template"/>).</summary>
    Template,

    /// <summary>A text, or a list of texts.</summary>
    TextOrList,

    /// <summary>A whole number within <see cref="KnownKey.Min"/> and <see cref="KnownKey.Max"/>.</summary>
    Number,

    /// <summary>Seconds, with decimals where wanted; bounds in milliseconds.</summary>
    Seconds,

    /// <summary>true or false.</summary>
    Flag,

    /// <summary>One of <see cref="KnownKey.Choices"/>.</summary>
    Choice,

    /// <summary>Unix seconds, or <c>2024-01-31 10:00:00</c> (UTC).</summary>
    Time,

    /// <summary>An object with keys of its own.</summary>
    Section,

    /// <summary>An object whose names the user chooses.</summary>
    Map,

    /// <summary>A list of objects.</summary>
    List,
}

/// <summary>One key of the connectors file: the one truth that reading, the faults' hints, <c>--help</c> and the documentation share.</summary>
/// <param name="Default">What counts where the key is absent, as the file would say it; <c>required</c>; or <c>none</c>.</param>
/// <param name="Meaning">One sentence.</param>
public sealed record KnownKey(KeySection Section, string Name, KeyType Type, string Default, string Meaning)
{
    public const string Required = "required";

    public const string None = "none";

    public long Min { get; init; }

    public long Max { get; init; } = long.MaxValue;

    /// <summary>The values of a <see cref="KeyType.Choice"/>, as they are written.</summary>
    public ImmutableArray<string> Choices { get; init; } = [];

    /// <summary>Other names that are read: newer RobustMQ's.</summary>
    public ImmutableArray<string> Aliases { get; init; } = [];

    public bool IsRequired => Default == Required;

    /// <summary>What may stand there, for faults and documentation: <c>a whole number from 0 to 65535</c>.</summary>
    public string Expects => Type switch
    {
        KeyType.Number => string.Create(CultureInfo.InvariantCulture, $"a whole number from {Min} to {Max}"),
        KeyType.Seconds => string.Create(CultureInfo.InvariantCulture, $"seconds from {Min / 1000m:0.###} to {Max / 1000m:0.###}"),
        KeyType.Flag => "true or false",
        KeyType.Choice => "one of " + string.Join(", ", Choices),
        KeyType.Time => "seconds since 1970, or a time such as \"2024-01-31 10:00:00\"",
        KeyType.Section => "an object",
        KeyType.Map => "an object of names and values",
        KeyType.List => "a list of objects",
        KeyType.TextOrList => "a text or a list of texts" + Length,
        _ => "a text" + Length,
    };

    private string Length => Max == long.MaxValue ? "" : string.Create(CultureInfo.InvariantCulture, $" of {Min} to {Max} characters");
}
