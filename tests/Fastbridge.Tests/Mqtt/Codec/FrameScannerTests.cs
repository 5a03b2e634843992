using System.Buffers;
using Fastbridge.Mqtt.Codec;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Codec;

/// <summary>The walk over one read of the pipe: many packets, cut anywhere, and packets that are too long to be buffered.</summary>
public class FrameScannerTests
{
    private static readonly byte[] Stream =
    [
        .. ServerPackets.Publish(MqttVersion.V5, "a", [1]),
        .. ServerPackets.PingResp(),
        .. ServerPackets.Publish(MqttVersion.V5, "bb", new byte[200], 1, 2),
        .. ServerPackets.Ack(PacketType.PubRel, 3),
        .. ServerPackets.Publish(MqttVersion.V5, "c", [2]),
        0x30, // the beginning of one more
    ];

    [Fact]
    public void a_stream_of_packets_is_walked_alike_however_it_is_cut()
    {
        string whole = Walk(Segments.Whole(Stream));
        Assert.Equal("Publish@0 PingResp@7 Publish@9 PubRel@219 Publish@223 NeedMoreData@230", whole);
        Assert.Equal(whole, Walk(Segments.ByteByByte(Stream)));
        for (int i = 0; i <= Stream.Length; i++)
        {
            Assert.Equal(whole, Walk(Segments.Cut(Stream, i)));
            Assert.Equal(whole, Walk(Segments.Cut(Stream, 0, 0, i / 2, i, i)));
        }
    }

    [Fact]
    public void a_packet_that_is_not_consumed_is_read_again()
    {
        using FrameScratch scratch = new();
        FrameScanner scanner = new(Segments.Cut(Stream, 3), MqttVersion.V5, scratch);
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(FrameStatus.Done, scanner.ReadHeader(out FrameHeader header, out _));
            Assert.Equal(FrameStatus.Done, scanner.ReadBody(header, out ReadOnlySpan<byte> body));
            Assert.Equal([0, 1, (byte)'a', 0, 1], body.ToArray());
        }

        Assert.Equal(Stream.Length, scanner.Remaining);
    }

    [Fact]
    public void a_malformed_packet_does_not_hide_those_before_it()
    {
        Assert.Equal("PingResp@0 Malformed@2", Walk(Segments.Whole([0xD0, 0, 0x36, 0, 0xD0, 0])));
        Assert.Equal("PingResp@0 Malformed@2", Walk(Segments.ByteByByte([0xD0, 0, 0x36, 0, 0xD0, 0])));
    }

    // delivery.md: a PUBLISH over our limit is skipped without a big allocation, by topic and size.
    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public void the_beginning_of_an_oversized_publish_is_read_as_soon_as_it_is_there(MqttVersion version)
    {
        byte[][] properties = version == MqttVersion.V5 ? [ServerPackets.TextProperty(3, "t"), ServerPackets.UserProperty("k", "v")] : [];
        byte[] packet = ServerPackets.Publish(version, "big/topic", new byte[5_000], 1, 77, false, false, properties);
        int head = packet.Length - 5_000;
        using FrameScratch scratch = new();
        for (int have = 3; have <= head + 10; have++)
        {
            FrameScanner scanner = new(Segments.ByteByByte(packet.AsSpan(0, have)), version, scratch);
            Assert.Equal(FrameStatus.Done, scanner.ReadHeader(out FrameHeader header, out _));
            Assert.Equal((packet.Length, FrameStatus.NeedMoreData), (header.TotalLength, scanner.ReadBody(header, out _)));
            ReadOnlySpan<byte> soFar = scanner.PeekBody(header, 1_000);
            FrameStatus status = PublishDecoder.ReadBeginning(header, soFar, version, out PublishPacket publish, out int payloadLength, out ProtocolViolation? violation);
            Assert.Null(violation);
            Assert.Equal(have >= head ? FrameStatus.Done : FrameStatus.NeedMoreData, status);
            if (status == FrameStatus.Done)
            {
                Assert.Equal((5_000, (ushort)77, 0), (payloadLength, publish.PacketId, publish.Payload.Length));
                Assert.Equal("big/topic"u8, publish.Topic);
                Assert.Equal(version == MqttVersion.V311, publish.Properties.IsEmpty);
            }

            scanner.Skip(scanner.Remaining);
            Assert.Equal(0, scanner.Remaining);
        }
    }

    [Theory]
    [InlineData("30 8801 0003 612F23 00", "MQTT-3.3.2-2")]
    [InlineData("32 8801 0001 61 0000", "MQTT-2.2.1-4")]
    [InlineData("30 08 0006 61", "4.13.1")] // the topic leaves no room for the property length
    [InlineData("30 8801 0001 61 FF7F", "2.2.2.1")] // nor the packet for the properties
    public void an_oversized_publish_that_is_wrong_is_malformed(string hex, string statement)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        using FrameScratch scratch = new();
        FrameScanner scanner = new(Segments.Whole(bytes), MqttVersion.V5, scratch);
        scanner.ReadHeader(out FrameHeader header, out _);
        Assert.Equal(FrameStatus.Malformed, PublishDecoder.ReadBeginning(header, scanner.PeekBody(header, 100), MqttVersion.V5, out _, out _, out ProtocolViolation? violation));
        Assert.Equal(statement, violation!.Rule.Statement);
    }

    [Fact]
    public void the_scratch_keeps_a_small_buffer_and_returns_a_large_one()
    {
        byte[] bytes = new byte[200_000];
        Random.Shared.NextBytes(bytes);
        using FrameScratch scratch = new();
        ReadOnlySequence<byte> cut = Segments.Cut(bytes, 1, 100_000);
        Assert.Equal(bytes, scratch.Gather(cut, bytes.Length).ToArray());
        scratch.Release();
        Assert.Equal(bytes[..10], scratch.Gather(cut, 10).ToArray());
    }

    private static string Walk(in ReadOnlySequence<byte> bytes)
    {
        using FrameScratch scratch = new();
        FrameScanner scanner = new(bytes, MqttVersion.V5, scratch);
        List<string> seen = [];
        while (true)
        {
            long at = bytes.Length - scanner.Remaining;
            Assert.Equal(scanner.Remaining, bytes.Slice(scanner.Position).Length);
            FrameStatus status = scanner.ReadHeader(out FrameHeader header, out _);
            if (status == FrameStatus.Done)
                status = scanner.ReadBody(header, out _);
            seen.Add($"{(status == FrameStatus.Done ? header.Type.ToString() : status.ToString())}@{at}");
            if (status != FrameStatus.Done)
                return string.Join(' ', seen);
            scanner.Consume(header);
        }
    }
}
