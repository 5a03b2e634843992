using System.Collections.Immutable;
using Fastbridge.Core.Config;

namespace Fastbridge.Core.Records;

/// <summary>Makes a connector's encoder. A new format is one entry here and one subclass of <see cref="RecordEncoder"/> in a file of its own.</summary>
public static class RecordEncoderFactory
{
    private static readonly ImmutableArray<(string Name, Func<RecordTemplates, IRecordEncoder> Create)> Registry =
    [
        ("robustmq", templates => new RobustMqEncoder(templates)),
        ("raw", templates => new RawEncoder(templates)),
    ];

    /// <summary>The values that <c>format</c> may have; the first is the default.</summary>
    public static ImmutableArray<string> Formats { get; } = [.. Registry.Select(f => f.Name)];

    /// <exception cref="ArgumentException">The format is unknown or a template faulty. The validator finds both at load, with their place in the file.</exception>
    public static IRecordEncoder Create(KafkaConfig kafka, RecordConfig record)
    {
        foreach ((string name, Func<RecordTemplates, IRecordEncoder> create) in Registry)
        {
            if (name == record.Format)
                return create(new RecordTemplates(kafka, record));
        }

        throw new ArgumentException($"Unknown record format \"{record.Format}\"; known are {string.Join(", ", Formats)}.", nameof(record));
    }
}
