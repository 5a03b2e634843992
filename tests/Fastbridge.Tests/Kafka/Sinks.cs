using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Kafka;
using Fastbridge.Kafka.Reading;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fastbridge.Tests.Kafka;

/// <summary>What the tests of the Kafka end share.</summary>
internal static class Sinks
{
    public static KafkaSinkFactory NewFactory(ILoggerFactory? loggers = null) => new(loggers ?? NullLoggerFactory.Instance);

    public static KafkaConfig Config(string bootstrapServers, params (string Name, string Value)[] properties) => new()
    {
        BootstrapServers = bootstrapServers,
        Topic = "t",
        Properties = properties.ToImmutableSortedDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal),
    };

    public static ProduceStatus Produce(this IRecordSink sink, IRecordTopic topic, int slot, string value, string? key = null)
        => sink.TryProduce(
            topic,
            new OutgoingRecord { Value = Encoding.UTF8.GetBytes(value), HasKey = key is not null, Key = key is null ? default : Encoding.UTF8.GetBytes(key) },
            slot);

    public static byte[] Headers(params (string Name, string Value)[] headers)
    {
        var list = new List<byte>();
        void Add(string part)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(part);
            byte[] length = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            list.AddRange([.. length, .. bytes]);
        }

        foreach ((string name, string value) in headers)
        {
            Add(name);
            Add(value);
        }

        return [.. list];
    }

    public static async Task<List<KafkaRecord>> ReadAll(string bootstrapServers, string topic, int count)
    {
        using var guard = new CancellationTokenSource(RecordingListener.HangGuard);
        var records = new List<KafkaRecord>();
        await foreach (KafkaRecord record in KafkaReader.ReadAsync(bootstrapServers, topic, count, cancellationToken: guard.Token))
            records.Add(record);
        return records;
    }

    public static string Text(this byte[]? bytes) => bytes is null ? "(null)" : Encoding.UTF8.GetString(bytes);
}
