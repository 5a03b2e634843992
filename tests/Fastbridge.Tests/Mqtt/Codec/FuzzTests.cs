using System.Globalization;
using Fastbridge.Mqtt.Codec;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Codec;

/// <summary>
/// Valid packets of every kind, mutated: bits, bytes, truncations, splices, inserted lengths. Whatever comes, the answer is one of three, nothing throws,
/// nothing is read past the bytes, done consumes exactly the frame, and an independent decoder reads
/// the same from it. The seed is fixed; scripts/fuzz.sh runs the same for as long as one likes.
/// </summary>
public class FuzzTests
{
    // 60,000 mutants: about two seconds in a debug build on one slow core.
    private const int Rounds = 60_000;

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public void a_mutated_packet_gets_one_of_the_three_answers(MqttVersion version)
    {
        int seed = Setting("FASTBRIDGE_FUZZ_SEED", 20_261_121);
        int seconds = Setting("FASTBRIDGE_FUZZ_SECONDS", 0);
        Random random = new(seed);
        List<byte[]> corpus = [.. Corpus(version)];
        int[] answers = new int[3];
        DateTime end = DateTime.UtcNow.AddSeconds(seconds);
        for (long round = 0; seconds > 0 ? DateTime.UtcNow < end : round < Rounds; round++)
        {
            byte[] mutant = Mutate(corpus, random);
            answers[(int)Try(mutant, version, random, seed)]++;
        }

        // A mutator that only ever breaks packets, or never does, would test nothing.
        Assert.All(answers, count => Assert.True(count > 100, string.Join(' ', answers)));
        if (seconds > 0)
            Console.WriteLine($"{version}: seed {seed}, need more {answers[0]}, done {answers[1]}, malformed {answers[2]}");
    }

    private static FrameStatus Try(byte[] mutant, MqttVersion version, Random random, int seed)
    {
        int cut = random.Next(mutant.Length + 1);
        try
        {
            Outcome whole = Decoding.Decode(Segments.Whole(mutant), version);
            Assert.Equal(whole, Decoding.Decode(Segments.Cut(mutant, cut), version));
            if (whole.Status == FrameStatus.Done)
            {
                ClientPacket frame = ServerCodec.Split(mutant, out int length)!;
                Assert.Equal(length, whole.Consumed);
                Assert.StartsWith(ReadIndependently(frame, version), whole.Text, StringComparison.Ordinal);
            }
            else
            {
                Assert.Equal(0, whole.Consumed);
                Assert.Equal(whole.Status == FrameStatus.Malformed, whole.Rule is not null);
            }

            return whole.Status;
        }
        catch (Exception fault)
        {
            string hex = Convert.ToHexString(mutant);
            throw new InvalidOperationException($"seed {seed}, {version}, split at {cut}, reproducer {hex}: {fault.Message}", fault);
        }
    }

    // What accepted packets that carry messages must have been read as, by a decoder that shares nothing with ours.
    private static string ReadIndependently(ClientPacket frame, MqttVersion version)
    {
        switch (frame.Type)
        {
            case PacketType.Publish:
                ClientPublish publish = ServerCodec.DecodePublish(frame, version);
                return $"{(publish.Dup ? "dup " : "")}{(publish.Retain ? "retain " : "")}{(QoS)publish.QoS} id={publish.PacketId} topic={publish.Topic} "
                    + $"payload={Convert.ToHexString(publish.Payload)}";
            case PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp:
                ClientAck ack = ServerCodec.DecodeAck(frame);
                return $"{ack.Type} AckPacket PacketId={ack.PacketId} ReasonCode={(ReasonCode)ack.Code}";
            default:
                return "";
        }
    }

    private static byte[] Mutate(List<byte[]> corpus, Random random)
    {
        List<byte> bytes = [.. corpus[random.Next(corpus.Count)]];
        for (int i = random.Next(4); i >= 0; i--)
        {
            int at = random.Next(bytes.Count + 1);
            int to = Math.Min(bytes.Count, at + random.Next(8));
            switch (random.Next(9))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 3:
                    bytes.RemoveRange(at, to - at);
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, to - at));
                    break;
                case 5:
                    byte[] other = corpus[random.Next(corpus.Count)];
                    int from = random.Next(other.Length);
                    bytes.InsertRange(at, other[from..]);
                    break;
                case 6:
                    // A length of one to five bytes, small, large or endless.
                    bytes.InsertRange(at, Enumerable.Repeat((byte)0xFF, random.Next(5)).Append((byte)random.Next(256)));
                    break;
                case 7 when bytes.Count > 1:
                    // The body changed and the remaining length made to fit: gets past the frame into the decoders.
                    Fit(bytes);
                    break;
                default:
                    bytes.InsertRange(at, [0, (byte)random.Next(4)]);
                    break;
            }
        }

        if (bytes.Count > 1 && random.Next(2) == 0)
            Fit(bytes);
        return [.. bytes];
    }

    private static void Fit(List<byte> bytes)
    {
        int header = 1;
        while (header < Math.Min(bytes.Count, 5) && bytes[header] >= 0x80)
            header++;
        byte[] body = [.. bytes.Skip(header + 1)];
        byte first = bytes[0];
        bytes.Clear();
        bytes.AddRange(ServerPackets.Packet(first, body));
    }

    private static IEnumerable<byte[]> Corpus(MqttVersion version)
    {
        byte[][] none = [];
        yield return ServerPackets.ConnAck(version, 0, true);
        yield return ServerPackets.Publish(version, "sensor/data", "21.5"u8.ToArray());
        yield return ServerPackets.Publish(version, "ü/😀", new byte[300], 1, 7, retain: true);
        yield return ServerPackets.Publish(version, "a", [], 2, 65_535, dup: true);
        foreach (PacketType type in (PacketType[])[PacketType.PubAck, PacketType.PubRec, PacketType.PubRel, PacketType.PubComp])
            yield return ServerPackets.Ack(type, 9);
        yield return ServerPackets.SubAck(version, 3, [0, 1, 2, 0x80]);
        yield return ServerPackets.UnsubAck(version, 4, [0, 0x11]);
        yield return ServerPackets.PingResp();
        if (version == MqttVersion.V311)
            yield break;

        byte[] reason = ServerPackets.TextProperty(0x1F, "why"), user = ServerPackets.UserProperty("k", "v");
        yield return ServerPackets.ConnAck(version, 0, false, EveryConnAckProperty());
        yield return ServerPackets.ConnAck(version, 0x87, false, reason, user, user);
        yield return ServerPackets.Publish(version, "sensor/data", [1, 2, 3], 1, 8, false, false, EveryPublishProperty());
        yield return ServerPackets.Publish(version, "", [1], 0, 0, false, false, ServerPackets.UInt16Property(0x23, 4));
        yield return ServerPackets.Ack(PacketType.PubAck, 9, 0x10, reason, user);
        yield return ServerPackets.Ack(PacketType.PubRel, 9, 0x92, reason);
        yield return ServerPackets.SubAck(version, 3, [0, 0x87], reason, user);
        yield return ServerPackets.UnsubAck(version, 3, [0x11], reason, user);
        yield return ServerPackets.Disconnect(0x8E, none);
        yield return ServerPackets.Disconnect(0x9D, reason, user, ServerPackets.TextProperty(0x1C, "other:1883"));
        yield return ServerPackets.Auth(0x18, ServerPackets.TextProperty(0x15, "SCRAM"), ServerPackets.BinaryProperty(0x16, 1, 2, 3), reason, user);
    }

    internal static byte[][] EveryPublishProperty() =>
    [
        ServerPackets.ByteProperty(0x01, 1),
        ServerPackets.UInt32Property(0x02, 4_321),
        ServerPackets.UInt16Property(0x23, 100),
        ServerPackets.TextProperty(0x08, "answer/here"),
        ServerPackets.BinaryProperty(0x09, 0, 1, 2, 255),
        ServerPackets.UserProperty("key", "value"),
        ServerPackets.VariableProperty(0x0B, 128),
        ServerPackets.VariableProperty(0x0B, 268_435_455),
        ServerPackets.UserProperty("key", "other"),
        ServerPackets.TextProperty(0x03, "text/plain"),
    ];

    internal static byte[][] EveryConnAckProperty() =>
    [
        ServerPackets.UInt32Property(0x11, 1_234),
        ServerPackets.UInt16Property(0x21, 432),
        ServerPackets.ByteProperty(0x24, 1),
        ServerPackets.ByteProperty(0x25, 1),
        ServerPackets.UInt32Property(0x27, 100),
        ServerPackets.TextProperty(0x12, "given"),
        ServerPackets.UInt16Property(0x22, 456),
        ServerPackets.TextProperty(0x1F, "fine"),
        ServerPackets.UserProperty("k", "v"),
        ServerPackets.ByteProperty(0x28, 0),
        ServerPackets.ByteProperty(0x29, 0),
        ServerPackets.ByteProperty(0x2A, 1),
        ServerPackets.UInt16Property(0x13, 30),
        ServerPackets.TextProperty(0x1A, "answers/"),
        ServerPackets.TextProperty(0x1C, "other"),
        ServerPackets.TextProperty(0x15, "SCRAM"),
        ServerPackets.BinaryProperty(0x16, 9, 8),
    ];

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}
