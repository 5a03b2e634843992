using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Core.Records;

/// <summary>
/// What all formats share: topic, key, partition hash and headers of a record, prepared by MQTT topic where they depend on nothing else. A
/// format adds the value. One instance a connector, used by one thread at a time; buffers belong to the thread, so a result is valid until
/// any encoder encodes on that thread again.
/// </summary>
internal abstract class RecordEncoder : IRecordEncoder, ITopicPieceBuilder
{
    private readonly TopicCache _cache;
    private readonly TopicTargets _targets;
    private readonly bool _mapHeaders;

    protected RecordEncoder(RecordTemplates templates)
    {
        Templates = templates;
        _cache = new TopicCache(this);
        _targets = new TopicTargets(templates.KafkaTopic);
        _mapHeaders = !templates.Headers.IsEmpty;
    }

    protected RecordTemplates Templates { get; }

    public EncodedRecord Encode(in PublishPacket publish, long receivedMs)
    {
        RecordBuffers buffers = RecordBuffers.OfThread;
        TopicPieces topic = _cache.Get(publish.Topic, buffers.Pieces);
        uint crc = Crc32.Compute(publish.Payload);

        // The pieces of the topic tell all that templates ask for, unless this message has User Properties or some template looks at its QoS.
        if (!Templates.UsesQoS && (publish.Properties.IsEmpty || !publish.Properties.UserProperties.MoveNext()))
        {
            return new EncodedRecord
            {
                Value = EncodeValue(publish, topic, new RecordFields { AsTopic = true, Key = topic.Key }, receivedMs, crc, buffers.Value),
                HasKey = !topic.Key.IsEmpty,
                Key = topic.Key,
                Target = topic.Target,
                PartitionHash = topic.PartitionHash,
                PayloadCrc = crc,
                Headers = Templates.MqttHeaders ? MqttHeaders(publish, buffers.Headers) : topic.Headers,
            };
        }

        return EncodeApart(publish, topic, receivedMs, crc, buffers);
    }

    TopicTarget ITopicPieceBuilder.Build(ReadOnlySpan<byte> topic, ByteBuffer output, ref PieceEnds ends)
    {
        ByteBuffer scratch = RecordBuffers.OfThread.Scratch;
        scratch.Clear();
        var publish = new PublishPacket { Topic = topic, QoS = QoS.AtMostOnce, Properties = new PublishProperties { IsEmpty = true } };
        TemplateInput input = RecordFields.Identify(publish, Templates, scratch);
        ReadOnlySpan<byte> key = Templates.Key.RenderSpan(input, scratch);
        AppendPieces(input, key, output, ref ends);
        output.Append(key);
        ends[PieceEnds.Key] = output.Length;
        RecordHeaders.AppendMap(Templates, input, output);
        ends[PieceEnds.Headers] = output.Length;
        return _targets.Get(input, scratch);
    }

    /// <summary>Appends the format's own pieces, at most <see cref="PieceEnds.Key"/>, and notes where each of that many ends.</summary>
    protected abstract void AppendPieces(in TemplateInput input, ReadOnlySpan<byte> key, ByteBuffer output, ref PieceEnds ends);

    /// <summary>The record's value; written to <paramref name="output"/>, or taken from the packet where it stands there already.</summary>
    protected abstract ReadOnlySpan<byte> EncodeValue(
        scoped in PublishPacket publish, scoped in TopicPieces topic, scoped in RecordFields fields, long receivedMs, uint crc, ByteBuffer output);

    private EncodedRecord EncodeApart(in PublishPacket publish, scoped in TopicPieces topic, long receivedMs, uint crc, RecordBuffers buffers)
    {
        ByteBuffer scratch = buffers.Scratch;
        scratch.Clear();
        TemplateInput input = RecordFields.Identify(publish, Templates, scratch);
        ReadOnlySpan<byte> key = Templates.Key.RenderSpan(input, scratch);
        TopicTarget target = _targets.Get(input, scratch);
        scratch.Finish(); // a large array lives on in the spans alone
        var fields = new RecordFields { ClientId = input.ClientId, Username = input.Username, Key = key };
        return new EncodedRecord
        {
            Value = EncodeValue(publish, topic, fields, receivedMs, crc, buffers.Value),
            HasKey = !key.IsEmpty,
            Key = key,
            Target = target,
            PartitionHash = topic.PartitionHash,
            PayloadCrc = crc,
            Headers = Templates.MqttHeaders ? MqttHeaders(publish, buffers.Headers) : _mapHeaders ? MapHeaders(input, buffers.Headers) : default,
        };
    }

    private static ReadOnlySpan<byte> MqttHeaders(scoped in PublishPacket publish, ByteBuffer list)
    {
        list.Clear();
        RecordHeaders.AppendMqtt(publish, list);
        return list.Finish();
    }

    private ReadOnlySpan<byte> MapHeaders(scoped in TemplateInput input, ByteBuffer list)
    {
        list.Clear();
        RecordHeaders.AppendMap(Templates, input, list);
        return list.Finish();
    }
}
