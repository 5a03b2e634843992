using Fastbridge.Mqtt.Codec.Packets;

namespace Fastbridge.Core.Records;

/// <summary>Format <c>raw</c>: the record's value is the payload as it stands; an empty payload is an empty value, not a null one. Nothing is copied.</summary>
internal sealed class RawEncoder(RecordTemplates templates) : RecordEncoder(templates)
{
    protected override void AppendPieces(in TemplateInput input, ReadOnlySpan<byte> key, ByteBuffer output, ref PieceEnds ends)
    {
    }

    protected override ReadOnlySpan<byte> EncodeValue(
        scoped in PublishPacket publish, scoped in TopicPieces topic, scoped in RecordFields fields, long receivedMs, uint crc, ByteBuffer output) => publish.Payload;
}
