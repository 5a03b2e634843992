using System.Text;
using BenchmarkDotNet.Attributes;
using Fastbridge.Core.Config;
using Fastbridge.Core.Records;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Benchmarks.Records;

/// <summary>
/// A PUBLISH of MQTT 5 into a record. The baseline copies the payload and does nothing else. Topics take turns: eight are a hit in the cache
/// each time, <see cref="NewTopics"/> never are.
/// </summary>
[MemoryDiagnoser]
[MinColumn] // on a shared machine the least disturbed iteration says most
public class RecordBenchmarks
{
    private const int Few = 8;
    private const int NewTopics = 16_384;

    // 0x26, "unit" = "celsius"; 0x26, "client_id" = "sensor_001"
    private static readonly byte[] Properties =
        [0x26, 0, 4, .. "unit"u8, 0, 7, .. "celsius"u8, 0x26, 0, 9, .. "client_id"u8, 0, 10, .. "sensor_001"u8];

    private static readonly WriterRecord Writer = new();

    private readonly byte[][] _topics = [.. Enumerable.Range(0, NewTopics).Select(i => Encoding.UTF8.GetBytes($"site/plant-{i % 7}/{i}/temperature"))];
    private readonly IRecordEncoder _robustMq = Create("robustmq", "mqtt_messages");
    private readonly IRecordEncoder _templated = Create("robustmq", "${topic[0]}.${topic[1]}");
    private readonly IRecordEncoder _raw = Create("raw", "mqtt_messages");
    private byte[] _payload = [];
    private byte[] _copy = [];
    private int _turn;

    [Params(64, 256, 16_384)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _payload = Payloads.Random(Size);
        _copy = new byte[Size];
    }

    [Benchmark(Baseline = true)]
    public void Copy() => _payload.CopyTo(_copy.AsSpan());

    [Benchmark]
    public int RobustMq() => _robustMq.Encode(Plain(Few), 1_640_995_200_123).Value.Length;

    [Benchmark]
    public int RobustMqNewTopic() => _robustMq.Encode(Plain(NewTopics), 1_640_995_200_123).Value.Length;

    [Benchmark]
    public int RobustMqTopicTemplate() => _templated.Encode(Plain(Few), 1_640_995_200_123).Value.Length;

    [Benchmark]
    public int RobustMqProperties()
    {
        var publish = new PublishPacket
        {
            Topic = NextTopic(Few),
            Payload = _payload,
            QoS = QoS.AtLeastOnce,
            PacketId = 12345,
            Properties = new PublishProperties
            {
                PayloadFormatIndicator = -1,
                MessageExpiryInterval = -1,
                HasContentType = true,
                ContentType = "application/json"u8,
                Raw = Properties,
            },
        };
        return _robustMq.Encode(publish, 1_640_995_200_123).Value.Length;
    }

    [Benchmark]
    public int Raw() => _raw.Encode(Plain(Few), 1_640_995_200_123).Value.Length;

    [Benchmark]
    public int ByUtf8JsonWriter() => Writer.Encode(Plain(Few), 1_640_995_200_123);

    private static IRecordEncoder Create(string format, string topic) =>
        RecordEncoderFactory.Create(new KafkaConfig { BootstrapServers = "localhost:9092", Topic = topic }, new RecordConfig { Format = format });

    private byte[] NextTopic(int of) => _topics[_turn++ & (of - 1)];

    private PublishPacket Plain(int of) => new()
    {
        Topic = NextTopic(of),
        Payload = _payload,
        QoS = QoS.AtLeastOnce,
        PacketId = 12345,
        Properties = new PublishProperties { IsEmpty = true, PayloadFormatIndicator = -1, MessageExpiryInterval = -1 },
    };
}
