using System.Globalization;
using Fastbridge.Mqtt.Codec;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Mqtt.Codec;

namespace Fastbridge.Tests.Vectors;

/// <summary>Other projects' packets through our decoders, each fed whole, split at every index and byte by byte.</summary>
public class DecodeVectorTests
{
    public static TheoryData<string> MqttPacket => Lines(DecodeVectors.MqttPacket);

    public static TheoryData<string> Rumqttc => Lines(DecodeVectors.Rumqttc);

    public static TheoryData<string> MqttNet => Lines(DecodeVectors.MqttNet);

    [Theory]
    [MemberData(nameof(MqttPacket))]
    public void reads_the_packets_of_npm_mqtt_packet(string line) => Check(line, Convert.FromHexString);

    [Theory]
    [MemberData(nameof(Rumqttc))]
    public void reads_the_packets_of_rumqttc_tests(string line) => Check(line, Convert.FromHexString);

    [Theory]
    [MemberData(nameof(MqttNet))]
    public void reads_the_packets_of_mqttnet_tests(string line) => Check(line, Convert.FromBase64String);

    // mqtt-packet's largest PUBLISH: the header alone says 268,435,455 bytes, and nothing is allocated for them.
    [Fact]
    public void a_claim_of_256_MB_costs_nothing()
    {
        byte[] start = [0x30, 0xFF, 0xFF, 0xFF, 0x7F, 0, 4, .. "test"u8];
        using FrameScratch scratch = new();
        Read(start, scratch); // What the runtime allocates on a first call is not ours.
        long before = GC.GetAllocatedBytesForCurrentThread();
        (FrameStatus Header, FrameStatus Body, FrameHeader Read) seen = Read(start, scratch);
        long after = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal((FrameStatus.Done, FrameStatus.NeedMoreData), (seen.Header, seen.Body));
        Assert.Equal((PacketType.Publish, 268_435_455, 268_435_460), (seen.Read.Type, seen.Read.RemainingLength, seen.Read.TotalLength));
        Assert.InRange(after - before, 0, 16 * 1024); // What the runtime does on its own is not ours.
    }

    private static (FrameStatus Header, FrameStatus Body, FrameHeader Read) Read(byte[] start, FrameScratch scratch)
    {
        FrameScanner scanner = new(new System.Buffers.ReadOnlySequence<byte>(start), MqttVersion.V5, scratch);
        FrameStatus header = scanner.ReadHeader(out FrameHeader read, out _);
        return (header, scanner.ReadBody(read, out _), read);
    }

    private static void Check(string line, Func<string, byte[]> bytes)
    {
        string[] parts = line.Split(' ', 3);
        MqttVersion version = (MqttVersion)int.Parse(parts[0], CultureInfo.InvariantCulture);
        Outcome outcome = Decoding.DecodeEveryWay(bytes(parts[1]), version);
        if (parts[2][0] == '!')
            Assert.Equal((FrameStatus.Malformed, parts[2][1..]), (outcome.Status, outcome.Rule?.Statement));
        else
            Assert.Equal((FrameStatus.Done, parts[2]), (outcome.Status, outcome.Text));
    }

    private static TheoryData<string> Lines(string table) =>
        [.. table.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').Distinct()];
}
