using System.Collections.Immutable;

namespace Fastbridge.Core.Config.Schema;

/// <summary>The keys of <c>buffer</c>. The defaults' reasons stand at <see cref="BufferConfig"/>.</summary>
internal static class BufferKeys
{
    public static ImmutableArray<KnownKey> All { get; } =
    [
        new(KeySection.Buffer, "path", KeyType.Text, KnownKey.None, "The buffer's folder, which must be there and is this connector's alone; none: one below state_dir, made where missing.") { Min = 1, Max = 4_096 },
        new(KeySection.Buffer, "max_bytes", KeyType.Number, "1073741824", "Most bytes on disk; at most a quarter of them is on its way to Kafka at a time.") { Min = 1_048_576, Max = 1_099_511_627_776 },
        new(KeySection.Buffer, "when", KeyType.Choice, "kafka_down", "Messages go by the disk once the window is full, once Kafka is away or silent for 3 seconds, or always.") { Choices = ["full_window", "kafka_down", "always"] },
        new(KeySection.Buffer, "full", KeyType.Choice, "hold", "A full buffer lets messages wait at the broker, gives up its oldest file of records, or new messages.") { Choices = ["hold", "drop_oldest", "drop_newest"] },
    ];
}
